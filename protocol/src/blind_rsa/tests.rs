//! Blind signatures from end to end, and the values that blinding and issuing must refuse. What
//! anyone can check is judged by the vectors.

mod unlinkable;
mod vectors;

use std::sync::LazyLock;

use openssl::bn::BigNum;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{CryptoRng, SeedableRng as _};

use super::{Blinding, IssuerKey, IssuerSecret, ModulusBits, SALT_LENGTH, padding, prepare};
use crate::breach::Breach;

static SECRET: LazyLock<IssuerSecret> =
    LazyLock::new(|| IssuerSecret::generate(ModulusBits::Rsa2048));

fn rng(seed: u64) -> impl CryptoRng {
    StdRng::seed_from_u64(seed)
}

fn encode(number: &BigNum, length: usize) -> Vec<u8> {
    number.to_vec_padded(i32::try_from(length).unwrap()).unwrap()
}

#[test]
fn every_size_signs_blindly() {
    for bits in ModulusBits::ALL {
        assert_eq!(ModulusBits::from_bits(bits.bits()), Some(bits));
        let secret = IssuerSecret::generate(bits);
        let key = IssuerKey::parse(bits, secret.public().modulus()).unwrap();
        assert_eq!((&key, key.length()), (secret.public(), bits.length()));
        let prepared = prepare(&[7; 32], b"credential");
        let (blinding, blinded) = key.blind(&prepared, &mut rng(1)).unwrap();
        let answer = secret.blind_sign(&blinded).unwrap();
        assert_eq!(key.check_blind_signature(&blinded, &answer), Ok(()));
        let signature = key.finalize(&prepared, &blinding, &answer).unwrap();
        assert_eq!(key.verify(&prepared, &signature), Ok(()));
        assert!(key.is_blinding_of(&signature, blinding.factor(), &blinded));
    }
    assert_eq!(ModulusBits::from_bits(1_024), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_blinded_and_signed_finalises_for_its_message_alone(
        message in prop::collection::vec(any::<u8>(), 0..300),
        prefix in any::<[u8; 32]>(),
        seed in any::<u64>(),
    ) {
        let key = SECRET.public();
        let prepared = prepare(&prefix, &message);
        let (blinding, blinded) = key.blind(&prepared, &mut rng(seed)).unwrap();
        prop_assert!(key.is_blinded(&blinded));
        let answer = SECRET.blind_sign(&blinded).unwrap();
        prop_assert_eq!(key.check_blind_signature(&blinded, &answer), Ok(()));
        let signature = key.finalize(&prepared, &blinding, &answer).unwrap();
        prop_assert_eq!(key.verify(&prepared, &signature), Ok(()));
        // CRED-2: the prefix is a part of what is signed.
        prop_assert_eq!(key.verify(&message, &signature), Err(Breach::CredentialInvalid));
        prop_assert!(key.is_blinding_of(&signature, blinding.factor(), &blinded));
    }
}

#[test]
fn blinding_draws_afresh_each_time() {
    let key = SECRET.public();
    let mut rng = rng(2);
    let (first, z1) = key.blind(b"one message", &mut rng).unwrap();
    let (second, z2) = key.blind(b"one message", &mut rng).unwrap();
    assert_ne!(z1, z2);
    assert_ne!(first.factor(), second.factor());
    // Of two requests for one message, neither blinding explains the other's.
    let signature = key.finalize(b"one message", &first, &SECRET.blind_sign(&z1).unwrap()).unwrap();
    assert!(!key.is_blinding_of(&signature, second.factor(), &z1));
    assert!(!key.is_blinding_of(&signature, first.factor(), &z2));
}

#[test]
fn an_answer_that_is_not_the_issuers_does_not_finalise() {
    // CRED-10: finalising verifies.
    let key = SECRET.public();
    let (blinding, blinded) = key.blind(b"message", &mut rng(3)).unwrap();
    let answer = SECRET.blind_sign(&blinded).unwrap();
    let other = IssuerSecret::generate(ModulusBits::Rsa2048);
    let (other_blinding, _) = other.public().blind(b"message", &mut rng(3)).unwrap();
    let finalize = |message: &[u8], blinding: &Blinding, answer: &[u8]| {
        key.finalize(message, blinding, answer).unwrap_err()
    };
    assert_eq!(finalize(b"massage", &blinding, &answer), Breach::CredentialInvalid);
    assert_eq!(finalize(b"message", &other_blinding, &answer), Breach::CredentialInvalid);
    for wrong in [&blinded[..], key.modulus(), &answer[1..], &[], &[0xff; 257], &[0; 256]] {
        assert_eq!(finalize(b"message", &blinding, wrong), Breach::CredentialInvalid);
    }
}

#[test]
fn blindings_are_kept_as_bytes() {
    let key = SECRET.public();
    let (blinding, blinded) = key.blind(b"message", &mut rng(4)).unwrap();
    let bytes = blinding.to_bytes();
    assert_eq!(bytes.len(), 2 * key.length());
    let kept = Blinding::from_bytes(key, &bytes).unwrap();
    assert_eq!((kept.factor(), kept.to_bytes()), (blinding.factor(), bytes.clone()));
    let answer = SECRET.blind_sign(&blinded).unwrap();
    assert!(key.finalize(b"message", &kept, &answer).is_ok());

    let read = |bytes: &[u8]| Blinding::from_bytes(key, bytes).map(|_| ()).unwrap_err();
    let (factor, inverse) = bytes.split_at(key.length());
    let mut flipped = bytes.to_vec();
    flipped[300] ^= 1;
    let zero = vec![0; key.length()];
    for wrong in [
        [].as_slice(),
        &flipped,
        &bytes[1..],
        &[&bytes[..], &[0]].concat(),
        &[factor, factor].concat(),
        &[factor, &zero].concat(),
        &[&zero, inverse].concat(),
        &[factor, key.modulus()].concat(),
        &[0xff; 512],
    ] {
        assert_eq!(read(wrong), Breach::CredentialInvalid);
    }
    let other = IssuerSecret::generate(ModulusBits::Rsa2048);
    assert!(Blinding::from_bytes(other.public(), &bytes).is_err());
}

#[test]
fn an_issuer_signs_only_what_can_be_a_blinded_message() {
    let key = SECRET.public();
    let above = {
        let mut above = key.modulus().to_vec();
        *above.last_mut().unwrap() += 1; // odd, so that nothing is carried
        above
    };
    // CRED-4: of the modulus' length, above 0 and below the modulus.
    for wrong in [&[0; 256][..], key.modulus(), &above, &[0xff; 256], &[1; 255], &[1; 257], &[]] {
        assert!(!key.is_blinded(wrong));
        assert_eq!(SECRET.blind_sign(wrong), Err(Breach::BlindedMessage));
        assert_eq!(key.check_blind_signature(wrong, &[1; 256]), Err(Breach::BlindedMessage));
    }
    let (_, blinded) = key.blind(b"message", &mut rng(5)).unwrap();
    // CRED-9: asked again, it gives the same blind signature.
    assert_eq!(SECRET.blind_sign(&blinded), SECRET.blind_sign(&blinded));
    // CRED-5: the signature is over this message and no other.
    let answer = SECRET.blind_sign(&blinded).unwrap();
    let (_, other) = key.blind(b"message", &mut rng(6)).unwrap();
    assert_eq!(key.check_blind_signature(&other, &answer), Err(Breach::IssuedInvalid));
}

#[test]
fn issuer_keys_are_kept_as_pkcs8() {
    let der = SECRET.to_pkcs8();
    let kept = IssuerSecret::from_pkcs8(&der).unwrap();
    assert_eq!(kept.public(), SECRET.public());
    let (_, blinded) = kept.public().blind(b"message", &mut rng(7)).unwrap();
    assert_eq!(kept.blind_sign(&blinded), SECRET.blind_sign(&blinded));
    for wrong in [&der[1..], &der[..der.len() - 1], &[]] {
        assert_eq!(IssuerSecret::from_pkcs8(wrong).unwrap_err(), Breach::IssuerKeyWeak);
    }
}

#[test]
fn issuer_keys_of_other_parameters_are_refused() {
    use openssl::pkey::PKey;
    use openssl::rsa::Rsa;

    let pkcs8 = |rsa| PKey::from_rsa(rsa).unwrap().private_key_to_pkcs8().unwrap();
    let three = Rsa::generate_with_e(2_048, &BigNum::from_u32(3).unwrap()).unwrap();
    let small = Rsa::generate(1_024).unwrap();
    let curve = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let curve = openssl::ec::EcKey::generate(&curve).unwrap();
    let curve = PKey::from_ec_key(curve).unwrap().private_key_to_pkcs8().unwrap();
    for wrong in [pkcs8(three), pkcs8(small), curve] {
        assert_eq!(IssuerSecret::from_pkcs8(&wrong).unwrap_err(), Breach::IssuerKeyWeak);
    }
}

#[test]
fn a_modulus_that_shares_a_factor_with_the_message_is_refused() {
    let length = ModulusBits::Rsa2048.length();
    // A prime above the bound of small factors that divides some message, encoded with some salt.
    let primes: Vec<u32> = (65_537..70_000)
        .filter(|odd| (2..=*odd).find(|divisor| odd % divisor == 0) == Some(*odd))
        .collect();
    let (salt, shared) = (0_u64..)
        .find_map(|number| {
            let mut salt = [0; SALT_LENGTH];
            salt[..8].copy_from_slice(&number.to_le_bytes());
            let encoded = BigNum::from_slice(&padding::encode(b"message", &salt, length)).unwrap();
            let divides = |prime: &&u32| encoded.mod_word(**prime).unwrap() == 0;
            primes.iter().find(divides).map(|prime| (salt, *prime))
        })
        .unwrap();
    // The cofactor is prime, and the product has 2048 bits: both factors have their top bits set.
    let mut cofactor = BigNum::new().unwrap();
    cofactor.generate_prime(2_032, false, None, None).unwrap();
    let mut modulus = &cofactor * &BigNum::from_u32(shared).unwrap();
    while modulus.num_bits() != 2_048 {
        cofactor.generate_prime(2_032, false, None, None).unwrap();
        modulus = &cofactor * &BigNum::from_u32(shared).unwrap();
    }
    let key = IssuerKey::parse(ModulusBits::Rsa2048, &encode(&modulus, length)).unwrap();
    // CRED-10: gcd(m, N) = 1.
    let (blinding, _) = key.blind(b"another message", &mut rng(8)).unwrap();
    assert_eq!(key.blind_by(b"message", &salt, &blinding), Err(Breach::IssuerKeyWeak));
    assert!(SECRET.public().blind_by(b"message", &salt, &blinding).is_ok());
    let factor = encode(&BigNum::from_u32(shared).unwrap(), length);
    assert_eq!(key.invert(&factor, &factor), Err(Breach::IssuerKeyWeak));
}

#[test]
fn debugging_shows_no_secret() {
    let (blinding, _) = SECRET.public().blind(b"message", &mut rng(9)).unwrap();
    assert_eq!(format!("{blinding:?}"), "Blinding(secret)");
    let shown = hex::encode(&SECRET.public().modulus()[..8]);
    let key = format!("IssuerKey(2048 bits, {shown}...)");
    assert_eq!(format!("{:?}", SECRET.public()), key);
    assert_eq!(format!("{:?}", *SECRET), format!("IssuerSecret(of {key})"));
}
