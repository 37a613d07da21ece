//! Where to publish to: a directory, or a bucket of one of the three large kinds.
//!
//! Secrets and endpoints of buckets come from the environment, by the names that the tools of their
//! makers use. Not here: what is written ([`super::destination`]).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use rustix::fs::{FlockOperation, flock};

use super::connector::UreqConnector;
use super::destination::{Destination, Labels};
use super::error::PublishError;
use crate::action::public_files::locate;

/// How often a bucket is asked again.
const RETRIES: usize = 4;
/// After this nothing is asked again: with the last answer, of a minute at most, two in all.
const RETRY_TIME: Duration = Duration::from_mins(1);

/// A failure with a destination, before it has a name.
type Reason = Box<dyn core::error::Error + Send + Sync>;

/// Opens what `location` names: `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`,
/// `az://CONTAINER/PREFIX`, `file:///DIRECTORY`, or a directory.
pub(super) fn open(location: &str) -> Result<Destination, PublishError> {
    let opened = match location.split_once("://") {
        Some((scheme @ ("s3" | "gs" | "az"), rest)) => bucket(scheme, rest),
        Some(("file", path)) if path.starts_with('/') => directory(Path::new(path)),
        Some(_) => Err("neither a directory nor s3://, gs://, az:// or file:///".into()),
        None => directory(Path::new(location)),
    };
    opened.map_err(|reason| PublishError::Location {
        location: location.to_owned(),
        reason: reason.to_string(),
    })
}

fn bucket(scheme: &str, rest: &str) -> Result<Destination, Reason> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err("there is no bucket without a name".into());
    }
    // PUBLISH-27: bounded, with growing pauses.
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(200),
        max_backoff: Duration::from_secs(5),
        base: 4.0,
    };
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_TIME };
    let store: Arc<dyn ObjectStore> = match scheme {
        "s3" => Arc::new(
            AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_retry(retry)
                .with_http_connector(UreqConnector)
                .build()?,
        ),
        "gs" => Arc::new(
            GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(bucket)
                .with_retry(retry)
                .with_http_connector(UreqConnector)
                .build()?,
        ),
        _ => Arc::new(
            MicrosoftAzureBuilder::from_env()
                .with_container_name(bucket)
                .with_retry(retry)
                .with_http_connector(UreqConnector)
                .build()?,
        ),
    };
    let prefix = object_store::path::Path::parse(prefix)?;
    let store: Arc<dyn ObjectStore> =
        if prefix.as_ref().is_empty() { store } else { Arc::new(PrefixStore::new(store, prefix)) };
    Ok(Destination::new(store, Labels::Kept))
}

fn directory(path: &Path) -> Result<Destination, Reason> {
    fs::create_dir_all(path)?;
    let path = path.canonicalize()?;
    // Two publishers in one directory could take turns at a head: a file system has no comparison
    // that would stop the slower one.
    let lock = File::open(&path)?;
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Err("another publisher is at work on it".into());
    }
    remove_unfinished(&path)?;
    // PUBLISH-24: a file is on the disk before the head that speaks of it.
    let store =
        LocalFileSystem::new_with_prefix(&path)?.with_automatic_cleanup(true).with_fsync(true);
    Ok(Destination::new(Arc::new(store), Labels::NotKept).holding(lock))
}

/// Removes what an end in the middle has left: files under a name of theirs and `#1`, `#2`, which
/// would have got their own name when they were complete.
fn remove_unfinished(root: &Path) -> std::io::Result<()> {
    let mut open: Vec<PathBuf> =
        ["register", "roll", "poll"].map(|folder| root.join(folder)).to_vec();
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else if is_unfinished(entry.path().strip_prefix(root).unwrap_or(&folder)) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

fn is_unfinished(path: &Path) -> bool {
    let Some((name, number)) = path.to_str().and_then(|path| path.rsplit_once('#')) else {
        return false;
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && locate(&format!("/{name}")).is_some()
}
