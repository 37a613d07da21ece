//! Anonymous polls: a crowd on the roll, issuers' keys, Begin, requests, what was issued.

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::ballot::Credential;
use veche_protocol::poll::definition::{Definition, Identity};
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};
use veche_protocol::poll::result::PollResult;
use veche_protocol::signature::SigningKey;

use super::super::case::Case;
use super::{OFFICERS, Story, result, voter};
use crate::city::{Voter, Wallet, issuance, issuer_secret, key};

/// The issuers of anonymous polls, unless the story says otherwise.
pub(in crate::vectors) const ISSUERS: [&str; 2] = ["issuer-1", "issuer-2"];

/// Voters of a district, so that anyone can hide among them (POLL-23).
const CROWD: usize = 50;

/// A credential that was asked for, and the index of the request.
#[derive(Clone, Debug)]
pub(in crate::vectors) struct Asked {
    pub(in crate::vectors) wallet: Wallet,
    pub(in crate::vectors) request: u64,
}

/// The same poll, anonymous, in the north alone.
pub(in crate::vectors) fn anonymous(definition: Definition) -> Definition {
    Definition {
        identity: Identity::Anonymous,
        issuance: Some(issuance(&ISSUERS, Issuing::UntilOpen)),
        districts: vec!["north".to_owned()],
        ..definition
    }
}

/// The same poll, anonymous, in both districts, with one issuer.
pub(in crate::vectors) fn both_districts(definition: Definition) -> Definition {
    Definition {
        issuance: Some(issuance(&ISSUERS[..1], Issuing::UntilOpen)),
        districts: Vec::new(),
        ..anonymous(definition)
    }
}

/// What the ballots of [`Story::hidden`] give.
pub(in crate::vectors) fn hidden_usual() -> PollResult {
    let votes = [("trees", 2, true), ("swings", 1, false)];
    result(&[("north", 50, 3)], &[(0, &votes)])
}

/// The numbers of [`Story::hidden`]: eligible, requested, issued, spent.
pub(in crate::vectors::recount) fn hidden(case: Case) -> Case {
    case.credentials(&[("north", [50, 4, 4, 3])])
}

fn crowd(first: [&str; 2], district: &str) -> Vec<Voter> {
    let named = first.map(str::to_owned).into_iter();
    let others = (named.len()..CROWD).map(|place| format!("{district}-{place:02}"));
    named.chain(others).map(|name| voter(&name)).collect()
}

impl Story {
    /// A city with 50 voters in the north, `ada` and `bo` among them, and if both districts vote,
    /// as many in the south, with `cy` and `di`; announced.
    pub(in crate::vectors) fn crowded(definition: Definition) -> Self {
        let mut story = Self::without_roll();
        story.city.begin_roll(&story.roll, &["north", "south"]);
        story.city.enrol(&story.roll, &crowd(["ada", "bo"], "north"));
        if definition.districts.is_empty() {
            story.city.enrol(&story.roll, &crowd(["cy", "di"], "south"));
        }
        story.city.anchor();
        story.announce(definition);
        story
    }

    /// The same with the keys of all issuers.
    pub(in crate::vectors) fn keyed(definition: Definition) -> Self {
        let mut story = Self::crowded(definition);
        for issuer in story.issuers() {
            let entry = story.issuer_keys_entry(issuer, &story.honest_keys(issuer));
            story.log(&entry);
        }
        story
    }

    /// The same, begun.
    pub(in crate::vectors) fn begun(definition: Definition) -> Self {
        let mut story = Self::keyed(definition);
        story.begin();
        story
    }

    /// The same, where `ada`, `bo`, `north-02` and `north-03` have asked and were served.
    pub(in crate::vectors) fn issued(definition: Definition) -> Self {
        let mut story = Self::begun(definition);
        let names = ["ada", "bo", "north-02", "north-03"];
        story.request_all(&names);
        story.issue(&names);
        story
    }

    /// The same, opened, where `ada` and `north-02` have voted for trees and `bo` for swings;
    /// `north-03` holds a credential and has not cast.
    pub(in crate::vectors) fn hidden(definition: Definition) -> Self {
        let mut story = Self::issued(definition);
        story.make_key();
        story.open();
        story.cast_hidden();
        story
    }

    pub(in crate::vectors) fn cast_hidden(&mut self) {
        for (name, choice) in [("ada", 0), ("bo", 1), ("north-02", 0)] {
            self.cast(name, 0, &[&[choice]]);
        }
    }

    /// The end of a story whose result is [`hidden_usual`].
    pub(in crate::vectors::recount) fn hidden_case(self, name: &str, what: &'static str) -> Case {
        hidden(self.case(name, what).result(hidden_usual()))
    }

    fn definition(&self) -> &Definition {
        self.definition.as_ref().expect("the poll is announced")
    }

