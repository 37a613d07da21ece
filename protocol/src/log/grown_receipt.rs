//! The grown receipt: a receipt with what came later, in one file that can be checked offline.
//!
//! ```text
//! veche/grown-receipt/v1
//! first <length in bytes of the first receipt>
//! later <length in bytes of the later receipt>
//! <hash in base64>        consistency proof from the first's head to the later's
//! anchor <length in bytes of the register's receipt>      only with an anchor, and what follows
//! <hash in base64>        inclusion proof of the entry below the head that the register names
//!                         (empty line)
//! <the first receipt, verbatim><the later one, verbatim>[<the register's, verbatim>]
//! ```
//!
//! All three are C2SP tlog-proofs, and stay so: each can be cut out and checked by other tools. The
//! first is what the operator promised at once, the later one the same entry below a head that
//! witnesses had time to cosign, the register's an anchors entry that names a head of the log. In
//! scope: the exact form and the check by the log's key. Not here: how many witnesses are enough
//! ([`super::policy`]), and whether the anchors entry stands in the register (its fold).

use core::fmt::{self, Write as _};

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::merkle::{verify_consistency, verify_inclusion};
use super::note::VerifierKey;
use super::receipt::{MAX_PROOF_LENGTH, MAX_RECEIPT_LENGTH, Receipt};
use super::text::{base64, parse_decimal, parse_hash};
use crate::breach::Breach;
use crate::entry::{Payload, SignedEntry};
use crate::hash::{Hash, leaf_hash};
use crate::name::{LogPath, LogType};
use crate::register::AnchoredHead;

/// The first line of a grown receipt.
pub const HEADER: &str = "veche/grown-receipt/v1";

/// The longest consistency proof between sizes of 64 bits: a path of at most 64 hashes, and the
/// subtree that it begins with.
pub const MAX_GROWTH_LENGTH: usize = 65;

/// The longest grown receipt, in bytes: three of the longest receipts, and above them 65 and 64
/// proof lines of 45 bytes with four short lines, together below 6 kB.
pub const MAX_GROWN_RECEIPT_LENGTH: usize = 3 * MAX_RECEIPT_LENGTH + 6 * 1024;

/// That the register names a head of the log below which the entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorProof {
    /// Receipt for an anchors entry of the register, with the entry in `extra`.
    pub receipt: Receipt,
    /// Inclusion proof of the log's entry below the head that the anchors entry names.
    pub inclusion: Vec<Hash>,
}

/// A grown receipt that was read, or made, but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrownReceipt {
    first: Receipt,
    later: Receipt,
    growth: Vec<Hash>,
    anchor: Option<AnchorProof>,
}

/// What the log's key has signed in a grown receipt: only its check makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// The head of the first receipt.
    pub first: SignedCheckpoint,
    /// The head of the later one, which extends it.
    pub later: SignedCheckpoint,
    /// Where the register anchors the entry, if the receipt says so.
    pub anchored: Option<Anchored>,
}

/// Where the register anchors an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// Index of the anchors entry in the register.
    pub index: u64,
    /// The head of the log that it names, below which the entry stands.
    pub head: AnchoredHead,
    /// The head of the register below which the anchors entry stands.
    pub register: SignedCheckpoint,
}

impl GrownReceipt {
    /// A grown receipt from its parts.
    pub fn new(
        first: Receipt,
        later: Receipt,
        growth: Vec<Hash>,
        anchor: Option<AnchorProof>,
    ) -> Result<Self, Breach> {
        let sizes = (size(&first)?, size(&later)?);
        // RECEIPT-8: one entry at one index, in a log that grows; and an anchor that can be read.
        let is_one = first.index() == later.index() && first.extra() == later.extra();
        let is_anchor = anchor.as_ref().is_none_or(|anchor| {
            anchor.inclusion.len() <= MAX_PROOF_LENGTH && anchor.receipt.extra().is_some()
        });
        if is_one && is_anchor && sizes.0 <= sizes.1 && growth.len() <= MAX_GROWTH_LENGTH {
            Ok(Self { first, later, growth, anchor })
        } else {
            Err(Breach::ReceiptMalformed)
        }
    }

    /// The same with an anchor, in place of the one that it has, if it has one.
    pub fn with_anchor(self, anchor: AnchorProof) -> Result<Self, Breach> {
        Self::new(self.first, self.later, self.growth, Some(anchor))
    }

