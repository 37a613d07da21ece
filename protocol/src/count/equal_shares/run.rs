//! One run of Equal Shares: purchases, one after another, until nothing is affordable.
//!
//! Amounts are screened by their bounds and decided by the ledger, so the outcome is that of exact
//! arithmetic. An option's rate never falls while voters spend, so the rate found last is a lower
//! bound: only options whose bound does not exceed the best offer are looked at again. Not here:
//! how many runs there are and with which increments.

use core::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use num_bigint::BigUint;

use super::super::ties::Ties;
use super::amount::{Amount, Rate, Scale, Sum};
use super::electorate::Electorate;
use super::ledger::Ledger;

/// What the supporters of an option offer for it.
#[derive(Clone, Debug)]
struct Offer {
    option: u16,
    /// Number of voters who can pay the full share; at least 1.
    payers: u64,
    /// The classes that have less than the full share, and give all of it.
    poor: Vec<u32>,
    /// The classes that have exactly the full share.
    even: Vec<u32>,
    share: Amount,
    rate: Rate,
}

/// What each voter of a class has left, and how many there are: what every look reads together.
#[derive(Clone, Copy, Debug)]
struct Purse {
    money: Amount,
    voters: u32,
}

/// A class that supports the option looked at, with a copy of its purse: read in one sweep.
#[derive(Clone, Copy, Debug)]
struct Supporter {
    class: u32,
    purse: Purse,
}

/// Options that had the same rate, in the order in which they go; the first was bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TiedRates {
    /// Number of the purchase, from 0.
    pub(super) purchase: usize,
    pub(super) among: Vec<u16>,
}

/// Whether a run writes down what its course depended on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracing {
    Off,
    On,
}

/// The state of a run; it is reused from one run to the next.
#[derive(Debug)]
pub(super) struct Run<'e> {
    electorate: &'e Electorate,
    ties: Ties<'e>,
    pub(super) ledger: Ledger<'e>,
    scale: Scale,
    /// By class.
    purses: Vec<Purse>,
    /// The supporters of each option: first those that may have money left, in ascending order.
    supporters: Vec<u32>,
    /// Number of classes of each option that may have money left; what stands after them is spent.
    solvent: Vec<usize>,
    /// Lower bound of each option's share, from the last look at it.
    floors: Vec<u64>,
    /// Options not bought yet, by the lower bound of their rate.
    queue: BinaryHeap<Reverse<(u128, u16)>>,
    /// Scratch: supporters who may be able to pay in full.
    rich: Vec<Supporter>,
    ties_decided: Vec<TiedRates>,
    trace: Option<Vec<u64>>,
}

impl<'e> Run<'e> {
    /// Prepares for runs; the electorate has at least one ballot.
    pub(super) fn new(electorate: &'e Electorate, ties: Ties<'e>) -> Self {
        Self {
            electorate,
            ties,
            ledger: Ledger::new(electorate, 0),
            scale: Scale::new(electorate, 0),
            purses: Vec::with_capacity(electorate.classes()),
            supporters: electorate.all_supporters().to_vec(),
            solvent: vec![0; electorate.costs.len()],
            floors: vec![0; electorate.costs.len()],
            queue: BinaryHeap::new(),
            rich: Vec::new(),
            ties_decided: Vec::new(),
            trace: None,
        }
    }

    /// Runs from the start, with budget / ballots + `increment` units for each voter. The ledger
    /// then holds the purchases.
    pub(super) fn perform(&mut self, increment: u64, tracing: Tracing) {
        self.reset(increment);
        self.trace = (tracing == Tracing::On).then(Vec::new);
        // COUNT-17: until no option is affordable
        while let Some(offer) = self.best_offer() {
            self.buy(&offer);
        }
    }

    /// What the course of the last run depended on, if it was traced: for each option looked at,
    /// who could not pay in full and who just could.
    pub(super) fn take_trace(&mut self) -> Option<Vec<u64>> {
        self.trace.take()
    }

    /// Ties of rates in the last run, in order.
    pub(super) fn ties_decided(&self) -> &[TiedRates] {
        &self.ties_decided
    }

