//! An anonymous and sealed poll with command lines only: two issuers and three trustees, of whom
//! one never comes, two officers, voters with their books, an observer who is handed a claim.

use std::fmt::Write as _;

use veche_client::time;

use crate::town::{Running, Town, until};

/// Those who ask for a credential, of the fifty without whom there is no crowd.
const ASKING: [&str; 3] = ["anna", "boris", "clara"];
const VOTERS: usize = 50;
const ISSUERS: [&str; 2] = ["bar", "university"];
const TRUSTEES: [&str; 3] = ["ada", "bob", "cyd"];
/// The one who never comes.
const SILENT: &str = "cyd";

fn town() -> Town {
    let mut town = Town::new();
    town.make_keys();
    town.found_at_one_desk();
    town.serve(&[]);
    town.everybody_trusts(&["registrar", "officer-1", "officer-2", "crowd"]);
    town.everybody_trusts(&ISSUERS);
    town.everybody_trusts(&TRUSTEES);
    town.begin_roll();
    town.make_voters(&ASKING);
    let mut census = "enrolment,district,name,born\n".to_owned();
    let mut enrol = |name: &str, line: &str| {
        writeln!(census, "{},north,{name},1980-01-02", line.trim()).unwrap();
    };
    for voter in ASKING {
        enrol(voter, &town.read(&format!("{voter}/line")));
    }
    for number in ASKING.len()..VOTERS {
        let file = format!("{number}.toml");
        let key = ["voter", "key", "--roll", "city", "--plain", "--out", &file];
        enrol(&format!("voter {number}"), &town.veche("crowd", &key).ok());
    }
    town.write("registrar/census.csv", &census);
    town.veche("registrar", &["roll", "enrol", "--name", "city", "--census", "census.csv"])
        .key("key.pem")
        .key("../inspector/key.pem")
        .yes()
        .ok();
    town
}

/// Keys of organisations, and their lines in a definition.
fn members(town: &Town, names: &[&str]) -> String {
    let member = |name: &&str| {
        let key = town.veche(name, &["key", "new", "--plain", "--out", "key.pem"]).ok();
        town.write(&format!("{name}/public"), key.trim());
        format!("{{ key = \"{}\", label = \"{name}\" }}", key.trim())
    };
    names.iter().map(member).collect::<Vec<_>>().join(", ")
}

fn announce(town: &Town) {
    let now = time::now();
    let (opens, closes) = (time::format(now - 7_200), time::format(now - 3_600));
    let (issuers, trustees) = (members(town, &ISSUERS), members(town, &TRUSTEES));
    let text = format!(
        "title = \"The park\"\nrolls = [\"city\"]\n\
         opens_at = \"{opens}\"\ncloses_at = \"{closes}\"\ntolerance = 60\n\
         revote = \"last\"\nmax_turn = 2\nidentity = \"anonymous\"\nsecrecy = \"sealed\"\n\
         [issuers]\nmodulus = 2048\nissuing = \"until-close\"\nmembers = [{issuers}]\n\
         [trustees]\nthreshold = 2\nmembers = [{trustees}]\n\
         [[questions]]\ntitle = \"What to plant?\"\nrule = \"single-choice\"\n\
         [[questions.options]]\nlabel = \"Oaks\"\n[[questions.options]]\nlabel = \"Limes\"\n"
    );
    town.write("officer-1/definition.toml", &text);
    let said = town.at_one_desk(&[
        "poll",
        "announce",
        "--poll",
        "park",
        "--definition",
        "definition.toml",
    ]);
    assert!(said.contains("sealed until the close; ballots are opened by 2 of:"), "{said}");
}

fn start<'a>(town: &Town, name: &'a str, action: [&'a str; 2]) -> Running {
    town.veche(name, &action)
        .with(&["park", "--plain", "--state", "state", "--poll-interval", "200"])
        .key("key.pem")
        .start()
}

/// The number of a trustee: its place among all, ascending by key.
fn number(town: &Town, trustee: &str) -> String {
    let key = |name: &str| town.read(&format!("{name}/public"));
    let before = TRUSTEES.iter().filter(|other| key(other) < key(trustee)).count();
    (before + 1).to_string()
}

fn act(town: &Town, arguments: &[&str]) -> crate::town::Ended {
    town.veche("officer-1", arguments).key("key.pem").key("../officer-2/key.pem").yes().run()
}

