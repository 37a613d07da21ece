//! Step A2, what the observer has from elsewhere: saved heads and receipts, against the logs.
//!
//! Not here: the heads that the source itself shows ([`super::heads`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::entries::LogRead;
use super::finding::Findings;
use super::heads::{Said, verify_signed};
use super::source::Source;
use crate::breach::Breach;
use crate::log::checkpoint::Checkpoint;
use crate::log::grown_receipt::GrownReceipt;
use crate::log::note::Note;
use crate::log::policy::Policy;
use crate::log::receipt::Receipt;
use crate::name::{LogPath, check_domain};
use crate::register::fold::RegisterFold;

/// A file that the observer hands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// By which the report calls it.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What an exhibit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExhibitKind {
    /// A checkpoint kept from earlier.
    Head,
    /// A receipt.
    Receipt,
    /// A voter's claim of an unspent credential.
    Claim,
}

/// What became of an exhibit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExhibitReport {
    /// By which the report calls it.
    pub name: String,
    /// What it is.
    pub kind: ExhibitKind,
    /// What it shows, or why it shows nothing.
    pub outcome: ExhibitOutcome,
}

/// What an exhibit shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExhibitOutcome {
    /// It stands, and the log bears it out.
    Confirmed,
    /// It stands, and the log does not bear it out.
    Contradicted(Breach),
    /// It stands, but so much of the log is missing that nothing can be told.
    NotJudged,
    /// It is no evidence.
    Refused(Breach),
}

/// An exhibit as it was read, its signatures not yet verified.
#[derive(Clone, Debug)]
struct Read {
    name: String,
    kind: ExhibitKind,
    parsed: Result<Parsed, Breach>,
}

#[derive(Clone, Debug)]
struct Parsed {
    note: Note,
    checkpoint: Checkpoint,
    receipt: Option<Receipt>,
}

impl Parsed {
    fn head(bytes: &[u8]) -> Result<Self, Breach> {
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { note, checkpoint, receipt: None })
    }

    fn receipt(receipt: Receipt) -> Result<Self, Breach> {
        let note = receipt.note().clone();
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { note, checkpoint, receipt: Some(receipt) })
    }

    /// Whether it is about this log, as far as can be told before the city is known.
    fn is_of(&self, path: &LogPath) -> bool {
        let origin = self.checkpoint.origin.as_str();
        let domain = origin.strip_suffix(&path.to_string());
        // LOG-2: a domain has no slash, and a roll may have the register's name.
        let domain = domain.and_then(|domain| domain.strip_suffix('/'));
        domain.is_some_and(|domain| check_domain(domain).is_ok())
    }

    /// Its own check, with the log's key.
    fn verify(&self, register: &RegisterFold, path: &LogPath, policy: Option<&Policy>) -> Check {
        let key = register.verifier_of(path);
        // RECEIPT-2: form, head, inclusion, in this order.
        if self.checkpoint.origin != key.name() {
            return Err(Breach::CheckpointOrigin);
        }
        verify_signed(&self.note, &key, policy)?;
        match &self.receipt {
            // RECEIPT-7: a receipt whose entry nobody has the bytes of shows nothing.
            Some(receipt) => match receipt.extra() {
                Some(entry) => receipt.verify(entry, &key).map(drop),
                None => Err(Breach::ProofInvalid),
            },
            None => Ok(()),
        }
    }
}

/// What a file of receipts holds.
fn read_receipts(exhibit: &Exhibit) -> Vec<Read> {
    let read = |name: String, receipt: Result<Receipt, Breach>| Read {
        name,
        kind: ExhibitKind::Receipt,
        parsed: receipt.and_then(Parsed::receipt),
    };
    let Exhibit { name, bytes } = exhibit;
    if !GrownReceipt::is_meant_by(bytes) {
        return vec![read(name.clone(), Receipt::parse(bytes))];
    }
    // RECEIPT-11: a grown receipt is those that it holds, each judged by itself.
    match GrownReceipt::parse(bytes) {
        Err(breach) => vec![read(name.clone(), Err(breach))],
        Ok(grown) => {
            let parts = ["first", "later", "register"].iter().zip(grown.receipts());
            parts.map(|(part, one)| read(format!("{name} ({part})"), Ok(one.clone()))).collect()
        }
    }
}

type Check = Result<(), Breach>;

/// Saved heads and receipts, read.
#[derive(Clone, Debug)]
pub(super) struct Exhibits(Vec<Read>);

impl Exhibits {
    pub(super) fn read(heads: &[Exhibit], receipts: &[Exhibit]) -> Self {
        let heads = heads.iter().map(|exhibit| Read {
            name: exhibit.name.clone(),
            kind: ExhibitKind::Head,
            parsed: Parsed::head(&exhibit.bytes),
        });
        Self(heads.chain(receipts.iter().flat_map(read_receipts)).collect())
    }

    /// The sizes at which roots of this log are asked for.
    pub(super) fn sizes(&self, path: &LogPath) -> BTreeSet<u64> {
        let parsed = self.0.iter().filter_map(|read| read.parsed.as_ref().ok());
        parsed.filter(|parsed| parsed.is_of(path)).map(|parsed| parsed.checkpoint.size).collect()
    }

