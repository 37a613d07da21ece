//! An anonymous and sealed poll of fifty voters in the city in memory: two issuers, three trustees
//! of whom two suffice, played by the tests themselves.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use veche_protocol::blind_rsa::{IssuerSecret, ModulusBits};
use veche_protocol::ceremony::{Dealer, KeyShare, TransportSecret, TrusteeIndex};
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::definition::{Definition, Identity, Revote, Secrecy};
use veche_protocol::poll::issuing::{Issued, IssuerKeys};
use veche_protocol::poll::trusteeship::{Deal, Join, Ready, Share};
use veche_protocol::signature::SigningKey;

use super::{OFFICERS, POLL, ROLL, TestCity, VOTERS, key, poll_path};
use crate::acts::poll;
use crate::credential::Credential;
use crate::roll_copy::RollCopy;

/// Keys of the issuers and of the trustees.
pub(crate) const ISSUERS: [u8; 2] = [20, 21];
pub(crate) const TRUSTEES: [u8; 3] = [30, 31, 32];
/// Voters of the one district.
pub(crate) const CROWD: u8 = 50;

pub(crate) fn definition() -> Definition {
    let authorities = |numbers: &[u8], labels: &[&str]| {
        let authority = |(&number, label): (&u8, &&str)| Authority {
            key: key(number).key(),
            label: (*label).into(),
        };
        let mut list: Vec<_> = numbers.iter().zip(labels).map(authority).collect();
        list.sort_by_key(|authority| authority.key);
        list
    };
    let mut issuers = authorities(&ISSUERS, &["", ""]);
    for (issuer, label) in issuers.iter_mut().zip(["Bar", "University"]) {
        issuer.label = label.to_owned();
    }
    let members = authorities(&TRUSTEES, &["Ada", "Bob", "Cyd"]);
    Definition {
        identity: Identity::Anonymous,
        secrecy: Secrecy::Sealed,
        issuance: Some(Issuance {
            bits: ModulusBits::Rsa2048,
            issuing: Issuing::UntilClose,
            issuers,
        }),
        trustees: Trustees { threshold: 2, members },
        ..super::definition(Revote::Last { max_turn: 2 })
    }
}

/// The secret of the issuer at this place among [`ISSUERS`]; made once, which takes a while.
pub(crate) fn secret(issuer: usize) -> &'static IssuerSecret {
    static SECRETS: OnceLock<[IssuerSecret; 2]> = OnceLock::new();
    &SECRETS.get_or_init(|| [(); 2].map(|()| IssuerSecret::generate(ModulusBits::Rsa2048)))[issuer]
}

/// What the three trustees keep, by their place in the definition.
#[derive(Default)]
pub(crate) struct Keepers(BTreeMap<TrusteeIndex, KeyShare>);

impl TestCity {
    /// An anonymous sealed poll of fifty voters, announced.
    pub(crate) fn with_sealed_poll() -> Self {
        let this = Self::with_roll_of(CROWD);
        this.act(poll::announce(&this.read(), POLL, definition()).unwrap(), OFFICERS);
        this.announce_log(&poll_path());
        this
    }

    fn says(&self, payload: &Payload, kind: Kind, signer: &SigningKey) -> u64 {
        let read = self.read();
        let entry = SignedEntry::sign(payload, &self.poll(&read).fold().binding(kind), &[signer]);
        self.push(&poll_path(), entry.bytes())
    }

    /// Both issuers give their keys, and two officers begin.
    pub(crate) fn begin(&self) {
        for (place, &issuer) in ISSUERS.iter().enumerate() {
            let modulus = secret(place).public().modulus().to_vec();
            let keys = vec![("n".to_owned(), modulus)];
            self.says(&Payload::IssuerKeys(IssuerKeys { keys }), Kind::IssuerKeys, &key(issuer));
        }
        let read = self.read();
        let rolls = [RollCopy::read(self, &read, ROLL, &mut |_, _| {}).unwrap()];
        self.act(poll::begin(&read, &self.poll(&read), &rolls).unwrap(), OFFICERS);
        self.anchor();
    }

    /// A voter's credential, made and not sent.
    pub(crate) fn credential(&self, voter: u8) -> Credential {
        let poll = self.poll(&self.read());
        let begun = poll.fold().begun().unwrap();
        Credential::make(begun, &key(VOTERS + voter), &mut rand::rng()).unwrap()
    }

