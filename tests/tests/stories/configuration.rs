//! What an operator sets and how: file, environment, flags, in this order; and what the server says
//! when it is set up wrongly.

use std::fs;

use crate::town::{Ended, Town};

/// The settings that come out, one `section.key` after another.
fn printed(town: &Town, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut typed =
        town.type_in("veched", "operator", &["serve", "--print-config"]).with(arguments);
    for (name, value) in environment {
        typed = typed.env(name, value);
    }
    typed.run()
}

#[test]
fn a_file_then_the_environment_then_flags() {
    let town = Town::new();
    town.write("operator/veched.toml", "[limits]\nreads = 2\nrequests = 3\nconnections = 4\n");
    let file = ["--config", "veched.toml"];
    let text = printed(&town, &[], &[]).ok();
    assert!(text.contains("reads = 16") && text.contains("requests = 4096"), "{text}");
    let text = printed(&town, &file, &[]).ok();
    assert!(text.contains("reads = 2\n") && text.contains("requests = 3\n"), "{text}");
    let environment = [("VECHED_LIMITS_REQUESTS", "30"), ("VECHED_LIMITS_CONNECTIONS", "40")];
    let flags =
        [&file[..], &["--set", "limits.connections=400", "--listen", "127.0.0.1:0"]].concat();
    let text = printed(&town, &flags, &environment).ok();
    for line in ["reads = 2\n", "requests = 30\n", "connections = 400\n", "\"127.0.0.1:0\""] {
        assert!(text.contains(line), "{line} in {text}");
    }
    // What is printed is a file that can be used.
    town.write("operator/all.toml", &text);
    assert_eq!(printed(&town, &["--config", "all.toml"], &[]).ok(), text);
}

#[test]
fn what_cannot_be_set_is_named() {
    let town = Town::new();
    town.write("operator/wrong.toml", "[limits]\nrequest = 3\n");
    let refused = printed(&town, &["--config", "wrong.toml"], &[]).refused(1);
    assert!(refused.contains("wrong.toml") && refused.contains("`request`"), "{refused}");
    let refused = printed(&town, &["--config", "nothing.toml"], &[]).refused(1);
    assert!(refused.contains("nothing.toml: No such file"), "{refused}");
    let refused = printed(&town, &[], &[("VECHED_LIMITS_REQUEST", "1")]).refused(1);
    assert!(refused.contains("VECHED_LIMITS_REQUEST: unknown field `request`"), "{refused}");
    let refused = printed(&town, &["--set", "limits.requests=many"], &[]).refused(1);
    assert!(refused.contains("--set limits.requests=many"), "{refused}");
    let refused = printed(&town, &["--listen", "nowhere"], &[]).refused(1);
    assert!(refused.contains("listen") && refused.contains("socket address"), "{refused}");
    let refused = town.type_in("veched", "operator", &["serve", "--port", "1"]).run();
    assert_eq!(refused.code, 2, "{}", refused.err);
}

#[test]
fn a_server_without_a_city_says_what_to_do() {
    let town = Town::new();
    let serve = |data: &str| {
        town.type_in("veched", "operator", &["serve", "--listen", "127.0.0.1:0", "--data", data])
            .run()
    };
    let refused = serve("nowhere").refused(1);
    assert!(refused.contains("nowhere") && refused.contains("veched init"), "{refused}");
    fs::create_dir(town.home("operator").join("empty")).unwrap();
    town.set_mode("operator/empty", 0o700);
    let refused = serve("empty").refused(1);
    assert!(refused.contains("empty") && refused.contains("veched init"), "{refused}");
}

#[test]
fn secrets_that_others_can_read_are_not_used() {
    let mut town = Town::new();
    town.make_keys();
    town.found_at_one_desk();
    let serve = |town: &Town| {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data", "data"];
        town.type_in("veched", "operator", &serve).run()
    };
    assert_eq!((town.mode("operator/data"), town.mode("operator/data/store")), (0o700, 0o700));
    assert_eq!(town.mode("operator/data/log-key.pem"), 0o600);
    town.set_mode("operator/data/log-key.pem", 0o640);
    let refused = serve(&town).refused(1);
    assert!(refused.contains("log-key.pem may be read by others: chmod 600"), "{refused}");
    town.set_mode("operator/data/log-key.pem", 0o600);
    town.set_mode("operator/data", 0o755);
    let refused = serve(&town).refused(1);
    assert!(refused.contains("chmod 700"), "{refused}");
}

