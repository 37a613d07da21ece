//! Ed25519 (RFC 8032): keys that may stand on a log, signing, and verification by the ZIP-215 rule.
//!
//! Every verdict, single or batched, is ed25519-zebra's, so that a batch says exactly what its
//! parts say. Not here: which bytes are signed (the entry and note modules) and keys at rest.

use core::fmt;

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::Signer as _;
use ed25519_zebra::{VerificationKey, VerificationKeyBytes, batch};
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::breach::Breach;

/// Length of a public key, in bytes (RFC 8032, section 5.1.5).
pub const KEY_LENGTH: usize = 32;

/// Length of the seed that a signing key is made from, in bytes (RFC 8032, section 5.1.5).
pub const SEED_LENGTH: usize = 32;

/// Length of a signature, in bytes (RFC 8032, section 5.1.6).
pub const SIGNATURE_LENGTH: usize = 64;

/// The bytes of an Ed25519 public key. Only [`Key::parse`] vouches for their quality.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; KEY_LENGTH]);

impl Key {
    /// Reads a key from outside: exactly 32 bytes, the canonical encoding of a point of the curve
    /// that is not of small order. Anything else is [`Breach::KeyWeak`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // ENTRY-9: canonical, on the curve, not of small order.
        let bytes: [u8; KEY_LENGTH] = bytes.try_into().map_err(|_| Breach::KeyWeak)?;
        if !is_reduced(&bytes) {
            return Err(Breach::KeyWeak);
        }
        let point = CompressedEdwardsY(bytes).decompress().ok_or(Breach::KeyWeak)?;
        // The other non-canonical form, x = 0 with the sign bit set, belongs to the points of
        // order 1 and 2, so this check refuses it too.
        if point.is_small_order() { Err(Breach::KeyWeak) } else { Ok(Self(bytes)) }
    }

    /// The bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

/// Whether the y coordinate (255 bits, little endian, below the sign bit) is less than 2^255 - 19.
fn is_reduced(bytes: &[u8; KEY_LENGTH]) -> bool {
    let [low, middle @ .., high] = bytes;
    *low < 0xed || middle.iter().any(|&byte| byte != 0xff) || high & 0x7f != 0x7f
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// The bytes of an Ed25519 signature: the encoded point R, then the scalar S.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature(pub [u8; SIGNATURE_LENGTH]);

impl Signature {
    /// Reads a signature from exactly [`SIGNATURE_LENGTH`] bytes; whether it holds, only
    /// verification tells.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        bytes.try_into().map(Self).map_err(|_| Breach::SignatureInvalid)
    }

    /// The bytes of the signature.
    pub const fn as_bytes(&self) -> &[u8; SIGNATURE_LENGTH] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// Verifies one signature by the ZIP-215 rule: S is canonical, `A` and `R` decode (in any form),
/// and `[8][S]B = [8]R + [8][k]A`. The key's quality is not judged here but by [`Key::parse`].
pub fn verify(key: &Key, message: &[u8], signature: &Signature) -> Result<(), Breach> {
    // ENTRY-10: the ZIP-215 rule and no other.
    VerificationKey::try_from(key.0)
        .and_then(|key| key.verify(&ed25519_zebra::Signature::from_bytes(&signature.0), message))
        .map_err(|_| Breach::SignatureInvalid)
}

/// The claim that a key signed a message, ready to be verified together with others.
///
/// It holds the SHA-512 challenge instead of the message, so it is 128 bytes whatever was signed,
/// borrows nothing, and bisecting a batch never hashes a message twice.
#[derive(Clone, Debug)]
pub struct Claim(batch::Item);

impl Claim {
    /// Hashes the message with the key and the signature; verifies nothing yet.
    pub fn new(key: &Key, message: &[u8], signature: &Signature) -> Self {
        let signature = ed25519_zebra::Signature::from_bytes(&signature.0);
        Self((VerificationKeyBytes::from(key.0), signature, message).into())
    }

    /// The verdict on this claim alone, equal to that of [`verify`].
    pub fn verify(&self) -> Result<(), Breach> {
        self.0.clone().verify_single().map_err(|_| Breach::SignatureInvalid)
    }
}

/// Verifies many claims in batches; the verdicts stand in the order of the claims and equal those
/// of [`verify`]. A batch that fails is bisected.
///
/// `rng` only blinds the batch equation: with a good source, a bad claim passes with probability
/// 2^-128.
pub fn verify_batch<R: CryptoRng>(claims: &[Claim], mut rng: R) -> Vec<bool> {
    // ENTRY-10: each claim gets the verdict that it has alone.
    let mut verdicts = vec![true; claims.len()];
    for (claims, verdicts) in claims.chunks(BATCH).zip(verdicts.chunks_mut(BATCH)) {
        let budget = BISECTION_COST * claims.len();
        Bisection { rng: &mut rng, budget }.judge(claims, verdicts, Suspicion::None);
    }
    verdicts
}

/// The most claims in one equation. The cost of each claim falls until about here (45 us alone, 23
/// in a batch of 64, 16 in one of 256 and in larger ones), and the fewer claims share an equation,
/// the fewer have to be looked at again when one of them is bad.
const BATCH: usize = 256;

/// Up to this many claims are verified one by one: a batch so small saves less than is lost when it
/// fails, and one among so few suspects is likely to.
const SINGLY: usize = 4;

/// How often each claim may on average take part in an equation. Finding one bad claim takes at
/// most 1 + 2 (1/2 + 1/4 + ...) = 3 rounds, and a round costs 0.35 to 0.5 of a single verification:
/// with two bad claims or more in a batch, the rest is sooner verified singly. So whoever fills
/// batches with bad signatures makes them at most about twice as dear as verifying singly.
const BISECTION_COST: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    /// The claims were not looked at yet, or only together with others.
    None,
    /// At least one is bad: the claims failed together with others that are all good.
    Certain,
}

