//! Anchors: the register's record of where the other logs stand.

use std::sync::Arc;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::register::{AnchoredHead, Anchors, LogAnnouncement, MAX_ANCHORED_HEADS};

use crate::city::City;
use crate::error::Refusal;

use super::Sequencer;
use super::step::{Landed, Staged};

/// Bytes that the register's checkpoint takes in an anchors entry at most: text and log's line of
/// 1,000 bytes and a hundred cosignatures of 150, or four post-quantum ones of 3,600.
const CHECKPOINT_BYTES: usize = 16_000;

/// Bytes that the heads of one anchors entry take at most. With the register's checkpoint, payload
/// head and signature (less than 500 bytes) they stay below the 65,535 of an entry.
const HEADS_BYTES: usize = 49_000;

/// Bytes of a head beside its origin: array, two lengths, size, root.
const HEAD_BYTES: usize = 1 + 3 + 9 + 34;

/// What one step adds to the register.
pub(super) struct RegisterPart {
    /// The register as it is afterwards.
    pub(super) fold: RegisterFold,
    pub(super) entries: Vec<Vec<u8>>,
    anchors: usize,
}

impl RegisterPart {
    /// The register with nothing added yet.
    pub(super) fn new(city: &City) -> Self {
        let fold = city.register.fold().as_ref().clone();
        Self { fold, entries: Vec::new(), anchors: 0 }
    }
}

/// What must be anchored with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchoring {
    /// Nothing now; the timer will see to it.
    Later,
    /// What has moved, this step included.
    Now,
}

impl Sequencer {
    /// Remembers that something has moved.
    pub(super) fn note_moved(&mut self) {
        let due = self.shared.clock.monotonic() + self.shared.settings.anchor_interval;
        self.anchor_due.get_or_insert(due);
    }

    pub(super) fn anchor_if_due(&mut self) {
        let now = self.shared.clock.monotonic();
        if self.anchor_due.is_none_or(|due| due > now) || self.shared.check_ready().is_err() {
            return;
        }
        if let Err(refusal) = self.anchor() {
            tracing::warn!(%refusal, "what has moved is not anchored yet");
            self.anchor_due = Some(now + self.shared.settings.anchor_interval);
        }
    }

    /// Anchors what has moved since it was last anchored.
    pub(super) fn anchor(&mut self) -> Result<(), Refusal> {
        let city = self.shared.city();
        let mut part = RegisterPart::new(&city);
        self.add_anchors(&city, &mut part, &[])?;
        if part.entries.is_empty() {
            self.anchor_due = None;
            return Ok(());
        }
        let staged = self.stage(&city.register.log, core::mem::take(&mut part.entries));
        let landed = self.land(vec![staged], Vec::new())?;
        self.settle_register(&city, part, &landed[0]);
        Ok(())
    }

    /// Takes an entry into the register of a step, if the law allows it.
    pub(super) fn add_to_register(
        &self,
        city: &City,
        part: &mut RegisterPart,
        entry: SignedEntry,
    ) -> Result<(), Refusal> {
        let log = &city.register.log;
        let size = self.size(log);
        let index = size + part.entries.len() as u64;
        let mut failed = None;
        let root_at = |wanted| match self.shared.reader.root_at(log.id, wanted) {
            _ if wanted > size => None,
            Ok(root) => Some(root),
            Err(error) => {
                failed = Some(error);
                None
            }
        };
        let verdict = part.fold.admit(&entry, index, root_at);
        if let Some(error) = failed {
            self.shared.note_error(&error);
            return Err(Refusal::StorageFailed);
        }
        verdict?;
        part.entries.push(entry.into_bytes());
        Ok(())
    }

    /// Announces a new log with its first entry.
    pub(super) fn announce_log(
        &self,
        city: &City,
        part: &mut RegisterPart,
        first: &Staged,
    ) -> Result<(), Refusal> {
        // REG-11: in the same step as the log's entry 0.
        let announcement =
            LogAnnouncement { origin: first.log().origin.clone(), first: first.edge().root() };
        let entry = self.sign_as_operator(&part.fold, &Payload::Log(announcement));
        self.add_to_register(city, part, entry)
    }

    /// Adds the anchors entries that are needed once `staged` is stored.
    pub(super) fn add_anchors(
        &self,
        city: &City,
        part: &mut RegisterPart,
        staged: &[Staged],
    ) -> Result<(), Refusal> {
        let heads = self.heads_to_anchor(city, &part.fold, staged);
        for heads in in_entries(heads) {
            // REG-9: null in the first anchors entry, and the head signed last in all others.
            let own = part.fold.has_anchors();
            let register_checkpoint = own.then(|| self.register_checkpoint(city));
            let anchors = Payload::Anchors(Anchors { heads, register_checkpoint });
            let entry = self.sign_as_operator(&part.fold, &anchors);
            self.add_to_register(city, part, entry)?;
            part.anchors += 1;
        }
        Ok(())
    }

