//! A city on paper: all its logs in memory, every entry made by hand with keys that are the same
//! in every run. Honest by default; a test that wants a crime takes the entry before it is logged,
//! or logs what no server would.
//!
//! Not here: any judging. What the logs add up to is for the folds and the auditor to say.

mod acts;
mod draws;
mod issuers;
mod log;
mod taken_over;
mod trustees;

use std::collections::BTreeMap;

use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::ml_dsa;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Seen};
use veche_protocol::register::{
    AnchoredHead, Anchors, CommissionKeys, Genesis, LogAnnouncement, Officer, OfficerList, Role,
};
use veche_protocol::signature::{Key, SigningKey};

pub use acts::{Voter, approval_definition, single_choice_definition};
pub use draws::Draws;
pub use issuers::{Wallet, authorities, by_key, credential_message, issuance, issuer_secret};
pub use log::PaperLog;
pub use trustees::{Ceremony, trustee};

/// The domain of every city on paper, unless a test names another.
pub const DOMAIN: &str = "vote.example.org";

/// The key that belongs to this name, in every run.
pub fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(sha256(name.as_bytes()).as_bytes())
}

/// The key of ML-DSA-44 that belongs to this name, in every run.
pub fn ml_dsa_key(name: &str) -> ml_dsa::SigningKey {
    ml_dsa::SigningKey::from_seed(&Draws::of(&format!("{name} by ML-DSA-44")).bytes())
}

/// A city with its logs.
#[derive(Clone, Debug)]
pub struct City {
    /// The domain.
    pub domain: String,
    /// Leaf hash of genesis.
    pub instance: Hash,
    /// The key that signs the heads.
    pub log_key: SigningKey,
    /// Every log by its path.
    pub logs: BTreeMap<LogPath, PaperLog>,
    governance: Hash,
    anchored: bool,
}

impl City {
    /// A city of this domain with a commission of three (two suffice) and six officers:
    /// `registrar`, `inspector`, `officer-1`, `officer-2`, `officer-3`, `moderator`.
    pub fn found(domain: &str) -> Self {
        let log_key = key(&format!("{domain} log"));
        let commission = CommissionKeys { threshold: 2, keys: sorted(&COMMISSION.map(key)) };
        let genesis = Payload::Genesis(Genesis {
            domain: domain.to_owned(),
            city: "Paper City".to_owned(),
            log_key: log_key.key(),
            commission,
            officers: officers(&OFFICERS),
        });
        let origin = LogPath::Register.origin(domain);
        let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
        let [a, b, c] = COMMISSION.map(key);
        let entry = SignedEntry::sign(&genesis, &binding, &[&a, &b, &c, &log_key]);
        let mut city = Self {
            domain: domain.to_owned(),
            instance: entry.leaf(),
            governance: entry.leaf(),
            log_key,
            logs: BTreeMap::new(),
            anchored: false,
        };
        city.log(&LogPath::Register, &entry);
        city
    }

    /// Puts an entry at the end of a log, whatever it is.
    pub fn log(&mut self, path: &LogPath, entry: &SignedEntry) -> u64 {
        self.log_bytes(path, entry.bytes().to_vec())
    }

    /// Puts bytes at the end of a log, whatever they are.
    pub fn log_bytes(&mut self, path: &LogPath, bytes: Vec<u8>) -> u64 {
        let origin = path.origin(&self.domain);
        self.logs.entry(path.clone()).or_insert_with(|| PaperLog::new(origin)).push(bytes)
    }

    /// The log at a path.
    pub fn at(&self, path: &LogPath) -> &PaperLog {
        &self.logs[path]
    }

    /// The head of a log that may not exist yet.
    pub fn head(&self, path: &LogPath) -> Head {
        self.logs.get(path).map_or_else(|| PaperLog::new(String::new()).head(), PaperLog::head)
    }

    /// What officers see who look at a poll now.
    pub fn seen(&self, path: &LogPath) -> Seen {
        Seen { own: self.head(path), register: self.head(&LogPath::Register) }
    }

    /// Signs a payload for a log of this city, under the entry with this leaf hash.
    pub fn sign(&self, path: &LogPath, under: Hash, payload: &Payload, by: &[&str]) -> SignedEntry {
        let keys: Vec<_> = by.iter().map(|name| key(name)).collect();
        self.sign_with(path, under, payload, &keys.iter().collect::<Vec<_>>())
    }

