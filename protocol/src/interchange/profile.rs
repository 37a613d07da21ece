//! What all formats have in common: options, and ballots as selections of the law's wire form.
//!
//! Not here: how a file holds them, and by which rule they are counted.

use super::fault::Unwritable;

/// What the numbers of a selection mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Indices of options, strictly ascending.
    Choices,
    /// Pairs of an option and its value, flat, options strictly ascending, values from 1.
    Marks,
    /// Marks whose values are ranks: 1 is best, and none is left out up to the last.
    Ranks,
}

impl core::fmt::Display for Form {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Choices => "choices",
            Self::Marks => "marks",
            Self::Ranks => "rankings",
        })
    }
}

/// An option as a format names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Its name.
    pub label: String,
    /// Its cost in the file's smallest unit of money; 0 where the format knows none.
    pub cost: u64,
    /// Whether it has withdrawn, and is not to be counted.
    pub is_withdrawn: bool,
}

/// Equal ballots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedBallot {
    /// How many there are, at least 1.
    pub weight: u64,
    /// What each of them says, in the form of its profile.
    pub selection: Vec<u16>,
}

/// Options and ballots, whatever file they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What is decided; may be empty.
    pub title: String,
    /// The options in the order of the file.
    pub options: Vec<Entrant>,
    /// What the selections are.
    pub form: Form,
    /// The ballots in the order of the file.
    pub ballots: Vec<WeightedBallot>,
}

impl Profile {
    /// How many ballots there are.
    pub fn ballot_count(&self) -> u64 {
        self.ballots.iter().map(|ballot| ballot.weight).sum()
    }

    /// The same without the options that have withdrawn; ranks close up behind them.
    #[must_use]
    pub fn without_withdrawn(&self) -> Self {
        let mut places = Vec::new();
        let mut next = 0_u16;
        for option in &self.options {
            places.push((!option.is_withdrawn).then_some(next));
            next += u16::from(!option.is_withdrawn);
        }
        let place = |&option: &u16| places.get(usize::from(option)).copied().flatten();
        let kept = |selection: &[u16]| match self.form {
            Form::Choices => selection.iter().filter_map(place).collect(),
            Form::Marks => {
                let marks = pairs(selection).filter_map(|(o, value)| Some([place(&o)?, value]));
                marks.flatten().collect()
            }
            Form::Ranks => {
                let groups = groups(selection).unwrap_or_default();
                let groups = groups.iter().map(|group| group.iter().filter_map(place).collect());
                ranks(&groups.filter(|group: &Vec<u16>| !group.is_empty()).collect::<Vec<_>>())
            }
        };
        let ballot = |ballot: &WeightedBallot| WeightedBallot {
            weight: ballot.weight,
            selection: kept(&ballot.selection),
        };
        Self {
            title: self.title.clone(),
            options: self.options.iter().filter(|o| !o.is_withdrawn).cloned().collect(),
            form: self.form,
            ballots: self.ballots.iter().map(ballot).collect(),
        }
    }

    /// That every selection is of the profile's form, with options that there are.
    pub fn check(&self) -> Result<(), Unwritable> {
        for (ballot, WeightedBallot { selection, .. }) in (1..).zip(&self.ballots) {
            let is_sound = match self.form {
                Form::Choices => self.are_options(selection.iter().copied()),
                Form::Marks | Form::Ranks => {
                    selection.len() % 2 == 0
                        && self.are_options(pairs(selection).map(|(option, _)| option))
                        && pairs(selection).all(|(_, value)| value > 0)
                        && (self.form == Form::Marks || groups(selection).is_some())
                }
            };
            if !is_sound {
                return Err(Unwritable::Selection { ballot, form: self.form });
            }
        }
        Ok(())
    }

    fn are_options(&self, options: impl Iterator<Item = u16> + Clone) -> bool {
        options.clone().is_sorted_by(|one, next| one < next)
            && options.last().is_none_or(|last| usize::from(last) < self.options.len())
    }

