//! What a relay keeps of an entry, in a folder of its own.

use serde::{Deserialize, Serialize};
use veche_protocol::hash::Hash;
use veche_protocol::log::receipt::Receipt;

use super::super::submission::Submission;
use crate::replica::files::{DiskError, Files};

/// The folder of all of them.
const FOLDER: &str = "relay";

/// What is known of an entry that was kept. Nothing of who has handed it in.
// API-9: neither address nor session, here or anywhere.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Kept {
    /// Path of the log that it is for.
    pub(super) log: String,
    /// When it came, in seconds since 1970.
    pub(super) since: u64,
    /// How often the city was asked.
    pub(super) attempts: u32,
    /// When it was asked last, in seconds since 1970; 0 if it was not.
    pub(super) last: u64,
    /// What came of that.
    pub(super) outcome: String,
    /// Whether that settles it.
    pub(super) is_answered: bool,
}

fn name(leaf: &Hash, file: &str) -> String {
    format!("{FOLDER}/{leaf}/{file}")
}

/// Keeps an entry.
pub(super) fn write(files: &Files, submission: &Submission, since: u64) -> Result<(), DiskError> {
    let kept = Kept { log: submission.log.to_string(), since, ..Kept::default() };
    let (leaf, text) = (&submission.leaf, text(&kept));
    // The entry last: what has none is nothing.
    files.write_all(&[
        (name(leaf, "kept.json"), text.as_slice()),
        (name(leaf, "entry"), submission.entry.as_slice()),
    ])
}

/// Notes what came of an attempt.
pub(super) fn note(files: &Files, leaf: &Hash, kept: &Kept) -> Result<(), DiskError> {
    files.write(&name(leaf, "kept.json"), &text(kept))
}

/// Keeps the answer that settles it.
pub(super) fn settle(
    files: &Files,
    leaf: &Hash,
    kept: &Kept,
    (file, bytes): (&str, &[u8]),
) -> Result<(), DiskError> {
    // The answer first: a crash between the two asks the city once more, which changes nothing.
    files.write_all(&[(name(leaf, file), bytes), (name(leaf, "kept.json"), &text(kept))])
}

fn text(kept: &Kept) -> Vec<u8> {
    serde_json::to_vec_pretty(kept).expect("texts and numbers are always written")
}

/// The bytes of an entry.
pub(super) fn entry(files: &Files, leaf: &Hash) -> Result<Option<Vec<u8>>, DiskError> {
    files.read(&name(leaf, "entry"))
}

/// The receipt that came later, if it did.
pub(super) fn receipt(files: &Files, leaf: &Hash) -> Result<Option<Receipt>, DiskError> {
    let bytes = files.read(&name(leaf, "receipt"))?;
    Ok(bytes.and_then(|bytes| Receipt::parse(&bytes).ok()))
}

/// Removes the older half of what was answered; how many entries, and their bytes.
pub(super) fn prune(files: &Files) -> Result<(usize, usize), DiskError> {
    let mut answered = all(files)?;
    answered.retain(|(_, kept, _)| kept.is_answered);
    answered.sort_by_key(|(_, kept, _)| kept.since);
    answered.truncate(answered.len().div_ceil(2));
    let mut bytes = 0;
    for (leaf, ..) in &answered {
        bytes += remove(files, leaf)?;
    }
    Ok((answered.len(), bytes))
}

/// Removes an entry; how many bytes it had.
pub(super) fn remove(files: &Files, leaf: &Hash) -> Result<usize, DiskError> {
    let length = entry(files, leaf)?.map_or(0, |entry| entry.len());
    for file in ["entry", "kept.json", "receipt", "refusal"] {
        files.remove(&name(leaf, file))?;
    }
    // An empty folder that stays is no harm.
    drop(std::fs::remove_dir(files.root().join(FOLDER).join(leaf.to_string())));
    Ok(length)
}

/// All entries that are kept, with the length of each.
pub(super) fn all(files: &Files) -> Result<Vec<(Hash, Kept, usize)>, DiskError> {
    let mut found = Vec::new();
    for path in files.list(FOLDER)? {
        let leaf = path.strip_prefix(&format!("{FOLDER}/")).and_then(|p| p.strip_suffix("/entry"));
        let leaf = leaf.and_then(|leaf| hex::decode(leaf).ok());
        let Some(leaf) = leaf.and_then(|leaf| Hash::from_slice(&leaf)) else { continue };
        let kept = files.read(&name(&leaf, "kept.json"))?;
        let kept = kept.and_then(|kept| serde_json::from_slice::<Kept>(&kept).ok());
        let (Some(kept), Some(entry)) = (kept, entry(files, &leaf)?) else { continue };
        found.push((leaf, kept, entry.len()));
    }
    Ok(found)
}
