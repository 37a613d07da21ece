//! The directory in which a city's server keeps everything.
//!
//! ```text
//! DIR/                  mode 0700
//!     log-key.pem       mode 0600: the key that signs every head
//!     second-key.pem    mode 0600, where there is one: signs every public head once more
//!     genesis-draft.json    while the commission signs
//!     store/            the logs
//! ```
//!
//! Not here: what is in the files.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// Longest file that is read, in bytes: the draft of the longest genesis in base64 is 87 KiB.
const MAX_FILE_LENGTH: u64 = 1 << 20;

/// Room beyond the end of a file, in bytes, with which the end is found without a detour by another
/// buffer: the standard library takes one when there is room for less than 32.
const READ_AHEAD: usize = 64;

/// Permissions for everybody but the owner.
const OTHERS: u32 = 0o077;

/// Why a file or directory cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the owner may read a secret.
    #[error("{} may be read by others: chmod {} it", path.display(), advice)]
    Exposed {
        /// The file or directory.
        path: PathBuf,
        /// The mode that it should have.
        advice: &'static str,
    },
    /// Something else lies where a city is to be kept.
    #[error("{} holds {}: a city has a directory of its own", path.display(), found.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// What is in it.
        found: PathBuf,
    },
    /// There is no city, or none that was founded.
    #[error("{} holds no city: `veched init` and `veched found` make one", path.display())]
    NoCity {
        /// The directory.
        path: PathBuf,
    },
    /// The file is longer than any that is read here.
    #[error("{} is too long", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

/// The directory of one city.
#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

/// Names of what a city's directory holds.
const LOG_KEY: &str = "log-key.pem";
const SECOND_KEY: &str = "second-key.pem";
const GENESIS_DRAFT: &str = "genesis-draft.json";
const STORE: &str = "store";

impl DataDirectory {
    /// Makes the directory, or takes one that is the owner's alone and holds nothing else.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(FileError::io(path))?;
        for file in fs::read_dir(path).map_err(FileError::io(path))? {
            let found = PathBuf::from(file.map_err(FileError::io(path))?.file_name());
            if ![LOG_KEY, SECOND_KEY, GENESIS_DRAFT, STORE]
                .iter()
                .any(|own| found == Path::new(own))
            {
                return Err(FileError::Foreign { path: path.to_owned(), found });
            }
        }
        Self::open(path)
    }

    /// Takes the directory of a city that was founded.
    pub fn open_founded(path: &Path) -> Result<Self, FileError> {
        let data = Self(path.to_owned());
        if !(data.log_key().exists() && data.store().exists()) {
            return Err(FileError::NoCity { path: path.to_owned() });
        }
        Self::open(path)
    }

    /// Takes a directory that is the owner's alone.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let metadata = fs::metadata(path).map_err(FileError::io(path))?;
        if metadata.permissions().mode() & OTHERS != 0 {
            return Err(FileError::Exposed { path: path.to_owned(), advice: "700" });
        }
        Ok(Self(path.to_owned()))
    }

    /// Where the log key lies.
    pub fn log_key(&self) -> PathBuf {
        self.0.join(LOG_KEY)
    }

    /// Where the second key of all logs lies, if they have one (LOG-18).
    pub fn second_key(&self) -> PathBuf {
        self.0.join(SECOND_KEY)
    }

    /// Where the genesis lies while the commission signs it.
    pub fn genesis_draft(&self) -> PathBuf {
        self.0.join(GENESIS_DRAFT)
    }

    /// Where the logs lie.
    pub fn store(&self) -> PathBuf {
        self.0.join(STORE)
    }
}

/// Reads a secret, which nobody but its owner may be able to read.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let file = File::open(path).map_err(FileError::io(path))?;
    let metadata = file.metadata().map_err(FileError::io(path))?;
    if metadata.permissions().mode() & OTHERS != 0 {
        return Err(FileError::Exposed { path: path.to_owned(), advice: "600" });
    }
    // Wiped whatever becomes of it: also where it is no text.
    let mut text = Zeroizing::new(String::new());
    read_open(path, file, &mut text)?;
    Ok(text)
}

/// Reads a text.
pub fn read(path: &Path) -> Result<String, FileError> {
    let mut text = String::new();
    read_open(path, File::open(path).map_err(FileError::io(path))?, &mut text)?;
    Ok(text)
}

/// Reads a file into an empty text. Room for all of it is made first: a text that grew would leave
/// copies of a secret behind, which nobody wipes.
fn read_open(path: &Path, file: File, text: &mut String) -> Result<(), FileError> {
    let too_long = || FileError::TooLong { path: path.to_owned() };
    let length = file.metadata().map_err(FileError::io(path))?.len();
    let length = usize::try_from(length.min(MAX_FILE_LENGTH)).map_err(|_| too_long())?;
    text.reserve_exact(length + READ_AHEAD);
    file.take(MAX_FILE_LENGTH + 1).read_to_string(text).map_err(FileError::io(path))?;
    if text.len() as u64 > MAX_FILE_LENGTH { Err(too_long()) } else { Ok(()) }
}

/// Writes a new file that only its owner can read, and waits until it is on the disk. What is there
/// is never replaced.
pub fn write_secret(path: &Path, content: &str) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        sync_parent(path)
    };
    write().map_err(FileError::io(path))
}

/// Writes a file in one step: whoever sees it sees all of it.
pub fn replace(path: &Path, content: &str) -> Result<(), FileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&beside)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_parent(path)
    };
    write().map_err(FileError::io(path))
}

/// A name is as durable as the directory that holds it.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn secrets_are_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDirectory::create(&folder.path().join("a/city")).unwrap();
        let key = data.log_key();
        write_secret(&key, "secret").unwrap();
        assert_eq!((mode(&folder.path().join("a/city")), mode(&key)), (0o700, 0o600));
        assert!(write_secret(&key, "another").is_err());
        assert_eq!(read_secret(&key).unwrap().as_str(), "secret");

        fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_secret(&key), Err(FileError::Exposed { advice: "600", .. })));
        fs::set_permissions(folder.path().join("a/city"), Permissions::from_mode(0o750)).unwrap();
        let opened = DataDirectory::open(&folder.path().join("a/city"));
        assert!(matches!(opened, Err(FileError::Exposed { advice: "700", .. })));
    }

    #[test]
    fn a_secret_is_read_into_one_place() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 1, 31, 32, 119, 4_096, 100_000] {
            let path = folder.path().join(length.to_string());
            write_secret(&path, &"s".repeat(length)).unwrap();
            let secret = read_secret(&path).unwrap();
            assert_eq!(secret.len(), length);
            assert_eq!(secret.capacity(), length + READ_AHEAD, "it has grown or moved");
        }
        let path = folder.path().join("too long");
        write_secret(&path, &"s".repeat(1 + (1 << 20))).unwrap();
        assert!(matches!(read_secret(&path), Err(FileError::TooLong { .. })));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("port");
        replace(&port, "1\n").unwrap();
        replace(&port, "2\n").unwrap();
        assert_eq!(read(&port).unwrap(), "2\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
