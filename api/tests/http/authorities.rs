//! Issuers, trustees and the voters of an anonymous sealed poll: what each would do with a tool of
//! their own, past the server. Not here: tests.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_engine::Recorded;
use veche_protocol::blind_rsa::{Blinding, IssuerSecret, ModulusBits, prepare};
use veche_protocol::ceremony::{
    CeremonyContext, Channel, Complaint, Dealer, KeyShare, TransportSecret, TrusteeIndex,
};
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::acts::{Announce, Open};
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::ballot::{Ballot, Content, Credential, selections_bytes};
use veche_protocol::poll::definition::{Definition, Identity, Revote, Secrecy};
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};
use veche_protocol::poll::trusteeship::{Accusation, Deal, Exclude, Join, Ready, Share};
use veche_protocol::sealing::{PaddedMessage, seal};
use veche_protocol::signature::SigningKey;

use crate::city::{City, OPENS_AT, PATIENCE, definition, key, poll, voter_name};

/// Voters of the roll: as few as an anonymous poll may have in each of two districts.
pub(crate) const CROWD: usize = 100;
pub(crate) const ISSUERS: [&str; 2] = ["issuer-1", "issuer-2"];
pub(crate) const TRUSTEES: [&str; 3] = ["trustee-1", "trustee-2", "trustee-3"];
const DISTRICTS: [&str; 2] = ["north", "south"];

/// Short, so that no test waits for long.
pub(crate) const INTERVAL: u64 = 100;

/// The issuers' keys, by place of the issuer, then of the district.
static SECRETS: LazyLock<Vec<[IssuerSecret; 2]>> = LazyLock::new(|| {
    let secret = || IssuerSecret::generate(ModulusBits::Rsa2048);
    ISSUERS.iter().map(|_| [secret(), secret()]).collect()
});