    /// Whether a file is meant to be one, by its first line; a receipt begins with another.
    pub fn is_meant_by(bytes: &[u8]) -> bool {
        bytes.strip_prefix(HEADER.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'\n'))
    }

    /// Reads a grown receipt. What is accepted is written back byte for byte by its `Display`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // RECEIPT-8: bounds, then the lines above the receipts, then these with their own codes.
        if bytes.len() > MAX_GROWN_RECEIPT_LENGTH {
            return Err(Breach::ReceiptMalformed);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| Breach::ReceiptMalformed)?;
        let (head, parts) = text.split_once("\n\n").ok_or(Breach::ReceiptMalformed)?;
        let head = Head::parse(head).ok_or(Breach::ReceiptMalformed)?;
        let [first, later, register] = head.split(parts).ok_or(Breach::ReceiptMalformed)?;
        let first = Receipt::parse(first.as_bytes())?;
        let later = Receipt::parse(later.as_bytes())?;
        let anchor = match head.anchor {
            None => None,
            Some((_, inclusion)) => {
                Some(AnchorProof { receipt: Receipt::parse(register.as_bytes())?, inclusion })
            }
        };
        Self::new(first, later, head.growth, anchor)
    }

    /// The receipt that was given first.
    pub const fn first(&self) -> &Receipt {
        &self.first
    }

    /// The receipt for the same entry below the later head.
    pub const fn later(&self) -> &Receipt {
        &self.later
    }

    /// How the register anchors the entry, if it says so.
    pub const fn anchor(&self) -> Option<&AnchorProof> {
        self.anchor.as_ref()
    }

    /// The receipts that it holds: the first, the later one, and the register's.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        let register = self.anchor.iter().map(|anchor| &anchor.receipt);
        [&self.first, &self.later].into_iter().chain(register)
    }

    /// Verifies, for exactly these bytes and by the log's key: both receipts, that the later head
    /// extends the first, and the anchor, if there is one.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Grown, Breach> {
        // RECEIPT-9: both receipts, what is between them, the anchor, in this order.
        let first = self.first.verify(entry, key)?;
        let later = self.later.verify(entry, key)?;
        let (from, to) = (first.checkpoint(), later.checkpoint());
        verify_consistency(from.size, &from.root, to.size, &to.root, &self.growth)?;
        let anchor = self.anchor.as_ref();
        let anchored =
            anchor.map(|anchor| anchor.verify(entry, self.first.index(), key)).transpose()?;
        Ok(Grown { first, later, anchored })
    }
}

impl AnchorProof {
    fn verify(&self, entry: &[u8], index: u64, key: &VerifierKey) -> Result<Anchored, Breach> {
        // RECEIPT-10: an anchors entry of the same city's register, then the head that it names.
        let anchors = self.receipt.extra().ok_or(Breach::ReceiptMalformed)?;
        let register = self.receipt.verify(anchors, &register_key(key)?)?;
        let decoded = SignedEntry::decode(LogType::Register, anchors.to_vec())?;
        let Payload::Anchors(anchors) = decoded.payload() else {
            return Err(Breach::ProofInvalid);
        };
        let head = anchors.heads.iter().find(|head| head.origin == key.name());
        let head = head.ok_or(Breach::ProofInvalid)?.clone();
        let leaf = leaf_hash(entry);
        verify_inclusion(&leaf, index, head.size, &self.inclusion, &head.root)?;
        Ok(Anchored { index: self.receipt.index(), head, register })
    }
}

/// The key of the register of the city whose log has this key: all its logs have one.
fn register_key(key: &VerifierKey) -> Result<VerifierKey, Breach> {
    let (domain, _) = key.name().split_once('/').ok_or(Breach::CheckpointOrigin)?;
    let log_key = key.public_key().key().ok_or(Breach::NoteUnsigned)?;
    VerifierKey::ed25519(&LogPath::Register.origin(domain), *log_key)
}

fn size(receipt: &Receipt) -> Result<u64, Breach> {
    Checkpoint::parse(receipt.note().text()).map(|checkpoint| checkpoint.size)
}

/// The lines above the receipts.
struct Head {
    first: u64,
    later: u64,
    growth: Vec<Hash>,
    anchor: Option<(u64, Vec<Hash>)>,
}

impl Head {
    fn parse(head: &str) -> Option<Self> {
        let rest = head.strip_prefix(HEADER)?.strip_prefix('\n')?;
        let (rest, anchor) = match rest.split_once("\nanchor ") {
            None => (rest, None),
            Some((rest, anchor)) => {
                let mut lines = anchor.split('\n');
                let length = parse_decimal(lines.next()?)?;
                (rest, Some((length, parse_hashes(lines, MAX_PROOF_LENGTH)?)))
            }
        };
        let mut lines = rest.split('\n');
        let first = parse_decimal(lines.next()?.strip_prefix("first ")?)?;
        let later = parse_decimal(lines.next()?.strip_prefix("later ")?)?;
        Some(Self { first, later, growth: parse_hashes(lines, MAX_GROWTH_LENGTH)?, anchor })
    }

    /// The receipts, which must fill what follows exactly; the last is empty without an anchor.
    fn split<'a>(&self, parts: &'a str) -> Option<[&'a str; 3]> {
        let (first, rest) = parts.split_at_checked(usize::try_from(self.first).ok()?)?;
        let (later, register) = rest.split_at_checked(usize::try_from(self.later).ok()?)?;
        let length = self.anchor.as_ref().map_or(0, |(length, _)| *length);
        (u64::try_from(register.len()).ok()? == length).then_some([first, later, register])
    }
}

impl fmt::Display for GrownReceipt {
    /// Writes the grown receipt's bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.receipts().map(Receipt::to_string).collect();
        writeln!(f, "{HEADER}\nfirst {}\nlater {}", parts[0].len(), parts[1].len())?;
        write_hashes(f, &self.growth)?;
        if let Some(anchor) = &self.anchor {
            writeln!(f, "anchor {}", parts[2].len())?;
            write_hashes(f, &anchor.inclusion)?;
        }
        f.write_char('\n')?;
        parts.iter().try_for_each(|part| f.write_str(part))
    }
}

/// Reads a hash from each line, at most so many.
fn parse_hashes<'a>(lines: impl Iterator<Item = &'a str>, most: usize) -> Option<Vec<Hash>> {
    let hashes: Vec<_> = lines.map(parse_hash).collect::<Option<_>>()?;
    (hashes.len() <= most).then_some(hashes)
}

fn write_hashes(f: &mut fmt::Formatter<'_>, hashes: &[Hash]) -> fmt::Result {
    hashes.iter().try_for_each(|hash| writeln!(f, "{}", base64(hash.as_bytes())))
}

#[cfg(test)]
mod tests;
