//! Answers to submissions: where an entry stands, and the receipt that proves it (C2SP tlog-proof).
//!
//! A receipt is formatted when it is asked for, on the asker's thread: a group of entries shares
//! its proofs and its signed head, and the writer only hands out references. Not here: reading
//! receipts (the protocol's part).

use core::fmt;
use core::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use veche_protocol::hash::Hash;
use veche_protocol::log::receipt::HEADER;
use veche_protocol::name::LogPath;

use crate::city::{LogCell, PublishedHead};
use crate::error::{QueryError, Refusal};
use crate::tree::reader::TreeReader;
use crate::tree::{FreshProofs, LINE_LENGTH, push_line};

/// The entries of one log that were committed together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) log: Arc<LogCell>,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) leaves: Vec<Hash>,
    pub(crate) proofs: Arc<FreshProofs>,
    pub(crate) head: Arc<PublishedHead>,
}

/// An entry that stands in a log, durably, below a signed head.
#[derive(Clone)]
pub struct Recorded {
    index: u64,
    leaf: Hash,
    repeat: Repeat,
    source: Source,
}

/// Whether these bytes had been recorded before they were submitted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// They were recorded for this submission.
    No,
    /// They stood in the log already.
    Yes,
}

#[derive(Clone)]
enum Source {
    /// Just appended: everything is in memory.
    Fresh { group: Arc<Group>, place: usize },
    /// Appended some time ago: the proof is made from the store.
    Stored {
        log: Arc<LogCell>,
        head: Arc<PublishedHead>,
        entry: Arc<[u8]>,
        reader: Arc<TreeReader>,
    },
}

impl Recorded {
    /// The entry at this place of a group.
    pub(crate) fn fresh(group: &Arc<Group>, place: usize, repeat: Repeat) -> Self {
        let index = group.proofs.first() + place as u64;
        let leaf = group.leaves[place];
        let source = Source::Fresh { group: Arc::clone(group), place };
        Self { index, leaf, repeat, source }
    }

    /// An entry that has long been stored, with its bytes.
    pub(crate) fn stored(
        log: &Arc<LogCell>,
        index: u64,
        leaf: Hash,
        entry: &[u8],
        reader: &Arc<TreeReader>,
    ) -> Self {
        let source = Source::Stored {
            log: Arc::clone(log),
            head: log.head(),
            entry: entry.into(),
            reader: Arc::clone(reader),
        };
        Self { index, leaf, repeat: Repeat::Yes, source }
    }

    /// The same entry below another head of its log, which has to cover it.
    pub(crate) fn below(mut self, other: Arc<PublishedHead>) -> Self {
        debug_assert!(self.index < other.size, "the head covers the entry");
        if let Source::Stored { head, .. } = &mut self.source {
            *head = other;
        }
        self
    }

    fn log(&self) -> &LogCell {
        match &self.source {
            Source::Fresh { group, .. } => &group.log,
            Source::Stored { log, .. } => log,
        }
    }

    /// Path of the log.
    pub fn path(&self) -> &LogPath {
        &self.log().path
    }

    /// Index of the entry in the log.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Leaf hash of the entry.
    pub const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// Whether the bytes stood in the log before they were submitted now.
    pub const fn repeat(&self) -> Repeat {
        self.repeat
    }

    /// The signed head that covers the entry.
    pub fn head(&self) -> &PublishedHead {
        match &self.source {
            Source::Fresh { group, .. } => &group.head,
            Source::Stored { head, .. } => head,
        }
    }

    /// The entry.
    pub fn entry_bytes(&self) -> &[u8] {
        match &self.source {
            Source::Fresh { group, place } => &group.entries[*place],
            Source::Stored { entry, .. } => entry,
        }
    }

