//! The desk: entries of staff are prepared here, off the writer's thread, with all that takes
//! long: the signatures of a batch of enrolments, a roll at the size of a pin, the count of a
//! closed poll.
//!
//! Nothing is decided here: the writer judges, and every preparation is worthless if the state it
//! was made for has been reloaded. Not here: what comes in numbers ([`crate::voting::intake`]).

use std::borrow::Cow;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use rand::rngs::StdRng;
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::roll::fold::{ExaminedEntry, RollFold, RollJury};

use crate::city::{City, Counted, RegisterCell};
use crate::drafts::check_signers;
use crate::error::{EngineError, Refusal};
use crate::lock::read;
use crate::receipts::{Recorded, Reply};
use crate::replay::Replay;
use crate::sequencer::{Task, find_recorded, refuse_operator_entries};
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
    Single(SingleAct),
}

/// A single act on a poll with what its judge has to look up.
pub(crate) struct SingleAct {
    pub(crate) entry: SignedEntry,
    /// For an Open or a Begin, the pinned rolls.
    pub(crate) pinned: Vec<Option<PinnedFold>>,
    /// For a Certify, the server's own count.
    pub(crate) counted: Option<Arc<Counted>>,
}

impl Prepared {
    pub(crate) const fn entry(&self) -> &SignedEntry {
        match self {
            Self::Register(entry) => entry,
            Self::Roll(examined) => examined.entry(),
            Self::Single(act) => &act.entry,
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
        match find_or_check(shared, &city, &path, &entry) {
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

/// What was recorded of an entry before, or `None` for one that is worth preparing.
fn find_or_check(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: &SignedEntry,
) -> Result<Option<Recorded>, Refusal> {
    if let Some(recorded) = find_repeat(shared, city, path, entry)? {
        return Ok(Some(recorded));
    }
    let Err(refusal) = check(shared, city, path, entry) else { return Ok(None) };
    // RECEIPT-5: its first copy may have been recorded meanwhile, and its place be taken by itself.
    find_repeat(shared, city, path, entry)?.map(Some).ok_or(refusal)
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

/// Refuses what the writer will refuse before it looks anything up, in the same order and by the
/// same rules: an entry that any stranger can make ends here, and costs the writer nothing.
fn check(shared: &Shared, city: &City, path: &LogPath, entry: &SignedEntry) -> Result<(), Refusal> {
    // API-2: a header and an Announce begin their logs; nothing else stands where there is none.
    let begins = matches!(entry.payload(), Payload::Roll(_) | Payload::Announce(_));
    if !begins && city.log(path).is_none() {
        return Err(Refusal::UnknownLog);
    }
    // The size first: the fold is never behind the published head.
    let register_size = city.register.log.head().size;
    let register = city.register.fold();
    match path {
        LogPath::Register => {
            refuse_operator_entries(entry.payload())?;
            // REG-3, REG-4: by the fold that everyone shares.
            register.check_governance(entry)?;
        }
        LogPath::Roll(_) => {
            let roll = city.rolls.get(path);
            // ROLL-8: place, then signers, then signatures: the officers' own, before 256 of
            // others, since anyone can name them.
            if matches!(entry.payload(), Payload::Roll(_)) == roll.is_some() {
                return Err(Breach::RollHeader.into());
            }
            // ROLL-9: a server judges by the whole register that it holds.
            RollJury { register: &register, size: u64::MAX }.check_signers(entry)?;
            entry.verify(&headed(shared, city, path).binding())?;
        }
        LogPath::Poll(_) => {
            // POLL-2: place, signers and signatures, before the writer copies the fold of a poll
            // of a million voters, or looks up a root, for anyone who asks.
            // CRED-6, CEREMONY-1: likewise, of issuers and trustees.
            if let Some(poll) = city.polls.get(path) {
                read(&poll.fold).check_signers(entry, &register, register_size)?;
            } else {
                let fold = PollFold::new(&register, path, &shared.hasher);
                fold.check_signers(entry, &register, register_size)?;
            }
        }
    }
    Ok(())
}

fn prepare(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: SignedEntry,
    rng: &mut StdRng,
) -> Result<Prepared, Refusal> {
    match path {
        LogPath::Register => Ok(Prepared::Register(entry)),
        LogPath::Roll(_) => {
            let examined = headed(shared, city, path).examine(vec![entry], rng);
            let examined = examined.into_iter().next().expect("one entry in, one out");
            Ok(Prepared::Roll(examined))
        }
        LogPath::Poll(_) => prepare_single(shared, city, path, entry, rng).map(Prepared::Single),
    }
}

/// The roll after its header, or before it where there is none yet.
fn headed<'a>(shared: &Shared, city: &'a City, path: &LogPath) -> Cow<'a, RollFold> {
    if let Some(roll) = city.rolls.get(path) {
        return Cow::Borrowed(&roll.headed);
    }
    let register = city.register.fold();
    let origin = path.origin(&register.genesis().domain);
    Cow::Owned(RollFold::new(register.instance(), origin, &shared.hasher))
}

fn prepare_single(
    shared: &Shared,
    city: &City,
    path: &LogPath,
    entry: SignedEntry,
    rng: &mut StdRng,
) -> Result<SingleAct, Refusal> {
    let Some(poll) = city.polls.get(path) else {
        return Ok(SingleAct { entry, pinned: Vec::new(), counted: None });
    };
    let register = city.register.fold();
    let pinned = match entry.payload() {
        // Officers dismissed since are refused before anyone looks at the pins (POLL-7).
        Payload::Begin(open) | Payload::Open(open) if check_signers(&register, &entry).is_ok() => {
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
        Payload::Certify(_) => poll.counted(shared.settings.verifiers),
        _ => None,
    };
    Ok(SingleAct { entry, pinned, counted })
}
