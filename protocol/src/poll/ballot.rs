//! The ballot, and the stages it passes: parsed, eligible, verified, recorded (spec/ballots.md).
//!
//! Each stage is a type that only its check can make, so that what is not verified cannot be
//! counted or appended, by construction:
//!
//! ```text
//! bytes -> SignedEntry -> EligibleBallot -> VerifiedBallot -> recorded by BallotBox::admit
//!          (decode)       (OpenPoll::check) (OpenPoll::verify)
//! ```

use rand::CryptoRng;

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::entry::{Payload, SignedEntry};
use crate::hash::Hash;
use crate::poll::definition::{MAX_QUESTIONS, MAX_TURN};
use crate::poll::fold::OpenPoll;
use crate::signature::{Claim, verify_batch};

/// Content that anyone can read at once.
const CONTENT_OPEN: u64 = 1;

/// What a voter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// How often the voter has voted before, as the voter counts.
    pub turn: u8,
    /// For each question the chosen options, by their places.
    pub selections: Vec<Vec<u64>>,
}

impl Ballot {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(u64::from(self.turn)).array(2).uint(CONTENT_OPEN);
        encoder.list(&self.selections, |encoder, selection| {
            encoder.list(selection, |encoder, &choice| {
                encoder.uint(choice);
            });
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let turn = decoder.uint_up_to(MAX_TURN)?;
        let turn = u8::try_from(turn).expect("MAX_TURN fits a byte");
        decoder.array_of(2)?;
        // BALLOT-6: sealed and secret contents have numbers of their own, not defined here yet.
        if decoder.uint()? != CONTENT_OPEN {
            return Err(Breach::BallotContentKind);
        }
        let selections =
            decoder.list(1, MAX_QUESTIONS, |decoder| decoder.list(0, usize::MAX, Decoder::uint))?;
        Ok(Self { turn, selections })
    }
}

/// A ballot whose one signer is on the poll's rolls. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct EligibleBallot {
    entry: SignedEntry,
    voter: usize,
}

/// A ballot signed by a voter of the poll.
#[derive(Clone, Debug)]
pub struct VerifiedBallot {
    entry: SignedEntry,
    voter: usize,
}

impl VerifiedBallot {
    /// The voter's place in the electorate.
    pub const fn voter(&self) -> usize {
        self.voter
    }

    /// The leaf hash of the ballot's bytes.
    pub const fn leaf(&self) -> Hash {
        self.entry.leaf()
    }

    /// The entry as it is, or is to be, logged.
    pub const fn entry(&self) -> &SignedEntry {
        &self.entry
    }

    /// Gives the entry away.
    pub fn into_entry(self) -> SignedEntry {
        self.entry
    }

    /// What the voter says.
    pub fn ballot(&self) -> &Ballot {
        match self.entry.payload() {
            Payload::Ballot(ballot) => ballot,
            _ => unreachable!("`OpenPoll::check` lets only ballots through"),
        }
    }
}

impl OpenPoll {
    /// Checks that the entry is a ballot with one signature, by a voter of this poll.
    pub fn check(&self, entry: SignedEntry) -> Result<EligibleBallot, Breach> {
        let Payload::Ballot(_) = entry.payload() else {
            return Err(Breach::EntryUnknownKind);
        };
        // BALLOT-2, BALLOT-3: exactly one signer, who stands on a pinned roll, in a district that
        // votes.
        let [(key, _)] = entry.signatures() else {
            return Err(Breach::BallotSigners);
        };
        let voter = self.electorate().find(key).ok_or(Breach::VoterUnknown)?;
        Ok(EligibleBallot { entry, voter })
    }

