//! The report for a terminal: each step with its findings, the result, the evidence, the verdict.
//!
//! Not here: what the words are ([`crate::words`]).

mod secrecy;

use std::io::{self, Write};

use veche_protocol::audit::{Finding, Recount, Step};
use veche_protocol::entry::Kind;
use veche_protocol::poll::definition::{Definition, Question};
use veche_protocol::poll::result::{PollResult, QuestionResult};

use crate::words::{self, counted, fault_name, grouped, per_cent, visible};

/// Writes the whole report.
pub fn write(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    write_head(out, recount)?;
    for step in Step::ALL {
        writeln!(out, "{:<4} {}", step.to_string(), step.question())?;
        writeln!(out, "     {}", words::step_state(recount, step))?;
        for finding in recount.findings_of(step) {
            write_finding(out, finding)?;
        }
    }
    writeln!(out)?;
    write_result(out, recount)?;
    write_evidence(out, recount)?;
    // AUDIT-9: the verdict with its evidence.
    writeln!(out, "VERDICT: {}", recount.verdict())
}

fn write_head(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    writeln!(out, "Recount of {}", recount.poll)?;
    match &recount.city {
        Some(city) => {
            writeln!(out, "  city      {} ({})", visible(&city.name), city.domain)?;
            writeln!(out, "  instance  {}", city.instance)?;
        }
        None => writeln!(out, "  city      unknown: the register has no valid genesis")?,
    }
    writeln!(out, "  pinned by {}", recount.evidence.pinned_by.words())?;
    if let Some(definition) = &recount.definition {
        writeln!(out, "  title     {}", visible(&definition.title))?;
        writeln!(out, "  sort      {}", words::secrecy::sort(definition))?;
        let schedule = definition.schedule;
        let (opens, closes) =
            (words::date::utc(schedule.opens_at), words::date::utc(schedule.closes_at));
        writeln!(out, "  held      {opens} to {closes}")?;
    }
    for log in &recount.logs {
        let entries = grouped(log.size);
        writeln!(out, "  read      {}: {entries} entries, root {}", log.log, log.root)?;
    }
    writeln!(out)
}

fn write_finding(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    let Finding { breach, log, index, fault, .. } = finding;
    let place = index.map_or_else(|| log.to_string(), |index| format!("{log}, entry {index}"));
    writeln!(out, "     - {} ({}): {place}", breach.code(), fault_name(*fault))?;
    writeln!(out, "       {}", breach.meaning())
}

fn write_result(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    writeln!(out, "{}", words::phase_sentence(recount))?;
    if let Some(result) = &recount.result {
        write_turnout(out, result)?;
    }
    if words::stands(recount, Kind::Open) {
        write_ballots(out, recount)?;
    }
    writeln!(out)?;
    if let (Some(result), Some(definition)) = (&recount.result, &recount.definition) {
        for (place, (question, counted)) in
            definition.questions.iter().zip(&result.questions).enumerate()
        {
            write_question(out, place, question, counted)?;
        }
        write_quorum(out, definition, result)?;
    }
    secrecy::write(out, recount)
}

fn write_ballots(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    let counts = &recount.counts;
    let (accepted, effective) = (grouped(counts.accepted), grouped(counts.effective));
    let effective = match recount.result {
        Some(_) => format!("{effective} are effective"),
        None => format!("{effective} stand and are sealed"),
    };
    writeln!(out, "Ballots: {accepted} accepted, of which {effective}.")?;
    // AUDIT-9: by code; those that did not open are among them.
    for (what, by_code) in [("spoiled", &counts.spoiled), ("refused", &counts.refused)] {
        for (breach, count) in by_code {
            writeln!(out, "  {what} as {}: {}", breach.code(), grouped(*count))?;
        }
    }
    match words::unopened(recount) {
        0 => Ok(()),
        count => {
            let ballots = words::plural(count, "ballot was", "ballots were");
            writeln!(out, "  {ballots} accepted, and did not open to valid answers")
        }
    }
}

fn write_turnout(out: &mut dyn Write, result: &PollResult) -> io::Result<()> {
    let line = |name: &str, effective, eligible| {
        let share = per_cent(effective, eligible);
        format!("{name}: {} of {} ({share})", grouped(effective), grouped(eligible))
    };
    writeln!(out, "{}", line("Turnout", result.effective, result.eligible))?;
    for district in &result.districts {
        let name = visible(&district.district);
        writeln!(out, "  {}", line(&name, district.effective, district.eligible))?;
    }
    Ok(())
}

fn write_question(
    out: &mut dyn Write,
    place: usize,
    question: &Question,
    counted: &QuestionResult,
) -> io::Result<()> {
    writeln!(out, "Question {}: {}", place + 1, visible(&question.title))?;
    writeln!(out, "  {}", words::rule(&question.rule))?;
    let votes: Vec<_> = counted.outcome.iter().map(|option| grouped(option.votes)).collect();
    let width = votes.iter().map(|votes| votes.chars().count()).max().unwrap_or(0);
    for (option, votes) in counted.outcome.iter().zip(&votes) {
        let mark = if option.selected { "selected" } else { "" };
        writeln!(out, "  {votes:>width$}  {mark:<8}  {}", visible(&option.label))?;
    }
    writeln!(out, "  {:>width$}            (nothing chosen)", grouped(counted.blank))?;
    writeln!(out)
}

fn write_quorum(
    out: &mut dyn Write,
    definition: &Definition,
    result: &PollResult,
) -> io::Result<()> {
    let quorum = definition.quorum;
    if quorum.numerator == 0 {
        return Ok(());
    }
    let met = if result.quorum_met { "met" } else { "missed" };
    let (numerator, denominator) = (quorum.numerator, quorum.denominator);
    writeln!(out, "Quorum of {numerator}/{denominator} of the eligible: {met}.")?;
    writeln!(out)
}

fn write_evidence(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    let evidence = &recount.evidence;
    writeln!(out, "{}", words::times_sentence(evidence))?;
    writeln!(out, "Evidence from elsewhere: {}.", words::exhibits_line(evidence))?;
    for exhibit in &evidence.exhibits {
        let outcome = words::exhibit_outcome(exhibit);
        writeln!(out, "  {}: {outcome}", visible(&exhibit.name))?;
    }
    match recount.transcript_hash() {
        Some(hash) => writeln!(out, "Transcript: {hash}")?,
        None => writeln!(out, "Transcript: none, there is no valid genesis")?,
    }
    let unsound = recount.findings.iter().filter(|finding| finding.is_unsound()).count();
    let others = recount.findings.len() - unsound;
    if others > 0 {
        let others = counted(others, "finding", "findings");
        writeln!(out, "{others} more, of spoiled ballots or refused evidence, do not count here.")?;
    }
    writeln!(out, "Evidence: {evidence}")
}
