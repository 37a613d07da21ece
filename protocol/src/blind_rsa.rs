//! RSABSSA-SHA384-PSS-Randomized (RFC 9474): blind signatures, the credentials of anonymous polls.
//!
//! A voter blinds a message, an issuer signs what it cannot read, and the voter takes the blinding
//! off. Here: the public keys of issuers, and all that anyone can check with them; blinding and
//! finalising are in `blinding`, issuing in `secret`. Not here: which message is signed, and for
//! whom.
//!
//! The arithmetic is AWS-LC's, through the interface of the `openssl` crate.

mod blinding;
mod padding;
mod secret;
mod small_primes;
#[cfg(test)]
mod tests;

use core::fmt;
use std::sync::Arc;

use openssl::bn::{BigNum, BigNumContext};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};

use crate::breach::Breach;

pub use self::blinding::Blinding;
pub use self::secret::IssuerSecret;

/// The one public exponent, 2^16 + 1.
pub const PUBLIC_EXPONENT: u32 = 65_537;

/// Length of the salt inside a signature, in bytes: that of a SHA-384 digest (RFC 9474, section 5).
pub const SALT_LENGTH: usize = 48;

/// Length of the random prefix of a prepared message, in bytes (RFC 9474, section 4.1).
pub const PREFIX_LENGTH: usize = 32;

/// Why a call into the library cannot fail where its arguments have been checked before.
const ALLOCATES: &str = "the library fails on sound arguments only when memory does";

/// The message that is signed: the random prefix, then the message (RFC 9474, section 4.1).
pub fn prepare(prefix: &[u8; PREFIX_LENGTH], message: &[u8]) -> Vec<u8> {
    [prefix, message].concat()
}

/// The sizes that an issuer's modulus may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModulusBits {
    /// 2048 bits: about 112 bits of security (NIST SP 800-57 part 1, table 2).
    Rsa2048 = 2_048,
    /// 3072 bits: about 128 bits of security. The default.
    Rsa3072 = 3_072,
    /// 4096 bits: about 140 bits of security.
    Rsa4096 = 4_096,
}

impl ModulusBits {
    /// Every size there is, ascending.
    pub const ALL: [Self; 3] = [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096];

    /// The size of this many bits, if there is one.
    pub fn from_bits(bits: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.bits() == bits)
    }

    /// The size in bits.
    pub const fn bits(self) -> u64 {
        self as u64
    }

    /// The length of the modulus, and of every number below it, in bytes.
    pub const fn length(self) -> usize {
        self as usize / 8
    }
}

/// The public key of an issuer. Cloning it is cheap, and all clones share one precomputation.
#[derive(Clone)]
pub struct IssuerKey(Arc<Parsed>);

struct Parsed {
    /// Big endian; its first bit is set.
    modulus: Vec<u8>,
    number: BigNum,
    rsa: Rsa<Public>,
    verifying: PKey<Public>,
}

impl IssuerKey {
    /// Reads a modulus from outside: exactly `bits / 8` bytes, most significant first, with the
    /// highest bit set, odd, and without a prime factor below 2^16. Anything else is
    /// [`Breach::IssuerKeyWeak`].
    pub fn parse(bits: ModulusBits, modulus: &[u8]) -> Result<Self, Breach> {
        // CRED-1: exact length, highest bit set, odd, no small factor.
        if modulus.len() != bits.length() || modulus[0] & 0x80 == 0 {
            return Err(Breach::IssuerKeyWeak);
        }
        let number = BigNum::from_slice(modulus).expect(ALLOCATES);
        if !number.is_odd() || small_primes::divide(&number) {
            return Err(Breach::IssuerKeyWeak);
        }
        let rsa = public_key(&number).map_err(|_| Breach::IssuerKeyWeak)?;
        let verifying = PKey::from_rsa(rsa.clone()).map_err(|_| Breach::IssuerKeyWeak)?;
        Ok(Self(Arc::new(Parsed { modulus: modulus.to_vec(), number, rsa, verifying })))
    }

    /// The modulus, big endian, its first bit set.
    pub fn modulus(&self) -> &[u8] {
        &self.0.modulus
    }

    /// The length of the modulus, and so of every signature and blinded message, in bytes.
    pub fn length(&self) -> usize {
        self.0.modulus.len()
    }

