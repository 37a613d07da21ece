//! Acts of two poll officers: announce, open, close, certify, cancel (spec/polls.md).
//!
//! What the officers state to have seen is what this program has read and hashed; the pins and the
//! result are its own folds.

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::empty_root;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{
    Announce, Cancel, CancelReason, Certify, Close, Head, Open, Pin, Seen,
};
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::electorate::eligible_of;
use veche_protocol::poll::fold::{OFFICERS_PER_ACT, PollFold};

use crate::acts::Act;
use crate::city::City;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy::RollCopy;

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

/// The poll opens, with these rolls as far as they were read. They come in the definition's order.
pub fn open(city: &City, poll: &PollCopy, rolls: &[RollCopy]) -> Result<Act, ClientError> {
    let unlawful = |breach| ClientError::unlawful(format!("opening {}", poll.log().path()))(breach);
    poll.fold().phase().after(Kind::Open).map_err(unlawful)?;
    let Some(definition) = poll.fold().definition() else {
        return Err(unlawful(Breach::NotAnnounced));
    };
    // POLL-12, POLL-13: the pins are this program's own reading and counting of the rolls.
    let pins = rolls.iter().map(|roll| Pin {
        origin: roll.log().origin().to_owned(),
        head: roll.log().head(),
        eligible: eligible_of(definition, roll.fold()),
    });
    let payload = Payload::Open(Open { seen: seen(city, poll), pins: pins.collect() });
    phase_act(poll, payload)
}

/// The poll closes.
pub fn close(city: &City, poll: &PollCopy) -> Result<Act, ClientError> {
    phase_act(poll, Payload::Close(Close { seen: seen(city, poll) }))
}

/// The poll ends without a result that binds.
pub fn cancel(city: &City, poll: &PollCopy, reason: CancelReason) -> Result<Act, ClientError> {
    phase_act(poll, Payload::Cancel(Cancel { seen: seen(city, poll), reason }))
}

/// The result, as this program has counted it.
pub fn certify(city: &City, poll: &PollCopy) -> Result<Act, ClientError> {
    check_close_is_anchored(city, poll)?;
    // POLL-18: the result is an own recount of the log, never what a server says.
    let Some((result, _)) = poll.fold().open_and_count() else {
        return Err(ClientError::unlawful("certifying")(Breach::PhaseOutOfOrder));
    };
    phase_act(poll, Payload::Certify(Certify { seen: seen(city, poll), result }))
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
    // POLL-1: an act that the phase does not admit is not worth a signature.
    let what = format!("{} of {path}", kind.name());
    poll.fold().phase().after(kind).map_err(ClientError::unlawful(what))?;
    let act = Act::new(path.clone(), &poll.fold().binding(kind), payload);
    act.check_length(OFFICERS_PER_ACT)?;
    Ok(act)
}
