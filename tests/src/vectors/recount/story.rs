//! A small city in which one poll is held, act by act: honest acts in one line each, and the means
//! to log what nobody honest would.
//!
//! Here: named open polls, and what all polls have in common. Credentials and trustees are below.

mod ceremony;
mod credentials;

use std::collections::BTreeMap;

use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Announce, Cancel, CancelReason, Certify, Close, Open, Seen};
use veche_protocol::poll::ballot::{Ballot, Content};
use veche_protocol::poll::definition::{Definition, Revote};
use veche_protocol::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};

use super::case::Case;
use crate::city::{City, DOMAIN, Voter, key, single_choice_definition};

pub(in crate::vectors) use ceremony::{LENGTH, Sealed, sealed};
pub(in crate::vectors::recount) use credentials::hidden;
pub(in crate::vectors) use credentials::{Asked, ISSUERS, anonymous, both_districts, hidden_usual};

/// The paths of the logs of every story.
pub(in crate::vectors) const REGISTER: &str = "register";
pub(in crate::vectors) const ROLL: &str = "roll/residents";
pub(in crate::vectors) const POLL: &str = "poll/park";

/// The officers who act unless the story says otherwise.
pub(in crate::vectors) const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// A city, its poll `park`, and four voters: `ada` and `bo` of the north, `cy` and `di` of the
/// south.
#[derive(Clone, Debug)]
pub(in crate::vectors) struct Story {
    pub(in crate::vectors) city: City,
    pub(in crate::vectors) poll: LogPath,
    pub(in crate::vectors) roll: LogPath,
    /// The phase entries that stand: kind and index.
    pub(in crate::vectors) standing: Vec<(u64, u64)>,
    pub(in crate::vectors) accepted: u64,
    /// What was announced.
    definition: Option<Definition>,
    /// Of an anonymous poll: the credentials by the names of those who asked.
    asked: BTreeMap<String, Asked>,
    /// Of a sealed poll.
    pub(in crate::vectors) sealed: Option<Sealed>,
}

/// The voter of this name.
pub(in crate::vectors) fn voter(name: &str) -> Voter {
    Voter::named(name, u64::from(matches!(name, "cy" | "di") || name.starts_with("south")))
}

/// A poll with one question, a single choice among two or none.
pub(in crate::vectors) fn plain() -> Definition {
    single_choice_definition(&["trees", "swings"], Revote::First)
}

/// The same with up to three changes of a ballot.
pub(in crate::vectors) fn revotable() -> Definition {
    single_choice_definition(&["trees", "swings"], Revote::Last { max_turn: 3 })
}

impl Story {
    /// A city with its roll, anchored.
    pub(in crate::vectors) fn new() -> Self {
        let mut story = Self::without_roll();
        story.city.begin_roll(&story.roll, &["north", "south"]);
        story.city.enrol(&story.roll, &["ada", "bo", "cy", "di"].map(voter));
        story.city.anchor();
        story
    }

    /// A city that has nothing but its genesis.
    pub(in crate::vectors) fn without_roll() -> Self {
        Self {
            city: City::found(DOMAIN),
            poll: LogPath::Poll("park".to_owned()),
            roll: LogPath::Roll("residents".to_owned()),
            standing: Vec::new(),
            accepted: 0,
            definition: None,
            asked: BTreeMap::new(),
            sealed: None,
        }
    }

    /// A city with its roll and an announced poll.
    pub(in crate::vectors) fn announced(definition: Definition) -> Self {
        let mut story = Self::new();
        story.announce(definition);
        story
    }

    /// The same, opened.
    pub(in crate::vectors) fn opened(definition: Definition) -> Self {
        let mut story = Self::announced(definition);
        story.open();
        story
    }

    /// The same with the ballots of three voters: `ada` and `cy` for trees, `bo` for swings.
    pub(in crate::vectors) fn voted() -> Self {
        let mut story = Self::opened(plain());
        story.cast_usual();
        story
    }

    /// The same, closed, anchored and certified.
    pub(in crate::vectors) fn whole() -> Self {
        let mut story = Self::voted();
        story.end(usual());
        story
    }

    /// A poll that takes changed ballots, where `ada` has changed once and skipped a turn.
    pub(in crate::vectors) fn revoted() -> Self {
        let mut story = Self::opened(revotable());
        story.cast("ada", 0, &[&[0]]);
        story.cast("ada", 2, &[&[1]]);
        story
    }

