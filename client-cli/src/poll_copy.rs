//! A poll read whole and counted: the client's own fold of its log, which is all that its officers
//! and voters go by.

use std::collections::BTreeMap;

use veche_protocol::breach::Breach;
use veche_protocol::count::Outcome;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Open, Pin, SeenHeads};
use veche_protocol::poll::casting::{Intake, Verified};
use veche_protocol::poll::fold::{Evidence, PinnedRoll, PollFold};
use veche_protocol::poll::opening::OpenedBallots;
use veche_protocol::poll::result::PollResult;
use veche_protocol::roll::fold::RollFold;

use crate::api::Source;
use crate::city::{City, RegisterRead};
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::roll_copy;

/// Entries verified in one batch: where a batch costs the least for each signature.
const BATCH: usize = 2_048;

/// A poll and what it adds up to.
#[derive(Clone, Debug)]
pub struct PollCopy {
    log: LogCopy,
    fold: PollFold,
    rolls: BTreeMap<String, LogCopy>,
    judged: u64,
    /// Entries of the register against whose anchors all of the log was held.
    anchored: u64,
    rejected: Vec<(u64, Breach)>,
}

impl PollCopy {
    /// Reads a poll with the rolls that it pins.
    pub fn read(
        source: &impl Source,
        city: &City,
        id: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ClientError> {
        let log = city.read_log(source, &LogPath::Poll(id.to_owned()), progress)?;
        Self::of_log(source, city, log)
    }

    /// A poll whose log was read; `city` should be read after it, or on, so that it has whatever
    /// the poll's officers had seen.
    pub fn of_log(source: &impl Source, city: &City, log: LogCopy) -> Result<Self, ClientError> {
        let fold = PollFold::new(city.register(), log.path(), city.hasher());
        let (rolls, rejected) = (BTreeMap::new(), Vec::new());
        let mut copy = Self { log, fold, rolls, judged: 0, anchored: 0, rejected };
        copy.judge(source, city)?;
        Ok(copy)
    }

    /// Reads on to the poll's present head, and then to the register's: so the register holds
    /// whatever the officers had seen who signed what was just read.
    pub fn read_on(&mut self, source: &impl Source, city: &mut City) -> Result<(), ClientError> {
        self.log.read_on(source, &mut |_, _| {})?;
        let held = city.log().size();
        city.check_anchors(&self.log, self.anchored, RegisterRead::BeforeLog)?;
        self.anchored = held;
        city.read_on(source)?;
        // What is anchored past the end of what was read is looked at by the next reading.
        city.check_anchors(&self.log, held, RegisterRead::AfterLog)?;
        self.judge(source, city)
    }

    fn judge(&mut self, source: &impl Source, city: &City) -> Result<(), ClientError> {
        while self.judged < self.log.size() {
            let entries: Vec<_> = self.log.decoded_from(self.judged).take(BATCH).collect();
            let end = self.judged + entries.len() as u64;
            self.judge_some(source, city, entries)?;
            self.judged = end;
        }
        self.rejected.sort_unstable();
        Ok(())
    }

    fn judge_some(
        &mut self,
        source: &impl Source,
        city: &City,
        entries: Vec<(u64, Result<SignedEntry, Breach>)>,
    ) -> Result<(), ClientError> {
        let mut numbers: Vec<(u64, SignedEntry)> = Vec::new();
        for (index, entry) in entries {
            match entry {
                Err(breach) => self.rejected.push((index, breach)),
                Ok(entry) if Intake::takes(entry.payload().kind()) => numbers.push((index, entry)),
                Ok(entry) => {
                    self.judge_numbers(std::mem::take(&mut numbers));
                    // Where reading a roll fails, the next reading goes on with this entry.
                    self.judged = index;
                    let verdict = self.judge_act(source, city, &entry, index)?;
                    self.rejected.extend(verdict.err().map(|breach| (index, breach)));
                }
            }
        }
        self.judge_numbers(numbers);
        Ok(())
    }

    /// Judges a phase entry at `index` of this log and, if the law allows it, takes it in.
    fn judge_act(
        &mut self,
        source: &impl Source,
        city: &City,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<Result<(), Breach>, ClientError> {
        let mut fold = self.fold.clone();
        let verdict = self.admit(source, city, &mut fold, entry, index)?;
        if verdict.is_ok() {
            self.fold = fold;
        }
        Ok(verdict)
    }

    /// Whether the law would let this phase entry stand as the next entry of the log.
    pub fn check_act(
        &mut self,
        source: &impl Source,
        city: &City,
        entry: &SignedEntry,
    ) -> Result<Result<(), Breach>, ClientError> {
        let mut fold = self.fold.clone();
        self.admit(source, city, &mut fold, entry, self.log.size())
    }

    fn admit(
        &mut self,
        source: &impl Source,
        city: &City,
        fold: &mut PollFold,
        entry: &SignedEntry,
        index: u64,
    ) -> Result<Result<(), Breach>, ClientError> {
        let seen = SeenHeads::of(entry.payload());
        let no_pins = Vec::new();
        let (pins, jury): (&[Pin], u64) = match entry.payload() {
            Payload::Begin(Open { pins, seen }) | Payload::Open(Open { pins, seen }) => {
                (pins, seen.register.size)
            }
            _ => (&no_pins, 0),
        };
        let rolls = self.pinned_rolls(source, city, pins, jury)?;
        let rolls: Vec<Option<PinnedRoll<'_>>> = rolls
            .iter()
            .map(|roll| {
                let (fold, first, root) = roll.as_ref()?;
                Some(PinnedRoll { fold, first: *first, root: *root })
            })
            .collect();
        let evidence = Evidence {
            register: city.register(),
            register_root: seen.register.and_then(|head| city.log().root_at(head.size)),
            own_root: seen.own.and_then(|head| self.log.root_at(head.size)),
            rolls: &rolls,
        };
        Ok(fold.admit(entry, index, &evidence).map(drop))
    }

    /// For each pin the roll at its size, its first leaf and its root; `None` where there is no
    /// such roll.
    fn pinned_rolls(
        &mut self,
        source: &impl Source,
        city: &City,
        pins: &[Pin],
        jury: u64,
    ) -> Result<Vec<Option<PinnedFold>>, ClientError> {
        let mut rolls = Vec::with_capacity(pins.len());
        for pin in pins {
            let path = LogPath::of_origin(&pin.origin, city.pins().domain());
            let Some(path) = path.filter(|path| city.has_log(path)) else {
                rolls.push(None);
                continue;
            };
            if self.rolls.get(&pin.origin).is_none_or(|roll| roll.size() < pin.head.size) {
                let roll = city.read_log(source, &path, &mut |_, _| {})?;
                self.rolls.insert(pin.origin.clone(), roll);
            }
            let roll = &self.rolls[&pin.origin];
            let (fold, _) = roll_copy::judge(city, roll, pin.head.size.min(roll.size()), jury);
            rolls.push(Some((fold, roll.leaf(0), roll.root_at(pin.head.size))));
        }
        Ok(rolls)
    }

    /// Judges entries that come in numbers and follow each other, their signatures together.
    fn judge_numbers(&mut self, entries: Vec<(u64, SignedEntry)>) {
        let intake = self.fold.intake();
        let mut eligible = Vec::with_capacity(entries.len());
        let mut indices = Vec::with_capacity(entries.len());
        for (index, entry) in entries {
            let position = self.fold.check_position(entry.payload().kind());
            match position.and_then(|_| intake.check(entry)) {
                Ok(entry) => {
                    eligible.push(entry);
                    indices.push(index);
                }
                Err(breach) => self.rejected.push((index, breach)),
            }
        }
        let verified = intake.verify(eligible, &mut rand::rng());
        for (index, entry) in indices.into_iter().zip(verified) {
            let verdict = entry.and_then(|entry| match entry {
                Verified::Ballot(ballot) => self.fold.admit_ballot(&ballot, index),
                Verified::Request(request) => self.fold.admit_request(&request, index),
                Verified::Issued(issued) => {
                    let checked = self.fold.look_up(issued)?.run();
                    self.fold.admit_issued(&checked)
                }
            });
            self.rejected.extend(verdict.err().map(|breach| (index, breach)));
        }
    }

    /// The result, as this program counts it: sealed ballots are opened on all processors. `None`
    /// where there is nothing to count, or not yet.
    pub fn count(&self) -> Option<(PollResult, Vec<Outcome>)> {
        self.fold.result(self.opened().as_ref())
    }

    /// The standing ballots of a sealed poll, opened; `None` before enough shares stand.
    fn opened(&self) -> Option<OpenedBallots> {
        let opening = self.fold.opening()?;
        let places = opening.places();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = places.len().div_ceil(threads).max(1);
        let opened = std::thread::scope(|scope| {
            let starts = places.clone().step_by(share);
            let parts = starts.map(|start| start..(start + share).min(places.end));
            let parts: Vec<_> = parts.map(|part| scope.spawn(|| opening.open_some(part))).collect();
            let parts = parts.into_iter().flat_map(|part| part.join().expect("opening is total"));
            parts.collect::<Vec<_>>()
        });
        Some(opening.gather(opened))
    }

    /// The rolls that the poll has pinned, each read at least as far as its pin.
    pub fn pinned(&self) -> impl Iterator<Item = (&LogCopy, &Pin)> {
        self.fold.pins().iter().filter_map(|pin| Some((self.rolls.get(&pin.origin)?, pin)))
    }

    /// The poll's entries.
    pub const fn log(&self) -> &LogCopy {
        &self.log
    }

    /// What the poll adds up to.
    pub const fn fold(&self) -> &PollFold {
        &self.fold
    }

    /// Entries of the poll that the law refuses, spoiled ballots among them.
    pub fn rejected(&self) -> &[(u64, Breach)] {
        &self.rejected
    }
}

type PinnedFold = (RollFold, Option<Hash>, Option<Hash>);
