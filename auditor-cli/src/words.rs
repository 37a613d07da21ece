//! What a recount says, in words that text and page share.
//!
//! Texts from a log pass through [`visible`] before anybody sees them. Not here: layout.

pub mod date;
pub mod secrecy;
pub mod trustees;

use core::fmt::Write as _;

use veche_protocol::audit::{
    Evidence, ExhibitKind, ExhibitOutcome, ExhibitReport, PinnedBy, Recount, Step, StepState,
    Verdict,
};
use veche_protocol::breach::Fault;
use veche_protocol::count::{
    Against, Approval, Borda, Comparison, Completion, EqualShares, InstantRunoff, Points,
    Quadratic, Quota, Rule, Schulze, Score, SingleChoice, TieBreak, TransferableVote, Unmarked,
    Unranked, YesNo,
};
use veche_protocol::entry::Kind;
use veche_protocol::poll::phase::Phase;

/// A text from a log with everything in it spelled out that is not seen, or that moves what is.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // AUDIT-9: control characters are made visible.
        if c.is_control() || is_hidden(c) {
            write!(shown, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c)).expect("a string takes all");
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that have no width or turn the direction of those around them (Unicode, Cf).
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A number with its thousands apart (by narrow spaces that do not break).
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// `part` of `whole` in per cent with one digit after the point, rounded half up.
pub fn per_cent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "\u{2013}".to_owned();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let tenths = (part * 2_000 + whole) / (whole * 2);
    format!("{}.{}\u{202f}%", tenths / 10, tenths % 10)
}

/// One, or many.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// One, or many with their thousands apart.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// The verdict as a sentence for people.
pub const fn verdict_sentence(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => {
            "Every check that can be made from the public record was made, and nothing was found \
             that officers or the operator of this poll would have to answer for."
        }
        Verdict::NotSound(_) => {
            "The public record is not what it must be. What was found is listed below, with who \
             answers for it; until it is explained, the result should not be relied on."
        }
    }
}

/// What the evidence means, for people.
pub fn evidence_sentence(evidence: &Evidence) -> String {
    match evidence.witnessed {
        0 => "No witness that you trust has seen this record. It agrees with itself, but that \
              others were shown the same one is the operator's word alone."
            .to_owned(),
        witnessed => format!(
            "{witnessed} of the {} witnesses that you trust have seen exactly this record of the \
             poll.",
            evidence.witnesses
        ),
    }
}

/// By what it is known which city this is, for people.
pub const fn pinned_sentence(pinned: PinnedBy) -> &'static str {
    match pinned {
        PinnedBy::Nothing => {
            "Nothing from elsewhere said which city this must be: the key of its logs was taken \
             from the record itself. Give the instance id, a key or a policy to tie it to a city."
        }
        PinnedBy::Policy => "The city's key is the one in your policy.",
        PinnedBy::Key => "The city's key is the one that you gave.",
        PinnedBy::Instance => "The city is the one whose instance id you gave.",
    }
}

/// What could be said about times.
pub const fn times_sentence(evidence: &Evidence) -> &'static str {
    if evidence.times_judged {
        "Opening and closing times were judged by the witnesses' clocks."
    } else {
        "No witness's time was at hand: when the poll opened and closed is the operator's word."
    }
}

/// How many receipts and saved heads were checked; claims too, where there are any.
pub fn exhibits_line(evidence: &Evidence) -> String {
    let line = |kind, one, many| {
        let (checked, refused) = evidence.exhibits_of(kind);
        format!("{} checked, {refused} refused", counted(checked, one, many))
    };
    let receipts = line(ExhibitKind::Receipt, "receipt", "receipts");
    let heads = line(ExhibitKind::Head, "saved head", "saved heads");
    match evidence.exhibits_of(ExhibitKind::Claim) {
        (0, 0) => format!("{receipts}; {heads}"),
        (confirmed, refused) => {
            let claims = counted(confirmed, "claim", "claims");
            format!("{receipts}; {heads}; {claims} confirmed, {refused} refused")
        }
    }
}

/// What became of an exhibit.
pub fn exhibit_outcome(exhibit: &ExhibitReport) -> String {
    match exhibit.outcome {
        // AUDIT-14: a claim speaks of a credential, which the log knows only as asked for.
        ExhibitOutcome::Confirmed if exhibit.kind == ExhibitKind::Claim => {
            "a credential was issued for it and never used".to_owned()
        }
        ExhibitOutcome::Confirmed => "the log bears it out".to_owned(),
        ExhibitOutcome::Contradicted(breach) => {
            format!("the log contradicts it ({}): {}", breach.code(), breach.meaning())
        }
        ExhibitOutcome::NotJudged => {
            "it stands, but so much of the log is missing that nothing can be told".to_owned()
        }
        ExhibitOutcome::Refused(breach) => {
            format!("no evidence ({}): {}", breach.code(), breach.meaning())
        }
    }
}

/// Who answers for a finding.
pub const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Voter => "voter",
        Fault::Staff => "staff",
        Fault::Operator => "operator",
        Fault::Peer => "peer",
    }
}

