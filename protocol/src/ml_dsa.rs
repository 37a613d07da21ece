//! ML-DSA-44 (FIPS 204): signatures that stay out of reach of a quantum computer, pure and with the
//! empty context.
//!
//! ```text
//! public key   1,312 bytes: rho (32), t1 (1,280)
//! signature    2,420 bytes: c~ (32), z (2,304), hints (84)
//! secret key   the seed of 32 bytes from which FIPS 204, algorithm 6, makes the rest
//! ```
//!
//! In scope: keys, signing, verification. Not here: which bytes are signed
//! ([`crate::log::cosignature`]), and keys at rest.

use core::fmt;

use ::ml_dsa::{ExpandedSigningKey, MlDsa44, Signature, Verifier as _, VerifyingKey};
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::breach::Breach;

/// Length of a public key, in bytes (FIPS 204, table 2).
pub const KEY_LENGTH: usize = 1_312;

/// Length of the seed that a signing key is made from, in bytes (FIPS 204, algorithm 6).
pub const SEED_LENGTH: usize = 32;

/// Length of a signature, in bytes (FIPS 204, table 2).
pub const SIGNATURE_LENGTH: usize = 2_420;

/// The bytes of a public key. Every string of their length is one: FIPS 204 knows no other check.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Box<[u8; KEY_LENGTH]>);

impl Key {
    /// Reads a key; `None` if it has another length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        <[u8; KEY_LENGTH]>::try_from(bytes).ok().map(|bytes| Self(Box::new(bytes)))
    }

    /// The bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }

    /// Verifies a signature over a message (FIPS 204, algorithm 3, with an empty context).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Breach> {
        // LOG-13: pure ML-DSA-44; a signature of another length or form is none.
        let signature = Signature::<MlDsa44>::try_from(signature);
        let key = VerifyingKey::<MlDsa44>::decode((&*self.0).into());
        signature
            .and_then(|signature| key.verify(message, &signature))
            .map_err(|_| Breach::SignatureInvalid)
    }
}

impl fmt::Debug for Key {
    /// The first bytes, which tell keys apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}...)", hex::encode(&self.0[..8]))
    }
}

/// A secret key. It is wiped from memory when dropped and never printed.
#[derive(Clone)]
pub struct SigningKey {
    seed: Zeroizing<[u8; SEED_LENGTH]>,
    expanded: Box<ExpandedSigningKey<MlDsa44>>,
    key: Key,
}

impl SigningKey {
    /// The key of a seed (FIPS 204, algorithm 6).
    pub fn from_seed(seed: &[u8; SEED_LENGTH]) -> Self {
        let expanded = Box::new(ExpandedSigningKey::from_seed(seed.into()));
        let key = Key(Box::new(expanded.verifying_key().encode().into()));
        Self { seed: Zeroizing::new(*seed), expanded, key }
    }

    /// A fresh key.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; SEED_LENGTH]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The seed, for a keystore.
    pub fn seed(&self) -> Zeroizing<[u8; SEED_LENGTH]> {
        self.seed.clone()
    }

    /// The public key.
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Signs a message: the hedged variant of FIPS 204, algorithm 2, for which 32 bytes are drawn.
    /// A weak generator makes it no weaker than the deterministic variant.
    pub fn sign<R: CryptoRng>(&self, message: &[u8], rng: &mut R) -> [u8; SIGNATURE_LENGTH] {
        let signature = self.expanded.sign_randomized(message, &[], rng);
        // Each attempt succeeds with a chance of one in four or so, and there are 16,384.
        signature.expect("some attempt succeeds").encode().into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {:?}", self.key)
    }
}

#[cfg(test)]
mod tests;
