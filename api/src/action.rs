//! What the server does, one file for each noun of the interface.
//!
//! An action reads the request, asks the engine, and gives a view or a problem. Not here: paths
//! ([`crate::router`]), shapes of answers ([`crate::view`]).

pub(crate) mod drafts;
pub(crate) mod health;
pub(crate) mod instance;
pub(crate) mod landing;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod openapi;
mod page;
pub(crate) mod poll;
pub(crate) mod poll_page;
pub(crate) mod polls;
pub(crate) mod public_files;
pub(crate) mod receipts;
pub(crate) mod register;
pub(crate) mod result;
pub(crate) mod rolls;
pub(crate) mod submit;
