//! What a destination keeps, read back and held against the city that was published to it.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use veche_protocol::audit::{self, Fetched, fetch_exact};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::tile::{EntriesPath, Resource, TilePath};
use veche_protocol::name::{LogPath, LogType};
use veche_tests::city::{City, PaperLog};

use crate::faulty_store::{Fault, FaultyStore};
use crate::shown_city::Files;

/// A destination in memory, seen through a store that fails on demand.
#[derive(Debug)]
pub(crate) struct Kept {
    memory: Arc<InMemory>,
    faulty: Arc<FaultyStore>,
}

impl Kept {
    /// A place that works, and holds these files.
    pub(crate) fn with(files: &Files) -> Self {
        Self::failing(files, None)
    }

    /// A place that fails once it has come so far.
    pub(crate) fn failing(files: &Files, fault: Option<Fault>) -> Self {
        let memory = Arc::new(InMemory::new());
        let kept = Arc::clone(&memory);
        wait(async move {
            for (name, bytes) in files {
                kept.put(&Path::from(name.as_str()), bytes.clone().into()).await.unwrap();
            }
        });
        let faulty = Arc::new(FaultyStore::new(Arc::clone(&memory) as _, fault));
        Self { memory, faulty }
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.faulty) as _
    }

    /// How many files were written or removed.
    pub(crate) fn changes(&self) -> usize {
        self.faulty.changes()
    }

    /// Everything that is there.
    pub(crate) fn files(&self) -> Files {
        wait(async {
            let objects: Vec<_> = self.memory.list(None).try_collect().await.unwrap();
            let mut files = Files::new();
            for object in objects {
                let found = self.memory.get(&object.location).await.unwrap();
                let bytes = found.bytes().await.unwrap();
                files.insert(object.location.to_string(), bytes.to_vec());
            }
            files
        })
    }
}

/// What a store in memory answers at once.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Files as a source.
pub(crate) struct Shelf<'a>(pub(crate) &'a Files);

impl audit::Source for Shelf<'_> {
    type Error = ();

    fn fetch(&self, log: &LogPath, files: &[Resource]) -> Result<Vec<Fetched>, ()> {
        Ok(files.iter().map(|file| self.0.get(&format!("{log}/{file}")).cloned()).collect())
    }
}

/// The size of the head that is there of a log, 0 without one.
pub(crate) fn size_of(files: &Files, city: &City, path: &LogPath) -> usize {
    let Some(note) = files.get(&format!("{path}/checkpoint")) else { return 0 };
    let signed = SignedCheckpoint::parse(note, &city.verifier(path)).unwrap();
    let size = usize::try_from(signed.checkpoint().size).unwrap();
    assert_eq!(signed.checkpoint().root, city.at(path).head_at(size).root, "{path} at {size}");
    size
}

/// That a log can be read at this size, whichever of its files stand for it.
pub(crate) fn assert_readable(files: &Files, city: &City, path: &LogPath, size: usize) {
    let log = city.at(path);
    let log = PaperLog { origin: log.origin.clone(), entries: log.entries[..size].to_vec() };
    let expected: Files = log.files(&path.to_string(), &city.log_key).into_iter().collect();
    let of_size = size as u64;
    let names = TilePath::all(of_size).map(Resource::Tile);
    for file in names.chain(EntriesPath::all(of_size).map(Resource::Entries)) {
        let name = format!("{path}/{file}");
        let fetched = fetch_exact(&Shelf(files), path, &[file]).unwrap().pop().flatten();
        assert!(fetched.as_ref() == expected.get(&name), "{name} of the head at {size}");
    }
}

/// That every head there is complete, that none speaks of what another lacks, and that nothing is
/// there that the city does not have.
pub(crate) fn assert_complete(files: &Files, city: &City) {
    let size = |path: &LogPath| size_of(files, city, path);
    for path in city.logs.keys() {
        // PUBLISH-21, PUBLISH-24: a head is there after all its files.
        assert_readable(files, city, path, size(path));
    }
    let register = city.at(&LogPath::Register);
    for entry in &register.entries[..size(&LogPath::Register)] {
        let entry = SignedEntry::decode(LogType::Register, entry.clone()).unwrap();
        let heads: Vec<(&str, u64)> = match entry.payload() {
            Payload::Log(log) => vec![(&log.origin, 1)],
            Payload::Anchors(anchors) => {
                anchors.heads.iter().map(|head| (&*head.origin, head.size)).collect()
            }
            _ => Vec::new(),
        };
        for (origin, at_least) in heads {
            let path = LogPath::of_origin(origin, &city.domain).unwrap();
            // PUBLISH-21: whoever reads the register last misses nothing that it speaks of.
            assert!(size(&path) as u64 >= at_least, "the register is ahead of {path}");
        }
    }
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with("/checkpoint")) {
        assert!(is_of_city(name, bytes, city), "{name} is no file of the city");
    }
}

/// Whether these are the bytes that the city has, or had, under this name.
fn is_of_city(name: &str, bytes: &[u8], city: &City) -> bool {
    let (log, file) = name.split_at(name.find("/tile/").unwrap());
    let (path, file) = (LogPath::parse(log).unwrap(), Resource::parse(&file[1..]).unwrap());
    let now = city.files();
    fetch_exact(&Shelf(&now), &path, &[file]).unwrap().pop().flatten().as_deref() == Some(bytes)
        || now.iter().any(|(full, of_now)| {
            // A partial file of an older head, of which the city now has a wider one.
            let stem = |name: &str| name.split(".p/").next().unwrap().to_owned();
            stem(full) == stem(name) && of_now.starts_with(bytes)
        })
}