    fn reset(&mut self, increment: u64) {
        let electorate = self.electorate;
        self.ledger.reset(increment);
        self.scale = Scale::new(electorate, increment);
        let money = self.scale.endowment();
        let purses = electorate.sizes().iter().map(|&voters| Purse { money, voters });
        self.purses.clear();
        self.purses.extend(purses);
        self.supporters.copy_from_slice(electorate.all_supporters());
        self.ties_decided.clear();
        self.queue.clear();
        self.floors.fill(0);
        let ballots = u128::from(electorate.ballots);
        let funds = u128::from(electorate.budget) + ballots * u128::from(increment);
        for option in electorate.supported() {
            let votes = electorate.votes[usize::from(option)];
            // COUNT-18: votes * (budget / ballots + increment) >= cost, or it is never affordable.
            // Below 2^128: votes and ballots have 32 bits, money has 54.
            if u128::from(votes) * funds >= u128::from(electorate.cost(option)) * ballots {
                self.solvent[usize::from(option)] = electorate.supporter_span(option).len();
                self.queue.push(Reverse((self.scale.rate_of_votes(votes), option)));
            }
        }
    }

    /// COUNT-19: the affordable option of the smallest rate, ties by the criteria.
    fn best_offer(&mut self) -> Option<Offer> {
        let mut best: Option<Offer> = None;
        let mut tied: Vec<u16> = Vec::new();
        let mut waiting: Vec<(u128, u16)> = Vec::new();
        while let Some(&Reverse((bound, option))) = self.queue.peek() {
            if best.as_ref().is_some_and(|best| bound > best.rate.hi) {
                break;
            }
            self.queue.pop();
            // COUNT-18: voters only lose money, so what is not affordable now never will be
            let Some(offer) = self.offer(option) else { continue };
            waiting.push((offer.rate.lo, option));
            let ordering =
                best.as_ref().map_or(Ordering::Less, |best| self.compare_rates(&offer, best));
            if ordering == Ordering::Less {
                tied.clear();
            }
            if ordering != Ordering::Greater {
                tied.push(option);
            }
            let goes_first = |best: &Offer| self.ties.order(option, best.option).0.is_lt();
            if ordering == Ordering::Less
                || ordering == Ordering::Equal && best.as_ref().is_some_and(goes_first)
            {
                best = Some(offer);
            }
        }
        let best = best?;
        let others = waiting.into_iter().filter(|&(_, option)| option != best.option);
        self.queue.extend(others.map(Reverse));
        if tied.len() > 1 {
            self.ties.sort(&mut tied);
            let purchase = self.ledger.purchases().len();
            self.ties_decided.push(TiedRates { purchase, among: tied });
        }
        Some(best)
    }

    /// COUNT-18: what the supporters of an option offer, or nothing if they cannot afford it.
    fn offer(&mut self, option: u16) -> Option<Offer> {
        let units = self.electorate.cost(option);
        let cost = self.scale.cost(units);
        let mut offer = Offer {
            option,
            payers: 0,
            poor: Vec::new(),
            even: Vec::new(),
            share: Amount::ZERO,
            rate: Rate { lo: 0, hi: 0 },
        };
        let (mut given, total) = self.gather(&mut offer);
        if total.hi < cost || (total.lo < cost && !self.affords_exactly(option, units)) {
            self.write_trace(&[u64::from(option), 0]);
            return None;
        }
        loop {
            offer.share = self.scale.share(cost, given, offer.payers);
            if !self.sift(&mut offer, &mut given, units) {
                break;
            }
        }
        offer.rate = Rate::new(offer.share, units);
        self.floors[usize::from(option)] = offer.share.lo;
        self.trace_offer(&mut offer);
        Some(offer)
    }

    /// Collects an option's supporters who have money: into `offer.poor` those who surely have less
    /// than the share, into `rich` the others. Gives what the poor have, and what all have.
    fn gather(&mut self, offer: &mut Offer) -> (Sum, Sum) {
        let index = usize::from(offer.option);
        let span = self.electorate.supporter_span(offer.option);
        let floor = self.floors[index];
        let classes = &mut self.supporters[span];
        let (mut given, mut total) = (Sum::default(), Sum::default());
        let mut solvent = 0;
        self.rich.clear();
        for place in 0..self.solvent[index] {
            let class = classes[place];
            let Purse { money, voters } = self.purses[class as usize];
            if !money.is_positive() {
                continue;
            }
            // In their old order, so that purses are read in the order of memory.
            classes[solvent] = class;
            solvent += 1;
            total.add(money, voters);
            // A share never falls, so whoever has less than the last one has less than this one.
            if money.hi < floor {
                given.add(money, voters);
                offer.poor.push(class);
            } else {
                offer.payers += u64::from(voters);
                self.rich.push(Supporter { class, purse: Purse { money, voters } });
            }
        }
        self.solvent[index] = solvent;
        (given, total)
    }

