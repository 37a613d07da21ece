//! Folding a stored poll: phase entries one by one, the ballots between them on all cores.
//!
//! Not here: how a phase entry is judged ([`crate::voting`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::casting::OpenPoll;
use veche_protocol::poll::casting::VerifiedBallot;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::register::fold::RegisterFold;

use crate::city::RollCell;
use crate::error::EngineError;
use crate::settings::VERIFY_BATCH;
use crate::store::LogId;
use crate::voting::pins::pinned_folds;
use crate::voting::{Bench, Extent, judge_phase};

use super::{Replay, in_parallel, refused};

/// A stored poll and what it is judged by.
pub(crate) struct PollSource<'a> {
    pub(crate) log: LogId,
    pub(crate) path: &'a LogPath,
    pub(crate) size: u64,
    pub(crate) register: &'a RegisterFold,
    pub(crate) register_extent: Extent,
    pub(crate) rolls: &'a BTreeMap<LogPath, Arc<RollCell>>,
}

impl Replay<'_> {
    /// A poll from its Announce.
    pub(crate) fn poll(
        &mut self,
        source: &PollSource<'_>,
        mut leaf: impl FnMut(&Hash),
    ) -> Result<PollFold, EngineError> {
        let mut fold = PollFold::new(source.register, source.path, self.hasher);
        let mut entries = self.entries(source.log, source.size);
        let mut index = 0;
        loop {
            let window = VERIFY_BATCH * self.threads;
            let window: Vec<Vec<u8>> = entries.by_ref().take(window).collect::<Result<_, _>>()?;
            if window.is_empty() {
                return Ok(fold);
            }
            let decoded = self.decode(source.path, index, window)?;
            for entry in &decoded {
                leaf(&entry.leaf());
            }
            index = self.admit_all(&mut fold, source, index, decoded)?;
        }
    }

    fn decode(
        &mut self,
        path: &LogPath,
        first: u64,
        window: Vec<Vec<u8>>,
    ) -> Result<Vec<SignedEntry>, EngineError> {
        let decode = |part: Vec<Vec<u8>>, _: &mut StdRng| {
            part.into_iter().map(|bytes| SignedEntry::decode(LogType::Poll, bytes)).collect()
        };
        let decoded: Vec<Result<SignedEntry, Breach>> =
            in_parallel(self.threads, window, &mut self.rng, decode);
        let indexed = (first..).zip(decoded);
        indexed.map(|(index, entry)| entry.map_err(|breach| refused(path, index, breach))).collect()
    }

    /// Takes in entries that follow each other from `index` on; returns the index after them.
    fn admit_all(
        &mut self,
        fold: &mut PollFold,
        source: &PollSource<'_>,
        mut index: u64,
        decoded: Vec<SignedEntry>,
    ) -> Result<u64, EngineError> {
        let mut run = Vec::new();
        for entry in decoded {
            if let Payload::Ballot(_) = entry.payload() {
                run.push(entry);
                continue;
            }
            index = self.admit_ballots(fold, source, index, core::mem::take(&mut run))?;
            self.admit_phase(fold, source, index, &entry)?;
            index += 1;
        }
        self.admit_ballots(fold, source, index, run)
    }

    fn admit_phase(
        &mut self,
        fold: &mut PollFold,
        source: &PollSource<'_>,
        index: u64,
        entry: &SignedEntry,
    ) -> Result<(), EngineError> {
        let pinned = match entry.payload() {
            Payload::Begin(open) | Payload::Open(open) => {
                pinned_folds(self, source.rolls, source.register, open)?
            }
            _ => Vec::new(),
        };
        let bench = Bench {
            reader: self.reader,
            register: source.register,
            register_extent: source.register_extent,
            own_extent: Extent { log: Some(source.log), size: index },
        };
        let verdict = judge_phase(fold, entry, index, &bench, &pinned)?;
        verdict.map(drop).map_err(|breach| refused(source.path, index, breach))
    }

    fn admit_ballots(
        &mut self,
        fold: &mut PollFold,
        source: &PollSource<'_>,
        first: u64,
        run: Vec<SignedEntry>,
    ) -> Result<u64, EngineError> {
        if run.is_empty() {
            return Ok(first);
        }
        let refused = |index, breach| refused(source.path, index, breach);
        fold.check_position(Kind::Ballot).map_err(|breach| refused(first, breach))?;
        let open = Arc::clone(fold.open_poll().expect("ballots are in place in an open poll"));
        let verify = |part: Vec<SignedEntry>, rng: &mut StdRng| verify_run(&open, part, rng);
        let verified = in_parallel(self.threads, run, &mut self.rng, verify);
        let mut index = first;
        for ballot in verified {
            let ballot = ballot.map_err(|breach| refused(index, breach))?;
            fold.admit_ballot(&ballot, index).map_err(|breach| refused(index, breach))?;
            index += 1;
        }
        Ok(index)
    }
}

/// Checks and verifies ballots that follow each other.
fn verify_run(
    open: &OpenPoll,
    run: Vec<SignedEntry>,
    rng: &mut StdRng,
) -> Vec<Result<VerifiedBallot, Breach>> {
    let length = run.len();
    let mut eligible = Vec::with_capacity(length);
    let mut refused = Vec::new();
    for (place, entry) in run.into_iter().enumerate() {
        match open.check(entry) {
            Ok(ballot) => eligible.push(ballot),
            Err(breach) => refused.push((place, breach)),
        }
    }
    let mut verdicts = open.verify(eligible, rng).into_iter();
    let mut refused = refused.into_iter().peekable();
    (0..length)
        .map(|place| match refused.next_if(|(other, _)| *other == place) {
            Some((_, breach)) => Err(breach),
            None => verdicts.next().expect("each ballot that was checked has a verdict"),
        })
        .collect()
}
