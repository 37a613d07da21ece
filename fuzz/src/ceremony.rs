//! What trustees put on the log or keep in a file: what is read is written back as it was, and what
//! passes a check can be used without another.

use veche_protocol::{
    breach::Breach,
    ceremony::{
        CeremonyContext, Channel, Complaint, Dealer, Dealing, JointDealing, MAX_TRUSTEES,
        TransportKey, TransportSecret, TrusteeIndex,
    },
    hash::Hash,
};

use crate::input::Input;

/// The first byte chooses what the others are.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    match input.byte() % 4 {
        0 => check_transport(&mut input),
        1 => check_dealing(&mut input),
        2 => check_kept(input.rest()),
        _ => check_complaint(&mut input),
    }
}

/// The next `N` bytes, with zeros where they end.
fn array<const N: usize>(input: &mut Input<'_>) -> [u8; N] {
    let mut array = [0; N];
    let taken = input.take(N);
    array[..taken.len()].copy_from_slice(taken);
    array
}

fn trustee(input: &mut Input<'_>) -> TrusteeIndex {
    let number = 1 + input.byte() % MAX_TRUSTEES;
    TrusteeIndex::new(number).expect("1 to 16 are trustees")
}

fn check_transport(input: &mut Input<'_>) {
    let bytes = array(input);
    match TransportKey::parse(&bytes) {
        Ok(key) => assert_eq!(key.as_bytes(), &bytes),
        Err(breach) => assert_eq!(breach, Breach::TransportKeyWeak),
    }
    match TransportSecret::from_bytes(&bytes) {
        Ok(secret) => {
            assert_eq!(*secret.to_bytes(), bytes);
            let key = secret.key();
            assert_eq!(TransportKey::parse(key.as_bytes()), Ok(key), "the key of a secret is one");
        }
        Err(breach) => assert_eq!(breach, Breach::TransportKeyWeak),
    }
}

fn check_dealing(input: &mut Input<'_>) {
    let (dealer, other) = (trustee(input), trustee(input));
    let threshold = 1 + input.byte() % MAX_TRUSTEES;
    let dealing = Dealing {
        proof: array(input),
        commitments: (0..threshold).map(|_| array(input)).collect(),
    };
    let checked = match dealing.check(dealer, threshold) {
        Ok(checked) => checked,
        Err(breach) => return assert_eq!(breach, Breach::DealingInvalid),
    };
    assert_eq!(checked.dealer(), dealer);
    assert_eq!(dealing.check(dealer, threshold + 1).err(), Some(Breach::DealingInvalid));
    if other != dealer {
        // CEREMONY-4: a proof is its dealer's alone.
        assert_eq!(dealing.check(other, threshold).err(), Some(Breach::DealingInvalid));
    }
    let twice = JointDealing::sum([&checked, &checked]);
    assert_eq!(twice.err(), Some(Breach::DealingInvalid));
    let joint = JointDealing::sum([&checked]).expect("a constant that is not the identity");
    assert_eq!(joint.election_key().as_bytes(), &dealing.commitments[0]);
    let share: [u8; 32] = array(input);
    if let Ok(checked) = joint.verification_share(other).check(&share) {
        assert_eq!(*checked.to_bytes(), share);
    }
}

/// What a dealer keeps until it has dealt.
fn check_kept(bytes: &[u8]) {
    match Dealer::from_bytes(bytes) {
        Err(breach) => assert_eq!(breach, Breach::DealingInvalid),
        Ok(dealer) => {
            assert_eq!(*dealer.to_bytes(), bytes);
            let threshold = u8::try_from(dealer.dealing().commitments.len()).expect("at most 16");
            assert!(dealer.dealing().check(dealer.index(), threshold).is_ok());
            assert!(Dealer::from_bytes(&[bytes, &[0]].concat()).is_err());
        }
    }
}

fn check_complaint(input: &mut Input<'_>) {
    let context = CeremonyContext { announce: Hash(array(input)), ceremony: 1 };
    let ends = [(); 2].map(|()| (trustee(input), TransportKey::parse(&array(input))));
    let [(dealer, Ok(dealer_key)), (recipient, Ok(recipient_key))] = ends else { return };
    let channel = Channel::new(context, (dealer, dealer_key), (recipient, recipient_key));
    assert_eq!(channel.is_none(), dealer == recipient);
    let Some(channel) = channel else { return };
    let complaint = Complaint { shared_point: array(input), proof: array(input) };
    if let Err(breach) = complaint.verify(channel) {
        assert_eq!(breach, Breach::ComplaintInvalid);
    }
}
