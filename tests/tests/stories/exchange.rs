//! Polls from files of other tools, one of each format: made, voted in as the files say, recounted,
//! and handed back to the other tools as the same ballots.

use std::collections::BTreeMap;
use std::path::Path;

use veche_client::ballot_file::{BallotFile, Format};
use veche_client::time;

use crate::town::Town;

const VOTERS: [&str; 4] = ["anna", "boris", "clara", "dora"];

/// A file, and what it does not say of the rule.
struct Case {
    name: &'static str,
    text: &'static str,
    /// After `poll from-file`.
    rule: &'static [&'static str],
    /// Before each ballot.
    argument: &'static str,
}

const CASES: [Case; 7] = [
    Case {
        name: "budget.pb",
        text: "META\nkey;value\ndescription;Green Budget\nbudget;1000\nvote_type;approval\n\
               rule;equalshares/add1\nPROJECTS\nproject_id;cost;name\n7;600;\"Swift; boxes\"\n\
               8;500;Meadow\nVOTES\nvoter_id;vote\n1;8,7\n2;7\n3;8\n",
        rule: &[],
        argument: "--choose",
    },
    Case {
        name: "choices.csv",
        text: "choices,Oaks,Limes\n1,1,\n2,1,1\n3,,\n4,1,\n",
        rule: &["--rule", "approval", "--parameter", "winners=1"],
        argument: "--choose",
    },
    Case {
        name: "points.csv",
        text: "marks,Oaks,2,Limes\n1,3,,5\n2,,,\n3,,4,\n",
        rule: &[
            "--rule",
            "points",
            "--parameter",
            "points=8",
            "--parameter",
            "largest=5",
            "--parameter",
            "winners=1",
        ],
        argument: "--mark",
    },
    Case {
        name: "complete.soc",
        text: "3\n1,Oaks\n2,Limes\n3,Birches\n4,4,2\n3,1,3,2\n1,2,1,3\n",
        rule: &[
            "--rule",
            "borda",
            "--parameter",
            "unranked=last-places",
            "--parameter",
            "winners=1",
        ],
        argument: "--rank",
    },
    Case {
        name: "tied.toc",
        text: "2\n1,Oaks\n2,Limes\n3,3,2\n2,{1,2}\n1,2,1\n",
        rule: &["--rule", "schulze", "--parameter", "winners=1"],
        argument: "--rank",
    },
    Case {
        name: "any.toi",
        text: "# DATA TYPE: toi\n# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 4\n\
               # NUMBER UNIQUE ORDERS: 3\n# ALTERNATIVE NAME 1: Oaks\n\
               # ALTERNATIVE NAME 2: Limes: old\n# ALTERNATIVE NAME 3: Birches\n\
               2: {1, 3}, 2\n1: 2\n1: \n",
        rule: &["--rule", "schulze", "--parameter", "winners=1"],
        argument: "--rank",
    },
    Case {
        name: "council.blt",
        text: "4 2\n-2\n2 1 3 4 0\n1 4 2 0\n1 2 0\n0\n\"Ada\" \"Basil\" \"Cleo\" \"Don\"\n\
               \"Council\"\n",
        rule: &[
            "--rule",
            "transferable-vote",
            "--parameter",
            "quota=droop",
            "--parameter",
            "look_back=none",
        ],
        argument: "--rank",
    },
];

/// How many ballots of a file say what; options by their names.
fn ballots(name: &str, text: &str) -> BTreeMap<Vec<(String, u16)>, u64> {
    let format = Format::of(Path::new(name)).unwrap();
    let profile = BallotFile::read(text, format).unwrap().profile;
    let label = |option: u16| profile.options[usize::from(option)].label.clone();
    let mut ballots = BTreeMap::new();
    for ballot in &profile.ballots {
        let named = match profile.form {
            veche_protocol::interchange::profile::Form::Choices => {
                ballot.selection.iter().map(|&option| (label(option), 1)).collect()
            }
            _ => ballot.selection.as_chunks::<2>().0.iter().map(|&[o, v]| (label(o), v)).collect(),
        };
        *ballots.entry(named).or_insert(0) += ballot.weight;
    }
    ballots
}

/// The poll of a file, from its definition to its close.
fn hold(town: &Town, case: &Case) -> String {
    let poll = case.name.replace('.', "-");
    let file = format!("officer-1/{}", case.name);
    town.write(&file, case.text);
    let now = time::now();
    let (opens, closes) = (time::format(now - 7_200), time::format(now - 3_600));
    let (definition, lines) = (format!("{poll}.toml"), format!("{poll}.lines"));
    let said = town
        .veche("officer-1", &["poll", "from-file", case.name, "--roll", "city"])
        .with(&["--opens-at", &opens, "--closes-at", &closes])
        .with(&["--out", &definition, "--ballots", &lines])
        .with(case.rule)
        .ok();
    assert!(said.contains("the definition is in"), "{said}");
    town.at_one_desk(&["poll", "announce", "--poll", &poll, "--definition", &definition]);
    town.at_one_desk(&["poll", "open", &poll]);
    let lines = town.read(&format!("officer-1/{lines}"));
    assert!(lines.lines().count() <= VOTERS.len(), "{lines}");
    for (voter, line) in VOTERS.iter().zip(lines.lines()) {
        let vote = ["vote", "--poll", &poll, "--voter", "me.toml", case.argument, line];
        let said = town.veche(voter, &vote).yes().ok();
        assert!(said.contains("your ballot stands in"), "{said}");
    }
    town.at_one_desk(&["poll", "close", &poll]);
    poll
}

#[test]
fn a_poll_of_each_format_gives_its_ballots_back() {
    let town = Town::with_roll(&VOTERS);
    let url = town.url();
    for case in &CASES {
        let poll = hold(&town, case);
        let (_, extension) = case.name.split_once('.').unwrap();
        let export = |format: &str, out: &str| {
            let arguments = ["export", &url, "--poll", &poll, "--ballots", format, "--out", out];
            town.type_in("veche-audit", "observer", &arguments).run()
        };
        let said = export(extension, case.name).ok();
        assert!(said.contains("SOUND"), "{said}");
        let back = town.read(&format!("observer/{}", case.name));
        assert_eq!(ballots(case.name, &back), ballots(case.name, case.text), "{back}");
        // A table holds all ballots, and each format refuses what it cannot hold.
        let table = format!("{poll}.csv");
        export("csv", &table).ok();
        let table = town.read(&format!("observer/{table}"));
        assert_eq!(ballots("x.csv", &table), ballots(case.name, case.text), "{table}");
        if case.argument == "--rank" {
            let refused = export("pb", "x.pb").refused(2);
            assert!(refused.contains("budget"), "{refused}");
        } else {
            let refused = export("soi", "x.soi").refused(2);
            assert!(refused.contains("a soi file holds rankings"), "{refused}");
        }
    }
}
