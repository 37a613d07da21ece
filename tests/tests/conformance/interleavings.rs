//! Any order of what voters, issuers, officers and trustees do in an anonymous sealed poll, held
//! against the simplest model of what must come out of it.
//!
//! The RSA work is done once: what is bound to the course of a poll is signed with Ed25519. Not
//! here: servers, which refuse what is merely found here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use veche_auditor::{Options, recount};
use veche_protocol::audit::Recount;
use veche_protocol::ceremony::Contribution;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Close, Open};
use veche_protocol::poll::authorities::{Issuing, Trustees};
use veche_protocol::poll::ballot::{Ballot, Content, Credential, selections_bytes};
use veche_protocol::poll::definition::{Definition, Identity, Revote, Secrecy};
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};
use veche_protocol::poll::trusteeship::Share;
use veche_protocol::sealing::{PaddedMessage, seal};
use veche_tests::city::{
    Ceremony, City, DOMAIN, Draws, Voter, Wallet, authorities, by_key, issuance, issuer_secret,
    single_choice_definition, trustee,
};

use crate::recounts::Files;

/// Voters who do anything; the others are the crowd.
const VOTERS: usize = 4;
const CROWD: usize = 50;
const MAX_TURN: u8 = 2;
const ISSUERS: [&str; 2] = ["issuer-1", "issuer-2"];
const TRUSTEES: [&str; 3] = ["trustee-1", "trustee-2", "trustee-3"];
const THRESHOLD: usize = 2;
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];
/// By SEAL-2 for one question with two options.
const LENGTH: usize = 32;

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Act {
    /// Another voter comes onto the roll, past the pin.
    Enrol,
    Request(usize),
    /// An issuer answers one voter.
    Issue(usize, usize),
    /// A voter casts: turn and choice, of which 2 is a blank.
    Cast(usize, u8, u64),
    Open,
    Close,
    /// A trustee lays its share open.
    Share(u8),
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => Just(Act::Enrol),
        6 => (0..VOTERS).prop_map(Act::Request),
        12 => (0..ISSUERS.len(), 0..VOTERS).prop_map(|(issuer, voter)| Act::Issue(issuer, voter)),
        12 => (0..VOTERS, 0..=MAX_TURN + 1, 0_u64..3).prop_map(|(v, t, c)| Act::Cast(v, t, c)),
        1 => Just(Act::Open),
        1 => Just(Act::Close),
        3 => (1_u8..=3).prop_map(Act::Share),
    ]
}

/// A life of a poll: mostly in its order, and with everything in between.
fn lives() -> impl Strategy<Value = Vec<Act>> {
    let acts = |most| prop::collection::vec(any_act(), 0..most);
    let shares = prop::collection::vec((1_u8..=3).prop_map(Act::Share), 0..4);
    (acts(24), acts(40), acts(6), shares).prop_map(|(before, during, after, shares)| {
        [before, vec![Act::Open], during, vec![Act::Close], after, shares].concat()
    })
}

/// A city with a poll that has begun, and all that voters and issuers compute once.
struct Base {
    city: City,
    begin: SignedEntry,
    ceremony: Ceremony,
    wallets: Vec<Wallet>,
    credentials: Vec<Credential>,
}

static BASE: LazyLock<Base> = LazyLock::new(Base::new);

fn poll() -> LogPath {
    LogPath::Poll("park".to_owned())
}

fn roll() -> LogPath {
    LogPath::Roll("residents".to_owned())
}

fn voter(place: usize) -> Voter {
    Voter::named(&format!("voter {place}"), 0)
}

impl Base {
    fn new() -> Self {
        let mut city = City::found(DOMAIN);
        city.begin_roll(&roll(), &["north"]);
        city.enrol(&roll(), &(0..CROWD).map(voter).collect::<Vec<_>>());
        city.anchor();
        let labels = ["trees", "swings"];
        let definition = Definition {
            identity: Identity::Anonymous,
            secrecy: Secrecy::Sealed,
            issuance: Some(issuance(&ISSUERS, Issuing::UntilClose)),
            trustees: Trustees { threshold: 2, members: authorities(&TRUSTEES) },
            ..single_choice_definition(&labels, Revote::Last { max_turn: MAX_TURN })
        };
        city.announce(&poll(), definition);
        let announce = city.leaf_of(&poll(), Kind::Announce);
        for issuer in ISSUERS {
            let modulus = issuer_secret(issuer, "north").public().modulus().to_vec();
            let keys = IssuerKeys { keys: vec![("north".to_owned(), modulus)] };
            let entry = city.sign(&poll(), announce, &Payload::IssuerKeys(keys), &[issuer]);
            city.log(&poll(), &entry);
        }
        let ceremony = Ceremony::first(announce, 2, 3);
        hold(&mut city, &ceremony);
        let begin = Payload::Begin(city.open_payload(&poll()));
        let begin = city.sign(&poll(), announce, &begin, &OFFICERS);
        city.log(&poll(), &begin);
        let wallet = |place: usize| {
            let name = voter(place).name;
            let key = veche_tests::city::key(&format!("credential of {name}"));
            city.wallet((&poll(), begin.leaf()), &ISSUERS, "north", (&name, &key))
        };
        let wallets: Vec<_> = (0..VOTERS).map(wallet).collect();
        let credentials = wallets.iter().map(Wallet::credential).collect();
        Self { city, begin, ceremony, wallets, credentials }
    }
}