#[test]
fn a_city_is_founded_once() {
    let mut town = Town::new();
    town.make_keys();
    town.found_at_one_desk();
    let arguments = town.genesis_arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let key = town.read("operator/data/log-key.pem");
    let again =
        town.type_in("veched", "operator", &["init", "--unencrypted"]).with(&arguments).run();
    let refused = again.refused(1);
    assert!(refused.contains("data holds a city already"), "{refused}");
    assert_eq!(town.read("operator/data/log-key.pem"), key);
}

#[test]
fn a_draft_is_not_thrown_away() {
    let town = Town::new();
    town.make_keys();
    let arguments = town.genesis_arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let init =
        || town.type_in("veched", "operator", &["init", "--unencrypted"]).with(&arguments).run();
    init().ok();
    let draft = town.read("operator/data/genesis-draft.json");
    let refused = init().refused(1);
    assert!(refused.contains("a draft is in data/genesis-draft.json already"), "{refused}");
    assert_eq!(town.read("operator/data/genesis-draft.json"), draft);
    // A draft alone is no city.
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", "data"];
    let refused = town.type_in("veched", "operator", &serve).run().refused(1);
    assert!(refused.contains("data holds no city"), "{refused}");
}

#[test]
fn what_the_server_says_can_be_read_by_machines() {
    let mut town = Town::new();
    town.make_keys();
    town.found_at_one_desk();
    town.serve(&["trace.format=json"]);
    town.stop();
    let log = town.server_log();
    let lines: Vec<_> = log.lines().filter(|line| !line.starts_with("listening on")).collect();
    let words = |line: &&str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["fields"]["message"].as_str().unwrap().to_owned()
    };
    let said: Vec<_> = lines.iter().map(words).collect();
    assert_eq!(said.first().map(String::as_str), Some("the city is open"), "{log}");
    assert!(said.last().unwrap().starts_with("stopped;"), "{log}");
}

#[test]
fn a_directory_with_other_things_in_it_is_left_alone() {
    let town = Town::new();
    town.make_keys();
    town.write("operator/data/letter.txt", "Dear Anna");
    town.set_mode("operator/data", 0o700);
    let arguments = town.genesis_arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let init =
        town.type_in("veched", "operator", &["init", "--unencrypted"]).with(&arguments).run();
    let refused = init.refused(1);
    assert!(refused.contains("data") && refused.contains("letter.txt"), "{refused}");
    assert_eq!(fs::read_dir(town.home("operator").join("data")).unwrap().count(), 1);
}

#[test]
fn two_servers_do_not_share_a_city() {
    let mut town = Town::new();
    town.make_keys();
    town.found_at_one_desk();
    town.serve(&[]);
    let second = ["serve", "--listen", "127.0.0.1:0", "--data", "data"];
    let refused = town.type_in("veched", "operator", &second).run().refused(1);
    assert!(refused.contains("another process"), "{refused}");
    let port = town.url().rsplit_once(':').unwrap().1.to_owned();
    let address = format!("127.0.0.1:{port}");
    let mut other = Town::new();
    other.make_keys();
    other.found_at_one_desk();
    let serve = ["serve", "--listen", &address, "--data", "data"];
    let refused = other.type_in("veched", "operator", &serve).run().refused(1);
    assert!(refused.contains(&address), "{refused}");
}

#[test]
fn help_names_every_command_and_where_settings_come_from() {
    let town = Town::new();
    let help = town.type_in("veched", "operator", &["--help"]).ok();
    for word in ["init", "found", "serve"] {
        assert!(help.contains(word), "{help}");
    }
    let help = town.type_in("veched", "operator", &["serve", "--help"]).ok();
    assert!(help.contains("VECHED_<SECTION>_<KEY>") && help.contains("--print-config"), "{help}");
}
