//! The recount: the numbered steps by which anyone checks a poll from public files (spec/audit.md).
//!
//! ```text
//! A1  entries      every entry decodes and hashes to the head, tiles agree
//! A2  heads        signatures, witnesses, anchored sizes;  exhibits: saved heads, receipts
//! A3  city         genesis, commission, officers, announced logs
//! A4  poll, life   phase entries, what the officers saw, pins, times
//! A5  rolls        enrolments and revocations up to the pins
//! A6  poll         credentials: issuers' keys, requests, what was issued
//! A7  poll         each ballot by itself
//! A8  poll         which ballots are effective
//! A9  poll         trustees: ceremonies and shares
//! A10 opening      sealed ballots
//! A11 totals       the count, by the poll's fold
//! A12 totals       comparison with the published result
//! A13 totals       totals;  credentials: how many were issued and spent, claims
//! A14 report       the report as data
//! A15 transcript   the transcript
//! ```
//!
//! Nothing is kept of an entry that is not needed, so a million ballots take little memory. Files
//! and threads are the caller's ([`Source`], [`Crew`]); the law is in the folds, which the server
//! runs too.

mod city;
mod credentials;
mod entries;
mod exhibits;
mod finding;
mod heads;
mod life;
mod opening;
mod pins;
mod poll;
mod report;
mod rolls;
mod source;
mod surroundings;
mod totals;
mod transcript;
mod tree;
mod trust;

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::CryptoRng;

use crate::breach::Breach;
use crate::entry::SignedEntry;
use crate::hash::Hash;
use crate::log::note::Note;
use crate::name::{LogPath, LogType};
use crate::poll::ballot_box::BallotBox;
use crate::poll::fold::PollFold;
use crate::poll::phase::Phase;
use crate::poll::result::PollResult;
use crate::register::fold::RegisterFold;
use city::RegisterJudge;
use entries::{Examined, Judge, LogRead};
use exhibits::{Exhibits, Judged};
use finding::Findings;
use heads::{Said, ShownHead, Witnessing};
use life::TimedHead;
use pins::RollRead;
use poll::PollJudge;
use surroundings::Surroundings;

pub use credentials::DistrictCredentials;
pub use exhibits::{Exhibit, ExhibitKind, ExhibitOutcome, ExhibitReport};
pub use finding::{Finding, Step};
pub use poll::BallotCounts;
pub use report::{City, Evidence, LogReport, Recount, StepState, TrusteeReport, Verdict};
pub use source::{Alone, Crew, Fetched, MAX_FILE_LENGTH, Source, fetch_exact};
pub use trust::{PinnedBy, Trust};

/// How often the heads of a growing city are read anew before they are taken as they are.
const HEAD_ROUNDS: usize = 4;

/// Recounts a poll. `progress` is told, after each piece, the log, the entries read of it, and how
/// many there are.
///
/// An error is the source's, and says nothing about the poll; all else is in the report.
pub fn recount<S: Source, C: Crew>(
    source: &S,
    crew: &C,
    poll: &LogPath,
    trust: &Trust,
    progress: &dyn Fn(&LogPath, u64, u64),
) -> Result<Recount, S::Error> {
    let poll = Arc::new(poll.clone());
    let exhibits = Exhibits::read(&trust.heads, &trust.receipts);
    let around = Surroundings { source, crew, poll, exhibits, progress };
    let (poll_head, register) = read_register(&around)?;
    let RegisterRead { head, mut log, judge } = register;
    let mut findings = Findings::default();
    findings.append(judge.findings);
    log.finish(&mut findings)?;
    let Some(register) = &judge.fold else {
        return without_city(&around, trust, findings, (&head, &log), &poll_head);
    };
    let (register_head, register_log, poll_head) = (&head, &log, &poll_head);
    let around = &around;
    Case { around, trust, register_head, register_log, register, poll_head }.judge(findings)
}

/// Reads the register of a city; `None` if it has no valid genesis. Its head is not verified: this
/// is for finding one's way, and says nothing that a recount would not have to check.
pub fn register<S: Source, C: Crew>(
    source: &S,
    crew: &C,
) -> Result<Option<RegisterFold>, S::Error> {
    let exhibits = Exhibits::read(&[], &[]);
    let (poll, progress) = (Arc::new(LogPath::Register), &|_: &_, _, _| ());
    let around = Surroundings { source, crew, poll, exhibits, progress };
    Ok(read_register(&around)?.1.judge.fold)
}

