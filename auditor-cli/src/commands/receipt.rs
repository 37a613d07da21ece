//! `veche-audit receipt`: checks a receipt, without a network unless asked.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use veche_protocol::audit::Trust;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::merkle::root_at;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{Resource, TilePath, TileReader};
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::{Ballot, Content};

use super::trust::{TrustArguments, read_file};
use super::{CommandError, receipt_grown};
use crate::exit::Exit;
use crate::source::{self, Source, SourceError};
use crate::words::{counted, visible};

/// Check a receipt, and say in words what it proves.
///
/// Needs no network: the log's key (--key, or the log line of a --policy) is enough. Of a grown
/// receipt (.grown) each part is checked and said: the first promise, the later head that witnesses
/// have cosigned and that extends it, and the register's anchor. With --against
/// the record is asked as well whether it still extends what the receipt promises; if it does not,
/// the receipt is proof against the operator.
#[derive(Args, Debug)]
pub(super) struct ReceiptCommand {
    /// The receipt, grown or not.
    file: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Where the record is: an address, a directory, or an archive file.
    #[arg(long, value_name = "SOURCE")]
    against: Option<String>,
}

impl ReceiptCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let trust = self.trust.read()?;
        let bytes = read_file(&self.file)?;
        let mut out = io::stdout().lock();
        let verified = if GrownReceipt::is_meant_by(&bytes) {
            receipt_grown::verify(&bytes, &trust, &mut out)?
        } else {
            let verified = verify(&bytes, &trust)?;
            if let Ok(verified) = &verified {
                verified.describe(&mut out)?;
            }
            verified.map(|verified| vec![verified])
        };
        let promises = match verified {
            Ok(promises) => promises,
            Err(breach) => {
                writeln!(out, "The receipt proves nothing.\n{breach}")?;
                return Ok(Exit::Findings);
            }
        };
        let Some(against) = &self.against else { return Ok(Exit::Sound) };
        let source = source::open(against)?;
        let mut size = 0;
        for promise in &promises {
            match hold_against(promise, &*source)? {
                Ok(now) => size = now,
                Err(breach) => {
                    writeln!(out, "The record does not bear it out.\n{breach}")?;
                    writeln!(
                        out,
                        "Keep the receipt and a copy of the record: together they prove it."
                    )?;
                    return Ok(Exit::Findings);
                }
            }
        }
        writeln!(out, "The record, now of {size} entries, extends it.")?;
        Ok(Exit::Sound)
    }
}

/// A receipt that stands.
pub(super) struct Verified {
    receipt: Receipt,
    checkpoint: Checkpoint,
    pub(super) key: VerifierKey,
    witnessed: usize,
}

/// Checks a receipt by the key or the policy. The inner error is the receipt's.
fn verify(bytes: &[u8], trust: &Trust) -> Result<Result<Verified, Breach>, CommandError> {
    Ok(verify_with(bytes, &keys(trust)?, trust))
}

/// The keys of logs that the user knows, at least one.
pub(super) fn keys(trust: &Trust) -> Result<Vec<VerifierKey>, CommandError> {
    let lines = trust.policy.iter().flat_map(Policy::logs).map(|log| log.key.clone());
    let keys: Vec<_> = trust.key.iter().cloned().chain(lines).collect();
    if keys.is_empty() {
        let text = "a receipt is checked with the log's key: give --key or --policy";
        return Err(CommandError::Usage(text.to_owned()));
    }
    Ok(keys)
}

fn verify_with(bytes: &[u8], keys: &[VerifierKey], trust: &Trust) -> Result<Verified, Breach> {
    let verified = verify_promise(Receipt::parse(bytes)?, keys)?;
    let witnessed = match &trust.policy {
        Some(policy) => policy.check_quorum(verified.receipt.note())?.len(),
        None => 0,
    };
    Ok(Verified { witnessed, ..verified })
}