/// Begins and opens, with what stands in the way said each time; gives the services at work.
fn prepare(town: &Town) -> Vec<Running> {
    let begin = || act(town, &["poll", "begin", "park"]);
    let refused = until(|| Some(begin()).filter(|ended| ended.err.contains("keys are missing")));
    for issuer in ISSUERS {
        // POLL-23: the officers are told who has to come first.
        assert!(refused.err.contains(&format!("{issuer} for north")), "{}", refused.err);
    }
    let mut running: Vec<_> =
        ISSUERS.iter().map(|issuer| start(town, issuer, ["issuer", "serve"])).collect();
    let coming = TRUSTEES.iter().filter(|trustee| **trustee != SILENT);
    running.extend(coming.map(|trustee| start(town, trustee, ["trustee", "run"])));
    until(|| (begin().code == 0).then_some(()));
    let open = || act(town, &["poll", "open", "park"]);
    // CEREMONY-11, CEREMONY-10: no key yet; who is silent is named, and then left behind.
    let waits = format!("join: {} ({SILENT})", number(town, SILENT));
    until(|| open().err.contains(&waits).then_some(()));
    let exclude = ["poll", "exclude", "park", "--trustee", &number(town, SILENT)];
    act(town, &exclude).ok();
    for voter in ASKING {
        ask(town, voter);
    }
    until(|| (open().code == 0).then_some(()));
    running
}

/// CRED-10: one request, however often the command is run.
fn ask(town: &Town, voter: &str) {
    let command = ["credential", "park", "--voter", "me.toml"];
    // Whether the issuers have answered by now is chance; the book is there in any case.
    let _first = town.veche(voter, &command).run();
    let book = town.home(voter).join("me.park.book");
    assert!(book.exists());
    let said = town.veche(voter, &command).with(&["--wait", "60"]).ok();
    assert!(said.contains("your credential is ready"), "{said}");
    let twice = town.veche(voter, &command).with(&["--book", "other.book"]).run().refused(1);
    assert!(twice.contains("request-repeated"), "{twice}");
    assert!(!town.home(voter).join("other.book").exists());
}

fn vote(town: &Town, voter: &str, choice: &str) {
    let command = ["vote", "--poll", "park", "--voter", "me.toml", "--choose", choice, "--now"];
    let few = town.veche(voter, &command).yes().run().refused(1);
    // CRED-10: three of fifty have a credential.
    assert!(few.contains("only 3 voters of the district north"), "{few}");
    let said = town.veche(voter, &command).with(&["--small-crowd"]).yes().ok();
    assert!(said.contains("without your name") && said.contains("your ballot stands"), "{said}");
}

fn check(town: &Town, voter: &str) -> String {
    let check = ["receipt", "check", "--book", "me.park.book", "--against", &town.url()];
    town.veche(voter, &check).ok()
}

#[test]
fn a_referendum_keeps_its_secret_until_the_close() {
    let town = town();
    announce(&town);
    let running = prepare(&town);
    vote(&town, "anna", "Oaks");
    vote(&town, "anna", "Limes");
    vote(&town, "boris", "Limes");
    assert!(check(&town, "anna").contains("nobody can read it yet"));
    act(&town, &["poll", "close", "park"]).ok();
    until(|| (act(&town, &["poll", "certify", "park"]).code == 0).then_some(()));
    let shown = town.veche("officer-2", &["poll", "show", "park"]).ok();
    let spent = "north: 50 voters, 3 asked for a credential, 3 issued, 2 spent";
    assert!(shown.contains(spent) && shown.contains("two officers found it silent"), "{shown}");
    let checked = check(&town, "anna");
    assert!(checked.contains("a later ballot of yours, with turn 1"), "{checked}");
    assert!(checked.contains("says 2, as you chose"), "{checked}");
    // CRED-11: she has not voted, and nobody can have voted in her place; he has.
    let claim = ["claim", "park", "--voter", "me.toml", "--out", "claim"];
    town.veche("clara", &claim).yes().ok();
    let spent = town.veche("boris", &claim).yes().run().refused(1);
    assert!(spent.contains("credential-spent"), "{spent}");
    let sample = ["roll", "sample", "park", "--count", "3"];
    assert_eq!(town.veche("officer-1", &sample).ok().lines().count(), 3);
    let recount = ["recount", &town.url(), "--poll", "park", "--claim", "../clara/claim"];
    let trust = ["--instance", &town.instance, "--key", &town.register];
    let report = town.type_in("veche-audit", "observer", &recount).with(&trust).ok();
    assert!(report.contains("1 claim confirmed") && report.contains("VERDICT: SOUND"), "{report}");
    drop(running);
}
