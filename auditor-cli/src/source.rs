//! Where the public files of a city come from: a server, a directory, an archive.
//!
//! Nothing that a source gives is believed: the recount holds all of it against signed heads. The
//! worst that a source may do is fail, and then it says how.

pub mod archive;
pub mod directory;
pub mod http;

use std::path::Path;

use veche_protocol::audit;

use archive::ArchiveSource;
use directory::DirectorySource;
use http::HttpSource;

/// The public files of a city, from wherever they are.
pub trait Source: audit::Source<Error = SourceError> {}

impl<S: audit::Source<Error = SourceError>> Source for S {}

/// Why a source cannot be read. It says nothing about any poll.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or directory that cannot be read.
    #[error("{path}: {error}")]
    File {
        /// Where it is.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A server that cannot be reached, or does not answer as it must.
    #[error("{url}: {reason}")]
    Network {
        /// What was asked for.
        url: String,
        /// What came of it, the last time that it was tried.
        reason: String,
    },
    /// A file that is no archive of public files.
    #[error("{path}: {reason}")]
    Archive {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A log without which there is nothing to recount.
    #[error("{0}: there is no such log")]
    NoHead(String),
    /// What was named is no source at all.
    #[error("{0}: neither an address, nor a directory, nor an archive")]
    Unknown(String),
}

/// Opens what `location` names: an address (`https://...`), a directory, or an archive file.
pub fn open(location: &str) -> Result<Box<dyn Source>, SourceError> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Ok(Box::new(HttpSource::new(location)));
    }
    let path = Path::new(location);
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(Box::new(DirectorySource::new(path))),
        Ok(metadata) if metadata.is_file() => Ok(Box::new(ArchiveSource::open(path)?)),
        Ok(_) => Err(SourceError::Unknown(location.to_owned())),
        Err(error) => Err(SourceError::File { path: location.to_owned(), error }),
    }
}