/// Checks a receipt by the log's key alone.
pub(super) fn verify_promise(receipt: Receipt, keys: &[VerifierKey]) -> Result<Verified, Breach> {
    let checkpoint = Checkpoint::parse(receipt.note().text())?;
    let origin = &checkpoint.origin;
    let mut own: Vec<_> = keys.iter().filter(|key| key.name() == origin).cloned().collect();
    if own.is_empty() {
        // All logs of a city have one key: that of any of them says what this log's must be.
        own = keys.iter().filter_map(|key| key_of(key, origin)).collect();
    }
    // LOG-6: the head is the log's, by any of its keys: a policy names two where one was rotated.
    let signed = |key: &&VerifierKey| SignedCheckpoint::from_note(receipt.note().clone(), key);
    let first = own.first().ok_or(Breach::CheckpointOrigin)?;
    let key = own.iter().find(|key| signed(key).is_ok()).unwrap_or(first).clone();
    signed(&&key)?;
    // RECEIPT-7: nobody has the bytes that the proof is for.
    let entry = receipt.extra().ok_or(Breach::ProofInvalid)?;
    // RECEIPT-2: the entry stands below the head.
    receipt.verify(entry, &key)?;
    Ok(Verified { receipt, checkpoint, key, witnessed: 0 })
}

/// The key of the log `origin` of the city that another log's key belongs to.
fn key_of(key: &VerifierKey, origin: &str) -> Option<VerifierKey> {
    let (domain, _) = key.name().split_once('/')?;
    LogPath::of_origin(origin, domain)?;
    VerifierKey::ed25519(origin, *key.public_key().key()?).ok()
}

impl Verified {
    fn describe(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.describe_promise(out)?;
        match self.witnessed {
            0 => writeln!(out, "  witness  none: that others were shown it is the operator's word"),
            count => writeln!(out, "  witness  {count} of your policy have seen this head"),
        }
    }

    /// What the log's key has promised.
    pub(super) fn describe_promise(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Checkpoint { origin, size, root } = &self.checkpoint;
        writeln!(out, "The receipt holds.")?;
        writeln!(out, "  log      {origin}")?;
        writeln!(out, "  entry    {} of {size}", self.receipt.index())?;
        if let Some(entry) = self.receipt.extra() {
            writeln!(out, "  leaf     {}", leaf_hash(entry))?;
            for line in describe_entry(origin, entry) {
                writeln!(out, "  {line}")?;
            }
        }
        writeln!(out, "  root     {root}")?;
        writeln!(out, "  signed   by {}", self.key)
    }
}

/// What the entry says, if it is one of this law.
fn describe_entry(origin: &str, entry: &[u8]) -> Vec<String> {
    let path = origin.split_once('/').and_then(|(_, path)| LogPath::parse(path));
    let decoded = path.and_then(|path| SignedEntry::decode(path.log_type(), entry.to_vec()).ok());
    let Some(decoded) = decoded else {
        return vec!["kind     unknown to this program".to_owned()];
    };
    let signers: Vec<_> = decoded.signers().map(ToString::to_string).collect();
    let mut lines = vec![format!("kind     {}", decoded.payload().kind().name())];
    if let Payload::Ballot(ballot) = decoded.payload() {
        lines.extend(describe_ballot(ballot));
    }
    lines.push(format!("signer   {}", signers.join(", ")));
    lines
}

/// What can be said of a ballot by itself: neither who holds the key that signed an anonymous one,
/// nor what a sealed one says.
fn describe_ballot(ballot: &Ballot) -> Vec<String> {
    let mut lines = vec![format!("turn     {}", ballot.turn)];
    if let Some(credential) = &ballot.credential {
        let issuers = counted(credential.signatures.len(), "issuer", "issuers");
        lines.push(format!("district {}", visible(&credential.district)));
        lines.push(format!("cast     with signatures of {issuers}, which a recount checks"));
    }
    match &ballot.content {
        Content::Open(selections) => {
            for (place, selection) in selections.iter().enumerate() {
                let options: Vec<_> = selection.iter().map(|o| (o + 1).to_string()).collect();
                let options =
                    if options.is_empty() { "none".to_owned() } else { options.join(", ") };
                lines.push(format!("answer   question {}: option {options}", place + 1));
            }
        }
        Content::Sealed(_) => {
            let text = "sealed until trustees open it after the close; this program cannot read it";
            lines.push(format!("answer   {text}"));
        }
    }
    lines
}