/// The register, read to a head.
struct RegisterRead<'a, S> {
    head: ShownHead,
    log: LogRead<'a, S>,
    judge: RegisterJudge,
}

/// Reads the poll's head, then the register, until neither speaks of what the other lacks.
fn read_register<'a, S: Source, C: Crew>(
    around: &Surroundings<'a, S, C>,
) -> Result<(ShownHead, RegisterRead<'a, S>), S::Error> {
    let path = Arc::new(LogPath::Register);
    let mut poll_head = ShownHead::fetch(around.source, &around.poll)?;
    let mut rounds = 0;
    loop {
        let head = ShownHead::fetch(around.source, &path)?;
        let origin = head.checkpoint().map(|checkpoint| checkpoint.origin.clone());
        let wanted = around.exhibits.sizes(&path);
        let mut log = LogRead::new(around.source, Arc::clone(&path), wanted);
        let mut judge = RegisterJudge::new(Arc::clone(&path), origin);
        if let Some(checkpoint) = head.checkpoint() {
            let end = (checkpoint.size, checkpoint.root);
            log.read(around.crew, end, &mut judge, around.progress)?;
        }
        judge.finish(log.tree.size());
        rounds += 1;
        let anchored = judge.fold.as_ref().map_or(0, |fold| anchored_size(fold, &around.poll));
        let is_behind = poll_head.checkpoint().is_some_and(|checkpoint| checkpoint.size < anchored);
        let again = if is_behind && rounds < HEAD_ROUNDS {
            Some(ShownHead::fetch(around.source, &around.poll)?).filter(|again| *again != poll_head)
        } else {
            None
        };
        match again {
            Some(again) => poll_head = again,
            None => return Ok((poll_head, RegisterRead { head, log, judge })),
        }
    }
}

fn anchored_size(register: &RegisterFold, log: &LogPath) -> u64 {
    let origin = log.origin(&register.genesis().domain);
    register.anchors_of(&origin).last().map_or(0, |anchor| anchor.size)
}

/// A recount of a city that has a valid genesis, its register read.
struct Case<'a, S, C> {
    around: &'a Surroundings<'a, S, C>,
    trust: &'a Trust,
    register_head: &'a ShownHead,
    register_log: &'a LogRead<'a, S>,
    register: &'a RegisterFold,
    poll_head: &'a ShownHead,
}

impl<'a, S: Source, C: Crew> Case<'a, S, C> {
    /// All steps from the poll's log on.
    fn judge(&self, mut findings: Findings) -> Result<Recount, S::Error> {
        let poll = &self.around.poll;
        let mut log = self.poll_log();
        let mut judge = PollJudge::new(self.around, self.register, self.register_log);
        if let Some(checkpoint) = self.poll_head.checkpoint() {
            let end = (checkpoint.size, checkpoint.root);
            log.read(self.around.crew, end, &mut judge, self.around.progress)?;
        }
        judge.finish()?;
        log.finish(&mut findings)?;
        let PollJudge { fold, mut rolls, consulted, mut counts, mut refused, .. } = judge;
        findings.append(judge.findings);
        let crew = self.around.crew;
        let opened = opening::open(&fold, crew, poll, &mut counts, &mut refused, &mut findings);
        for roll in &mut rolls {
            roll.log.finish(&mut findings)?;
            findings.append(core::mem::take(&mut roll.findings));
        }
        let mut evidence = self.judge_heads(&log, &rolls, &mut findings)?;
        life::judge_times(&fold, &evidence.timed, poll, &mut findings);
        life::judge_anchor(&fold, self.register, poll, &mut findings);

        let (result, outcomes) = fold.result(opened.as_ref()).unzip();
        counts.accepted = fold.ballots().map_or(0, BallotBox::accepted);
        counts.effective = effective(&fold, result.as_ref());
        totals::compare(&fold, result.as_ref(), poll, &mut findings);
        totals::judge_totals(&fold, result.as_ref(), &counts, poll, &mut findings);
        let credentials = credentials::districts(&fold);
        let claims = credentials::judge_claims(&self.trust.claims, &fold, &log, &mut findings)?;
        credentials::judge_gap(
            credentials.as_deref().unwrap_or_default(),
            &claims,
            &log,
            &mut findings,
        );
        evidence.report.exhibits.extend(claims.reports);
        let instance = self.register.instance();
        let transcript = transcript::transcript(instance, &fold, &log, &refused, result.as_ref())?;

        let genesis = self.register.genesis();
        let (domain, name) = (genesis.domain.clone(), genesis.city.clone());
        let logs = self.logs(&log, &rolls);
        let read = logs.iter().map(|log| Arc::clone(&log.path));
        Ok(Recount {
            poll: Arc::clone(poll),
            city: Some(City { domain, name, instance }),
            findings: findings.finish(),
            consulted: consulted.into_iter().chain(read).collect(),
            logs: logs.iter().map(|log| report_log(log)).collect(),
            evidence: evidence.report,
            phase: fold.phase(),
            definition: fold.definition().cloned(),
            entries: fold.entries().to_vec(),
            pins: fold.pins().to_vec(),
            counts,
            credentials,
            trustees: fold.ceremony().map(TrusteeReport::of),
            result,
            outcomes: outcomes.unwrap_or_default(),
            published: fold.claim().cloned(),
            transcript,
            ballots: fold.into_effective(opened),
        })
    }

