//! The beginning of a city: its genesis, drafted by the operator, signed by the whole commission
//! (spec/register.md, "Genesis").
//!
//! ```json
//! {"path":"register","entry":"<base64>"}
//! ```
//!
//! That is a draft on its way between operator and commission. Not here: files and keys on a disk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::register::{Genesis, Officer, Role};
use veche_protocol::signature::{Key, SigningKey};

/// Why there is no genesis.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum GenesisError {
    /// The law refuses it.
    #[error("the law refuses this genesis: {0}")]
    Breach(#[from] Breach),
    /// An officer is not written as one.
    #[error(
        "{0}: an officer is written KEY:LABEL:ROLE[,ROLE]..., a role is one of registrar, \
         inspector, poll-officer, moderator"
    )]
    Officer(String),
    /// A key is not written as one.
    #[error("{0}: a key is 64 hex digits of an Ed25519 key")]
    Key(String),
    /// A draft is not one.
    #[error("this is not a draft of a genesis: {0}")]
    Draft(String),
    /// Two drafts say different things.
    #[error("the drafts are of different geneses")]
    Different,
    /// A key that signs is not of the commission.
    #[error("the key {0} is not of the commission")]
    Stranger(Key),
    /// Not everybody has signed.
    #[error("signatures are missing: {}", list(.0))]
    Missing(Vec<Key>),
}

