//! A voter changes her mind where the poll counts the last ballot: both ballots stand, one counts.

use crate::town::Town;

#[test]
fn the_last_ballot_counts_and_the_first_receipt_still_holds() {
    let town = Town::with_roll(&["anna", "boris"]);
    town.write_definition("revote = \"last\"\nmax_turn = 2");
    town.at_one_desk(&["poll", "announce", "--poll", "park", "--definition", "definition.toml"]);
    town.at_one_desk(&["poll", "open", "park"]);
    town.vote("anna", "1").ok();
    town.vote("boris", "1").ok();
    let said = town.vote("anna", "2").ok();
    assert!(said.contains("at index 4"), "{said}");
    let check = |turn: u8| {
        let receipt = format!("me.park.{turn}.tlog-proof");
        let check = ["receipt", "check", &receipt, "--voter", "me.toml", "--against", &town.url()];
        town.veche("anna", &check).ok()
    };
    let first = check(0);
    assert!(first.contains("a later ballot of yours, with turn 1, counts instead"), "{first}");
    assert!(check(1).contains("it is the one that counts"));
    // A third time is within the poll's bound, a fourth is not.
    town.vote("anna", "1").ok();
    let too_often = town.vote("anna", "2").refused(1);
    assert!(too_often.contains("turn-out-of-range"), "{too_often}");
    town.at_one_desk(&["poll", "close", "park"]);
    town.at_one_desk(&["poll", "certify", "park"]);
    let recount =
        ["recount", &town.url(), "--poll", "park", "--instance", &town.instance, "--json"];
    let lines = town
        .type_in("veche-audit", "observer", &recount)
        .with(&["--receipt", "../anna/me.park.0.tlog-proof"])
        .with(&["--receipt", "../anna/me.park.2.tlog-proof"])
        .ok();
    let result = lines.lines().nth(15).unwrap();
    let result: serde_json::Value = serde_json::from_str(result).unwrap();
    let options = &result["result"]["questions"][0]["options"];
    let votes = [&options[0]["votes"], &options[1]["votes"]];
    assert_eq!(votes, [2, 0], "{result}");
}
