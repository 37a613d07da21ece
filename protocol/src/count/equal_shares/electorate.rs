//! The voters as Equal Shares sees them: equal ballots form one class, and each option lists the
//! classes that support it.
//!
//! Voters with equal ballots have equal money at every moment of a run, so that a class needs one
//! purse and a size. Not here: money.

use std::collections::HashMap;

use super::super::ballots::Ballots;
use super::super::votes::Votes;

/// Everything that stays the same over all runs of a count.
#[derive(Clone, Debug)]
pub(super) struct Electorate {
    /// What may be spent, in currency units.
    pub(super) budget: u64,
    /// Number of ballots, blank ones included.
    pub(super) ballots: u64,
    /// Cost by option, in currency units.
    pub(super) costs: Vec<u64>,
    /// Number of ballots by option.
    pub(super) votes: Vec<u64>,
    /// Number of ballots by class. Blank ballots have no class: they support nothing.
    sizes: Vec<u32>,
    /// `options[option_ends[class - 1]..option_ends[class]]` is the ballot of a class.
    option_ends: Vec<usize>,
    options: Vec<u16>,
    /// `supporters[supporter_ends[option - 1]..supporter_ends[option]]` are an option's classes.
    supporter_ends: Vec<usize>,
    supporters: Vec<u32>,
}

impl Electorate {
    /// Groups the ballots that `votes` was tallied from.
    pub(super) fn gather(costs: &[u64], budget: u64, votes: &Votes, ballots: &dyn Ballots) -> Self {
        let mut electorate = Self {
            budget,
            ballots: votes.ballots,
            costs: costs.to_vec(),
            votes: votes.per_option.clone(),
            sizes: Vec::new(),
            option_ends: Vec::new(),
            options: Vec::new(),
            supporter_ends: Vec::new(),
            supporters: Vec::new(),
        };
        electorate.add_classes(classes(ballots));
        electorate.list_supporters();
        electorate
    }

    /// Number of classes.
    pub(super) const fn classes(&self) -> usize {
        self.sizes.len()
    }

    /// Number of ballots by class.
    pub(super) fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Number of ballots in a class.
    pub(super) fn size(&self, class: u32) -> u64 {
        u64::from(self.sizes[class as usize])
    }

    /// The options that the ballots of a class name, ascending.
    pub(super) fn ballot(&self, class: u32) -> &[u16] {
        &self.options[span(&self.option_ends, class as usize)]
    }

    /// Where an option's classes stand in [`Self::all_supporters`].
    pub(super) fn supporter_span(&self, option: u16) -> core::ops::Range<usize> {
        span(&self.supporter_ends, usize::from(option))
    }

    /// The supporting classes of every option, end to end.
    pub(super) fn all_supporters(&self) -> &[u32] {
        &self.supporters
    }

    /// The options that at least one ballot names, ascending.
    pub(super) fn supported(&self) -> impl Iterator<Item = u16> {
        (0_u16..=u16::MAX).zip(&self.votes).filter(|(_, votes)| **votes > 0).map(|(o, _)| o)
    }

    /// The cost of an option, in currency units.
    pub(super) fn cost(&self, option: u16) -> u64 {
        self.costs[usize::from(option)]
    }

    fn add_classes(&mut self, classes: Vec<(Box<[u16]>, u32)>) {
        for (ballot, size) in classes {
            self.options.extend_from_slice(&ballot);
            self.option_ends.push(self.options.len());
            self.sizes.push(size);
        }
    }

    /// Counting sort of all (option, class) pairs by option.
    fn list_supporters(&mut self) {
        let mut next = vec![0_usize; self.costs.len()];
        for &option in &self.options {
            next[usize::from(option)] += 1;
        }
        let mut end = 0;
        for classes in &mut next {
            let start = end;
            end += *classes;
            *classes = start;
            self.supporter_ends.push(end);
        }
        self.supporters = vec![0; self.options.len()];
        for (class, index) in (0_u32..).zip(0..self.sizes.len()) {
            for &option in &self.options[span(&self.option_ends, index)] {
                let place = &mut next[usize::from(option)];
                self.supporters[*place] = class;
                *place += 1;
            }
        }
    }
}

/// The distinct ballots that name something, in ascending order, with how often each stands.
fn classes(ballots: &dyn Ballots) -> Vec<(Box<[u16]>, u32)> {
    // COUNT-2: sizes have 32 bits, as many as ballots may be. The map's hash is keyed, so that
    // nobody can choose ballots that collide.
    let mut sizes: HashMap<Box<[u16]>, u32> = HashMap::new();
    ballots.for_each(&mut |selection| {
        if selection.is_empty() {
            return;
        }
        if let Some(size) = sizes.get_mut(selection) {
            *size += 1;
        } else {
            sizes.insert(selection.into(), 1);
        }
    });
    let mut classes: Vec<_> = sizes.into_iter().collect();
    // COUNT-9: the same classes in the same order, however the ballots were ordered
    classes.sort_unstable();
    classes
}

fn span(ends: &[usize], index: usize) -> core::ops::Range<usize> {
    let start = index.checked_sub(1).map_or(0, |before| ends[before]);
    start..ends[index]
}

#[cfg(test)]
mod tests {
    use super::super::super::votes::Votes;
    use super::Electorate;

    #[test]
    fn equal_ballots_form_one_class_and_options_list_their_classes() {
        let ballots = vec![vec![1_u16, 2], vec![0], vec![], vec![1, 2], vec![2]];
        let votes = Votes { ballots: 5, blank: 1, per_option: vec![1, 2, 3, 0] };
        let electorate = Electorate::gather(&[1; 4], 10, &votes, &ballots);
        let class = |c| (electorate.ballot(c), electorate.size(c));
        assert_eq!(electorate.classes(), 3);
        assert_eq!(class(0), (&[0_u16] as &[u16], 1));
        assert_eq!(class(1), (&[1_u16, 2] as &[u16], 2));
        assert_eq!(class(2), (&[2_u16] as &[u16], 1));
        let supporters = |o| &electorate.all_supporters()[electorate.supporter_span(o)];
        assert_eq!(supporters(0), [0]);
        assert_eq!(supporters(1), [1]);
        assert_eq!(supporters(2), [1, 2]);
        assert_eq!(supporters(3), [0_u32; 0]);
        assert_eq!(electorate.supported().collect::<Vec<_>>(), [0, 1, 2]);
    }
}
