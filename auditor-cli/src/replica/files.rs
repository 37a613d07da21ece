//! Files below one folder that are there whole or not at all, whatever happens to the machine.
//!
//! A file is written under another name, forced to the disk, renamed, and then its folder is forced
//! to the disk; so are the folders that had to be made. Not here: what is written.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// What the names of files that are not finished end in. No public file has a `~`.
const UNFINISHED: &str = "~";
/// The file whose lock says that a program keeps this folder.
const LOCK: &str = "lock";

/// A disk that fails, or says no.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}")]
pub struct DiskError {
    /// The file or folder.
    pub path: String,
    /// What the system says.
    pub error: io::Error,
}

fn at(path: &Path) -> impl Fn(io::Error) -> DiskError + '_ {
    move |error| DiskError { path: path.display().to_string(), error }
}

/// A folder that this program alone writes to, as long as this lives.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Files {
    /// Takes the folder, which is made if it is not there.
    pub fn open(root: &Path) -> Result<Self, DiskError> {
        fs::create_dir_all(root).map_err(at(root))?;
        let path = root.join(LOCK);
        let lock = File::create(&path).map_err(at(&path))?;
        lock.try_lock().map_err(|error| {
            let error = match error {
                fs::TryLockError::Error(error) => error,
                fs::TryLockError::WouldBlock => {
                    io::Error::new(ErrorKind::ResourceBusy, "another program keeps this folder")
                }
            };
            at(&path)(error)
        })?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Where the folder is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of this name, if it is there.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.root.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Writes one file; when this returns it stays.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        self.write_all(&[(name.to_owned(), bytes)])
    }

    /// Writes files; when this returns they all stay. A crash here means that some are there.
    pub fn write_all<B: AsRef<[u8]>>(&self, files: &[(String, B)]) -> Result<(), DiskError> {
        let mut folders = BTreeSet::new();
        for (name, bytes) in files {
            let path = self.root.join(name);
            let folder = path.parent().expect("a name below the root").to_owned();
            self.make_folder(&folder)?;
            let unfinished = unfinished(&path);
            let mut file = File::create(&unfinished).map_err(at(&unfinished))?;
            file.write_all(bytes.as_ref()).map_err(at(&unfinished))?;
            // A crash here means a file that nobody looks at; the next start removes it.
            file.sync_all().map_err(at(&unfinished))?;
            fs::rename(&unfinished, &path).map_err(at(&path))?;
            folders.insert(folder);
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Makes a folder below the root, each step of the way forced to the disk.
    fn make_folder(&self, folder: &Path) -> Result<(), DiskError> {
        if folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().filter(|above| above.starts_with(&self.root));
        let above = above.unwrap_or(&self.root);
        self.make_folder(above)?;
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(at(folder)(error)),
            _ => sync_folder(above),
        }
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), DiskError> {
        let path = self.root.join(name);
        match fs::remove_file(&path) {
            Err(error) if !is_absent(&error) => Err(at(&path)(error)),
            _ => Ok(()),
        }
    }

    /// The names of all files below a folder, with the folder's own in front; those that were not
    /// finished are removed on the way.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let path = self.root.join(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(at(&path)(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(at(&path))?;
            // What is not UTF-8 is none of ours.
            let Some(name) = entry.file_name().to_str().map(|name| format!("{folder}/{name}"))
            else {
                continue;
            };
            if entry.file_type().map_err(at(&path))?.is_dir() {
                names.extend(self.list(&name)?);
            } else if name.ends_with(UNFINISHED) {
                self.remove(&name)?;
            } else {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A rename stays only when the folder is on the disk too.
fn sync_folder(folder: &Path) -> Result<(), DiskError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_read_listed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        files.write_all(&[("a/b/c".to_owned(), "1"), ("a/d".to_owned(), "2")]).unwrap();
        files.write("a/d", b"3").unwrap();
        assert_eq!(files.read("a/d").unwrap().unwrap(), b"3");
        assert_eq!(files.read("a/d/e").unwrap(), None);
        assert_eq!(files.list("a").unwrap(), ["a/b/c", "a/d"]);
        files.remove("a/d").unwrap();
        files.remove("a/d").unwrap();
        assert_eq!(files.list("a").unwrap(), ["a/b/c"]);
        assert!(files.list("x").unwrap().is_empty());
    }

    // MONITOR-2: what a crash left unfinished is not taken for a file.
    #[test]
    fn what_was_not_finished_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        files.write("a/b", b"1").unwrap();
        fs::write(folder.path().join("a/c~"), "half").unwrap();
        assert_eq!(files.list("a").unwrap(), ["a/b"]);
        assert!(!folder.path().join("a/c~").exists());
    }

    #[test]
    fn one_program_keeps_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let error = Files::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("another program"), "{error}");
        drop(files);
        Files::open(folder.path()).unwrap();
    }
}
