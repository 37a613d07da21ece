//! Step A2, the heads that a source shows: signed, witnessed, and of the right log.
//!
//! Not here: heads and receipts kept from earlier ([`super::exhibits`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::entries::LogRead;
use super::finding::{Findings, Step};
use super::source::{Source, fetch_checkpoint};
use crate::breach::Breach;
use crate::log::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::log::cosignature::Cosigned;
use crate::log::note::{Note, VerifierKey};
use crate::log::policy::Policy;
use crate::name::LogPath;
use crate::register::fold::RegisterFold;

/// A checkpoint as the source shows it, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownHead {
    is_there: bool,
    note: Result<Note, Breach>,
    checkpoint: Result<Checkpoint, Breach>,
}

impl ShownHead {
    /// Reads the checkpoint of a log. One that is not there cannot be read either.
    pub(super) fn fetch<S: Source>(source: &S, log: &LogPath) -> Result<Self, S::Error> {
        let bytes = fetch_checkpoint(source, log)?;
        let is_there = bytes.is_some();
        let note = Note::parse(&bytes.unwrap_or_default());
        let checkpoint = note.clone().and_then(|note| Checkpoint::parse(note.text()));
        Ok(Self { is_there, note, checkpoint })
    }

    /// Whether the source has a checkpoint of this log at all.
    pub(super) const fn is_there(&self) -> bool {
        self.is_there
    }

    /// What the head says, if it can be read: used for reading the log whether signed or not.
    pub(super) fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref().ok()
    }

    /// The note, if it can be read.
    pub(super) fn note(&self) -> Option<&Note> {
        self.note.as_ref().ok()
    }

    /// Verifies the head with the log's key; without one nobody can have signed.
    fn verify(&self, key: Option<&VerifierKey>, policy: Option<&Policy>) -> Result<(), Breach> {
        let note = self.note.as_ref().map_err(|breach| *breach)?;
        let checkpoint = self.checkpoint.as_ref().map_err(|breach| *breach)?;
        let Some(key) = key else { return Err(Breach::NoteUnsigned) };
        if checkpoint.origin != key.name() {
            return Err(Breach::CheckpointOrigin);
        }
        verify_signed(note, key, policy)
    }
}

/// The log's signature, and that no known witness's and no second one of the log's is false.
pub(super) fn verify_signed(
    note: &Note,
    key: &VerifierKey,
    policy: Option<&Policy>,
) -> Result<(), Breach> {
    // LOG-5: a known key's signature that fails condemns the note, whatever else it carries.
    if let Some(policy) = policy {
        policy.cosignatures(note)?;
        match note.verify(&policy.second_keys(key.name())) {
            // LOG-18: whether there has to be one is judged of the heads that are read.
            Ok(_) | Err(Breach::NoteUnsigned) => {}
            Err(breach) => return Err(breach),
        }
    }
    SignedCheckpoint::from_note(note.clone(), key).map(drop)
}

/// The cosignatures of the policy's witnesses on a note that passed [`verify_signed`].
pub(super) fn cosignatures(note: &Note, policy: &Policy) -> Vec<Cosigned> {
    policy.cosignatures(note).unwrap_or_default()
}

/// Whether a head must have been seen by the witnesses of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witnessing {
    /// The register's and the poll's.
    Asked,
    /// A roll's: pins and anchors hold it.
    NotAsked,
}

/// Judges the head of a log that was read; whether it is signed by the log.
pub(super) fn judge_head(
    shown: &ShownHead,
    path: &Arc<LogPath>,
    register: Option<&RegisterFold>,
    policy: Option<&Policy>,
    witnessing: Witnessing,
    findings: &mut Findings,
) -> bool {
    let key = register.map(|register| register.verifier_of(path));
    // AUDIT-4: signed by genesis' key, and witnessed as the policy asks.
    let verdict = shown.verify(key.as_ref(), policy);
    let policed = || match (policy.zip(shown.note()), witnessing) {
        (None, _) => Ok(()),
        // LOG-15: as many witnesses as the quorum says.
        (Some((policy, note)), Witnessing::Asked) => policy.check_quorum(note).map(drop),
        // LOG-18: a second signature is the log's own.
        (Some((policy, note)), Witnessing::NotAsked) => policy.check_second_signature(note),
    };
    if let Err(breach) = verdict.and_then(|()| policed()) {
        findings.add(Step::Heads, breach, path, None);
    }
    verdict.is_ok()
}

/// The roots that the register anchors for a log, against those that its entries give. `said` keeps
/// what is to be said once for a log.
pub(super) fn judge_anchors<S: Source>(
    log: &LogRead<'_, S>,
    register: &RegisterFold,
    said: &mut Said,
    findings: &mut Findings,
) -> Result<(), S::Error> {
    let origin = log.path.origin(&register.genesis().domain);
    for anchor in register.anchors_of(&origin).iter() {
        // AUDIT-5: the root at every anchored size is recomputed.
        if anchor.size > log.size {
            said.once(Breach::EntryMissing, &log.path, None, findings);
        } else if log.root_at(anchor.size)?.is_some_and(|root| root != anchor.root) {
            said.once(Breach::AnchorFork, &log.path, None, findings);
        }
    }
    Ok(())
}

/// What step A2 has said of the logs, so as not to say it again.
#[derive(Debug, Default)]
pub(super) struct Said(BTreeSet<(Arc<LogPath>, Breach, Option<u64>)>);

impl Said {
    /// Says that anchors, saved heads or receipts are not borne out by a log.
    pub(super) fn once(
        &mut self,
        breach: Breach,
        log: &Arc<LogPath>,
        index: Option<u64>,
        findings: &mut Findings,
    ) {
        // AUDIT-5: each code is one finding for a log; receipts each speak of an entry.
        if self.0.insert((Arc::clone(log), breach, index)) {
            findings.add(Step::Heads, breach, log, index);
        }
    }
}
