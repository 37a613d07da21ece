//! What a server refuses beyond the folds: acts that are early by its clock, and claims that differ
//! from its own count. On a log these are findings; an honest server does not let them get there.
//!
//! Not here: what every reader judges alike (the folds).

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::result::PollResult;
use veche_protocol::register::Role;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::signature::Key;

/// What only the server itself can judge by.
pub(crate) struct OwnView<'a> {
    pub(crate) register: &'a RegisterFold,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// The server's own count, if the poll is closed.
    pub(crate) counted: Option<&'a PollResult>,
}

/// Judges a phase entry that `fold` has just taken in.
pub(crate) fn check(fold: &PollFold, entry: &SignedEntry, own: &OwnView<'_>) -> Result<(), Breach> {
    let Some(definition) = fold.definition() else { return Ok(()) };
    let now = own.now;
    let schedule = definition.schedule;
    match entry.payload() {
        // POLL-7, REG-11: the announcement will stand at the end of the register as it is now, and
        // every reader after this one will ask who was in office there.
        Payload::Announce(_) if !entry.signers().all(|key| is_poll_officer(own.register, key)) => {
            Err(Breach::OfficerPinStale)
        }
        // POLL-15: by the server's own clock, as nobody else can.
        Payload::Open(_) if now < schedule.opens_at => Err(Breach::OpenedEarly),
        Payload::Close(_) if now < schedule.closes_at.saturating_sub(schedule.tolerance) => {
            Err(Breach::ClosedEarly)
        }
        Payload::Certify(certify) => {
            check_anchored(fold, own.register, certify.seen.register.size)?;
            // POLL-18: a claim that differs from the server's own count is refused.
            let counted = own.counted.ok_or(Breach::ResultMismatch)?;
            counted.compare(&certify.result).first().map_or(Ok(()), |&breach| Err(breach))
        }
        _ => Ok(()),
    }
}

fn is_poll_officer(register: &RegisterFold, key: &Key) -> bool {
    let officer = register.officers().find(key);
    officer.is_some_and(|officer| officer.roles.contains(&Role::PollOfficer))
}

/// The register that the officers had seen must hold the log beyond its Close.
fn check_anchored(
    fold: &PollFold,
    register: &RegisterFold,
    register_size: u64,
) -> Result<(), Breach> {
    // POLL-17: or the claim could stand on a log that is then exchanged.
    let close = fold.entry(Kind::Close).ok_or(Breach::PhaseOutOfOrder)?.index;
    let anchored = register
        .anchors_of(fold.origin())
        .iter()
        .any(|anchor| anchor.index < register_size && anchor.size > close);
    if anchored { Ok(()) } else { Err(Breach::AnchorMissing) }
}
