//! The issuer's part of RFC 9474: a secret key, and signing what cannot be read.
//!
//! Not here: for whom an issuer signs, and how its key is encrypted at rest.
//!
//! The private operation is the library's: by the Chinese remainder theorem, in constant time, on a
//! blinded base, and checked against faults. For keys and for that blinding the library draws from
//! its own generator, seeded by the operating system; nothing it signs depends on the draw.

use core::fmt;

use openssl::bn::BigNum;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use zeroize::Zeroizing;

use super::{ALLOCATES, IssuerKey, ModulusBits, PUBLIC_EXPONENT};
use crate::breach::Breach;

/// The secret key of an issuer, for one poll and district. The library clears it when dropped.
pub struct IssuerSecret {
    rsa: Rsa<Private>,
    public: IssuerKey,
}

impl IssuerSecret {
    /// Makes a fresh key: two random primes and the exponent [`PUBLIC_EXPONENT`] (RFC 9474,
    /// section 4; FIPS 186-5, appendix A.1).
    pub fn generate(bits: ModulusBits) -> Self {
        let size = u32::try_from(bits.bits()).expect("at most 4096");
        let rsa = Rsa::generate(size).expect(ALLOCATES);
        Self::checked(rsa).expect("a product of two large primes is a sound modulus")
    }

    /// Reads a key from PKCS #8 (RFC 5958) in DER. What is not an RSA key of a size that
    /// [`ModulusBits`] knows, with the exponent [`PUBLIC_EXPONENT`] and parts that fit one another,
    /// is [`Breach::IssuerKeyWeak`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Breach> {
        let key = PKey::private_key_from_pkcs8(der).map_err(|_| Breach::IssuerKeyWeak)?;
        Self::checked(key.rsa().map_err(|_| Breach::IssuerKeyWeak)?)
    }

    /// The key as PKCS #8 (RFC 5958) in DER: for an encrypted file.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let key = PKey::from_rsa(self.rsa.clone()).expect(ALLOCATES);
        Zeroizing::new(key.private_key_to_pkcs8().expect(ALLOCATES))
    }

    fn checked(rsa: Rsa<Private>) -> Result<Self, Breach> {
        let exponent = BigNum::from_u32(PUBLIC_EXPONENT).expect(ALLOCATES);
        let modulus = rsa.n().to_vec();
        let bits = ModulusBits::ALL.into_iter().find(|bits| bits.length() == modulus.len());
        let public = IssuerKey::parse(bits.ok_or(Breach::IssuerKeyWeak)?, &modulus)?;
        if rsa.e() != &*exponent || !matches!(rsa.check_key(), Ok(true)) {
            return Err(Breach::IssuerKeyWeak);
        }
        Ok(Self { rsa, public })
    }

    /// The public key that belongs to it.
    pub const fn public(&self) -> &IssuerKey {
        &self.public
    }

    /// Signs a blinded message (RFC 9474, section 4.3): RSASP1, and the check that the result is
    /// right, so that a fault of the machine gives nothing of the key away. The same message gives
    /// the same signature every time.
    ///
    /// A message that is not above 0 and below the modulus, of its length, is
    /// [`Breach::BlindedMessage`]; a result that is not right is [`Breach::IssuedInvalid`], and is
    /// not handed out.
    pub fn blind_sign(&self, blinded: &[u8]) -> Result<Vec<u8>, Breach> {
        if !self.public.is_blinded(blinded) {
            return Err(Breach::BlindedMessage);
        }
        let mut signature = vec![0; self.public.length()];
        self.rsa
            .private_decrypt(blinded, &mut signature, Padding::NONE)
            .map_err(|_| Breach::IssuedInvalid)?;
        self.public.check_blind_signature(blinded, &signature)?;
        Ok(signature)
    }
}

impl fmt::Debug for IssuerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerSecret(of {:?})", self.public)
    }
}
