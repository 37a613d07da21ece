//! What entries say, in words, for the person who is about to sign them.
//!
//! The words come from the decoded entry alone. Not here: whether what it says is true or lawful.

pub mod ceremony;

use std::fmt::Display;

use veche_protocol::count::{
    Approval, Blank, Borda, Comparison, Completion, EqualShares, Exhaustion, Points, Quadratic,
    Quota, Rule, Schulze, Score, SingleChoice, TransferableVote, Unmarked, Unranked, YesNo,
};
use veche_protocol::entry::Payload;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Open, Seen};
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::definition::{Definition, Question, Revote};
use veche_protocol::poll::result::PollResult;
use veche_protocol::poll::trusteeship::Exclude;
use veche_protocol::register::{CommissionKeys, OfficerList};
use veche_protocol::roll::{Enrolment, RevocationReason, RollHeader};

use crate::time;

/// What entries of one log say, line by line; many of one kind are summed up.
pub fn summary<'a>(path: &LogPath, payloads: impl Iterator<Item = &'a Payload>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut enrolments: Vec<&Enrolment> = Vec::new();
    let mut entries = 0_usize;
    for payload in payloads {
        match payload {
            Payload::Enrol(batch) => {
                entries += 1;
                enrolments.extend(batch);
            }
            other => lines.extend(describe(path, other)),
        }
    }
    if entries > 0 {
        lines.push(format!(
            "{path}: enrols {}, in {}",
            counted(enrolments.len(), "voter", "voters"),
            counted(entries, "entry", "entries")
        ));
        lines.extend(districts(&enrolments));
    }
    lines
}

fn districts(enrolments: &[&Enrolment]) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::new();
    for enrolment in enrolments {
        *counts.entry(enrolment.district).or_insert(0_usize) += 1;
    }
    let replaced = enrolments.iter().filter(|enrolment| enrolment.replaces.is_some()).count();
    let mut lines: Vec<_> = counts
        .iter()
        .map(|(district, &count)| {
            format!("  district number {}: {}", district + 1, counted(count, "voter", "voters"))
        })
        .collect();
    if replaced > 0 {
        lines.push(format!("  {replaced} of them replace voters revoked before"));
    }
    lines
}

/// The rolls of a pinning entry, and what its officers had seen.
fn pinned(pinning: &Open) -> Vec<String> {
    let mut lines = Vec::new();
    for pin in &pinning.pins {
        lines.push(format!("  {} at {}", pin.origin, head(&pin.head)));
        lines.extend(
            pin.eligible
                .iter()
                .map(|(code, count)| format!("    {code}: {}", counted(*count, "voter", "voters"))),
        );
    }
    lines.extend(seen(&pinning.seen));
    lines
}

fn exclusion(path: &LogPath, exclude: &Exclude) -> Vec<String> {
    let names: Vec<_> = exclude.trustees.iter().map(|index| index.get().to_string()).collect();
    let (names, ceremony) = (names.join(", "), exclude.ceremony);
    let mut lines = vec![format!("excludes from ceremony {ceremony} of {path}: trustee {names}")];
    lines.extend(seen(&exclude.seen));
    lines
}

/// What issuers, trustees and voters who ask for a credential say.
fn of_authority(path: &LogPath, payload: &Payload) -> Option<String> {
    Some(match payload {
        Payload::IssuerKeys(keys) => {
            let keys = counted(keys.keys.len(), "district", "districts");
            format!("an issuer's keys for {keys} of {path}")
        }
        Payload::Request(_) => "a request for a credential".to_owned(),
        Payload::Issued(issued) => {
            format!("answers {}", counted(issued.signatures.len(), "request", "requests"))
        }
        Payload::Join(join) => format!("a trustee joins ceremony {}", join.ceremony),
        Payload::Deal(deal) => format!("a trustee deals in ceremony {}", deal.ceremony),
        Payload::Complaint(accusation) => {
            let (dealer, ceremony) = (accusation.dealer.get(), accusation.ceremony);
            format!("a trustee complains of trustee {dealer} in ceremony {ceremony}")
        }
        Payload::Ready(ready) => format!("a trustee is ready in ceremony {}", ready.ceremony),
        Payload::Share(_) => "a trustee lays its share open".to_owned(),
        _ => return None,
    })
}

