//! The exact side of a run: who bought what, by counts, and every amount as a rational when asked.
//!
//! A voter who has money left has paid the full share of every bought option on the ballot. So what
//! a set of such voters has together is the number of voters times the endowment, less, for each
//! purchase, the number of them who support it times its share; and the share itself is the cost,
//! less what the exhausted supporters had, over the number who paid in full. All of it follows from
//! counts of voters, and is computed only when bounds overlap or a report is drawn.

use core::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::super::fraction::Fraction;
use super::electorate::Electorate;

/// One purchase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Purchase {
    /// The option.
    pub(super) option: u16,
    /// Number of voters who paid the full share; at least 1.
    pub(super) payers: u64,
    /// Where the classes that gave less than the full share end in [`Ledger::poor`].
    poor_end: usize,
}

/// The purchases of one run in order, and as many of their exact shares as were asked for.
#[derive(Clone, Debug)]
pub(super) struct Ledger<'e> {
    electorate: &'e Electorate,
    increment: u64,
    purchases: Vec<Purchase>,
    /// Classes that a purchase exhausted before they had paid in full, purchase by purchase.
    poor: Vec<u32>,
    /// For each option, the number of its purchase; `NOT_BOUGHT` for the others.
    bought_at: Vec<usize>,
    /// Share of purchase `i`, times ballots * payers of purchases 0 to `i`.
    shares: Vec<BigUint>,
    /// Product of the payers of the purchases that have an exact share.
    payers_product: BigUint,
    /// What one voter has, by the purchases paid for: most voters have paid for the same few.
    purses: BTreeMap<Vec<usize>, BigUint>,
}

const NOT_BOUGHT: usize = usize::MAX;

impl<'e> Ledger<'e> {
    /// An empty ledger for a run with this increment.
    pub(super) fn new(electorate: &'e Electorate, increment: u64) -> Self {
        Self {
            electorate,
            increment,
            purchases: Vec::new(),
            poor: Vec::new(),
            bought_at: vec![NOT_BOUGHT; electorate.costs.len()],
            shares: Vec::new(),
            payers_product: BigUint::from(1_u8),
            purses: BTreeMap::new(),
        }
    }

    /// Empties the ledger for a run with another increment.
    pub(super) fn reset(&mut self, increment: u64) {
        self.increment = increment;
        self.purchases.clear();
        self.poor.clear();
        self.bought_at.fill(NOT_BOUGHT);
        self.shares.clear();
        self.payers_product = BigUint::from(1_u8);
        self.purses.clear();
    }

    /// Enters a purchase: `payers` voters pay in full, the classes in `poor` give all they have.
    pub(super) fn enter(&mut self, option: u16, payers: u64, poor: &[u32]) {
        self.purses.clear();
        self.poor.extend_from_slice(poor);
        self.bought_at[usize::from(option)] = self.purchases.len();
        self.purchases.push(Purchase { option, payers, poor_end: self.poor.len() });
    }

    /// The purchases so far, in order.
    pub(super) fn purchases(&self) -> &[Purchase] {
        &self.purchases
    }

    /// What each ballot starts with: budget / ballots + increment.
    pub(super) fn endowment(&self) -> Fraction {
        Fraction::new(self.funds(), self.electorate.ballots.into())
            .expect("a run has at least one ballot")
    }

    /// The exact share of each purchase, in order.
    pub(super) fn exact_shares(&mut self) -> Vec<Fraction> {
        self.catch_up();
        let mut denominator = BigUint::from(self.electorate.ballots);
        let mut fractions = Vec::with_capacity(self.shares.len());
        for (purchase, share) in self.purchases.iter().zip(&self.shares) {
            denominator *= purchase.payers;
            let fraction = Fraction::new(share.clone(), denominator.clone());
            fractions.push(fraction.expect("ballots and payers are at least 1"));
        }
        fractions
    }

    /// Compares what the classes have together, exactly, with `cost` currency units.
    /// The classes have money left.
    pub(super) fn compare_money(&mut self, classes: &[u32], cost: u64) -> Ordering {
        self.catch_up();
        self.money(classes).cmp(&self.units(cost))
    }

    /// What remains of `cost` units after the classes gave all they have: a number to compare with
    /// [`Self::scaled_money_of`]. The classes have money left, and together less than `cost`.
    pub(super) fn remainder(&mut self, cost: u64, classes: &[u32]) -> BigUint {
        self.catch_up();
        self.units(cost) - self.money(classes)
    }

    /// What one voter of the class has, on the scale of [`Self::remainder`].
    pub(super) fn scaled_money_of(&mut self, class: u32) -> BigUint {
        self.catch_up();
        let ballot = self.electorate.ballot(class);
        let bought = ballot.iter().map(|&option| self.bought_at[usize::from(option)]);
        let mut paid: Vec<usize> = bought.filter(|&step| step != NOT_BOUGHT).collect();
        paid.sort_unstable();
        if let Some(purse) = self.purses.get(&paid) {
            return purse.clone();
        }
        let purse = self.money_of([(class, 1)], self.purchases.len());
        self.purses.insert(paid, purse.clone());
        purse
    }

    /// Money on the common denominator of all exact shares, ballots * payers * payers * ...
    fn units(&self, units: u64) -> BigUint {
        &self.payers_product * self.electorate.ballots * units
    }

    fn money(&self, classes: &[u32]) -> BigUint {
        let sized = classes.iter().map(|&class| (class, self.electorate.size(class)));
        self.money_of(sized, self.purchases.len())
    }

    /// Money of voters who could pay in full for everything on their ballots among the first
    /// `steps` purchases, which are all that have an exact share; on their common denominator.
    fn money_of(&self, classes: impl IntoIterator<Item = (u32, u64)>, steps: usize) -> BigUint {
        let mut voters = BigUint::ZERO;
        let mut supporters = vec![0_u64; steps];
        for (class, size) in classes {
            voters += size;
            for &option in self.electorate.ballot(class) {
                let step = self.bought_at[usize::from(option)];
                // An option bought in this very step or later has not been paid for yet.
                if step < steps {
                    supporters[step] += size;
                }
            }
        }
        let mut paid = BigUint::ZERO;
        let each = self.purchases.iter().zip(&self.shares).zip(&supporters);
        for ((purchase, share), &count) in each {
            paid = paid * purchase.payers + share * count;
        }
        voters * self.funds() * &self.payers_product - paid
    }

    /// Computes the shares of the purchases entered since the last time.
    fn catch_up(&mut self) {
        while self.shares.len() < self.purchases.len() {
            let step = self.shares.len();
            let purchase = self.purchases[step];
            let start = step.checked_sub(1).map_or(0, |before| self.purchases[before].poor_end);
            let poor = &self.poor[start..purchase.poor_end];
            let sized = poor.iter().map(|&class| (class, self.electorate.size(class)));
            let given = self.money_of(sized, step);
            let cost = self.units(self.electorate.cost(purchase.option));
            // Dividing by the payers is left to the denominator, which grows by them.
            self.shares.push(cost - given);
            self.payers_product *= purchase.payers;
        }
    }

    /// What a voter starts with, times the number of ballots.
    fn funds(&self) -> BigUint {
        // COUNT-16: every ballot has its equal share, blank ones too
        BigUint::from(self.electorate.budget)
            + BigUint::from(self.electorate.ballots) * self.increment
    }
}
