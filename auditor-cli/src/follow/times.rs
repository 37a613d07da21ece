//! Heads with witnesses' times, kept where they say when a poll went from one phase to the next.
//!
//! Open and Close are judged by the latest head before such an entry and the first one with it
//! (spec/polls.md, POLL-16). A city shows only its newest head, so that both are gone unless
//! somebody keeps them. Not here: the judging, which is the recount's.

use veche_protocol::entry::{Kind, SignedEntry};
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use super::newest_time;
use super::state::{Scanned, State};
use crate::replica::{Replica, ReplicaError};

/// The latest head with a time.
const LATEST: &str = "latest";

/// Keeps what the new heads of the polls say.
pub(super) fn keep(replica: &Replica, state: &mut State) -> Result<(), ReplicaError> {
    let polls = replica.heads().filter(|(path, _)| matches!(path, LogPath::Poll(_)));
    for (path, head) in polls {
        let scanned = state.scanned.entry(path.to_string()).or_default();
        let policy = replica.trust().policy.as_ref();
        keep_of(replica, (path, head.note()), policy, head.checkpoint().size, scanned)?;
    }
    Ok(())
}

fn keep_of(
    replica: &Replica,
    (path, note): (&LogPath, &Note),
    policy: Option<&Policy>,
    size: u64,
    scanned: &mut Scanned,
) -> Result<(), ReplicaError> {
    let phases = phases(replica, path, (scanned.size, size))?;
    let timed = policy.and_then(|policy| newest_time(note, policy)).is_some();
    let files = replica.files();
    let latest = format!("heads/{path}/{LATEST}");
    if phases > 0 {
        // MONITOR-8: the head before it; a crash from here on does this again.
        if let Some(before) = files.read(&latest)? {
            files.write(&kept_name(path, &before), &before)?;
        }
    }
    if timed {
        let note = note.to_string().into_bytes();
        if phases > 0 || scanned.awaits_head {
            // MONITOR-8: and the first one with it.
            files.write(&kept_name(path, &note), &note)?;
        }
        if files.read(&latest)?.as_ref() != Some(&note) {
            files.write(&latest, &note)?;
        }
    }
    scanned.awaits_head = !timed && (phases > 0 || scanned.awaits_head);
    scanned.phases += phases;
    scanned.size = size;
    Ok(())
}

fn kept_name(path: &LogPath, note: &[u8]) -> String {
    let size = Note::parse(note).and_then(|note| Checkpoint::parse(note.text()));
    format!("heads/{path}/{}", size.map_or(0, |checkpoint| checkpoint.size))
}

/// The heads that were kept of a poll, with their names.
pub(super) fn kept(
    replica: &Replica,
    path: &LogPath,
) -> Result<Vec<(String, Vec<u8>)>, ReplicaError> {
    let files = replica.files();
    let mut heads = Vec::new();
    for name in files.list(&format!("heads/{path}"))? {
        // The largest head seen has no entries to go with, as long as it is not the copy's.
        let is_timed = name.rsplit('/').next().is_some_and(|name| name != "seen");
        if let (true, Some(bytes)) = (is_timed, files.read(&name)?) {
            heads.push((name, bytes));
        }
    }
    Ok(heads)
}

/// How many of the entries from one size to the next are those of phases.
fn phases(replica: &Replica, path: &LogPath, (from, to): (u64, u64)) -> Result<u64, ReplicaError> {
    let mut phases = 0;
    replica.entries(path, (from, to), &mut |entry| {
        let decoded = SignedEntry::decode(path.log_type(), entry.to_vec());
        phases += u64::from(decoded.is_ok_and(|entry| is_phase(entry.payload().kind())));
    })?;
    Ok(phases)
}

const fn is_phase(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Announce | Kind::Begin | Kind::Open | Kind::Close | Kind::Certify | Kind::Cancel
    )
}
