//! The rule of a question as officers write it: its name, and exactly the parameters that it has.
//!
//! ```toml
//! rule = "score"            parameters: min, max, largest, unmarked, winners
//! ties = ["most-votes", "listed-order"]     also "lowest-cost"; "lot" in a sealed poll
//! conditions = ["more than 1/2 of not-blank"]
//! ```
//!
//! Every knob is published and chosen: none has a silent default, but for `blank`. Not here:
//! whether the rule is lawful (the protocol's check).

use veche_protocol::count::{
    Against, Approval, Base, Blank, Borda, Comparison, Completion, Condition, EqualShares,
    Exhaustion, InstantRunoff, LookBack, Points, Quadratic, Quota, Rule, Schulze, Score, Sharing,
    SingleChoice, TieBreak, TransferableVote, Unmarked, Unranked, YesNo,
};

use super::QuestionFile;

/// Fields of a question that belong to no rule.
const COMMON: [&str; 6] = ["title", "details", "rule", "ties", "conditions", "options"];

/// The names of the rules with the parameters of each.
const PARAMETERS: &[(&str, &[&str])] = &[
    ("single-choice", &["blank"]),
    ("approval", &["min", "max", "winners"]),
    ("equal-shares", &["min", "max", "budget", "completion", "exhaustion"]),
    ("yes-no", &["blank", "against", "share", "comparison"]),
    ("score", &["min", "max", "largest", "unmarked", "winners"]),
    ("points", &["min", "max", "points", "largest", "winners"]),
    ("quadratic", &["min", "max", "credits", "winners"]),
    ("borda", &["min", "max", "sharing", "unranked", "winners"]),
    ("instant-runoff", &["min", "max", "look_back"]),
    ("transferable-vote", &["min", "max", "seats", "quota", "look_back"]),
    ("schulze", &["min", "max", "sharing", "winners"]),
];

/// The names of the parameters of a rule; `None` if there is no such rule.
pub fn parameters(rule: &str) -> Option<&'static [&'static str]> {
    PARAMETERS.iter().find(|(name, _)| *name == rule).map(|(_, parameters)| *parameters)
}

const COMPARISONS: &[(&str, Comparison)] =
    &[("at-least", Comparison::AtLeast), ("more-than", Comparison::MoreThan)];

/// The rule with exactly the parameters that it has: one that belongs to another rule is refused.
pub(super) fn read(file: &QuestionFile) -> Result<Rule, String> {
    check_names(file)?;
    let number = |name: &str, value: Option<u64>| {
        value.ok_or_else(|| format!("the rule {} needs {name}", file.rule))
    };
    let ties = file.ties.iter().map(|name| tie(name)).collect::<Result<Vec<_>, _>>()?;
    let blank = if file.blank.unwrap_or(false) { Blank::Allowed } else { Blank::Refused };
    let min = || number("min", file.min);
    let max = || number("max", file.max);
    let winners = || number("winners", file.winners);
    Ok(match file.rule.as_str() {
        "single-choice" => SingleChoice { blank, ties }.into(),
        "approval" => Approval { min: min()?, max: max()?, winners: winners()?, ties }.into(),
        "yes-no" => {
            let against = [
                ("yes-and-no", Against::YesAndNo),
                ("not-blank", Against::NotBlank),
                ("ballots", Against::Ballots),
            ];
            let (numerator, denominator) = share("share", file.share.as_deref().unwrap_or(""))?;
            YesNo {
                blank,
                against: word("against", file.against.as_deref(), &against)?,
                numerator,
                denominator,
                comparison: word("comparison", file.comparison.as_deref(), COMPARISONS)?,
                ties,
            }
            .into()
        }
        "score" => {
            let unmarked = [("zero", Unmarked::Zero), ("abstains", Unmarked::Abstains)];
            Score {
                min: min()?,
                max: max()?,
                largest: number("largest", file.largest)?,
                unmarked: word("unmarked", file.unmarked.as_deref(), &unmarked)?,
                winners: winners()?,
                ties,
            }
            .into()
        }
        "points" => Points {
            min: min()?,
            max: max()?,
            points: number("points", file.points)?,
            largest: number("largest", file.largest)?,
            winners: winners()?,
            ties,
        }
        .into(),
        "quadratic" => Quadratic {
            min: min()?,
            max: max()?,
            credits: number("credits", file.credits)?,
            winners: winners()?,
            ties,
        }
        .into(),
        "borda" | "instant-runoff" | "transferable-vote" | "schulze" => ranked(file, ties)?,
        _ => equal_shares(file, ties)?.into(),
    })
}

/// The rules whose ballots hold ranks.
fn ranked(file: &QuestionFile, ties: Vec<TieBreak>) -> Result<Rule, String> {
    let number = |name: &str, value: Option<u64>| {
        value.ok_or_else(|| format!("the rule {} needs {name}", file.rule))
    };
    let (min, max) = (number("min", file.min)?, number("max", file.max)?);
    let winners = || number("winners", file.winners);
    let sharing = || {
        let words = [("refused", Sharing::Refused), ("allowed", Sharing::Allowed)];
        word("sharing", file.sharing.as_deref(), &words)
    };
    let look_back = || {
        let words = [("none", LookBack::None), ("backwards", LookBack::Backwards)];
        word("look_back", file.look_back.as_deref(), &words)
    };
    Ok(match file.rule.as_str() {
        "borda" => {
            let unranked = [
                ("last-places", Unranked::LastPlaces),
                ("nothing", Unranked::Nothing),
                ("by-ranks-given", Unranked::ByRanksGiven),
            ];
            let unranked = word("unranked", file.unranked.as_deref(), &unranked)?;
            Borda { min, max, sharing: sharing()?, unranked, winners: winners()?, ties }.into()
        }
        "instant-runoff" => InstantRunoff { min, max, look_back: look_back()?, ties }.into(),
        "transferable-vote" => {
            let quotas = [("droop", Quota::Droop), ("hare", Quota::Hare)];
            let quota = word("quota", file.quota.as_deref(), &quotas)?;
            let seats = number("seats", file.seats)?;
            TransferableVote { min, max, seats, quota, look_back: look_back()?, ties }.into()
        }
        _ => Schulze { min, max, sharing: sharing()?, winners: winners()?, ties }.into(),
    })
}

