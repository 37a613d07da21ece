//! Every way in which a trustee can do wrong, and who is seen to have done it.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::{CONTEXT, Ceremony, index};
use crate::breach::Breach;
use crate::ceremony::*;
use crate::hash::Hash;
use crate::sealing::group;

#[test]
fn transport_keys_that_are_weak() {
    // CEREMONY-2.
    let refused = |bytes| assert_eq!(TransportKey::parse(bytes), Err(Breach::TransportKeyWeak));
    refused(&[0; 32]);
    refused(&[0xff; 32]);
    assert_eq!(TransportSecret::from_bytes(&[0; 32]).err(), Some(Breach::TransportKeyWeak));
    assert_eq!(TransportSecret::from_bytes(&[0xff; 32]).err(), Some(Breach::TransportKeyWeak));
}

/// A dealing of trustee 1 with threshold 3 as it comes out of `change`.
fn check_changed(change: impl FnOnce(&mut Dealing)) -> Result<CheckedDealing, Breach> {
    let dealer = Dealer::generate(index(1), 3, &mut StdRng::seed_from_u64(3)).unwrap();
    let mut dealing = dealer.dealing().clone();
    change(&mut dealing);
    dealing.check(index(1), 3)
}

#[test]
fn dealings_that_are_refused() {
    let basepoint = RistrettoPoint::mul_base(&Scalar::ONE).compress().to_bytes();
    assert!(check_changed(|_| ()).is_ok());
    // CEREMONY-3, CEREMONY-4.
    // One commitment too few or too many: attack `threshold-changed`.
    let breach = Err(Breach::DealingInvalid);
    let changed = |change: fn(&mut Dealing)| check_changed(change).map(drop);
    assert_eq!(changed(|dealing| dealing.commitments.truncate(2)), breach);
    assert_eq!(changed(|dealing| dealing.commitments.push([0; 32])), breach);
    assert_eq!(changed(|dealing| dealing.commitments.clear()), breach);
    // The identity as the first commitment, and with it a proof that its equation would accept.
    assert_eq!(changed(|dealing| dealing.commitments[0] = [0; 32]), breach);
    let identity = check_changed(|dealing| {
        dealing.commitments[0] = [0; 32];
        dealing.proof = [[0; 32], [0; 32]].concat().try_into().unwrap();
        dealing.proof[..32].copy_from_slice(&basepoint);
        dealing.proof[32] = 1;
    });
    assert_eq!(identity.map(drop), breach);
    // Not canonical: a commitment, the proof's element, the proof's scalar.
    for place in 0..3 {
        let outside = check_changed(|dealing| dealing.commitments[place] = [0xff; 32]);
        assert_eq!(outside.map(drop), breach, "{place}");
    }
    assert_eq!(changed(|dealing| dealing.proof[..32].fill(0xff)), breach);
    let overlong = check_changed(|dealing| add_order(&mut dealing.proof[32..]));
    assert_eq!(overlong.map(drop), breach);
    // Attack `no-proof-of-knowledge`.
    assert_eq!(changed(|dealing| dealing.proof = [0; 64]), breach);
    for place in 0..64 {
        assert_eq!(check_changed(|dealing| dealing.proof[place] ^= 1).map(drop), breach);
    }
    assert_eq!(changed(|dealing| dealing.commitments.swap(0, 1)), breach);
    // The proof of another trustee's index.
    let dealer = Dealer::generate(index(1), 3, &mut StdRng::seed_from_u64(3)).unwrap();
    assert_eq!(dealer.dealing().check(index(2), 3).map(drop), breach);
}

/// Adds the group's order to an encoded scalar: the same scalar, not canonical.
fn add_order(bytes: &mut [u8]) {
    let order = (-Scalar::ONE).to_bytes();
    let mut carry = 1;
    for (byte, order) in bytes.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
}

