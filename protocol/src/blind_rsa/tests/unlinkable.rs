//! That a log holds nothing of who cast what: whoever asked can be paired with whoever cast.
//!
//! Not here: when and from where somebody asked and cast, which is not the signatures'.

use super::{SECRET, encode, prepare, rng};
use openssl::bn::{BigNum, BigNumContext};

/// What one voter leaves on the log: the blinded message of the request, the issuer's answer, and
/// the signature on the ballot.
struct Trace {
    blinded: Vec<u8>,
    answer: Vec<u8>,
    signature: Vec<u8>,
}

fn vote(name: &[u8], seed: u64) -> Trace {
    let key = SECRET.public();
    let prepared = prepare(&[7; 32], name);
    let (blinding, blinded) = key.blind(&prepared, &mut rng(seed)).unwrap();
    let answer = SECRET.blind_sign(&blinded).unwrap();
    let signature = key.finalize(&prepared, &blinding, &answer).unwrap();
    Trace { blinded, answer, signature }
}

/// The one factor that would have blinded the message of `signature` into the request that was
/// answered so: r = (z / m)^d = z^d / m^d modulo N.
fn factor(answer: &[u8], signature: &[u8]) -> Vec<u8> {
    let [answer, signature, modulus] = [answer, signature, SECRET.public().modulus()]
        .map(|bytes| BigNum::from_slice(bytes).unwrap());
    let mut context = BigNumContext::new().unwrap();
    let (mut inverse, mut factor) = (BigNum::new().unwrap(), BigNum::new().unwrap());
    inverse.mod_inverse(&signature, &modulus, &mut context).unwrap();
    factor.mod_mul(&answer, &inverse, &modulus, &mut context).unwrap();
    encode(&factor, SECRET.public().length())
}

#[test]
fn every_pairing_of_requests_with_ballots_has_its_blinding_factor() {
    // CRED-2, CRED-5: so a ballot fits every request of its district as well as its own.
    let voters = [vote(b"ada", 1), vote(b"bo", 2), vote(b"cy", 3)];
    let mut factors = Vec::new();
    for asked in &voters {
        for cast in &voters {
            let factor = factor(&asked.answer, &cast.signature);
            let key = SECRET.public();
            assert!(key.is_blinding_of(&cast.signature, &factor, &asked.blinded));
            factors.push(factor);
        }
    }
    factors.sort_unstable();
    factors.dedup();
    assert_eq!(factors.len(), 9, "each pairing has a factor of its own");
    let (asked, wrong) = (&voters[0], factor(&voters[1].answer, &voters[1].signature));
    assert!(!SECRET.public().is_blinding_of(&asked.signature, &wrong, &asked.blinded));
}