/// What the phase of a poll means for its result.
pub fn phase_sentence(recount: &Recount) -> String {
    if let Some(waiting) = trustees::waiting_sentence(recount) {
        let end = match recount.phase {
            Phase::Cancelled => "The poll was cancelled after its close.",
            _ => "The poll is closed.",
        };
        return format!("{end} {waiting}");
    }
    let sentence = match recount.phase {
        Phase::Unannounced => "No valid announcement stands: there is no poll to count.",
        Phase::Announced => "The poll is announced and not open yet.",
        Phase::Begun => "Credentials are being issued; the poll is not open yet.",
        Phase::Open if recount.is_sealed() => {
            "The poll is still open. Its ballots are sealed, so there is no result so far."
        }
        Phase::Open => "The poll is still open: this is the result so far.",
        Phase::Closed => "The poll is closed; its result has not been certified yet.",
        Phase::Certified => "The poll is closed and its result was certified.",
        Phase::Cancelled if recount.result.is_none() => {
            "The poll was cancelled before there were ballots that could be counted."
        }
        Phase::Cancelled => "The poll was cancelled; its ballots are counted all the same.",
    };
    sentence.to_owned()
}

/// Whether an entry of this kind stands in the poll.
pub fn stands(recount: &Recount, kind: Kind) -> bool {
    recount.entries.iter().any(|entry| entry.kind == kind)
}

/// Ballots that were accepted and, at the opening, spoiled.
pub fn unopened(recount: &Recount) -> u64 {
    recount.findings_of(Step::Opening).count() as u64
}

/// Whether a step was run, and what came of it: a word or two.
pub fn step_state(recount: &Recount, step: Step) -> String {
    match recount.state(step) {
        StepState::NotApplicable("named") => "not applicable: this poll is named".to_owned(),
        StepState::NotApplicable("open") => "not applicable: nothing is sealed here".to_owned(),
        StepState::NotApplicable(reason) => format!("not applicable: {reason}"),
        StepState::NothingToJudgeBy => "nothing to judge by: there is no valid genesis".to_owned(),
        StepState::Run => match recount.findings_of(step).count() {
            0 => "no finding".to_owned(),
            count => counted(count, "finding", "findings"),
        },
    }
}

/// A counting rule in words.
pub fn rule(rule: &Rule) -> String {
    let choices = |min: u64, max: u64| match (min, max) {
        (min, max) if min == max => format!("{min} chosen on each ballot"),
        (0, max) => format!("up to {max} chosen on each ballot"),
        (min, max) => format!("{min} to {max} chosen on each ballot"),
    };
    let text = match rule {
        Rule::SingleChoice(SingleChoice { .. }) => "one choice, the most votes win".to_owned(),
        Rule::Approval(Approval { min, max, winners, .. }) => {
            let winners =
                if *winners == 1 { "1 wins".to_owned() } else { format!("{winners} win") };
            format!("approval, {}, {winners}", choices(*min, *max))
        }
        Rule::EqualShares(EqualShares { min, max, budget, completion, .. }) => {
            let completion = match completion {
                Completion::None => "",
                Completion::Add1 => ", completed by raising the shares",
                Completion::Add1u => ", completed by raising the shares, then by votes",
            };
            let budget = grouped(*budget);
            format!("Method of Equal Shares, {}, budget {budget}{completion}", choices(*min, *max))
        }
        Rule::YesNo(yes_no) => adopted_if(yes_no),
        Rule::Score(Score { min, max, largest, unmarked, winners, .. }) => {
            let by = match unmarked {
                Unmarked::Zero => "sum",
                Unmarked::Abstains => "mean",
            };
            let choices = choices(*min, *max);
            format!("scores of 1 to {largest}, {choices}, the best {winners} by {by}")
        }
        Rule::Points(Points { min, max, points, largest, winners, .. }) => {
            let choices = choices(*min, *max);
            format!("{points} points, at most {largest} for one, {choices}, {winners} win")
        }
        Rule::Quadratic(Quadratic { min, max, credits, winners, .. }) => {
            let choices = choices(*min, *max);
            format!("{credits} credits, n votes cost n times n, {choices}, {winners} win")
        }
        Rule::Borda(Borda { min, max, winners, unranked, .. }) => {
            let unranked = match unranked {
                Unranked::LastPlaces => "options without a rank share the last places",
                Unranked::Nothing => "options without a rank earn nothing",
                Unranked::ByRanksGiven => "points by the number of ranks given",
            };
            let ranked = choices(*min, *max);
            format!("Borda points (shown doubled), {ranked} in ranks, {unranked}, {winners} win")
        }
        Rule::InstantRunoff(InstantRunoff { min, max, .. }) => {
            format!("instant runoff, {} in ranks", choices(*min, *max))
        }
        Rule::TransferableVote(TransferableVote { min, max, seats, quota, .. }) => {
            let quota = match quota {
                Quota::Droop => "Droop",
                Quota::Hare => "Hare",
            };
            let ranked = choices(*min, *max);
            format!("single transferable vote, {ranked} in ranks, {seats} seats, {quota} quota")
        }
        Rule::Schulze(Schulze { min, max, winners, .. }) => {
            format!("Schulze with winning votes, {} in ranks, {winners} win", choices(*min, *max))
        }
    };
    let ties: Vec<_> = rule.ties().iter().map(|&tie| tie_break(tie)).collect();
    if ties.is_empty() { text } else { format!("{text}; ties by {}", ties.join(", then ")) }
}

