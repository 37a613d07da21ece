//! Whole ceremonies on paper, with frost as the oracle, and every way to do wrong in one.

mod faults;

use std::collections::BTreeMap;

use curve25519_dalek::scalar::Scalar;
use frost_ristretto255 as frost;
use frost_ristretto255::Field as _;
use frost_ristretto255::keys::dkg;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;
use crate::breach::Breach;
use crate::sealing::{DecryptionKey, PaddedMessage, SealedBallot, seal};
use crate::signature::Key;

const CONTEXT: CeremonyContext = CeremonyContext { announce: Hash([7; 32]), ceremony: 1 };
const OPEN: Hash = Hash([8; 32]);
const BALLOT_KEY: Key = Key([9; 32]);

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

/// A ceremony up to its dealings, with all the secrets of its trustees.
struct Ceremony {
    rng: StdRng,
    threshold: u8,
    secrets: BTreeMap<TrusteeIndex, TransportSecret>,
    dealers: BTreeMap<TrusteeIndex, Dealer>,
    dealings: BTreeMap<TrusteeIndex, CheckedDealing>,
    encrypted: BTreeMap<TrusteeIndex, BTreeMap<TrusteeIndex, EncryptedShare>>,
}

impl Ceremony {
    fn hold(threshold: u8, trustees: u8) -> Self {
        let mut rng = StdRng::seed_from_u64(u64::from(threshold) << 8 | u64::from(trustees));
        let all = || (1..=trustees).map(index);
        let secrets: BTreeMap<_, _> =
            all().map(|i| (i, TransportSecret::generate(&mut rng))).collect();
        let keys = secrets.iter().map(|(&i, secret)| (i, secret.key())).collect();
        let dealers: BTreeMap<_, _> =
            all().map(|i| (i, Dealer::generate(i, threshold, &mut rng).unwrap())).collect();
        let dealings = all().map(|i| (i, dealers[&i].dealing().check(i, threshold).unwrap()));
        let dealings = dealings.collect();
        let encrypted = all().map(|i| (i, dealers[&i].deal(CONTEXT, &secrets[&i], &keys)));
        let encrypted = encrypted.collect();
        Self { rng, threshold, secrets, dealers, dealings, encrypted }
    }

    fn channel(&self, dealer: u8, recipient: u8) -> Channel {
        self.channel_in(CONTEXT, dealer, recipient)
    }

    fn channel_in(&self, context: CeremonyContext, dealer: u8, recipient: u8) -> Channel {
        let end = |number| (index(number), self.secrets[&index(number)].key());
        Channel::new(context, end(dealer), end(recipient)).unwrap()
    }

    fn receive(&self, dealer: u8, recipient: u8) -> Result<DealtShare, Breach> {
        self.channel(dealer, recipient).receive(
            &self.secrets[&index(recipient)],
            &self.encrypted[&index(dealer)][&index(recipient)],
            &self.dealings[&index(dealer)],
        )
    }

    fn complain(&mut self, dealer: u8, recipient: u8) -> Complaint {
        let channel = self.channel(dealer, recipient);
        Complaint::make(&channel, &self.secrets[&index(recipient)], &mut self.rng)
    }

    fn judge(&mut self, dealer: u8, recipient: u8) -> Guilty {
        let complaint = self.complain(dealer, recipient);
        let verified = complaint.verify(self.channel(dealer, recipient)).unwrap();
        let encrypted = &self.encrypted[&index(dealer)][&index(recipient)];
        verified.judge(encrypted, &self.dealings[&index(dealer)])
    }

    fn joint(&self) -> JointDealing {
        JointDealing::sum(self.dealings.values()).unwrap()
    }

    fn key_shares(&self) -> BTreeMap<TrusteeIndex, KeyShare> {
        let share = |j: TrusteeIndex| {
            let dealt = self.dealers.iter().map(|(&i, dealer)| {
                let own = i == j;
                (i, if own { dealer.own_share() } else { self.receive(i.0, j.0).unwrap() })
            });
            KeyShare::sum(&dealt.collect())
        };
        self.secrets.keys().map(|&j| (j, share(j))).collect()
    }

    fn sealed(&mut self) -> SealedBallot {
        let message = PaddedMessage::pad(b"a choice", 20).unwrap();
        let key = *self.joint().election_key();
        seal(&OPEN, &key, &BALLOT_KEY, &message, &mut self.rng)
    }
}

#[test]
fn indices_are_1_to_16() {
    // CEREMONY-1. Attacks `trustee-index-zero` and `trustee-twice`: neither can be written down.
    assert_eq!(TrusteeIndex::new(0), None);
    assert_eq!(TrusteeIndex::new(17), None);
    assert_eq!((1..=16).filter_map(TrusteeIndex::new).count(), 16);
}

