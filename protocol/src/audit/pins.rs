//! Reads the rolls that an Open pins, as its judge must see them.
//!
//! Not here: the judging of their entries ([`super::rolls`]) and of the pins (the poll's fold).

use std::hash::RandomState;
use std::sync::Arc;

use super::entries::LogRead;
use super::finding::Findings;
use super::heads::ShownHead;
use super::rolls::RollJudge;
use super::source::{Crew, Source};
use super::surroundings::Surroundings;
use crate::hash::Hash;
use crate::name::LogPath;
use crate::poll::acts::{Open, Pin};
use crate::register::fold::RegisterFold;
use crate::roll::fold::RollFold;

/// A roll that was read to its head, and judged up to a pin.
pub(super) struct RollRead<'a, S> {
    pub(super) head: ShownHead,
    pub(super) log: LogRead<'a, S>,
    pub(super) fold: RollFold,
    pub(super) pinned_root: Option<Hash>,
    pub(super) findings: Findings,
}

impl<S> RollRead<'_, S> {
    /// The same without its lists of voters, which take 60 bytes for each.
    pub(super) fn without_voters(mut self) -> Self {
        let origin = self.fold.origin().to_owned();
        self.fold = RollFold::new(Hash::ZERO, origin, &RandomState::new());
        self
    }
}

/// The rolls of the pins, in their order; `None` for one that cannot be a roll of this city, or of
/// which the source has nothing.
pub(super) fn read_rolls<'a, S: Source, C: Crew>(
    around: &Surroundings<'a, S, C>,
    register: &RegisterFold,
    open: &Open,
    hasher: &RandomState,
) -> Result<Vec<Option<RollRead<'a, S>>>, S::Error> {
    let size = open.seen.register.size;
    open.pins.iter().map(|pin| read_roll(around, register, size, pin, hasher)).collect()
}

fn read_roll<'a, S: Source, C: Crew>(
    around: &Surroundings<'a, S, C>,
    register: &RegisterFold,
    register_size: u64,
    pin: &Pin,
    hasher: &RandomState,
) -> Result<Option<RollRead<'a, S>>, S::Error> {
    let path = LogPath::of_origin(&pin.origin, &register.genesis().domain);
    let Some(path @ LogPath::Roll(_)) = path else { return Ok(None) };
    let path = Arc::new(path);
    let anchors = register.anchors_of(&pin.origin);
    let mut head = ShownHead::fetch(around.source, &path)?;
    let anchored = anchors.last().map_or(0, |anchor| anchor.size);
    if head.checkpoint().is_some_and(|checkpoint| checkpoint.size < anchored) {
        // The register was read before: an honest head is by now as large.
        head = ShownHead::fetch(around.source, &path)?;
    }
    let mut wanted = around.exhibits.sizes(&path);
    wanted.extend(anchors.iter().map(|anchor| anchor.size));
    wanted.insert(pin.head.size);
    let mut log = LogRead::new(around.source, Arc::clone(&path), wanted);
    let mut judge = RollJudge::new(register, register_size, path, pin.head.size, hasher);
    if let Some(checkpoint) = head.checkpoint() {
        let end = (checkpoint.size, checkpoint.root);
        log.read(around.crew, end, &mut judge, around.progress)?;
    }
    let pinned_root = log.root_at(pin.head.size)?;
    let RollJudge { fold, findings, .. } = judge;
    Ok(Some(RollRead { head, log, fold, pinned_root, findings }))
}
