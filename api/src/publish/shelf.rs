//! What is known of one log at the destination: its head, and which files it has no more use for.

use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::destination::{Destination, Held};
use super::error::PublishError;

/// A log at the destination.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    /// The head, as it is there.
    pub(super) held: Option<Held>,
    pub(super) size: u64,
    pub(super) root: Hash,
    pub(super) leftovers: Leftovers,
}

/// Which partial files stand beside full ones.
#[derive(Clone, Debug)]
pub(super) enum Leftovers {
    /// Nobody has looked yet.
    Unknown,
    /// Beside these, which were partial before the last round and full after it.
    Beside(Vec<Resource>),
}

impl Shelf {
    /// Reads the head that the destination has of a log.
    pub(super) async fn read(
        destination: &Destination,
        log: &LogPath,
        key: &VerifierKey,
    ) -> Result<Self, PublishError> {
        let held = destination.head(log).await?;
        let (size, root) = match &held {
            None => (0, empty_root()),
            Some(held) => {
                // PUBLISH-22: what cannot be extended is not replaced.
                let signed = SignedCheckpoint::parse(&held.note, key).map_err(|_| {
                    let path = format!("{log}/checkpoint");
                    PublishError::OtherBytes { path, what: "something that is no head of this log" }
                })?;
                (signed.checkpoint().size, signed.checkpoint().root)
            }
        };
        Ok(Self { held, size, root, leftovers: Leftovers::Unknown })
    }
}
