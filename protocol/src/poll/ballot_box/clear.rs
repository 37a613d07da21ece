//! Standing ballots in clear: each is one place in an arena of 16-bit choices.
//!
//! A million ballots have to be recounted in little memory. Not here: whose they are.

use crate::count::ballots::Ballots;

/// Choices of ballots that were replaced may take up to this many places before they are cleared.
const MIN_GARBAGE: usize = 1 << 16;
/// The start of a caster who has no ballot.
const NONE: u32 = u32::MAX;

/// Ballots by the places of their casters.
#[derive(Clone, Debug)]
pub struct ClearBallots {
    questions: usize,
    /// Start of each caster's choices in the arena.
    starts: Vec<u32>,
    /// For each ballot and question: the number of choices, then the choices.
    arena: Vec<u16>,
    garbage: usize,
}

impl ClearBallots {
    /// No ballots yet, of a poll with so many questions.
    pub(in crate::poll) fn new(questions: usize) -> Self {
        Self { questions, starts: Vec::new(), arena: Vec::new(), garbage: 0 }
    }

    /// Puts the ballot of the caster at `place` in the place of any before it.
    pub(in crate::poll) fn put(&mut self, place: usize, selections: &[Vec<u64>]) {
        if self.starts.len() <= place {
            self.starts.resize(place + 1, NONE);
        }
        let old = self.of(place).map(|old| old.map(|choices| 1 + choices.len()).sum::<usize>());
        self.garbage += old.unwrap_or(0);
        self.starts[place] = start(self.arena.len());
        for selection in selections {
            self.arena.push(count(selection.len()));
            self.arena.extend(selection.iter().map(|&choice| {
                u16::try_from(choice).expect("choices were checked against MAX_OPTIONS")
            }));
        }
        if self.garbage > MIN_GARBAGE && self.garbage * 2 > self.arena.len() {
            self.compact();
        }
    }

    /// Drops the choices of replaced ballots.
    fn compact(&mut self) {
        let mut arena = Vec::with_capacity(self.arena.len() - self.garbage);
        let mut starts = vec![NONE; self.starts.len()];
        for (place, new) in starts.iter_mut().enumerate() {
            let Some(ballot) = self.of(place) else { continue };
            *new = start(arena.len());
            for choices in ballot {
                arena.push(count(choices.len()));
                arena.extend_from_slice(choices);
            }
        }
        (self.arena, self.starts, self.garbage) = (arena, starts, 0);
    }

    /// The choices of a ballot, question by question.
    fn of(&self, place: usize) -> Option<impl Iterator<Item = &[u16]>> {
        let start = *self.starts.get(place).filter(|&&start| start != NONE)?;
        let mut rest = &self.arena[start as usize..];
        let choices = core::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (choices, others) = after.split_at(usize::from(length));
            rest = others;
            Some(choices)
        });
        Some(choices.take(self.questions))
    }

    /// Whether the caster at `place` has a ballot.
    pub fn contains(&self, place: usize) -> bool {
        self.starts.get(place).is_some_and(|&start| start != NONE)
    }

    /// The choices of one caster's ballot on one question.
    pub fn choices(&self, place: usize, question: usize) -> Option<&[u16]> {
        self.of(place)?.nth(question)
    }

    /// All answers to one question, for a count.
    pub const fn question(&self, question: usize) -> QuestionBallots<'_> {
        QuestionBallots { ballots: self, question }
    }
}

/// The answers of all ballots to one question.
#[derive(Clone, Copy, Debug)]
pub struct QuestionBallots<'a> {
    ballots: &'a ClearBallots,
    question: usize,
}

impl Ballots for QuestionBallots<'_> {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        for place in 0..self.ballots.starts.len() {
            if let Some(choices) = self.ballots.choices(place, self.question) {
                visit(choices);
            }
        }
    }
}

fn count(length: usize) -> u16 {
    u16::try_from(length).expect("distinct choices are fewer than MAX_OPTIONS")
}

fn start(length: usize) -> u32 {
    u32::try_from(length).expect("fewer than 2^32 choices stand: 8 GiB of arena")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_revotes_leave_everyone_the_last_ballot() {
        // BALLOT-10, BALLOT-11: enough of them that replaced choices are cleared more than once.
        const VOTERS: usize = 3_000;
        let choice = |turn: u8, voter: usize| (voter as u64 + u64::from(turn)) % 2;
        let mut ballots = ClearBallots::new(2);
        for turn in 0..=15 {
            for voter in 0..VOTERS {
                let choice = choice(turn, voter);
                // Blank in the first question at every third turn, so that lengths differ.
                let first = if turn % 3 == 0 { vec![] } else { vec![choice] };
                ballots.put(voter, &[first, vec![choice]]);
            }
        }
        for voter in 0..VOTERS {
            let expected = u16::try_from(choice(15, voter)).unwrap();
            assert_eq!(ballots.choices(voter, 0), Some(&[][..]));
            assert_eq!(ballots.choices(voter, 1), Some(&[expected][..]));
        }
        assert!(ballots.arena.len() < 4 * VOTERS + 2 * MIN_GARBAGE, "nothing was cleared");
    }

    #[test]
    fn who_has_no_ballot_is_passed_over() {
        let mut ballots = ClearBallots::new(1);
        ballots.put(3, &[vec![1]]);
        let mut seen = Vec::new();
        ballots.question(0).for_each(&mut |choices| seen.push(choices.to_vec()));
        assert_eq!(seen, [[1]]);
        assert_eq!(
            (ballots.contains(0), ballots.contains(3), ballots.contains(4)),
            (false, true, false)
        );
    }
}
