//! Folding a stored poll: single acts one by one, what comes in numbers between them on all cores.
//!
//! Not here: how a single act is judged ([`crate::voting`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::casting::{Intake, Verified};
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::requests::IssuedCheck;
use veche_protocol::register::fold::RegisterFold;

use crate::city::RollCell;
use crate::error::EngineError;
use crate::settings::VERIFY_BATCH;
use crate::store::LogId;
use crate::voting::pins::pinned_folds;
use crate::voting::{Bench, Extent, judge_act};

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
            if Intake::takes(entry.payload().kind()) {
                run.push(entry);
                continue;
            }
            index = self.admit_run(fold, source, index, core::mem::take(&mut run))?;
            self.admit_act(fold, source, index, &entry)?;
            index += 1;
        }
        self.admit_run(fold, source, index, run)
    }

    fn admit_act(
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
        let verdict = judge_act(fold, entry, index, &bench, &pinned)?;
        verdict.map(drop).map_err(|breach| refused(source.path, index, breach))
    }

    /// Takes in entries that come in numbers, among which no single act stands.
    fn admit_run(
        &mut self,
        fold: &mut PollFold,
        source: &PollSource<'_>,
        first: u64,
        run: Vec<SignedEntry>,
    ) -> Result<u64, EngineError> {
        let end = first + run.len() as u64;
        let refused = |index, breach| refused(source.path, index, breach);
        for (index, entry) in (first..).zip(&run) {
            let position = fold.check_position(entry.payload().kind());
            position.map_err(|breach| refused(index, breach))?;
        }
        let intake = fold.intake();
        let verify = |part: Vec<SignedEntry>, rng: &mut StdRng| verify_run(&intake, part, rng);
        let verified = in_parallel(self.threads, run, &mut self.rng, verify);
        // An answer sees the requests before it. What it says is checked after the run, beside
        // others: neither ballots nor requests depend on it.
        let mut look_ups = Vec::new();
        for (index, entry) in (first..).zip(verified) {
            let verdict = entry.and_then(|entry| match entry {
                Verified::Ballot(ballot) => fold.admit_ballot(&ballot, index),
                Verified::Request(request) => fold.admit_request(&request, index),
                Verified::Issued(issued) => {
                    look_ups.push((index, fold.look_up(issued)?));
                    Ok(())
                }
            });
            verdict.map_err(|breach| refused(index, breach))?;
        }
        let run = |part: Vec<(u64, IssuedCheck)>, _: &mut StdRng| {
            part.into_iter().map(|(index, look_up)| (index, look_up.run())).collect()
        };
        for (index, checked) in in_parallel(self.threads, look_ups, &mut self.rng, run) {
            fold.admit_issued(&checked).map_err(|breach| refused(index, breach))?;
        }
        Ok(end)
    }
}

/// Checks and verifies entries that follow each other.
fn verify_run(
    intake: &Intake,
    run: Vec<SignedEntry>,
    rng: &mut StdRng,
) -> Vec<Result<Verified, Breach>> {
    let length = run.len();
    let mut eligible = Vec::with_capacity(length);
    let mut refused = Vec::new();
    for (place, entry) in run.into_iter().enumerate() {
        match intake.check(entry) {
            Ok(entry) => eligible.push(entry),
            Err(breach) => refused.push((place, breach)),
        }
    }
    let mut verdicts = intake.verify(eligible, rng).into_iter();
    let mut refused = refused.into_iter().peekable();
    (0..length)
        .map(|place| match refused.next_if(|(other, _)| *other == place) {
            Some((_, breach)) => Err(breach),
            None => verdicts.next().expect("each entry that was checked has a verdict"),
        })
        .collect()
}