/// The proof of a dealer that knows `secret`, with this nonce.
fn prove(dealer: TrusteeIndex, commitment: &[u8; 32], secret: Scalar, nonce: Scalar) -> [u8; 64] {
    let nonce_point = RistrettoPoint::mul_base(&nonce).compress().to_bytes();
    let place = dealer.scalar().to_bytes();
    let prefix = b"FROST-RISTRETTO255-SHA512-v1dkg";
    let challenge = group::challenge(&[prefix, &place, commitment, &nonce_point]);
    let response = nonce + challenge * secret;
    [nonce_point, response.to_bytes()].concat().try_into().unwrap()
}

#[test]
fn a_proof_by_a_nonce_of_zero_holds() {
    // It gives the dealer's own part away, as the dealer could at any time; the equation holds.
    let dealer = Dealer::generate(index(1), 2, &mut StdRng::seed_from_u64(4)).unwrap();
    let mut dealing = dealer.dealing().clone();
    dealing.proof = prove(index(1), &dealing.commitments[0], dealer.coefficients[0], Scalar::ZERO);
    assert_eq!(dealing.proof[..32], [0; 32]);
    assert!(dealing.check(index(1), 2).is_ok());
}

#[test]
fn dealings_are_summed_once_each() {
    let ceremony = Ceremony::hold(2, 3);
    let [first, second, _] = [1, 2, 3].map(|i| &ceremony.dealings[&index(i)]);
    let other = Ceremony::hold(3, 3);
    let sum = |dealings: &[&CheckedDealing]| JointDealing::sum(dealings.iter().copied()).err();
    let breach = Some(Breach::DealingInvalid);
    assert_eq!(sum(&[]), breach);
    assert_eq!(sum(&[first, second, first]), breach);
    assert_eq!(sum(&[first, &other.dealings[&index(2)]]), breach);
    assert_eq!(sum(&[first, second]), None);
}

#[test]
fn dealers_who_conspire_cannot_make_the_identity_the_key() {
    let one = Dealer::generate(index(1), 2, &mut StdRng::seed_from_u64(5)).unwrap();
    let checked = one.dealing().check(index(1), 2).unwrap();
    // The negated polynomial, as trustee 2's.
    let mut negated = Dealing { commitments: Vec::new(), proof: [0; 64] };
    for coefficient in &*one.coefficients {
        let point = RistrettoPoint::mul_base(&-coefficient);
        negated.commitments.push(point.compress().to_bytes());
    }
    let (commitment, secret) = (negated.commitments[0], -one.coefficients[0]);
    negated.proof = prove(index(2), &commitment, secret, Scalar::from(5_u8));
    let negated = negated.check(index(2), 2).unwrap();
    assert_eq!(JointDealing::sum([&checked, &negated]).err(), Some(Breach::DealingInvalid));
}

#[test]
fn a_false_complaint_shows_the_complainant() {
    // CEREMONY-7. Attack `false-complaint`.
    let mut ceremony = Ceremony::hold(2, 3);
    assert!(ceremony.receive(1, 2).is_ok());
    assert_eq!(ceremony.judge(1, 2), Guilty::Complainant);
}

#[test]
fn a_wrong_share_shows_the_dealer() {
    // CEREMONY-5, CEREMONY-7. Attack `wrong-share-dealt`: garbage, another scalar, the share of
    // another, no scalar at all.
    let mut ceremony = Ceremony::hold(2, 3);
    let channel = ceremony.channel(1, 2);
    let right = Scalar::from_canonical_bytes(*ceremony.receive(1, 2).unwrap().0.as_bytes());
    let share_of_3 = *ceremony.receive(1, 3).unwrap().0;
    let secret = ceremony.secrets[&index(1)].clone();
    let other_scalar = channel.encrypt(&secret, &(right.unwrap() + Scalar::ONE));
    let of_another = channel.encrypt(&secret, &share_of_3);
    let for_another = ceremony.encrypted[&index(1)][&index(3)];
    let shared = group::encode_secret(channel.recipient_key.point * *secret.0);
    let overlong = channel.encrypt_bytes(&shared, &[0xff; 32]);
    let mut canonical = right.unwrap().to_bytes();
    add_order(&mut canonical);
    let plus_order = channel.encrypt_bytes(&shared, &canonical);
    for wrong in [[0; 48], other_scalar, of_another, for_another, overlong, plus_order] {
        ceremony.encrypted.get_mut(&index(1)).unwrap().insert(index(2), wrong);
        assert_eq!(ceremony.receive(1, 2).err(), Some(Breach::ShareInvalid));
        assert_eq!(ceremony.judge(1, 2), Guilty::Dealer);
    }
}

