//! Instant runoff: the weakest option leaves until one has a majority
//! (spec/count/instant-runoff.md).

use super::form::{Form, Sharing, Values};
use super::method::{Asked, Counted, Method};
use super::rankings::Rankings;
use super::rounds::{LookBack, Rounds, Taken, integer};
use super::step::Step;
use super::ties::{self, TieBreak};
use crate::breach::Breach;
use crate::encoding::Decoder;

/// Ranks; one option is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstantRunoff {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Whether earlier rounds decide ties.
    pub look_back: LookBack,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl InstantRunoff {
    /// Rule id in a definition.
    pub const ID: u64 = 8;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            look_back: LookBack::decode(decoder)?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for InstantRunoff {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.look_back.code()]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        // COUNT-44: a ballot lies with one option at a time
        let values = Values::Rank { sharing: Sharing::Refused };
        Form { min: self.min, max: self.max, values }
    }

    fn bounds_hold(&self, _: &[u64]) -> bool {
        true
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let mut rankings = Rankings::read(&self.form(), asked)?;
        let votes = rankings.first.clone();
        let ties = asked.ties(&self.ties, &votes);
        let mut runoff = Runoff {
            piles: rankings.piles(),
            stands: rankings.is_named.clone(),
            standing: votes.clone(),
            exhausted: 0,
            rounds: Rounds::new(self.look_back),
        };
        let mut selected = vec![false; votes.len()];
        loop {
            match runoff.round() {
                Round::Open => {}
                Round::Nobody => break,
                Round::Won(winner) => {
                    selected[usize::from(winner)] = true;
                    break;
                }
            }
            let remaining = runoff.remaining();
            // COUNT-46: the weakest leaves, and its ballots go on
            let weakest = runoff.rounds.take(&remaining, Taken::Fewest, ties);
            runoff.eliminate(weakest, &mut rankings);
        }
        Ok(Counted {
            ballots: rankings.turnout.ballots,
            blank: rankings.turnout.blank,
            standing: Some(runoff.standing),
            selected,
            steps: runoff.rounds.steps,
            votes,
        })
    }
}

/// Where the ballots lie.
struct Runoff {
    piles: Vec<Vec<u32>>,
    /// By option, whether it has not left.
    stands: Vec<bool>,
    /// By option, its votes in the last round in which it stood.
    standing: Vec<u64>,
    exhausted: u64,
    rounds: Rounds,
}

/// What a round comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// This option has more than half.
    Won(u16),
    /// None has.
    Open,
    /// No option stands.
    Nobody,
}

impl Runoff {
    fn remaining(&self) -> Vec<u16> {
        (0..).zip(&self.stands).filter(|(_, stands)| **stands).map(|(option, _)| option).collect()
    }

    /// Begins a round.
    fn round(&mut self) -> Round {
        let remaining = self.remaining();
        if remaining.is_empty() {
            return Round::Nobody;
        }
        let mut votes = vec![None; self.piles.len()];
        for &option in &remaining {
            let own = self.piles[usize::from(option)].len() as u64;
            self.standing[usize::from(option)] = own;
            votes[usize::from(option)] = Some(integer(own));
        }
        self.rounds.begin(votes, integer(self.exhausted));
        let own = |option: u16| self.standing[usize::from(option)];
        let all: u64 = remaining.iter().map(|&option| own(option)).sum();
        // COUNT-45: more than half of the ballots that still count
        let winner = remaining.iter().copied().find(|&option| own(option) * 2 > all);
        let Some(option) = winner else { return Round::Open };
        self.rounds.steps.push(Step::Elected { option, votes: integer(own(option)) });
        Round::Won(option)
    }

    fn eliminate(&mut self, option: u16, rankings: &mut Rankings) {
        let votes = integer(self.standing[usize::from(option)]);
        self.rounds.steps.push(Step::Eliminated { option, votes });
        self.stands[usize::from(option)] = false;
        let mut received = vec![0_u64; self.piles.len()];
        let mut exhausted = 0;
        for ballot in core::mem::take(&mut self.piles[usize::from(option)]) {
            match rankings.advance(ballot, &self.stands) {
                Some(next) => {
                    self.piles[usize::from(next)].push(ballot);
                    received[usize::from(next)] += 1;
                }
                None => exhausted += 1,
            }
        }
        self.exhausted += exhausted;
        let to = (0..).zip(received).filter(|(_, votes)| *votes > 0);
        self.rounds.steps.push(Step::Transfer {
            from: option,
            part: integer(1),
            to: to.map(|(option, votes)| (option, integer(votes))).collect(),
            exhausted: integer(exhausted),
        });
    }
}

#[cfg(test)]
pub(super) use tests::ballots;

#[cfg(test)]
mod tests;