    /// The poll's log, nothing read of it yet.
    fn poll_log(&self) -> LogRead<'a, S> {
        let origin = self.around.poll.origin(&self.register.genesis().domain);
        let mut wanted = self.around.exhibits.sizes(&self.around.poll);
        wanted.extend(self.register.anchors_of(&origin).iter().map(|anchor| anchor.size));
        LogRead::new(self.around.source, Arc::clone(&self.around.poll), wanted)
    }

    /// Every log that was read: the poll, the register, the rolls.
    fn logs<'l>(
        &'l self,
        poll: &'l LogRead<'a, S>,
        rolls: &'l [RollRead<'a, S>],
    ) -> Vec<&'l LogRead<'a, S>> {
        let mut logs = vec![poll, self.register_log];
        logs.extend(rolls.iter().map(|roll| &roll.log));
        logs
    }

    /// Step A2, and of A3 what is about whole logs.
    fn judge_heads(
        &self,
        log: &LogRead<'a, S>,
        rolls: &[RollRead<'a, S>],
        findings: &mut Findings,
    ) -> Result<Evidences, S::Error> {
        let policy = self.trust.policy.as_ref();
        let known = Some(self.register);
        let mut said = Said::default();
        let mut judge = |head: &ShownHead, path, witnessing| {
            heads::judge_head(head, path, known, policy, witnessing, findings)
        };
        judge(self.register_head, &self.register_log.path, Witnessing::Asked);
        let is_signed = judge(self.poll_head, &log.path, Witnessing::Asked);
        // AUDIT-4: of a roll that the source does not have, step A1 has said so.
        for roll in rolls.iter().filter(|roll| roll.head.is_there()) {
            judge(&roll.head, &roll.log.path, Witnessing::NotAsked);
        }
        let logs = self.logs(log, rolls);
        for log in &logs {
            heads::judge_anchors(log, self.register, &mut said, findings)?;
        }
        let exhibits = self.around.exhibits.judge(&logs, known, policy, &mut said, findings)?;
        let paths: Vec<_> = logs.iter().map(|log| &log.path).collect();
        let pinned_by = city::judge_instance(self.register, self.trust, &paths, findings);
        for log in logs.iter().filter(|log| *log.path != LogPath::Register) {
            city::judge_announcement(log, self.register, findings);
        }
        // POLL-16: the head read gives times if the entries bear it out.
        let is_borne_out = is_signed && log.root_at(log.size)? == Some(log.root);
        let shown = self.poll_head.note().filter(|_| is_borne_out);
        let timed = timed_heads(self.trust, &self.around.poll, shown, &exhibits);
        let times_judged = !timed.is_empty();
        let seen = self.poll_head.note().filter(|_| is_signed);
        let report = evidence(self.trust, pinned_by, seen, times_judged, exhibits);
        Ok(Evidences { report, timed })
    }
}

/// How many ballots count; of a sealed poll that is not opened, how many stand.
fn effective(fold: &PollFold, result: Option<&PollResult>) -> u64 {
    let standing = || fold.ballots().map_or(0, |ballots| ballots.voted().count() as u64);
    result.map_or_else(standing, |result| result.effective)
}

/// What the heads came to.
struct Evidences {
    report: Evidence,
    timed: Vec<TimedHead>,
}

