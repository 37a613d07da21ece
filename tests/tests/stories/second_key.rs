//! A log with a second key: its public heads are signed by ML-DSA-44 too, and who asks for that
//! accepts no others.

use crate::town::{Town, until};

#[test]
fn heads_are_signed_twice_for_who_asks_for_it() {
    let mut town = Town::with_roll(&["anna", "boris"]);
    town.write_definition("");
    town.at_one_desk(&["poll", "announce", "--poll", "park", "--definition", "definition.toml"]);
    town.at_one_desk(&["poll", "open", "park"]);
    town.stop();
    let second = ["second-key", "--unencrypted", "--data", "data"];
    let line = town.type_in("veched", "operator", &second).ok();
    assert!(line.starts_with("log "), "{line}");
    assert_eq!(town.mode("operator/data/second-key.pem"), 0o600);
    // One key for ever.
    let again = town.type_in("veched", "operator", &second).run();
    assert!(again.refused(1).contains("is there already"));

    town.serve(&[]);
    let url = town.url();
    for voter in ["anna", "boris"] {
        let vote = ["--url", &url, "vote", "--poll", "park", "--voter", "me.toml", "--choose", "2"];
        town.veche(voter, &vote).yes().ok();
    }
    let log = format!("log {}\n", town.register);
    town.write("observer/policy", &format!("{log}{line}quorum none\n"));
    let recount = |town: &Town| {
        let url = town.url();
        let recount = ["recount", &url, "--poll", "park", "--policy", "policy"];
        town.type_in("veche-audit", "observer", &recount).run()
    };
    // The last votes are public with the next round.
    until(|| {
        let said = recount(&town).ok();
        said.contains("2 accepted").then_some(())
    });

    // LOG-18: without it, the same heads are not enough for who asks.
    town.stop();
    let data = town.home("operator").join("data");
    std::fs::rename(data.join("second-key.pem"), data.join("../elsewhere.pem")).unwrap();
    town.serve(&[]);
    let said = recount(&town);
    assert!(said.code == 1 && said.out.contains("note-unsigned"), "{}", said.out);
}
