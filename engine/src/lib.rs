//! Keeps the logs of Veche: one writer, the store, checkpoints, the voting module on top.
//!
//! ```text
//! submit -> decode, check against a snapshot -> verify in batches ----+
//!       \-> decode -> desk: prepare what takes long ----------------- +-> sequencer -> store
//!                                                                      \-> folds, heads, answers
//! queries -> what is published
//! ```
//!
//! Not here: the law (`veche-protocol`), HTTP (`veche-api`).

mod city;
pub mod clock;
mod desk;
mod drafts;
mod engine;
mod error;
mod heads;
mod leaves;
mod lock;
pub mod metrics;
mod publication;
mod receipts;
mod recovery;
mod replay;
mod room;
mod sequencer;
pub mod settings;
mod shared;
pub mod store;
pub mod tree;
mod views;
mod voting;

pub use city::{Counted, DistrictCounts, PublishedHead};
pub use drafts::Draft;
pub use engine::Engine;
pub use error::{EngineError, QueryError, Refusal};
pub use publication::{Publication, PublicationError, RoundHead};
pub use receipts::{Recorded, Repeat};
pub use settings::{HeadObserver, Settings};
pub use shared::Status;
pub use views::{
    DistrictView, DraftView, Health, LogView, PollView, Proposal, RollView, SigningContext,
};
