//! Drafts: entries that one person has signed and that wait for the signatures of others.
//!
//! A draft is kept beside the logs, under the hash of the message that its signers sign, so two
//! people who sign the same act meet in one draft. It has no effect whatever until enough have
//! signed; then it is submitted like any entry. Not here: judging entries (the folds do), and who
//! merges and writes drafts (the sequencer).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::sha256;
use veche_protocol::name::LogPath;
use veche_protocol::poll::fold::OFFICERS_PER_ACT;
use veche_protocol::register::Role;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::signature::{Key, Signature};

use crate::store::{MetaWrite, Store, StoreError};

/// Before the id in the key of a stored draft.
const PREFIX: &[u8] = b"draft/";

/// The first byte of a stored draft.
const VERSION: u8 = 1;

/// An entry that waits for further signatures.
#[derive(Clone, Debug)]
pub struct Draft {
    /// SHA-256 of the message that is signed, in hex.
    pub id: String,
    /// The log in which the entry is to stand.
    pub path: LogPath,
    /// When it was proposed first, in seconds since 1970.
    pub created: u64,
    /// The entry with the signatures so far.
    pub entry: SignedEntry,
}

impl Draft {
    /// The record by which the draft is kept: version, time, length of the path, path, entry.
    pub(crate) fn record(&self) -> MetaWrite {
        let path = self.path.to_string();
        let length = u8::try_from(path.len()).expect("a path is shorter than 70 bytes");
        let mut value = vec![VERSION];
        value.extend_from_slice(&self.created.to_be_bytes());
        value.push(length);
        value.extend_from_slice(path.as_bytes());
        value.extend_from_slice(self.entry.bytes());
        MetaWrite { key: key_of(&self.id), value: Some(value) }
    }

    fn parse(id: &str, value: &[u8]) -> Option<Self> {
        let (&version, rest) = value.split_first()?;
        let (created, rest) = rest.split_first_chunk::<8>()?;
        let (&length, rest) = rest.split_first()?;
        let (path, entry) = rest.split_at_checked(usize::from(length))?;
        let path = LogPath::parse(core::str::from_utf8(path).ok()?)?;
        let entry = SignedEntry::decode(path.log_type(), entry.to_vec()).ok()?;
        let created = u64::from_be_bytes(*created);
        (version == VERSION).then(|| Self { id: id.to_owned(), path, created, entry })
    }
}

fn key_of(id: &str) -> Vec<u8> {
    [PREFIX, id.as_bytes()].concat()
}

/// The record that removes a draft.
pub(crate) fn removal(id: &str) -> MetaWrite {
    MetaWrite { key: key_of(id), value: None }
}

/// The drafts that wait, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafts(BTreeMap<String, Arc<Draft>>);

impl Drafts {
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut drafts = BTreeMap::new();
        let mut unreadable = None;
        store.scan_meta(PREFIX, &mut |key, value| {
            let id = core::str::from_utf8(&key[PREFIX.len()..]).unwrap_or_default();
            if let Some(draft) = Draft::parse(id, value) {
                drafts.insert(id.to_owned(), Arc::new(draft));
                return ControlFlow::Continue(());
            }
            unreadable = Some(StoreError::Corrupt(format!("draft {id} is unreadable")));
            ControlFlow::Break(())
        })?;
        unreadable.map_or(Ok(Self(drafts)), Err)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Draft>> {
        self.0.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Draft>> {
        self.0.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn insert(&mut self, draft: Arc<Draft>) {
        self.0.insert(draft.id.clone(), draft);
    }

    pub(crate) fn remove_all(&mut self, ids: &[String]) {
        self.0.retain(|id, _| !ids.contains(id));
    }

    /// The drafts of what has just been recorded, whoever signed it in the end.
    pub(crate) fn of_entry(&self, path: &LogPath, entry: &SignedEntry) -> Vec<String> {
        let same = |draft: &&Arc<Draft>| {
            draft.path == *path && draft.entry.payload_bytes() == entry.payload_bytes()
        };
        self.all().filter(same).map(|draft| draft.id.clone()).collect()
    }

    /// The drafts proposed before `time`.
    pub(crate) fn older_than(&self, time: u64) -> Vec<String> {
        self.all().filter(|draft| draft.created < time).map(|draft| draft.id.clone()).collect()
    }
}

/// The id of a draft: what is signed, whoever signs.
pub(crate) fn draft_id(binding: &Binding<'_>, entry: &SignedEntry) -> String {
    sha256(&binding.message(entry.payload_bytes())).to_string()
}

/// Checks that everyone who has signed so far may sign this kind of act now.
pub(crate) fn check_signers(register: &RegisterFold, entry: &SignedEntry) -> Result<(), Breach> {
    entry.signers().try_for_each(|key| check_signer(register, entry.payload(), key))
}

/// The signatures of those who may still sign this kind of act: an officer who was dismissed after
/// signing would make an entry of the draft that is refused whoever else signs it.
pub(crate) fn signatures_in_force(
    register: &RegisterFold,
    entry: &SignedEntry,
) -> Vec<(Key, Signature)> {
    let in_force = |key| check_signer(register, entry.payload(), key).is_ok();
    entry.signatures().iter().filter(|(key, _)| in_force(key)).copied().collect()
}

fn check_signer(register: &RegisterFold, payload: &Payload, key: &Key) -> Result<(), Breach> {
    let member = |key| register.commission().keys.contains(key);
    let roles: &[Role] = match payload {
        Payload::Officers(_) if member(key) => return Ok(()),
        Payload::Commission(next) if member(key) || next.keys.contains(key) => return Ok(()),
        Payload::Officers(_) | Payload::Commission(_) => return Err(Breach::CommissionQuorum),
        Payload::Roll(_) | Payload::Enrol(_) | Payload::Revoke(_) => {
            &[Role::Registrar, Role::Inspector]
        }
        Payload::Announce(_)
        | Payload::Begin(_)
        | Payload::Open(_)
        | Payload::Close(_)
        | Payload::Certify(_)
        | Payload::Cancel(_)
        | Payload::Exclude(_) => &[Role::PollOfficer],
        // What one alone signs, be it the log's key or a voter, waits for nobody.
        _ => return Err(Breach::EntryUnknownKind),
    };
    let officer = register.officers().find(key).ok_or(Breach::OfficerUnknown)?;
    let held = officer.roles.iter().any(|role| roles.contains(role));
    if held { Ok(()) } else { Err(Breach::OfficerRole) }
}

/// How many more must sign, at least.
pub(crate) fn missing_signers(register: &RegisterFold, entry: &SignedEntry) -> usize {
    let signed = |key: &Key| entry.signers().any(|signer| signer == key);
    let commission = register.commission();
    let members = commission.keys.iter().filter(|key| signed(key)).count();
    let members_missing = usize::from(commission.threshold).saturating_sub(members);
    match entry.payload() {
        Payload::Officers(_) => members_missing,
        Payload::Commission(next) => {
            let new = next.keys.iter().filter(|key| !commission.keys.contains(key));
            members_missing + new.filter(|key| !signed(key)).count()
        }
        _ => OFFICERS_PER_ACT.saturating_sub(signatures_in_force(register, entry).len()),
    }
}
