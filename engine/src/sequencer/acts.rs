//! Single acts, one at a time: governance, rolls, and what officers, issuers and trustees do on
//! polls.
//!
//! Each is judged on a copy of its fold, or without touching it, and the copy takes the fold's
//! place only when the entry is durable.

use std::sync::{Arc, RwLock};

use veche_protocol::entry::{Kind, SignedEntry};
use veche_protocol::hash::empty_root;
use veche_protocol::name::LogPath;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::roll::fold::{ExaminedEntry, RollFold, RollJury};

use crate::city::{City, FoldedRoll, LogCell, PollCell, PublishedHead, RollCell};
use crate::desk::{Prepared, PreparedAct, SingleAct, find_repeat};
use crate::drafts::removal;
use crate::error::Refusal;
use crate::leaves::LeafIndex;
use crate::lock::{read, write};
use crate::receipts::{Recorded, Repeat};
use crate::store::MetaWrite;
use crate::voting::own_rules::{self, OwnView};
use crate::voting::{Bench, Extent, judge_act};

use super::Sequencer;
use super::anchoring::{Anchoring, RegisterPart, refuse_operator_entries};
use super::step::{Landed, Staged};

impl Sequencer {
    /// Records an entry of staff, and answers.
    pub(super) fn record_act(&mut self, act: PreparedAct) {
        let PreparedAct { path, prepared, epoch, reply } = act;
        let city = self.shared.city();
        let drafts = read(&self.shared.drafts).of_entry(&path, prepared.entry());
        let at = At { city: &city, path: &path, drafts: &drafts };
        let outcome = self.shared.check_ready().and_then(|()| {
            if !Arc::ptr_eq(&city.register, &epoch) {
                return Err(Refusal::StorageStopped);
            }
            if let Some(recorded) = find_repeat(&self.shared, &city, &path, prepared.entry())? {
                return Ok(recorded);
            }
            let recorded = self.judge_and_record(at, prepared)?;
            write(&self.shared.drafts).remove_all(&drafts);
            Ok(recorded)
        });
        match outcome {
            Ok(recorded) => {
                match recorded.repeat() {
                    Repeat::Yes => self.shared.metrics.count_repeat(),
                    Repeat::No => self.shared.metrics.count_act(),
                }
                reply.send(Ok(recorded));
            }
            Err(refusal) => self.shared.refuse(reply, refusal),
        }
    }

    fn judge_and_record(&mut self, at: At<'_>, prepared: Prepared) -> Result<Recorded, Refusal> {
        let At { city, path, .. } = at;
        match prepared {
            Prepared::Register(entry) => self.record_governance(at, entry),
            Prepared::Roll(examined) => match city.rolls.get(path) {
                Some(roll) => self.record_roll_entry(at, roll, &examined),
                None => self.record_new_roll(at, &examined),
            },
            Prepared::Single(act) => match city.polls.get(path) {
                Some(poll) => self.record_single(at, poll, &act),
                None => self.record_new_poll(at, &act),
            },
        }
    }

    fn record_governance(&mut self, at: At<'_>, entry: SignedEntry) -> Result<Recorded, Refusal> {
        let city = at.city;
        refuse_operator_entries(entry.payload())?;
        // REG-3, REG-4: what is refused costs no copy of the register.
        city.register.fold().check_governance(&entry)?;
        let mut part = RegisterPart::new(city);
        self.add_to_register(city, &mut part, entry)?;
        // REG-10: after a governance entry every log is anchored at once, so that nobody who was
        // dismissed can act on an older view of the register.
        self.add_anchors(city, &mut part, &[])?;
        let staged = self.stage(&city.register.log, core::mem::take(&mut part.entries));
        let landed = self.land(vec![staged], at.draft_removals())?;
        self.settle_register(city, part, &landed[0]);
        Ok(Recorded::fresh(landed[0].group(), 0, Repeat::No))
    }

