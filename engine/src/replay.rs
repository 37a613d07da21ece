//! Folding stored logs again: at start, after a failure, and for a roll at the size of a pin.
//!
//! Every signature is verified again, on all cores: the folds take nothing else, and a disk that
//! was tampered with while the server was down must not pass. Not here: which logs there are and
//! whether their heads fit ([`crate::recovery`]).

mod entries;
mod polls;

use std::hash::RandomState;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::{RollFold, RollJury};

use crate::city::RollCell;
use crate::error::EngineError;
use crate::lock::read;
use crate::store::{LogId, Store};
use crate::tree::reader::TreeReader;
use crate::voting::pins::same_officers;
use entries::Entries;
pub(crate) use polls::PollSource;

/// Entries of a roll that one thread examines at a time: 32 of 258 signatures fill four batches.
const ROLL_ENTRIES: usize = 32;

/// A roll as it was folded last, for polls that pin the same.
struct LastPinned {
    path: LogPath,
    size: u64,
    /// `None`: judged as it grew, which is the same for all who know the present officers.
    jury_size: Option<u64>,
    fold: Arc<RollFold>,
}

/// Everything that folding needs.
pub(crate) struct Replay<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) reader: &'a TreeReader,
    pub(crate) hasher: &'a RandomState,
    /// Threads that verify.
    pub(crate) threads: usize,
    pub(crate) rng: StdRng,
    last_pinned: Option<LastPinned>,
}

/// A roll folded from what is stored.
pub(crate) struct ReplayedRoll {
    /// After the header alone.
    pub(crate) headed: RollFold,
    pub(crate) fold: RollFold,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(
        store: &'a dyn Store,
        reader: &'a TreeReader,
        hasher: &'a RandomState,
        threads: usize,
        rng: &mut StdRng,
    ) -> Self {
        let rng = StdRng::from_rng(rng);
        Self { store, reader, hasher, threads, rng, last_pinned: None }
    }

    fn entries(&self, log: LogId, size: u64) -> Entries<'a> {
        Entries::new(self.store, log, size)
    }

    /// The register, from its genesis.
    pub(crate) fn register(
        &mut self,
        log: LogId,
        size: u64,
        mut leaf: impl FnMut(&Hash),
    ) -> Result<RegisterFold, EngineError> {
        let path = LogPath::Register;
        let mut fold: Option<RegisterFold> = None;
        for (index, bytes) in (0..).zip(self.entries(log, size)) {
            let refused = |breach| refused(&path, index, breach);
            let entry = SignedEntry::decode(LogType::Register, bytes?).map_err(refused)?;
            leaf(&entry.leaf());
            match &mut fold {
                None => fold = Some(RegisterFold::begin(&entry).map_err(refused)?),
                Some(fold) => {
                    // A look-up that failed is not a root that does not fit.
                    let mut failed = None;
                    let root_at = |size| match self.reader.root_at(log, size) {
                        Ok(root) => Some(root),
                        Err(error) => {
                            failed = Some(error);
                            None
                        }
                    };
                    let verdict = fold.admit(&entry, index, root_at);
                    failed.map_or(Ok(()), Err)?;
                    verdict.map_err(refused)?;
                }
            }
        }
        fold.ok_or(EngineError::NotFounded)
    }

    /// A roll up to `size`, judged before the first `jury_size` entries of the register.
    pub(crate) fn roll(
        &mut self,
        log: LogId,
        path: &LogPath,
        size: u64,
        jury: &RollJury<'_>,
        mut leaf: impl FnMut(&Hash),
    ) -> Result<ReplayedRoll, EngineError> {
        let register = jury.register;
        let origin = path.origin(&register.genesis().domain);
        let mut fold = RollFold::new(register.instance(), origin, self.hasher);
        let mut entries = self.entries(log, size);
        let mut headed = None;
        let mut index = 0;
        loop {
            // The header alone, for what follows is bound to it.
            let window = if headed.is_none() { 1 } else { ROLL_ENTRIES * self.threads };
            let window: Vec<Vec<u8>> = entries.by_ref().take(window).collect::<Result<_, _>>()?;
            if window.is_empty() {
                break;
            }
            for examined in self.examine(&fold, path, index, window)? {
                leaf(&examined.entry().leaf());
                let verdict = fold.admit(&examined, index, jury);
                verdict.map_err(|breach| refused(path, index, breach))?;
                index += 1;
            }
            headed.get_or_insert_with(|| fold.clone());
        }
        let headed = headed.ok_or_else(|| refused(path, 0, Breach::RollHeader))?;
        Ok(ReplayedRoll { headed, fold })
    }

    /// Decodes and examines entries of a roll that follow each other from `first` on.
    fn examine(
        &mut self,
        fold: &RollFold,
        path: &LogPath,
        first: u64,
        window: Vec<Vec<u8>>,
    ) -> Result<Vec<veche_protocol::roll::fold::ExaminedEntry>, EngineError> {
        let mut decoded = Vec::with_capacity(window.len());
        for (index, bytes) in (first..).zip(window) {
            let entry = SignedEntry::decode(LogType::Roll, bytes);
            decoded.push(entry.map_err(|breach| refused(path, index, breach))?);
        }
        let examine = |part, rng: &mut StdRng| fold.examine(part, rng);
        Ok(in_parallel(self.threads, decoded, &mut self.rng, examine))
    }

    /// A roll at the size of a pin, judged before the first `jury_size` entries of the register.
    pub(crate) fn roll_at(
        &mut self,
        cell: &RollCell,
        size: u64,
        register: &RegisterFold,
        jury_size: u64,
    ) -> Result<Arc<RollFold>, EngineError> {
        let as_it_grew = same_officers(register, jury_size);
        let wanted_jury = (!as_it_grew).then_some(jury_size);
        if let Some(last) = &self.last_pinned
            && last.path == cell.log.path
            && last.size == size
            && last.jury_size == wanted_jury
        {
            return Ok(Arc::clone(&last.fold));
        }
        let live = as_it_grew.then(|| live_at(cell, size)).flatten();
        let fold = if let Some(fold) = live {
            fold
        } else {
            let jury = RollJury { register, size: jury_size };
            self.roll(cell.log.id, &cell.log.path, size, &jury, |_| {})?.fold
        };
        let fold = Arc::new(fold);
        self.last_pinned = Some(LastPinned {
            path: cell.log.path.clone(),
            size,
            jury_size: wanted_jury,
            fold: Arc::clone(&fold),
        });
        Ok(fold)
    }
}

