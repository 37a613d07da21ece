//! The data directory: made so that nobody else reads it, and watched for free space.
//!
//! Not here: the files inside, which are RocksDB's.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use crate::store::StoreError;

/// Only the owner may enter: drafts and unpublished entries lie inside.
const MODE: u32 = 0o700;

/// Makes the directory if there is none, and takes other users' rights to it away.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    make_private(path)
        .map_err(|error| StoreError::Open { path: path.to_owned(), reason: error.to_string() })
}

fn make_private(path: &Path) -> io::Result<()> {
    if !path.try_exists()? {
        DirBuilder::new().recursive(true).mode(MODE).create(path)?;
        // A crash here means: without this, the directory's name may be lost and everything in it.
        // A relative name of one part has the empty parent, which is the current directory.
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(MODE))?;
    }
    Ok(())
}

/// Refuses when less than `floor` bytes are free for this user.
///
/// One system call of about a microsecond, against some hundred for the fsync that follows: so it
/// is asked before every commit, and nothing has to be remembered.
pub(super) fn check_space(path: &Path, floor: u64) -> Result<(), StoreError> {
    let space = rustix::fs::statvfs(path)
        .map_err(|error| StoreError::Read(format!("free space of {}: {error}", path.display())))?;
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    if free < floor { Err(StoreError::DiskFull { free, floor }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("a/b");
        prepare(&made).unwrap();
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, MODE);

        let found = folder.path().join("found");
        fs::create_dir(&found).unwrap();
        fs::set_permissions(&found, Permissions::from_mode(0o755)).unwrap();
        prepare(&found).unwrap();
        assert_eq!(fs::metadata(&found).unwrap().permissions().mode() & 0o777, MODE);
    }

    #[test]
    fn space_below_the_floor_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        check_space(folder.path(), 1).unwrap();
        let refused = check_space(folder.path(), u64::MAX);
        assert!(matches!(refused, Err(StoreError::DiskFull { floor: u64::MAX, .. })));
    }
}
