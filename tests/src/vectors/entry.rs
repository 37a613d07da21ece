//! Vectors of single entries: good entries of each kind, and every defect of decoding.
//!
//! Good: `{ log, kind, entry, leaf, instance, origin, under, message }`, all bytes in hex; each
//! signature of the entry is valid over `message`. Bad: `{ log, entry, code }`.

mod defects;
mod fields;
mod secret;

use serde_json::json;
use veche_protocol::entry::{Binding, Kind, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};
use veche_protocol::roll::RevocationReason;

use super::Files;
use crate::city::{City, DOMAIN, Voter, single_choice_definition};
use defects::Defect;

/// The names of the three types of logs in the vectors.
const fn log_name(log_type: LogType) -> &'static str {
    match log_type {
        LogType::Register => "register",
        LogType::Roll => "roll",
        LogType::Poll => "poll",
    }
}

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    let all = samples();
    for sample in &all {
        let Sample { name, entry, path, under, instance } = sample;
        let kind = entry.payload().kind();
        let origin = path.origin(DOMAIN);
        let binding = Binding { instance: *instance, origin: &origin, under: *under };
        let vector = json!({
            "log": log_name(path.log_type()),
            "kind": kind.name(),
            "entry": hex::encode(entry.bytes()),
            "leaf": entry.leaf().to_string(),
            "instance": instance.to_string(),
            "origin": origin,
            "under": under.to_string(),
            "message": hex::encode(binding.message(entry.payload_bytes())),
        });
        let double = files.insert(format!("entry/{name}.json").into(), vector);
        assert!(double.is_none(), "two vectors of the name {name}");
    }
    for (name, log_type, entry, breach) in all_defects(&all) {
        let vector = json!({
            "log": log_name(log_type),
            "entry": hex::encode(entry),
            "code": breach.code(),
        });
        let double = files.insert(format!("entry/{name}.json").into(), vector);
        assert!(double.is_none(), "two vectors of the name {name}");
    }
}

/// A good entry with what its signatures are bound to.
struct Sample {
    /// Of the vector: that of the kind, unless there are several.
    name: &'static str,
    path: LogPath,
    entry: SignedEntry,
    instance: Hash,
    under: Hash,
}

/// Entries of each kind.
fn samples() -> Vec<Sample> {
    let mut all = samples_of_named_polls();
    all.extend(secret::samples());
    all
}

/// One entry of each kind, out of the life of a small city with polls that are named and open.
fn samples_of_named_polls() -> Vec<Sample> {
    let mut city = City::found(DOMAIN);
    let roll = LogPath::Roll("residents".to_owned());
    let poll = LogPath::Poll("park".to_owned());
    let gone = LogPath::Poll("gone".to_owned());
    let genesis = city.instance;
    city.appoint(&crate::city::OFFICERS);
    let appointed = city.governance();
    let handover = city.hand_over();
    city.log(&LogPath::Register, &handover);
    city.begin_roll(&roll, &["north", "south"]);
    let voters = [Voter::named("ada", 0), Voter::named("bo", 1)];
    city.enrol(&roll, &voters);
    city.revoke(&roll, voters[1].id, RevocationReason::Left);
    city.anchor();
    city.announce(&gone, single_choice_definition(&["yes", "no"], Revote::First));
    city.cancel(&gone, Kind::Announce);
    city.announce(&poll, single_choice_definition(&["yes", "no"], Revote::Last { max_turn: 3 }));
    city.open(&poll);
    city.cast(&poll, &voters[0], 0, &[&[1]]);
    city.close(&poll);
    city.anchor();
    city.certify(&poll, sample_result());

    let of = |path: &LogPath, kind: Kind, instance: Hash, under: Hash| {
        let mut entries = city.at(path).entries.iter();
        let mut decoded = entries.find_map(|bytes| {
            let entry = SignedEntry::decode(path.log_type(), bytes.clone()).ok()?;
            (entry.payload().kind() == kind).then_some(entry)
        });
        let entry = decoded.take().expect("the city has an entry of every kind");
        Sample { name: kind.name(), path: path.clone(), entry, instance, under }
    };
    let register = LogPath::Register;
    let id = city.instance;
    let header = city.at(&roll).leaf(0);
    let leaf = |kind| city.leaf_of(&poll, kind);
    vec![
        of(&register, Kind::Genesis, Hash::ZERO, Hash::ZERO),
        of(&register, Kind::Officers, id, genesis),
        of(&register, Kind::Commission, id, appointed),
        of(&register, Kind::Log, id, id),
        of(&register, Kind::Anchors, id, id),
        of(&roll, Kind::Roll, id, id),
        of(&roll, Kind::Enrol, id, header),
        of(&roll, Kind::Revoke, id, header),
        of(&poll, Kind::Announce, id, id),
        of(&poll, Kind::Open, id, leaf(Kind::Announce)),
        of(&poll, Kind::Ballot, id, leaf(Kind::Open)),
        of(&poll, Kind::Close, id, leaf(Kind::Open)),
        of(&poll, Kind::Certify, id, leaf(Kind::Close)),
        of(&gone, Kind::Cancel, id, city.leaf_of(&gone, Kind::Announce)),
    ]
}

fn sample_result() -> PollResult {
    let option =
        |label: &str, votes| OptionResult { label: label.to_owned(), votes, selected: votes > 0 };
    let outcome = vec![option("yes", 0), option("no", 1)];
    let turnout = |district: &str, eligible, effective| Turnout {
        district: district.to_owned(),
        eligible,
        effective,
    };
    PollResult {
        eligible: 1,
        effective: 1,
        districts: vec![turnout("north", 1, 1), turnout("south", 0, 0)],
        quorum_met: true,
        questions: vec![QuestionResult { blank: 0, outcome }],
    }
}

fn all_defects(samples: &[Sample]) -> Vec<Defect> {
    let bytes_of = |kind| {
        let found = samples.iter().find(|sample| sample.entry.payload().kind() == kind);
        found.expect("there is a sample of every kind").entry.clone()
    };
    let (ballot, genesis) = (bytes_of(Kind::Ballot), bytes_of(Kind::Genesis));
    let mut all = defects::of_envelope(&ballot);
    all.extend(defects::of_form());
    all.extend(defects::of_kind(&ballot, &genesis));
    all.extend(defects::of_two(&ballot));
    all.extend(fields::of_genesis(&genesis));
    all.extend(fields::of_people(&genesis));
    all.extend(fields::of_texts());
    all.extend(fields::of_definition(&bytes_of(Kind::Announce)));
    let anonymous = samples.iter().find(|sample| sample.name == "announce_anonymous_sealed");
    all.extend(secret::defects(&anonymous.expect("a sample").entry));
    all
}
