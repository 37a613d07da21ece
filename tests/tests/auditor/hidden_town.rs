//! A small town on paper that votes anonymously, with ballots that are sealed until the close: two
//! issuers, three trustees of whom one falls silent, voters who do not use their credentials, and
//! ballots that do not open.
//!
//! Not here: what the auditor says of it ([`crate::secrecy`]).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use veche_protocol::ceremony::Contribution;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::Hash;
use veche_protocol::poll::acts::Open;
use veche_protocol::poll::authorities::{Issuing, Trustees};
use veche_protocol::poll::ballot::{Ballot, Content, Credential, selections_bytes};
use veche_protocol::poll::claim::Claim;
use veche_protocol::poll::definition::{Definition, Identity, Revote, Secrecy};
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};
use veche_protocol::poll::trusteeship::{Exclude, Share};
use veche_protocol::sealing::{PaddedMessage, SealedBallot, seal};
use veche_tests::city::{
    Ceremony, City, DOMAIN, Draws, Voter, Wallet, authorities, by_key, issuance, issuer_secret,
    key, single_choice_definition, trustee,
};

use crate::town::{counted, poll, roll};

/// Codes of the districts.
const DISTRICTS: [&str; 2] = ["north", "south"];
/// Voters of each district: more than the law asks for.
const ELIGIBLE: [usize; 2] = [60, 55];
/// Of each district, how many ask for a credential: in the north the last is not served by all.
const REQUESTS: [usize; 2] = [58, 40];
/// Of each district, how many cast.
const CASTERS: [usize; 2] = [50, 35];
const ISSUERS: [&str; 2] = ["issuer-1", "issuer-2"];
const TRUSTEES: [&str; 3] = ["the library", "the university", "the press club"];
/// The trustee who falls silent, by number.
const SILENT: u8 = 3;
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// The town before the close: everybody has cast who will.
pub(crate) static CAST: LazyLock<HiddenTown> = LazyLock::new(|| {
    let mut town = HiddenTown::begin(Issuing::UntilOpen);
    town.issue();
    town.open();
    town.cast_all();
    town
});

/// The town after the close: nobody has laid a share open.
pub(crate) static CLOSED: LazyLock<HiddenTown> = LazyLock::new(|| {
    let mut town = CAST.clone();
    town.city.close(&poll());
    town.city.anchor();
    town
});

/// The town after the certificate, all as it must be.
pub(crate) static CERTIFIED: LazyLock<HiddenTown> = LazyLock::new(|| {
    let mut town = CLOSED.clone();
    town.share(1);
    town.share(2);
    let result = counted(&town.city);
    town.city.certify(&poll(), result);
    town.city.anchor();
    town
});

/// The town and what its people keep to themselves.
#[derive(Clone)]
pub(crate) struct HiddenTown {
    pub(crate) city: City,
    definition: Definition,
    /// The ceremony that made the key.
    ceremony: Ceremony,
    /// By district, those who have asked.
    asked: Vec<Vec<Asked>>,
}

/// A voter who has asked for a credential.
#[derive(Clone)]
struct Asked {
    voter: Voter,
    wallet: Wallet,
    index: u64,
}

impl HiddenTown {
    /// A poll that has begun, its election key made.
    pub(crate) fn begin(issuing: Issuing) -> Self {
        let mut town = Self::announced(issuing);
        let first = Ceremony::first(town.city.leaf_of(&poll(), Kind::Announce), 2, 3);
        town.make_key(&first);
        let begin = Payload::Begin(town.city.open_payload(&poll()));
        town.say(Kind::Announce, &OFFICERS, &begin);
        town
    }

    /// A poll that is announced, with the keys of all issuers.
    pub(crate) fn announced(issuing: Issuing) -> Self {
        let mut city = City::found(DOMAIN);
        city.begin_roll(&roll(), &DISTRICTS);
        for (district, eligible) in ELIGIBLE.into_iter().enumerate() {
            let voters: Vec<_> = (0..eligible).map(|number| voter(district, number)).collect();
            city.enrol(&roll(), &voters);
        }
        let definition = definition(issuing);
        city.announce(&poll(), definition.clone());
        let announce = city.leaf_of(&poll(), Kind::Announce);
        let ceremony = Ceremony::first(announce, 2, 3).without(&[SILENT]);
        let mut town = Self { city, definition, ceremony, asked: vec![Vec::new(); 2] };
        for issuer in ISSUERS {
            town.give_keys(issuer, issuer, &DISTRICTS);
        }
        town
    }

