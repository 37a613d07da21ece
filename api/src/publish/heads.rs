//! The heads of all logs of a city, read so that none speaks of what another lacks.

use axum::body::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::PARALLEL;
use super::error::PublishError;
use super::register::Register;
use super::source::CitySource;
use super::tree::Tree;

/// How often the heads of a growing city are read anew before giving up. The register grows by an
/// anchors entry a minute, and by what the commission decides.
const ROUNDS: usize = 8;

/// A head, signed by the log's key.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) log: LogPath,
    /// The signed checkpoint, byte for byte.
    pub(super) note: Bytes,
    pub(super) size: u64,
    pub(super) root: Hash,
    /// What the register says of entry 0; the register itself says nothing of its own.
    pub(super) first: Option<Hash>,
    /// The key that has signed it.
    pub(super) key: VerifierKey,
}

/// The heads of one round.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    pub(super) others: Vec<Head>,
    pub(super) register: Head,
}

/// Reads the heads of all logs that the register announces. `register` is what was read of it
/// before.
pub(super) async fn read(
    source: &CitySource,
    register: &mut Option<Register>,
) -> Result<Heads, PublishError> {
    let mut known = match register.take() {
        Some(register) => register,
        None => Register::read(source).await?,
    };
    let path = &LogPath::Register;
    for _ in 0..ROUNDS {
        let key = known.verifier(path);
        let head = read_head(source, path, &key).await?;
        if !known.is_at(head.size, head.root) {
            let tree = Tree::open(source, path, head.size, head.root).await?;
            known.read_on(&tree, head.root).await?;
        }
        let others = stream::iter(known.logs())
            .map(async |(log, first)| {
                let head = read_head(source, log, &known.verifier(log)).await?;
                Ok(Head { first: Some(*first), ..head })
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        let again = read_head(source, path, &key).await?;
        // PUBLISH-21: the register stood still while the others were read, so it anchors nothing
        // that they lack, and they have seen nothing that it lacks.
        if again.size == head.size {
            if again.root != head.root {
                return Err(PublishError::Forked { log: path.clone(), size: head.size });
            }
            *register = Some(known);
            return Ok(Heads { others, register: again });
        }
    }
    *register = Some(known);
    Err(PublishError::Unsettled(ROUNDS))
}

async fn read_head(
    source: &CitySource,
    log: &LogPath,
    key: &VerifierKey,
) -> Result<Head, PublishError> {
    let note = source.read(log, Resource::Checkpoint).await?;
    let untrue =
        |breach: Breach| PublishError::Untrue { place: format!("{log}/checkpoint"), breach };
    // PUBLISH-20, LOG-6: a head of this log, by the key that genesis names.
    let signed = SignedCheckpoint::parse(&note, key).map_err(untrue)?;
    let checkpoint = signed.checkpoint();
    let (size, root) = (checkpoint.size, checkpoint.root);
    Ok(Head { log: log.clone(), note, size, root, first: None, key: key.clone() })
}
