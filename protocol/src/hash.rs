//! SHA-256 as the log uses it (RFC 6962, section 2.1), and the one table of domain tags.
//!
//! Not here: trees and proofs ([`crate::log::merkle`]), which only combine what this file defines.

use core::fmt;

use sha2::{Digest, Sha256};

/// Length of every hash in Veche, in bytes.
pub const HASH_LENGTH: usize = 32;

/// A SHA-256 output: a leaf hash, a node of a tree, a root, or a commitment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; HASH_LENGTH]);

impl Hash {
    /// 32 zero bytes: what genesis signs in place of an instance id and of an entry before it.
    pub const ZERO: Self = Self([0; HASH_LENGTH]);

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; HASH_LENGTH] {
        &self.0
    }

    /// Reads a hash from exactly [`HASH_LENGTH`] bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// Hash of a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0x00]).chain_update(entry).finalize().into())
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut block = [0x01; 1 + 2 * HASH_LENGTH];
    block[1..=HASH_LENGTH].copy_from_slice(&left.0);
    block[1 + HASH_LENGTH..].copy_from_slice(&right.0);
    Hash(Sha256::digest(block).into())
}

/// Root of the empty tree: `SHA-256("")`.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// Plain SHA-256, for commitments and for texts that stand on the log by their hash.
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// Every domain tag of the protocol. A tag is the first element of the CBOR array that is signed or
/// hashed, so that bytes made for one purpose never pass for another.
pub mod tag {
    /// A signature on an entry of any log.
    pub const ENTRY: &str = "veche/entry/v1";
    /// A voter's proof that they hold the key being enrolled.
    pub const POSSESSION: &str = "veche/possession/v1";
    /// The salted commitment to a census record.
    pub const CENSUS: &str = "veche/census/v1";
    /// The transcript of a recount, by which two observers compare.
    pub const TRANSCRIPT: &str = "veche/transcript/v1";
    /// The encryption of a dealt share from one trustee to another.
    pub const DEALING: &str = "veche/dealing/v1";
    /// What a trustee binds itself to before anyone deals.
    pub const COMMITMENTS: &str = "veche/commitments/v1";
    /// The challenge of a complaint's proof.
    pub const COMPLAINT: &str = "veche/complaint/v1";
    /// The transcript of a ceremony, which every trustee of it confirms.
    pub const CEREMONY: &str = "veche/ceremony/v1";
    /// A credential key, as issuers sign it blindly.
    pub const CREDENTIAL: &str = "veche/credential/v1";
    /// A voter's claim that a credential was issued and not spent.
    pub const CLAIM: &str = "veche/claim/v1";
    /// The encryption of a sealed ballot.
    pub const SEALED: &str = "veche/sealed/v1";
    /// The lot that decides ties of a sealed poll.
    pub const LOT: &str = "veche/lot/v1";
}
