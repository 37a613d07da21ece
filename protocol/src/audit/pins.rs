//! Reads the rolls of a poll: those that an Open pins, as its judge must see them, and where no
//! Open stands, those that the definition names.
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
use crate::poll::acts::Open;
use crate::poll::definition::Definition;
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

/// How far a roll is judged.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Entries of the roll that are judged.
    pin: u64,
    /// Entries of the register by which they are.
    register: u64,
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
    let pins = open.pins.iter();
    pins.map(|pin| {
        let extent = Extent { pin: pin.head.size, register: open.seen.register.size };
        read_roll(around, register, &pin.origin, extent, hasher)
    })
    .collect()
}

/// The rolls of a definition, where no Open stands that would pin them: all their entries, by the
/// whole register.
pub(super) fn read_named_rolls<'a, S: Source, C: Crew>(
    around: &Surroundings<'a, S, C>,
    register: &RegisterFold,
    definition: &Definition,
    hasher: &RandomState,
) -> Result<Vec<RollRead<'a, S>>, S::Error> {
    // ROLL-9: whoever reads a roll without an Open uses the whole register held.
    let extent = Extent { pin: u64::MAX, register: u64::MAX };
    let read = definition
        .rolls
        .iter()
        .filter_map(|origin| read_roll(around, register, origin, extent, hasher).transpose());
    read.collect()
}

fn read_roll<'a, S: Source, C: Crew>(
    around: &Surroundings<'a, S, C>,
    register: &RegisterFold,
    origin: &str,
    extent: Extent,
    hasher: &RandomState,
) -> Result<Option<RollRead<'a, S>>, S::Error> {
    let path = LogPath::of_origin(origin, &register.genesis().domain);
    let Some(path @ LogPath::Roll(_)) = path else { return Ok(None) };
    let path = Arc::new(path);
    let anchors = register.anchors_of(origin);
    let mut head = ShownHead::fetch(around.source, &path)?;
    let anchored = anchors.last().map_or(0, |anchor| anchor.size);
    if head.checkpoint().is_some_and(|checkpoint| checkpoint.size < anchored) {
        // The register was read before: an honest head is by now as large.
        head = ShownHead::fetch(around.source, &path)?;
    }
    let mut wanted = around.exhibits.sizes(&path);
    wanted.extend(anchors.iter().map(|anchor| anchor.size));
    wanted.insert(extent.pin);
    let mut log = LogRead::new(around.source, Arc::clone(&path), wanted);
    let mut judge = RollJudge::new(register, extent.register, path, extent.pin, hasher);
    if let Some(checkpoint) = head.checkpoint() {
        let end = (checkpoint.size, checkpoint.root);
        log.read(around.crew, end, &mut judge, around.progress)?;
    }
    if !head.is_there() {
        // AUDIT-4: taken to be empty.
        log.withhold();
    }
    let pinned_root = log.root_at(extent.pin)?;
    let RollJudge { fold, findings, .. } = judge;
    Ok(Some(RollRead { head, log, fold, pinned_root, findings }))
}
