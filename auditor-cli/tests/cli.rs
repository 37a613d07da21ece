//! The command line as its users see it: each file under `cmd/` is a conversation.
//!
//! Not here: servers, crafted archives and the like, which the workspace's tests have.

#[test]
fn conversations() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