#[test]
fn a_complaint_holds_for_its_channel_alone() {
    // CEREMONY-6.
    let mut ceremony = Ceremony::hold(2, 3);
    let complaint = ceremony.complain(1, 2);
    let other_poll = CeremonyContext { announce: Hash([6; 32]), ..CONTEXT };
    let other_ceremony = CeremonyContext { ceremony: 2, ..CONTEXT };
    assert!(complaint.verify(ceremony.channel(1, 2)).is_ok());
    for channel in [
        ceremony.channel(2, 1),
        ceremony.channel(1, 3),
        ceremony.channel(3, 2),
        ceremony.channel_in(other_poll, 1, 2),
        ceremony.channel_in(other_ceremony, 1, 2),
    ] {
        assert_eq!(complaint.verify(channel).err(), Some(Breach::ComplaintInvalid));
    }
    let own = (index(1), ceremony.secrets[&index(1)].key());
    assert_eq!(Channel::new(CONTEXT, own, own), None);
}

#[test]
fn complaints_that_prove_nothing() {
    let mut ceremony = Ceremony::hold(2, 3);
    let good = ceremony.complain(1, 2);
    let refused = |change: &dyn Fn(&mut Complaint)| {
        let mut complaint = good.clone();
        change(&mut complaint);
        let verdict = complaint.verify(ceremony.channel(1, 2));
        assert_eq!(verdict.err(), Some(Breach::ComplaintInvalid));
    };
    for place in 0..64 {
        refused(&|complaint| complaint.proof[place] ^= 1);
    }
    refused(&|complaint| complaint.proof = [0; 64]);
    refused(&|complaint| add_order(&mut complaint.proof[..32]));
    refused(&|complaint| add_order(&mut complaint.proof[32..]));
    refused(&|complaint| complaint.shared_point = [0; 32]);
    refused(&|complaint| complaint.shared_point = [0xff; 32]);
    // Attack `weak-fiat-shamir`: an element of one's own choice instead of the secret one.
    let other = *ceremony.secrets[&index(3)].key().as_bytes();
    refused(&|complaint| complaint.shared_point = other);
}

#[test]
fn key_shares_that_are_refused() {
    // CEREMONY-12. Attack `wrong-share-posted`.
    let ceremony = Ceremony::hold(2, 3);
    let (joint, shares) = (ceremony.joint(), ceremony.key_shares());
    let good = *shares[&index(1)].to_bytes();
    let check = |bytes: &[u8; 32]| joint.verification_share(index(1)).check(bytes).err();
    assert_eq!(check(&good), None);
    let mut overlong = good;
    add_order(&mut overlong);
    let of_another = *shares[&index(2)].to_bytes();
    for wrong in [[0; 32], [0xff; 32], overlong, of_another] {
        assert_eq!(check(&wrong), Some(Breach::ShareInvalid));
    }
    // A dealer's share left out.
    let dealt = BTreeMap::from([
        (index(1), ceremony.dealers[&index(1)].own_share()),
        (index(2), ceremony.receive(2, 1).unwrap()),
    ]);
    assert_eq!(check(&KeyShare::sum(&dealt).to_bytes()), Some(Breach::ShareInvalid));
}
