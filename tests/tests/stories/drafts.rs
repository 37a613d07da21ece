//! Two officers in two places hold a poll: each act waits on the server for the second signature.

use crate::town::{Ended, Town};

/// The id in what a command line has printed.
fn draft_id(said: &str) -> String {
    let id = said.lines().find_map(|line| line.split("the draft on the server is ").nth(1));
    id.unwrap_or_else(|| panic!("there is no draft in {said}")).trim().to_owned()
}

fn begin(town: &Town, arguments: &[&str]) -> String {
    let said = town.veche("officer-1", arguments).key("key.pem").with(&["--server"]).yes().ok();
    draft_id(&said)
}

fn sign(town: &Town, who: &str, id: &str) -> Ended {
    town.veche(who, &["poll", "sign", id]).key("key.pem").with(&["--server"]).yes().run()
}

#[test]
fn two_officers_meet_on_the_server() {
    let mut town = Town::with_roll(&["anna", "boris"]);
    town.everybody_trusts(&["inspector"]);
    town.write_definition("");
    let announce = ["poll", "announce", "--poll", "park", "--definition", "definition.toml"];
    let id = begin(&town, &announce);
    // Who begins alone has done nothing: the poll is not there.
    let shown = town.veche("anna", &["poll", "show", "park"]).run();
    assert!(shown.code != 0, "{}", shown.out);
    let alone = sign(&town, "officer-1", &id);
    assert!(!alone.out.contains("stands at index"), "one officer is one officer: {}", alone.out);
    let stranger = sign(&town, "inspector", &id);
    assert!(stranger.code != 0 && stranger.err.contains("officer-role"), "{}", stranger.err);
    let said = sign(&town, "officer-2", &id).ok();
    assert!(said.contains("announce stands at index 0"), "{said}");

    // A draft outlives the server.
    let id = begin(&town, &["poll", "open", "park"]);
    town.stop();
    town.serve(&[]);
    town.everybody_trusts(&["officer-1", "officer-2", "anna", "boris"]);
    let said = sign(&town, "officer-2", &id).ok();
    assert!(said.contains("open stands at index 1"), "{said}");
    let gone = sign(&town, "officer-2", &id);
    assert!(gone.code != 0 && gone.err.contains("unknown-draft"), "{}", gone.err);

    let url = town.url();
    for voter in ["anna", "boris"] {
        let vote = ["--url", &url, "vote", "--poll", "park", "--voter", "me.toml", "--choose", "2"];
        town.veche(voter, &vote).yes().ok();
    }
    for act in ["close", "certify"] {
        let id = begin(&town, &["poll", act, "park"]);
        let said = sign(&town, "officer-2", &id).ok();
        assert!(said.contains(&format!("{act} stands at index")), "{said}");
    }
    let recount = ["recount", &url, "--poll", "park", "--instance", &town.instance];
    town.type_in("veche-audit", "observer", &recount).ok();
}
