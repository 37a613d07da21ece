//! A small poll from the first key to the last recount, with command lines only: a commission that
//! signs apart, two officers who pass files, voters at home, an observer on a network and off it.

use crate::town::{DOMAIN, Town, holds};

const VOTERS: [&str; 3] = ["anna", "boris", "clara"];

/// The commission signs apart, each on a machine of their own, and the operator joins what returns.
fn found(town: &mut Town) {
    town.make_keys();
    town.write("operator/passphrase", "correct horse\n");
    town.set_mode("operator/passphrase", 0o600);
    let arguments = town.genesis_arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let printed = town
        .type_in("veched", "operator", &["init", "--passphrase-file", "passphrase"])
        .with(&arguments)
        .ok();
    assert!(printed.contains("data/genesis-draft.json") && printed.contains("to be signed by"));
    assert_eq!(
        (town.mode("operator/data"), town.mode("operator/data/log-key.pem")),
        (0o700, 0o600)
    );
    assert!(town.read("operator/data/log-key.pem").contains("BEGIN ENCRYPTED PRIVATE KEY"));
    let draft = "../operator/data/genesis-draft.json";
    let found = |town: &Town, files: &[&str]| {
        town.type_in("veched", "operator", &["found", "--data", "data"])
            .with(&["--passphrase-file", "passphrase"])
            .with(files)
            .run()
    };
    let files =
        ["member-1", "member-2", "member-3"].map(|member| format!("../{member}/genesis.json"));
    for member in ["member-1", "member-2", "member-3"] {
        let said = town
            .veche(member, &["commission", "genesis", draft, "--out", "genesis.json"])
            .key("key.pem")
            .yes()
            .ok();
        assert!(said.contains(DOMAIN), "{said}");
    }
    // REG-1: all of the commission, or no city.
    let missing = found(town, &[&files[0], &files[1]]).refused(1);
    assert!(missing.contains(&town.read("member-3/public")), "{missing}");
    let printed = found(town, &[&files[0], &files[1], &files[2]]).ok();
    town.note_city(&printed);
    let again = found(town, &[&files[0], &files[1], &files[2]]).refused(1);
    assert!(again.contains("holds a city already"), "{again}");
}

/// A roll: what is wrong in the list is shown, and nothing is signed; then two people sign apart.
fn enrol(town: &Town) {
    town.begin_roll();
    town.make_voters(&VOTERS);
    let enrol = ["roll", "enrol", "--name", "city", "--census", "census.csv"];
    town.write_census(&VOTERS);
    let good = town.read("registrar/census.csv");
    town.write("registrar/census.csv", &good.replace(",south,", ",sauth,"));
    let preview =
        |town: &Town| town.veche("registrar", &enrol).key("key.pem").with(&["--preview"]).run();
    let shown = preview(town);
    assert!(shown.code == 4 && shown.out.contains("line 3: the roll has no district"), "{shown:?}");
    town.write("registrar/census.csv", &good);
    let shown = preview(town).ok();
    assert!(shown.contains("3 rows to enrol, 0 with defects"), "{shown}");
    assert!(shown.contains("north: 2") && shown.contains("south: 1"), "{shown}");
    let unsure = town.veche("anna", &["roll", "check", "--voter", "me.toml"]).run();
    assert!(unsure.code != 0, "nobody is enrolled yet");
    town.veche("registrar", &enrol).key("key.pem").with(&["--out", "enrolment.draft"]).yes().ok();
    let draft = "../registrar/enrolment.draft";
    let said = town.veche("inspector", &["roll", "sign", draft]).key("key.pem").yes().ok();
    assert!(said.contains("enrol stands at index 1"), "{said}");
    for voter in VOTERS {
        let said = town.veche(voter, &["roll", "check", "--voter", "me.toml"]).ok();
        assert!(said.contains("your key stands on"), "{said}");
    }
}

/// One officer begins an act in a file, the other reads it and signs.
fn act(town: &Town, arguments: &[&str], stands: &str) {
    let draft = format!("{}.draft", arguments[1]);
    let begun = town.veche("officer-1", arguments).key("key.pem").with(&["--out", &draft]).yes();
    assert!(begun.ok().contains("signed by 1 of 2"));
    let draft = format!("../officer-1/{draft}");
    let said = town.veche("officer-2", &["poll", "sign", &draft]).key("key.pem").yes().ok();
    assert!(said.contains(stands), "{said}");
}

