//! Tests of keys, signing and the one verdict of single and batched verification.

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::{Claim, Key, Signature, SigningKey, verify, verify_batch};
use crate::breach::Breach;

const SPECCHECK: &str = include_str!("../../../spec/vectors/ed25519/speccheck.json");

/// The verdicts of the ZIP-215 rule on the twelve cases.
const SPECCHECK_VERDICTS: [bool; 12] =
    [true, true, true, true, true, true, false, false, false, true, true, true];

fn rng() -> StdRng {
    StdRng::seed_from_u64(215)
}

fn signing_key(number: u64) -> SigningKey {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    SigningKey::from_seed(&seed)
}

fn speccheck() -> Vec<(Key, Vec<u8>, Signature)> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(SPECCHECK).unwrap();
    let field = |case: &serde_json::Value, name: &str| {
        hex::decode(case[name].as_str().expect("a string")).unwrap()
    };
    cases
        .iter()
        .map(|case| {
            let key = Key(field(case, "pub_key").try_into().unwrap());
            (key, field(case, "message"), Signature::parse(&field(case, "signature")).unwrap())
        })
        .collect()
}

/// `count` claims that hold, except where `bad` says: there another message was signed.
fn claims(count: usize, bad: impl Fn(usize) -> bool) -> Vec<Claim> {
    (0..count)
        .map(|index| {
            let key = signing_key(index as u64 % 50);
            let message = index.to_le_bytes();
            let signed = if bad(index) { [1; 8] } else { message };
            Claim::new(&key.key(), &message, &key.sign(&signed))
        })
        .collect()
}

#[test]
fn rfc_8032_test_2() {
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    let key = SigningKey::from_seed(&hex::decode(seed).unwrap().try_into().unwrap());
    assert_eq!(
        key.key().to_string(),
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    );
    let signature = key.sign(&[0x72]);
    assert_eq!(
        signature.to_string(),
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    );
    assert_eq!(verify(&key.key(), &[0x72], &signature), Ok(()));
    assert_eq!(verify(&key.key(), &[0x73], &signature), Err(Breach::SignatureInvalid));
}

// ENTRY-10
#[test]
fn speccheck_single() {
    let cases = speccheck();
    assert_eq!(cases.len(), SPECCHECK_VERDICTS.len());
    for (case, ((key, message, signature), verdict)) in
        cases.iter().zip(SPECCHECK_VERDICTS).enumerate()
    {
        assert_eq!(verify(key, message, signature).is_ok(), verdict, "case {case}");
        assert_eq!(Claim::new(key, message, signature).verify().is_ok(), verdict, "case {case}");
    }
}

// ENTRY-10
#[test]
fn speccheck_batched_alone_and_together() {
    let claims: Vec<_> = speccheck().iter().map(|(k, m, s)| Claim::new(k, m, s)).collect();
    for (case, claim) in claims.iter().enumerate() {
        let expected = vec![SPECCHECK_VERDICTS[case]];
        assert_eq!(verify_batch(core::slice::from_ref(claim), rng()), expected, "case {case}");
        // Enough copies to go through the batch equation, not around it.
        let many = vec![claim.clone(); 64];
        assert_eq!(verify_batch(&many, rng()), vec![SPECCHECK_VERDICTS[case]; 64], "case {case}");
    }
    assert_eq!(verify_batch(&claims, rng()), SPECCHECK_VERDICTS);
}

#[test]
fn speccheck_batched_among_good_ones() {
    for (case, (key, message, signature)) in speccheck().iter().enumerate() {
        let mut among = claims(40, |_| false);
        among.insert(23, Claim::new(key, message, signature));
        let verdicts = verify_batch(&among, rng());
        for (index, verdict) in verdicts.into_iter().enumerate() {
            assert_eq!(verdict, index != 23 || SPECCHECK_VERDICTS[case], "case {case} at {index}");
        }
    }
}

/// Numbers that no secrecy needs, and how many were asked for: each equation takes one for a claim.
struct Counting(u64);

