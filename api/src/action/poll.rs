//! One poll: its definition, where it stands, and what the next signer has to know.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::{Engine, PollView as Poll};
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Seen;
use veche_protocol::poll::phase::Phase;

use crate::app::Shared;
use crate::extract::Log;
use crate::problem::{Problem, ProblemDocument};
use crate::view::authorities::{CeremonyView, CredentialsView};
use crate::view::definition::DefinitionView;
use crate::view::{PhaseEntryView, PinView, SeenView};

/// A poll as it is now.
#[derive(Serialize, ToSchema)]
pub(crate) struct PollView {
    /// Its origin.
    origin: String,
    /// Where it stands: announced, begun, open, closed, certified, cancelled.
    #[schema(example = "open")]
    phase: &'static str,
    /// Everything that was decided before the first ballot.
    definition: DefinitionView,
    /// Leaf hash of the phase entry under which the next entry acts; null once the poll is over.
    under: Option<String>,
    /// The signed heads of the poll and of the register, as a phase entry needs them.
    seen: SeenView,
    /// The phase entries that stand.
    entries: Vec<PhaseEntryView>,
    /// The rolls as far as the poll counts them; none before it is open, or begun.
    pins: Vec<PinView>,
    /// How many may vote, and have.
    counts: CountsView,
    /// By district, how far credentials have come; none in a named poll, or before it is begun.
    credentials: Vec<CredentialsView>,
    /// The trustees' ceremony; null in an open poll.
    ceremony: Option<CeremonyView>,
}

/// How many may vote, and have.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// Voters on the pinned rolls.
    eligible: u64,
    /// Ballots taken in, those that later ones replace included.
    accepted: u64,
    /// Voters, or in an anonymous poll credentials, with a ballot that stands.
    effective: u64,
}

/// A poll as it is now.
#[utoipa::path(
    get,
    path = "/api/v1/polls/{id}",
    tag = "polls",
    params(("id" = String, Path, description = "Id of the poll")),
    responses(
        (status = 200, description = "The poll", body = PollView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Log(path): Log,
) -> Result<Json<PollView>, Problem> {
    let (poll, seen) = one_state(&app.engine, &path).ok_or_else(|| Problem::unknown_log(&path))?;
    let ended = matches!(poll.phase, Phase::Certified | Phase::Cancelled);
    let under = poll.phases.last().filter(|_| !ended).map(|entry| entry.leaf.to_string());
    let eligible = poll.districts.iter().map(|district| district.eligible).sum();
    let is_anonymous = poll.definition.is_anonymous();
    let districts = poll.districts.iter().filter(|_| is_anonymous);
    Ok(Json(PollView {
        origin: path.origin(&app.engine.domain()),
        phase: poll.phase.name(),
        definition: poll.definition.as_ref().into(),
        under,
        seen: seen.into(),
        entries: poll.phases.iter().map(PhaseEntryView::from).collect(),
        pins: poll.pins.iter().map(PinView::from).collect(),
        counts: CountsView { eligible, accepted: poll.accepted, effective: poll.voted },
        credentials: districts.map(CredentialsView::from).collect(),
        ceremony: poll.ceremony.as_deref().map(CeremonyView::from),
    }))
}

/// The poll, and heads to sign for that are at least as long as what its phases show.
fn one_state(engine: &Engine, path: &LogPath) -> Option<(Poll, Seen)> {
    // API-6: a phase is published with the head that covers it, so the view is of one state when
    // no phase entry lies above its head and no other phase came while it was read.
    loop {
        let poll = engine.poll(path)?;
        let register = engine.head(&LogPath::Register)?.head();
        let again = engine.poll(path)?;
        let covered = poll.phases.iter().all(|entry| entry.index < poll.head.size);
        if covered && poll.phases.len() == again.phases.len() {
            let seen = Seen { own: poll.head.head(), register };
            return Some((poll, seen));
        }
    }
}

/// What a Begin of this poll, or an Open that pins, has to pin now.
#[utoipa::path(
    get,
    path = "/api/v1/polls/{id}/pins",
    tag = "polls",
    params(("id" = String, Path, description = "Id of the poll")),
    responses(
        (status = 200, description = "The pins, in the order of the definition's rolls",
            body = Vec<PinView>),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn pins(
    State(app): State<Shared>,
    Log(path): Log,
) -> Result<Json<Vec<PinView>>, Problem> {
    let pins = app.read(move |engine| engine.pins(&path)).await??;
    Ok(Json(pins.iter().map(PinView::from).collect()))
}
