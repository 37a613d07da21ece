//! Blind signatures from end to end, and every value that must be refused.

use rand::rngs::StdRng;
use rand::{CryptoRng, SeedableRng as _};

use super::{Blinding, IssuerKey, IssuerSecret, ModulusBits, prepare};
use crate::breach::Breach;

fn rng() -> impl CryptoRng {
    StdRng::seed_from_u64(9_474)
}

#[test]
fn a_blind_signature_finalises_into_a_signature() {
    for bits in ModulusBits::ALL {
        let secret = IssuerSecret::generate(bits);
        let key = secret.public();
        let prepared = prepare(&[7; 32], b"credential");
        let (blinding, blinded) = key.blind(&prepared, &mut rng()).unwrap();
        let answer = secret.blind_sign(&blinded).unwrap();
        assert_eq!(key.check_blind_signature(&blinded, &answer), Ok(()));
        let kept = Blinding::from_bytes(key, &blinding.to_bytes()).unwrap();
        let signature = key.finalize(&prepared, &kept, &answer).unwrap();
        assert_eq!(key.verify(&prepared, &signature), Ok(()));
        assert_eq!(key.verify(b"another", &signature), Err(Breach::CredentialInvalid));
        assert!(key.is_blinding_of(&signature, blinding.factor(), &blinded));
        let again = IssuerKey::parse(bits, key.modulus()).unwrap();
        assert_eq!(again.verify(&prepared, &signature), Ok(()));
    }
}
