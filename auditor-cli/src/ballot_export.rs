//! The effective ballots of a recount in the formats of other tools (spec/interchange.md), so that
//! anyone can count them again with programs that we have not written.
//!
//! Who cast a ballot is left out: ballots are numbered. Not here: the formats themselves.

use std::collections::BTreeMap;

use clap::ValueEnum;
use veche_protocol::audit::Recount;
use veche_protocol::count::{Ballots as _, Completion, Rule, Values};
use veche_protocol::interchange::Unwritable;
use veche_protocol::interchange::blt::Blt;
use veche_protocol::interchange::csv::Csv;
use veche_protocol::interchange::pabulib::{Frame, Pabulib, VoteType};
use veche_protocol::interchange::preflib::{Kind, PrefLib};
use veche_protocol::interchange::profile::{Entrant, Form, Profile, WeightedBallot};
use veche_protocol::poll::definition::Question;

/// A format that holds ballots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Pabulib: choices, strict rankings or marks over a budget.
    Pb,
    /// PrefLib: strict and complete rankings.
    Soc,
    /// PrefLib: strict rankings.
    Soi,
    /// PrefLib: complete rankings.
    Toc,
    /// PrefLib: rankings.
    Toi,
    /// BLT: rankings.
    Blt,
    /// A table: all ballots.
    Csv,
}

/// Why there is no file of ballots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BallotExportError {
    /// The poll was not opened, or is sealed still.
    #[error("the poll has no ballots in clear")]
    NoBallots,
    /// There is no such question.
    #[error("the poll has {0} questions")]
    NoQuestion(usize),
    /// The format does not hold such ballots.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// A file of the effective ballots on one question, counted from 1.
pub fn file(
    recount: &Recount,
    question: usize,
    format: Format,
) -> Result<String, BallotExportError> {
    let definition = recount.definition.as_ref().ok_or(BallotExportError::NoBallots)?;
    let count = definition.questions.len();
    let place = question.checked_sub(1).filter(|&place| place < count);
    let place = place.ok_or(BallotExportError::NoQuestion(count))?;
    let question = &definition.questions[place];
    let ballots = recount.ballots.as_ref().ok_or(BallotExportError::NoBallots)?;
    let mut selections = Vec::new();
    ballots.question(place).for_each(&mut |selection| selections.push(selection.to_vec()));
    let title = if count == 1 { &definition.title } else { &question.title };
    let profile = profile(question, title, selections);
    let selected: Option<Vec<bool>> =
        recount.outcomes.get(place).map(|outcome| outcome.selected.clone());
    let preflib = |kind| PrefLib::of(&profile, kind)?.write();
    Ok(match format {
        Format::Pb => Pabulib::of(&profile, &frame(question, selected))?.write(),
        Format::Soc => preflib(Kind::Soc),
        Format::Soi => preflib(Kind::Soi),
        Format::Toc => preflib(Kind::Toc),
        Format::Toi => preflib(Kind::Toi),
        Format::Blt => Blt::of(&equal_together(&profile), seats(&question.rule, selected))?.write(),
        Format::Csv => Csv::of(&profile)?.write(),
    }?)
}

fn profile(question: &Question, title: &str, selections: Vec<Vec<u16>>) -> Profile {
    let option = |option: &veche_protocol::poll::definition::VoteOption| Entrant {
        label: option.label.clone(),
        cost: option.cost,
        is_withdrawn: false,
    };
    let ballot = |selection| WeightedBallot { weight: 1, selection };
    Profile {
        title: title.to_owned(),
        options: question.options.iter().map(option).collect(),
        form: match question.rule.form().values {
            Values::None => Form::Choices,
            Values::Rank { .. } => Form::Ranks,
            Values::Upto { .. } | Values::Sum { .. } | Values::Squares { .. } => Form::Marks,
        },
        ballots: selections.into_iter().map(ballot).collect(),
    }
}

/// The profile with equal ballots together, by what they say.
fn equal_together(profile: &Profile) -> Profile {
    let mut weights = BTreeMap::new();
    for WeightedBallot { weight, selection } in &profile.ballots {
        *weights.entry(selection.clone()).or_insert(0) += weight;
    }
    let ballots = weights.into_iter();
    let ballots = ballots.map(|(selection, weight)| WeightedBallot { weight, selection });
    Profile { ballots: ballots.collect(), ..profile.clone() }
}

