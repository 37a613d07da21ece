//! Tests of keys and signatures of ML-DSA-44: Wycheproof's verdicts, and what our types promise.

use proptest::prelude::*;
use serde_json::Value;

use super::{Key, SIGNATURE_LENGTH, SigningKey};
use crate::breach::Breach;

/// Draws zeros, with which the hedged variant is the deterministic one (FIPS 204, algorithm 2).
struct Zeros;

impl rand::TryRng for Zeros {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}

impl rand::TryCryptoRng for Zeros {}

/// The cases of a file below `spec/vectors/ml_dsa`, each with the members of the file.
fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../spec/vectors/ml_dsa/{file}", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let with_key = |case: &Value| {
        let mut case = case.clone();
        if case["public_key"].is_null() {
            case["public_key"] = file["public_key"].clone();
        }
        case
    };
    file["cases"].as_array().unwrap().iter().map(with_key).collect()
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(case[field].as_str().unwrap()).unwrap()
}

// LOG-17
#[test]
fn the_verdicts_of_wycheproof() {
    let mut held = 0;
    for case in cases("wycheproof.json") {
        let [key, message, signature] =
            ["public_key", "message", "signature"].map(|field| bytes(&case, field));
        let verdict = Key::parse(&key).ok_or(Breach::NoteMalformed);
        let holds = verdict.and_then(|key| key.verify(&message, &signature)).is_ok();
        assert_eq!(Some(holds), case["holds"].as_bool(), "{}", case["name"]);
        held += usize::from(holds);
    }
    assert_eq!(held, 75);
}

#[test]
fn keys_and_signatures_that_others_have_made_from_seeds() {
    for case in cases("seeds.json") {
        let key = SigningKey::from_seed(&bytes(&case, "seed").try_into().unwrap());
        assert_eq!(key.key().as_bytes().as_slice(), bytes(&case, "public_key"));
        assert_eq!(*key.seed(), bytes(&case, "seed").as_slice());
        let signature = key.sign(&bytes(&case, "message"), &mut Zeros);
        assert_eq!(signature.as_slice(), bytes(&case, "signature"), "{}", case["name"]);
    }
}

#[test]
fn signing_is_hedged_and_each_signature_holds() {
    let key = SigningKey::generate(&mut rand::rng());
    let [one, other] = [(); 2].map(|()| key.sign(b"message", &mut rand::rng()));
    assert_ne!(one, other);
    for signature in [one, other] {
        assert_eq!(key.key().verify(b"message", &signature), Ok(()));
        assert_eq!(key.key().verify(b"massage", &signature), Err(Breach::SignatureInvalid));
    }
    let stranger = SigningKey::generate(&mut rand::rng());
    assert_eq!(stranger.key().verify(b"message", &one), Err(Breach::SignatureInvalid));
}

#[test]
fn a_secret_key_is_not_printed() {
    let key = SigningKey::from_seed(&[0x5a; 32]);
    assert!(!format!("{key:?}").contains("5a5a"));
    let start = hex::encode(&key.key().as_bytes()[..8]);
    assert_eq!(format!("{key:?}"), format!("SigningKey of Key({start}...)"));
}

proptest! {
    // A signature takes milliseconds without optimisation.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes_are_judged_without_panic(
        key in any::<[u8; 32]>(),
        noise in prop::collection::vec(any::<u8>(), SIGNATURE_LENGTH - 1..=SIGNATURE_LENGTH + 1),
        message in any::<Vec<u8>>(),
    ) {
        let key = Key::parse(&key.repeat(41)).unwrap();
        prop_assert_eq!(key.verify(&message, &noise), Err(Breach::SignatureInvalid));
    }

    #[test]
    fn a_signature_with_a_byte_altered_holds_no_longer(
        place in 0..SIGNATURE_LENGTH,
        change in 1..=255_u8,
    ) {
        let key = SigningKey::from_seed(&[8; 32]);
        let mut signature = key.sign(b"message", &mut Zeros);
        signature[place] ^= change;
        let verdict = key.key().verify(b"message", &signature);
        prop_assert_eq!(verdict, Err(Breach::SignatureInvalid));
    }
}