/// What one entry says.
pub fn describe(path: &LogPath, payload: &Payload) -> Vec<String> {
    let mut lines = Vec::new();
    match payload {
        Payload::Genesis(genesis) => {
            lines.push(format!("the city {} begins at {}", genesis.city, genesis.domain));
            lines.extend(officers(&genesis.officers));
            lines.extend(commission(&genesis.commission));
        }
        Payload::Officers(list) => {
            lines.push(format!("from here on the city has {} officers:", list.0.len()));
            lines.extend(officers(list));
        }
        Payload::Commission(keys) => {
            lines.push("from here on this is the commission:".to_owned());
            lines.extend(commission(keys));
        }
        Payload::Log(log) => lines.push(format!("the log {} exists", log.origin)),
        Payload::Anchors(anchors) => lines.push(format!("anchors {} heads", anchors.heads.len())),
        Payload::Roll(header) => lines.extend(roll(path, header)),
        Payload::Enrol(batch) => {
            lines.push(format!("{path}: enrols {}", counted(batch.len(), "voter", "voters")));
        }
        Payload::Revoke(batch) => {
            let voters = counted(batch.len(), "voter", "voters");
            lines.push(format!("{path}: takes {voters} off the roll"));
            lines.extend(batch.iter().map(|revocation| {
                let reason = match revocation.reason {
                    RevocationReason::Replaced => "to be replaced",
                    RevocationReason::Left => "left",
                };
                format!("  {} {reason}", hex::encode(revocation.voter.0))
            }));
        }
        Payload::Announce(announce) => {
            lines.push(format!("announces {path}; from here on none of this can be changed"));
            lines.extend(definition(&announce.definition));
            lines.extend(seen(&announce.seen));
        }
        Payload::Begin(begin) => {
            lines.push(format!("begins to issue credentials for {path} to these voters:"));
            lines.extend(pinned(begin));
        }
        Payload::Open(open) => {
            lines.push(match open.pins.len() {
                0 => format!("opens {path} for the voters pinned before"),
                _ => format!("opens {path} for these voters:"),
            });
            lines.extend(pinned(open));
        }
        Payload::Ballot(ballot) => lines.push(format!("a ballot, turn {}", ballot.turn)),
        Payload::Close(close) => {
            lines.push(format!("closes {path}: no ballot counts that comes after this"));
            lines.extend(seen(&close.seen));
        }
        Payload::Certify(certify) => {
            lines.push(format!("certifies {path} with this result:"));
            lines.extend(result(&certify.result));
            lines.extend(seen(&certify.seen));
        }
        Payload::Cancel(cancel) => {
            lines.push(format!("cancels {path}: {}", cancel.reason.name()));
            lines.extend(seen(&cancel.seen));
        }
        Payload::Exclude(exclude) => lines.extend(exclusion(path, exclude)),
        payload => lines.extend(of_authority(path, payload)),
    }
    lines.iter().map(|line| printable(line)).collect()
}

/// The text without control characters, which could rewrite what the terminal shows.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A number and what is counted, in the singular where it is one.
fn counted(number: impl Copy + Display + PartialEq + From<u8>, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1.into() { one } else { many })
}

fn officers(list: &OfficerList) -> impl Iterator<Item = String> + '_ {
    list.0.iter().map(|officer| {
        let roles: Vec<_> = officer.roles.iter().map(|role| role.name()).collect();
        format!("  {} {}: {}", officer.key, officer.label, roles.join(", "))
    })
}

fn commission(keys: &CommissionKeys) -> Vec<String> {
    let mut lines: Vec<_> = keys.keys.iter().map(|key| format!("  {key}")).collect();
    lines.push(format!("  {} of these {} must sign", keys.threshold, keys.keys.len()));
    lines
}

fn roll(path: &LogPath, header: &RollHeader) -> Vec<String> {
    let (since, until) = (time::format(header.since), time::format(header.until));
    let mut lines = vec![
        format!("begins {path}: {}", header.title),
        format!("  for polls from {since} until {until}"),
    ];
    lines.extend(
        header.districts.iter().map(|district| format!("  {}: {}", district.code, district.label)),
    );
    lines
}

/// The definition of a poll, line by line.
pub fn definition(definition: &Definition) -> Vec<String> {
    let schedule = definition.schedule;
    let mut lines = vec![
        format!("  title: {}", definition.title),
        format!(
            "  opens {}, closes {}, give or take {}",
            time::format(schedule.opens_at),
            time::format(schedule.closes_at),
            time::length(schedule.tolerance)
        ),
        format!("  rolls: {}", definition.rolls.join(", ")),
    ];
    if !definition.districts.is_empty() {
        lines.push(format!("  only these districts: {}", definition.districts.join(", ")));
    }
    lines.push(match definition.revote {
        Revote::First => "  the first ballot of a voter counts".to_owned(),
        Revote::Last { max_turn } => {
            format!("  the last ballot of a voter counts, up to turn {max_turn}")
        }
    });
    lines.extend(authorities(definition));
    let quorum = definition.quorum;
    if quorum.numerator > 0 {
        let share = format!("{}/{}", quorum.numerator, quorum.denominator);
        lines.push(format!("  quorum: {share} of the eligible"));
    }
    for question in &definition.questions {
        lines.extend(self::question(question));
    }
    lines
}

/// Whose name a ballot carries and who reads it when; silent about a poll that is named and open.
fn authorities(definition: &Definition) -> Vec<String> {
    let mut lines = Vec::new();
    let member = |(place, member): (usize, &Authority)| {
        format!("    {place}. {}, {}", member.label, member.key)
    };
    if let Some(Issuance { bits, issuing, issuers }) = &definition.issuance {
        let until = match issuing {
            Issuing::UntilOpen => "until it opens",
            Issuing::UntilClose => "until it closes",
        };
        lines.push(format!(
            "  anonymous: credentials of {} bits are issued {until}, each by all of:",
            bits.bits()
        ));
        lines.extend((1..).zip(issuers).map(member));
    }
    if definition.is_sealed() {
        let Trustees { threshold, members } = &definition.trustees;
        lines.push(format!("  sealed until the close; ballots are opened by {threshold} of:"));
        lines.extend((1..).zip(members).map(member));
    }
    lines
}