fn vote(town: &Town) {
    for (voter, choice) in [("anna", "1"), ("boris", "Limes"), ("clara", "1")] {
        let said = town.vote(voter, choice).ok();
        assert!(said.contains("your ballot stands in poll/park"), "{said}");
        let receipt = "me.park.0.tlog-proof";
        let check = ["receipt", "check", receipt, "--voter", "me.toml"];
        let said = town.veche(voter, &check).with(&["--against", &town.url()]).ok();
        for words in ["signature:", "inclusion:", "kept:", "it is the one that counts"] {
            assert!(said.contains(words), "{said}");
        }
    }
    // Each voter's folder holds the ballot that was signed, and what proves it.
    assert!(holds(&town.home("anna"), ".ballot") && holds(&town.home("anna"), ".tlog-proof"));
    let again = town.vote("anna", "2").refused(1);
    assert!(again.contains("already-voted"), "{again}");
}

/// An observer recounts from the server, then from an archive alone, and reads the same.
fn recount(town: &Town) {
    let url = town.url();
    let trust = ["--instance", &town.instance, "--key", &town.register];
    let receipts = ["--receipt", "../anna/me.park.0.tlog-proof"];
    let lines = |source: &str| {
        town.type_in("veche-audit", "observer", &["recount", source, "--poll", "park", "--json"])
            .with(&trust)
            .with(&receipts)
            .ok()
    };
    let over_http = lines(&url);
    assert_eq!(over_http.lines().count(), 18, "fifteen steps, result, transcript, verdict");
    assert!(over_http.lines().last().unwrap().contains("sound"), "{over_http}");
    town.type_in("veche-audit", "observer", &["export", &url, "--out", "park.tar"]).ok();
    // The same state gives the same lines, wherever it is read.
    assert_eq!(lines("park.tar"), over_http);
    let report = ["recount", "park.tar", "--poll", "park", "--report", "park.html"];
    let text = town.type_in("veche-audit", "observer", &report).with(&trust).ok();
    assert!(text.contains("Oaks") && text.contains("Limes"), "{text}");
    assert!(town.read("observer/park.html").contains("Oaks"));
    let receipt = ["receipt", "../anna/me.park.0.tlog-proof", "--key", &town.register];
    let said = town.type_in("veche-audit", "observer", &receipt).ok();
    assert!(said.contains("The receipt holds."), "{said}");
    let said =
        town.type_in("veche-audit", "observer", &receipt).with(&["--against", "park.tar"]).ok();
    assert!(said.contains("extends it"), "{said}");
    let other = ["recount", "park.tar", "--poll", "park", "--instance", &"0".repeat(64)];
    let refused = town.type_in("veche-audit", "observer", &other).run();
    assert_eq!(refused.code, 1, "another city is a finding: {}", refused.out);
}

#[test]
fn a_poll_from_the_first_key_to_the_last_recount() {
    let mut town = Town::new();
    found(&mut town);
    let passphrase = town.home("operator").join("passphrase");
    town.serve(&[&format!("server.passphrase_file={}", passphrase.display())]);
    town.everybody_trusts(&["registrar", "inspector", "officer-1", "officer-2"]);
    enrol(&town);
    town.write_definition("quorum = \"1/2\"");
    let announce = ["poll", "announce", "--poll", "park", "--definition", "definition.toml"];
    act(&town, &announce, "announce stands at index 0");
    act(&town, &["poll", "open", "park"], "open stands at index 1");
    vote(&town);
    act(&town, &["poll", "close", "park"], "close stands at index 5");
    let late = town.vote("boris", "1");
    assert!(late.code != 0, "{}", late.out);
    act(&town, &["poll", "certify", "park"], "certify stands at index 6");
    let shown = town.veche("anna", &["poll", "show", "park"]).ok();
    assert!(shown.contains("certified") && shown.contains("Oaks"), "{shown}");
    recount(&town);
    town.stop();
    let log = town.server_log();
    assert!(log.contains("stopped; everything that was answered is stored"), "{log}");
    // API-9: nobody's address, and nothing of what they handed in.
    for word in ["127.0.0.1:0", "anna", "park"] {
        assert!(!log.contains(word), "{word} in {log}");
    }
}