    /// Somebody gives the keys of an issuer for these districts.
    pub(crate) fn give_keys(&mut self, by: &str, issuer: &str, codes: &[&str]) {
        let modulus = |code| issuer_secret(issuer, code).public().modulus().to_vec();
        let keys = codes.iter().map(|code| ((*code).to_owned(), modulus(code))).collect();
        self.say(Kind::Announce, &[by], &Payload::IssuerKeys(IssuerKeys { keys }));
    }

    /// Logs what these say under the first entry of a kind; its leaf hash.
    fn say(&mut self, under: Kind, by: &[&str], payload: &Payload) -> Hash {
        let entry = self.city.sign(&poll(), self.city.leaf_of(&poll(), under), payload, by);
        self.city.log(&poll(), &entry);
        entry.leaf()
    }

    /// Two ceremonies: in the first, one trustee joins and does not deal.
    fn make_key(&mut self, first: &Ceremony) {
        for index in 1..=3 {
            self.say(Kind::Announce, &[name(index)], &Payload::Join(first.join(index)));
        }
        for index in 1..=2 {
            self.say(Kind::Announce, &[name(index)], &Payload::Deal(first.deal(index)));
        }
        let (seen, trustees) = (self.city.seen(&poll()), vec![trustee(SILENT)]);
        let exclude = Exclude { seen, ceremony: 1, trustees };
        self.say(Kind::Announce, &OFFICERS, &Payload::Exclude(exclude));
        let second = self.ceremony.clone();
        let joins = [1, 2].map(|index| {
            self.say(Kind::Announce, &[name(index)], &Payload::Join(second.join(index)))
        });
        let deals = [1, 2].map(|index| {
            self.say(Kind::Announce, &[name(index)], &Payload::Deal(second.deal(index)))
        });
        let posted: BTreeMap<_, _> = joins
            .into_iter()
            .zip(deals)
            .zip(1..)
            .map(|((join, deal), index)| (trustee(index), Contribution { join, deal }))
            .collect();
        for index in 1..=2 {
            self.say(Kind::Announce, &[name(index)], &Payload::Ready(second.ready(&posted)));
        }
    }

    /// A trustee lays its share open.
    pub(crate) fn share(&mut self, index: u8) {
        let head = self.city.head(&poll());
        let key_share = self.ceremony.key_share(index);
        self.say(Kind::Close, &[name(index)], &Payload::Share(Share { head, key_share }));
    }

    fn wallet(&self, district: usize, name: &str) -> Wallet {
        let begin = self.city.leaf_of(&poll(), Kind::Begin);
        let own = key(&format!("own key of {name}"));
        self.city.wallet((&poll(), begin), &ISSUERS, DISTRICTS[district], (name, &own))
    }

    /// All requests, and all answers but one.
    pub(crate) fn issue(&mut self) {
        for (district, requests) in REQUESTS.into_iter().enumerate() {
            for number in 0..requests {
                let voter = voter(district, number);
                let wallet = self.wallet(district, &voter.name);
                let under = self.city.leaf_of(&poll(), Kind::Begin);
                let payload = Payload::Request(Request { blinded: wallet.blinded() });
                let entry = self.city.sign_with(&poll(), under, &payload, &[&voter.key]);
                let index = self.city.log(&poll(), &entry);
                self.asked[district].push(Asked { voter, wallet, index });
            }
            for issuer in ISSUERS {
                let is_short = district == 0 && issuer == ISSUERS[1];
                let served = requests - usize::from(is_short);
                let answers = self.asked[district][..served].iter();
                let signatures = answers.map(|asked| (asked.index, asked.wallet.answer(issuer)));
                let issued = Issued { signatures: signatures.collect() };
                self.say(Kind::Begin, &[issuer], &Payload::Issued(issued));
            }
        }
    }

