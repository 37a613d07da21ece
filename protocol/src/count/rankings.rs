//! Rankings without shared ranks, as orders of options: what runoff and transferable vote begin
//! with.
//!
//! Not here: who wins.

use super::ballots::Arena;
use super::form::Form;
use super::method::{Asked, Turnout};
use crate::breach::Breach;

/// Every ballot that is not blank, best option first.
#[derive(Debug)]
pub(super) struct Rankings {
    pub(super) turnout: Turnout,
    orders: Arena,
    /// By option, whether a ballot names it.
    pub(super) is_named: Vec<bool>,
    /// By option, the ballots that put it first.
    pub(super) first: Vec<u64>,
    /// By ballot, the place of its order at which it lies.
    places: Vec<u16>,
}

impl Rankings {
    /// One pass over ballots that hold ranks, each rank once.
    pub(super) fn read(form: &Form, asked: &Asked<'_>) -> Result<Self, Breach> {
        let mut orders = Arena::new();
        let mut is_named = vec![false; asked.options()];
        let mut first = vec![0; asked.options()];
        let mut order = Vec::new();
        let turnout = asked.read(form, |selection| {
            let marks = selection.as_chunks::<2>().0;
            if marks.is_empty() {
                return;
            }
            // BALLOT-17: ranks are 1 to their number, each once.
            order.resize(marks.len(), 0);
            for &[option, rank] in marks {
                order[usize::from(rank) - 1] = option;
                is_named[usize::from(option)] = true;
            }
            first[usize::from(order[0])] += 1;
            orders.push(&order);
        })?;
        let places = vec![0; orders.len()];
        Ok(Self { turnout, orders, is_named, first, places })
    }

    /// Number of ballots that are not blank.
    pub(super) const fn len(&self) -> usize {
        self.orders.len()
    }

    /// Moves a ballot on from where it lies to the next option that may have it; none if it names
    /// no such option any more.
    pub(super) fn advance(&mut self, ballot: u32, may_have: &[bool]) -> Option<u16> {
        let ballot = ballot as usize;
        let order = self.orders.get(ballot).unwrap_or(&[]);
        let place = &mut self.places[ballot];
        loop {
            *place += 1;
            let option = *order.get(usize::from(*place))?;
            if may_have[usize::from(option)] {
                return Some(option);
            }
        }
    }

    /// By option, the ballots that put it first.
    pub(super) fn piles(&self) -> Vec<Vec<u32>> {
        let mut piles = vec![Vec::new(); self.first.len()];
        for (ballot, order) in (0_u32..).zip(self.orders.iter()) {
            piles[usize::from(order[0])].push(ballot);
        }
        piles
    }
}