/// Whether the log still extends the receipt's head: its root at that size, read from its tiles
/// below a head that is signed. The size of the log, or the code by which it does not.
fn hold_against(
    verified: &Verified,
    source: &dyn Source,
) -> Result<Result<u64, Breach>, SourceError> {
    let path = verified.checkpoint.origin.split_once('/').and_then(|(_, p)| LogPath::parse(p));
    let Some(path) = path else { return Ok(Err(Breach::CheckpointOrigin)) };
    let note = source.fetch(&path, &[Resource::Checkpoint])?.pop().flatten().unwrap_or_default();
    let signed =
        Note::parse(&note).and_then(|note| SignedCheckpoint::from_note(note, &verified.key));
    let head = match signed {
        Ok(signed) => signed.checkpoint().clone(),
        Err(breach) => return Ok(Err(breach)),
    };
    let fetch = |level, index, width| -> Result<Vec<u8>, ReadError> {
        let tile = Resource::Tile(TilePath { level, index, width });
        let bytes = veche_protocol::audit::fetch_exact(&source, &path, &[tile])?.pop().flatten();
        bytes.ok_or(ReadError::Breach(Breach::TileMalformed))
    };
    let reader = TileReader::new(head.size, fetch);
    let Checkpoint { size, root, .. } = verified.checkpoint;
    // RECEIPT-6: the receipt's head is a prefix of the log.
    if size > head.size {
        return Ok(Err(Breach::ReceiptNotInLog));
    }
    let judged = root_at(&reader, head.size).and_then(|now| {
        let then = root_at(&reader, size)?;
        if now != head.root {
            return Err(ReadError::Breach(Breach::RootMismatch));
        }
        if then == root { Ok(()) } else { Err(ReadError::Breach(Breach::ReceiptNotInLog)) }
    });
    match judged {
        Ok(()) => Ok(Ok(head.size)),
        Err(ReadError::Breach(breach)) => Ok(Err(breach)),
        Err(ReadError::Source(error)) => Err(error),
    }
}

/// Why a root could not be read.
enum ReadError {
    Breach(Breach),
    Source(SourceError),
}

impl From<Breach> for ReadError {
    fn from(breach: Breach) -> Self {
        Self::Breach(breach)
    }
}

impl From<SourceError> for ReadError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::signature::SigningKey;

    use super::*;

    const ORIGIN: &str = "vote.example.org/poll/park";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn verifier(origin: &str, seed: u8) -> VerifierKey {
        VerifierKey::ed25519(origin, key(seed).key()).unwrap()
    }

    /// Of the first and only entry of a poll, signed by this key.
    fn receipt(seed: u8) -> Receipt {
        let root = leaf_hash(b"entry");
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 1, root };
        let note = checkpoint.sign(&key(seed)).unwrap().into_note();
        Receipt::new(0, Vec::new(), note).unwrap()
    }

    fn judge(receipt: &Receipt, keys: &[VerifierKey]) -> Result<VerifierKey, Breach> {
        let trust = Trust::default();
        verify_with(receipt.to_string().as_bytes(), keys, &trust).map(|verified| verified.key)
    }

    #[test]
    fn a_receipt_without_its_entry_proves_nothing() {
        let keys = [verifier(ORIGIN, 1)];
        // RECEIPT-7: after the head's own check.
        assert_eq!(judge(&receipt(1), &keys), Err(Breach::ProofInvalid));
        assert_eq!(judge(&receipt(2), &keys), Err(Breach::NoteUnsigned));
        let other = receipt(1).with_extra(b"another".to_vec());
        assert_eq!(judge(&other, &keys), Err(Breach::ProofInvalid));
    }

    #[test]
    fn each_key_of_a_log_is_tried() {
        let receipt = receipt(2).with_extra(b"entry".to_vec());
        let of_log = [verifier(ORIGIN, 1), verifier(ORIGIN, 2)];
        assert_eq!(judge(&receipt, &of_log), Ok(verifier(ORIGIN, 2)));
        let register = "vote.example.org/register";
        let of_city = [verifier(register, 1), verifier(register, 2)];
        assert_eq!(judge(&receipt, &of_city), Ok(verifier(ORIGIN, 2)));
        assert_eq!(judge(&receipt, &of_city[..1]), Err(Breach::NoteUnsigned));
        let elsewhere = [verifier("other.example.org/register", 2)];
        assert_eq!(judge(&receipt, &elsewhere), Err(Breach::CheckpointOrigin));
    }
}
