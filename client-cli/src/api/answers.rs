//! The JSON answers of a server that this client reads (spec/api.md). Fields it does not use are
//! not read.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/instance`.
#[derive(Clone, Debug, Deserialize)]
pub struct InstanceAnswer {
    /// The domain with which every origin begins.
    pub domain: String,
    /// The city's name, as people read it.
    pub city: String,
    /// The instance id, in hex.
    pub instance: String,
    /// Verifier key of the register.
    pub register: String,
}

/// A draft by itself. The list of drafts has no entries.
#[derive(Clone, Debug, Deserialize)]
pub struct DraftAnswer {
    /// SHA-256 of the message that the signatures cover, in hex.
    pub id: String,
    /// The log for which it is meant.
    pub path: String,
    /// The entry with the signatures so far, in base64.
    pub entry: String,
}

/// `POST /api/v1/drafts`.
#[derive(Clone, Debug, Serialize)]
pub struct NewDraft {
    /// The log for which it is meant.
    pub path: String,
    /// The entry with the signatures so far, in base64.
    pub entry: String,
}
