//! What the auditor says of an anonymous sealed poll: in text, on the page, in lines of JSON, and
//! of the receipts and claims of its voters.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use veche_protocol::poll::authorities::Issuing;

use crate::hidden_town::{CAST, CERTIFIED, CLOSED, HiddenTown, name};
use crate::program::{Ran, audit, text};
use crate::town::{folder_of, poll};

fn recount(town: &HiddenTown, more: &[&str]) -> Ran {
    let folder = folder_of(&town.city);
    audit(&[&["recount", text(folder.path()), "--poll", "park"], more].concat())
}

fn page(town: &HiddenTown) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let ran = recount(town, &["--report", text(&file)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    fs::read_to_string(file).unwrap()
}

/// The line of a report that begins with this, its spaces made one.
fn line(ran: &Ran, end: &str) -> String {
    let line = ran.out.lines().find(|line| line.ends_with(end));
    let line = line.unwrap_or_else(|| panic!("{end} is missing: {}", ran.out));
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_whole_life_of_an_anonymous_sealed_poll_is_sound() {
    let ran = recount(&CERTIFIED, &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.ends_with("VERDICT: SOUND\n"), "{}", ran.out);
    // AUDIT-12: A6, A9 and A10 are run, and the spoiled ballots are findings of their voters.
    assert!(!ran.out.contains("not applicable"), "{}", ran.out);
    // AUDIT-9: spoiled by code, those at the opening among them.
    for words in [
        "sort      anonymous, sealed",
        "spoiled as sealed-tag: 1",
        "spoiled as choice-out-of-range: 1",
        "spoiled as turn-out-of-range: 1",
        "2 ballots were accepted, and did not open to valid answers",
        "Ballots: 86 accepted, of which 83 are effective.",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

#[test]
fn each_district_is_told_from_its_roll_to_its_count_with_the_gap() {
    let ran = recount(&CERTIFIED, &[]);
    // AUDIT-13: eligible, requested, issued, spent, effective, and issued - spent.
    assert_eq!(line(&ran, "  north"), "60 58 57 50 48 7 north");
    assert_eq!(line(&ran, "  south"), "55 40 40 35 35 5 south");
    assert_eq!(line(&ran, "(all together)"), "115 98 97 85 83 12 (all together)");
    for words in [
        "no single one of them, nor all but one, could have cast any. The gap is what is left of \
         that room, 12 ballots, and does not say what was done in it.",
        "The smallest difference of votes between a selected option and one that is not is 1: in \
         question 1, A <i>wood</i> is",
        "Warning: Only 40 credentials were issued in district south",
        "Claims: 0 confirmed, 0 refused.",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert!(!ran.out.contains("until the close, so a ballot"), "{}", ran.out);
    let ran = recount(&CERTIFIED, &["--json"]);
    let lines: Vec<Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(
        lines[15]["credentials"],
        json!([
            {"district": "north", "eligible": 60, "requested": 58, "issued": 57, "spent": 50},
            {"district": "south", "eligible": 55, "requested": 40, "issued": 40, "spent": 35},
        ])
    );
    assert_eq!(lines[15]["shares"], json!([1, 2]));
    let spoiled = json!([["turn-out-of-range", 1], ["choice-out-of-range", 1], ["sealed-tag", 1]]);
    assert_eq!(lines[15]["spoiled"], spoiled);
}

#[test]
fn the_trustees_are_named_with_what_they_did() {
    let [first, second, silent] = [1, 2, 3].map(name);
    let ran = recount(&CERTIFIED, &[]);
    for words in [
        "The key was made in ceremony 2, by 2 of the 3 trustees; any 2 of these 2 can open the \
         ballots."
            .to_owned(),
        format!("{first}: took part; its share stands"),
        format!("{second}: took part; its share stands"),
        format!("{silent}: excluded in ceremony 1: two officers found it silent"),
    ] {
        assert!(ran.out.contains(&words), "{words}: {}", ran.out);
    }
}

#[test]
fn a_closed_poll_waits_for_its_shares_and_says_whose() {
    let [first, second] = [1, 2].map(name);
    let ran = recount(&CLOSED, &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let waits = "The poll is closed. The ballots cannot be opened yet";
    let words = format!("{waits}: 0 of 2 shares stand. Silent: {first}, {second}.");
    assert!(ran.out.contains(&words), "{}", ran.out);
    assert!(ran.out.contains("Ballots: 86 accepted, of which 85 stand and are sealed."));
    assert!(ran.out.contains("There is no result yet to hold it against."));
    assert_eq!(line(&ran, "  north"), "60 58 57 50 - 7 north");
    let mut town = CLOSED.clone();
    town.share(1);
    town.city.anchor();
    let ran = recount(&town, &[]);
    let words = format!("{waits}: 1 of 2 shares stand. Silent: {second}.");
    assert!(ran.out.contains(&words), "{}", ran.out);
    let page = page(&town);
    assert!(page.contains(&words) && page.contains("its share stands"));
    assert!(!page.contains("The result"), "nothing is known of it");
}

#[test]
fn the_page_draws_the_way_from_the_roll_to_the_count() {
    let page = page(&CERTIFIED);
    for words in [
        "anonymous, sealed",
        "All districts together",
        "District north",
        "asked for a credential",
        "unused credentials",
        "what is left of that room, 12 ballots,",
        "vote of difference",
        "Be wary. ",
        "took part",
        "excluded in ceremony 1",
        "one for each credential that was used",
        "2, or opened to no valid answers",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // Each bar stands beside its number, in a table with named columns.
    assert_eq!(page.matches("class=\"bars funnel\"").count(), 3);
    assert_eq!(page.matches("class=\"track\"").count(), 3 * 5 + 3 + 2, "funnels, turnout, options");
    assert_eq!(page.matches("<table").count(), page.matches("<thead>").count());
    assert!(page.contains("A &lt;i&gt;wood&lt;/i&gt;") && !page.contains("<i>"));
}

#[test]
fn an_open_poll_that_issues_until_its_close_says_that_early_ballots_hid_among_fewer() {
    let mut town = HiddenTown::begin(Issuing::UntilClose);
    town.issue();
    let ran = recount(&town, &[]);
    assert!(ran.out.contains("Credentials are being issued; the poll is not open yet."));
    assert_eq!(line(&ran, "  south"), "55 40 40 0 - 40 south");
    town.open();
    town.cast_all();
    town.city.anchor();
    let ran = recount(&town, &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("Its ballots are sealed, so there is no result so far."));
    assert!(ran.out.contains("until the close, so a ballot that was cast early hid among fewer"));
}

fn save(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.path().join(name);
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn claims_are_confirmed_or_refused_each_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| save(&folder, name, bytes);
    let unspent = CERTIFIED.claim(0, 52).to_bytes();
    let files = [
        file("unspent", &unspent),
        file("again", &unspent),
        file("spent", &CERTIFIED.claim(0, 5).to_bytes()),
        file("garbage", b"no claim"),
        // The last of the north was served by one issuer alone, on the record at least.
        file("other", &CERTIFIED.claim(1, 39).to_bytes()),
    ];
    let claims: Vec<_> = files.iter().flat_map(|file| ["--claim", text(file)]).collect();
    let ran = recount(&CERTIFIED, &claims);
    // AUDIT-14: refused evidence makes nothing unsound.
    assert_eq!(ran.code, 0, "{}", ran.out);
    for words in [
        "2 claims confirmed, 3 refused",
        "Claims: 2 confirmed, 3 refused.",
        "unspent: a credential was issued for it and never used",
        "again: no evidence (claim-invalid)",
        "spent: no evidence (credential-spent)",
        "garbage: no evidence (claim-malformed)",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let missing = folder.path().join("missing");
    assert_eq!(recount(&CERTIFIED, &["--claim", text(&missing)]).code, 2);
}

#[test]
fn more_claims_than_unused_credentials_convict_the_issuers() {
    // AUDIT-14: in the south five were issued credentials and have not cast; all issuers together
    // have cast for one of them.
    let mut town = CAST.clone();
    town.forge(1);
    town.city.close(&poll());
    town.city.anchor();
    let folder = tempfile::tempdir().unwrap();
    let unused: Vec<_> = (35..40)
        .map(|number| save(&folder, &number.to_string(), &town.claim(1, number).to_bytes()))
        .collect();
    let claims: Vec<_> = unused.iter().flat_map(|file| ["--claim", text(file)]).collect();
    let with = |claims: &[&str]| recount(&town, claims);
    assert_eq!(with(&claims[..8]).code, 0, "four claims fill the gap");
    let ran = with(&claims);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("ghost-credentials (operator): poll/park"), "{}", ran.out);
}

#[test]
fn ballots_with_bad_credentials_and_keys_given_twice_are_findings() {
    let mut town = CAST.clone();
    // BALLOT-13: the district first, then whether all issuers have signed at all.
    town.cast_changed(|credential| "east".clone_into(&mut credential.district));
    town.cast_changed(|credential| credential.signatures.truncate(1));
    // BALLOT-14: the signatures of all of them, for this district.
    town.cast_changed(|credential| credential.signatures.swap(0, 1));
    town.cast_changed(|credential| "south".clone_into(&mut credential.district));
    town.city.anchor();
    let ran = recount(&town, &[]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(ran.out.matches("- credential-district (operator)").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("- credential-invalid (operator)").count(), 3, "{}", ran.out);
    // They were not accepted, so nothing was spent.
    assert_eq!(line(&ran, "  north"), "60 58 57 50 - 7 north");

    let mut town = HiddenTown::announced(Issuing::UntilOpen);
    // CRED-6: one key for a district, of an issuer of this poll.
    town.give_keys("issuer-1", "issuer-1", &["north"]);
    town.give_keys("somebody", "issuer-1", &["spare"]);
    town.city.anchor();
    let ran = recount(&town, &[]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for code in ["- issuer-key-repeated (operator)", "- issuer-unknown (operator)"] {
        assert_eq!(ran.out.matches(code).count(), 1, "{code}: {}", ran.out);
    }
}

#[test]
fn a_receipt_tells_the_district_and_that_the_ballot_is_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let log = CERTIFIED.city.at(&poll());
    let size = log.entries.len();
    let last = size - 6;
    let receipt = log.receipt(last, size, &CERTIFIED.city.log_key);
    let file = save(&folder, "mine.tlog-proof", receipt.as_bytes());
    let key = CERTIFIED.city.verifier(&poll()).to_string();
    let ran = audit(&["receipt", text(&file), "--key", &key]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for words in ["kind     ballot", "district north", "sealed until trustees open it"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    assert!(!ran.out.contains("option"), "{}", ran.out);
}

#[test]
fn an_archive_of_such_a_poll_is_recounted_to_the_same_lines() {
    let record = folder_of(&CERTIFIED.city);
    let out = record.path().join("park.tar");
    let exported = audit(&["export", text(record.path()), "--out", text(&out)]);
    assert_eq!(exported.code, 0, "{exported:?}");
    let lines = |source: &Path| audit(&["recount", text(source), "--poll", "park", "--json"]).out;
    assert_eq!(lines(&out), lines(record.path()));
}
