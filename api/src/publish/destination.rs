//! A place that holds public files: what is written there, how it is labelled, and what is never
//! done to it.
//!
//! Not here: which files, in which order ([`super::publisher`]).

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode,
    PutOptions, PutPayload, UpdateVersion,
};
use tokio::time::timeout;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::error::PublishError;
use super::location;

/// Longest wait for one file: the tries of a bucket take two minutes, and a disk is not slower.
const PATIENCE: Duration = Duration::from_mins(3);

/// Whether a place keeps the type of a file and how long it may be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// As buckets do.
    Kept,
    /// In a directory, the web server in front of it says them.
    NotKept,
}

/// What became of a file that was to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It was written.
    New,
    /// It was there, with the same bytes.
    There,
}

/// A head as the place holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) note: Bytes,
    version: UpdateVersion,
}

/// A place that holds public files.
#[derive(Debug)]
pub struct Destination {
    store: Arc<dyn ObjectStore>,
    labels: Labels,
    /// A lock that ends with this.
    _lock: Option<File>,
}

impl Destination {
    /// What `location` names: `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`,
    /// `file:///DIRECTORY`, or a directory, which is made and locked.
    pub fn open(location: &str) -> Result<Self, PublishError> {
        location::open(location)
    }

    /// A store of objects, below its root.
    pub fn new(store: Arc<dyn ObjectStore>, labels: Labels) -> Self {
        Self { store, labels, _lock: None }
    }

    pub(super) fn holding(self, lock: File) -> Self {
        Self { _lock: Some(lock), ..self }
    }

    /// Writes a tile or bundle where none is.
    pub(super) async fn write(
        &self,
        log: &LogPath,
        file: Resource,
        bytes: Bytes,
    ) -> Result<Written, PublishError> {
        let path = path_of(log, &file);
        match self.put(&path, &file, &bytes, PutMode::Create).await {
            Ok(_) => return Ok(Written::New),
            Err(Error::AlreadyExists { .. } | Error::NotImplemented { .. }) => {}
            Err(error) => return Err(failed(&path, &error)),
        }
        match self.read(&path).await? {
            // PUBLISH-23: an end in the middle has left it, or somebody has put another there.
            Some(held) if held.note == bytes => Ok(Written::There),
            Some(_) => {
                let what = "something else than the city has there";
                Err(PublishError::OtherBytes { path: path.to_string(), what })
            }
            // A place without the comparison, in which nothing is.
            None => {
                let written = self.put(&path, &file, &bytes, PutMode::Overwrite).await;
                written.map(|_| Written::New).map_err(|error| failed(&path, &error))
            }
        }
    }

    /// The head of a log.
    pub(super) async fn head(&self, log: &LogPath) -> Result<Option<Held>, PublishError> {
        self.read(&path_of(log, &Resource::Checkpoint)).await
    }

