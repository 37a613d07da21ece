//! The definition of a poll as JSON, every parameter of every rule by the law's word for it.

use serde::Serialize;
use utoipa::ToSchema;
use veche_protocol::count::{Base, Condition};
use veche_protocol::poll::definition::{
    Definition, Identity, Question, Quorum, Revote, Schedule, Secrecy,
};

use crate::view::authorities::{IssuersView, TrusteesView};
use crate::view::rule::{RuleView, comparison_name};

/// Everything that was decided before the first ballot.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionView {
    /// Title, as people read it.
    title: String,
    /// SHA-256 of a longer text, in hex.
    details: Option<String>,
    /// The questions, in the order in which a ballot answers them.
    questions: Vec<QuestionView>,
    /// Whose name a ballot carries: `named` or `anonymous`.
    identity: &'static str,
    /// When a ballot can be read: `open`, `sealed` or `secret`.
    secrecy: &'static str,
    /// Which of a voter's ballots counts.
    revote: RevoteView,
    /// Origins of the rolls.
    rolls: Vec<String>,
    /// Codes of the districts that vote; empty for all.
    districts: Vec<String>,
    /// When the poll opens and closes.
    schedule: ScheduleView,
    /// The share of the eligible that must have voted.
    quorum: QuorumView,
    /// Who issues credentials; null in a named poll.
    issuers: Option<IssuersView>,
    /// Who makes the key and opens the ballots; null in an open poll.
    trustees: Option<TrusteesView>,
    /// Milliseconds between the public heads of the poll.
    interval: u64,
}

/// What is asked.
#[derive(Serialize, ToSchema)]
struct QuestionView {
    /// The question in words.
    title: String,
    /// SHA-256 of a longer text, in hex.
    details: Option<String>,
    /// What can be chosen; a ballot names an option by its place in this list.
    options: Vec<OptionView>,
    /// How it is counted.
    rule: RuleView,
    /// What an option needs besides being selected by the rule.
    conditions: Vec<ConditionView>,
}

/// A share that an option must reach to be selected.
#[derive(Serialize, ToSchema)]
struct ConditionView {
    /// The share's numerator.
    numerator: u64,
    /// The share's denominator.
    denominator: u64,
    /// Of what: `ballots`, `not-blank`, `votes` or `eligible`.
    base: &'static str,
    /// `at-least` or `more-than`.
    comparison: &'static str,
}

/// What can be chosen.
#[derive(Serialize, ToSchema)]
struct OptionView {
    /// The name on the ballot.
    label: String,
    /// SHA-256 of a longer text, in hex.
    details: Option<String>,
    /// Cost in the budget's unit; 0 where the rule knows no budget.
    cost: u64,
}

/// Which of a voter's ballots counts.
#[derive(Serialize, ToSchema)]
struct RevoteView {
    /// `first` or `last`.
    rule: &'static str,
    /// Highest turn that a ballot may carry.
    max_turn: u8,
}

/// When a poll opens and closes, in seconds since 1970.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleView {
    /// Not opened before this.
    opens_at: u64,
    /// Closed at this time,
    closes_at: u64,
    /// give or take so many seconds.
    tolerance: u64,
}

/// The share of the eligible that must have voted for the result to bind.
#[derive(Serialize, ToSchema)]
struct QuorumView {
    /// 0 for none.
    numerator: u64,
    /// At least 1.
    denominator: u64,
}

impl From<&Definition> for DefinitionView {
    fn from(definition: &Definition) -> Self {
        Self {
            title: definition.title.clone(),
            details: definition.details.map(|hash| hash.to_string()),
            questions: definition.questions.iter().map(QuestionView::from).collect(),
            identity: match definition.identity {
                Identity::Named => "named",
                Identity::Anonymous => "anonymous",
            },
            secrecy: match definition.secrecy {
                Secrecy::Open => "open",
                Secrecy::Sealed => "sealed",
                Secrecy::Secret => "secret",
            },
            revote: definition.revote.into(),
            rolls: definition.rolls.clone(),
            districts: definition.districts.clone(),
            schedule: definition.schedule.into(),
            quorum: definition.quorum.into(),
            issuers: definition.issuance.as_ref().map(IssuersView::from),
            trustees: TrusteesView::of(&definition.trustees),
            interval: definition.interval,
        }
    }
}

impl From<&Question> for QuestionView {
    fn from(question: &Question) -> Self {
        let options = question.options.iter().map(|option| OptionView {
            label: option.label.clone(),
            details: option.details.map(|hash| hash.to_string()),
            cost: option.cost,
        });
        Self {
            title: question.title.clone(),
            details: question.details.map(|hash| hash.to_string()),
            options: options.collect(),
            rule: (&question.rule).into(),
            conditions: question.conditions.iter().map(ConditionView::from).collect(),
        }
    }
}

impl From<&Condition> for ConditionView {
    fn from(condition: &Condition) -> Self {
        let Condition { numerator, denominator, base, comparison } = *condition;
        let base = match base {
            Base::Ballots => "ballots",
            Base::NotBlank => "not-blank",
            Base::Votes => "votes",
            Base::Eligible => "eligible",
        };
        Self { numerator, denominator, base, comparison: comparison_name(comparison) }
    }
}

impl From<Revote> for RevoteView {
    fn from(revote: Revote) -> Self {
        let rule = match revote {
            Revote::First => "first",
            Revote::Last { .. } => "last",
        };
        Self { rule, max_turn: revote.max_turn() }
    }
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let Schedule { opens_at, closes_at, tolerance } = schedule;
        Self { opens_at, closes_at, tolerance }
    }
}

impl From<Quorum> for QuorumView {
    fn from(quorum: Quorum) -> Self {
        Self { numerator: quorum.numerator, denominator: quorum.denominator }
    }
}