/// Holds the ceremony on the poll's log.
fn hold(city: &mut City, ceremony: &Ceremony) {
    let names = by_key(&TRUSTEES);
    let announce = ceremony.context.announce;
    let mut post = |index: u8, payload: &Payload| {
        let name = names[usize::from(index) - 1];
        let entry = city.sign(&poll(), announce, payload, &[name]);
        city.log(&poll(), &entry);
        entry.leaf()
    };
    let joins = [1, 2, 3].map(|index| post(index, &Payload::Join(ceremony.join(index))));
    let deals = [1, 2, 3].map(|index| post(index, &Payload::Deal(ceremony.deal(index))));
    let posted = (1..).zip(joins.into_iter().zip(deals));
    let posted = posted.map(|(index, (join, deal))| (trustee(index), Contribution { join, deal }));
    let ready = ceremony.ready(&posted.collect());
    for index in 1..=3 {
        post(index, &Payload::Ready(ready.clone()));
    }
}

/// What a poll is, by the fewest words.
#[derive(Debug, Default)]
struct Model {
    /// Leaf hashes of the standing Open and Close.
    open: Option<Hash>,
    close: Option<Hash>,
    /// By voter: the index of the request, and who has answered it.
    requests: BTreeMap<usize, (u64, BTreeSet<usize>)>,
    /// By voter: the turn and the choice that stand.
    standing: BTreeMap<usize, (u8, u64)>,
    accepted: u64,
    shares: BTreeSet<u8>,
    /// Indices of entries that the recount must refuse.
    refused: Vec<u64>,
}

impl Model {
    fn is_issued(&self, voter: usize) -> bool {
        self.requests.get(&voter).is_some_and(|(_, answers)| answers.len() == ISSUERS.len())
    }

    /// Whether the entry of an act stands at this index; if so, what follows.
    fn stands(&mut self, act: &Act, leaf: Hash, index: u64) -> bool {
        let is_issuing = self.close.is_none();
        match *act {
            Act::Enrol => true,
            Act::Request(voter) => {
                let stands = is_issuing && !self.requests.contains_key(&voter);
                if stands {
                    self.requests.insert(voter, (index, BTreeSet::new()));
                }
                stands
            }
            Act::Issue(issuer, voter) => {
                let request = self.requests.get_mut(&voter).filter(|_| is_issuing);
                request.is_some_and(|(_, answers)| answers.insert(issuer))
            }
            Act::Cast(voter, turn, choice) => {
                let last = self.standing.get(&voter).map(|(turn, _)| *turn);
                let is_newer = last.is_none_or(|last| last < turn) && turn <= MAX_TURN;
                let stands = self.open.is_some() && self.close.is_none() && is_newer;
                if stands {
                    self.standing.insert(voter, (turn, choice));
                    self.accepted += 1;
                }
                stands
            }
            Act::Open => self.open.is_none() && self.open.replace(leaf).is_none(),
            Act::Close => {
                let may_close = self.open.is_some() && self.close.is_none();
                may_close && self.close.replace(leaf).is_none()
            }
            Act::Share(trustee) => self.close.is_some() && self.shares.insert(trustee),
        }
    }

    /// Blank ballots, and votes for each of the two options.
    fn votes(&self) -> [u64; 3] {
        let of = |wanted| self.standing.values().filter(|(_, choice)| *choice == wanted).count();
        [2, 0, 1].map(|choice| of(choice) as u64)
    }
}

