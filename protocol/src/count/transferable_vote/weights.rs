//! Where the ballots lie and what each weighs, over one common denominator.
//!
//! Ballots that have gone through the same transfers weigh the same, so that there are few weights
//! and the sums are counts. Not here: who is elected.

use num_bigint::BigUint;

use super::super::fraction::Fraction;
use super::super::rankings::Rankings;
use super::super::rounds::{integer, over};
use super::super::step::Step;

/// Ballots of one weight, by the weight's place.
type Parcel = (usize, Vec<u32>);

/// All ballots.
pub(super) struct Piles {
    rankings: Rankings,
    /// By option, the parcels that lie with it.
    parcels: Vec<Vec<Parcel>>,
    /// Numerators of the weights.
    weights: Vec<BigUint>,
    denominator: BigUint,
    /// Numerator of what names no option any more.
    exhausted: BigUint,
    /// By option, whether it keeps the quota for good, its surplus having gone on.
    settled: Vec<bool>,
    quota: BigUint,
}

impl Piles {
    /// Each ballot with its first option, at weight 1.
    pub(super) fn new(rankings: Rankings) -> Self {
        let first = rankings.piles();
        Self {
            settled: vec![false; first.len()],
            parcels: first.into_iter().map(|ballots| vec![(0, ballots)]).collect(),
            rankings,
            weights: vec![BigUint::from(1_u8)],
            denominator: BigUint::from(1_u8),
            exhausted: BigUint::ZERO,
            quota: BigUint::ZERO,
        }
    }

    /// The quota as a number of votes.
    pub(super) fn quota((numerator, denominator): (u64, u64)) -> Fraction {
        over(numerator.into(), &denominator.into())
    }

    /// By option its votes; none where it takes no part any more.
    pub(super) fn votes(&self, takes_part: impl Fn(usize) -> bool) -> Vec<Option<Fraction>> {
        let of = |option: usize| takes_part(option).then(|| self.fraction(self.sum(option)));
        (0..self.parcels.len()).map(of).collect()
    }

    /// The votes of ballots that name no option any more.
    pub(super) fn exhausted(&self) -> Fraction {
        self.fraction(self.exhausted.clone())
    }

    fn fraction(&self, numerator: BigUint) -> Fraction {
        over(numerator, &self.denominator)
    }

    fn sum(&self, option: usize) -> BigUint {
        if self.settled[option] {
            return self.quota.clone();
        }
        let parcels = self.parcels[option].iter();
        parcels.map(|(weight, ballots)| &self.weights[*weight] * ballots.len()).sum()
    }

    /// COUNT-53: all ballots of an option go on as they are.
    pub(super) fn pass_on(&mut self, option: u16, may_have: &[bool]) -> Step {
        let parcels = core::mem::take(&mut self.parcels[usize::from(option)]);
        self.distribute(option, parcels, may_have, integer(1))
    }

    /// COUNT-52: all ballots of an option go on, each with the part of its weight that the surplus
    /// is of the votes.
    pub(super) fn pass_on_surplus(
        &mut self,
        option: u16,
        (numerator, denominator): (u64, u64),
        may_have: &[bool],
    ) -> Step {
        let place = usize::from(option);
        // With votes V / D and the quota q / r, the part is (V r - q D) / (V r), and the common
        // denominator becomes D V r.
        let scale = self.sum(place) * denominator;
        let kept = &self.denominator * numerator;
        let surplus = &scale - &kept;
        let part = over(surplus.clone(), &scale);
        let mut parcels = core::mem::take(&mut self.parcels[place]);
        let lighter: Vec<BigUint> =
            parcels.iter().map(|(weight, _)| &self.weights[*weight] * &surplus).collect();
        self.rescale(&scale);
        for ((weight, _), lighter) in parcels.iter_mut().zip(lighter) {
            *weight = self.weights.len();
            self.weights.push(lighter);
        }
        self.settled[place] = true;
        // The quota over the new denominator: q / r = q D V / (D V r).
        self.quota = &self.denominator * numerator / denominator;
        self.distribute(option, parcels, may_have, part)
    }

    /// Multiplies everything by `scale` over a denominator that grows alike.
    fn rescale(&mut self, scale: &BigUint) {
        self.weights.iter_mut().for_each(|weight| *weight *= scale);
        self.exhausted *= scale;
        self.denominator *= scale;
    }

    fn distribute(
        &mut self,
        from: u16,
        parcels: Vec<Parcel>,
        may_have: &[bool],
        part: Fraction,
    ) -> Step {
        let options = self.parcels.len();
        let mut received = vec![BigUint::ZERO; options];
        let mut exhausted = BigUint::ZERO;
        for (weight, ballots) in parcels {
            let mut lots: Vec<Vec<u32>> = vec![Vec::new(); options];
            let mut ended = 0_u64;
            for ballot in ballots {
                match self.rankings.advance(ballot, may_have) {
                    Some(next) => lots[usize::from(next)].push(ballot),
                    None => ended += 1,
                }
            }
            exhausted += &self.weights[weight] * ended;
            for (option, lot) in lots.into_iter().enumerate().filter(|(_, lot)| !lot.is_empty()) {
                received[option] += &self.weights[weight] * lot.len();
                let pile = &mut self.parcels[option];
                match pile.iter_mut().find(|(other, _)| *other == weight) {
                    Some((_, ballots)) => ballots.extend(lot),
                    None => pile.push((weight, lot)),
                }
            }
        }
        self.exhausted += &exhausted;
        let to = (0..).zip(received).filter(|(_, votes)| *votes != BigUint::ZERO);
        let to = to.map(|(option, votes)| (option, self.fraction(votes))).collect();
        Step::Transfer { from, part, to, exhausted: self.fraction(exhausted) }
    }
}
