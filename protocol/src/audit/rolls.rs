//! Step A5: everyone on the pinned rolls was put there, or taken off, by right.
//!
//! The judging is [`RollFold`]'s, by the register that the poll's Open had seen. Entries past the
//! pin are read (step A1) and not judged: they do not touch the poll.

use std::hash::RandomState;
use std::sync::Arc;

use rand::CryptoRng;

use super::entries::{Examined, Judge, LogRead, decode};
use super::finding::{Findings, Step};
use super::source::Source;
use crate::breach::Breach;
use crate::hash::Hash;
use crate::name::{LogPath, LogType};
use crate::register::fold::RegisterFold;
use crate::roll::fold::{ExaminedEntry, RollFold, RollJury};

/// Judges a roll up to a pin.
#[derive(Debug)]
pub(super) struct RollJudge<'a> {
    path: Arc<LogPath>,
    pub(super) fold: RollFold,
    jury: RollJury<'a>,
    pin: u64,
    is_begun: bool,
    pub(super) findings: Findings,
}

impl<'a> RollJudge<'a> {
    /// A judge for the first `pin` entries, by the register up to the size that Open had seen.
    pub(super) fn new(
        register: &'a RegisterFold,
        register_size: u64,
        path: Arc<LogPath>,
        pin: u64,
        hasher: &RandomState,
    ) -> Self {
        let origin = path.origin(&register.genesis().domain);
        Self {
            path,
            fold: RollFold::new(register.instance(), origin, hasher),
            // ROLL-9: the register prefix that judges roll acts.
            jury: RollJury { register, size: register_size },
            pin,
            is_begun: false,
            findings: Findings::default(),
        }
    }
}

/// What examining needs: the roll's header, and where the pin is.
#[derive(Debug)]
pub(super) struct RollLens {
    fold: RollFold,
    pin: u64,
}

/// An entry of a roll with its signatures' verdicts; `None` for one past the pin.
type RollEntry = Option<ExaminedEntry>;

impl<S: Source> Judge<S> for RollJudge<'_> {
    type Lens = RollLens;
    type Entry = RollEntry;

    fn lens(&self) -> RollLens {
        RollLens { fold: self.fold.clone(), pin: self.pin }
    }

    fn unsettled(&self) -> Option<usize> {
        // The header comes first and alone: all others are signed under it.
        (!self.is_begun).then_some(1)
    }

    fn examine(
        lens: &RollLens,
        first: u64,
        entries: Vec<Vec<u8>>,
        mut rng: &mut dyn CryptoRng,
    ) -> Vec<Examined<RollEntry>> {
        let mut pinned = Vec::new();
        let mut read = Vec::with_capacity(entries.len());
        for (bytes, index) in entries.into_iter().zip(first..) {
            let Examined { leaf, read: entry } = decode(LogType::Roll, &bytes);
            let is_pinned = entry.map(|entry| {
                if index < lens.pin {
                    pinned.push(entry);
                }
                index < lens.pin
            });
            read.push((leaf, is_pinned));
        }
        let mut examined = lens.fold.examine(pinned, &mut rng).into_iter();
        let mut entry_of = |is_pinned: bool| is_pinned.then(|| examined.next()).flatten();
        read.into_iter()
            .map(|(leaf, is_pinned)| Examined { leaf, read: is_pinned.map(&mut entry_of) })
            .collect()
    }

    fn judge(
        &mut self,
        log: &LogRead<'_, S>,
        _: Hash,
        entry: Result<RollEntry, Breach>,
    ) -> Result<(), S::Error> {
        self.is_begun = true;
        let index = log.tree.size();
        let Ok(Some(entry)) = entry else { return Ok(()) };
        if let Err(breach) = self.fold.admit(&entry, index, &self.jury) {
            self.findings.add(Step::Rolls, breach, &self.path, Some(index));
        }
        Ok(())
    }
}
