//! The command line as its users see it: each file under `cmd/` is a conversation.
//!
//! Not here: commands that need a server; the stories that cross a crate border have those.

#[test]
fn conversations() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