    /// The ranked ballots as groups of equals, best first, for the formats of rankings.
    pub(super) fn orders(&self, format: &'static str) -> Result<Vec<Weighted>, Unwritable> {
        if self.form != Form::Ranks {
            return Err(Unwritable::Form { format, holds: "rankings", form: self.form });
        }
        self.check()?;
        let order = |ballot: &WeightedBallot| {
            (ballot.weight, groups(&ballot.selection).unwrap_or_default())
        };
        Ok(self.ballots.iter().map(order).collect())
    }
}

/// Equal ballots as groups of equals, best first, and how many there are.
pub(super) type Weighted = (u64, Vec<Vec<u16>>);

/// The marks of a selection: options with their values.
pub fn pairs(selection: &[u16]) -> impl Iterator<Item = (u16, u16)> + Clone {
    selection.chunks_exact(2).map(|pair| (pair[0], pair[1]))
}

/// Options by rank, best first, those of one rank in listed order; `None` if a rank is left out.
pub fn groups(selection: &[u16]) -> Option<Vec<Vec<u16>>> {
    let mut groups = Vec::new();
    for (option, rank) in pairs(selection) {
        let place = usize::from(rank).checked_sub(1)?;
        // Dense ranks are at most as many as there are marks.
        if place >= selection.len() / 2 {
            return None;
        }
        if groups.len() <= place {
            groups.resize(place + 1, Vec::new());
        }
        groups[place].push(option);
    }
    groups.iter().all(|group| !group.is_empty()).then_some(groups)
}

/// The selection that ranks these groups, best first.
pub fn ranks(groups: &[Vec<u16>]) -> Vec<u16> {
    let ranked = (1..).zip(groups).flat_map(|(rank, group)| group.iter().map(move |&o| (o, rank)));
    let mut ranked: Vec<(u16, u16)> = ranked.collect();
    ranked.sort_unstable();
    ranked.into_iter().flat_map(|(option, rank)| [option, rank]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(form: Form, selections: &[&[u16]], withdrawn: &[usize]) -> Profile {
        let option = |place: usize| Entrant {
            label: format!("option {place}"),
            cost: 0,
            is_withdrawn: withdrawn.contains(&place),
        };
        let ballot =
            |selection: &&[u16]| WeightedBallot { weight: 2, selection: selection.to_vec() };
        Profile {
            title: String::new(),
            options: (0..4).map(option).collect(),
            form,
            ballots: selections.iter().map(ballot).collect(),
        }
    }

    #[test]
    fn ranks_and_groups_are_two_ways_to_say_the_same() {
        let groups_of = [vec![2], vec![0, 3]];
        assert_eq!(ranks(&groups_of), [0, 2, 2, 1, 3, 2]);
        assert_eq!(groups(&[0, 2, 2, 1, 3, 2]), Some(groups_of.to_vec()));
        assert_eq!(groups(&[]), Some(Vec::new()));
        for gap in [&[0, 2][..], &[0, 1, 1, 3], &[0, 0], &[0, u16::MAX]] {
            assert_eq!(groups(gap), None, "{gap:?}");
        }
    }

    #[test]
    fn who_has_withdrawn_leaves_every_ballot() {
        let without = |form, selection: &[u16]| {
            let profile = profile(form, &[selection], &[1]).without_withdrawn();
            assert_eq!((profile.options.len(), profile.ballot_count()), (3, 2));
            profile.ballots[0].selection.clone()
        };
        assert_eq!(without(Form::Choices, &[0, 1, 3]), [0, 2]);
        assert_eq!(without(Form::Marks, &[1, 5, 2, 9]), [1, 9]);
        assert_eq!(without(Form::Ranks, &[0, 2, 1, 1, 3, 3]), [0, 1, 2, 2]);
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        for (form, selection) in [
            (Form::Choices, &[1_u16, 1][..]),
            (Form::Choices, &[4]),
            (Form::Marks, &[0]),
            (Form::Marks, &[0, 0]),
            (Form::Marks, &[1, 1, 0, 1]),
            (Form::Ranks, &[0, 1, 1, 3]),
        ] {
            let profile = profile(form, &[&[], selection], &[]);
            assert_eq!(profile.check(), Err(Unwritable::Selection { ballot: 2, form }));
        }
        assert_eq!(profile(Form::Ranks, &[&[0, 1, 3, 1], &[]], &[]).check(), Ok(()));
    }
}
