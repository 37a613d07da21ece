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
use crate::entry::{MAX_ENTRY_LENGTH, Payload, SignedEntry};
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
        let selections = decoder
            .list(1, MAX_QUESTIONS, |decoder| decoder.list(0, MAX_ENTRY_LENGTH, Decoder::uint))?;
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

    use super::*;

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
    fn another_kind_of_content_is_refused() {
        let mut encoder = Encoder::new();
        encoder.uint(0).array(2).uint(2).bytes(&[7; 48]);
        let bytes = encoder.finish();
        let refused = Ballot::decode(&mut Decoder::payload(&bytes));
        assert_eq!(refused, Err(Breach::BallotContentKind));
    }
}