fn equal_shares(file: &QuestionFile, ties: Vec<TieBreak>) -> Result<EqualShares, String> {
    let number = |name: &str, value: Option<u64>| {
        value.ok_or_else(|| format!("the rule {} needs {name}", file.rule))
    };
    let completions =
        [("none", Completion::None), ("add1", Completion::Add1), ("add1u", Completion::Add1u)];
    let exhaustions = [("run", Exhaustion::Run), ("stop", Exhaustion::Stop)];
    Ok(EqualShares {
        min: number("min", file.min)?,
        max: number("max", file.max)?,
        budget: number("budget", file.budget)?,
        completion: word("completion", file.completion.as_deref(), &completions)?,
        exhaustion: word("exhaustion", file.exhaustion.as_deref(), &exhaustions)?,
        ties,
    })
}

/// That the rule exists and that no parameter of another is given.
fn check_names(file: &QuestionFile) -> Result<(), String> {
    let own = parameters(&file.rule).ok_or_else(|| format!("there is no rule {:?}", file.rule))?;
    let written = serde_json::to_value(file).map_err(|error| error.to_string())?;
    let names = written.as_object().into_iter().flat_map(|fields| fields.keys());
    let mut strange = names.filter(|name| !own.contains(&name.as_str()));
    match strange.find(|name| !COMMON.contains(&name.as_str())) {
        Some(name) => Err(format!("the rule {} has no parameter {name}", file.rule)),
        None => Ok(()),
    }
}

/// One word out of a few.
fn word<T: Copy>(name: &str, given: Option<&str>, words: &[(&str, T)]) -> Result<T, String> {
    let given = given.unwrap_or("");
    let found = words.iter().find(|(word, _)| *word == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("{name}: {given:?} is none of {}", all.join(", "))
    })
}

/// A share such as `1/4`.
pub(super) fn share(name: &str, text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/').and_then(|(numerator, denominator)| {
        Some((numerator.parse().ok()?, denominator.parse().ok()?))
    });
    parts.ok_or_else(|| format!("{name}: {text:?} is not a share such as 1/4"))
}

/// A condition such as `at least 1/10 of ballots`.
pub(super) fn condition(text: &str) -> Result<Condition, String> {
    let bases = [
        ("ballots", Base::Ballots),
        ("not-blank", Base::NotBlank),
        ("votes", Base::Votes),
        ("eligible", Base::Eligible),
    ];
    let read = |comparison: &str, rest: &str| {
        let comparison = word("conditions", Some(comparison), COMPARISONS)?;
        let (part, base) = rest.split_once(" of ").unwrap_or((rest, ""));
        let (numerator, denominator) = share("conditions", part)?;
        let base = word("conditions", Some(base), &bases)?;
        Ok(Condition { numerator, denominator, base, comparison })
    };
    match (text.strip_prefix("at least "), text.strip_prefix("more than ")) {
        (Some(rest), _) => read("at-least", rest),
        (_, Some(rest)) => read("more-than", rest),
        _ => Err(format!("conditions: {text:?} begins with neither at least nor more than")),
    }
}

fn tie(name: &str) -> Result<TieBreak, String> {
    let tie = TieBreak::ALL.iter().copied().find(|&tie| tie_name(tie) == name);
    tie.ok_or_else(|| format!("ties: there is no criterion {name:?}"))
}

/// The name of a criterion for ties, in files and on screens.
pub const fn tie_name(tie: TieBreak) -> &'static str {
    match tie {
        TieBreak::ListedOrder => "listed-order",
        TieBreak::LowestCost => "lowest-cost",
        TieBreak::MostVotes => "most-votes",
        TieBreak::Lot => "lot",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(rule: &str) -> QuestionFile {
        QuestionFile { rule: rule.to_owned(), ..QuestionFile::default() }
    }

    #[test]
    fn each_rule_asks_for_its_own_parameters() {
        for (name, parameters) in PARAMETERS {
            if *name != "single-choice" {
                assert!(read(&question(name)).is_err(), "{name} needs {parameters:?}");
            }
            let mut strange = question(name);
            strange.budget = Some(1);
            strange.share = Some("1/2".to_owned());
            assert!(read(&strange).unwrap_err().contains("has no parameter"), "{name}");
        }
    }

    #[test]
    fn scores_and_conditions_are_read() {
        let mut file = question("score");
        (file.min, file.max, file.largest, file.winners) = (Some(0), Some(3), Some(5), Some(1));
        file.unmarked = Some("abstains".to_owned());
        let unmarked = Unmarked::Abstains;
        let score = Score { min: 0, max: 3, largest: 5, unmarked, winners: 1, ties: vec![] };
        assert_eq!(read(&file), Ok(score.into()));
        assert_eq!(condition("more than 1/2 of not-blank"), Ok(Condition::MAJORITY));
        for wrong in ["1/2 of votes", "at least half of votes", "at least 1/2 of people", ""] {
            assert!(condition(wrong).is_err(), "{wrong}");
        }
    }
}