fn question(question: &Question) -> Vec<String> {
    let mut lines = vec![
        format!("  question: {}", question.title),
        format!("    counted by {}", rule(&question.rule)),
    ];
    for (place, option) in question.options.iter().enumerate() {
        let cost = if option.cost > 0 { format!(" (cost {})", option.cost) } else { String::new() };
        lines.push(format!("    {}. {}{cost}", place + 1, option.label));
    }
    lines
}

/// A counting rule in words.
pub fn rule(rule: &Rule) -> String {
    let ties: Vec<_> =
        rule.ties().iter().map(|&tie| crate::definition_file::tie_name(tie)).collect();
    let ties =
        if ties.is_empty() { String::new() } else { format!("; ties by {}", ties.join(", ")) };
    let (min, max) = rule.selection_bounds();
    let what = match rule {
        Rule::SingleChoice(SingleChoice { blank: Blank::Refused, .. }) => {
            "single choice".to_owned()
        }
        Rule::SingleChoice(SingleChoice { blank: Blank::Allowed, .. }) => {
            "single choice or blank".to_owned()
        }
        Rule::Approval(Approval { winners, .. }) => {
            format!("approval of {min} to {max} options, {winners} win")
        }
        Rule::EqualShares(EqualShares { budget, completion, exhaustion, .. }) => {
            let completion = completed(*completion);
            let stop = match exhaustion {
                Exhaustion::Run => "",
                Exhaustion::Stop => " with the exhaustive stop",
            };
            format!("equal shares of {budget} over {min} to {max} choices, {completion}{stop}")
        }
        Rule::YesNo(YesNo { numerator, denominator, comparison, .. }) => {
            let comparison = match comparison {
                Comparison::AtLeast => "at least",
                Comparison::MoreThan => "more than",
            };
            format!("yes or no, adopted with {comparison} {numerator}/{denominator}")
        }
        Rule::Score(Score { largest, unmarked, winners, .. }) => {
            let by = match unmarked {
                Unmarked::Zero => "sum",
                Unmarked::Abstains => "mean",
            };
            format!("scores of 1 to {largest} for {min} to {max} options, {winners} win by {by}")
        }
        Rule::Points(Points { points, largest, winners, .. }) => {
            format!(
                "{points} points over {min} to {max} options, at most {largest} each, {winners} win"
            )
        }
        Rule::Quadratic(Quadratic { credits, winners, .. }) => {
            format!(
                "{credits} credits over {min} to {max} options, n votes cost n * n, {winners} win"
            )
        }
        Rule::Borda(Borda { unranked, winners, .. }) => {
            let unranked = match unranked {
                Unranked::LastPlaces => "the rest sharing the last places",
                Unranked::Nothing => "nothing for the rest",
                Unranked::ByRanksGiven => "points by the number of ranks given",
            };
            format!("Borda over {min} to {max} ranked options, {unranked}, {winners} win")
        }
        Rule::InstantRunoff(_) => format!("instant runoff over {min} to {max} ranked options"),
        Rule::TransferableVote(TransferableVote { seats, quota, .. }) => {
            let quota = match quota {
                Quota::Droop => "Droop",
                Quota::Hare => "Hare",
            };
            format!("transferable vote over {min} to {max} ranked options, {seats} seats, {quota}")
        }
        Rule::Schulze(Schulze { winners, .. }) => {
            format!("Schulze over {min} to {max} ranked options, {winners} win")
        }
    };
    format!("{what}{ties}")
}

const fn completed(completion: Completion) -> &'static str {
    match completion {
        Completion::None => "no completion",
        Completion::Add1 => "completion add1",
        Completion::Add1u => "completion add1u",
    }
}

/// A result, line by line.
pub fn result(result: &PollResult) -> Vec<String> {
    let quorum = if result.quorum_met { "the quorum is met" } else { "the quorum is missed" };
    let mut lines =
        vec![format!("  {} of {} eligible voted; {quorum}", result.effective, result.eligible)];
    for question in &result.questions {
        for option in &question.outcome {
            let mark = if option.selected { "selected" } else { "" };
            lines.push(format!("  {:>8} {mark:<8} {}", option.votes, option.label));
        }
        if question.blank > 0 {
            lines.push(format!("  {:>8} blank", question.blank));
        }
    }
    lines
}

fn seen(seen: &Seen) -> Vec<String> {
    vec![
        format!("  having seen this log at {}", head(&seen.own)),
        format!("  and the register at {}", head(&seen.register)),
    ]
}

fn head(head: &Head) -> String {
    let root = head.root.to_string();
    format!("{} entries, root {}...", head.size, &root[..16])
}
