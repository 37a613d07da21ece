//! Files that only their owner may read, written whole or not at all.
//!
//! Not here: what stands in them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Longest file that any command reads, in bytes: a draft of 256 full entries in base64.
pub const MAX_FILE_LENGTH: u64 = 32 << 20;

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is longer than any that is read.
    #[error("{}: the file is too long", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It is no text.
    #[error("{}: the file is not text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// Whether a file that exists may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Never: the file holds something that cannot be made again.
    Keep,
    /// Yes, in one step.
    Replace,
}

/// Writes a file that only its owner can read (mode 0600), and waits until it is on the disk under
/// its name. A crash leaves it whole or not there.
pub fn write(path: &Path, content: &[u8], existing: Existing) -> Result<(), FileError> {
    let fail = |source| FileError::io(path, source);
    let beside = beside(path);
    let mut file = private_options()
        .create(true)
        .truncate(true)
        .open(&beside)
        .map_err(|source| FileError::io(&beside, source))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(fail)?;
    match existing {
        Existing::Replace => fs::rename(&beside, path).map_err(fail)?,
        Existing::Keep => {
            // A second name is refused where there is a file, in one step with the look.
            let linked = fs::hard_link(&beside, path);
            let removed = fs::remove_file(&beside);
            linked.and(removed).map_err(fail)?;
        }
    }
    sync_folder(path).map_err(fail)
}

/// Waits until the names in a file's folder are on the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    // Other systems have no way to ask for this, and write names through.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Opens a private file for writing at its end, made if it is not there.
pub fn append(path: &Path) -> Result<File, FileError> {
    private_options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|source| FileError::io(path, source))
}

/// Reads a file of at most [`MAX_FILE_LENGTH`].
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let fail = |source| FileError::io(path, source);
    let file = File::open(path).map_err(fail)?;
    let mut content = Vec::new();
    file.take(MAX_FILE_LENGTH + 1).read_to_end(&mut content).map_err(fail)?;
    if content.len() as u64 > MAX_FILE_LENGTH {
        return Err(FileError::TooLong { path: path.to_owned() });
    }
    Ok(content)
}

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    String::from_utf8(read(path)?).map_err(|_| FileError::NotText { path: path.to_owned() })
}

/// [`read_text`], or `None` where there is no such file.
pub fn read_text_if_there(path: &Path) -> Result<Option<String>, FileError> {
    match read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A name of this process alone, so that two that write the same file do not meet.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"first", Existing::Keep).unwrap();
        assert!(write(&path, b"second", Existing::Keep).is_err());
        assert_eq!(read(&path).unwrap(), b"first");
        write(&path, b"third", Existing::Replace).unwrap();
        assert_eq!(read(&path).unwrap(), b"third");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"secret", Existing::Replace).unwrap();
        append(&path).unwrap().write_all(b"s").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_text_if_there(&folder.path().join("none")).unwrap().is_none());
    }
}
