//! The linear pass that every rule begins with: votes for each option, blanks, and the bounds.
//!
//! Not here: what follows from the votes.

use super::ballots::Ballots;
use super::rule::{MAX_BALLOTS, Rule};
use crate::breach::Breach;

/// How many ballots there are, how many are blank, and how many name each option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Votes {
    pub(super) ballots: u64,
    pub(super) blank: u64,
    pub(super) per_option: Vec<u64>,
}

impl Votes {
    /// One pass over the ballots; the first that `rule` does not admit refuses the whole count,
    /// since deciding which ballots are effective is over before counting begins.
    pub(super) fn tally(
        rule: &Rule,
        options: usize,
        ballots: &(impl Ballots + ?Sized),
    ) -> Result<Self, Breach> {
        let mut votes = Self { ballots: 0, blank: 0, per_option: vec![0; options] };
        let mut verdict = Ok(());
        ballots.for_each(&mut |selection| {
            if verdict.is_ok() {
                // COUNT-5: fail closed on a ballot that should have been spoiled
                verdict = rule.check_selection(options, selection);
            }
            if verdict.is_ok() {
                votes.add(selection);
            }
        });
        verdict?;
        // COUNT-2: sums over voters are sized by this
        if votes.ballots > MAX_BALLOTS {
            return Err(Breach::TotalsInconsistent);
        }
        Ok(votes)
    }

    fn add(&mut self, selection: &[u16]) {
        self.ballots += 1;
        // COUNT-7: a ballot gives each option on it one vote; one without options is blank
        if selection.is_empty() {
            self.blank += 1;
        }
        for &option in selection {
            self.per_option[usize::from(option)] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::{Blank, Rule};
    use super::Votes;
    use crate::breach::Breach;

    #[test]
    fn votes_and_blanks_are_counted() {
        // COUNT-7
        let rule = Rule::Approval { min: 0, max: 2, winners: 1, ties: vec![] };
        let ballots = vec![vec![0_u16, 2], vec![], vec![2], vec![]];
        let votes = Votes::tally(&rule, 3, &ballots).unwrap();
        assert_eq!(votes, Votes { ballots: 4, blank: 2, per_option: vec![1, 0, 2] });
    }

    #[test]
    fn a_ballot_that_should_be_spoiled_refuses_the_count() {
        // COUNT-5
        let approval = Rule::Approval { min: 1, max: 2, winners: 1, ties: vec![] };
        let single = Rule::SingleChoice { blank: Blank::Refused, ties: vec![] };
        let cases: [(&Rule, &[u16], Breach); 7] = [
            (&approval, &[3], Breach::ChoiceOutOfRange),
            (&approval, &[1, 1], Breach::ChoiceDuplicated),
            (&approval, &[1, 0], Breach::ChoiceDisordered),
            (&approval, &[], Breach::ChoicesTooFew),
            (&approval, &[0, 1, 2], Breach::ChoicesTooMany),
            (&single, &[], Breach::ChoicesTooFew),
            (&single, &[0, 1], Breach::ChoicesTooMany),
        ];
        for (rule, ballot, breach) in cases {
            let ballots = vec![&[0_u16] as &[u16], ballot, &[1]];
            assert_eq!(Votes::tally(rule, 3, &ballots), Err(breach));
        }
    }
}
