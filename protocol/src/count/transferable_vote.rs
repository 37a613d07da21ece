//! Single transferable vote: weighted inclusive Gregory, in exact fractions
//! (spec/count/transferable-vote.md).

mod weights;

use super::coded::coded_enum;
use super::form::{Form, Sharing, Values};
use super::method::{Asked, Counted, Method};
use super::rankings::Rankings;
use super::rounds::{LookBack, Rounds, Taken, compare};
use super::step::Step;
use super::ties::{self, TieBreak, Ties};
use crate::breach::Breach;
use crate::encoding::Decoder;
use weights::Piles;

/// Most seats. A surplus goes on at most seats - 1 times, and each time the digits of the weights
/// may double: 11 transfers of 2^32 ballots stay below 2^11 * 32 bits = 8 KiB a weight, and there
/// are at most 2^11 weights.
pub const MAX_SEATS: u64 = 12;

coded_enum! {
    /// How many votes elect an option.
    Quota {
        /// The smallest whole number that no more options than there are seats can reach.
        Droop,
        /// As many as there are ballots for each seat.
        Hare,
    }
}

/// Ranks; as many options as there are seats are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferableVote {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Options to be selected.
    pub seats: u64,
    /// How many votes elect one.
    pub quota: Quota,
    /// Whether earlier rounds decide ties.
    pub look_back: LookBack,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl TransferableVote {
    /// Rule id in a definition.
    pub const ID: u64 = 9;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            seats: decoder.uint()?,
            quota: Quota::decode(decoder)?,
            look_back: LookBack::decode(decoder)?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for TransferableVote {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        let (quota, look_back) = (self.quota.code(), self.look_back.code());
        vec![self.min, self.max, self.seats, quota, look_back]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        let values = Values::Rank { sharing: Sharing::Refused };
        Form { min: self.min, max: self.max, values }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-48: seats that can be taken, and few enough for exact weights
        (1..=MAX_SEATS.min(costs.len() as u64)).contains(&self.seats)
    }

    fn takes_conditions(&self) -> bool {
        false
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let rankings = Rankings::read(&self.form(), asked)?;
        let (turnout, votes) = (rankings.turnout, rankings.first.clone());
        let ballots = rankings.len() as u64;
        let mut contest = Contest {
            hopeful: rankings.is_named.clone(),
            elected: vec![false; votes.len()],
            pending: Vec::new(),
            open: self.seats,
            // COUNT-49: the quota
            quota: match self.quota {
                Quota::Droop => (ballots / (self.seats + 1) + 1, 1),
                Quota::Hare => (ballots, self.seats),
            },
            piles: Piles::new(rankings),
            rounds: Rounds::new(self.look_back),
        };
        contest.run(asked.ties(&self.ties, &votes));
        let (selected, steps) = (contest.elected, contest.rounds.steps);
        Ok(Counted::by_votes(turnout, votes, (selected, steps)))
    }
}

/// The state of a count.
struct Contest {
    /// By option, whether it is neither elected nor out.
    hopeful: Vec<bool>,
    elected: Vec<bool>,
    /// Elected with a surplus that has not gone on.
    pending: Vec<u16>,
    /// Seats to be filled.
    open: u64,
    /// Numerator and denominator.
    quota: (u64, u64),
    piles: Piles,
    rounds: Rounds,
}

impl Contest {
    fn hopefuls(&self) -> Vec<u16> {
        (0..).zip(&self.hopeful).filter(|(_, hopes)| **hopes).map(|(option, _)| option).collect()
    }

    fn run(&mut self, ties: Ties<'_>) {
        let quota = Piles::quota(self.quota);
        if self.hopefuls().is_empty() {
            return;
        }
        self.rounds.steps.push(Step::Quota { votes: quota.clone() });
        loop {
            let votes = self.piles.votes(|option| self.hopeful[option] || self.elected[option]);
            self.rounds.begin(votes, self.piles.exhausted());
            // COUNT-50: who has the quota is elected
            let mut reached = self.hopefuls();
            reached.retain(|&option| compare(&self.rounds.votes(option), &quota).is_ge());
            self.elect(reached);
            // COUNT-51: as many as there are seats, or fewer, are elected without it
            let hopefuls = self.hopefuls();
            if self.open > 0 && hopefuls.len() as u64 <= self.open {
                self.elect(hopefuls);
            }
            if self.open == 0 || self.hopefuls().is_empty() {
                return;
            }
            self.pending.retain(|&option| compare(&self.rounds.votes(option), &quota).is_gt());
            if self.pending.is_empty() {
                // COUNT-53: the weakest leaves
                let weakest = self.rounds.take(&self.hopefuls(), Taken::Fewest, ties);
                self.hopeful[usize::from(weakest)] = false;
                let votes = self.rounds.votes(weakest);
                self.rounds.steps.push(Step::Eliminated { option: weakest, votes });
                let step = self.piles.pass_on(weakest, &self.hopeful);
                self.rounds.steps.push(step);
            } else {
                // COUNT-52: the largest surplus goes on
                let pending = self.pending.clone();
                let strongest = self.rounds.take(&pending, Taken::Most, ties);
                self.pending.retain(|&option| option != strongest);
                let step = self.piles.pass_on_surplus(strongest, self.quota, &self.hopeful);
                self.rounds.steps.push(step);
            }
        }
    }

    /// Elects options, those with the most votes first, of equals the one listed first.
    fn elect(&mut self, mut options: Vec<u16>) {
        options.sort_by(|&a, &b| compare(&self.rounds.votes(b), &self.rounds.votes(a)));
        for option in options {
            self.hopeful[usize::from(option)] = false;
            self.elected[usize::from(option)] = true;
            self.pending.push(option);
            self.open -= 1;
            let votes = self.rounds.votes(option);
            self.rounds.steps.push(Step::Elected { option, votes });
        }
    }
}

#[cfg(test)]
mod tests;
