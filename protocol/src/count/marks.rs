//! The linear pass over ballots by marks: the sum of the values of each option, and on how many
//! ballots it has one.
//!
//! Not here: what follows from the sums.

use super::form::Form;
use super::method::{Asked, Turnout};
use crate::breach::Breach;

/// What the ballots give each option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) turnout: Turnout,
    /// By option, the sum of its values.
    pub(super) sums: Vec<u64>,
    /// By option, the ballots that name it.
    pub(super) ballots: Vec<u64>,
}

impl Marks {
    /// One pass over ballots that hold marks.
    pub(super) fn tally(form: &Form, asked: &Asked<'_>) -> Result<Self, Breach> {
        let (mut sums, mut ballots) = (vec![0; asked.options()], vec![0; asked.options()]);
        // COUNT-29: each value counts for its option
        let turnout = asked.read(form, |selection| {
            for &[option, value] in selection.as_chunks::<2>().0 {
                sums[usize::from(option)] += u64::from(value);
                ballots[usize::from(option)] += 1;
            }
        })?;
        Ok(Self { turnout, sums, ballots })
    }
}
