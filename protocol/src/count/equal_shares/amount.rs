//! Money between two bounds: integers of a fixed point that enclose an exact rational.
//!
//! Bounds only ever *screen*: where two enclosures overlap, the [`ledger`](super::ledger) computes
//! with the exact rationals and decides. Not here: any decision.

use super::electorate::Electorate;

/// An exact amount lies between `lo` and `hi`, both included, in units of 2^-[`Scale::bits`] of a
/// currency unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) lo: u64,
    pub(super) hi: u64,
}

impl Amount {
    /// Nothing, exactly: what an exhausted voter has.
    pub(super) const ZERO: Self = Self { lo: 0, hi: 0 };

    /// Whether the amount may be above nothing. A voter's amount is set to [`Self::ZERO`] as soon
    /// as it is nothing, so for a voter this says that it is.
    pub(super) const fn is_positive(self) -> bool {
        self.hi > 0
    }

    /// What is left after paying `share`, which is at most the exact amount.
    #[must_use]
    pub(super) const fn less(self, share: Self) -> Self {
        Self { lo: self.lo.saturating_sub(share.hi), hi: self.hi.saturating_sub(share.lo) }
    }
}

/// A sum of amounts over voters. Below 2^(32 + 62): fewer than 2^32 voters, each below 2^62.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) lo: u128,
    pub(super) hi: u128,
}

impl Sum {
    /// Adds what `voters` voters have who have `each`.
    pub(super) fn add(&mut self, each: Amount, voters: u32) {
        self.lo += u128::from(each.lo) * u128::from(voters);
        self.hi += u128::from(each.hi) * u128::from(voters);
    }
}

/// The fixed point of one run, chosen so that what a voter starts with lies below 2^62.
///
/// The budget and the costs are below 2^53 each, and no run gives a voter more than budget + all
/// costs < 2^54 units; so at least 7 bits stand after the point, and 40 in a city's poll. A cost
/// takes less than 53 + 62 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    bits: u32,
    /// What each voter starts with.
    endowment: Amount,
}

/// Bits of the largest amount.
const AMOUNT_BITS: u32 = 62;

impl Scale {
    /// The scale for a run in which each voter has budget / ballots + `increment` units.
    pub(super) fn new(electorate: &Electorate, increment: u64) -> Self {
        // COUNT-16: every ballot has its equal share, blank ones too
        let whole = electorate.budget / electorate.ballots + increment;
        let rest = u128::from(electorate.budget % electorate.ballots);
        let bits = AMOUNT_BITS - (u64::BITS - (whole + 1).leading_zeros());
        let voters = u128::from(electorate.ballots);
        let fraction = (rest << bits) / voters;
        let inexact = u64::from(!(rest << bits).is_multiple_of(voters));
        let fraction = u64::try_from(fraction).expect("rest < ballots, so this is below 2^bits");
        let lo = (whole << bits) + fraction;
        Self { bits, endowment: Amount { lo, hi: lo + inexact } }
    }

    /// What each voter starts with.
    pub(super) const fn endowment(self) -> Amount {
        self.endowment
    }

    /// A cost in units of the fixed point, exact.
    pub(super) const fn cost(self, units: u64) -> u128 {
        (units as u128) << self.bits
    }

    /// What each of `payers` pays of `cost` when others give `given`: (cost - given) / payers.
    ///
    /// The exact share is at most the endowment, since somebody can pay it.
    pub(super) fn share(self, cost: u128, given: Sum, payers: u64) -> Amount {
        let payers = u128::from(payers);
        let lo = cost.saturating_sub(given.hi) / payers;
        let hi = cost.saturating_sub(given.lo).div_ceil(payers);
        let clamp = |bound: u128| {
            u64::try_from(bound).map_or(self.endowment.hi, |bound| bound.min(self.endowment.hi))
        };
        Amount { lo: clamp(lo), hi: clamp(hi) }
    }

    /// The rate 1 / votes at which an option is bought while all its supporters can pay in full.
    pub(super) const fn rate_of_votes(self, votes: u64) -> u128 {
        (1 << (self.bits + RATE_BITS)) / (votes as u128)
    }
}

/// Bits after the point of a rate beyond those of the scale. An amount has 62 bits: 62 + 64 < 128.
const RATE_BITS: u32 = 64;

/// Bounds of share / cost, in units of 2^-(`bits` + 64).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) lo: u128,
    pub(super) hi: u128,
}

impl Rate {
    /// The rate of an option of this cost (in currency units) when the full share is `share`.
    pub(super) fn new(share: Amount, cost: u64) -> Self {
        let cost = u128::from(cost);
        let scaled = |bound: u64| u128::from(bound) << RATE_BITS;
        Self { lo: scaled(share.lo) / cost, hi: scaled(share.hi).div_ceil(cost) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::votes::Votes;
    use super::{Amount, Electorate, Rate, Scale, Sum};

    fn electorate(budget: u64, ballots: u64) -> Electorate {
        let votes = Votes { ballots, blank: ballots, per_option: vec![0] };
        Electorate::gather(&[1], budget, &votes, &Vec::<Vec<u16>>::new())
    }

    #[test]
    fn the_endowment_encloses_budget_over_ballots() {
        for (budget, ballots, increment) in
            [(1, 3, 0), (10, 5, 2), (1_000_000, 6_586, 57), ((1 << 53) - 1, 1, (1 << 53) - 1)]
        {
            let scale = Scale::new(&electorate(budget, ballots), increment);
            let Amount { lo, hi } = scale.endowment();
            let exact = scale.cost(budget) + u128::from(ballots) * scale.cost(increment);
            assert!(u128::from(lo) * u128::from(ballots) <= exact);
            assert!(u128::from(hi) * u128::from(ballots) >= exact);
            assert!(hi - lo <= 1 && hi <= 1 << 62);
        }
    }

    #[test]
    fn shares_and_rates_enclose_the_exact_quotients() {
        let scale = Scale::new(&electorate(100, 3), 0);
        let mut given = Sum::default();
        given.add(scale.endowment(), 2);
        // (100 - 2 * 100 / 3) / 1 = 100 / 3
        let share = scale.share(scale.cost(100), given, 1);
        assert!(u128::from(share.lo) * 3 <= scale.cost(100));
        assert!(u128::from(share.hi) * 3 >= scale.cost(100));
        let rate = Rate::new(share, 100);
        assert!(rate.lo <= scale.rate_of_votes(3) && rate.hi >= scale.rate_of_votes(3));
        assert!(share.hi - share.lo <= 3);
    }

    #[test]
    fn paying_widens_the_bounds_and_never_passes_nothing() {
        let left = Amount { lo: 10, hi: 12 }.less(Amount { lo: 9, hi: 11 });
        assert_eq!(left, Amount { lo: 0, hi: 3 });
        assert!(left.is_positive() && !Amount::ZERO.is_positive());
    }
}