    /// The poll's entries.
    pub(in crate::vectors) fn entries(&self) -> &[Vec<u8>] {
        &self.city.at(&self.poll).entries
    }

    /// Casts the three ballots of [`usual`].
    pub(in crate::vectors) fn cast_usual(&mut self) {
        for (name, choice) in [("ada", 0), ("bo", 1), ("cy", 0)] {
            self.cast(name, 0, &[&[choice]]);
        }
    }

    /// Closes, anchors and certifies.
    pub(in crate::vectors) fn end(&mut self, result: PollResult) -> u64 {
        self.close();
        self.city.anchor();
        self.certify(result)
    }

    /// Logs an entry that stands.
    pub(in crate::vectors) fn stand(&mut self, entry: &SignedEntry) -> u64 {
        let index = self.log(entry);
        self.standing.push((entry.payload().kind().number(), index));
        index
    }

    /// Logs an entry, whatever it is.
    pub(in crate::vectors) fn log(&mut self, entry: &SignedEntry) -> u64 {
        self.city.log(&self.poll, entry)
    }

    /// Leaf hash of the standing phase entry of this kind.
    pub(in crate::vectors) fn leaf(&self, kind: Kind) -> Hash {
        let mut standing = self.standing.iter();
        let (_, index) = standing.find(|(number, _)| *number == kind.number()).expect("it stands");
        self.city.at(&self.poll).leaf(usize::try_from(*index).expect("a small log"))
    }

    /// Leaf hash of the last phase entry that stands.
    pub(in crate::vectors) fn last_leaf(&self) -> Hash {
        let (_, index) = self.standing.last().expect("the poll is announced");
        self.city.at(&self.poll).leaf(usize::try_from(*index).expect("a small log"))
    }

    /// The heads as they are now.
    pub(in crate::vectors) fn seen(&self) -> Seen {
        self.city.seen(&self.poll)
    }

    /// Signs a payload for the poll's log.
    pub(in crate::vectors) fn sign(
        &self,
        under: Hash,
        payload: &Payload,
        by: &[&str],
    ) -> SignedEntry {
        self.city.sign(&self.poll, under, payload, by)
    }

    /// An Announce by the two officers.
    pub(in crate::vectors) fn announce_entry(&self, definition: Definition) -> SignedEntry {
        let mut seen = self.seen();
        seen.own = crate::city::PaperLog::new(String::new()).head();
        let payload = Payload::Announce(Announce { seen, definition });
        self.sign(self.city.instance, &payload, &OFFICERS)
    }

    pub(in crate::vectors) fn announce(&mut self, definition: Definition) -> u64 {
        let entry = self.announce_entry(definition.clone());
        let index = self.stand(&entry);
        self.city.announce_log(&self.poll);
        self.sealed = Sealed::first(entry.leaf(), &definition);
        self.definition = Some(definition);
        index
    }

    /// An Open by the two officers, under the last phase entry.
    pub(in crate::vectors) fn open_entry(&self, open: Open) -> SignedEntry {
        self.sign(self.last_leaf(), &Payload::Open(open), &OFFICERS)
    }

    /// Opens the poll. POLL-22: if it has begun, its Open pins nothing.
    pub(in crate::vectors) fn open(&mut self) -> u64 {
        let mut open = self.city.open_payload(&self.poll);
        if self.has_begun() {
            open.pins.clear();
        }
        let entry = self.open_entry(open);
        self.stand(&entry)
    }

    /// A Close by these officers, who have seen this.
    pub(in crate::vectors) fn close_entry(&self, seen: Seen, by: &[&str]) -> SignedEntry {
        self.sign(self.leaf(Kind::Open), &Payload::Close(Close { seen }), by)
    }

    pub(in crate::vectors) fn close(&mut self) -> u64 {
        let entry = self.close_entry(self.seen(), &OFFICERS);
        self.stand(&entry)
    }

    /// A Certify by the two officers.
    pub(in crate::vectors) fn certify_entry(&self, result: PollResult) -> SignedEntry {
        let payload = Payload::Certify(Certify { seen: self.seen(), result });
        self.sign(self.leaf(Kind::Close), &payload, &OFFICERS)
    }

    pub(in crate::vectors) fn certify(&mut self, result: PollResult) -> u64 {
        let entry = self.certify_entry(result);
        self.stand(&entry)
    }

    /// A Cancel by the two officers, under the standing entry of this kind.
    pub(in crate::vectors) fn cancel_entry(&self, under: Kind) -> SignedEntry {
        let reason = CancelReason::TechnicalFailure;
        let payload = Payload::Cancel(Cancel { seen: self.seen(), reason });
        self.sign(self.leaf(under), &payload, &OFFICERS)
    }