    /// One issuer, by its place among [`ISSUERS`], answers all who have asked.
    pub(crate) fn issue(&self, place: usize) {
        let poll = self.poll(&self.read());
        let issuer = key(ISSUERS[place]);
        let issuance = poll.fold().begun().unwrap().issuance().clone();
        let index = issuance.find(&issuer.key()).unwrap();
        let requests = poll.fold().requests();
        let answer = |request| {
            let blinded = &requests.blinded(request).unwrap()[index];
            (request, secret(place).blind_sign(blinded).unwrap())
        };
        let signatures = requests.unanswered(index).map(answer).collect();
        self.says(&Payload::Issued(Issued { signatures }), Kind::Issued, &issuer);
    }

    /// The trustees make the election key.
    pub(crate) fn hold_ceremony(&self) -> Keepers {
        let (mut secrets, mut dealers) = (BTreeMap::new(), BTreeMap::new());
        let context = self.poll(&self.read()).fold().ceremony().unwrap().context();
        let trustees = definition().trustees;
        let signer = |index| {
            let wanted = trustees.get(index).unwrap().key;
            TRUSTEES.map(key).into_iter().find(|key| key.key() == wanted).unwrap()
        };
        for index in trustees.indices() {
            let secret = TransportSecret::generate(&mut rand::rng());
            let dealer = Dealer::generate(index, 2, &mut rand::rng()).unwrap();
            let commitment_hash = dealer.dealing().commitment_hash(&context, index);
            let transport_key = *secret.key().as_bytes();
            let join = Join { ceremony: 1, transport_key, commitment_hash };
            self.says(&Payload::Join(join), Kind::Join, &signer(index));
            secrets.insert(index, secret);
            dealers.insert(index, dealer);
        }
        let keys = self.poll(&self.read()).fold().ceremony().unwrap().transport_keys();
        for (index, dealer) in &dealers {
            let shares = dealer.deal(context, &secrets[index], &keys).into_iter().collect();
            let deal = Deal { ceremony: 1, dealing: dealer.dealing().clone(), shares };
            self.says(&Payload::Deal(deal), Kind::Deal, &signer(*index));
        }
        let poll = self.poll(&self.read());
        let ceremony = poll.fold().ceremony().unwrap();
        let (transcript, election_key) = ceremony.outcome().unwrap();
        let mut keepers = Keepers::default();
        for (index, dealer) in &dealers {
            let others = dealers.keys().filter(|other| *other != index);
            let received = others.map(|&other| {
                let (dealing, share) = ceremony.dealt(other, *index).unwrap();
                let channel = ceremony.channel(other, *index).unwrap();
                (other, channel.receive(&secrets[index], share, dealing).unwrap())
            });
            let mut shares: BTreeMap<_, _> = received.collect();
            shares.insert(*index, dealer.own_share());
            keepers.0.insert(*index, KeyShare::sum(&shares));
            let election_key = *election_key.as_bytes();
            let ready = Ready { ceremony: 1, transcript, election_key };
            self.says(&Payload::Ready(ready), Kind::Ready, &signer(*index));
        }
        keepers
    }

    /// Two officers open the poll.
    pub(crate) fn open(&self) {
        let read = self.read();
        self.act(poll::open(&read, &self.poll(&read), &[]).unwrap(), OFFICERS);
        self.anchor();
    }

    /// Two officers close the poll, and the register takes note.
    pub(crate) fn close(&self) {
        let read = self.read();
        self.act(poll::close(&read, &self.poll(&read)).unwrap(), OFFICERS);
        self.anchor();
    }

    /// The first `count` trustees lay their shares open.
    pub(crate) fn share(&self, keepers: &Keepers, count: usize) {
        let head = self.poll(&self.read()).log().head();
        for (index, share) in keepers.0.iter().take(count) {
            let wanted = definition().trustees.get(*index).unwrap().key;
            let signer = TRUSTEES.map(key).into_iter().find(|key| key.key() == wanted).unwrap();
            let share = Share { head, key_share: *share.to_bytes() };
            self.says(&Payload::Share(share), Kind::Share, &signer);
        }
    }
}