#[test]
fn any_threshold_of_trustees_opens_and_fewer_do_not() {
    // CEREMONY-12, CEREMONY-13.
    for (threshold, trustees) in [(2, 2), (2, 3), (7, 10), (11, 16)] {
        let mut ceremony = Ceremony::hold(threshold, trustees);
        let (joint, shares) = (ceremony.joint(), ceremony.key_shares());
        for (&j, share) in &shares {
            let read = joint.verification_share(j).check(&share.to_bytes()).unwrap();
            assert_eq!(*read.to_bytes(), *share.to_bytes());
        }
        let ballot = ceremony.sealed();
        let opens = |key: &DecryptionKey| {
            let opened = key.open_all(&OPEN, &[(BALLOT_KEY, &ballot)]);
            assert_eq!(opened, [Ok(b"a choice".to_vec())]);
        };
        for first in 0..trustees {
            // A run of the circle of trustees from each of them.
            let mut run: BTreeMap<_, _> = (0..threshold)
                .map(|step| index((first + step) % trustees + 1))
                .map(|j| (j, shares[&j].clone()))
                .collect();
            opens(&combine(&run, joint.election_key()).unwrap());
            run.pop_last();
            let fewer = combine(&run, joint.election_key());
            assert_eq!(fewer.err(), Some(Breach::ShareInvalid));
        }
        opens(&combine(&shares, joint.election_key()).unwrap());
    }
    let none = combine(&BTreeMap::new(), Ceremony::hold(2, 2).joint().election_key());
    assert_eq!(none.err(), Some(Breach::ShareInvalid));
}

/// What frost says of a trustee's key, from the same dealings.
fn frost_keys(
    ceremony: &Ceremony,
    of: u8,
) -> (frost::keys::KeyPackage, frost::keys::PublicKeyPackage) {
    let identifier = |i: TrusteeIndex| frost::Identifier::try_from(u16::from(i.get())).unwrap();
    let count = u16::try_from(ceremony.dealers.len()).unwrap();
    let part_1 = |dealer: &Dealer| {
        let commitments = dealer.dealing().commitments.iter();
        let commitment =
            frost::keys::VerifiableSecretSharingCommitment::deserialize(commitments).unwrap();
        let proof = frost::Signature::deserialize(&dealer.dealing().proof).unwrap();
        let scalar = |own: &Scalar| frost::RistrettoScalarField::deserialize(own.as_bytes());
        let coefficients = dealer.coefficients.iter().map(|own| scalar(own).unwrap());
        let secret = dkg::round1::SecretPackage::new(
            identifier(dealer.index()),
            coefficients.collect(),
            commitment.clone(),
            u16::from(ceremony.threshold),
            count,
        );
        (secret, dkg::round1::Package::new(commitment, proof))
    };
    let packages: BTreeMap<_, _> =
        ceremony.dealers.iter().map(|(&i, dealer)| (i, part_1(dealer))).collect();
    let but = |own: TrusteeIndex| -> BTreeMap<_, _> {
        let others = packages.iter().filter(|(i, _)| **i != own);
        others.map(|(&i, (_, package))| (identifier(i), package.clone())).collect()
    };
    let part_2 = |i: TrusteeIndex| dkg::part2(packages[&i].0.clone(), &but(i)).unwrap();
    let own = index(of);
    let others = packages.keys().copied().filter(|&i| i != own);
    let received = others.map(|i| (identifier(i), part_2(i).1[&identifier(own)].clone()));
    dkg::part3(&part_2(own).0, &but(own), &received.collect()).unwrap()
}

#[test]
fn frost_computes_the_same_keys() {
    // CEREMONY-4, CEREMONY-5, CEREMONY-8: an implementation of others, on the same dealings.
    for (threshold, trustees) in [(2, 2), (2, 3), (4, 5)] {
        let ceremony = Ceremony::hold(threshold, trustees);
        let (joint, shares) = (ceremony.joint(), ceremony.key_shares());
        for of in 1..=trustees {
            let (own, public) = frost_keys(&ceremony, of);
            assert_eq!(own.signing_share().serialize(), *shares[&index(of)].to_bytes());
            let verifying = public.verifying_shares()[own.identifier()].serialize().unwrap();
            let verification_share = joint.verification_share(index(of)).0;
            assert_eq!(verifying, *verification_share.compress().as_bytes());
            let election_key = public.verifying_key().serialize().unwrap();
            assert_eq!(election_key, *joint.election_key().as_bytes());
        }
    }
}

