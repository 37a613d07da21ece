//! The log that an act is meant for, as this program has read it, and the judgment on the act
//! before it is handed in: by the law's own folds, signatures included.

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::seen_by;
use veche_protocol::poll::fold::{Evidence, PollFold};
use veche_protocol::roll::fold::{RollFold, RollJury};

use crate::acts::Act;
use crate::acts::poll::check_close_is_anchored;
use crate::api::Source;
use crate::city::City;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy::{self, RollCopy};

/// The log for which an act is meant.
#[derive(Debug)]
pub enum Target {
    /// The register.
    Register,
    /// A roll that exists.
    Roll(Box<RollCopy>),
    /// A roll that the act begins.
    NewRoll(Box<RollFold>),
    /// A poll that exists.
    Poll(Box<PollCopy>),
    /// A poll that the act announces.
    NewPoll(Box<PollFold>),
}

impl Target {
    /// Reads the log at `path`, if the city has it.
    pub fn read(
        source: &impl Source,
        city: &City,
        path: &LogPath,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ClientError> {
        Ok(match path {
            LogPath::Register => Self::Register,
            LogPath::Roll(name) if city.has_log(path) => {
                Self::Roll(Box::new(RollCopy::read(source, city, name, progress)?))
            }
            LogPath::Roll(name) => Self::NewRoll(Box::new(roll_copy::empty(city, name))),
            LogPath::Poll(id) if city.has_log(path) => {
                Self::Poll(Box::new(PollCopy::read(source, city, id, progress)?))
            }
            LogPath::Poll(_) => {
                Self::NewPoll(Box::new(PollFold::new(city.register(), path, city.hasher())))
            }
        })
    }

    /// Takes up an entry that others have begun to sign, if their signatures are for this past.
    pub fn take_up(
        &self,
        city: &City,
        path: &LogPath,
        entry: &SignedEntry,
    ) -> Result<Act, ClientError> {
        let kind = entry.payload().kind();
        let binding = match self {
            Self::Register => city.register().governance_binding(),
            Self::Roll(roll) => roll.fold().binding(),
            Self::NewRoll(fold) => fold.binding(),
            Self::Poll(poll) => poll.fold().binding(kind),
            Self::NewPoll(fold) => fold.binding(kind),
        };
        let what = format!("{} for {path}, as signed so far", kind.name());
        Act::of_entry(path.clone(), &binding, entry).map_err(ClientError::unlawful(what))
    }

    /// Judges acts as the next entries of the log, in this order. They carry all their signatures.
    pub fn check(
        &mut self,
        source: &impl Source,
        city: &City,
        acts: &[Act],
    ) -> Result<(), ClientError> {
        if let Self::Poll(poll) = self {
            return acts.iter().try_for_each(|act| check_poll_act(source, city, poll, act));
        }
        let unlawful = |act: &Act, breach| {
            let what = format!("{} for {}", act.payload().kind().name(), act.path());
            ClientError::unlawful(what)(breach)
        };
        match self {
            Self::Register => {
                let mut register = city.register().clone();
                for (index, act) in (city.log().size()..).zip(acts) {
                    let root_at = |size| city.log().root_at(size);
                    let verdict = register.admit(&act.entry(), index, root_at);
                    verdict.map_err(|breach| unlawful(act, breach))?;
                }
                Ok(())
            }
            Self::Roll(roll) => {
                let size = roll.log().size();
                check_roll_acts(city, &mut roll.fold().clone(), size, acts, unlawful)
            }
            Self::NewRoll(fold) => check_roll_acts(city, fold, 0, acts, unlawful),
            Self::NewPoll(fold) => acts.iter().try_for_each(|act| {
                check_announce(city, fold, &act.entry()).map_err(|breach| unlawful(act, breach))
            }),
            Self::Poll(_) => unreachable!("judged above"),
        }
    }
}

fn check_roll_acts(
    city: &City,
    fold: &mut RollFold,
    size: u64,
    acts: &[Act],
    unlawful: impl Fn(&Act, Breach) -> ClientError,
) -> Result<(), ClientError> {
    let jury = RollJury { register: city.register(), size: city.log().size() };
    let entries = acts.iter().map(Act::entry).collect();
    let examined = fold.examine(entries, &mut rand::rng());
    for ((index, act), entry) in (size..).zip(acts).zip(&examined) {
        fold.admit(entry, index, &jury).map_err(|breach| unlawful(act, breach))?;
    }
    Ok(())
}

fn check_announce(city: &City, fold: &mut PollFold, entry: &SignedEntry) -> Result<(), Breach> {
    let seen = seen_by(entry.payload()).ok_or(Breach::NotAnnounced)?;
    let evidence = Evidence {
        register: city.register(),
        register_root: city.log().root_at(seen.register.size),
        own_root: None,
        rolls: &[],
    };
    fold.admit(entry, 0, &evidence).map(drop)
}

fn check_poll_act(
    source: &impl Source,
    city: &City,
    poll: &mut PollCopy,
    act: &Act,
) -> Result<(), ClientError> {
    let kind = act.payload().kind();
    let what = || format!("{} for {}", kind.name(), act.path());
    poll.check_act(source, city, &act.entry())?.map_err(ClientError::unlawful(what()))?;
    if kind == Kind::Certify {
        check_claim(city, poll, act)?;
    }
    Ok(())
}

/// That a Certify claims what this program counts, and may be made already.
pub fn check_claim(city: &City, poll: &PollCopy, act: &Act) -> Result<(), ClientError> {
    let Payload::Certify(certify) = act.payload() else { return Ok(()) };
    check_close_is_anchored(city, poll)?;
    let what = format!("the result claimed for {}", act.path());
    let own = poll.count();
    // POLL-18: compared with an own recount, and never taken over.
    let breach = match &own {
        None => Some(Breach::PhaseOutOfOrder),
        Some((own, _)) => own.compare(&certify.result).first().copied(),
    };
    breach.map_or(Ok(()), |breach| Err(ClientError::unlawful(what)(breach)))
}
