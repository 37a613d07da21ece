//! Projects as options and votes as selections, and back.

use std::collections::HashSet;

use super::super::fault::Unwritable;
use super::super::profile::{Entrant, Form, Profile, WeightedBallot, groups, pairs, ranks};
use super::write::FORMAT;
use super::{Ballot, Meta, Pabulib, Project, VoteType};

/// What a file says besides options and ballots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// What may be spent; a file without it is none.
    pub budget: Option<u64>,
    /// Further keys of META with their values, such as `rule` or `max_length`.
    pub meta: Vec<(String, String)>,
    /// The options that are selected, if that is known.
    pub selected: Option<Vec<bool>>,
    /// What a vote is, where the form of the ballots leaves a choice.
    pub vote_type: Option<VoteType>,
}

impl Pabulib {
    /// The options and ballots. A project without points on a ballot is as one that is not there.
    pub fn profile(&self) -> Profile {
        let (form, selection): (_, fn(&Ballot) -> Vec<u16>) = match self.vote_type {
            VoteType::Approval | VoteType::ChooseOne => (Form::Choices, Ballot::approvals),
            VoteType::Ordinal => (Form::Ranks, ranking),
            VoteType::Cumulative | VoteType::Scoring => (Form::Marks, marks),
        };
        let option = |project: &Project| Entrant {
            label: match &project.name {
                Some(name) => format!("{}: {name}", project.id),
                None => project.id.clone(),
            },
            cost: project.cost,
            is_withdrawn: false,
        };
        let ballot = |ballot| WeightedBallot { weight: 1, selection: selection(ballot) };
        Profile {
            title: self.meta.get("description").unwrap_or_default().to_owned(),
            options: self.projects.iter().map(option).collect(),
            form,
            ballots: self.ballots.iter().map(ballot).collect(),
        }
    }

    /// A file of these options and ballots; voters are numbered.
    pub fn of(profile: &Profile, frame: &Frame) -> Result<Self, Unwritable> {
        profile.check()?;
        let budget = frame.budget.ok_or(Unwritable::Budget)?;
        let vote_type = frame.vote_type.unwrap_or(match profile.form {
            Form::Choices => VoteType::Approval,
            Form::Ranks => VoteType::Ordinal,
            Form::Marks => VoteType::Cumulative,
        });
        let labels: Vec<_> = profile.options.iter().map(|option| option.label.as_str()).collect();
        let names = names(&labels);
        let project = |(place, ((id, name), option)): (usize, ((String, String), &Entrant))| {
            let selected = frame.selected.as_ref().and_then(|selected| selected.get(place));
            Project {
                id,
                name: Some(name),
                cost: option.cost,
                selected: selected.map(|&selected| u64::from(selected)),
                ..Project::default()
            }
        };
        let projects = names.into_iter().zip(&profile.options).enumerate().map(project).collect();
        let mut ballots = Vec::new();
        for (number, WeightedBallot { weight, selection }) in (1..).zip(&profile.ballots) {
            let (choices, points) = vote(profile.form, selection, number)?;
            for _ in 0..*weight {
                let voter = (ballots.len() + 1).to_string();
                let further = Vec::new();
                let (choices, points) = (choices.clone(), points.clone());
                ballots.push(Ballot { voter, choices, points, further });
            }
        }
        let text = |key: &str| (key.to_owned(), String::new());
        let mut meta = vec![("description".to_owned(), profile.title.clone())];
        // Their values are written from the fields.
        meta.extend(["num_projects", "num_votes", "budget", "vote_type"].map(text));
        meta.extend(frame.meta.iter().cloned());
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let mut project_columns: Vec<String> = owned(&["project_id", "cost", "name"]);
        project_columns.extend(frame.selected.is_some().then(|| "selected".to_owned()));
        let with_points: &[&str] = &["voter_id", "vote", "points"];
        let columns = if vote_type.has_points() { with_points } else { &with_points[..2] };
        Ok(Self {
            meta: Meta(meta),
            budget,
            decimals: 0,
            vote_type,
            project_columns,
            projects,
            ballot_columns: owned(columns),
            ballots,
        })
    }
}

/// A vote's projects and points from a selection.
fn vote(form: Form, selection: &[u16], ballot: usize) -> Result<(Vec<u16>, Vec<u16>), Unwritable> {
    match form {
        Form::Choices => Ok((selection.to_vec(), Vec::new())),
        Form::Marks => Ok(pairs(selection).unzip()),
        Form::Ranks => {
            let groups = groups(selection).unwrap_or_default();
            if groups.iter().any(|group| group.len() > 1) {
                return Err(Unwritable::SharedRank { format: FORMAT, ballot });
            }
            Ok((groups.concat(), Vec::new()))
        }
    }
}

fn ranking(ballot: &Ballot) -> Vec<u16> {
    ranks(&ballot.choices.iter().map(|&choice| vec![choice]).collect::<Vec<_>>())
}

fn marks(ballot: &Ballot) -> Vec<u16> {
    let marked = ballot.choices.iter().copied().zip(ballot.points.iter().copied());
    let mut marked: Vec<_> = marked.filter(|(_, points)| *points > 0).collect();
    marked.sort_unstable();
    marked.into_iter().flat_map(|(choice, points)| [choice, points]).collect()
}

/// Ids and names from labels: `<id>: <name>` where every label is like that, else numbers.
fn names(labels: &[&str]) -> Vec<(String, String)> {
    let is_id = |id: &str| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
    };
    let parts: Option<Vec<_>> =
        labels.iter().map(|label| label.split_once(": ").filter(|(id, _)| is_id(id))).collect();
    let mut seen = HashSet::new();
    match parts.filter(|parts| parts.iter().all(|(id, _)| seen.insert(*id))) {
        Some(parts) => parts.iter().map(|&(id, name)| (id.to_owned(), name.to_owned())).collect(),
        None => {
            (1..).zip(labels).map(|(number, &label)| (number.to_string(), label.into())).collect()
        }
    }
}
