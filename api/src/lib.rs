//! The HTTP face of a city (spec/api.md): public files, entries handed in, questions answered.
//!
//! ```text
//! listener -> server (connections, stalled clients) -> front (one request: bounds, panics, counts)
//!          -> router (every path) -> action (one file each) -> engine
//! ```
//!
//! All that is judged, stored and signed is the engine's work; here are only bytes on the wire. Not
//! here: TLS, which a reverse proxy in front of this server speaks.

mod accept;
mod action;
mod app;
mod body;
pub mod config;
pub mod data_directory;
mod extract;
mod front;
pub mod genesis;
mod meter;
mod problem;
pub mod publish;
mod router;
mod server;
mod traffic;
mod view;
mod witnessing;

pub use config::Config;
pub use router::openapi_document;
pub use server::serve;
pub use witnessing::SecondKey;
