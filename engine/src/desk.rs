//! The desk: entries of staff are prepared here, off the writer's thread, with all that takes
//! long: the signatures of a batch of enrolments, a roll at the size of a pin, the count of a
//! closed poll.
//!
//! Nothing is decided here: the writer judges, and every preparation is worthless if the state it
//! was made for has been reloaded. Not here: ballots ([`crate::voting::ballots`]).

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::{ExaminedEntry, RollFold, RollJury};

use crate::city::{City, Counted, RegisterCell};
use crate::drafts::check_signers;
use crate::error::{EngineError, Refusal};
use crate::lock::read;
use crate::receipts::{Recorded, Reply};
use crate::replay::Replay;
use crate::sequencer::{Task, find_recorded};
use crate::shared::Shared;
use crate::voting::pins::{PinnedFold, pinned_folds};

/// An entry of staff as it was submitted.
pub(crate) struct Act {
    pub(crate) path: LogPath,
    pub(crate) entry: SignedEntry,
    pub(crate) reply: Reply,
}

/// An entry of staff, ready to be judged.
pub(crate) struct PreparedAct {
    pub(crate) path: LogPath,
    pub(crate) prepared: Prepared,
    /// The state it was prepared for.
    pub(crate) epoch: Arc<RegisterCell>,
    pub(crate) reply: Reply,
}

/// By type of log.
pub(crate) enum Prepared {
    Register(SignedEntry),
    Roll(ExaminedEntry),
    Phase(PhaseAct),
}

/// A phase entry with what its judge has to look up.
pub(crate) struct PhaseAct {
    pub(crate) entry: SignedEntry,
    /// For an Open, the pinned rolls.
    pub(crate) pinned: Vec<Option<PinnedFold>>,
    /// For a Certify, the server's own count.
    pub(crate) counted: Option<Arc<Counted>>,
}

impl Prepared {
    pub(crate) const fn entry(&self) -> &SignedEntry {
        match self {
            Self::Register(entry) => entry,
            Self::Roll(examined) => examined.entry(),
            Self::Phase(act) => &act.entry,
        }
    }
}

/// Prepares what comes, until the queue is closed and empty.
pub(crate) fn run_desk(
    shared: &Shared,
    acts: &Receiver<Act>,
    tasks: &Sender<Task>,
    rng: &mut StdRng,
) {
    while let Ok(Act { path, entry, reply }) = acts.recv() {
        let city = shared.city();
        let epoch = Arc::clone(&city.register);
        match find_repeat(shared, &city, &path, &entry) {
            Ok(None) => {}
            Ok(Some(recorded)) => {
                shared.metrics.count_repeat();
                reply.send(Ok(recorded));
                continue;
            }
            Err(refusal) => {
                shared.refuse(reply, refusal);
                continue;
            }
        }
        match prepare(shared, &city, &path, entry, rng) {
            Ok(prepared) => {
                let act = PreparedAct { path, prepared, epoch, reply };
                if tasks.send(Task::Act(Box::new(act))).is_err() {
                    return;
                }
            }
            Err(refusal) => shared.refuse(reply, refusal),
        }
    }
}

/// RECEIPT-5: the same bytes again get the index at which they stand, whatever has become of the
/// place they asked for.
pub(crate) fn find_repeat(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: &SignedEntry,
) -> Result<Option<Recorded>, Refusal> {
    let Some(log) = city.log(path) else { return Ok(None) };
    find_recorded(shared, log, &entry.leaf(), Some(entry.bytes())).map_err(|error| {
        shared.note_error(&error);
        Refusal::StorageFailed
    })
}

fn prepare(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: SignedEntry,
    rng: &mut StdRng,
) -> Result<Prepared, Refusal> {
    // API-2: a header and an Announce begin their logs, and nothing else stands where there is none.
    let begins = matches!(entry.payload(), Payload::Roll(_) | Payload::Announce(_));
    if !begins && city.log(path).is_none() {
        return Err(Refusal::UnknownLog);
    }
    match path {
        LogPath::Register => Ok(Prepared::Register(entry)),
        LogPath::Roll(_) => examine(shared, city, path, entry, rng).map(Prepared::Roll),
        LogPath::Poll(_) => prepare_phase(shared, city, path, entry, rng).map(Prepared::Phase),
    }
}

fn examine(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: SignedEntry,
    rng: &mut StdRng,
) -> Result<ExaminedEntry, Refusal> {
    let register = city.register.fold();
    let roll = city.rolls.get(path);
    let is_header = matches!(entry.payload(), Payload::Roll(_));
    check_worth(&register, &entry, is_header == roll.is_some())?;
    let new;
    let fold = if let Some(roll) = roll {
        &roll.headed
    } else {
        let origin = path.origin(&register.genesis().domain);
        new = RollFold::new(register.instance(), origin, &shared.hasher);
        &new
    };
    // ROLL-8: the officers' own signatures come before 256 of others, since anyone can name them.
    entry.verify(&fold.binding())?;
    let examined = fold.examine(vec![entry], rng);
    Ok(examined.into_iter().next().expect("one entry in, one out"))
}

/// Refuses what the roll's fold will refuse before it asks for a signature, in the same order, so
/// that strangers cannot have 256 signatures of theirs verified with one request.
fn check_worth(
    register: &RegisterFold,
    entry: &SignedEntry,
    misplaced: bool,
) -> Result<(), Breach> {
    // ROLL-8: place, then signers, then signatures.
    if misplaced {
        return Err(Breach::RollHeader);
    }
    // ROLL-9: a server judges by the whole register that it holds.
    RollJury { register, size: u64::MAX }.check_signers(entry)
}

fn prepare_phase(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: SignedEntry,
    rng: &mut StdRng,
) -> Result<PhaseAct, Refusal> {
    let Some(poll) = city.polls.get(path) else {
        return Ok(PhaseAct { entry, pinned: Vec::new(), counted: None });
    };
    let pinned = match entry.payload() {
        Payload::Open(open) if is_by_officers(city, path, &entry) => {
            let register = city.register.fold();
            let Shared { store, reader, hasher, settings, .. } = shared;
            let mut replay = Replay::new(store.as_ref(), reader, hasher, settings.verifiers, rng);
            pinned_folds(&mut replay, &city.rolls, &register, open).map_err(|error| {
                match error {
                    // An entry that this Open's view of the register would refuse: the pin would
                    // be a finding for ever.
                    EngineError::EntryRefused { breach, .. } => Refusal::Breach(breach),
                    error => {
                        shared.note_error(&error);
                        Refusal::StorageFailed
                    }
                }
            })?
        }
        _ => Vec::new(),
    };
    let counted = match entry.payload() {
        Payload::Certify(_) => poll.counted(),
        _ => None,
    };
    Ok(PhaseAct { entry, pinned, counted })
}

/// Whether officers in force have signed: if not, the fold refuses the entry before it looks at
/// pins, and folding rolls for it would be work that any stranger could ask for.
fn is_by_officers(city: &City, path: &LogPath, entry: &SignedEntry) -> bool {
    let Some(poll) = city.polls.get(path) else { return false };
    let fold = read(&poll.fold);
    check_signers(&city.register.fold(), entry).is_ok()
        && entry.verify(&fold.binding(Kind::Open)).is_ok()
}
