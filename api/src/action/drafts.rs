//! Drafts: entries that wait for the signatures of others (spec/api.md, "Drafts").
//!
//! Not here: who may sign what, and when enough have (the engine's).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use veche_engine::{DraftView as Draft, Engine, Proposal};
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::sha256;
use veche_protocol::name::LogPath;

use crate::app::{App, Shared};
use crate::body::{self, EntryInJson};
use crate::extract::DraftId;
use crate::problem::{Own, Problem, ProblemDocument};
use crate::view::base64;
use crate::view::receipt::ReceiptView;

/// An entry left for others to sign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDraft {
    /// Path of the log for which it is meant.
    #[schema(example = "poll/park-2026")]
    path: String,
    /// The entry with at least one signature, in base64.
    entry: String,
}

/// What a list says of an entry that waits for signatures.
#[derive(Serialize, ToSchema)]
pub(crate) struct DraftSummary {
    /// SHA-256 of the message that the signatures cover, in hex.
    id: String,
    /// Path of the log for which it is meant.
    path: String,
    /// Its kind.
    kind: &'static str,
    /// The keys of those who have signed, ascending, in hex.
    signers: Vec<String>,
    /// How many more must sign, at least.
    missing: usize,
    /// When it was left here first, in seconds since 1970; null if it never waited.
    created: Option<u64>,
}

/// An entry that waits for signatures, or has them all.
#[derive(Serialize, ToSchema)]
pub(crate) struct DraftView {
    #[serde(flatten)]
    summary: DraftSummary,
    /// The entry with the signatures so far, in base64.
    entry: String,
    /// The receipt, once enough have signed and the entry was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<ReceiptView>,
}

/// The drafts that wait, by id, without their entries.
#[utoipa::path(
    get,
    path = "/api/v1/drafts",
    tag = "drafts",
    responses(
        (status = 200, description = "The drafts", body = Vec<DraftSummary>),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<DraftSummary>>, Problem> {
    // API-9: a thousand drafts with entries of 64 KiB would be an answer of 87 MB.
    let drafts = app.read(|engine| engine.drafts().iter().map(listed).collect()).await?;
    Ok(Json(drafts))
}

/// One draft.
#[utoipa::path(
    get,
    path = "/api/v1/drafts/{draft}",
    tag = "drafts",
    params(("draft" = String, Path, description = "Id of the draft")),
    responses(
        (status = 200, description = "The draft", body = DraftView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    DraftId(id): DraftId,
) -> Result<Json<DraftView>, Problem> {
    let draft = app.engine.draft(&id).ok_or_else(unknown_draft)?;
    Ok(Json(waiting(&draft)))
}

/// Leave an entry for others to sign. With the last signature that it needs it is handed in.
#[utoipa::path(
    post,
    path = "/api/v1/drafts",
    tag = "drafts",
    request_body = NewDraft,
    responses(
        (status = 201, description = "It waits for further signatures", body = DraftView),
        (status = 200, description = "It was there, and has the signatures of both; or it is \
            complete, and was handed in", body = DraftView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn leave(
    State(app): State<Shared>,
    request: Request,
) -> Result<(StatusCode, Json<DraftView>), Problem> {
    let draft: NewDraft = body::read_json(request).await?;
    let path = LogPath::parse(&draft.path)
        .ok_or_else(|| Problem::bad_request("path is register, roll/<name> or poll/<id>"))?;
    let entry = decode(&path, &draft.entry)?;
    propose(&app, path, entry).await
}

/// Add signatures to a draft.
#[utoipa::path(
    post,
    path = "/api/v1/drafts/{draft}/signatures",
    tag = "drafts",
    params(("draft" = String, Path, description = "Id of the draft")),
    request_body = EntryInJson,
    responses(
        (status = 200, description = "The draft with all signatures; if it is complete, it was \
            handed in", body = DraftView),
        (status = "default", description = "A problem", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sign(
    State(app): State<Shared>,
    DraftId(id): DraftId,
    request: Request,
) -> Result<(StatusCode, Json<DraftView>), Problem> {
    let signed: EntryInJson = body::read_json(request).await?;
    let draft = app.engine.draft(&id).ok_or_else(unknown_draft)?.draft;
    let entry = decode(&draft.path, &signed.entry)?;
    // API-8: signatures are added to this draft or to none.
    if entry.payload_bytes() != draft.entry.payload_bytes() {
        return Err(Problem::bad_request("the entry is not that of this draft"));
    }
    propose(&app, draft.path.clone(), entry).await
}

fn decode(path: &LogPath, entry: &str) -> Result<SignedEntry, Problem> {
    let bytes = body::decode_entry(entry)?;
    // API-8: only what decodes, with the codes of the law.
    Ok(SignedEntry::decode(path.log_type(), bytes)?)
}

async fn propose(
    app: &App,
    path: LogPath,
    entry: SignedEntry,
) -> Result<(StatusCode, Json<DraftView>), Problem> {
    let time = app.request_time;
    app.read(move |engine| {
        let id = id_of(engine, &path, &entry);
        let known = id.as_deref().and_then(|id| engine.draft(id));
        let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        match engine.propose(&path, entry.bytes().to_vec(), time)? {
            Proposal::Waiting(draft) => Ok((status, Json(waiting(&draft)))),
            Proposal::Recorded(recorded) => {
                let bytes = recorded.entry_bytes().to_vec();
                let complete = SignedEntry::decode(path.log_type(), bytes)?;
                let created = known.map(|known| known.draft.created);
                let view = DraftView {
                    summary: summary(id.unwrap_or_default(), &path, created, 0, &complete),
                    entry: base64(complete.bytes()),
                    recorded: Some(ReceiptView::of(&recorded)?),
                };
                Ok((StatusCode::OK, Json(view)))
            }
        }
    })
    .await?
}

/// The hash of the message that the signatures of this entry cover now, if it has a place now.
fn id_of(engine: &Engine, path: &LogPath, entry: &SignedEntry) -> Option<String> {
    let context = engine.context(path, entry.payload().kind()).ok()?;
    // API-8: who sign the same message meet in one draft.
    Some(sha256(&context.binding().message(entry.payload_bytes())).to_string())
}

fn waiting(draft: &Draft) -> DraftView {
    let entry = base64(draft.draft.entry.bytes());
    DraftView { summary: listed(draft), entry, recorded: None }
}

fn listed(draft: &Draft) -> DraftSummary {
    let Draft { draft, missing } = draft;
    summary(draft.id.clone(), &draft.path, Some(draft.created), *missing, &draft.entry)
}

fn summary(
    id: String,
    path: &LogPath,
    created: Option<u64>,
    missing: usize,
    entry: &SignedEntry,
) -> DraftSummary {
    DraftSummary {
        id,
        path: path.to_string(),
        kind: entry.payload().kind().name(),
        signers: entry.signers().map(ToString::to_string).collect(),
        missing,
        created,
    }
}

fn unknown_draft() -> Problem {
    Problem::new(Own::UnknownDraft, "it was never left here, has become an entry, or was dropped")
}