    pub(in crate::vectors) fn cancel(&mut self, under: Kind) -> u64 {
        let entry = self.cancel_entry(under);
        self.stand(&entry)
    }

    /// A ballot, not logged yet.
    pub(in crate::vectors) fn ballot(
        &self,
        name: &str,
        turn: u8,
        selections: &[&[u64]],
    ) -> SignedEntry {
        self.ballot_under(self.leaf(Kind::Open), name, turn, selections)
    }

    /// A ballot that is signed under another entry than Open.
    pub(in crate::vectors) fn ballot_under(
        &self,
        under: Hash,
        name: &str,
        turn: u8,
        selections: &[&[u64]],
    ) -> SignedEntry {
        let key = self.casting_key(name);
        let content = match &self.sealed {
            Some(sealed) => sealed.seal(under, &key.key(), selections),
            None => Content::Open(selections.iter().map(|choices| choices.to_vec()).collect()),
        };
        self.ballot_of(under, name, turn, content)
    }

    /// A ballot with any content.
    pub(in crate::vectors) fn ballot_of(
        &self,
        under: Hash,
        name: &str,
        turn: u8,
        content: Content,
    ) -> SignedEntry {
        let credential = self.credential(name);
        let payload = Payload::Ballot(Ballot { turn, content, credential });
        self.city.sign_with(&self.poll, under, &payload, &[&self.casting_key(name)])
    }

    /// Casts a ballot that is accepted.
    pub(in crate::vectors) fn cast(&mut self, name: &str, turn: u8, selections: &[&[u64]]) -> u64 {
        self.accepted += 1;
        let ballot = self.ballot(name, turn, selections);
        self.log(&ballot)
    }

    /// Logs a ballot that is refused.
    pub(in crate::vectors) fn spoil(&mut self, name: &str, turn: u8, selections: &[&[u64]]) -> u64 {
        let ballot = self.ballot(name, turn, selections);
        self.log(&ballot)
    }

    /// The end of the story: its public files, and what becomes of them in a recount.
    pub(super) fn case(self, name: &str, what: &'static str) -> Case {
        let Self { city, poll, standing, accepted, .. } = self;
        Case::new(name, what, city, &poll, standing, accepted)
    }

    /// The end of a story whose result is [`usual`].
    pub(super) fn usual_case(self, name: &str, what: &'static str) -> Case {
        self.case(name, what).result(usual())
    }
}

/// What the ballots of [`Story::voted`] give.
pub(in crate::vectors) fn usual() -> PollResult {
    let votes = [("trees", 2, true), ("swings", 1, false)];
    result(&[("north", 2, 2), ("south", 2, 1)], &[(0, &votes)])
}

/// The result of a poll in which nobody's vote counts.
pub(in crate::vectors) fn nothing() -> PollResult {
    result(
        &[("north", 2, 0), ("south", 2, 0)],
        &[(0, &[("trees", 0, false), ("swings", 0, false)])],
    )
}

/// Blank ballots of a question, and its options: label, votes, whether selected.
pub(in crate::vectors) type Answer<'a> = (u64, &'a [(&'a str, u64, bool)]);

/// A result with a quorum that is met. Districts: code, eligible, effective.
pub(in crate::vectors) fn result(
    districts: &[(&str, u64, u64)],
    questions: &[Answer<'_>],
) -> PollResult {
    let turnout = |(code, eligible, effective): &(&str, u64, u64)| Turnout {
        district: (*code).to_owned(),
        eligible: *eligible,
        effective: *effective,
    };
    let option = |(label, votes, selected): &(&str, u64, bool)| OptionResult {
        label: (*label).to_owned(),
        votes: *votes,
        selected: *selected,
    };
    let question = |(blank, options): &Answer<'_>| QuestionResult {
        blank: *blank,
        outcome: options.iter().map(option).collect(),
    };
    PollResult {
        eligible: districts.iter().map(|(_, eligible, _)| eligible).sum(),
        effective: districts.iter().map(|(.., effective)| effective).sum(),
        districts: districts.iter().map(turnout).collect(),
        quorum_met: true,
        questions: questions.iter().map(question).collect(),
    }
}

/// A key that belongs to nobody in the city.
pub(in crate::vectors) fn stranger() -> veche_protocol::signature::SigningKey {
    key("stranger")
}
