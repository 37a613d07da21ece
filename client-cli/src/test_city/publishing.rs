//! What the city in memory publishes: heads that lag behind what it promises, and witnesses that
//! cosign them.

use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, NoteSignature, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use super::{LOG, TestCity, key};

/// Keys of the city's witnesses.
pub(crate) const WITNESSES: [u8; 2] = [60, 61];

/// When they see what they cosign, in seconds since 1970.
const SEEN_AT: u64 = 2_500;

fn name(witness: u8) -> String {
    format!("w{witness}.example.org")
}

fn verifier(witness: u8) -> VerifierKey {
    VerifierKey::cosignature(&name(witness), key(witness).key()).unwrap()
}

/// A policy that knows both witnesses, with their addresses, and asks for so many.
pub(crate) fn policy(quorum: u8) -> String {
    let witnesses = WITNESSES.map(|witness| {
        format!("witness w{witness} {} https://{}/\n", verifier(witness), name(witness))
    });
    format!("{}group all {quorum} w60 w61\nquorum all\n", witnesses.concat())
}

pub(crate) fn read_policy(quorum: u8) -> Policy {
    Policy::parse(policy(quorum).as_bytes()).unwrap()
}

impl TestCity {
    /// From now on the heads of all logs stay public as they are.
    pub(crate) fn hold_back(&self) {
        let logs = self.logs.borrow();
        let sizes = logs.iter().map(|(path, log)| (path.clone(), log.len() as u64));
        *self.public.borrow_mut() = sizes.collect();
    }

    /// The present heads become public, and those that come.
    pub(crate) fn publish(&self) {
        self.public.borrow_mut().clear();
    }

    /// Does something as the server does it, which knows more than it has published.
    pub(crate) fn inside<T>(&self, act: impl FnOnce() -> T) -> T {
        let public = self.public.take();
        let done = act();
        self.public.replace(public);
        done
    }

    /// From now on these witnesses cosign what is public of register and polls.
    pub(crate) fn witness_by(&self, witnesses: &[u8]) {
        *self.witnesses.borrow_mut() = witnesses.to_vec();
    }

    /// The public head of a log, as a note.
    pub(super) fn published(&self, log: &LogPath) -> Note {
        let size = self.public.borrow().get(log).copied();
        let size = size.map_or(usize::MAX, |size| size.try_into().unwrap());
        let mut note = self.head_at(log, size).sign(&key(LOG)).unwrap().into_note();
        if !matches!(log, LogPath::Roll(_)) {
            for &witness in self.witnesses.borrow().iter() {
                let line = cosignature::sign(note.text(), SEEN_AT, &key(witness), &name(witness));
                note.add_signature(line.unwrap()).unwrap();
            }
        }
        note
    }
}

/// A line under the name and key id of the first witness, which that one has not signed.
pub(crate) fn false_line(note: &Note) -> NoteSignature {
    let by_other = cosignature::sign(note.text(), SEEN_AT, &key(WITNESSES[1]), "any").unwrap();
    let id = verifier(WITNESSES[0]).id();
    NoteSignature::new(&name(WITNESSES[0]), id, by_other.blob().to_vec()).unwrap()
}
