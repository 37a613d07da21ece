//! Receipts: what a server must show before this program says that something was done.
//!
//! Not here: the form of receipts (the protocol), and how they grow ([`crate::growth`]).

use std::path::{Path, PathBuf};

use veche_keys::private_file::{self, Existing};
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;

use crate::error::ClientError;

/// Verifies a receipt for bytes that this program has made itself; returns the head that covers
/// them.
pub fn verify(
    receipt: &Receipt,
    entry: &[u8],
    verifier: &VerifierKey,
) -> Result<SignedCheckpoint, ClientError> {
    let distrust = || ClientError::distrust("the receipt");
    // RECEIPT-3: the bytes are this program's own, so two voters are never shown the same ballot.
    if receipt.extra().is_some_and(|extra| extra != entry) {
        return Err(distrust()(Breach::ProofInvalid));
    }
    // RECEIPT-2: the head is signed by the pinned key, and exactly these bytes stand below it.
    receipt.verify(entry, verifier).map_err(distrust())
}

/// What a receipt's file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptFile {
    /// What the server answered with.
    First(Receipt),
    /// That, and what came later.
    Grown(Box<GrownReceipt>),
}

impl ReceiptFile {
    /// Reads a receipt from its file, grown or not.
    pub fn load(path: &Path) -> Result<Self, ClientError> {
        let bytes = private_file::read(path)?;
        let distrust = ClientError::distrust(path.display().to_string());
        if GrownReceipt::is_meant_by(&bytes) {
            let grown = GrownReceipt::parse(&bytes).map_err(distrust)?;
            return Ok(Self::Grown(Box::new(grown)));
        }
        Receipt::parse(&bytes).map(Self::First).map_err(distrust)
    }

    /// The receipt that the server answered with.
    pub const fn first(&self) -> &Receipt {
        match self {
            Self::First(receipt) => receipt,
            Self::Grown(grown) => grown.first(),
        }
    }

    /// What came later, if anything did.
    pub fn grown(&self) -> Option<&GrownReceipt> {
        match self {
            Self::First(_) => None,
            Self::Grown(grown) => Some(grown),
        }
    }
}

/// Where the grown form of a receipt is kept: beside it, so that nothing is lost.
pub fn grown_beside(path: &Path) -> PathBuf {
    path.with_extension("grown")
}

/// Where the proof is written that a receipt's head and a later one are a fork.
pub fn fork_beside(path: &Path) -> PathBuf {
    path.with_extension("veche-fork")
}

/// Writes a grown receipt, in place of an earlier one.
pub fn save_grown(path: &Path, grown: &GrownReceipt) -> Result<(), ClientError> {
    Ok(private_file::write(path, grown.to_string().as_bytes(), Existing::Replace)?)
}

/// Writes a receipt, with the entry beside it in `extra`, so that the file can be checked by
/// itself.
pub fn save(path: &Path, receipt: &Receipt, entry: &[u8]) -> Result<(), ClientError> {
    let receipt = receipt.clone().with_extra(entry.to_vec());
    Ok(private_file::write(path, receipt.to_string().as_bytes(), Existing::Replace)?)
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;
    use veche_protocol::log::checkpoint::Checkpoint;
    use veche_protocol::signature::SigningKey;

    use super::*;

    const ORIGIN: &str = "vote.example.org/poll/park";

    fn key() -> SigningKey {
        SigningKey::from_seed(&[3; 32])
    }

    fn verifier() -> VerifierKey {
        VerifierKey::ed25519(ORIGIN, key().key()).unwrap()
    }

    fn receipt(entry: &[u8]) -> Receipt {
        let origin = ORIGIN.to_owned();
        let head = Checkpoint { origin, size: 1, root: leaf_hash(entry) }.sign(&key()).unwrap();
        Receipt::new(0, Vec::new(), head.into_note()).unwrap()
    }

    #[test]
    fn a_receipt_is_for_own_bytes() {
        let receipt = receipt(b"mine");
        assert_eq!(verify(&receipt, b"mine", &verifier()).unwrap().checkpoint().size, 1);
        // RECEIPT-3: clash; somebody else's ballot is shown as mine.
        let error = verify(&receipt.with_extra(b"mine".to_vec()), b"other", &verifier());
        assert_eq!(error.unwrap_err().code(), "proof-invalid");
    }

    #[test]
    fn a_receipt_is_signed_by_the_pinned_key() {
        let other = VerifierKey::ed25519(ORIGIN, SigningKey::from_seed(&[4; 32]).key()).unwrap();
        // RECEIPT-2: a head by another key is no head of this log.
        assert_eq!(verify(&receipt(b"a"), b"a", &other).unwrap_err().code(), "note-unsigned");
    }

    #[test]
    fn a_saved_receipt_carries_its_entry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tlog-proof");
        save(&path, &receipt(b"mine"), b"mine").unwrap();
        let file = ReceiptFile::load(&path).unwrap();
        assert_eq!(file.first().extra(), Some(&b"mine"[..]));
        assert_eq!(file.grown(), None);
    }

    #[test]
    fn a_grown_receipt_stands_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ada.park.0.tlog-proof");
        save(&path, &receipt(b"mine"), b"mine").unwrap();
        let first = ReceiptFile::load(&path).unwrap().first().clone();
        let grown = GrownReceipt::new(first.clone(), first.clone(), Vec::new(), None).unwrap();
        let beside = grown_beside(&path);
        assert!(beside.ends_with("ada.park.0.grown"));
        assert!(fork_beside(&path).ends_with("ada.park.0.veche-fork"));
        save_grown(&beside, &grown).unwrap();
        // RECEIPT-12: the first is there still, by itself and in the grown one.
        assert_eq!(ReceiptFile::load(&path).unwrap(), ReceiptFile::First(first.clone()));
        let file = ReceiptFile::load(&beside).unwrap();
        assert_eq!((file.first(), file.grown()), (&first, Some(&grown)));
    }
}