#[test]
fn a_dealer_survives_a_restart() {
    let dealer = Dealer::generate(index(3), 4, &mut StdRng::seed_from_u64(1)).unwrap();
    let bytes = dealer.to_bytes();
    let read = Dealer::from_bytes(&bytes).unwrap();
    assert_eq!((read.index(), read.dealing()), (index(3), dealer.dealing()));
    assert_eq!(*read.coefficients, *dealer.coefficients);
    let secret = TransportSecret::generate(&mut StdRng::seed_from_u64(2));
    let restored = TransportSecret::from_bytes(&secret.to_bytes()).unwrap();
    assert_eq!(restored.key(), secret.key());
    for length in 0..bytes.len() {
        assert_eq!(Dealer::from_bytes(&bytes[..length]).err(), Some(Breach::DealingInvalid));
    }
    for place in 0..bytes.len() {
        let mut damaged = bytes.to_vec();
        damaged[place] ^= 1;
        assert_eq!(Dealer::from_bytes(&damaged).err(), Some(Breach::DealingInvalid), "{place}");
    }
}

#[test]
fn a_threshold_is_2_to_16() {
    for threshold in [0, 1, 17, 255] {
        let dealer = Dealer::generate(index(1), threshold, &mut StdRng::seed_from_u64(1));
        assert_eq!(dealer.err(), Some(Breach::DefinitionInvalid), "{threshold}");
    }
}

#[test]
fn shares_of_another_ceremony_do_not_open() {
    let (one, other) = (Ceremony::hold(2, 3), Ceremony::hold(2, 4));
    let shares = other.key_shares();
    let key = combine(&shares, one.joint().election_key());
    assert_eq!(key.err(), Some(Breach::ShareInvalid));
    let swapped = BTreeMap::from([
        (index(1), one.key_shares()[&index(2)].clone()),
        (index(2), one.key_shares()[&index(1)].clone()),
    ]);
    let key = combine(&swapped, one.joint().election_key());
    assert_eq!(key.err(), Some(Breach::ShareInvalid));
}

#[test]
fn hashes_depend_on_everything() {
    // CEREMONY-2, CEREMONY-9.
    let dealer = Dealer::generate(index(1), 2, &mut StdRng::seed_from_u64(6)).unwrap();
    let dealing = dealer.dealing();
    let hash = dealing.commitment_hash(&CONTEXT, index(1));
    let other_ceremony = CeremonyContext { ceremony: 2, ..CONTEXT };
    let other_poll = CeremonyContext { announce: OPEN, ..CONTEXT };
    assert_ne!(dealing.commitment_hash(&CONTEXT, index(2)), hash);
    assert_ne!(dealing.commitment_hash(&other_ceremony, index(1)), hash);
    assert_ne!(dealing.commitment_hash(&other_poll, index(1)), hash);
    let mut changed = dealing.clone();
    changed.proof[63] ^= 1;
    assert_ne!(changed.commitment_hash(&CONTEXT, index(1)), hash);
    changed = dealing.clone();
    changed.commitments[1][0] ^= 1;
    assert_ne!(changed.commitment_hash(&CONTEXT, index(1)), hash);

    let entry = |join, deal| Contribution { join: Hash([join; 32]), deal: Hash([deal; 32]) };
    let two = BTreeMap::from([(index(1), entry(1, 2)), (index(2), entry(3, 4))]);
    let hash = transcript_hash(&CONTEXT, &two);
    let swapped = BTreeMap::from([(index(1), entry(2, 1)), (index(2), entry(3, 4))]);
    let moved = BTreeMap::from([(index(1), entry(1, 2)), (index(3), entry(3, 4))]);
    assert_ne!(transcript_hash(&CONTEXT, &swapped), hash);
    assert_ne!(transcript_hash(&CONTEXT, &moved), hash);
    assert_ne!(transcript_hash(&other_ceremony, &two), hash);
    assert_ne!(transcript_hash(&other_poll, &two), hash);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_subset_opens_iff_it_is_large_enough(
        threshold in 2_u8..=5, more in 0_u8..=3, chosen: u16,
    ) {
        let trustees = threshold + more;
        let ceremony = Ceremony::hold(threshold, trustees);
        let mut shares = ceremony.key_shares();
        shares.retain(|j, _| chosen >> j.get() & 1 == 1);
        let enough = shares.len() >= usize::from(threshold);
        let key = combine(&shares, ceremony.joint().election_key());
        prop_assert_eq!(key.is_ok(), enough);
    }
}
