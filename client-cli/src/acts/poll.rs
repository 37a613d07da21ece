//! Acts of two poll officers: announce, begin, open, close, certify, cancel (spec/polls.md), and
//! exclude (spec/ceremony.md).
//!
//! What the officers state to have seen is what this program has read and hashed; the pins and the
//! result are its own folds.

use veche_protocol::breach::Breach;
use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::empty_root;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{
    Announce, Cancel, CancelReason, Certify, Close, Head, Open, Pin, Seen,
};
use veche_protocol::poll::ceremony_fold::Stage;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::electorate::eligible_of;
use veche_protocol::poll::fold::{OFFICERS_PER_ACT, PollFold};
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::trusteeship::Exclude;

use crate::acts::{Act, pinning};
use crate::city::City;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy::RollCopy;
use crate::words::ceremony as words;

/// The poll and everything about it, from here on frozen.
pub fn announce(city: &City, id: &str, definition: Definition) -> Result<Act, ClientError> {
    let path = LogPath::Poll(id.to_owned());
    // POLL-8, POLL-9, POLL-10: a definition that breaks the law is not worth a signature.
    definition.check(city.pins().domain()).map_err(ClientError::unlawful("the definition"))?;
    let fold = PollFold::new(city.register(), &path, city.hasher());
    let own = Head { size: 0, root: empty_root() };
    let seen = Seen { own, register: city.log().head() };
    let payload = Payload::Announce(Announce { seen, definition });
    let act = Act::new(path, &fold.binding(Kind::Announce), payload);
    act.check_length(OFFICERS_PER_ACT)?;
    Ok(act)
}

/// An anonymous poll begins to issue credentials, to the voters of these rolls as far as they were
/// read. They come in the definition's order.
pub fn begin(city: &City, poll: &PollCopy, rolls: &[RollCopy]) -> Result<Act, ClientError> {
    let definition = check_position(poll, Kind::Begin)?;
    let pins = pins(definition, poll, rolls)?;
    phase_act(poll, Payload::Begin(Open { seen: seen(city, poll), pins }))
}

/// The poll opens: a named one with these rolls as far as they were read, in the definition's
/// order; an anonymous one for those whom its Begin has pinned.
pub fn open(city: &City, poll: &PollCopy, rolls: &[RollCopy]) -> Result<Act, ClientError> {
    let definition = check_position(poll, Kind::Open)?;
    if let Some(ceremony) = poll.fold().ceremony()
        && ceremony.stage() != Stage::Complete
    {
        // CEREMONY-11: there is no key to seal with.
        let what = words::waiting_for(ceremony, &definition.trustees);
        return Err(ClientError::unlawful(what)(Breach::CeremonyIncomplete));
    }
    // POLL-22: Begin has pinned the rolls of an anonymous poll.
    let pins = if definition.is_anonymous() { Vec::new() } else { pins(definition, poll, rolls)? };
    phase_act(poll, Payload::Open(Open { seen: seen(city, poll), pins }))
}

fn check_position(poll: &PollCopy, kind: Kind) -> Result<&Definition, ClientError> {
    let path = poll.log().path();
    let unlawful = |breach| ClientError::unlawful(format!("{} of {path}", kind.name()))(breach);
    // POLL-1, POLL-21: an act that has no place here is not worth a signature.
    poll.fold().check_position(kind).map_err(unlawful)?;
    poll.fold().definition().map(AsRef::as_ref).ok_or_else(|| unlawful(Breach::NotAnnounced))
}

/// POLL-12, POLL-13: the pins are this program's own reading and counting of the rolls.
fn pins(
    definition: &Definition,
    poll: &PollCopy,
    rolls: &[RollCopy],
) -> Result<Vec<Pin>, ClientError> {
    pinning::check(definition, poll.fold(), rolls)?;
    let pins = rolls.iter().map(|roll| Pin {
        origin: roll.log().origin().to_owned(),
        head: roll.log().head(),
        eligible: eligible_of(definition, roll.fold()),
    });
    Ok(pins.collect())
}

