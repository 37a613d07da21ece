//! Equal Shares once more, word by word after `spec/count.md`: one purse for each voter, every
//! amount a fraction of big integers, no screening, no classes, no skipping. Slow and plain.

use core::cmp::Ordering;

use num_bigint::BigInt;

use super::super::super::{Completion, Exhaustion, TieBreak};

/// A poll to be counted.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) costs: Vec<u64>,
    pub(super) budget: u64,
    pub(super) ballots: Vec<Vec<u16>>,
    pub(super) completion: Completion,
    pub(super) exhaustion: Exhaustion,
    pub(super) ties: Vec<TieBreak>,
}

/// A rational with a positive denominator, not reduced.
#[derive(Clone, Debug)]
struct Rational(BigInt, BigInt);

impl Rational {
    fn whole(units: u64) -> Self {
        Self(units.into(), 1.into())
    }
    fn plus(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }
    fn minus(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 - &other.0 * &self.1, &self.1 * &other.1)
    }
    fn times(&self, factor: u64) -> Self {
        Self(&self.0 * factor, self.1.clone())
    }
    fn over(&self, divisor: u64) -> Self {
        Self(self.0.clone(), &self.1 * divisor)
    }
    fn compare(&self, other: &Self) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }
    fn smaller<'r>(&'r self, other: &'r Self) -> &'r Self {
        if self.compare(other).is_lt() { self } else { other }
    }
}

impl Instance {
    pub(super) fn selected(&self) -> Vec<bool> {
        let mut chosen = self.completed();
        if self.completion == Completion::Add1u {
            let mut order: Vec<u16> = self.options().filter(|o| !chosen.contains(o)).collect();
            order.sort_by(|&a, &b| {
                self.votes(b).cmp(&self.votes(a)).then_with(|| self.tie_order(a, b))
            });
            for option in order {
                if self.votes(option) > 0 && self.cost(&chosen) + self.price(option) <= self.budget
                {
                    chosen.push(option);
                }
            }
        }
        self.options().map(|option| chosen.contains(&option)).collect()
    }

    fn completed(&self) -> Vec<u16> {
        let mut outcome = self.run(0);
        if self.completion == Completion::None {
            return outcome;
        }
        let supported = self.options().filter(|&option| self.votes(option) > 0);
        let supported: Vec<u16> = supported.collect();
        for increment in 1.. {
            if outcome.len() == supported.len() {
                break;
            }
            let rest = self.budget - self.cost(&outcome);
            let fits = |option: &&u16| !outcome.contains(option) && self.price(**option) <= rest;
            let exhaustive = supported.iter().find(fits).is_none();
            if self.exhaustion == Exhaustion::Stop && exhaustive {
                break;
            }
            let next = self.run(increment);
            if self.cost(&next) > self.budget {
                break;
            }
            outcome = next;
        }
        outcome
    }

    /// The options bought with budget / ballots + increment for each ballot, in order.
    fn run(&self, increment: u64) -> Vec<u16> {
        let count = (self.ballots.len() as u64).max(1);
        let endowment = Rational::whole(self.budget).over(count);
        let mut purses = vec![endowment.plus(&Rational::whole(increment)); self.ballots.len()];
        let mut bought = Vec::new();
        loop {
            let mut best: Option<(u16, Rational)> = None;
            for option in self.options().filter(|option| !bought.contains(option)) {
                let Some(rate) = self.rate(option, &purses) else { continue };
                let better = best.as_ref().is_none_or(|(rival, lowest)| {
                    let order = rate.compare(lowest);
                    order.then_with(|| self.tie_order(option, *rival)).is_lt()
                });
                if better {
                    best = Some((option, rate));
                }
            }
            let Some((option, rate)) = best else { return bought };
            let share = rate.times(self.price(option));
            for (purse, _) in
                purses.iter_mut().zip(&self.ballots).filter(|(_, b)| b.contains(&option))
            {
                *purse = purse.minus(purse.smaller(&share));
            }
            bought.push(option);
        }
    }

    /// The rate at which the supporters can buy the option: poorest first, each either gives all or
    /// carries, with all richer ones, an equal part of what is missing.
    fn rate(&self, option: u16, purses: &[Rational]) -> Option<Rational> {
        let pairs = purses.iter().zip(&self.ballots);
        let mut supporters: Vec<&Rational> =
            pairs.filter(|(_, ballot)| ballot.contains(&option)).map(|(purse, _)| purse).collect();
        supporters.sort_by(|a, b| a.compare(b));
        let mut missing = Rational::whole(self.price(option));
        for (index, purse) in supporters.iter().enumerate() {
            let share = missing.over((supporters.len() - index) as u64);
            if share.compare(purse).is_le() {
                return Some(share.over(self.price(option)));
            }
            missing = missing.minus(purse);
        }
        None
    }

    fn options(&self) -> impl Iterator<Item = u16> {
        0..u16::try_from(self.costs.len()).unwrap()
    }

    fn price(&self, option: u16) -> u64 {
        self.costs[usize::from(option)]
    }

    fn cost(&self, options: &[u16]) -> u64 {
        options.iter().map(|&option| self.price(option)).sum()
    }

    fn votes(&self, option: u16) -> usize {
        self.ballots.iter().filter(|ballot| ballot.contains(&option)).count()
    }

    fn tie_order(&self, a: u16, b: u16) -> Ordering {
        let listed = a.cmp(&b);
        self.ties
            .iter()
            .fold(Ordering::Equal, |order, criterion| {
                order.then_with(|| match criterion {
                    TieBreak::ListedOrder => listed,
                    TieBreak::LowestCost => self.price(a).cmp(&self.price(b)),
                    TieBreak::MostVotes => self.votes(b).cmp(&self.votes(a)),
                    TieBreak::Lot => unreachable!("nothing is drawn for these instances"),
                })
            })
            .then(listed)
    }
}
