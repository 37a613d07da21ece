//! Acts in a city on paper: rolls, polls, ballots.

use std::hash::RandomState;

use rand::SeedableRng;
use rand::rngs::StdRng;
use veche_protocol::count::{Approval, Blank, Rule, SingleChoice, TieBreak};
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::acts::{Announce, Cancel, CancelReason, Certify, Close, Open, Pin};
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
};
use veche_protocol::poll::electorate::eligible_of;
use veche_protocol::poll::result::PollResult;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::{RollFold, RollJury};
use veche_protocol::roll::{
    District, Enrolment, Revocation, RevocationReason, RollHeader, VoterId, census_commitment,
    prove_possession,
};
use veche_protocol::signature::SigningKey;

use super::{City, key};

/// The two poll officers who act unless a test says otherwise.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
/// The two who keep the rolls.
const REGISTRARS: [&str; 2] = ["registrar", "inspector"];
/// When every poll on paper opens, in seconds since 1970.
pub(super) const OPENS_AT: u64 = 1_800_000_000;

/// A voter on paper.
#[derive(Clone, Debug)]
pub struct Voter {
    /// The name from which key and id are made.
    pub name: String,
    /// The voter's id.
    pub id: VoterId,
    /// The voter's key.
    pub key: SigningKey,
    /// Place of the voter's district in the roll's list.
    pub district: u64,
}

impl Voter {
    /// The voter of this name, the same in every run.
    pub fn named(name: &str, district: u64) -> Self {
        let id = sha256(format!("id of {name}").as_bytes());
        let id = VoterId(id.as_bytes()[..16].try_into().expect("16 of 32 bytes"));
        Self { name: name.to_owned(), id, key: key(&format!("voter {name}")), district }
    }
}

impl City {
    /// Begins a roll with these districts, and announces it.
    pub fn begin_roll(&mut self, path: &LogPath, districts: &[&str]) {
        let header = Payload::Roll(roll_header(districts));
        let entry = self.sign(path, self.instance, &header, &REGISTRARS);
        self.log(path, &entry);
        self.announce_log(path);
    }

    /// What an enrolment of `voter` on a roll says.
    pub fn enrolment(&self, path: &LogPath, voter: &Voter) -> Enrolment {
        let origin = path.origin(&self.domain);
        let under = self.at(path).leaf(0);
        let binding = Binding { instance: self.instance, origin: &origin, under };
        Enrolment {
            voter: voter.id,
            key: voter.key.key(),
            district: voter.district,
            possession: prove_possession(&binding, &voter.id, &voter.key),
            census: census_commitment(&[7; 32], voter.name.as_bytes()),
            replaces: None,
        }
    }

    /// Enrols voters in one entry.
    pub fn enrol(&mut self, path: &LogPath, voters: &[Voter]) -> u64 {
        let batch = voters.iter().map(|voter| self.enrolment(path, voter)).collect();
        self.enrol_as(path, batch, &REGISTRARS)
    }

    /// Logs enrolments as they are, signed by whom the test names.
    pub fn enrol_as(&mut self, path: &LogPath, batch: Vec<Enrolment>, by: &[&str]) -> u64 {
        let under = self.at(path).leaf(0);
        let entry = self.sign(path, under, &Payload::Enrol(batch), by);
        self.log(path, &entry)
    }

    /// Takes a voter off a roll.
    pub fn revoke(&mut self, path: &LogPath, voter: VoterId, reason: RevocationReason) -> u64 {
        let payload = Payload::Revoke(vec![Revocation { voter, reason }]);
        let entry = self.sign(path, self.at(path).leaf(0), &payload, &REGISTRARS);
        self.log(path, &entry)
    }

    /// Announces a poll, in its own log and in the register.
    pub fn announce(&mut self, path: &LogPath, definition: Definition) {
        let seen = self.seen(path);
        let payload = Payload::Announce(Announce { seen, definition });
        let entry = self.sign(path, self.instance, &payload, &OFFICERS);
        self.log(path, &entry);
        self.announce_log(path);
    }

    /// The Open that pins every roll of the definition as it is now.
    pub fn open_payload(&self, path: &LogPath) -> Open {
        let first = SignedEntry::decode(LogType::Poll, self.at(path).entries[0].clone());
        let Ok(Payload::Announce(announce)) = first.map(|entry| entry.payload().clone()) else {
            panic!("the poll begins with its Announce");
        };
        let definition = announce.definition;
        let pins = definition.rolls.iter().map(|origin| {
            let roll = LogPath::of_origin(origin, &self.domain).expect("a roll of this city");
            let eligible = eligible_of(&definition, &self.roll_fold(&roll));
            Pin { origin: origin.clone(), head: self.head(&roll), eligible }
        });
        Open { seen: self.seen(path), pins: pins.collect() }
    }

    /// Opens a poll.
    pub fn open(&mut self, path: &LogPath) -> u64 {
        let payload = Payload::Open(self.open_payload(path));
        self.act(path, Kind::Announce, &payload)
    }

    /// Closes a poll.
    pub fn close(&mut self, path: &LogPath) -> u64 {
        let payload = Payload::Close(Close { seen: self.seen(path) });
        self.act(path, Kind::Open, &payload)
    }

    /// Claims a result.
    pub fn certify(&mut self, path: &LogPath, result: PollResult) -> u64 {
        let payload = Payload::Certify(Certify { seen: self.seen(path), result });
        self.act(path, Kind::Close, &payload)
    }