    /// Opens the poll.
    pub(crate) fn open(&mut self) {
        let open = Open { seen: self.city.seen(&poll()), pins: Vec::new() };
        self.say(Kind::Begin, &OFFICERS, &Payload::Open(open));
    }

    /// Casts all ballots. Of the first four of the north one ballot does not open, one opens to a
    /// choice that there is not, one is cast again, and one was changed too often.
    pub(crate) fn cast_all(&mut self) {
        for (district, casters) in CASTERS.into_iter().enumerate() {
            for number in 0..casters {
                let wallet = self.asked[district][number].wallet.clone();
                let choice = if (district, number) == (0, 1) { 77 } else { number as u64 % 2 };
                let mut sealed = self.seal(&wallet, choice);
                if (district, number) == (0, 0) {
                    sealed.ciphertext[3] ^= 1;
                }
                self.cast(&wallet, 0, sealed);
            }
        }
        for (number, turn) in [(2, 1), (3, 7)] {
            let wallet = self.asked[0][number].wallet.clone();
            let sealed = self.seal(&wallet, 1);
            self.cast(&wallet, turn, sealed);
        }
    }

    /// All issuers together cast a ballot for nobody.
    pub(crate) fn forge(&mut self, district: usize) {
        let wallet = self.wallet(district, "nobody");
        self.cast_with(&wallet, wallet.credential());
    }

    /// Somebody casts with credentials that are changed first.
    pub(crate) fn cast_changed(&mut self, change: impl FnOnce(&mut Credential)) {
        let wallet = self.wallet(0, "somebody");
        let mut credential = wallet.credential();
        change(&mut credential);
        self.cast_with(&wallet, credential);
    }

    fn cast_with(&mut self, wallet: &Wallet, credential: Credential) {
        let sealed = self.seal(wallet, 0);
        self.cast_as(wallet, 0, sealed, credential);
    }

    fn seal(&self, wallet: &Wallet, choice: u64) -> SealedBallot {
        let open = self.city.leaf_of(&poll(), Kind::Open);
        let message = selections_bytes(&vec![vec![choice]]);
        let padded = PaddedMessage::pad(&message, self.definition.sealed_length()).unwrap();
        let own = wallet.key.key();
        let mut draws = Draws::of(&format!("seal of {own:?}"));
        seal(&open, &self.ceremony.election_key(), &own, &padded, &mut draws)
    }

    fn cast(&mut self, wallet: &Wallet, turn: u8, sealed: SealedBallot) {
        self.cast_as(wallet, turn, sealed, wallet.credential());
    }

    fn cast_as(&mut self, wallet: &Wallet, turn: u8, sealed: SealedBallot, by: Credential) {
        let ballot = Ballot { turn, content: Content::Sealed(sealed), credential: Some(by) };
        let under = self.city.leaf_of(&poll(), Kind::Open);
        let entry = self.city.sign_with(&poll(), under, &Payload::Ballot(ballot), &[&wallet.key]);
        self.city.log(&poll(), &entry);
    }

    /// The claim of a voter who has asked, whether it is true or not.
    pub(crate) fn claim(&self, district: usize, number: usize) -> Claim {
        let Asked { voter, wallet, index } = &self.asked[district][number];
        wallet.statement(*index).sign(&voter.key)
    }
}

fn voter(district: usize, number: usize) -> Voter {
    Voter::named(&format!("{district}/{number}"), district as u64)
}

/// The name of the trustee with this number.
pub(crate) fn name(index: u8) -> &'static str {
    by_key(&TRUSTEES)[usize::from(index) - 1]
}

fn definition(issuing: Issuing) -> Definition {
    Definition {
        identity: Identity::Anonymous,
        secrecy: Secrecy::Sealed,
        issuance: Some(issuance(&ISSUERS, issuing)),
        trustees: Trustees { threshold: 2, members: authorities(&TRUSTEES) },
        ..single_choice_definition(&["A pond", "A <i>wood</i>"], Revote::Last { max_turn: 1 })
    }
}