fn adopted_if(YesNo { numerator, denominator, against, comparison, .. }: &YesNo) -> String {
    let comparison = match comparison {
        Comparison::AtLeast => "at least",
        Comparison::MoreThan => "more than",
    };
    let against = match against {
        Against::YesAndNo => "yes and no",
        Against::NotBlank => "the ballots that are not blank",
        Against::Ballots => "all ballots",
    };
    format!("adopted if yes is {comparison} {numerator}/{denominator} of {against}")
}

/// A criterion for ties in words.
pub const fn tie_break(criterion: TieBreak) -> &'static str {
    match criterion {
        TieBreak::ListedOrder => "the listed order",
        TieBreak::LowestCost => "the lowest cost",
        TieBreak::MostVotes => "the most votes",
        TieBreak::Lot => "the lot",
    }
}

/// How a question is counted, for people who have never read a rule.
pub fn rule_explained(rule: &Rule) -> String {
    match rule {
        Rule::SingleChoice(SingleChoice { .. }) => {
            "Each ballot names one option at most. The option with the most votes is selected."
                .to_owned()
        }
        Rule::Approval(Approval { winners: 1, .. }) => {
            "Each vote for an option counts the same. The option with the most votes is selected."
                .to_owned()
        }
        Rule::Approval(Approval { winners, .. }) => format!(
            "Each vote for an option counts the same. The {winners} options with the most votes \
             are selected."
        ),
        Rule::EqualShares(EqualShares { budget, .. }) => format!(
            "Each ballot has an equal part of the budget of {} to spend on the options that it \
             names. Options are bought one after another: each time the one whose cost is shared \
             by the most supporters who can still pay. An option is selected only if its \
             supporters have enough left for it together. So one with many votes may miss out, \
             where it is dear or where its supporters have spent their parts on others: that is \
             what makes the method fair to smaller groups.",
            grouped(*budget)
        ),
        Rule::YesNo(_) => "The proposal is adopted if enough of those who vote say yes, and \
                           rejected otherwise."
            .to_owned(),
        Rule::Score(Score { winners, unmarked, .. }) => {
            let by = match unmarked {
                Unmarked::Zero => "the highest sums of scores",
                Unmarked::Abstains => "the highest means of the scores that they were given",
            };
            format!("Each ballot gives options a score. The {winners} with {by} are selected.")
        }
        Rule::Points(Points { winners, points, .. }) => format!(
            "Each ballot spreads up to {points} points over options. The {winners} with the most \
             points are selected."
        ),
        Rule::Quadratic(Quadratic { winners, credits, .. }) => format!(
            "Each ballot has {credits} credits to buy votes with: one vote for an option costs 1, \
             two cost 4, three cost 9. The {winners} options with the most votes are selected."
        ),
        ranked => ranked_explained(ranked),
    }
}

/// The same, for rules by ranks.
fn ranked_explained(rule: &Rule) -> String {
    match rule {
        Rule::Borda(Borda { winners, .. }) => format!(
            "Each ballot ranks options. An option earns a point for each option that a ballot puts \
             below it, and half a point for each that shares its place; the numbers shown are \
             doubled. The {winners} with the most points are selected."
        ),
        Rule::InstantRunoff(_) => {
            "Each ballot ranks options and counts for the best one that is still there. As long as \
             none has more than half, the one with the fewest leaves and its ballots go on. The \
             numbers shown are first preferences."
                .to_owned()
        }
        Rule::TransferableVote(TransferableVote { seats, .. }) => format!(
            "Each ballot ranks options and counts for the best one that can still use it. Who \
             reaches the quota is elected, and what was not needed goes on to the next ranks, the \
             same part of each ballot; else the one with the fewest leaves and its ballots go on, \
             until {seats} are elected. The numbers shown are first preferences."
        ),
        Rule::Schulze(Schulze { winners, .. }) => format!(
            "Each ballot ranks options. Every option meets every other, and the one that more \
             ballots put before the other wins the contest. Circles are solved by the strongest \
             paths; the first {winners} of the order are selected. The numbers shown are contests \
             won."
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_stays_hidden() {
        // AUDIT-9: neither control characters nor those that turn the direction.
        assert_eq!(visible("Trees, ä \u{1f333}"), "Trees, ä \u{1f333}");
        assert_eq!(visible("a\nb\u{202e}c\u{7f}"), "a⟨U+000A⟩b⟨U+202E⟩c⟨U+007F⟩");
    }

    #[test]
    fn numbers_are_set_for_reading() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(per_cent(1, 3), "33.3\u{202f}%");
        assert_eq!(per_cent(2, 3), "66.7\u{202f}%");
        assert_eq!(per_cent(1, 0), "–");
        assert_eq!(per_cent(u64::MAX, u64::MAX), "100.0\u{202f}%");
    }
}