    /// The same with keys at hand.
    pub fn sign_with(
        &self,
        path: &LogPath,
        under: Hash,
        payload: &Payload,
        keys: &[&SigningKey],
    ) -> SignedEntry {
        let origin = path.origin(&self.domain);
        let binding = Binding { instance: self.instance, origin: &origin, under };
        SignedEntry::sign(payload, &binding, keys)
    }

    /// Replaces the officers, by two of the commission.
    pub fn appoint(&mut self, list: &[(&str, &[Role])]) -> u64 {
        let payload = Payload::Officers(officers(list));
        let register = LogPath::Register;
        let entry = self.sign(&register, self.governance, &payload, &COMMISSION[..2]);
        self.governance = entry.leaf();
        self.log(&register, &entry)
    }

    /// The entry by which the commission hands over to the same people with a threshold of three.
    pub fn hand_over(&self) -> SignedEntry {
        let keys = sorted(&COMMISSION.map(key));
        let payload = Payload::Commission(CommissionKeys { threshold: 3, keys });
        self.sign(&LogPath::Register, self.governance, &payload, &COMMISSION)
    }

    /// Leaf hash of the last entry on officers or commission.
    pub const fn governance(&self) -> Hash {
        self.governance
    }

    /// An entry that the operator signs for the register.
    pub fn operator_entry(&self, payload: &Payload) -> SignedEntry {
        self.sign_with(&LogPath::Register, self.instance, payload, &[&self.log_key])
    }

    /// The register's word that a log begins as it does.
    pub fn announce_log(&mut self, path: &LogPath) -> u64 {
        let first = self.at(path).leaf(0);
        let origin = path.origin(&self.domain);
        let entry = self.operator_entry(&Payload::Log(LogAnnouncement { origin, first }));
        self.log(&LogPath::Register, &entry)
    }

    /// Anchors every log but the register at its present head.
    pub fn anchor(&mut self) -> u64 {
        let anchors = self.anchors();
        self.log_anchors(anchors)
    }

    /// Logs these anchors, whatever they say.
    pub fn log_anchors(&mut self, anchors: Anchors) -> u64 {
        let entry = self.operator_entry(&Payload::Anchors(anchors));
        self.anchored = true;
        self.log(&LogPath::Register, &entry)
    }

    /// What [`City::anchor`] would log.
    pub fn anchors(&self) -> Anchors {
        let mut heads: Vec<_> = self
            .logs
            .iter()
            .filter(|(path, _)| **path != LogPath::Register)
            .map(|(path, log)| {
                let Head { size, root } = log.head();
                AnchoredHead { origin: path.origin(&self.domain), size, root }
            })
            .collect();
        heads.sort_by(|left, right| left.origin.cmp(&right.origin));
        let checkpoint = self.at(&LogPath::Register).checkpoint(&self.log_key);
        Anchors { heads, register_checkpoint: self.anchored.then_some(checkpoint) }
    }

    /// The key that verifies the heads of a log.
    pub fn verifier(&self, path: &LogPath) -> VerifierKey {
        VerifierKey::ed25519(&path.origin(&self.domain), self.log_key.key())
            .expect("origins of a city are names of keys")
    }

    /// Every public file of the city, by its path below the base URL.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let logs = self.logs.iter();
        logs.flat_map(|(path, log)| log.files(&path.to_string(), &self.log_key)).collect()
    }
}

/// The members of every commission on paper.
pub const COMMISSION: [&str; 3] = ["commission-1", "commission-2", "commission-3"];

/// The officers of every city on paper.
pub const OFFICERS: [(&str, &[Role]); 6] = [
    ("registrar", &[Role::Registrar]),
    ("inspector", &[Role::Inspector]),
    ("officer-1", &[Role::PollOfficer]),
    ("officer-2", &[Role::PollOfficer]),
    ("officer-3", &[Role::PollOfficer]),
    ("moderator", &[Role::Moderator]),
];

/// A list of officers by the names of their keys.
pub fn officers(list: &[(&str, &[Role])]) -> OfficerList {
    let mut officers: Vec<_> = list
        .iter()
        .map(|(name, roles)| Officer {
            key: key(name).key(),
            label: (*name).to_owned(),
            roles: roles.to_vec(),
        })
        .collect();
    officers.sort_by_key(|officer| officer.key.0);
    OfficerList(officers)
}

fn sorted(keys: &[SigningKey]) -> Vec<Key> {
    let mut keys: Vec<_> = keys.iter().map(SigningKey::key).collect();
    keys.sort_by_key(|key| key.0);
    keys
}
