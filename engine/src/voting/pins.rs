//! The rolls that an Open pins, each folded up to the pinned size before the register that the
//! officers had seen.
//!
//! Not here: whether the pins are right (the poll's fold says that).

use std::collections::BTreeMap;
use std::sync::Arc;

use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Open, Pin};
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::electorate::eligible_of;
use veche_protocol::poll::fold::PinnedRoll;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::RollFold;

use crate::city::RollCell;
use crate::error::EngineError;
use crate::lock::read;
use crate::replay::Replay;

/// A roll at the size of a pin.
#[derive(Clone, Debug)]
pub(crate) struct PinnedFold {
    fold: Arc<RollFold>,
    first: Hash,
    root: Hash,
}

impl PinnedFold {
    /// What the poll's fold wants to see.
    pub(crate) fn as_evidence(&self) -> PinnedRoll<'_> {
        PinnedRoll { fold: &self.fold, first: Some(self.first), root: Some(self.root) }
    }
}

/// The rolls of an Open in the order of its pins; `None` for one that is not there at that size.
pub(crate) fn pinned_folds(
    replay: &mut Replay<'_>,
    rolls: &BTreeMap<LogPath, Arc<RollCell>>,
    register: &RegisterFold,
    open: &Open,
) -> Result<Vec<Option<PinnedFold>>, EngineError> {
    let domain = &register.genesis().domain;
    let jury_size = open.seen.register.size;
    let pinned = open.pins.iter().map(|pin| {
        let path = LogPath::of_origin(&pin.origin, domain);
        let Some(cell) = path.and_then(|path| rolls.get(&path)) else { return Ok(None) };
        pinned_fold(replay, cell, register, pin.head.size, jury_size)
    });
    pinned.collect()
}

fn pinned_fold(
    replay: &mut Replay<'_>,
    cell: &Arc<RollCell>,
    register: &RegisterFold,
    size: u64,
    jury_size: u64,
) -> Result<Option<PinnedFold>, EngineError> {
    if size == 0 || size > cell.log.head().size {
        return Ok(None);
    }
    let root = replay.reader.root_at(cell.log.id, size)?;
    let first = cell.headed.header_leaf().expect("only a roll with a header has a cell");
    let fold = replay.roll_at(cell, size, register, jury_size)?;
    Ok(Some(PinnedFold { fold, first, root }))
}

/// Whether all officers known now were known at `jury_size`: then a roll judged as it grew is
/// judged as an Open with that view judges it.
///
/// Each entry was let in before the register of its day, so its signers held their roles then.
/// Roles once held count for every later size (ROLL-9); so the two judges can only differ if a list
/// of officers came after `jury_size`.
pub(crate) fn same_officers(register: &RegisterFold, jury_size: u64) -> bool {
    let seen = register.officers_at(jury_size);
    seen.is_some_and(|seen| core::ptr::eq(seen, register.officers()))
}

/// What an Open of a poll with this definition should pin now. `None` if a roll is not there.
pub(crate) fn pins_now(
    rolls: &BTreeMap<LogPath, Arc<RollCell>>,
    definition: &Definition,
    domain: &str,
) -> Option<Vec<Pin>> {
    let pins = definition.rolls.iter().map(|origin| {
        let cell = rolls.get(&LogPath::of_origin(origin, domain)?)?;
        let folded = read(&cell.folded);
        let eligible = eligible_of(definition, &folded.fold);
        let Head { size, root } = folded.head;
        Some(Pin { origin: origin.clone(), head: Head { size, root }, eligible })
    });
    pins.collect()
}