    /// Puts a head in the place of the one that was there.
    pub(super) async fn replace_head(
        &self,
        log: &LogPath,
        old: Option<&Held>,
        note: Bytes,
    ) -> Result<Held, PublishError> {
        let (file, path) = (Resource::Checkpoint, path_of(log, &Resource::Checkpoint));
        let held = |version| Held { note: note.clone(), version };
        let mode = match old {
            None => PutMode::Create,
            Some(held) if held.version.e_tag.is_some() => PutMode::Update(held.version.clone()),
            Some(_) => PutMode::Overwrite,
        };
        // PUBLISH-23: only if it is still the one that the new one was held against.
        match self.put(&path, &file, &note, mode).await {
            Ok(version) => Ok(held(version)),
            Err(Error::NotImplemented { .. }) => {
                let written = self.put(&path, &file, &note, PutMode::Overwrite).await;
                written.map(held).map_err(|error| failed(&path, &error))
            }
            Err(error @ (Error::AlreadyExists { .. } | Error::Precondition { .. })) => {
                // An answer may have been lost on the way, and the head be ours.
                let found = self.read(&path).await?.filter(|found| found.note == note);
                found.ok_or_else(|| failed(&path, &error))
            }
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// The tiles and bundles of a log, or those below one of its folders.
    pub(super) async fn list(
        &self,
        log: &LogPath,
        folder: &str,
    ) -> Result<Vec<Resource>, PublishError> {
        let (below, root) = (Path::from(format!("{log}/{folder}")), format!("{log}/"));
        let listing: BoxStream<'_, object_store::Result<ObjectMeta>> =
            self.store.list(Some(&below));
        let named = listing.try_filter_map(async |object| {
            let name = object.location.as_ref().strip_prefix(&root);
            Ok(name.and_then(|name| Resource::parse(name).ok()))
        });
        let mut named = core::pin::pin!(named);
        let mut files = Vec::new();
        loop {
            // PUBLISH-27: each page has its own wait.
            match timeout(PATIENCE, named.try_next()).await {
                Ok(Ok(Some(file))) => files.push(file),
                Ok(Ok(None)) => return Ok(files),
                Ok(Err(error)) => return Err(failed(&below, &error)),
                Err(_) => return Err(too_slow(&below)),
            }
        }
    }

    /// Removes files; one that is not there is no failure.
    pub(super) async fn remove(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<(), PublishError> {
        let paths: Vec<_> = files.iter().map(|file| Ok(path_of(log, file))).collect();
        let mut removed = self.store.delete_stream(stream::iter(paths).boxed());
        let folder = Path::from(log.to_string());
        loop {
            match timeout(PATIENCE, removed.next()).await {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(_) | Err(Error::NotFound { .. }))) => {}
                Ok(Some(Err(error))) => return Err(failed(&folder, &error)),
                Err(_) => return Err(too_slow(&folder)),
            }
        }
    }

    async fn read(&self, path: &Path) -> Result<Option<Held>, PublishError> {
        let reading = async {
            let found = self.store.get(path).await?;
            let meta = found.meta.clone();
            let version = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
            Ok(Held { note: found.bytes().await?, version })
        };
        match timeout(PATIENCE, reading).await {
            Ok(Ok(held)) => Ok(Some(held)),
            Ok(Err(Error::NotFound { .. })) => Ok(None),
            Ok(Err(error)) => Err(failed(path, &error)),
            Err(_) => Err(too_slow(path)),
        }
    }

    async fn put(
        &self,
        path: &Path,
        file: &Resource,
        bytes: &Bytes,
        mode: PutMode,
    ) -> object_store::Result<UpdateVersion> {
        let attributes = match self.labels {
            Labels::Kept => labels(file),
            Labels::NotKept => Attributes::default(),
        };
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let writing = self.store.put_opts(path, PutPayload::from(bytes.clone()), options);
        match timeout(PATIENCE, writing).await {
            Ok(written) => written.map(UpdateVersion::from),
            Err(elapsed) => Err(Error::Generic { store: "destination", source: elapsed.into() }),
        }
    }
}

fn path_of(log: &LogPath, file: &Resource) -> Path {
    // LOG-2, LOG-9: names without anything that a path would have to escape.
    Path::from(format!("{log}/{file}"))
}

/// The labels of a file.
fn labels(file: &Resource) -> Attributes {
    // API-1, PUBLISH-26: as the server itself gives them.
    let (kind, caching) = match file {
        Resource::Checkpoint => ("text/plain; charset=utf-8", "no-cache"),
        _ => ("application/octet-stream", "public, max-age=31536000, immutable"),
    };
    Attributes::from_iter([(Attribute::ContentType, kind), (Attribute::CacheControl, caching)])
}

fn failed(path: &Path, error: &Error) -> PublishError {
    PublishError::Destination { path: path.to_string(), reason: error.to_string() }
}

fn too_slow(path: &Path) -> PublishError {
    PublishError::Destination { path: path.to_string(), reason: "no answer in time".to_owned() }
}
