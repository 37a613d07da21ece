//! (a) and (g): the log without signatures.
//!
//! (a) How fast entries of 512 bytes become durable, in batches as large as the engine's, each
//! fsynced before the next: hashed, in the tree, with their tiles and head. Limit: the same bytes
//! in bare write batches of a bare RocksDB, fsynced alike.
//!
//! (g) The same in a log of ten million entries. Limit: a log of one million, in a store of its
//! own, in turns with the old one. Not here: signatures ([`crate::ingest`]).

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::cores::{per_second, rounded};
use crate::growing::{BATCH, ENTRY_LENGTH, GrowingLog, RawBatches, random_batches};
use crate::progress::Progress;
use crate::scale::Scale;
use crate::table::{Limit, Line, Target, number};

/// Grows a young log in turns with raw batches; gives it, and line (a).
pub fn beside_raw_batches(data: &Path, scale: Scale) -> Result<(GrowingLog, Line)> {
    let slice = random_batches(scale.append_slice);
    let mut log = GrowingLog::open(&data.join("young"))?;
    let mut raw = RawBatches::open(&data.join("raw"))?;
    let (mut own, mut limit) = (Duration::ZERO, Duration::ZERO);
    let progress = Progress::new("(a) appends", scale.young);
    while log.size() < scale.young {
        own += log.append(&slice)?;
        limit += raw.write(&slice)?;
        progress.advance(scale.append_slice);
    }
    let line = Line {
        letter: 'a',
        what: format!("append, {ENTRY_LENGTH}-byte entries, durable"),
        measured: per_second(log.size(), own),
        unit: "entries/s",
        limit: Limit {
            value: per_second(log.size(), limit),
            name: format!("raw RocksDB batches of the same bytes, {BATCH} entries each"),
        },
        target: Target::Ratio(0.8),
        note: String::new(),
        cause: "hashing, and tiles of 32 bytes an entry, which the raw batches do not write",
    };
    Ok((log, line))
}

/// Grows an old log, then both by turns; gives line (g).
pub fn old_beside_young(old: &mut GrowingLog, mut young: GrowingLog, scale: Scale) -> Result<Line> {
    let slice = random_batches(scale.append_slice);
    let progress = Progress::new("(g) a log grows", scale.old);
    while old.size() < scale.old {
        old.append(&slice)?;
        progress.advance(scale.append_slice);
    }
    drop(progress);
    let progress = Progress::new("(g) appends", scale.young / 2);
    let (mut own, mut limit) = (Duration::ZERO, Duration::ZERO);
    let mut appended = 0;
    let sizes = (old.size(), young.size());
    while appended < scale.young / 2 {
        own += old.append(&slice)?;
        limit += young.append(&slice)?;
        appended += scale.append_slice;
        progress.advance(scale.append_slice);
    }
    Ok(Line {
        letter: 'g',
        what: format!("append in a log of {} entries", number(rounded(sizes.0))),
        measured: per_second(appended, own),
        unit: "entries/s",
        limit: Limit {
            value: per_second(appended, limit),
            name: format!("append in a log of {} entries", number(rounded(sizes.1))),
        },
        target: Target::Ratio(0.95),
        note: String::new(),
        cause: "files of keys are merged in the background, the more the larger the log",
    })
}