    /// Judges all of them against the logs that were read.
    pub(super) fn judge<S: Source>(
        &self,
        logs: &[&LogRead<'_, S>],
        register: Option<&RegisterFold>,
        policy: Option<&Policy>,
        said: &mut Said,
        findings: &mut Findings,
    ) -> Result<Judged, S::Error> {
        let mut judged = Judged::default();
        for Read { name, kind, parsed } in &self.0 {
            let checked = parsed.as_ref().map_err(|breach| *breach).and_then(|parsed| {
                let log = logs.iter().find(|log| parsed.is_of(&log.path));
                let log = *log.ok_or(Breach::CheckpointOrigin)?;
                let register = register.ok_or(Breach::NoteUnsigned)?;
                parsed.verify(register, &log.path, policy).map(|()| (log, parsed))
            });
            let outcome = match checked {
                Err(breach) => {
                    // RECEIPT-7: named, and of no consequence.
                    findings.refuse_evidence(breach, &logs[0].path);
                    ExhibitOutcome::Refused(breach)
                }
                Ok((log, parsed)) => judged.hold_against(log, parsed, said, findings)?,
            };
            judged.reports.push(ExhibitReport { name: name.clone(), kind: *kind, outcome });
        }
        Ok(judged)
    }
}

/// What the exhibits came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    pub(super) reports: Vec<ExhibitReport>,
    /// The verified notes that the logs bear out.
    pub(super) heads: BTreeMap<Arc<LogPath>, Vec<Note>>,
}

impl Judged {
    /// Compares an exhibit that stands with its log.
    fn hold_against<S: Source>(
        &mut self,
        log: &LogRead<'_, S>,
        parsed: &Parsed,
        said: &mut Said,
        findings: &mut Findings,
    ) -> Result<ExhibitOutcome, S::Error> {
        let Checkpoint { size, root, .. } = parsed.checkpoint;
        let own = if size > log.size { None } else { log.root_at(size)? };
        if own == Some(root) {
            let heads = self.heads.entry(Arc::clone(&log.path)).or_default();
            heads.push(parsed.note.clone());
            return Ok(ExhibitOutcome::Confirmed);
        }
        // AUDIT-3: what was not read is missing, and said to be so; nothing can be told from it.
        if own.is_none() && size <= log.size {
            return Ok(ExhibitOutcome::NotJudged);
        }
        let (breach, index) = match &parsed.receipt {
            // RECEIPT-6: the same root at the same size holds the same entry at the same index.
            Some(receipt) => (Breach::ReceiptNotInLog, Some(receipt.index())),
            None if own.is_none() => (Breach::EntryMissing, None),
            None => (Breach::HeadForked, None),
        };
        said.once(breach, &log.path, index, findings);
        Ok(ExhibitOutcome::Contradicted(breach))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::signature::SigningKey;

    #[test]
    fn a_grown_receipt_is_the_receipts_that_it_holds() {
        let head = |size, root| {
            let checkpoint = Checkpoint { origin: "a.org/poll/a".into(), size, root };
            checkpoint.sign(&SigningKey::from_seed(&[7; 32])).unwrap().into_note()
        };
        let receipt = |note| Receipt::new(0, Vec::new(), note).unwrap();
        let leaf = Hash::ZERO;
        let (first, later) = (receipt(head(1, leaf)), receipt(head(2, leaf)));
        let grown = GrownReceipt::new(first, later, vec![leaf], None).unwrap().to_string();
        let exhibit = |bytes: &[u8]| Exhibit { name: "a".to_owned(), bytes: bytes.to_vec() };
        // RECEIPT-11: each by itself.
        let read = read_receipts(&exhibit(grown.as_bytes()));
        let sizes = read
            .iter()
            .map(|read| (read.name.as_str(), read.parsed.as_ref().unwrap().checkpoint.size));
        assert_eq!(sizes.collect::<Vec<_>>(), [("a (first)", 1), ("a (later)", 2)]);
        let read = read_receipts(&exhibit(format!("{grown}\n").as_bytes()));
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].parsed.as_ref().unwrap_err(), &Breach::ReceiptMalformed);
    }

    #[test]
    fn a_roll_named_register_is_not_the_register() {
        // RECEIPT-7: evidence belongs to the log that its checkpoint names.
        let path = |path| LogPath::parse(path).unwrap();
        for (origin, own, others) in [
            ("a.org/register", "register", ["roll/register", "poll/register"]),
            ("a.org/roll/register", "roll/register", ["register", "poll/register"]),
            ("a.org/poll/register", "poll/register", ["register", "roll/register"]),
        ] {
            let checkpoint = Checkpoint { origin: origin.into(), size: 0, root: Hash::ZERO };
            let note = checkpoint.sign(&SigningKey::from_seed(&[7; 32])).unwrap().into_note();
            let parsed = Parsed::head(note.to_string().as_bytes()).unwrap();
            assert!(parsed.is_of(&path(own)), "{origin}");
            assert!(!others.iter().any(|other| parsed.is_of(&path(other))), "{origin}");
        }
    }
}