impl rand::TryRng for Counting {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        let number = self.try_next_u64()?;
        bytes
            .iter_mut()
            .zip(number.to_le_bytes().iter().cycle())
            .for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

impl rand::TryCryptoRng for Counting {}

/// How many claims were put into equations to judge these.
fn effort(claims: &[Claim]) -> u64 {
    let mut rng = Counting(0);
    verify_batch(claims, &mut rng);
    rng.0
}

#[test]
fn bad_claims_cost_little_more_than_good_ones() {
    // Good claims are looked at once.
    assert_eq!(effort(&claims(600, |_| false)), 600);
    // One bad claim: its batch is searched, wherever it is, and the other batches are not.
    for place in [0, 100, 255, 256, 511] {
        let effort = effort(&claims(512, |index| index == place));
        assert!((512 + 128..=512 + 2 * 256).contains(&effort), "{place}: {effort}");
    }
    // A good half points at the other half, which then is not tried as a whole: from the right end
    // the rounds are 256, then the left halves 128, 64, 32, 16, 8 of what is left, of which none
    // fails.
    assert_eq!(effort(&claims(256, |index| index == 255)), 256 + 128 + 64 + 32 + 16 + 8);
    // A bad half says nothing of the other half, which is tried: from the left end both halves are.
    let halves = 2 * (128 + 64 + 32 + 16 + 8);
    assert_eq!(effort(&claims(256, |index| index == 0)), 256 + halves);
    // Nothing but bad claims: bounded.
    assert!(effort(&claims(512, |_| true)) <= 3 * 512);
}

#[test]
fn batches_of_every_kind_of_badness() {
    assert_eq!(verify_batch(&[], rng()), Vec::<bool>::new());
    for count in [1, 4, 5, 9, 64, 256, 600] {
        let kinds: [fn(usize) -> bool; 5] =
            [|_| false, |_| true, |i| i == 0, |i| i % 2 == 1, |i| i % 100 == 99];
        for bad in kinds {
            let expected: Vec<_> = (0..count).map(|index| !bad(index)).collect();
            assert_eq!(verify_batch(&claims(count, bad), rng()), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_batch_says_what_its_parts_say(bad in proptest::collection::vec(any::<bool>(), 0..120)) {
        let claims = claims(bad.len(), |index| bad[index]);
        let single: Vec<_> = claims.iter().map(|claim| claim.verify().is_ok()).collect();
        prop_assert_eq!(&single, &bad.iter().map(|bad| !bad).collect::<Vec<_>>());
        prop_assert_eq!(verify_batch(&claims, rng()), single);
    }

    #[test]
    fn a_changed_bit_is_noticed(position in 0..512_usize, seed in any::<[u8; 32]>()) {
        let key = SigningKey::from_seed(&seed);
        let mut signature = key.sign(b"ballot");
        prop_assert_eq!(verify(&key.key(), b"ballot", &signature), Ok(()));
        signature.0[position / 8] ^= 1 << (position % 8);
        prop_assert_eq!(
            verify(&key.key(), b"ballot", &signature),
            Err(Breach::SignatureInvalid)
        );
    }

    #[test]
    fn honest_keys_are_accepted(seed in any::<[u8; 32]>()) {
        let key = SigningKey::from_seed(&seed).key();
        prop_assert_eq!(Key::parse(key.as_bytes()), Ok(key));
    }

    #[test]
    fn what_is_accepted_is_canonical(bytes in any::<[u8; 32]>()) {
        if let Ok(key) = Key::parse(&bytes) {
            let point = super::CompressedEdwardsY(key.0).decompress().expect("on the curve");
            prop_assert_eq!(point.compress().0, bytes);
            prop_assert!(!point.is_small_order());
        }
    }
}

/// y = 2^255 - 19 + `above`, with the sign bit as given: the forms that are not reduced.
fn unreduced(above: u8, sign: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + above;
    bytes[31] = 0x7f | sign << 7;
    bytes
}

#[test]
fn keys_of_wrong_length_are_weak() {
    let key = signing_key(1).key().0;
    assert_eq!(Key::parse(&key[..31]), Err(Breach::KeyWeak));
    assert_eq!(Key::parse(&[key.as_slice(), &[0]].concat()), Err(Breach::KeyWeak));
    assert_eq!(Key::parse(&[]), Err(Breach::KeyWeak));
}

// ENTRY-9
#[test]
fn keys_that_are_not_canonical_are_weak() {
    let mut on_curve = 0;
    for above in 0..=18 {
        for sign in 0..=1 {
            let bytes = unreduced(above, sign);
            on_curve += u32::from(super::CompressedEdwardsY(bytes).decompress().is_some());
            assert_eq!(Key::parse(&bytes), Err(Breach::KeyWeak));
        }
    }
    // The check is not idle: some of these forms decode to points, not all of small order.
    assert!(on_curve > 4, "{on_curve}");
    // x = 0 with the sign bit set.
    let mut negative_identity = [0; 32];
    negative_identity[0] = 1;
    negative_identity[31] = 0x80;
    assert_eq!(Key::parse(&negative_identity), Err(Breach::KeyWeak));
}

#[test]
fn the_largest_reduced_coordinate_is_reduced() {
    let mut bytes = unreduced(0, 0);
    assert!(!super::is_reduced(&bytes));
    bytes[0] = 0xec;
    assert!(super::is_reduced(&bytes));
    bytes = unreduced(5, 1);
    bytes[17] = 0xfe;
    assert!(super::is_reduced(&bytes));
}

// ENTRY-9
#[test]
fn keys_of_small_order_are_weak() {
    for point in curve25519_dalek::constants::EIGHT_TORSION {
        assert_eq!(Key::parse(&point.compress().0), Err(Breach::KeyWeak));
    }
    for (case, (key, _, _)) in speccheck().iter().enumerate() {
        let weak = [0, 1, 10, 11].contains(&case);
        assert_eq!(Key::parse(&key.0).is_err(), weak, "case {case}");
    }
}

#[test]
fn keys_off_the_curve_are_weak() {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    assert!(super::CompressedEdwardsY(bytes).decompress().is_none());
    assert_eq!(Key::parse(&bytes), Err(Breach::KeyWeak));
}

#[test]
fn a_signing_key_prints_no_secret() {
    let key = signing_key(77);
    assert_eq!(format!("{key:?}"), format!("SigningKey of {}", key.key()));
    assert!(!format!("{key:?}").contains(&hex::encode(*key.seed())));
}

#[test]
fn a_seed_is_given_back() {
    let key = SigningKey::generate(&mut rng());
    assert_eq!(SigningKey::from_seed(&key.seed()).key(), key.key());
    let mut later = rng();
    let first = SigningKey::generate(&mut later);
    assert_ne!(SigningKey::generate(&mut later).key(), first.key());
}