struct Bisection<R> {
    rng: R,
    /// Claims that may still be put into batches.
    budget: usize,
}

impl<R: CryptoRng> Bisection<R> {
    /// Sets the verdicts, which are `true` on entry; returns whether all claims are good.
    fn judge(&mut self, claims: &[Claim], verdicts: &mut [bool], suspicion: Suspicion) -> bool {
        if claims.len() <= SINGLY || self.budget < claims.len() {
            return judge_singly(claims, verdicts);
        }
        if suspicion == Suspicion::None {
            self.budget -= claims.len();
            if self.passes(claims) {
                return true;
            }
        }
        let middle = claims.len() / 2;
        let (left, right) = claims.split_at(middle);
        let (left_verdicts, right_verdicts) = verdicts.split_at_mut(middle);
        let left_good = self.judge(left, left_verdicts, Suspicion::None);
        let suspicion = if left_good { Suspicion::Certain } else { Suspicion::None };
        self.judge(right, right_verdicts, suspicion) && left_good
    }

    fn passes(&mut self, claims: &[Claim]) -> bool {
        let mut verifier = batch::Verifier::new();
        for claim in claims {
            verifier.queue(claim.0.clone());
        }
        verifier.verify(&mut self.rng).is_ok()
    }
}

fn judge_singly(claims: &[Claim], verdicts: &mut [bool]) -> bool {
    for (claim, verdict) in claims.iter().zip(&mut *verdicts) {
        *verdict = claim.verify().is_ok();
    }
    verdicts.iter().all(|&good| good)
}

/// A secret Ed25519 key. It is wiped from memory when dropped and never printed.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key of a seed (the "private key" of RFC 8032, section 5.1.5).
    pub fn from_seed(seed: &[u8; SEED_LENGTH]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// A fresh key.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; SEED_LENGTH]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The seed, for a keystore.
    pub fn seed(&self) -> Zeroizing<[u8; SEED_LENGTH]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn key(&self) -> Key {
        Key(self.0.verifying_key().to_bytes())
    }

    /// Signs a message (deterministic, constant time).
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey of {}", self.key())
    }
}

#[cfg(test)]
mod tests;
