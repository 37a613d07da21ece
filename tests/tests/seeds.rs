//! The fuzz properties on their seeds: what fuzzing once found stays found, and a property that no
//! longer compiles or holds is seen without a fuzzer.

use std::{collections::BTreeSet, fs, path::PathBuf};

use veche_fuzz::PROPERTIES;
use veche_protocol::{entry::SignedEntry, name::LogType};
use veche_tests::repository;

fn seeds(target: &str) -> Vec<PathBuf> {
    let folder = repository::root().join("fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{target}: {error}"));
    let mut seeds: Vec<_> =
        entries.map(|entry| entry.expect("a folder that opens can be listed").path()).collect();
    seeds.sort();
    seeds
}

#[test]
fn every_property_holds_for_its_seeds() {
    for (target, holds) in PROPERTIES {
        let seeds = seeds(target);
        assert!(seeds.len() > 2, "{target} has too few seeds to begin from");
        for seed in seeds {
            println!("{}", seed.display());
            holds(&fs::read(&seed).unwrap());
        }
    }
}

#[test]
fn every_property_has_a_target_of_its_name() {
    let targets = repository::files("fuzz/fuzz_targets", "rs");
    let expected = PROPERTIES.map(|(name, _)| format!("fuzz/fuzz_targets/{name}.rs"));
    assert_eq!(targets, expected);
    let manifest = repository::read("fuzz/Cargo.toml");
    for (name, _) in PROPERTIES {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not a program");
        let target = repository::read(&format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(target.contains(&format!("veche_fuzz::{name}::holds")), "{name} calls another");
    }
}

#[test]
fn the_seeds_reach_every_kind_of_entry() {
    let grammar = repository::read("spec/veche.cddl");
    let (_, rule) = grammar.split_once("\npayload = ").expect("the grammar has payloads");
    let (rule, _) = rule.split_once("\n\n").expect("an empty line ends the rule");
    let kinds: BTreeSet<_> = rule.split('/').map(|name| name.trim().to_owned()).collect();

    let mut reached = BTreeSet::new();
    for seed in seeds("entry") {
        let bytes = fs::read(seed).unwrap();
        let log_type = [LogType::Register, LogType::Roll, LogType::Poll][usize::from(bytes[0])];
        if let Ok(entry) = SignedEntry::decode(log_type, bytes[1..].to_vec()) {
            reached.insert(entry.payload().kind().name().to_owned());
        }
    }
    assert_eq!(reached, kinds);
}
