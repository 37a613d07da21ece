//! Effective ballots as a count reads them: selections, one after another, as often as it likes.
//!
//! Not here: which ballots are effective (the poll's fold decides) and who cast them: a count never
//! learns it.

/// A collection of selections that can be gone through more than once, in a fixed order.
///
/// The order must not matter to any count; going through it twice must give the same.
pub trait Ballots {
    /// Calls `visit` with each ballot's selection, of the form that the rule asks for; empty for a
    /// blank ballot.
    fn for_each(&self, visit: &mut dyn FnMut(&[u16]));
}

impl<B: Ballots + ?Sized> Ballots for &B {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        (**self).for_each(visit);
    }
}

impl<S: AsRef<[u16]>> Ballots for [S] {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        for selection in self {
            visit(selection.as_ref());
        }
    }
}

impl<S: AsRef<[u16]>> Ballots for Vec<S> {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        self.as_slice().for_each(visit);
    }
}

/// Selections laid end to end: 8 bytes for a ballot and 2 for each option on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arena {
    options: Vec<u16>,
    ends: Vec<usize>,
}

impl Arena {
    /// An arena without ballots.
    pub const fn new() -> Self {
        Self { options: Vec::new(), ends: Vec::new() }
    }

    /// Adds one ballot's selection at the end.
    pub fn push(&mut self, selection: &[u16]) {
        self.options.extend_from_slice(selection);
        self.ends.push(self.options.len());
    }

    /// Number of ballots.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no ballots.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The selection of the ballot that was added as number `index`, from 0.
    pub fn get(&self, index: usize) -> Option<&[u16]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.options[start..end])
    }

    /// The selections in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &[u16]> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.options[start..end])
    }
}

impl Ballots for Arena {
    fn for_each(&self, visit: &mut dyn FnMut(&[u16])) {
        for selection in self.iter() {
            visit(selection);
        }
    }
}

impl<S: AsRef<[u16]>> FromIterator<S> for Arena {
    fn from_iter<I: IntoIterator<Item = S>>(selections: I) -> Self {
        let mut arena = Self::new();
        for selection in selections {
            arena.push(selection.as_ref());
        }
        arena
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, Ballots};

    #[test]
    fn an_arena_gives_back_what_was_pushed() {
        let ballots: [&[u16]; 4] = [&[1, 4], &[], &[0], &[]];
        let arena: Arena = ballots.iter().collect();
        assert_eq!(arena.len(), 4);
        assert!(!arena.is_empty());
        assert_eq!(arena.iter().collect::<Vec<_>>(), ballots);
        for (index, ballot) in ballots.iter().enumerate() {
            assert_eq!(arena.get(index), Some(*ballot));
        }
        assert_eq!(arena.get(4), None);
    }

    #[test]
    fn every_collection_visits_the_same_selections_each_time() {
        let ballots = vec![vec![2_u16], vec![], vec![0, 1]];
        let arena: Arena = ballots.iter().collect();
        for _ in 0..2 {
            let mut from_arena = Vec::new();
            arena.for_each(&mut |selection| from_arena.push(selection.to_vec()));
            let mut from_vec = Vec::new();
            ballots.for_each(&mut |selection| from_vec.push(selection.to_vec()));
            assert_eq!(from_arena, ballots);
            assert_eq!(from_vec, ballots);
        }
    }
}