    fn record_roll_entry(
        &mut self,
        at: At<'_>,
        roll: &Arc<RollCell>,
        examined: &ExaminedEntry,
    ) -> Result<Recorded, Refusal> {
        let At { city, .. } = at;
        let register = city.register.fold();
        // ROLL-9: a server judges by the whole register held.
        let jury = RollJury { register: &register, size: self.size(&city.register.log) };
        read(&roll.folded).fold.check(examined, &jury)?;
        let index = self.size(&roll.log);
        let staged = self.stage(&roll.log, vec![examined.entry().bytes().to_vec()]);
        let landed = self.record_step(at, staged, Anchoring::Later, NewLog::No)?;
        let mut folded = write(&roll.folded);
        let verdict = folded.fold.admit(examined, index, &jury);
        folded.head = landed.head().head();
        drop(folded);
        if let Err(breach) = verdict {
            // Judged by the same rules a moment ago: a defect. See `settle` of ballots.
            self.stop(&breach);
            return Err(Refusal::StorageFailed);
        }
        landed.publish();
        Ok(Recorded::fresh(landed.group(), 0, Repeat::No))
    }

    fn record_new_roll(
        &mut self,
        at: At<'_>,
        examined: &ExaminedEntry,
    ) -> Result<Recorded, Refusal> {
        let At { city, path, .. } = at;
        let register = city.register.fold();
        let origin = path.origin(&register.genesis().domain);
        let mut fold = RollFold::new(register.instance(), origin, &self.shared.hasher);
        let jury = RollJury { register: &register, size: self.size(&city.register.log) };
        // ROLL-1: entry 0 is a header that stands, or there is no roll.
        fold.admit(examined, 0, &jury)?;
        let log = self.create_log(city, path)?;
        let staged = self.stage(&log, vec![examined.entry().bytes().to_vec()]);
        let landed = self.record_step(at, staged, Anchoring::Now, NewLog::Yes)?;
        landed.publish();
        let head = landed.head().head();
        let headed = fold.clone();
        let folded = RwLock::new(FoldedRoll { fold, head });
        let mut next = city.clone();
        next.rolls.insert(path.clone(), Arc::new(RollCell { log, headed, folded }));
        self.shared.set_city(next);
        Ok(Recorded::fresh(landed.group(), 0, Repeat::No))
    }

    fn record_single(
        &mut self,
        at: At<'_>,
        poll: &Arc<PollCell>,
        act: &SingleAct,
    ) -> Result<Recorded, Refusal> {
        let kind = act.entry.payload().kind();
        let mut fold = self.judge_on_copy(at.city, poll, act)?;
        if matches!(kind, Kind::Close | Kind::Cancel) && self.holds(poll) {
            // BALLOT-16: what came before the poll's end stands before it. It is appended only once
            // the end is found lawful, or officers could cut intervals short at will; and with no
            // copy in the way, or the fold would be copied for it.
            drop(fold);
            self.release(poll)?;
            self.check_current(poll)?;
            fold = self.judge_on_copy(at.city, poll, act)?;
        }
        // POLL-7, POLL-17 ask of phase entries what the register knew; nothing asks it of others.
        let anchoring = if kind.is_phase() { Anchoring::Now } else { Anchoring::Later };
        let staged = self.stage(&poll.log, vec![act.entry.bytes().to_vec()]);
        let landed = self.record_step(at, staged, anchoring, NewLog::No)?;
        // The head first: whoever sees the new phase can sign for a head that covers its entry.
        landed.publish();
        poll.set_fold(fold);
        Ok(Recorded::fresh(landed.group(), 0, Repeat::No))
    }

    /// The poll's fold after an act, beside the one that everyone sees.
    fn judge_on_copy(
        &self,
        city: &City,
        poll: &Arc<PollCell>,
        act: &SingleAct,
    ) -> Result<PollFold, Refusal> {
        let mut fold = read(&poll.fold).clone();
        let own = Extent { log: Some(poll.log.id), size: self.size(&poll.log) };
        self.judge(city, &mut fold, act, own)?;
        Ok(fold)
    }

