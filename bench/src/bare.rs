//! Bare operations of RSA and of ristretto255 on all cores, by the libraries alone: the limits of
//! what issues, casts and recounts in anonymous and sealed polls.
//!
//! Not here: Ed25519 ([`crate::signatures`]), and anything that Veche does beside the operation.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use veche_protocol::blind_rsa::ModulusBits;

use crate::cores::each;

/// Operations that one core does before it takes the next.
const PIECE: usize = 64;

/// A key of RSA, and what the library does with it.
#[derive(Debug)]
pub struct BareRsa {
    private: Rsa<Private>,
    public: Rsa<Public>,
    signing: PKey<Private>,
}

impl BareRsa {
    /// A fresh key.
    pub fn generate(bits: ModulusBits) -> Result<Self> {
        let private = Rsa::generate(u32::try_from(bits.bits())?)?;
        let public = Rsa::from_public_components(private.n().to_owned()?, private.e().to_owned()?)?;
        let signing = PKey::from_rsa(private.clone())?;
        Ok(Self { private, public, signing })
    }

    /// The modulus, most significant byte first.
    pub fn modulus(&self) -> Vec<u8> {
        self.private.n().to_vec()
    }

    /// The signature that a voter would have after blinding and unblinding: RSASSA-PSS with
    /// SHA-384 and a salt of 48 bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signer = Signer::new(MessageDigest::sha384(), &self.signing)?;
        signer.set_rsa_padding(Padding::PKCS1_PSS)?;
        signer.set_rsa_mgf1_md(MessageDigest::sha384())?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        Ok(signer.sign_oneshot_to_vec(message)?)
    }

    /// The public operation: a number raised to the public exponent.
    pub fn raise(&self, number: &[u8]) -> Result<Vec<u8>> {
        let mut raised = vec![0; number.len()];
        self.public.public_encrypt(number, &mut raised, Padding::NONE)?;
        Ok(raised)
    }

    /// The private operation.
    fn sign_number(&self, number: &[u8]) -> Result<Vec<u8>> {
        let mut signed = vec![0; number.len()];
        self.private.private_decrypt(number, &mut signed, Padding::NONE)?;
        Ok(signed)
    }

    /// The public operation on each number, on all cores; gives the time.
    pub fn raise_all(&self, numbers: &[&[u8]]) -> Result<Duration> {
        timed(numbers, |number| self.raise(number).is_ok())
    }

    /// The private operation on each number, on all cores; gives the time.
    pub fn sign_all(&self, numbers: &[Vec<u8>]) -> Result<Duration> {
        timed(numbers, |number| self.sign_number(number).is_ok())
    }
}

/// So many products of an element with a secret scalar, on all cores; gives the time.
pub fn multiply_ristretto(count: usize) -> Result<Duration> {
    let mut rng = StdRng::seed_from_u64(2);
    let mut wide = || {
        let mut wide = [0; 64];
        rng.fill_bytes(&mut wide);
        wide
    };
    let secret = Scalar::from_bytes_mod_order_wide(&wide());
    let points: Vec<_> = (0..PIECE).map(|_| RistrettoPoint::from_uniform_bytes(&wide())).collect();
    let places: Vec<_> = (0..count).map(|place| place % PIECE).collect();
    timed(&places, |&place| points[place] * secret != points[place])
}

fn timed<T: Sync>(items: &[T], work: impl Fn(&T) -> bool + Sync) -> Result<Duration> {
    let start = Instant::now();
    let pieces: Vec<_> = items.chunks(PIECE).collect();
    let done = each(pieces.len(), |piece| pieces[piece].iter().all(&work));
    let took = start.elapsed();
    ensure!(done.into_iter().all(|done| done), "the operations are those of sound keys");
    Ok(took)
}
