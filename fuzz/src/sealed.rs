//! Sealed ballots: what is sealed opens to what it was, and nothing else opens at all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rand::{SeedableRng, rngs::StdRng};
use veche_protocol::{
    breach::Breach,
    ceremony::{
        CeremonyContext, Channel, Dealer, JointDealing, KeyShare, TransportSecret, TrusteeIndex,
        combine,
    },
    hash::Hash,
    sealing::{DecryptionKey, ElectionKey, PaddedMessage, SealedBallot, seal},
    signature::Key,
};

use crate::input::Input;

/// The leaf hash of the poll's Open.
const OPEN: Hash = Hash([3; 32]);
/// Whose ballot it is.
const BALLOT_KEY: Key = Key([4; 32]);

/// The keys of a poll whose two trustees have opened it.
static KEYS: LazyLock<(ElectionKey, DecryptionKey)> = LazyLock::new(|| {
    let mut rng = StdRng::seed_from_u64(1);
    let context = CeremonyContext { announce: Hash([2; 32]), ceremony: 1 };
    let seats = [1, 2].map(|number| {
        let index = TrusteeIndex::new(number).expect("1 and 2 are trustees");
        let dealer = Dealer::generate(index, 2, &mut rng).expect("two of two is lawful");
        (index, dealer, TransportSecret::generate(&mut rng))
    });
    let keys: BTreeMap<_, _> =
        seats.iter().map(|(index, _, secret)| (*index, secret.key())).collect();
    let checked = seats
        .each_ref()
        .map(|(index, dealer, _)| dealer.dealing().check(*index, 2).expect("its own dealing"));
    let joint = JointDealing::sum(&checked).expect("a key with a secret");
    let shares = [(0, 1), (1, 0)].map(|(own, other)| {
        let (index, dealer, secret) = &seats[own];
        let (from, their, their_secret) = &seats[other];
        let channel = Channel::new(context, (*from, keys[from]), (*index, keys[index]));
        let encrypted = their.deal(context, their_secret, &keys)[index];
        let dealt = channel.expect("two trustees").receive(secret, &encrypted, &checked[other]);
        let dealt = dealt.expect("an honest share");
        (*index, KeyShare::sum(&BTreeMap::from([(*index, dealer.own_share()), (*from, dealt)])))
    });
    let key = *joint.election_key();
    (key, combine(&BTreeMap::from(shares), &key).expect("all shares"))
});

/// The first two bytes say the length of the poll's messages, one more a place; then comes a point,
/// then a ciphertext, which is tried as a message as well.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    let length = usize::try_from(input.below(600)).expect("a small number");
    let place = usize::from(input.byte());
    let mut point = [0; 32];
    let taken = input.take(32);
    point[..taken.len()].copy_from_slice(taken);
    let rest = input.rest();
    check_forged(SealedBallot { point, ciphertext: rest.to_vec() }, length);
    check_sealed(rest, length, place);
}

fn open(ballot: &SealedBallot, key: Key) -> Result<Vec<u8>, Breach> {
    let mut opened = KEYS.1.open_all(&OPEN, &[(key, ballot)]);
    opened.pop().expect("one ballot gives one message")
}

/// Bytes that nobody sealed for this key do not open.
fn check_forged(ballot: SealedBallot, length: usize) {
    let form = ballot.check_form(length);
    if let Err(breach) = form {
        assert!([Breach::SealedPoint, Breach::SealedLength].contains(&breach), "{breach}");
    }
    let codes = [Breach::SealedPoint, Breach::SealedTag];
    assert!(open(&ballot, BALLOT_KEY).is_err_and(|breach| codes.contains(&breach)));
    if form.is_ok() {
        assert_eq!(open(&ballot, BALLOT_KEY), Err(Breach::SealedTag));
    }
}

fn check_sealed(message: &[u8], length: usize, place: usize) {
    let padded = PaddedMessage::pad(message, length);
    // SEAL-1: a message has room if a byte more has.
    assert_eq!(padded.is_some(), message.len() < length);
    let Some(padded) = padded else { return };
    let mut rng = StdRng::seed_from_u64(place as u64);
    let ballot = seal(&OPEN, &KEYS.0, &BALLOT_KEY, &padded, &mut rng);
    assert_eq!(ballot.check_form(length), Ok(()));
    assert_eq!(ballot.check_form(length + 1), Err(Breach::SealedLength));
    assert_eq!(open(&ballot, BALLOT_KEY).as_deref(), Ok(message));
    // SEAL-3: a copy under another key does not open, nor one that was touched.
    assert_eq!(open(&ballot, Key([5; 32])), Err(Breach::SealedTag));
    let mut touched = ballot.clone();
    let places = touched.ciphertext.len();
    touched.ciphertext[place % places] ^= 1;
    assert_eq!(open(&touched, BALLOT_KEY), Err(Breach::SealedTag));
}