/// These names in the order of their keys, as a definition lists them.
fn by_key<const N: usize>(mut names: [&'static str; N]) -> [&'static str; N] {
    names.sort_by_key(|name| key(name).key());
    names
}

fn authorities<const N: usize>(names: [&'static str; N]) -> Vec<Authority> {
    let authority = |name: &str| Authority { key: key(name).key(), label: name.to_owned() };
    by_key(names).into_iter().map(authority).collect()
}

/// Of an anonymous sealed poll.
pub(crate) fn secret_definition(revote: Revote, issuing: Issuing) -> Definition {
    Definition {
        identity: Identity::Anonymous,
        secrecy: Secrecy::Sealed,
        issuance: Some(Issuance {
            bits: ModulusBits::Rsa2048,
            issuing,
            issuers: authorities(ISSUERS),
        }),
        trustees: Trustees { threshold: 2, members: authorities(TRUSTEES) },
        interval: INTERVAL,
        ..definition(revote)
    }
}

/// All that a voter keeps from the request to the ballot.
pub(crate) struct Wallet {
    number: usize,
    pub(crate) key: SigningKey,
    prefix: [u8; 32],
    prepared: Vec<u8>,
    /// By place of the issuer.
    blinded: Vec<(Blinding, Vec<u8>)>,
}

impl Wallet {
    const fn district(&self) -> usize {
        self.number % 2
    }

    /// The answer of the issuer at this place.
    fn answer(&self, issuer: usize) -> Vec<u8> {
        SECRETS[issuer][self.district()].blind_sign(&self.blinded[issuer].1).unwrap()
    }

    pub(crate) fn credential(&self) -> Credential {
        let signatures = self.blinded.iter().enumerate().map(|(issuer, (blinding, _))| {
            let public = SECRETS[issuer][self.district()].public();
            public.finalize(&self.prepared, blinding, &self.answer(issuer)).unwrap()
        });
        Credential {
            district: DISTRICTS[self.district()].to_owned(),
            prefix: self.prefix,
            signatures: signatures.collect(),
        }
    }
}

fn trustee(place: usize) -> TrusteeIndex {
    TrusteeIndex::new(u8::try_from(place + 1).unwrap()).unwrap()
}

/// A trustee's secrets in one ceremony, the same whenever they are asked for.
fn secrets(context: CeremonyContext, place: usize) -> (TransportSecret, Dealer) {
    let mut seed = context.announce.0;
    seed[0] ^= u8::try_from(place).unwrap();
    seed[1] ^= u8::try_from(context.ceremony).unwrap();
    let mut rng = StdRng::from_seed(seed);
    let transport = TransportSecret::generate(&mut rng);
    (transport, Dealer::generate(trustee(place), 2, &mut rng).unwrap())
}

impl City {
    /// Hands in what is there for the sake of what follows.
    fn record(&self, entry: &SignedEntry) -> Recorded {
        self.engine.submit_and_wait(&poll(), entry.bytes().to_vec(), PATIENCE).unwrap()
    }

    /// Makes a roll with so many voters, and announces the poll.
    pub(crate) fn announce_to(&self, voters: usize, definition: Definition) {
        self.enrol(voters);
        let seen = self.engine.context(&poll(), Kind::Announce).unwrap().seen.unwrap();
        let payload = Payload::Announce(Announce { seen, definition });
        self.record(&self.sign(&poll(), &payload, &["officer-1", "officer-2"]));
    }

    /// A city with a roll and an announced anonymous sealed poll.
    pub(crate) fn announce_secret(&self, revote: Revote, issuing: Issuing) {
        self.announce_to(CROWD, secret_definition(revote, issuing));
    }

    /// The keys of the issuer at this place, for all districts.
    pub(crate) fn issuer_keys(&self, issuer: usize) -> SignedEntry {
        let keys = DISTRICTS.iter().zip(&SECRETS[issuer]);
        let keys =
            keys.map(|(code, secret)| ((*code).to_owned(), secret.public().modulus().to_vec()));
        let payload = Payload::IssuerKeys(IssuerKeys { keys: keys.collect() });
        self.sign(&poll(), &payload, &[by_key(ISSUERS)[issuer]])
    }

    fn by_trustee(&self, place: usize, payload: &Payload) -> SignedEntry {
        self.sign(&poll(), payload, &[by_key(TRUSTEES)[place]])
    }

    pub(crate) fn ceremony(&self) -> CeremonyContext {
        self.engine.poll(&poll()).unwrap().ceremony.unwrap().context()
    }

    pub(crate) fn join(&self, place: usize) -> SignedEntry {
        let context = self.ceremony();
        let (transport, dealer) = secrets(context, place);
        let join = Join {
            ceremony: context.ceremony,
            transport_key: *transport.key().as_bytes(),
            commitment_hash: dealer.dealing().commitment_hash(&context, dealer.index()),
        };
        self.by_trustee(place, &Payload::Join(join))
    }

    pub(crate) fn deal(&self, place: usize) -> SignedEntry {
        let fold = self.engine.poll(&poll()).unwrap().ceremony.unwrap();
        let (transport, dealer) = secrets(fold.context(), place);
        let shares = dealer.deal(fold.context(), &transport, &fold.transport_keys());
        let deal = Deal {
            ceremony: fold.context().ceremony,
            dealing: dealer.dealing().clone(),
            shares: shares.into_iter().collect(),
        };
        self.by_trustee(place, &Payload::Deal(deal))
    }

    pub(crate) fn ready(&self, place: usize) -> SignedEntry {
        let fold = self.engine.poll(&poll()).unwrap().ceremony.unwrap();
        let (transcript, key) = fold.outcome().unwrap();
        let ceremony = fold.context().ceremony;
        let ready = Ready { ceremony, transcript, election_key: *key.as_bytes() };
        self.by_trustee(place, &Payload::Ready(ready))
    }

    /// The complaint of a trustee about what another has dealt to it.
    pub(crate) fn complaint(&self, dealer: usize, by: usize) -> SignedEntry {
        let fold = self.engine.poll(&poll()).unwrap().ceremony.unwrap();
        let (transport, _) = secrets(fold.context(), by);
        let channel = fold.channel(trustee(dealer), trustee(by)).unwrap();
        let complaint = Complaint::make(&channel, &transport, &mut rand::rng());
        let ceremony = fold.context().ceremony;
        let accusation = Accusation { ceremony, dealer: trustee(dealer), complaint };
        self.by_trustee(by, &Payload::Complaint(accusation))
    }

    pub(crate) fn exclusion(&self, places: &[usize]) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Exclude).unwrap().seen.unwrap();
        let trustees = places.iter().map(|&place| trustee(place)).collect();
        let exclude = Exclude { seen, ceremony: self.ceremony().ceremony, trustees };
        self.sign(&poll(), &Payload::Exclude(exclude), &["officer-1", "officer-2"])
    }

    /// The share of the key that a trustee lays open, computed from what stands on the log.
    pub(crate) fn share(&self, place: usize) -> SignedEntry {
        let fold = self.engine.poll(&poll()).unwrap().ceremony.unwrap();
        let own = trustee(place);
        let (transport, dealer) = secrets(fold.context(), place);
        let shares = fold.participants().map(|(from, _)| {
            if from == own {
                return (from, dealer.own_share());
            }
            let (dealing, encrypted) = fold.dealt(from, own).unwrap();
            let channel: Channel = fold.channel(from, own).unwrap();
            (from, channel.receive(&transport, encrypted, dealing).unwrap())
        });
        let shares: BTreeMap<_, _> = shares.collect();
        let head = self.engine.checkpoint(&poll()).unwrap().head();
        let share = Share { head, key_share: *KeyShare::sum(&shares).to_bytes() };
        self.by_trustee(place, &Payload::Share(share))
    }

    /// The whole ceremony, with these trustees taking part.
    pub(crate) fn hold_ceremony(&self, places: &[usize]) {
        for step in [Self::join, Self::deal, Self::ready] {
            for &place in places {
                self.record(&step(self, place));
            }
        }
    }

    pub(crate) fn beginning(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Begin).unwrap().seen.unwrap();
        let pins = self.engine.pins(&poll()).unwrap();
        self.sign(&poll(), &Payload::Begin(Open { seen, pins }), &["officer-1", "officer-2"])
    }

    /// Keys and Begin.
    pub(crate) fn begin_announced(&self) {
        for issuer in 0..ISSUERS.len() {
            self.record(&self.issuer_keys(issuer));
        }
        self.record(&self.beginning());
    }

    /// A begun poll: keys, Begin and ceremony.
    pub(crate) fn begin(&self, revote: Revote, issuing: Issuing) {
        self.announce_secret(revote, issuing);
        self.begin_announced();
        self.hold_ceremony(&[0, 1, 2]);
    }

    pub(crate) fn secret_opening(&self) -> SignedEntry {
        let seen = self.engine.context(&poll(), Kind::Open).unwrap().seen.unwrap();
        let open = Open { seen, pins: Vec::new() };
        self.sign(&poll(), &Payload::Open(open), &["officer-1", "officer-2"])
    }

    pub(crate) fn open_secret(&self) {
        self.clock.set(OPENS_AT);
        self.record(&self.secret_opening());
    }

    /// What a voter makes before asking; `name` is that of the credential key.
    pub(crate) fn wallet_named(&self, number: usize, name: &str) -> Wallet {
        let view = self.engine.poll(&poll()).unwrap();
        let begin = view.phases.iter().find(|entry| entry.kind == Kind::Begin).unwrap().leaf;
        let key = key(name);
        let mut rng = StdRng::from_seed(key.key().0);
        let mut encoder = Encoder::new();
        // CRED-2: by hand, as another implementation has it.
        encoder.array(6).text("veche/credential/v1").bytes(&self.engine.instance().0);
        encoder.text(&poll().origin(&self.engine.domain())).bytes(&begin.0);
        encoder.text(DISTRICTS[number % 2]).bytes(key.key().as_bytes());
        let prefix = key.key().0;
        let prepared = prepare(&prefix, &encoder.finish());
        let blinded = SECRETS.iter().map(|by_district| {
            by_district[number % 2].public().blind(&prepared, &mut rng).unwrap()
        });
        Wallet { number, key, prefix, blinded: blinded.collect(), prepared }
    }

    pub(crate) fn wallet(&self, number: usize) -> Wallet {
        self.wallet_named(number, &format!("credential {number}"))
    }

    pub(crate) fn request(&self, wallet: &Wallet) -> SignedEntry {
        let blinded = wallet.blinded.iter().map(|(_, blinded)| blinded.clone()).collect();
        let name = voter_name(wallet.number);
        self.sign(&poll(), &Payload::Request(Request { blinded }), &[&name])
    }

    /// The answers of the issuer at this place to requests at these indices.
    pub(crate) fn answers(&self, issuer: usize, asked: &[(u64, &Wallet)]) -> SignedEntry {
        let answers = asked.iter().map(|(index, wallet)| (*index, wallet.answer(issuer)));
        let payload = Payload::Issued(Issued { signatures: answers.collect() });
        self.sign(&poll(), &payload, &[by_key(ISSUERS)[issuer]])
    }

    /// Voters ask, and are served by all issuers.
    pub(crate) fn serve(&self, numbers: core::ops::Range<usize>) -> Vec<Wallet> {
        let wallets: Vec<_> = numbers.map(|number| self.wallet(number)).collect();
        let asked: Vec<_> = wallets
            .iter()
            .map(|wallet| (self.record(&self.request(wallet)).index(), wallet))
            .collect();
        for issuer in 0..ISSUERS.len() {
            for part in asked.chunks(64) {
                self.record(&self.answers(issuer, part));
            }
        }
        wallets
    }

    pub(crate) fn sealed(&self, wallet: &Wallet, turn: u8, choice: u64) -> SignedEntry {
        self.sealed_with(wallet, &wallet.key, turn, choice)
    }

    /// A ballot by the credential of `wallet`, signed by another key perhaps.
    pub(crate) fn sealed_with(
        &self,
        wallet: &Wallet,
        by: &SigningKey,
        turn: u8,
        choice: u64,
    ) -> SignedEntry {
        let open = self.engine.poll(&poll()).unwrap().open.unwrap();
        let bytes = selections_bytes(&vec![vec![choice]]);
        let message = PaddedMessage::pad(&bytes, open.definition().sealed_length()).unwrap();
        let election_key = open.election_key().unwrap();
        let sealed = seal(&open.leaf(), election_key, &by.key(), &message, &mut rand::rng());
        let credential = Some(wallet.credential());
        let ballot = Ballot { turn, content: Content::Sealed(sealed), credential };
        SignedEntry::sign(&Payload::Ballot(ballot), &open.ballot_binding(), &[by])
    }
}
