//! A ceremony on paper: all the secrets of its trustees, and what they would post.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use veche_protocol::encoding::Encoder;
use veche_protocol::hash::{Hash, sha256};

use super::primitives::{encode, encrypt, evaluate, hash, point, secret};

/// A ceremony of the trustees 1 to `trustees`. Its secrets follow from its name.
#[derive(Clone)]
pub(super) struct Paper {
    pub(super) name: &'static str,
    pub(super) announce: Hash,
    pub(super) ceremony: u64,
    pub(super) threshold: u8,
    pub(super) trustees: u8,
}

impl Paper {
    pub(super) fn new(name: &'static str, threshold: u8, trustees: u8) -> Self {
        let announce = sha256(format!("announce of {name}").as_bytes());
        Self { name, announce, ceremony: 1, threshold, trustees }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = u8> + use<> {
        1..=self.trustees
    }

    /// Secret of the transport key.
    pub(super) fn transport(&self, i: u8) -> Scalar {
        secret(&format!("{}: transport key of {i}", self.name))
    }

    /// Coefficients of the polynomial.
    pub(super) fn polynomial(&self, i: u8) -> Vec<Scalar> {
        let coefficient = |k| secret(&format!("{}: coefficient {k} of {i}", self.name));
        (0..self.threshold).map(coefficient).collect()
    }

    pub(super) fn commitments(&self, i: u8) -> Vec<[u8; 32]> {
        self.polynomial(i).iter().map(point).collect()
    }

    /// Proof of knowing the constant coefficient, with a nonce.
    pub(super) fn prove(&self, i: u8, nonce: Scalar) -> [u8; 64] {
        prove(i, self.polynomial(i)[0], nonce)
    }

    pub(super) fn proof(&self, i: u8) -> [u8; 64] {
        self.prove(i, secret(&format!("{}: nonce of {i}", self.name)))
    }

    /// The members of a vector that tell the dealing of trustee `i`.
    pub(super) fn dealing(&self, i: u8) -> Value {
        json!({
            "dealer": i,
            "threshold": self.threshold,
            "commitments": self.commitments(i).map_hex(),
            "proof": hex::encode(self.proof(i)),
        })
    }

    /// The dealings of all trustees.
    pub(super) fn dealings(&self) -> Vec<Value> {
        self.all().map(|i| self.dealing(i)).collect()
    }

    /// The key shares of these trustees.
    pub(super) fn key_shares(&self, trustees: &[u8]) -> Vec<Value> {
        let of = |j: u8| hex::encode(self.key_share(j).as_bytes());
        trustees.iter().map(|&j| json!({ "trustee": j, "key_share": of(j) })).collect()
    }

    pub(super) fn share(&self, i: u8, j: u8) -> Scalar {
        evaluate(&self.polynomial(i), j)
    }

    /// Secret share of trustee `j` in the election key.
    pub(super) fn key_share(&self, j: u8) -> Scalar {
        self.all().map(|i| self.share(i, j)).sum()
    }

    /// Secret of the election key.
    pub(super) fn decryption_key(&self) -> Scalar {
        self.all().map(|i| self.polynomial(i)[0]).sum()
    }

    /// The array about the way of a share from `i` to `j`, of `length` items: its first seven.
    pub(super) fn about(&self, length: usize, tag: &str, (i, j): (u8, u8)) -> Encoder {
        let mut encoder = Encoder::new();
        encoder.array(length).text(tag).bytes(self.announce.as_bytes()).uint(self.ceremony);
        encoder.uint(u64::from(i)).uint(u64::from(j));
        encoder.bytes(&point(&self.transport(i))).bytes(&point(&self.transport(j)));
        encoder
    }

    /// The element that `i` and `j` share.
    pub(super) fn shared(&self, i: u8, j: u8) -> RistrettoPoint {
        RistrettoPoint::mul_base(&self.transport(i)) * self.transport(j)
    }

    /// These 32 bytes as an encrypted share from `i` to `j`.
    pub(super) fn encrypt(&self, (i, j): (u8, u8), share: &[u8; 32]) -> Vec<u8> {
        let info = self.about(7, "veche/dealing/v1", (i, j)).finish();
        encrypt(&self.shared(i, j), &info, share)
    }

    /// The proof of a complaint of `j` about `i` that claims `shared_point`.
    pub(super) fn complain(&self, (i, j): (u8, u8), shared_point: &[u8; 32]) -> [Scalar; 2] {
        let nonce = secret(&format!("{}: nonce of a complaint", self.name));
        let mut encoder = self.about(10, "veche/complaint/v1", (i, j));
        encoder.bytes(shared_point).bytes(&point(&nonce));
        encoder.bytes(&encode(&(RistrettoPoint::mul_base(&self.transport(i)) * nonce)));
        let challenge = hash(&encoder.finish());
        [challenge, nonce + challenge * self.transport(j)]
    }
}

/// The proof of trustee `i` that it knows `coefficient`.
pub(super) fn prove(i: u8, coefficient: Scalar, nonce: Scalar) -> [u8; 64] {
    let nonce_point = point(&nonce);
    let mut hashed = b"FROST-RISTRETTO255-SHA512-v1dkg".to_vec();
    hashed.extend_from_slice(Scalar::from(i).as_bytes());
    hashed.extend_from_slice(&point(&coefficient));
    hashed.extend_from_slice(&nonce_point);
    halves(&nonce_point, &(nonce + hash(&hashed) * coefficient).to_bytes())
}

/// 64 bytes of two halves.
pub(super) fn halves(first: &[u8; 32], second: &[u8; 32]) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(first);
    bytes[32..].copy_from_slice(second);
    bytes
}

/// Strings of bytes as a vector tells them.
pub(super) trait MapHex {
    /// Each in hex.
    fn map_hex(&self) -> Vec<String>;
}

impl MapHex for Vec<[u8; 32]> {
    fn map_hex(&self) -> Vec<String> {
        self.iter().map(hex::encode).collect()
    }
}
