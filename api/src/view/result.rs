//! The result of a poll as JSON.

use serde::Serialize;
use utoipa::ToSchema;
use veche_protocol::poll::result::{PollResult, QuestionResult};

/// What became of a poll.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResultView {
    /// Who could vote and who did.
    totals: TotalsView,
    /// Whether enough took part.
    quorum_met: bool,
    /// The questions, in the order of the definition.
    questions: Vec<QuestionResultView>,
}

/// Who could vote and who did.
#[derive(Serialize, ToSchema)]
struct TotalsView {
    /// Voters on the pinned rolls.
    eligible: u64,
    /// Ballots that count.
    effective: u64,
    /// The same by district, ascending by code.
    per_district: Vec<TurnoutView>,
}

/// Who could vote and who did, in one district.
#[derive(Serialize, ToSchema)]
struct TurnoutView {
    /// Code of the district.
    code: String,
    /// Voters on the pinned rolls.
    eligible: u64,
    /// Ballots that count.
    effective: u64,
}

/// What became of one question.
#[derive(Serialize, ToSchema)]
struct QuestionResultView {
    /// Ballots that choose nothing here.
    blank: u64,
    /// The options, in the order of the definition.
    outcome: Vec<OptionResultView>,
}

/// What became of one option.
#[derive(Serialize, ToSchema)]
struct OptionResultView {
    /// Its label.
    label: String,
    /// Ballots that choose it.
    votes: u64,
    /// Whether the rule selects it.
    selected: bool,
}

impl From<&PollResult> for ResultView {
    fn from(result: &PollResult) -> Self {
        let per_district = result.districts.iter().map(|turnout| TurnoutView {
            code: turnout.district.clone(),
            eligible: turnout.eligible,
            effective: turnout.effective,
        });
        Self {
            totals: TotalsView {
                eligible: result.eligible,
                effective: result.effective,
                per_district: per_district.collect(),
            },
            quorum_met: result.quorum_met,
            questions: result.questions.iter().map(QuestionResultView::from).collect(),
        }
    }
}

impl From<&QuestionResult> for QuestionResultView {
    fn from(question: &QuestionResult) -> Self {
        let outcome = question.outcome.iter().map(|option| OptionResultView {
            label: option.label.clone(),
            votes: option.votes,
            selected: option.selected,
        });
        Self { blank: question.blank, outcome: outcome.collect() }
    }
}
