//! A fork proof from two heads and a source that shows the history of the larger one.

use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::name::LogPath;

use super::tiles::{ReadError, Tiles};
use crate::source::{Source, SourceError};

/// Why there is no proof.
#[derive(Debug)]
pub enum HistoryError {
    /// The heads do not convict, or the source does not show the history of the larger one.
    Wrong(Breach),
    /// The source cannot be read.
    Source(SourceError),
}

/// Makes the proof that two heads of a log, in either order, contradict each other.
pub fn fork_between(
    key: &VerifierKey,
    log: &LogPath,
    one: &Note,
    other: &Note,
    source: &dyn Source,
) -> Result<ForkProof, HistoryError> {
    let size = |note: &Note| Checkpoint::parse(note.text()).map(|checkpoint| checkpoint.size);
    let sizes = size(one).and_then(|one| Ok(one.max(size(other)?)));
    let size = sizes.map_err(HistoryError::Wrong)?;
    ForkProof::between(key, one, other, &Tiles::new(source, log, size)).map_err(|error| match error
    {
        ReadError::Wrong(breach, _) => HistoryError::Wrong(breach),
        ReadError::Source(error) => HistoryError::Source(error),
        ReadError::Disk(_) => unreachable!("only sources are read"),
    })
}