    /// Verifies the signatures of many ballots together. Each gets the verdict it would get alone.
    pub fn verify<R: CryptoRng>(
        &self,
        ballots: Vec<EligibleBallot>,
        rng: &mut R,
    ) -> Vec<Result<VerifiedBallot, Breach>> {
        let binding = self.ballot_binding();
        let claims: Vec<Claim> =
            ballots.iter().flat_map(|ballot| ballot.entry.claims(&binding)).collect();
        // BALLOT-4: under this Open, in this log, of this city.
        let verdicts = verify_batch(&claims, rng);
        let judged = ballots.into_iter().zip(verdicts);
        judged
            .map(|(EligibleBallot { entry, voter }, holds)| {
                if holds {
                    Ok(VerifiedBallot { entry, voter })
                } else {
                    Err(Breach::SignatureInvalid)
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::hash::RandomState;

    use super::*;
    use crate::count::rule::{Blank, Rule};
    use crate::entry::Binding;
    use crate::poll::ballot_box::BallotBox;
    use crate::poll::definition::{
        Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy, VoteOption,
    };
    use crate::signature::SigningKey;

    proptest! {
        #[test]
        fn a_ballot_has_one_form(turn in 0_u8..=15, selections in prop::collection::vec(
            prop::collection::vec(any::<u64>(), 0..8), 1..4)) {
            let ballot = Ballot { turn, selections };
            let mut encoder = Encoder::new();
            ballot.encode(&mut encoder);
            let bytes = encoder.finish();
            let mut decoder = Decoder::payload(&bytes);
            prop_assert_eq!(Ballot::decode(&mut decoder), Ok(ballot));
            prop_assert_eq!(decoder.finish(), Ok(()));
        }
    }

    #[test]
    fn a_selection_that_ends_early_is_malformed_whatever_length_it_claims() {
        // ENTRY-6, ENTRY-8: the grammar bounds no selection, so the first defect is the end.
        for claimed in ["8a", "9a00010000", "9bffffffffffffffff"] {
            let bytes = hex::decode(format!("00820181{claimed}00")).unwrap();
            let refused = Ballot::decode(&mut Decoder::payload(&bytes));
            assert_eq!(refused, Err(Breach::EntryMalformed), "{claimed}");
        }
    }

    #[test]
    fn another_kind_of_content_is_refused() {
        let mut encoder = Encoder::new();
        encoder.uint(0).array(2).uint(2).bytes(&[7; 48]);
        let bytes = encoder.finish();
        let refused = Ballot::decode(&mut Decoder::payload(&bytes));
        assert_eq!(refused, Err(Breach::BallotContentKind));
    }

    fn poll_with_revotes() -> Definition {
        let option = |label: &str| VoteOption { label: label.into(), details: None, cost: 0 };
        let question = |title: &str| Question {
            title: title.into(),
            details: None,
            options: vec![option("a"), option("b")],
            rule: Rule::SingleChoice { blank: Blank::Allowed, ties: Vec::new() },
        };
        Definition {
            title: "t".into(),
            details: None,
            questions: vec![question("1"), question("2")],
            identity: Identity::Named,
            secrecy: Secrecy::Open,
            revote: Revote::Last { max_turn: 15 },
            rolls: vec!["a.org/roll/a".into()],
            districts: Vec::new(),
            schedule: Schedule { opens_at: 0, closes_at: 1, tolerance: 0 },
            quorum: Quorum { numerator: 0, denominator: 1 },
            interval: 1_000,
        }
    }

    #[test]
    fn many_revotes_leave_everyone_the_last_ballot() {
        // BALLOT-10, BALLOT-11: enough of them that replaced choices are cleared more than once.
        const VOTERS: usize = 3_000;
        let definition = poll_with_revotes();
        let key = SigningKey::from_seed(&[7; 32]);
        let mut ballots = BallotBox::new(VOTERS, RandomState::new());
        let choice = |turn: u8, voter: usize| (voter as u64 + u64::from(turn)) % 2;
        for turn in 0..=15 {
            for voter in 0..VOTERS {
                let choice = choice(turn, voter);
                // Blank in the first question at every third turn, so that lengths differ.
                let first = if turn % 3 == 0 { vec![] } else { vec![choice] };
                let payload =
                    Payload::Ballot(Ballot { turn, selections: vec![first, vec![choice]] });
                let origin = format!("voter {voter}");
                let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
                let entry = SignedEntry::sign(&payload, &binding, &[&key]);
                assert_eq!(ballots.admit(&definition, &VerifiedBallot { entry, voter }), Ok(()));
            }
        }
        for voter in 0..VOTERS {
            let expected = u16::try_from(choice(15, voter)).unwrap();
            assert_eq!(ballots.choices(voter, 0), Some(&[][..]));
            assert_eq!(ballots.choices(voter, 1), Some(&[expected][..]));
        }
    }
}
