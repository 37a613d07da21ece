//! By how little a result was decided: the smallest difference of votes between an option that is
//! selected and one that is not.
//!
//! It is a number to hold others against, as the gap of unspent credentials (AUDIT-13). Not here:
//! what would change a result, which for rules with a budget is more than votes.

use veche_protocol::poll::result::{PollResult, QuestionResult};

/// The closest call of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Margin {
    /// The difference in votes, whichever of the two has more.
    pub votes: u64,
    /// Place of the question.
    pub question: usize,
    /// Place of the option that is selected.
    pub selected: usize,
    /// Place of the one that is not.
    pub other: usize,
}

impl Margin {
    /// Of all questions; `None` if nowhere one option is selected and another is not.
    pub fn of(result: &PollResult) -> Option<Self> {
        let questions = result.questions.iter().enumerate();
        questions.filter_map(|(place, question)| Self::of_question(place, question)).min()
    }

    fn of_question(question: usize, counted: &QuestionResult) -> Option<Self> {
        let mut places: Vec<_> = (0..counted.outcome.len()).collect();
        places.sort_by_key(|&place| counted.outcome[place].votes);
        // Of all pairs, the closest of a kind each stand side by side in the order of votes.
        let pairs = places.windows(2).filter_map(|pair| {
            let (low, high) = (&counted.outcome[pair[0]], &counted.outcome[pair[1]]);
            let votes = high.votes - low.votes;
            match (low.selected, high.selected) {
                (true, false) => Some(Self { votes, question, selected: pair[0], other: pair[1] }),
                (false, true) => Some(Self { votes, question, selected: pair[1], other: pair[0] }),
                _ => None,
            }
        });
        pairs.min()
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::poll::result::OptionResult;

    use super::*;

    fn result(questions: &[&[(u64, bool)]]) -> PollResult {
        let question = |options: &&[(u64, bool)]| QuestionResult {
            blank: 0,
            outcome: options
                .iter()
                .map(|&(votes, selected)| OptionResult { label: "A".into(), votes, selected })
                .collect(),
        };
        PollResult {
            eligible: 9,
            effective: 9,
            districts: Vec::new(),
            quorum_met: true,
            questions: questions.iter().map(question).collect(),
        }
    }

    fn margin(questions: &[&[(u64, bool)]]) -> Option<(u64, usize, usize, usize)> {
        Margin::of(&result(questions)).map(|m| (m.votes, m.question, m.selected, m.other))
    }

    #[test]
    fn the_closest_call_of_all_questions_is_found() {
        // AUDIT-13: between a selected option and one that is not.
        let plain: &[_] = &[(3, false), (9, true), (7, false)];
        assert_eq!(margin(&[plain]), Some((2, 0, 1, 2)));
        // With a budget, an option with fewer votes may be selected before one with more.
        let budget: &[_] = &[(50, true), (40, false), (39, true), (10, false)];
        assert_eq!(margin(&[budget]), Some((1, 0, 2, 1)));
        assert_eq!(margin(&[plain, budget]), Some((1, 1, 2, 1)));
        assert_eq!(margin(&[&[(4, true), (4, false)]]), Some((0, 0, 0, 1)));
    }

    #[test]
    fn where_nothing_was_decided_there_is_no_margin() {
        assert_eq!(margin(&[]), None);
        assert_eq!(margin(&[&[(1, true), (0, true)], &[(1, false), (0, false)], &[]]), None);
    }
}
