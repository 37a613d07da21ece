//! A directory with the public files below it, laid out as they are published.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use veche_protocol::audit::{MAX_FILE_LENGTH, Source};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::SourceError;

/// The public files below a directory.
#[derive(Clone, Debug)]
pub struct DirectorySource(PathBuf);

impl DirectorySource {
    /// The directory in which `register/checkpoint` stands.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn read(&self, log: &LogPath, file: &Resource) -> Result<Option<Vec<u8>>, SourceError> {
        // Paths of logs and files have no dots and no roots in them, so they stay below.
        let path = self.0.join(log.to_string()).join(file.to_string());
        match read_bounded(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(SourceError::File { path: path.display().to_string(), error }),
        }
    }
}

/// The file, cut above [`MAX_FILE_LENGTH`].
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    const MOST: u64 = MAX_FILE_LENGTH as u64 + 1;
    let file = File::open(path)?;
    // As long as it says, in one piece: doubling would take up to twice that, for a moment, and
    // bundles of a roll have 10 MB. The one byte more is where reading sees the end.
    let length = usize::try_from(file.metadata()?.len().min(MOST)).expect("16 MB fit memory");
    let mut bytes = Vec::with_capacity(length + 1);
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Source for DirectorySource {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        files.iter().map(|file| self.read(log, file)).collect()
    }
}