/// The entry of an act, if it can be made at all.
fn entry(city: &City, model: &Model, act: &Act) -> Option<SignedEntry> {
    let (poll, begin) = (poll(), BASE.begin.leaf());
    // What comes too early is signed under something else, which is not looked at.
    let (open, close) = (model.open.unwrap_or(begin), model.close.unwrap_or(begin));
    match *act {
        Act::Enrol => None,
        Act::Request(place) => {
            let payload = Payload::Request(Request { blinded: BASE.wallets[place].blinded() });
            Some(city.sign_with(&poll, begin, &payload, &[&voter(place).key]))
        }
        Act::Issue(issuer, place) => {
            let index = model.requests.get(&place).map_or(0, |(index, _)| *index);
            let answer = BASE.wallets[place].answer(ISSUERS[issuer]);
            let payload = Payload::Issued(Issued { signatures: vec![(index, answer)] });
            Some(city.sign(&poll, begin, &payload, &[ISSUERS[issuer]]))
        }
        // Nobody has a credential before all issuers have answered.
        Act::Cast(place, ..) if !model.is_issued(place) => None,
        Act::Cast(place, turn, choice) => {
            let key = &BASE.wallets[place].key;
            let selections = vec![if choice == 2 { vec![] } else { vec![choice] }];
            let message = PaddedMessage::pad(&selections_bytes(&selections), LENGTH).unwrap();
            let election_key = BASE.ceremony.election_key();
            let mut draws = Draws::of(&format!("{place} {turn} {choice} under {open}"));
            let sealed = seal(&open, &election_key, &key.key(), &message, &mut draws);
            let credential = Some(BASE.credentials[place].clone());
            let ballot = Ballot { turn, content: Content::Sealed(sealed), credential };
            Some(city.sign_with(&poll, open, &Payload::Ballot(ballot), &[key]))
        }
        Act::Open => {
            let payload = Payload::Open(Open { seen: city.seen(&poll), pins: Vec::new() });
            Some(city.sign(&poll, begin, &payload, &OFFICERS))
        }
        Act::Close => {
            let payload = Payload::Close(Close { seen: city.seen(&poll) });
            Some(city.sign(&poll, open, &payload, &OFFICERS))
        }
        Act::Share(index) => {
            let key_share = BASE.ceremony.key_share(index);
            let payload = Payload::Share(Share { head: city.head(&poll), key_share });
            Some(city.sign(&poll, close, &payload, &[by_key(&TRUSTEES)[usize::from(index) - 1]]))
        }
    }
}

/// Lives through the acts, in a city of its own.
fn live(acts: &[Act]) -> (City, Model) {
    let (mut city, mut model) = (BASE.city.clone(), Model::default());
    for (act, number) in acts.iter().zip(CROWD..) {
        if matches!(act, Act::Enrol) {
            city.enrol(&roll(), &[voter(number)]);
        }
        let Some(entry) = entry(&city, &model, act) else { continue };
        let index = city.log(&poll(), &entry);
        if !model.stands(act, entry.leaf(), index) {
            model.refused.push(index);
        }
    }
    (city, model)
}

fn recount_of(city: &City) -> Recount {
    let options = Options { workers: 1, ..Options::new(poll()) };
    recount(&Files::from(city.files()), &options, &|_, _, _| ()).unwrap()
}

fn check(model: &Model, recount: &Recount) -> Result<(), TestCaseError> {
    // AUDIT-1: each refused entry is one finding, and there is no other.
    let found: BTreeSet<_> = recount.findings.iter().filter_map(|finding| finding.index).collect();
    prop_assert_eq!(found.len(), recount.findings.len(), "{:?}", recount.findings);
    prop_assert_eq!(found, model.refused.iter().copied().collect());
    // AUDIT-13: who asked, was served, and cast.
    let credentials = recount.credentials.as_ref().unwrap();
    let [north] = &credentials[..] else { panic!("one district") };
    let issued = (0..VOTERS).filter(|&voter| model.is_issued(voter)).count();
    let numbers = [CROWD, model.requests.len(), issued, model.standing.len()];
    let numbers = numbers.map(|number| number as u64);
    prop_assert_eq!([north.eligible, north.requested, north.issued, north.spent], numbers);
    prop_assert_eq!(recount.counts.accepted, model.accepted);
    prop_assert_eq!(recount.counts.effective, model.standing.len() as u64);
    // SEAL-7, CEREMONY-13: a result from two shares on, whosever they are.
    let shares: Vec<_> = recount.trustees.as_ref().unwrap().shared.clone();
    let expected: Vec<_> = model.shares.iter().copied().map(trustee).collect();
    prop_assert_eq!(shares, expected);
    prop_assert_eq!(recount.result.is_some(), model.shares.len() >= THRESHOLD);
    if let Some(result) = &recount.result {
        let [question] = &result.questions[..] else { panic!("one question") };
        let votes: Vec<_> = question.outcome.iter().map(|option| option.votes).collect();
        prop_assert_eq!([question.blank, votes[0], votes[1]], model.votes());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_the_recount_says_what_the_model_does(acts in lives()) {
        let (city, model) = live(&acts);
        check(&model, &recount_of(&city))?;
    }
}

#[test]
fn a_life_without_a_fault_comes_to_a_result() {
    let mut acts = Vec::new();
    for voter in 0..VOTERS {
        acts.extend([Act::Request(voter), Act::Issue(0, voter), Act::Issue(1, voter)]);
    }
    acts.push(Act::Open);
    acts.extend((0..VOTERS).map(|voter| Act::Cast(voter, 0, voter as u64 % 2)));
    acts.push(Act::Cast(1, 2, 0));
    acts.extend([Act::Close, Act::Share(3), Act::Share(1)]);
    let (city, model) = live(&acts);
    let recount = recount_of(&city);
    check(&model, &recount).unwrap();
    assert_eq!((model.votes(), model.accepted), ([0, 3, 1], 5));
    assert!(recount.result.is_some() && recount.findings.is_empty());
}