    fn record_new_poll(&mut self, at: At<'_>, act: &SingleAct) -> Result<Recorded, Refusal> {
        let At { city, path, .. } = at;
        let mut fold = PollFold::new(&city.register.fold(), path, &self.shared.hasher);
        self.judge(city, &mut fold, act, Extent { log: None, size: 0 })?;
        let log = self.create_log(city, path)?;
        let staged = self.stage(&log, vec![act.entry.bytes().to_vec()]);
        let landed = self.record_step(at, staged, Anchoring::Now, NewLog::Yes)?;
        landed.publish();
        let mut next = city.clone();
        next.polls.insert(path.clone(), Arc::new(PollCell::new(log, fold)));
        self.shared.set_city(next);
        Ok(Recorded::fresh(landed.group(), 0, Repeat::No))
    }

    /// Judges a single act on a poll by the law and by the server's own rules.
    fn judge(
        &self,
        city: &City,
        fold: &mut PollFold,
        act: &SingleAct,
        own_extent: Extent,
    ) -> Result<(), Refusal> {
        let register = city.register.fold();
        let log = &city.register.log;
        let bench = Bench {
            reader: &self.shared.reader,
            register: &register,
            register_extent: Extent { log: Some(log.id), size: self.size(log) },
            own_extent,
        };
        let verdict = judge_act(fold, &act.entry, own_extent.size, &bench, &act.pinned);
        let verdict = verdict.map_err(|error| {
            self.shared.note_error(&error);
            Refusal::StorageFailed
        })?;
        verdict?;
        let own = OwnView {
            register: &register,
            now: self.shared.clock.unix_seconds(),
            counted: act.counted.as_ref().map(|counted| &counted.result),
        };
        Ok(own_rules::check(fold, &act.entry, &own)?)
    }

    /// Commits an entry with all that has to stand in the register beside it, and brings the
    /// register up to it. The entry's own log is left to the caller.
    fn record_step(
        &mut self,
        at: At<'_>,
        staged: Staged,
        anchoring: Anchoring,
        new_log: NewLog,
    ) -> Result<Landed, Refusal> {
        let city = at.city;
        let mut steps = vec![staged];
        let mut part: Option<RegisterPart> = None;
        if anchoring == Anchoring::Now {
            let mut register = RegisterPart::new(city);
            if new_log == NewLog::Yes {
                self.announce_log(city, &mut register, &steps[0])?;
            }
            self.add_anchors(city, &mut register, &steps)?;
            let entries = core::mem::take(&mut register.entries);
            steps.push(self.stage(&city.register.log, entries));
            part = Some(register);
        }
        let mut landed = self.land(steps, at.draft_removals())?.into_iter();
        let own = landed.next().expect("the entry's own log was staged first");
        match (part, landed.next()) {
            (Some(part), Some(register)) => self.settle_register(city, part, &register),
            _ => self.note_moved(),
        }
        Ok(own)
    }

    /// The cell of a log that has no entry yet. A crash after this leaves an empty log, of which
    /// nobody hears, and which the next attempt finds.
    fn create_log(&mut self, city: &City, path: &LogPath) -> Result<Arc<LogCell>, Refusal> {
        let register = city.register.fold();
        let origin = path.origin(&register.genesis().domain);
        let created = self.shared.store.create_log(&origin);
        let id = created.map_err(|error| self.fail(&error))?;
        let head = PublishedHead { size: 0, root: empty_root(), note: String::new() };
        let leaves = LeafIndex::new(self.shared.hasher.clone());
        Ok(Arc::new(LogCell::new(id, path.clone(), &register, head, leaves)))
    }
}

/// Where an entry of staff goes, and the drafts that it makes an end of.
#[derive(Clone, Copy)]
struct At<'a> {
    city: &'a City,
    path: &'a LogPath,
    drafts: &'a [String],
}

impl At<'_> {
    /// Removes the drafts in the step that records the entry.
    fn draft_removals(&self) -> Vec<MetaWrite> {
        self.drafts.iter().map(|id| removal(id)).collect()
    }
}

/// Whether the entry is the first of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NewLog {
    Yes,
    No,
}