fn list(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A genesis on its way, with the signatures so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisDraft {
    genesis: Genesis,
    entry: SignedEntry,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFile {
    path: String,
    entry: String,
}

impl GenesisDraft {
    /// Drafts a genesis, signed by the log key. Commission and officers may come in any order.
    pub fn new(mut genesis: Genesis, log_key: &SigningKey) -> Result<Self, GenesisError> {
        genesis.log_key = log_key.key();
        genesis.commission.keys.sort_unstable();
        genesis.officers.0.sort_unstable_by_key(|officer| officer.key);
        let payload = Payload::Genesis(genesis);
        let origin = origin_of(&payload);
        let entry = SignedEntry::sign(&payload, &binding(&origin), &[log_key]);
        // Bounds and orders are the decoder's to judge.
        Self::decode(entry.into_bytes())
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, GenesisError> {
        let entry = SignedEntry::decode(LogPath::Register.log_type(), bytes)?;
        let Payload::Genesis(genesis) = entry.payload() else {
            return Err(Breach::GenesisMissing.into());
        };
        let genesis = genesis.clone();
        let origin = origin_of(entry.payload());
        entry.verify(&binding(&origin))?;
        if let Some(&stranger) = entry.signers().find(|key| !is_signer(&genesis, key)) {
            return Err(GenesisError::Stranger(stranger));
        }
        Ok(Self { genesis, entry })
    }

    /// Reads a draft from the text of its file.
    pub fn parse(text: &str) -> Result<Self, GenesisError> {
        let malformed = |reason: String| GenesisError::Draft(reason);
        let file: DraftFile =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        if file.path != LogPath::Register.to_string() {
            return Err(malformed(format!("it is meant for {}", file.path)));
        }
        let bytes = STANDARD.decode(&file.entry);
        Self::decode(bytes.map_err(|_| malformed("its entry is not base64".to_owned()))?)
    }

    /// The text of the draft's file.
    pub fn to_text(&self) -> String {
        let path = LogPath::Register.to_string();
        let file = DraftFile { path, entry: STANDARD.encode(self.entry.bytes()) };
        let mut text = serde_json::to_string(&file).expect("two texts are always written");
        text.push('\n');
        text
    }

    /// The same draft, signed by a member of the commission.
    pub fn signed_by(self, key: &SigningKey) -> Result<Self, GenesisError> {
        if !self.genesis.commission.keys.contains(&key.key()) {
            return Err(GenesisError::Stranger(key.key()));
        }
        let origin = origin_of(self.entry.payload());
        let signed = SignedEntry::sign(self.entry.payload(), &binding(&origin), &[key]);
        Ok(Self { entry: self.entry.with_signatures(signed.signatures()), ..self })
    }

    /// The same draft with the signatures of another.
    pub fn joined(self, other: &Self) -> Result<Self, GenesisError> {
        if self.genesis != other.genesis {
            return Err(GenesisError::Different);
        }
        Ok(Self { entry: self.entry.with_signatures(other.entry.signatures()), ..self })
    }

    /// What the genesis says.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Those who have not signed yet.
    pub fn missing(&self) -> Vec<Key> {
        let log_key = core::iter::once(&self.genesis.log_key);
        let all = self.genesis.commission.keys.iter().chain(log_key);
        all.filter(|key| !self.entry.signers().any(|signer| signer == *key)).copied().collect()
    }

    /// The entry, once everybody has signed.
    pub fn complete(self) -> Result<SignedEntry, GenesisError> {
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(GenesisError::Missing(missing));
        }
        // REG-1: judged once more as everybody will.
        RegisterFold::begin(&self.entry)?;
        Ok(self.entry)
    }
}

fn is_signer(genesis: &Genesis, key: &Key) -> bool {
    genesis.log_key == *key || genesis.commission.keys.contains(key)
}

fn origin_of(payload: &Payload) -> String {
    match payload {
        Payload::Genesis(genesis) => LogPath::Register.origin(&genesis.domain),
        _ => String::new(),
    }
}

/// ENTRY-12: nothing stands before genesis.
const fn binding(origin: &str) -> Binding<'_> {
    Binding { instance: Hash::ZERO, origin, under: Hash::ZERO }
}

/// Reads a public key from hex.
pub fn parse_key(text: &str) -> Result<Key, GenesisError> {
    let bytes = hex::decode(text).map_err(|_| GenesisError::Key(text.to_owned()))?;
    Key::parse(&bytes).map_err(|_| GenesisError::Key(text.to_owned()))
}

/// Reads `KEY:LABEL:ROLE[,ROLE]...`; the label may hold colons.
pub fn parse_officer(text: &str) -> Result<Officer, GenesisError> {
    let malformed = || GenesisError::Officer(text.to_owned());
    let (key, rest) = text.split_once(':').ok_or_else(malformed)?;
    let (label, roles) = rest.rsplit_once(':').ok_or_else(malformed)?;
    let roles: Option<Vec<Role>> = roles.split(',').map(Role::from_name).collect();
    let mut roles = roles.ok_or_else(malformed)?;
    roles.sort_unstable();
    roles.dedup();
    Ok(Officer { key: parse_key(key)?, label: label.to_owned(), roles })
}

#[cfg(test)]
mod tests {
    use veche_protocol::register::{CommissionKeys, OfficerList};

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn draft() -> GenesisDraft {
        let officer = format!("{}:Officer: north:poll-officer,registrar", key(9).key());
        let genesis = Genesis {
            domain: "vote.example.org".to_owned(),
            city: "Example".to_owned(),
            log_key: key(1).key(),
            commission: CommissionKeys { threshold: 1, keys: vec![key(2).key(), key(3).key()] },
            officers: OfficerList(vec![parse_officer(&officer).unwrap()]),
        };
        GenesisDraft::new(genesis, &key(1)).unwrap()
    }

    #[test]
    fn a_draft_passes_from_hand_to_hand() {
        // REG-1: the whole commission and the log key sign.
        let operator = GenesisDraft::parse(&draft().to_text()).unwrap();
        let two = operator.clone().signed_by(&key(2)).unwrap();
        let three = GenesisDraft::parse(&operator.signed_by(&key(3)).unwrap().to_text()).unwrap();
        assert_eq!(two.missing(), [key(3).key()]);
        let error = two.clone().complete().unwrap_err();
        assert_eq!(error, GenesisError::Missing(vec![key(3).key()]));
        let entry = two.joined(&three).unwrap().complete().unwrap();
        assert_eq!(RegisterFold::begin(&entry).unwrap().instance(), entry.leaf());
    }

    #[test]
    fn strangers_and_other_geneses_do_not_join() {
        let stranger = draft().signed_by(&key(9)).unwrap_err();
        assert_eq!(stranger, GenesisError::Stranger(key(9).key()));
        let other = Genesis { city: "Another".to_owned(), ..draft().genesis };
        let other = GenesisDraft::new(other, &key(1)).unwrap();
        assert_eq!(draft().joined(&other).unwrap_err(), GenesisError::Different);
    }

    #[test]
    fn what_the_law_refuses_is_no_draft() {
        let Genesis { commission, .. } = draft().genesis;
        let commission = CommissionKeys { threshold: 3, ..commission };
        let genesis = Genesis { commission, ..draft().genesis };
        let refused = GenesisDraft::new(genesis, &key(1)).unwrap_err();
        assert_eq!(refused, GenesisError::Breach(Breach::EntryFields));
        for text in ["", "{}", r#"{"path":"poll/a","entry":""}"#] {
            assert!(matches!(GenesisDraft::parse(text), Err(GenesisError::Draft(_))), "{text}");
        }
    }

    #[test]
    fn officers_are_written_on_one_line() {
        let text = format!("{}:Registrar: south:registrar,inspector", key(4).key());
        let officer = parse_officer(&text).unwrap();
        assert_eq!(officer.label, "Registrar: south");
        assert_eq!(officer.roles, [Role::Registrar, Role::Inspector]);
        for text in ["", "a:b", "a:b:mayor", &text.replace("registrar", "king")] {
            assert!(parse_officer(text).is_err(), "{text}");
        }
    }
}