/// What can be said without a valid genesis: the bytes, and that there is nothing to judge by.
fn without_city<S: Source, C: Crew>(
    around: &Surroundings<'_, S, C>,
    trust: &Trust,
    mut findings: Findings,
    (register_head, register_log): (&ShownHead, &LogRead<'_, S>),
    poll_head: &ShownHead,
) -> Result<Recount, S::Error> {
    let wanted = around.exhibits.sizes(&around.poll);
    let mut log = LogRead::new(around.source, Arc::clone(&around.poll), wanted);
    if let Some(checkpoint) = poll_head.checkpoint() {
        let end = (checkpoint.size, checkpoint.root);
        log.read(around.crew, end, &mut BytesJudge, around.progress)?;
    }
    log.finish(&mut findings)?;
    let policy = trust.policy.as_ref();
    for (head, log) in [(register_head, register_log), (poll_head, &log)] {
        let asked = Witnessing::Asked;
        heads::judge_head(head, &log.path, None, policy, asked, &mut findings);
    }
    let logs = [&log, register_log];
    let mut said = Said::default();
    let mut exhibits = around.exhibits.judge(&logs, None, policy, &mut said, &mut findings)?;
    let claims = credentials::refuse_claims(&trust.claims, &around.poll, &mut findings);
    exhibits.reports.extend(claims);
    Ok(Recount {
        poll: Arc::clone(&around.poll),
        city: None,
        findings: findings.finish(),
        logs: logs.iter().map(|log| report_log(log)).collect(),
        consulted: logs.iter().map(|log| Arc::clone(&log.path)).collect(),
        evidence: evidence(trust, PinnedBy::Nothing, None, false, exhibits),
        phase: Phase::Unannounced,
        definition: None,
        entries: Vec::new(),
        pins: Vec::new(),
        counts: BallotCounts::default(),
        credentials: None,
        trustees: None,
        result: None,
        outcomes: Vec::new(),
        published: None,
        transcript: Vec::new(),
        ballots: None,
    })
}

/// Judges nothing but bytes: there is no city to judge by.
struct BytesJudge;

impl<S: Source> Judge<S> for BytesJudge {
    type Lens = ();
    type Entry = SignedEntry;

    fn lens(&self) {}

    fn unsettled(&self) -> Option<usize> {
        None
    }

    fn examine(
        (): &(),
        _: u64,
        entries: Vec<Vec<u8>>,
        _: &mut dyn CryptoRng,
    ) -> Vec<Examined<SignedEntry>> {
        entries.iter().map(|bytes| entries::decode(LogType::Poll, bytes)).collect()
    }

    fn judge(
        &mut self,
        _: &LogRead<'_, S>,
        _: Hash,
        _: Result<SignedEntry, Breach>,
    ) -> Result<(), S::Error> {
        Ok(())
    }
}

/// The poll's verified heads with the times that witnesses have stated: the one shown, those saved
/// and those of receipts.
fn timed_heads(
    trust: &Trust,
    poll: &Arc<LogPath>,
    shown: Option<&Note>,
    exhibits: &Judged,
) -> Vec<TimedHead> {
    let Some(policy) = &trust.policy else { return Vec::new() };
    let saved = exhibits.heads.get(poll).into_iter().flatten();
    let heads = shown.into_iter().chain(saved);
    heads.flat_map(|note| life::timed(note, policy)).collect()
}

/// `poll_head` is the poll's if the log's key has signed it: AUDIT-9 counts no others.
fn evidence(
    trust: &Trust,
    pinned_by: PinnedBy,
    poll_head: Option<&Note>,
    times_judged: bool,
    exhibits: Judged,
) -> Evidence {
    let policy = trust.policy.as_ref();
    let cosigned = policy
        .zip(poll_head)
        .map_or_else(Vec::new, |(policy, note)| heads::cosignatures(note, policy));
    let witnesses: BTreeSet<_> = cosigned.iter().map(|cosigned| cosigned.cosigner).collect();
    Evidence {
        pinned_by,
        witnessed: witnesses.len(),
        witnesses: policy.map_or(0, |policy| policy.witnesses().len()),
        times_judged,
        exhibits: exhibits.reports,
    }
}

fn report_log<S: Source>(log: &LogRead<'_, S>) -> LogReport {
    let LogRead { path, size, root, tree, .. } = log;
    LogReport { log: Arc::clone(path), size: *size, root: *root, read: tree.size() }
}
