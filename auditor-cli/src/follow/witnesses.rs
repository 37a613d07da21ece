//! Asks the witnesses of the policy what they have seen last of each log.
//!
//! Who was shown another history than this monitor is found here: a head that a witness holds and
//! the city's log does not extend is a fork, and one that the city does not come up to is withheld.
//! A witness that does not answer, or answers nonsense, says nothing about the city.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;
use veche_protocol::breach::Breach;
use veche_protocol::hash::sha256;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{MAX_NOTE_LENGTH, Note, VerifierKey};
use veche_protocol::log::policy::Witness;
use veche_protocol::name::LogPath;

use super::state::{Ahead, State};
use crate::replica::discovery::{Discovery, Kept, Weight};
use crate::replica::{Replica, ReplicaError};
use crate::source::Source;

/// How long the city may lag behind a witness, in seconds, where nothing else was said: a round of
/// heads takes a second or two, and a slow witness some more.
pub(super) const PATIENCE: u64 = 60;
/// Longest wait for a connection, and for an answer: a checkpoint is a few kilobytes.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(5);

/// A log, and the key of its heads.
type Log = (LogPath, VerifierKey);

/// Asks all witnesses, and gives the logs of which a quorum has seen nothing newer than is shown.
pub(super) fn ask(
    replica: &Replica,
    source: &dyn Source,
    state: &mut State,
    (now, patience): (u64, u64),
    found: &mut Vec<Discovery>,
) -> Result<Vec<LogPath>, ReplicaError> {
    let Some(policy) = &replica.trust().policy else { return Ok(Vec::new()) };
    // Rolls are not cosigned.
    let logs = replica.heads().filter(|(path, _)| !matches!(path, LogPath::Roll(_)));
    let logs: Vec<Log> =
        logs.filter_map(|(path, _)| Some((path.clone(), replica.key(path)?))).collect();
    let answers = ask_all(policy.witnesses(), &logs);
    let mut confirmed = Vec::new();
    for (path, _) in &logs {
        let mut agreeing = Vec::new();
        for (witness, answers) in policy.witnesses().iter().zip(&answers) {
            let Some((_, note)) = answers.iter().find(|(of, _)| of == path) else { continue };
            let name = String::from_utf8_lossy(&witness.name).into_owned();
            let size = Checkpoint::parse(note.text()).map_or(0, |checkpoint| checkpoint.size);
            let shown = replica.head(path).map_or(0, |head| head.checkpoint().size);
            // MONITOR-7: a head that this log does not extend convicts the operator. One that is
            // ahead of what is shown may be ahead of its files too; patience judges that below.
            let fork = replica.compare(source, path, note.clone())?;
            if let Some(fork) = fork.filter(|it| it.weight == Weight::Proof || size <= shown) {
                found.push(fork);
                continue;
            }
            if size <= shown {
                state.ahead.remove(&format!("{name} {path}"));
                agreeing.push(&witness.key);
                continue;
            }
            found.extend(judge_lag(state, (&name, path, note), (size, shown), (now, patience)));
        }
        if !agreeing.is_empty() && policy.is_quorum(|key| agreeing.contains(&key)) {
            confirmed.push(path.clone());
        }
    }
    Ok(confirmed)
}

/// A witness has a larger head than the city shows: for how long?
fn judge_lag(
    state: &mut State,
    (name, path, note): (&str, &LogPath, &Note),
    (size, shown): (u64, u64),
    (now, patience): (u64, u64),
) -> Option<Discovery> {
    let ahead = state.ahead.entry(format!("{name} {path}"));
    let ahead = ahead.or_insert(Ahead { size, since: now });
    if shown >= ahead.size {
        // The city has come up to what was ahead first; this is a newer one.
        *ahead = Ahead { size, since: now };
    }
    let lag = now.saturating_sub(ahead.since);
    if lag <= patience {
        return None;
    }
    // MONITOR-7: the operator has signed a head, and does not show it.
    let words = format!(
        "{path}: the witness {name} has a head of {} entries, and {shown} are shown for {lag} \
         seconds",
        ahead.size
    );
    let mut found = Discovery::finding(Breach::EntryMissing.code(), Some(path), words);
    found.key = format!("withheld from {name}: {}", ahead.size);
    found.exhibits.push(Kept::new("witness.checkpoint", note.to_string()));
    Some(found.checked_by(
        "The log's key has signed witness.checkpoint, and the witness cosigned it. veche-audit \
         recount SOURCE --head witness.checkpoint finds entry-missing as long as the city does not \
         show what this head promises, and head-forked if it shows something else.",
    ))
}

/// What each witness has, of all logs of which it has anything; all are asked at the same time.
fn ask_all(witnesses: &[Witness], logs: &[Log]) -> Vec<Vec<(LogPath, Note)>> {
    thread::scope(|scope| {
        let asked: Vec<_> =
            witnesses.iter().map(|witness| scope.spawn(move || ask_one(witness, logs))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap_or_default()).collect()
    })
}

fn ask_one(witness: &Witness, logs: &[Log]) -> Vec<(LogPath, Note)> {
    let Some(url) = &witness.url else { return Vec::new() };
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(ANSWER))
        .user_agent(concat!("veche-audit/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut answers = Vec::new();
    for (path, key) in logs {
        match get(&agent, url, key.name()) {
            Answer::Head(bytes) => {
                let note = read(&bytes, key, &witness.key);
                answers.extend(note.map(|note| (path.clone(), note)));
            }
            Answer::Nothing => {}
            // A witness that cannot be reached is not asked for the other logs too.
            Answer::Silence => break,
        }
    }
    answers
}

/// What a witness says of one log.
enum Answer {
    Head(Vec<u8>),
    Nothing,
    Silence,
}

fn get(agent: &Agent, url: &str, origin: &str) -> Answer {
    let url = format!("{}/checkpoint/{}", url.trim_end_matches('/'), sha256(origin.as_bytes()));
    let Ok(answer) = agent.get(&url).call() else { return Answer::Silence };
    if answer.status() != StatusCode::OK {
        return Answer::Nothing;
    }
    let mut bytes = Vec::new();
    let body = answer.into_body().into_reader();
    match body.take(MAX_NOTE_LENGTH as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) => Answer::Head(bytes),
        Err(_) => Answer::Silence,
    }
}

/// A head that the log has signed and this witness cosigned: nothing else counts.
fn read(bytes: &[u8], log: &VerifierKey, witness: &VerifierKey) -> Option<Note> {
    // MONITOR-7: LOG-5, LOG-13.
    let head = SignedCheckpoint::parse(bytes, log).ok()?;
    let cosigned = cosignature::collect(head.note(), core::slice::from_ref(witness)).ok()?;
    (!cosigned.is_empty()).then(|| head.into_note())
}
