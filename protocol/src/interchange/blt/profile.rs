//! Candidates as options and ballots as rankings, and back.

use super::super::fault::Unwritable;
use super::super::profile::{Entrant, Form, Profile, WeightedBallot, ranks};
use super::write::FORMAT;
use super::{Ballot, Blt, Candidate};

impl Blt {
    /// The options and ballots.
    pub fn profile(&self) -> Profile {
        let option = |candidate: &Candidate| Entrant {
            label: candidate.name.clone(),
            cost: 0,
            is_withdrawn: candidate.is_withdrawn,
        };
        let ballot = |ballot: &Ballot| WeightedBallot {
            weight: ballot.weight,
            selection: ranks(&ballot.groups),
        };
        Profile {
            title: self.title.clone().unwrap_or_default(),
            options: self.candidates.iter().map(option).collect(),
            form: Form::Ranks,
            ballots: self.ballots.iter().map(ballot).collect(),
        }
    }

    /// A file of these options and ballots.
    pub fn of(profile: &Profile, seats: u64) -> Result<Self, Unwritable> {
        let candidate = |option: &Entrant| Candidate {
            name: option.label.clone(),
            is_withdrawn: option.is_withdrawn,
        };
        let orders = profile.orders(FORMAT)?.into_iter();
        Ok(Self {
            seats,
            candidates: profile.options.iter().map(candidate).collect(),
            ballots: orders.map(|(weight, groups)| Ballot { id: None, weight, groups }).collect(),
            title: (!profile.title.is_empty()).then(|| profile.title.clone()),
            remarks: Vec::new(),
        })
    }
}
