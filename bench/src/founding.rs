//! The texts of the benchmark's city: genesis, roll, poll.

use veche_protocol::blind_rsa::ModulusBits;
use veche_protocol::count::{Blank, Rule, SingleChoice};
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::name::LogPath;
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
};
use veche_protocol::register::{CommissionKeys, Genesis, Officer, OfficerList, Role};
use veche_protocol::roll::{District, RollHeader};
use veche_protocol::signature::{Key, SigningKey};

/// Domain of the city.
pub const DOMAIN: &str = "bench.example.org";
/// When the poll opens, in seconds since 1970.
pub const OPENS_AT: u64 = 1_800_000_000;
/// When it closes.
pub const CLOSES_AT: u64 = OPENS_AT + 86_400;
/// What voters choose from.
pub const OPTIONS: [&str; 3] = ["oaks", "limes", "nothing"];
/// Who keep the roll.
pub const REGISTRARS: [&str; 2] = ["registrar", "inspector"];
/// Who hold the poll.
pub const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
/// Who hold shares of the key of sealed ballots; two suffice.
pub const TRUSTEES: [&str; 3] = ["trustee-1", "trustee-2", "trustee-3"];
/// Trustees who must lay their shares open.
pub const THRESHOLD: u8 = 2;
/// The one district of the roll.
pub const DISTRICT: &str = "all";
/// Between two appends of ballots of a poll that is anonymous, in milliseconds: the shortest.
pub const INTERVAL: u64 = 100;
/// The commission, of which two suffice.
const COMMISSION: [&str; 3] = ["member-1", "member-2", "member-3"];

/// The key that belongs to this name, in every run.
pub fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(sha256(name.as_bytes()).as_bytes())
}

/// The roll of voters.
pub fn roll() -> LogPath {
    LogPath::Roll("residents".to_owned())
}

/// The poll.
pub fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

/// The register's first entry.
pub fn genesis() -> Vec<u8> {
    let mut keys: Vec<Key> = COMMISSION.map(|name| key(name).key()).into();
    keys.sort_unstable();
    let payload = Payload::Genesis(Genesis {
        domain: DOMAIN.to_owned(),
        city: "Benchmark".to_owned(),
        log_key: key("log").key(),
        commission: CommissionKeys { threshold: 2, keys },
        officers: officers(),
    });
    let origin = LogPath::Register.origin(DOMAIN);
    let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
    let [one, two, three] = COMMISSION.map(key);
    SignedEntry::sign(&payload, &binding, &[&one, &two, &three, &key("log")]).into_bytes()
}

fn officers() -> OfficerList {
    let [registrar, inspector] = REGISTRARS;
    let [one, two] = OFFICERS;
    let roles = [
        (registrar, Role::Registrar),
        (inspector, Role::Inspector),
        (one, Role::PollOfficer),
        (two, Role::PollOfficer),
    ];
    let mut officers = roles.map(|(name, role)| Officer {
        key: key(name).key(),
        label: name.to_owned(),
        roles: vec![role],
    });
    officers.sort_by_key(|officer| officer.key);
    OfficerList(officers.into())
}

/// The header of the roll: one district.
pub fn roll_header() -> RollHeader {
    RollHeader {
        title: "Residents".to_owned(),
        districts: vec![District { code: DISTRICT.to_owned(), label: "All".to_owned() }],
        since: OPENS_AT - 86_400,
        until: CLOSES_AT + 86_400,
    }
}

/// The poll: one question, one choice, the first ballot counts.
pub fn definition(roll: String) -> Definition {
    let option = |label: &str| VoteOption { label: label.to_owned(), details: None, cost: 0 };
    Definition {
        title: "The park".to_owned(),
        details: None,
        questions: vec![Question {
            title: "What to plant?".to_owned(),
            details: None,
            options: OPTIONS.map(option).into(),
            rule: Rule::SingleChoice(SingleChoice { blank: Blank::Refused, ties: Vec::new() }),
            conditions: Vec::new(),
        }],
        identity: Identity::Named,
        secrecy: Secrecy::Open,
        revote: Revote::First,
        rolls: vec![roll],
        districts: Vec::new(),
        schedule: Schedule { opens_at: OPENS_AT, closes_at: CLOSES_AT, tolerance: 60 },
        quorum: Quorum { numerator: 0, denominator: 1 },
        issuance: None,
        trustees: Trustees::default(),
        interval: 1_000,
    }
}

/// Names of so many issuers, in the order of their keys.
pub fn issuers(count: usize) -> Vec<String> {
    let mut names: Vec<_> = (1..=count).map(|number| format!("issuer-{number}")).collect();
    names.sort_by_key(|name| key(name).key());
    names
}

/// Names of the trustees, in the order of their keys.
pub fn trustees() -> Vec<&'static str> {
    let mut names = TRUSTEES.to_vec();
    names.sort_by_key(|name| key(name).key());
    names
}

/// The same poll, anonymous and sealed.
pub fn anonymous_sealed(roll: String, bits: ModulusBits, issuers: &[String]) -> Definition {
    let authority = |name: &str| Authority { key: key(name).key(), label: name.to_owned() };
    Definition {
        identity: Identity::Anonymous,
        secrecy: Secrecy::Sealed,
        issuance: Some(Issuance {
            bits,
            issuing: Issuing::UntilClose,
            issuers: issuers.iter().map(|name| authority(name)).collect(),
        }),
        trustees: Trustees {
            threshold: THRESHOLD,
            members: trustees().into_iter().map(authority).collect(),
        },
        interval: INTERVAL,
        ..definition(roll)
    }
}