    /// The register's own head: the public one, with the witnesses' lines, where there is one.
    fn register_checkpoint(&self, city: &City) -> Vec<u8> {
        let public = self.shared.public().get(&LogPath::Register).map(|head| head.note.clone());
        let note = public.unwrap_or_else(|| city.register.log.head().note.clone());
        shortened(note).into_bytes()
    }

    /// Ascending by origin: the logs that have moved, or all after a governance entry.
    fn heads_to_anchor(
        &self,
        city: &City,
        fold: &RegisterFold,
        staged: &[Staged],
    ) -> Vec<AnchoredHead> {
        // REG-10: the heads are taken in the step in which the entry is appended.
        let stored = city.logs().skip(1).filter_map(|log| {
            let is_staged = staged.iter().any(|part| part.log().id == log.id);
            let edge = self.edges.get(&log.id).filter(|_| !is_staged)?;
            Some((log, edge))
        });
        let staged = staged.iter().map(|part| (part.log(), part.edge()));
        let must_all = fold.must_anchor_all();
        let mut heads: Vec<AnchoredHead> = stored
            .chain(staged)
            .filter(|(log, edge)| {
                let last = fold.anchors_of(&log.origin).last();
                must_all || last.is_none_or(|last| last.size != edge.size())
            })
            .map(|(log, edge)| AnchoredHead {
                origin: log.origin.clone(),
                size: edge.size(),
                root: edge.root(),
            })
            .collect();
        heads.sort_unstable_by(|one, other| one.origin.cmp(&other.origin));
        heads
    }

    fn sign_as_operator(&self, fold: &RegisterFold, payload: &Payload) -> SignedEntry {
        SignedEntry::sign(payload, &fold.operator_binding(), &[&self.shared.key])
    }

    /// Lets everyone see what a step has added to the register.
    pub(super) fn settle_register(&mut self, city: &City, part: RegisterPart, landed: &Landed) {
        city.register.set_fold(Arc::new(part.fold));
        landed.publish();
        self.shared.metrics.count_anchors(part.anchors);
        if part.anchors > 0 {
            self.anchor_due = None;
        }
    }
}

/// A note without the last of its signature lines, as far as it is too long. The log's own line is
/// the first.
fn shortened(mut note: String) -> String {
    while note.len() > CHECKPOINT_BYTES
        && let Some(end) = note[..note.len() - 1].rfind('\n')
    {
        note.truncate(end + 1);
    }
    note
}

/// Divides heads into entries: at most as many as the law allows, and as fit.
fn in_entries(heads: Vec<AnchoredHead>) -> Vec<Vec<AnchoredHead>> {
    let mut entries: Vec<Vec<AnchoredHead>> = Vec::new();
    let mut room = 0;
    for head in heads {
        let length = HEAD_BYTES + head.origin.len();
        let last = entries.last_mut();
        if let Some(last) = last.filter(|last| last.len() < MAX_ANCHORED_HEADS && room >= length) {
            room -= length;
            last.push(head);
        } else {
            room = HEADS_BYTES - length;
            entries.push(vec![head]);
        }
    }
    entries
}

/// Entries that only the engine itself makes.
pub(crate) fn refuse_operator_entries(payload: &Payload) -> Result<(), Breach> {
    match payload {
        // REG-6: whoever else sends one has not signed it with the log key, or has stolen it.
        Payload::Log(_) | Payload::Anchors(_) => Err(Breach::NotSignedByLog),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;

    use super::*;

    fn head(origin: String) -> AnchoredHead {
        AnchoredHead { origin, size: u64::MAX, root: leaf_hash(b"") }
    }

    #[test]
    fn heads_are_divided_by_number_and_by_bytes() {
        let short: Vec<_> = (0..500).map(|n| head(format!("a.org/poll/{n}"))).collect();
        let lengths: Vec<_> = in_entries(short).iter().map(Vec::len).collect();
        assert_eq!(lengths, [218, 218, 64]);

        let long: Vec<_> = (0..500).map(|n| head(format!("{n:0>250}"))).collect();
        let entries = in_entries(long);
        assert_eq!(entries.iter().map(Vec::len).sum::<usize>(), 500);
        for heads in entries {
            let payload = Payload::Anchors(Anchors {
                heads,
                register_checkpoint: Some(vec![0; CHECKPOINT_BYTES]),
            });
            assert!(payload.encode().len() + 200 < 65_535);
        }
    }
}
