//! The voter's part of RFC 9474: blinding a message, and finalising the issuer's answer.
//!
//! Not here: keeping the blinding at rest, which is the client's, and which issuer is asked.
//!
//! The arithmetic modulo N is the library's. Its modular inverse takes a time that depends on its
//! argument, so the argument is masked by a random factor first; exponentiation is by Montgomery
//! multiplication, and what the last reduction of a product may betray is of a factor that is used
//! once, on the voter's own machine. The library clears every number when it is dropped.

use core::fmt;

use openssl::bn::{BigNum, BigNumContext};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{ALLOCATES, IssuerKey, SALT_LENGTH, padding};
use crate::breach::Breach;

/// What a voter must keep to finalise a blind signature, and keep secret for ever: whoever holds it
/// can tell which request a ballot came from. Cleared when dropped.
#[derive(Clone)]
pub struct Blinding {
    /// The factor *r*, big endian, of the modulus' length.
    factor: Zeroizing<Vec<u8>>,
    /// The inverse of the factor modulo N, likewise.
    inverse: Zeroizing<Vec<u8>>,
}

impl Blinding {
    /// Reads what [`Blinding::to_bytes`] wrote for the same key. Bytes that are not a factor and
    /// its inverse modulo N are [`Breach::CredentialInvalid`].
    pub fn from_bytes(key: &IssuerKey, bytes: &[u8]) -> Result<Self, Breach> {
        let (factor, inverse) =
            bytes.split_at_checked(key.length()).ok_or(Breach::CredentialInvalid)?;
        if !key.is_blinded(factor) || !key.is_blinded(inverse) {
            return Err(Breach::CredentialInvalid);
        }
        let product = Zeroizing::new(key.multiply(factor, inverse));
        match product.split_last() {
            Some((1, rest)) if rest.iter().all(|&byte| byte == 0) => Ok(Self {
                factor: Zeroizing::new(factor.to_vec()),
                inverse: Zeroizing::new(inverse.to_vec()),
            }),
            _ => Err(Breach::CredentialInvalid),
        }
    }

    /// The factor and its inverse modulo N, each of the modulus' length: for an encrypted file.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.factor.as_slice(), &self.inverse].concat())
    }

    /// The factor *r*, big endian, of the modulus' length. To show it with the credential is to
    /// say which request the credential came from.
    pub fn factor(&self) -> &[u8] {
        &self.factor
    }
}

impl fmt::Debug for Blinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blinding(secret)")
    }
}

impl IssuerKey {
    /// Blinds a prepared message (RFC 9474, section 4.2): the secret blinding, and the blinded
    /// message for the issuer, of the modulus' length. Salt and factor are drawn from `rng`.
    ///
    /// A message or factor that shares a divisor with the modulus, which an honest modulus never
    /// meets, is [`Breach::IssuerKeyWeak`].
    pub fn blind(
        &self,
        prepared: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(Blinding, Vec<u8>), Breach> {
        let mut salt = Zeroizing::new([0; SALT_LENGTH]);
        rng.fill_bytes(&mut *salt);
        let factor = self.random(rng);
        let inverse = self.invert(&factor, &self.random(rng))?;
        let blinding = Blinding { factor, inverse };
        let blinded = self.blind_by(prepared, &salt, &blinding)?;
        Ok((blinding, blinded))
    }

    /// [`IssuerKey::blind`] with the salt and the factor given.
    pub(super) fn blind_by(
        &self,
        prepared: &[u8],
        salt: &[u8; SALT_LENGTH],
        blinding: &Blinding,
    ) -> Result<Vec<u8>, Breach> {
        let encoded = padding::encode(prepared, salt, self.length());
        // CRED-10: gcd(m, N) = 1, or the blinded message would tell the issuer something of m.
        if !self.is_coprime(&encoded) {
            return Err(Breach::IssuerKeyWeak);
        }
        let raised = Zeroizing::new(self.raise(&blinding.factor));
        Ok(self.multiply(&encoded, &raised))
    }

    /// Takes the blinding off an issuer's answer (RFC 9474, section 4.4): the signature of the
    /// prepared message, verified. An answer that does not lead to a valid signature is
    /// [`Breach::CredentialInvalid`].
    pub fn finalize(
        &self,
        prepared: &[u8],
        blinding: &Blinding,
        blind_signature: &[u8],
    ) -> Result<Vec<u8>, Breach> {
        if !self.is_below_modulus(blind_signature) || !self.is_below_modulus(&blinding.inverse) {
            return Err(Breach::CredentialInvalid);
        }
        // CRED-10: the result counts for nothing until it verifies under the key on the log.
        let signature = self.multiply(blind_signature, &blinding.inverse);
        self.verify(prepared, &signature)?;
        Ok(signature)
    }

    /// A uniform number above 0 and below the modulus, by rejection: as the modulus' first bit is
    /// set, more than half of all draws are taken.
    fn random(&self, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
        let mut drawn = Zeroizing::new(vec![0; self.length()]);
        loop {
            rng.fill_bytes(&mut drawn);
            if self.is_blinded(&drawn) {
                return drawn;
            }
        }
    }

    /// The inverse of `number` modulo N. The library inverts only its product with `mask`, which
    /// is uniform and says nothing of `number`.
    pub(super) fn invert(&self, number: &[u8], mask: &[u8]) -> Result<Zeroizing<Vec<u8>>, Breach> {
        let masked = Zeroizing::new(self.multiply(number, mask));
        let masked = BigNum::from_slice(&masked).expect(ALLOCATES);
        let mut inverted = BigNum::new().expect(ALLOCATES);
        let mut context = BigNumContext::new().expect(ALLOCATES);
        inverted
            .mod_inverse(&masked, &self.0.number, &mut context)
            .map_err(|_| Breach::IssuerKeyWeak)?;
        let inverted = Zeroizing::new(self.encode(&inverted));
        Ok(Zeroizing::new(self.multiply(&inverted, mask)))
    }

    fn is_coprime(&self, number: &[u8]) -> bool {
        let number = BigNum::from_slice(number).expect(ALLOCATES);
        let mut divisor = BigNum::new().expect(ALLOCATES);
        let mut context = BigNumContext::new().expect(ALLOCATES);
        divisor.gcd(&number, &self.0.number, &mut context).expect(ALLOCATES);
        divisor.num_bits() == 1
    }
}