/// Two officers take silent trustees out of the ceremony, which begins anew without them.
pub fn exclude(
    city: &City,
    poll: &PollCopy,
    mut trustees: Vec<TrusteeIndex>,
) -> Result<Act, ClientError> {
    check_position(poll, Kind::Exclude)?;
    let unlawful = |what: String| ClientError::unlawful(what);
    let path = poll.log().path();
    let Some(ceremony) = poll.fold().ceremony() else {
        return Err(unlawful(format!("exclude for {path}"))(Breach::EntryNotOfPoll));
    };
    trustees.sort_unstable();
    trustees.dedup();
    // CEREMONY-10: only who has not done what the ceremony waits for.
    if matches!(ceremony.stage(), Stage::Complete | Stage::Failed) {
        return Err(unlawful(format!("exclude for {path}"))(Breach::CeremonyStage));
    }
    let is_silent = |index| ceremony.participants().any(|other| other == (index, false));
    if let Some(index) = trustees.iter().find(|&&index| !is_silent(index)) {
        let what = format!("excluding trustee {}", index.get());
        return Err(unlawful(what)(Breach::TrusteeNotSilent));
    }
    let (seen, number) = (seen(city, poll), ceremony.context().ceremony);
    phase_act(poll, Payload::Exclude(Exclude { seen, ceremony: number, trustees }))
}

/// The poll closes.
pub fn close(city: &City, poll: &PollCopy) -> Result<Act, ClientError> {
    phase_act(poll, Payload::Close(Close { seen: seen(city, poll) }))
}

/// The poll ends without a result that binds.
pub fn cancel(city: &City, poll: &PollCopy, reason: CancelReason) -> Result<Act, ClientError> {
    let ceremony = poll.fold().ceremony();
    let is_unopened = ceremony.is_some_and(|ceremony| !ceremony.can_open());
    let is_for_shares = reason == CancelReason::SharesMissing;
    let is_closed = poll.fold().phase() == Phase::Closed;
    // POLL-21: after the close only because the ballots cannot be opened.
    if is_for_shares != is_closed || is_for_shares && !is_unopened {
        let what = format!("cancelling {} for {}", poll.log().path(), reason.name());
        return Err(ClientError::unlawful(what)(Breach::PhaseOutOfOrder));
    }
    phase_act(poll, Payload::Cancel(Cancel { seen: seen(city, poll), reason }))
}

/// The result, as this program has counted it.
pub fn certify(city: &City, poll: &PollCopy) -> Result<Act, ClientError> {
    check_close_is_anchored(city, poll)?;
    check_shares(poll)?;
    // POLL-18: the result is an own recount of the log, never what a server says.
    let Some((result, _)) = poll.count() else {
        return Err(ClientError::unlawful("certifying")(Breach::PhaseOutOfOrder));
    };
    phase_act(poll, Payload::Certify(Certify { seen: seen(city, poll), result }))
}

/// POLL-24: that enough trustees have laid their shares open.
fn check_shares(poll: &PollCopy) -> Result<(), ClientError> {
    let (Some(ceremony), Some(definition)) = (poll.fold().ceremony(), poll.fold().definition())
    else {
        return Ok(());
    };
    if ceremony.can_open() {
        return Ok(());
    }
    let what = words::shares(ceremony, &definition.trustees);
    Err(ClientError::unlawful(what)(Breach::SharesMissing))
}

/// POLL-17: that the register has taken note of the close, in the entries that were read.
pub fn check_close_is_anchored(city: &City, poll: &PollCopy) -> Result<(), ClientError> {
    let what = format!("certifying {}", poll.log().path());
    let Some(close) = poll.fold().entry(Kind::Close) else {
        return Err(ClientError::unlawful(what)(Breach::PhaseOutOfOrder));
    };
    let anchors = city.register().anchors_of(poll.log().origin());
    if anchors.iter().any(|anchor| anchor.size > close.index) {
        return Ok(());
    }
    Err(ClientError::unlawful(what)(Breach::AnchorMissing))
}

fn seen(city: &City, poll: &PollCopy) -> Seen {
    Seen { own: poll.log().head(), register: city.log().head() }
}

fn phase_act(poll: &PollCopy, payload: Payload) -> Result<Act, ClientError> {
    let kind = payload.kind();
    let path = poll.log().path();
    // POLL-1, POLL-21: an act that has no place here is not worth a signature.
    let what = format!("{} of {path}", kind.name());
    poll.fold().check_position(kind).map_err(ClientError::unlawful(what))?;
    let act = Act::new(path.clone(), &poll.fold().binding(kind), payload);
    act.check_length(OFFICERS_PER_ACT)?;
    Ok(act)
}
