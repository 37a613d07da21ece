//! The rule of a question as JSON, every parameter by the law's word for it (spec/count.md).

use serde::Serialize;
use utoipa::ToSchema;
use veche_protocol::count::{
    Against, Approval, Blank, Borda, Comparison, Completion, EqualShares, Exhaustion,
    InstantRunoff, LookBack, Points, Quadratic, Quota, Rule, Schulze, Score, Sharing, SingleChoice,
    TieBreak, TransferableVote, Unmarked, Unranked, YesNo,
};

/// How a question is counted.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum RuleView {
    /// One option, or none where that is allowed.
    SingleChoice {
        /// `refused` or `allowed`.
        blank: &'static str,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Any number of options within bounds; those with the most votes win.
    Approval {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// The Method of Equal Shares over a budget.
    EqualShares {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// The budget.
        budget: u64,
        /// What is done with what is left: `none`, `add1` or `add1u`.
        completion: &'static str,
        /// When the completion ends: `run` or `stop`.
        exhaustion: &'static str,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// One proposal, adopted by a share of the votes.
    YesNo {
        /// `refused` or `allowed`.
        blank: &'static str,
        /// Of what the share is: `yes-and-no`, `not-blank` or `ballots`.
        against: &'static str,
        /// The share's numerator.
        numerator: u64,
        /// The share's denominator.
        denominator: u64,
        /// `at-least` or `more-than`.
        comparison: &'static str,
        /// None: no tie can come up.
        ties: Vec<&'static str>,
    },
    /// A score for each option; the highest sums or means win.
    Score {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// The largest score.
        largest: u64,
        /// What an option without a score has: `zero`, or it `abstains`.
        unmarked: &'static str,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Points to spread; the most points win.
    Points {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// Most points of a ballot.
        points: u64,
        /// Most points for one option.
        largest: u64,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Credits that buy votes, n votes for n times n; the most votes win.
    Quadratic {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// Credits of a ballot.
        credits: u64,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Ranks that give points; the most points win.
    Borda {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// Whether options may share a rank: `refused` or `allowed`.
        sharing: &'static str,
        /// What options without a rank have: `last-places`, `nothing` or `by-ranks-given`.
        unranked: &'static str,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Ranks; the weakest leaves until one has a majority.
    InstantRunoff {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// Whether earlier rounds decide ties: `none` or `backwards`.
        look_back: &'static str,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Ranks; several seats are filled in proportion.
    TransferableVote {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// How many are selected.
        seats: u64,
        /// `droop` or `hare`.
        quota: &'static str,
        /// Whether earlier rounds decide ties: `none` or `backwards`.
        look_back: &'static str,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
    /// Ranks; the strongest paths of contests win.
    Schulze {
        /// Fewest options of a ballot.
        min: u64,
        /// Most options of a ballot.
        max: u64,
        /// Whether options may share a rank: `refused` or `allowed`.
        sharing: &'static str,
        /// How many are selected.
        winners: u64,
        /// What decides between equals, in this order.
        ties: Vec<&'static str>,
    },
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let ties = tie_names(rule.ties());
        match *rule {
            Rule::SingleChoice(SingleChoice { blank, .. }) => {
                Self::SingleChoice { blank: blank_name(blank), ties }
            }
            Rule::Approval(Approval { min, max, winners, .. }) => {
                Self::Approval { min, max, winners, ties }
            }
            Rule::EqualShares(EqualShares { min, max, budget, completion, exhaustion, .. }) => {
                let (completion, exhaustion) =
                    (completion_name(completion), exhaustion_name(exhaustion));
                Self::EqualShares { min, max, budget, completion, exhaustion, ties }
            }
            Rule::YesNo(YesNo { blank, against, numerator, denominator, comparison, .. }) => {
                let (blank, against) = (blank_name(blank), against_name(against));
                let comparison = comparison_name(comparison);
                Self::YesNo { blank, against, numerator, denominator, comparison, ties }
            }
            Rule::Score(Score { min, max, largest, unmarked, winners, .. }) => {
                let unmarked = match unmarked {
                    Unmarked::Zero => "zero",
                    Unmarked::Abstains => "abstains",
                };
                Self::Score { min, max, largest, unmarked, winners, ties }
            }
            Rule::Points(Points { min, max, points, largest, winners, .. }) => {
                Self::Points { min, max, points, largest, winners, ties }
            }
            Rule::Quadratic(Quadratic { min, max, credits, winners, .. }) => {
                Self::Quadratic { min, max, credits, winners, ties }
            }
            Rule::Borda(Borda { min, max, sharing, unranked, winners, .. }) => {
                let unranked = match unranked {
                    Unranked::LastPlaces => "last-places",
                    Unranked::Nothing => "nothing",
                    Unranked::ByRanksGiven => "by-ranks-given",
                };
                let sharing = sharing_name(sharing);
                Self::Borda { min, max, sharing, unranked, winners, ties }
            }
            Rule::InstantRunoff(InstantRunoff { min, max, look_back, .. }) => {
                Self::InstantRunoff { min, max, look_back: look_back_name(look_back), ties }
            }
            Rule::TransferableVote(ref rule) => transferable_vote(rule, ties),
            Rule::Schulze(Schulze { min, max, sharing, winners, .. }) => {
                Self::Schulze { min, max, sharing: sharing_name(sharing), winners, ties }
            }
        }
    }
}

fn transferable_vote(rule: &TransferableVote, ties: Vec<&'static str>) -> RuleView {
    let TransferableVote { min, max, seats, quota, look_back, .. } = *rule;
    let quota = match quota {
        Quota::Droop => "droop",
        Quota::Hare => "hare",
    };
    let look_back = look_back_name(look_back);
    RuleView::TransferableVote { min, max, seats, quota, look_back, ties }
}

const fn sharing_name(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Refused => "refused",
        Sharing::Allowed => "allowed",
    }
}

const fn look_back_name(look_back: LookBack) -> &'static str {
    match look_back {
        LookBack::None => "none",
        LookBack::Backwards => "backwards",
    }
}

const fn blank_name(blank: Blank) -> &'static str {
    match blank {
        Blank::Refused => "refused",
        Blank::Allowed => "allowed",
    }
}

const fn completion_name(completion: Completion) -> &'static str {
    match completion {
        Completion::None => "none",
        Completion::Add1 => "add1",
        Completion::Add1u => "add1u",
    }
}

const fn exhaustion_name(exhaustion: Exhaustion) -> &'static str {
    match exhaustion {
        Exhaustion::Run => "run",
        Exhaustion::Stop => "stop",
    }
}

const fn against_name(against: Against) -> &'static str {
    match against {
        Against::YesAndNo => "yes-and-no",
        Against::NotBlank => "not-blank",
        Against::Ballots => "ballots",
    }
}

pub(crate) const fn comparison_name(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "at-least",
        Comparison::MoreThan => "more-than",
    }
}

fn tie_names(ties: &[TieBreak]) -> Vec<&'static str> {
    let name = |tie: &TieBreak| match tie {
        TieBreak::ListedOrder => "listed-order",
        TieBreak::LowestCost => "lowest-cost",
        TieBreak::MostVotes => "most-votes",
        TieBreak::Lot => "lot",
    };
    ties.iter().map(name).collect()
}