    fn affords_exactly(&mut self, option: u16, units: u64) -> bool {
        let start = self.electorate.supporter_span(option).start;
        let solvent = &self.supporters[start..start + self.solvent[usize::from(option)]];
        self.ledger.compare_money(solvent, units) != Ordering::Less
    }

    /// Moves those who have less than the offered share from `rich` to the poor. Whether there were
    /// any: the share of the others has then grown.
    fn sift(&mut self, offer: &mut Offer, given: &mut Sum, units: u64) -> bool {
        let Offer { share, payers, .. } = *offer;
        let poor_before = offer.poor.len();
        offer.even.clear();
        let mut remainder: Option<BigUint> = None;
        let (rich, ledger) = (&mut self.rich, &mut self.ledger);
        rich.retain(|&Supporter { class, purse: Purse { money, voters } }| {
            let ordering = if money.hi < share.lo {
                Ordering::Less
            } else if money.lo > share.hi {
                Ordering::Greater
            } else {
                let remainder = remainder
                    .get_or_insert_with(|| ledger.remainder(units, &offer.poor[..poor_before]));
                (ledger.scaled_money_of(class) * payers).cmp(remainder)
            };
            match ordering {
                Ordering::Less => {
                    given.add(money, voters);
                    offer.payers -= u64::from(voters);
                    offer.poor.push(class);
                }
                Ordering::Equal => offer.even.push(class),
                Ordering::Greater => {}
            }
            ordering != Ordering::Less
        });
        offer.poor.len() > poor_before
    }

    /// COUNT-19: rates as exact rationals.
    fn compare_rates(&mut self, a: &Offer, b: &Offer) -> Ordering {
        if a.rate.lo > b.rate.hi {
            return Ordering::Greater;
        }
        if a.rate.hi < b.rate.lo {
            return Ordering::Less;
        }
        if a.poor.is_empty() && b.poor.is_empty() {
            // Everyone pays in full: the rate is 1 / payers.
            return b.payers.cmp(&a.payers);
        }
        let (cost_a, cost_b) = (self.electorate.cost(a.option), self.electorate.cost(b.option));
        let left = self.ledger.remainder(cost_a, &a.poor) * b.payers * cost_b;
        let right = self.ledger.remainder(cost_b, &b.poor) * a.payers * cost_a;
        left.cmp(&right)
    }

    /// COUNT-20: each supporter pays the share, or all there is if that is less.
    fn buy(&mut self, offer: &Offer) {
        for &class in offer.poor.iter().chain(&offer.even) {
            self.purses[class as usize].money = Amount::ZERO;
        }
        let start = self.electorate.supporter_span(offer.option).start;
        let solvent = self.solvent[usize::from(offer.option)];
        for &class in &self.supporters[start..start + solvent] {
            let money = &mut self.purses[class as usize].money;
            if money.is_positive() {
                *money = money.less(offer.share);
            }
        }
        self.ledger.enter(offer.option, offer.payers, &offer.poor);
        self.write_trace(&[u64::MAX, u64::from(offer.option)]);
    }

    fn trace_offer(&mut self, offer: &mut Offer) {
        if self.trace.is_none() {
            return;
        }
        // The order in which a look found them says nothing.
        offer.poor.sort_unstable();
        offer.even.sort_unstable();
        let lengths = [offer.poor.len() as u64, offer.even.len() as u64];
        self.write_trace(&[u64::from(offer.option), offer.payers]);
        self.write_trace(&lengths);
        let classes = offer.poor.iter().chain(&offer.even).map(|&class| u64::from(class));
        if let Some(trace) = &mut self.trace {
            trace.extend(classes);
        }
    }

    fn write_trace(&mut self, words: &[u64]) {
        if let Some(trace) = &mut self.trace {
            trace.extend_from_slice(words);
        }
    }
}