    /// Cancels an announced or open poll.
    pub fn cancel(&mut self, path: &LogPath, under: Kind) -> u64 {
        let reason = CancelReason::TechnicalFailure;
        let payload = Payload::Cancel(Cancel { seen: self.seen(path), reason });
        self.act(path, under, &payload)
    }

    fn act(&mut self, path: &LogPath, under: Kind, payload: &Payload) -> u64 {
        let entry = self.sign(path, self.leaf_of(path, under), payload, &OFFICERS);
        self.log(path, &entry)
    }

    /// Leaf hash of the first entry of this kind in a log.
    pub fn leaf_of(&self, path: &LogPath, kind: Kind) -> Hash {
        let log = self.at(path);
        let is_kind = |bytes: &Vec<u8>| {
            SignedEntry::decode(path.log_type(), bytes.clone())
                .is_ok_and(|entry| entry.payload().kind() == kind)
        };
        log.leaf(log.entries.iter().position(is_kind).expect("the log holds such an entry"))
    }

    /// A ballot of `voter`, not logged yet.
    pub fn ballot(
        &self,
        path: &LogPath,
        voter: &Voter,
        turn: u8,
        selections: &[&[u64]],
    ) -> SignedEntry {
        let selections = selections.iter().map(|selection| selection.to_vec()).collect();
        let payload = Payload::Ballot(Ballot::open(turn, selections));
        self.sign_with(path, self.leaf_of(path, Kind::Open), &payload, &[&voter.key])
    }

    /// Casts a ballot.
    pub fn cast(&mut self, path: &LogPath, voter: &Voter, turn: u8, selections: &[&[u64]]) -> u64 {
        let ballot = self.ballot(path, voter, turn, selections);
        self.log(path, &ballot)
    }

    /// The roll as its honest entries add up, before the register as it is now.
    pub fn roll_fold(&self, path: &LogPath) -> RollFold {
        let register = self.register_fold();
        let size = self.at(&LogPath::Register).entries.len() as u64;
        let jury = RollJury { register: &register, size };
        let mut rng = StdRng::seed_from_u64(1);
        let mut fold = RollFold::new(self.instance, path.origin(&self.domain), &RandomState::new());
        for (index, bytes) in (0..).zip(&self.at(path).entries) {
            let Ok(entry) = SignedEntry::decode(LogType::Roll, bytes.clone()) else { continue };
            for examined in fold.examine(vec![entry], &mut rng) {
                // A refused entry changes nothing, which is all that matters here.
                let _ = fold.admit(&examined, index, &jury);
            }
        }
        fold
    }

    /// The register as its honest entries add up.
    pub fn register_fold(&self) -> RegisterFold {
        let log = self.at(&LogPath::Register);
        let decode = |bytes: &Vec<u8>| SignedEntry::decode(LogType::Register, bytes.clone());
        let genesis = decode(&log.entries[0]).expect("the genesis decodes");
        let mut fold = RegisterFold::begin(&genesis).expect("the genesis stands");
        for (index, bytes) in log.entries.iter().enumerate().skip(1) {
            let Ok(entry) = decode(bytes) else { continue };
            let root_at = |size: u64| usize::try_from(size).ok().map(|size| log.head_at(size).root);
            // A refused entry changes nothing, which is all that matters here.
            let _ = fold.admit(&entry, index as u64, root_at);
        }
        fold
    }
}

/// The header of a roll that lives around [`OPENS_AT`].
pub(super) fn roll_header(districts: &[&str]) -> RollHeader {
    let district =
        |code: &&str| District { code: (*code).to_owned(), label: format!("District {code}") };
    RollHeader {
        title: "Residents".to_owned(),
        districts: districts.iter().map(district).collect(),
        since: OPENS_AT - 1_000_000,
        until: OPENS_AT + 1_000_000,
    }
}

/// A poll with one question by this rule, open to all of `roll/residents`.
fn definition(options: Vec<VoteOption>, rule: Rule, revote: Revote) -> Definition {
    Definition {
        title: "The park".to_owned(),
        details: None,
        questions: vec![Question {
            title: "What first?".to_owned(),
            details: None,
            options,
            rule,
            conditions: Vec::new(),
        }],
        identity: Identity::Named,
        secrecy: Secrecy::Open,
        revote,
        rolls: vec![format!("{}/roll/residents", super::DOMAIN)],
        districts: Vec::new(),
        schedule: Schedule { opens_at: OPENS_AT, closes_at: OPENS_AT + 3_600, tolerance: 60 },
        quorum: Quorum { numerator: 0, denominator: 1 },
        issuance: None,
        trustees: Trustees::default(),
        interval: 1_000,
    }
}

fn options(labels: &[&str]) -> Vec<VoteOption> {
    let option = |label: &&str| VoteOption { label: (*label).to_owned(), details: None, cost: 0 };
    labels.iter().map(option).collect()
}

/// One question, one choice or none.
pub fn single_choice_definition(labels: &[&str], revote: Revote) -> Definition {
    let rule = Rule::SingleChoice(SingleChoice {
        blank: Blank::Allowed,
        ties: vec![TieBreak::ListedOrder],
    });
    definition(options(labels), rule, revote)
}

/// One question, between `min` and `max` choices, two winners.
pub fn approval_definition(labels: &[&str], min: u64, max: u64, revote: Revote) -> Definition {
    let rule = Rule::Approval(Approval { min, max, winners: 2, ties: vec![TieBreak::ListedOrder] });
    definition(options(labels), rule, revote)
}
