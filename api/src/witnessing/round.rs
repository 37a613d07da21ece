//! A round: the heads of all logs at one moment, the lines that witnesses add to them, and whether
//! these are enough.
//!
//! Not here: asking the witnesses ([`super::worker`]).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use veche_engine::RoundHead;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{Note, NoteSignature, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Head;

use super::second_key::SecondKey;

/// What the witnesses have said of one head of a log.
#[derive(Clone, Debug, Default)]
struct Heard {
    size: u64,
    /// That of the log's second key.
    second: Option<NoteSignature>,
    /// By the place of the witness: its line, and when it came.
    lines: BTreeMap<usize, (NoteSignature, Instant)>,
}

/// The lines of the witnesses on the last heads that they were asked about.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<LogPath, Heard>);

impl Lines {
    /// Keeps a line, if it is for the head of the log that was asked about last.
    pub(super) fn add(&mut self, path: &LogPath, size: u64, witness: usize, line: NoteSignature) {
        if let Some(heard) = self.0.get_mut(path).filter(|heard| heard.size == size) {
            heard.lines.insert(witness, (line, Instant::now()));
        }
    }

    /// Drops what was said of other heads than these, and signs them with the second key.
    pub(super) fn begin(&mut self, heads: &[RoundHead], second: Option<&SecondKey>) {
        for RoundHead { path, head, verifier, .. } in heads {
            let heard = self.0.entry(path.clone()).or_default();
            if heard.size != head.size {
                let Head { size, root } = head.head();
                let origin = verifier.name().to_owned();
                let line = second.map(|key| key.sign(&Checkpoint { origin, size, root }));
                *heard = Heard { size, second: line, lines: BTreeMap::new() };
            }
        }
    }

    /// Whether a witness is to be asked about a head: it has not cosigned it, or so long ago that
    /// its time says little.
    pub(super) fn is_wanted(&self, path: &LogPath, witness: usize, refresh: Duration) -> bool {
        let line = self.0.get(path).and_then(|heard| heard.lines.get(&witness));
        // PUBLISH-7: the time of a head at rest is renewed.
        is_witnessed(path) && line.is_none_or(|(_, since)| since.elapsed() >= refresh)
    }

    /// Whether the witnesses that have cosigned this log's head are a quorum.
    pub(super) fn is_quorum(
        &self,
        path: &LogPath,
        policy: &Policy,
        witnesses: &[VerifierKey],
    ) -> bool {
        let lines = self.0.get(path).map(|heard| &heard.lines);
        let has_witnessed = |key: &VerifierKey| {
            let mut places = lines.into_iter().flat_map(BTreeMap::keys);
            places.any(|&place| witnesses[place] == *key)
        };
        // LOG-15: as many as the policy's quorum says.
        !is_witnessed(path) || policy.is_quorum(has_witnessed)
    }

    /// The checkpoint of a head with the lines that it has.
    pub(super) fn note(&self, head: &RoundHead) -> String {
        let said = self.0.get(&head.path).filter(|said| said.size == head.head.size);
        let mut note = Note::parse(head.head.note.as_bytes()).expect("the engine's own head");
        let lines = said.iter().flat_map(|said| said.lines.values().map(|(line, _)| line));
        for line in said.iter().filter_map(|said| said.second.as_ref()).chain(lines) {
            // What finds no room on the note is left out: a hundred lines are more than any quorum.
            let _full = note.add_signature(line.clone());
        }
        note.to_string()
    }

    /// The number of witnesses that have cosigned the head of a log.
    pub(super) fn count(&self, path: &LogPath) -> usize {
        self.0.get(path).map_or(0, |heard| heard.lines.len())
    }
}

/// Whether witnesses cosign the heads of this log: rolls are held by pins and anchors.
pub(super) fn is_witnessed(path: &LogPath) -> bool {
    !matches!(path, LogPath::Roll(_))
}
