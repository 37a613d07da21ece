//! Sealed ballots: what opens, and every way in which one does not.

use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;

const OPEN: Hash = Hash([8; 32]);
const BALLOT_KEY: Key = Key([9; 32]);
const LENGTH: usize = 24;

fn key_pair(seed: u64) -> (ElectionKey, DecryptionKey) {
    let secret = group::random_scalar(&mut StdRng::seed_from_u64(seed));
    let point = RistrettoPoint::mul_base(&secret);
    let key = ElectionKey::parse(&point.compress().to_bytes()).unwrap();
    (key, DecryptionKey::new(&secret, key).unwrap())
}

fn sealed(key: &ElectionKey, message: &[u8]) -> SealedBallot {
    let message = PaddedMessage::pad(message, LENGTH).unwrap();
    seal(&OPEN, key, &BALLOT_KEY, &message, &mut StdRng::seed_from_u64(3))
}

fn open(secret: &DecryptionKey, ballot: &SealedBallot) -> Result<Vec<u8>, Breach> {
    secret.open_all(&OPEN, &[(BALLOT_KEY, ballot)]).pop().unwrap()
}

#[test]
fn what_is_sealed_opens() {
    // SEAL-3, SEAL-5.
    let (key, secret) = key_pair(1);
    let longest = [0x80; LENGTH - 1];
    for message in [&b""[..], b"x", b"\0\0", b"\x80\0", &longest] {
        let ballot = sealed(&key, message);
        assert_eq!(ballot.check_form(LENGTH), Ok(()));
        assert_eq!(open(&secret, &ballot), Ok(message.to_vec()));
    }
}

#[test]
fn all_ballots_of_a_poll_are_of_one_length() {
    // SEAL-1, SEAL-4. Attack `unpadded-plaintext`.
    let (key, _) = key_pair(1);
    assert!(PaddedMessage::pad(&[1; LENGTH], LENGTH).is_none());
    assert!(PaddedMessage::pad(&[], 0).is_none());
    let ballot = sealed(&key, b"x");
    assert_eq!(ballot.ciphertext.len(), LENGTH + 16);
    for other in [0, LENGTH - 1, LENGTH + 1, usize::MAX] {
        assert_eq!(ballot.check_form(other), Err(Breach::SealedLength), "{other}");
    }
    let short = SealedBallot { ciphertext: vec![0; 15], ..ballot };
    assert_eq!(short.check_form(0), Err(Breach::SealedLength));
}

#[test]
fn points_that_are_refused() {
    // SEAL-4. Attacks `identity-point` and `low-order-point`: ristretto255 has no others of low
    // order.
    let (key, secret) = key_pair(1);
    for point in [[0; 32], [0xff; 32], [1; 32]] {
        let ballot = SealedBallot { point, ..sealed(&key, b"x") };
        assert_eq!(ballot.check_form(LENGTH), Err(Breach::SealedPoint));
        assert_eq!(ballot.check_form(0), Err(Breach::SealedPoint), "the point is judged first");
        assert_eq!(open(&secret, &ballot), Err(Breach::SealedPoint));
        assert_eq!(ElectionKey::parse(&point), None);
    }
}

#[test]
fn a_copied_ciphertext_does_not_open() {
    // SEAL-3. Attack `ciphertext-copied`: under another key, in another poll, for other trustees.
    let (key, secret) = key_pair(1);
    let ballot = sealed(&key, b"x");
    let refused = Err(Breach::SealedTag);
    assert_eq!(secret.open_all(&OPEN, &[(Key([7; 32]), &ballot)]), std::slice::from_ref(&refused));
    assert_eq!(
        secret.open_all(&Hash([7; 32]), &[(BALLOT_KEY, &ballot)]),
        std::slice::from_ref(&refused)
    );
    assert_eq!(open(&key_pair(2).1, &ballot), refused);
}

#[test]
fn an_altered_byte_anywhere_is_seen() {
    let (key, secret) = key_pair(1);
    let good = sealed(&key, b"x");
    for place in 0..good.ciphertext.len() {
        let mut ballot = good.clone();
        ballot.ciphertext[place] ^= 1;
        assert_eq!(open(&secret, &ballot), Err(Breach::SealedTag), "{place}");
    }
    for place in 0..32 {
        for bit in 0..8 {
            let mut ballot = good.clone();
            ballot.point[place] ^= 1 << bit;
            let breach = open(&secret, &ballot).unwrap_err();
            assert!(matches!(breach, Breach::SealedTag | Breach::SealedPoint), "{breach}");
        }
    }
    for length in 0..good.ciphertext.len() {
        let mut ballot = good.clone();
        ballot.ciphertext.truncate(length);
        assert_eq!(open(&secret, &ballot), Err(Breach::SealedTag), "{length}");
    }
}

#[test]
fn paddings_that_are_refused() {
    // SEAL-6. Attack `opens-to-garbage`.
    let (key, secret) = key_pair(1);
    let plaintexts = [vec![], vec![0; LENGTH], vec![1; LENGTH], b"text\x81\0\0".to_vec()];
    for plaintext in plaintexts {
        let message = PaddedMessage(Zeroizing::new(plaintext));
        let ballot = seal(&OPEN, &key, &BALLOT_KEY, &message, &mut StdRng::seed_from_u64(4));
        assert_eq!(open(&secret, &ballot), Err(Breach::SealedPadding));
    }
}

#[test]
fn ballots_opened_together_open_as_alone() {
    let (key, secret) = key_pair(1);
    let mut ballots: Vec<_> = (0..200).map(|number| sealed(&key, &[number])).collect();
    ballots[0].point = [0; 32];
    ballots[63].ciphertext[0] ^= 1;
    ballots[64].point = [0xff; 32];
    ballots[130].ciphertext.clear();
    let together: Vec<_> = ballots.iter().map(|ballot| (BALLOT_KEY, ballot)).collect();
    let alone: Vec<_> = ballots.iter().map(|ballot| open(&secret, ballot)).collect();
    assert_eq!(secret.open_all(&OPEN, &together), alone);
    let good = (0..).zip(&alone).filter(|(number, opened)| **opened == Ok(vec![*number]));
    assert_eq!(good.count(), 196);
    assert_eq!(secret.open_all(&OPEN, &[]), []);
}

#[test]
fn a_decryption_key_is_of_its_election_key() {
    let (key, _) = key_pair(1);
    let other = Scalar::from(5_u8);
    assert_eq!(DecryptionKey::new(&other, key).err(), Some(Breach::ShareInvalid));
}

proptest! {
    #[test]
    fn any_message_comes_back(message in prop::collection::vec(any::<u8>(), 0..LENGTH), seed: u64) {
        let (key, secret) = key_pair(1);
        let padded = PaddedMessage::pad(&message, LENGTH).unwrap();
        let ballot = seal(&OPEN, &key, &BALLOT_KEY, &padded, &mut StdRng::seed_from_u64(seed));
        prop_assert_eq!(open(&secret, &ballot), Ok(message));
    }
}
