//! A roll read whole and checked: who is on it.

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;
use veche_protocol::roll::fold::{RollFold, RollJury};

use crate::api::Source;
use crate::city::City;
use crate::error::ClientError;
use crate::log_copy::LogCopy;

/// A roll and what it adds up to.
#[derive(Clone, Debug)]
pub struct RollCopy {
    log: LogCopy,
    fold: RollFold,
    rejected: Vec<(u64, Breach)>,
}

impl RollCopy {
    /// Reads a roll, judged by the whole register (ROLL-9).
    pub fn read(
        source: &impl Source,
        city: &City,
        name: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ClientError> {
        let log = city.read_log(source, &LogPath::Roll(name.to_owned()), progress)?;
        let (fold, rejected) = judge(city, &log, log.size(), city.log().size());
        Ok(Self { log, fold, rejected })
    }

    /// The roll's entries.
    pub const fn log(&self) -> &LogCopy {
        &self.log
    }

    /// What the roll adds up to.
    pub const fn fold(&self) -> &RollFold {
        &self.fold
    }

    /// Entries of the roll that the law refuses.
    pub fn rejected(&self) -> &[(u64, Breach)] {
        &self.rejected
    }
}

/// A roll of which nothing is written yet.
pub fn empty(city: &City, name: &str) -> RollFold {
    let origin = city.pins().origin(&LogPath::Roll(name.to_owned()));
    RollFold::new(city.pins().instance, origin, city.hasher())
}

/// What the first `size` entries of a roll add up to, before the register up to `jury` entries;
/// and the entries that are refused.
pub fn judge(city: &City, log: &LogCopy, size: u64, jury: u64) -> (RollFold, Vec<(u64, Breach)>) {
    let mut fold = RollFold::new(city.pins().instance, log.origin().to_owned(), city.hasher());
    let jury = RollJury { register: city.register(), size: jury };
    let mut rejected = Vec::new();
    let mut judge = |first: u64, last: u64| {
        let mut entries: Vec<SignedEntry> = Vec::new();
        let mut indices = Vec::new();
        let part = log.decoded_from(first).take_while(|(index, _)| *index < last);
        for (index, entry) in part {
            match entry {
                Ok(entry) => {
                    entries.push(entry);
                    indices.push(index);
                }
                Err(breach) => rejected.push((index, breach)),
            }
        }
        let examined = fold.examine(entries, &mut rand::rng());
        for (index, entry) in indices.into_iter().zip(&examined) {
            rejected.extend(fold.admit(entry, index, &jury).err().map(|breach| (index, breach)));
        }
    };
    // The header by itself: all signatures after it are bound to its leaf hash.
    judge(0, size.min(1));
    judge(1, size);
    rejected.sort_unstable();
    (fold, rejected)
}