    /// The names of the poll's issuers, in its order.
    pub(in crate::vectors) fn issuers(&self) -> Vec<&'static str> {
        let issuance = self.definition().issuance.as_ref().expect("the poll is anonymous");
        let place = |name: &&str| issuance.issuers.iter().position(|i| i.label == **name);
        let mut names: Vec<_> = ISSUERS.into_iter().filter(|name| place(name).is_some()).collect();
        names.sort_by_key(|name| place(name));
        names
    }

    pub(super) fn has_begun(&self) -> bool {
        self.standing.iter().any(|(kind, _)| *kind == Kind::Begin.number())
    }

    /// The keys of an issuer for the districts that vote.
    pub(in crate::vectors) fn honest_keys(&self, issuer: &str) -> Vec<(&'static str, Vec<u8>)> {
        let voting = |code: &&str| self.definition().admits(code);
        let modulus = |code| issuer_secret(issuer, code).public().modulus().to_vec();
        ["north", "south"].into_iter().filter(voting).map(|code| (code, modulus(code))).collect()
    }

    /// An issuer's entry with these keys.
    pub(in crate::vectors) fn issuer_keys_entry(
        &self,
        issuer: &str,
        keys: &[(&str, Vec<u8>)],
    ) -> SignedEntry {
        let keys = keys.iter().map(|(code, modulus)| ((*code).to_owned(), modulus.clone()));
        let payload = Payload::IssuerKeys(IssuerKeys { keys: keys.collect() });
        self.sign(self.leaf(Kind::Announce), &payload, &[issuer])
    }

    /// A Begin by the two officers that pins the rolls as they are.
    pub(in crate::vectors) fn begin_entry(&self) -> SignedEntry {
        let payload = Payload::Begin(self.city.open_payload(&self.poll));
        self.sign(self.leaf(Kind::Announce), &payload, &OFFICERS)
    }

    pub(in crate::vectors) fn begin(&mut self) -> u64 {
        let entry = self.begin_entry();
        self.stand(&entry)
    }

    /// A credential as a voter of this name would make it, with a key of this name.
    pub(in crate::vectors) fn wallet(&self, name: &str, key_name: &str) -> Wallet {
        let district = if voter(name).district == 0 { "north" } else { "south" };
        let place = (&self.poll, self.leaf(Kind::Begin));
        self.city.wallet(place, &self.issuers(), district, (name, &credential_key(key_name)))
    }

    /// A request with these blinded messages.
    pub(in crate::vectors) fn request_entry(
        &self,
        name: &str,
        blinded: Vec<Vec<u8>>,
    ) -> SignedEntry {
        let payload = Payload::Request(Request { blinded });
        let under = self.leaf(Kind::Begin);
        self.city.sign_with(&self.poll, under, &payload, &[&voter(name).key])
    }

    /// Asks with the voter's own credential key.
    pub(in crate::vectors) fn request(&mut self, name: &str) -> u64 {
        self.request_for(name, name)
    }

    /// Asks with a credential key of this name.
    pub(in crate::vectors) fn request_for(&mut self, name: &str, key_name: &str) -> u64 {
        let wallet = self.wallet(name, key_name);
        let entry = self.request_entry(name, wallet.blinded());
        let request = self.log(&entry);
        self.asked.insert(name.to_owned(), Asked { wallet, request });
        request
    }

    pub(in crate::vectors) fn request_all(&mut self, names: &[&str]) {
        for name in names {
            self.request(name);
        }
    }

    /// What was asked for by this name.
    pub(in crate::vectors) fn asked(&self, name: &str) -> &Asked {
        &self.asked[name]
    }

    /// Puts a credential into a voter's hands that nobody has asked for, made by all issuers.
    pub(in crate::vectors) fn mint(&mut self, name: &str) {
        let asked = Asked { wallet: self.wallet(name, name), request: u64::MAX };
        self.asked.insert(name.to_owned(), asked);
    }

    /// An issuer's answers to the requests of these voters.
    pub(in crate::vectors) fn answers(&self, issuer: &str, names: &[&str]) -> Vec<(u64, Vec<u8>)> {
        let answer = |name: &&str| {
            let Asked { wallet, request } = self.asked(name);
            (*request, wallet.answer(issuer))
        };
        names.iter().map(answer).collect()
    }

    /// An issuer's entry with these answers.
    pub(in crate::vectors) fn issued_entry(
        &self,
        issuer: &str,
        signatures: Vec<(u64, Vec<u8>)>,
    ) -> SignedEntry {
        let payload = Payload::Issued(Issued { signatures });
        self.sign(self.leaf(Kind::Begin), &payload, &[issuer])
    }

    /// Every issuer answers these voters, in one entry each.
    pub(in crate::vectors) fn issue(&mut self, names: &[&str]) {
        for issuer in self.issuers() {
            let entry = self.issued_entry(issuer, self.answers(issuer, names));
            self.log(&entry);
        }
    }

    /// The credential with which someone casts, if the poll wants one.
    pub(super) fn credential(&self, name: &str) -> Option<Credential> {
        Some(self.asked.get(name)?.wallet.credential())
    }

    /// The key with which someone casts.
    pub(in crate::vectors) fn casting_key(&self, name: &str) -> SigningKey {
        self.asked.get(name).map_or_else(|| voter(name).key, |asked| asked.wallet.key.clone())
    }
}

/// The credential key of this name.
fn credential_key(name: &str) -> SigningKey {
    key(&format!("credential of {name}"))
}