/// The seats, which the format asks for; under a rule that knows none, as many as options are
/// selected, at least one.
fn seats(rule: &Rule, selected: Option<Vec<bool>>) -> u64 {
    if let Rule::TransferableVote(vote) = rule {
        return vote.seats;
    }
    let selected = selected.unwrap_or_default();
    (selected.iter().filter(|is_selected| **is_selected).count() as u64).max(1)
}

/// What a Pabulib file says besides: the rule in its words, and the limits of a ballot.
fn frame(question: &Question, selected: Option<Vec<bool>>) -> Frame {
    let form = question.rule.form();
    let mut meta = Vec::new();
    let mut say = |key: &str, value: String| meta.push((key.to_owned(), value));
    let (budget, rule) = budget(&question.rule);
    say("rule", rule.to_owned());
    say("min_length", form.min.to_string());
    say("max_length", form.max.to_string());
    let vote_type = match form.values {
        Values::None if form.max == 1 => Some(VoteType::ChooseOne),
        Values::None | Values::Rank { .. } => None,
        Values::Upto { largest } => {
            say("max_points", largest.to_string());
            Some(VoteType::Scoring)
        }
        Values::Sum { largest, sum } => {
            say("max_points", largest.to_string());
            say("max_sum_points", sum.to_string());
            Some(VoteType::Cumulative)
        }
        Values::Squares { .. } => Some(VoteType::Scoring),
    };
    Frame { budget, meta, selected, vote_type }
}

/// What may be spent under a rule, and its name in Pabulib's words.
fn budget(rule: &Rule) -> (Option<u64>, &'static str) {
    match rule {
        Rule::EqualShares(shares) => {
            let name = match shares.completion {
                Completion::None => "equalshares",
                Completion::Add1 => "equalshares/add1",
                Completion::Add1u => "equalshares/add1u",
            };
            (Some(shares.budget), name)
        }
        _ => (None, "unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use veche_protocol::count::{EqualShares, Exhaustion, Points};
    use veche_protocol::poll::definition::VoteOption;

    fn question(rule: impl Into<Rule>, costs: &[u64]) -> Question {
        let option = |&cost: &u64| VoteOption { label: format!("at {cost}"), details: None, cost };
        Question {
            title: "Which?".into(),
            details: None,
            options: costs.iter().map(option).collect(),
            rule: rule.into(),
            conditions: Vec::new(),
        }
    }

    #[test]
    fn a_budget_takes_its_rule_and_limits_along() {
        let (min, max, budget) = (1, 2, 900);
        let (completion, exhaustion) = (Completion::Add1, Exhaustion::Run);
        let ties = Vec::new();
        let shares = EqualShares { min, max, budget, completion, exhaustion, ties };
        let question = question(shares, &[500, 400]);
        let profile = profile(&question, "Green", vec![vec![0, 1], vec![1], vec![1]]);
        let file = Pabulib::of(&profile, &frame(&question, Some(vec![true, false]))).unwrap();
        assert_eq!(file.meta.get("rule"), Some("equalshares/add1"));
        assert_eq!((file.meta.get("max_length"), file.budget), (Some("2"), 900));
        assert_eq!(file.projects[0].selected, Some(1));
        assert_eq!(equal_together(&profile).ballots.len(), 2);
    }

    #[test]
    fn what_a_format_cannot_hold_is_refused() {
        let (min, max, points, largest, winners) = (0, 2, 9, 5, 1);
        let points = Points { min, max, points, largest, winners, ties: Vec::new() };
        let question = question(points, &[0, 1]);
        let profile = profile(&question, "Points", vec![vec![0, 5], vec![]]);
        let refused = Pabulib::of(&profile, &frame(&question, None)).unwrap_err();
        assert_eq!(refused, Unwritable::Budget);
        assert!(Blt::of(&profile, seats(&question.rule, None)).is_err());
        assert_eq!(Csv::of(&profile).unwrap().ballots.len(), 2);
    }
}