    /// The receipt: a C2SP tlog-proof with the entry in `extra`.
    pub fn receipt(&self) -> Result<String, QueryError> {
        let (index, entry, note) = (self.index, self.entry_bytes(), &self.head().note);
        Ok(match &self.source {
            Source::Fresh { group, .. } => {
                format_receipt(index, entry, |text| group.proofs.write_lines(index, text), note)
            }
            Source::Stored { log, head, reader, .. } => {
                let proof = reader.inclusion(log.id, index, head.size)?;
                let write = |text: &mut String| proof.iter().for_each(|hash| push_line(hash, text));
                format_receipt(index, entry, write, note)
            }
        })
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("path", &self.path().to_string())
            .field("index", &self.index)
            .field("repeat", &self.repeat)
            .finish_non_exhaustive()
    }
}

/// Room for the lines of a proof: a log of a million entries has proofs of 20 hashes.
const PROOF_ROOM: usize = 24 * LINE_LENGTH;

fn format_receipt(
    index: u64,
    entry: &[u8],
    write_proof: impl FnOnce(&mut String),
    note: &str,
) -> String {
    // RECEIPT-1: the header, `extra`, `index`, the hashes, an empty line, the checkpoint verbatim.
    let length = 64 + HEADER.len() + entry.len() * 4 / 3 + PROOF_ROOM + note.len();
    let mut text = String::with_capacity(length);
    text.push_str(HEADER);
    text.push_str("\nextra ");
    STANDARD.encode_string(entry, &mut text);
    writeln!(text, "\nindex {index}").expect("a string takes what fits memory");
    write_proof(&mut text);
    text.push('\n');
    text.push_str(note);
    text
}

/// What a submitter is called with.
type Callback = Box<dyn FnOnce(Result<Recorded, Refusal>) + Send>;

/// The one answer that a submission gets. Dropped without an answer, because a thread panicked on
/// it, it says that the outcome is not known: nobody waits in vain, or is told that an entry was
/// not taken which may be durable.
pub(crate) struct Reply(Option<Callback>);

impl Reply {
    pub(crate) fn new(callback: impl FnOnce(Result<Recorded, Refusal>) + Send + 'static) -> Self {
        Self(Some(Box::new(callback)))
    }

    pub(crate) fn send(mut self, answer: Result<Recorded, Refusal>) {
        self.answer(answer);
    }

    fn answer(&mut self, answer: Result<Recorded, Refusal>) {
        let Some(callback) = self.0.take() else { return };
        // A submitter that panics must not take the writer with it.
        if catch_unwind(AssertUnwindSafe(|| callback(answer))).is_err() {
            tracing::error!("a submitter panicked on its answer");
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.answer(Err(Refusal::Internal));
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;
    use veche_protocol::log::checkpoint::Checkpoint;
    use veche_protocol::log::receipt::Receipt;
    use veche_protocol::signature::SigningKey;

    use super::*;

    #[test]
    fn a_receipt_is_written_as_the_protocol_reads_it() {
        let key = SigningKey::from_seed(&[7; 32]);
        let root = leaf_hash(b"root");
        let checkpoint = Checkpoint { origin: "a.org/poll/x".to_owned(), size: 9, root };
        let note = checkpoint.sign(&key).unwrap().into_note();
        for proof in [vec![], vec![leaf_hash(b"1"), leaf_hash(b"2")]] {
            let write = |text: &mut String| proof.iter().for_each(|hash| push_line(hash, text));
            let text = format_receipt(4, b"entry", write, &note.to_string());
            // RECEIPT-1: what is written is what a strict reader writes back.
            let receipt = Receipt::parse(text.as_bytes()).unwrap();
            assert_eq!(receipt.to_string(), text);
            assert_eq!((receipt.index(), receipt.extra()), (4, Some(&b"entry"[..])));
            assert_eq!(receipt.proof(), proof);
        }
    }

    #[test]
    fn an_answer_that_is_forgotten_promises_nothing() {
        let (sender, answers) = crossbeam_channel::bounded(1);
        drop(Reply::new(move |answer| sender.send(answer.map(drop)).unwrap()));
        assert_eq!(answers.recv().unwrap(), Err(Refusal::Internal));
    }
}
