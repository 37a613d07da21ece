//! Recounts polls from the copy, when there is enough that is new.
//!
//! A recount reads a poll from its beginning. Done at every tenth of growth, at every phase entry
//! and when the poll comes to rest, all recounts together read about eleven times what the last one
//! does, and the network nothing twice. Not here: the steps of a recount.

use veche_protocol::audit::{Exhibit, Finding, Recount, Trust};
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

use super::state::{Recounted, State};
use super::times;
use crate::export::export;
use crate::replica::discovery::{Discovery, Kept};
use crate::replica::{Replica, ReplicaError};
use crate::words::counted;
use crate::{Options, json, recount};

/// How the keys of what recounts find begin.
pub(super) const KEY: &str = "recount ";
/// Growth after which a poll is recounted: one part in so many.
const PART: u64 = 10;

/// Recounts the polls that are due.
pub(super) fn run(
    replica: &Replica,
    trust: &Trust,
    workers: usize,
    state: &mut State,
) -> Result<Vec<Discovery>, ReplicaError> {
    let mut found = Vec::new();
    let polls = replica.heads().filter(|(path, _)| matches!(path, LogPath::Poll(_)));
    let polls: Vec<_> = polls.map(|(path, head)| (path.clone(), head.checkpoint().size)).collect();
    for (path, size) in polls {
        if !is_due(state, &path, size) {
            continue;
        }
        let recount = recount_one(replica, trust, workers, &path)?;
        let unsound: Vec<_> = recount.findings.iter().filter(|f| f.is_unsound()).collect();
        found.extend(told(replica, &path, &recount, &unsound));
        let recounted = Recounted { size, is_sound: unsound.is_empty() };
        state.recounts.insert(path.to_string(), recounted);
    }
    Ok(found)
}

/// Whether a poll is to be recounted at this size.
fn is_due(state: &mut State, path: &LogPath, size: u64) -> bool {
    let scanned = state.scanned.entry(path.to_string()).or_default();
    let rests = scanned.last == size;
    scanned.last = size;
    let has_phase = core::mem::take(&mut scanned.phases) > 0;
    // MONITOR-9: a tenth more, a phase entry, or at rest.
    match state.recounts.get(&path.to_string()) {
        None => true,
        Some(last) if last.size == size => false,
        Some(last) => has_phase || rests || size - last.size >= last.size.div_ceil(PART),
    }
}

fn recount_one(
    replica: &Replica,
    trust: &Trust,
    workers: usize,
    path: &LogPath,
) -> Result<Recount, ReplicaError> {
    // What the copy is of was held against all that is trusted; its id says as much.
    let instance = replica.register().map(RegisterFold::instance);
    let heads = times::kept(replica, path)?;
    let heads = heads.into_iter().map(|(name, bytes)| Exhibit { name, bytes }).collect();
    let policy = trust.policy.clone();
    let trust = Trust { instance, policy, heads, ..Trust::default() };
    let options = Options { poll: path.clone(), trust, workers };
    Ok(recount(&replica.source(), &options, &|_, _, _| ())?)
}

/// What a recount has found, each finding by itself; the first has the record with it.
fn told(
    replica: &Replica,
    path: &LogPath,
    recount: &Recount,
    unsound: &[&Finding],
) -> Vec<Discovery> {
    let mut found: Vec<_> = unsound.iter().map(|finding| discovery(path, finding)).collect();
    if let Some(first) = found.first_mut() {
        let mut record = Vec::new();
        // A record whose own files are broken makes no archive; the report says so.
        let exported =
            export(&replica.source(), core::slice::from_ref(path), &|_, _, _| (), &mut record);
        if exported.is_ok() {
            first.exhibits.push(Kept::new("record.tar", record));
        }
        let mut report = Vec::new();
        json::write(&mut report, recount).expect("a list of bytes takes everything");
        first.exhibits.push(Kept::new("recount.jsonl", report));
        for (place, head) in times::kept(replica, path).into_iter().flatten().enumerate() {
            first.exhibits.push(Kept::new(&format!("head-{place}.checkpoint"), head.1));
        }
    }
    let counts = unsound.len();
    if counts > 0 {
        let words = format!("{path}: not sound, {}", counted(counts, "finding", "findings"));
        let mut summary = Discovery::notice("not-sound", Some(path), words);
        summary.key = format!("{KEY}{path} {counts}");
        found.push(summary);
    }
    found
}

fn discovery(path: &LogPath, finding: &Finding) -> Discovery {
    let place = finding.index.map_or_else(String::new, |index| format!(" at index {index}"));
    let words = format!("{path}: in {}{place}: {}", finding.log, finding.breach.meaning());
    let mut found = Discovery::finding(finding.breach.code(), Some(path), words);
    found.key = format!("{KEY}{} {:?}", finding.log, finding.index);
    found.checked_by(
        "veche-audit recount record.tar --poll ID (with --policy FILE, and --head for each \
         head-*.checkpoint, where times are judged) comes to the same findings; record.tar lies \
         with the first of them.",
    )
}
