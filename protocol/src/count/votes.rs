//! The linear pass over ballots by choices: votes for each option, blanks, and the bounds.
//!
//! Not here: what follows from the votes.

use super::form::Form;
use super::method::{Asked, Turnout};
use crate::breach::Breach;

/// How many ballots there are, how many are blank, and how many name each option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Votes {
    pub(super) ballots: u64,
    pub(super) blank: u64,
    pub(super) per_option: Vec<u64>,
}

impl Votes {
    /// One pass over ballots that hold choices.
    pub(super) fn tally(form: &Form, asked: &Asked<'_>) -> Result<Self, Breach> {
        let mut per_option = vec![0; asked.options()];
        // COUNT-7: a ballot gives each option on it one vote; one without options is blank
        let Turnout { ballots, blank } = asked.read(form, |selection| {
            for &option in selection {
                per_option[usize::from(option)] += 1;
            }
        })?;
        Ok(Self { ballots, blank, per_option })
    }

    /// How many there are, without the votes.
    pub(super) const fn turnout(&self) -> Turnout {
        Turnout { ballots: self.ballots, blank: self.blank }
    }
}

#[cfg(test)]
mod tests {
    use super::super::method::Asked;
    use super::{Form, Votes};
    use crate::breach::Breach;

    fn tally(form: Form, ballots: &Vec<Vec<u16>>) -> Result<Votes, Breach> {
        Votes::tally(&form, &Asked { costs: &[0; 3], ballots, lot: None })
    }

    #[test]
    fn votes_and_blanks_are_counted() {
        // COUNT-7
        let votes = tally(Form::choices(0, 2), &vec![vec![0_u16, 2], vec![], vec![2], vec![]]);
        assert_eq!(votes.unwrap(), Votes { ballots: 4, blank: 2, per_option: vec![1, 0, 2] });
    }

    #[test]
    fn a_ballot_that_should_be_spoiled_refuses_the_count() {
        // COUNT-5
        let (approval, single) = (Form::choices(1, 2), Form::choices(1, 1));
        let cases: [(Form, &[u16], Breach); 7] = [
            (approval, &[3], Breach::ChoiceOutOfRange),
            (approval, &[1, 1], Breach::ChoiceDuplicated),
            (approval, &[1, 0], Breach::ChoiceDisordered),
            (approval, &[], Breach::ChoicesTooFew),
            (approval, &[0, 1, 2], Breach::ChoicesTooMany),
            (single, &[], Breach::ChoicesTooFew),
            (single, &[0, 1], Breach::ChoicesTooMany),
        ];
        for (form, ballot, breach) in cases {
            let ballots = vec![vec![0_u16], ballot.to_vec(), vec![1]];
            assert_eq!(tally(form, &ballots), Err(breach));
        }
    }
}
