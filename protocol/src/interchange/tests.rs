//! What fits into a format comes back from it: random ballots through every writer and reader.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::blt::{self, Blt};
use super::csv::{self, Csv};
use super::pabulib::{self, Frame, Pabulib};
use super::preflib::{self, Kind, PrefLib};
use super::profile::{Entrant, Form, Profile, WeightedBallot, ranks};

/// A label that every format holds: no line breaks, no quotes, no blanks at its ends.
const LABEL: &str = "[a-zA-Zżó;,:={}()#][a-zA-Z ;,:={}()#'-]{0,8}[a-z.]";

/// Which rankings to make.
#[derive(Clone, Copy, Debug)]
struct Ranked {
    is_complete: bool,
    is_strict: bool,
}

const ANY: Ranked = Ranked { is_complete: false, is_strict: false };

fn profiles(form: Form, ranked: Ranked) -> impl Strategy<Value = Profile> {
    let labels = proptest::collection::btree_set(LABEL, 1..6);
    let ballots = proptest::collection::vec((1_u64..4, any::<u64>()), 0..8);
    (LABEL, labels, ballots).prop_map(move |(title, labels, seeds)| {
        let options: Vec<_> = labels
            .into_iter()
            .zip(0_u64..)
            .map(|(label, cost)| Entrant { label, cost, is_withdrawn: false })
            .collect();
        let count = u16::try_from(options.len()).unwrap();
        let ballot = |(weight, seed)| WeightedBallot {
            weight,
            selection: selection(form, ranked, count, seed),
        };
        let ballots = seeds.into_iter().map(ballot).collect();
        Profile { title, options, form, ballots }
    })
}

/// A selection out of the digits of a number.
fn selection(form: Form, ranked: Ranked, options: u16, seed: u64) -> Vec<u16> {
    let digit = |option: u16| u16::try_from(seed >> (option * 4) & 15).unwrap();
    match form {
        Form::Choices => (0..options).filter(|&option| digit(option) > 7).collect(),
        Form::Marks => {
            let marked = (0..options).filter(|&option| digit(option) > 7);
            marked.flat_map(|option| [option, digit(option) - 7]).collect()
        }
        Form::Ranks => {
            let mut places: BTreeMap<(u16, u16), Vec<u16>> = BTreeMap::new();
            for option in 0..options {
                let tie = if ranked.is_strict { option } else { 0 };
                let place = digit(option);
                if ranked.is_complete || place > 3 {
                    places.entry((place, tie)).or_default().push(option);
                }
            }
            ranks(&places.into_values().collect::<Vec<_>>())
        }
    }
}

/// Ballots as a multiset.
fn multiset(profile: &Profile) -> BTreeMap<Vec<u16>, u64> {
    let mut ballots = BTreeMap::new();
    for WeightedBallot { weight, selection } in &profile.ballots {
        *ballots.entry(selection.clone()).or_default() += weight;
    }
    ballots
}

fn assert_same(back: &Profile, profile: &Profile) {
    assert_eq!(multiset(back), multiset(profile));
    let labels = |profile: &Profile| {
        profile.options.iter().map(|option| option.label.clone()).collect::<Vec<_>>()
    };
    assert_eq!((back.form, labels(back)), (profile.form, labels(profile)));
}

fn through_preflib(profile: &Profile, kind: Kind) {
    let file = PrefLib::of(profile, kind).unwrap();
    let back = preflib::parse(&file.write().unwrap(), Some(kind)).unwrap();
    assert_eq!(back, file);
    assert_same(&back.profile(), profile);
    assert_eq!(back.profile().title, profile.title);
}

fn through_pabulib(profile: &Profile) {
    let frame = Frame {
        budget: Some(7),
        meta: vec![("rule".into(), "greedy".into())],
        selected: Some(vec![true; profile.options.len()]),
        vote_type: None,
    };
    let file = Pabulib::of(profile, &frame).unwrap();
    let back = pabulib::parse(&file.write().unwrap()).unwrap();
    assert_eq!(back.meta.get("rule"), Some("greedy"));
    assert_eq!(multiset(&back.profile()), multiset(profile));
    assert_eq!(back.projects, file.projects);
    assert_eq!(back.profile().title, profile.title);
}

fn through_csv(profile: &Profile) {
    let file = Csv::of(profile).unwrap();
    let back = csv::parse(&file.write().unwrap()).unwrap();
    assert_eq!(back, file);
    assert_same(&back.profile(), profile);
}

proptest! {
    #[test]
    fn choices_come_back(profile in profiles(Form::Choices, ANY)) {
        through_pabulib(&profile);
        through_csv(&profile);
        prop_assert!(Blt::of(&profile, 1).is_err());
        prop_assert!(PrefLib::of(&profile, Kind::Toi).is_err());
    }

    #[test]
    fn marks_come_back(profile in profiles(Form::Marks, ANY)) {
        through_pabulib(&profile);
        through_csv(&profile);
        prop_assert!(Blt::of(&profile, 1).is_err());
        prop_assert!(PrefLib::of(&profile, Kind::Soc).is_err());
    }

    #[test]
    fn rankings_with_ties_come_back(profile in profiles(Form::Ranks, ANY)) {
        through_preflib(&profile, Kind::Toi);
        through_csv(&profile);
        let file = Blt::of(&profile, 1).unwrap();
        let back = blt::parse(&file.write().unwrap()).unwrap();
        prop_assert_eq!(&back, &file);
        prop_assert_eq!(back.profile().ballots, profile.ballots);
    }

    #[test]
    fn strict_rankings_come_back(
        profile in profiles(Form::Ranks, Ranked { is_complete: false, is_strict: true })
    ) {
        through_preflib(&profile, Kind::Soi);
        through_pabulib(&profile);
    }

    #[test]
    fn complete_rankings_come_back(
        strict in profiles(Form::Ranks, Ranked { is_complete: true, is_strict: true }),
        tied in profiles(Form::Ranks, Ranked { is_complete: true, is_strict: false }),
    ) {
        through_preflib(&strict, Kind::Soc);
        through_preflib(&tied, Kind::Toc);
    }
}