/// A copy of the roll as it is, if that is its size: copying a million voters takes some 50 ms,
/// folding them again 20 seconds.
fn live_at(cell: &RollCell, size: u64) -> Option<RollFold> {
    let folded = read(&cell.folded);
    (folded.head.size == size).then(|| folded.fold.clone())
}

pub(crate) fn refused(path: &LogPath, index: u64, breach: Breach) -> EngineError {
    EngineError::EntryRefused { path: path.to_string(), index, breach }
}

/// Gives each thread an equal part of the items, and the results in the order of the items.
pub(crate) fn in_parallel<T: Send, U: Send>(
    threads: usize,
    mut items: Vec<T>,
    rng: &mut StdRng,
    work: impl Fn(Vec<T>, &mut StdRng) -> Vec<U> + Sync,
) -> Vec<U> {
    let share = items.len().div_ceil(threads.max(1)).max(1);
    if items.len() <= share {
        return work(items, rng);
    }
    let mut parts = Vec::with_capacity(threads);
    while !items.is_empty() {
        let rest = items.split_off(share.min(items.len()));
        parts.push((core::mem::replace(&mut items, rest), StdRng::from_rng(rng)));
    }
    run_parts(parts, |(part, mut rng)| work(part, &mut rng))
}

/// Works on each part on a thread of its own; gives the results in the order of the parts.
pub(crate) fn run_parts<P: Send, U: Send>(
    parts: Vec<P>,
    work: impl Fn(P) -> Vec<U> + Sync,
) -> Vec<U> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> =
            parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        let results = threads.into_iter().map(|thread| match thread.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_in_their_order() {
        let mut rng = StdRng::from_seed([1; 32]);
        for threads in 1..5 {
            for length in 0..20_u64 {
                let items: Vec<u64> = (0..length).collect();
                let double = |part: Vec<u64>, _: &mut StdRng| part.iter().map(|n| n * 2).collect();
                let doubled: Vec<u64> = in_parallel(threads, items.clone(), &mut rng, double);
                assert_eq!(doubled, items.iter().map(|n| n * 2).collect::<Vec<_>>());
            }
        }
    }
}