    /// Whether `signature` is one of the prepared message under this key, by RSASSA-PSS-VERIFY
    /// (RFC 8017, section 8.1.2) with SHA-384, MGF1 with SHA-384 and a salt of exactly
    /// [`SALT_LENGTH`] bytes. If it is not, that is [`Breach::CredentialInvalid`].
    pub fn verify(&self, prepared: &[u8], signature: &[u8]) -> Result<(), Breach> {
        // CRED-3: exact length and below the modulus, so that one signature has one form.
        if !self.is_below_modulus(signature) {
            return Err(Breach::CredentialInvalid);
        }
        let holds = (|| {
            let mut verifier = Verifier::new(MessageDigest::sha384(), &self.0.verifying)?;
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(MessageDigest::sha384())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            verifier.verify_oneshot(signature, prepared)
        })();
        // Any failure of the library refuses the signature.
        if matches!(holds, Ok(true)) { Ok(()) } else { Err(Breach::CredentialInvalid) }
    }

    /// Whether `z` can be a blinded message for this key: of the modulus' length, above 0, below
    /// the modulus.
    pub fn is_blinded(&self, z: &[u8]) -> bool {
        // CRED-4: 0 < z < N.
        self.is_below_modulus(z) && z.iter().any(|&byte| byte != 0)
    }

    /// Whether `blind_signature` is this issuer's over `blinded`: raised to the public exponent it
    /// gives the blinded message back. Needs nothing secret, so anyone may ask.
    ///
    /// A blinded message that cannot be one is [`Breach::BlindedMessage`], and a signature that
    /// does not belong to it [`Breach::IssuedInvalid`].
    pub fn check_blind_signature(
        &self,
        blinded: &[u8],
        blind_signature: &[u8],
    ) -> Result<(), Breach> {
        if !self.is_blinded(blinded) {
            return Err(Breach::BlindedMessage);
        }
        // CRED-5: below the modulus, and z again under the public exponent.
        if self.is_below_modulus(blind_signature) && self.raise(blind_signature) == blinded {
            Ok(())
        } else {
            Err(Breach::IssuedInvalid)
        }
    }

    /// Whether `factor` (of the modulus' length, above 0 and below it) blinded the message of
    /// `signature` into `blinded`: signature^e * factor^e = blinded modulo N.
    ///
    /// With [`IssuerKey::verify`] it proves that this credential came from that request.
    pub fn is_blinding_of(&self, signature: &[u8], factor: &[u8], blinded: &[u8]) -> bool {
        // CRED-11: each number in its one form, and the equation of the blinding.
        if !self.is_below_modulus(signature) || !self.is_blinded(factor) {
            return false;
        }
        self.is_blinded(blinded) && self.raise(&self.multiply(signature, factor)) == blinded
    }

    fn is_below_modulus(&self, number: &[u8]) -> bool {
        // Of one length, big-endian numbers compare as their bytes do.
        number.len() == self.length() && number < self.modulus()
    }

    /// RSAVP1 (RFC 8017, section 5.2.2) of a number below the modulus.
    fn raise(&self, number: &[u8]) -> Vec<u8> {
        let mut raised = vec![0; self.length()];
        let written = self.0.rsa.public_encrypt(number, &mut raised, Padding::NONE);
        assert_eq!(written.expect(ALLOCATES), raised.len(), "unpadded RSA keeps the length");
        raised
    }

    /// The product of two numbers below the modulus, modulo it.
    fn multiply(&self, left: &[u8], right: &[u8]) -> Vec<u8> {
        let mut product = BigNum::new().expect(ALLOCATES);
        let left = BigNum::from_slice(left).expect(ALLOCATES);
        let right = BigNum::from_slice(right).expect(ALLOCATES);
        let mut context = BigNumContext::new().expect(ALLOCATES);
        product.mod_mul(&left, &right, &self.0.number, &mut context).expect(ALLOCATES);
        self.encode(&product)
    }

    fn encode(&self, number: &BigNum) -> Vec<u8> {
        let length = i32::try_from(self.length()).expect("a modulus has at most 512 bytes");
        number.to_vec_padded(length).expect("it is below the modulus")
    }
}

fn public_key(modulus: &BigNum) -> Result<Rsa<Public>, openssl::error::ErrorStack> {
    Rsa::from_public_components(
        BigNum::from_slice(&modulus.to_vec())?,
        BigNum::from_u32(PUBLIC_EXPONENT)?,
    )
}

impl PartialEq for IssuerKey {
    fn eq(&self, other: &Self) -> bool {
        self.modulus() == other.modulus()
    }
}

impl Eq for IssuerKey {}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({} bits, {}...)", self.length() * 8, hex::encode(&self.modulus()[..8]))
    }
}
