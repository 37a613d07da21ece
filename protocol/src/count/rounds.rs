//! The rounds of a count that eliminates, and which of several tied options is taken.
//!
//! Not here: what a round does.

use core::cmp::Ordering;

use num_bigint::BigUint;

use super::coded::coded_enum;
use super::fraction::Fraction;
use super::step::Step;
use super::ties::Ties;

coded_enum! {
    /// Whether earlier rounds decide between options that have equally many votes.
    LookBack {
        /// They do not.
        None,
        /// The last round that tells them apart does.
        Backwards,
    }
}

/// Which of several options is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The one with the fewest votes leaves.
    Fewest,
    /// The one with the most goes first.
    Most,
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Rounds {
    look_back: LookBack,
    votes: Vec<Vec<Option<Fraction>>>,
    pub(super) steps: Vec<Step>,
}

impl Rounds {
    pub(super) const fn new(look_back: LookBack) -> Self {
        Self { look_back, votes: Vec::new(), steps: Vec::new() }
    }

    /// Begins a round with these votes.
    pub(super) fn begin(&mut self, votes: Vec<Option<Fraction>>, exhausted: Fraction) {
        self.steps.push(Step::Round { votes: votes.clone(), exhausted });
        self.votes.push(votes);
    }

    /// The votes of an option in the round that has begun, 0 if it has left.
    pub(super) fn votes(&self, option: u16) -> Fraction {
        let votes = self.votes.last().and_then(|votes| votes[usize::from(option)].clone());
        votes.unwrap_or_else(|| integer(0))
    }

    /// Of these options, which is taken: by their votes in this round, then in the rounds before
    /// it where that is the rule, then by the criteria for ties.
    pub(super) fn take(&mut self, options: &[u16], taken: Taken, ties: Ties<'_>) -> u16 {
        let last = self.votes.len() - 1;
        let mut level = self.extreme(options, last, taken);
        if level.len() > 1 && self.look_back == LookBack::Backwards {
            let among = level.clone();
            // COUNT-46: the last round in which not all of them have the same decides first
            for round in (0..last).rev() {
                level = self.extreme(&level, round, taken);
                if let [taken] = level[..] {
                    self.steps.push(Step::LookBack { among, taken, round });
                    return taken;
                }
            }
        }
        ties.sort(&mut level);
        let (place, chosen) = match taken {
            Taken::Fewest => (level.len() - 1, level.len() - 1),
            Taken::Most => (0, 1),
        };
        let option = level[place];
        if level.len() > 1 {
            // COUNT-10, COUNT-46: who goes first stays, or is served first
            let by = ties.order(level[chosen - 1], level[chosen]).1;
            let chosen = level[..chosen].to_vec();
            self.steps.push(Step::Tie { among: level, chosen, by });
        }
        option
    }

    /// Those of the options that have the fewest, or the most, votes in a round.
    fn extreme(&self, options: &[u16], round: usize, taken: Taken) -> Vec<u16> {
        let votes = |option: u16| self.votes[round][usize::from(option)].as_ref();
        let mut found: Vec<u16> = Vec::new();
        for &option in options {
            let ordering = match (found.first().and_then(|&first| votes(first)), votes(option)) {
                (Some(best), Some(own)) => compare(own, best),
                _ => Ordering::Equal,
            };
            let ordering = if taken == Taken::Most { ordering.reverse() } else { ordering };
            match ordering {
                Ordering::Less => found = vec![option],
                Ordering::Equal => found.push(option),
                Ordering::Greater => {}
            }
        }
        found
    }
}

/// Compares two fractions exactly.
pub(super) fn compare(a: &Fraction, b: &Fraction) -> Ordering {
    (a.numerator() * b.denominator()).cmp(&(b.numerator() * a.denominator()))
}

/// A whole number of votes.
pub(super) fn integer(number: u64) -> Fraction {
    over(number.into(), &BigUint::from(1_u8))
}

/// A number of votes over a denominator that is not 0.
pub(super) fn over(numerator: BigUint, denominator: &BigUint) -> Fraction {
    Fraction::new(numerator, denominator.clone()).expect("denominators are products of totals")
}
