//! The city of a recount vector, taken apart into its logs and put together again: on paper, and in
//! an engine's store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use veche_engine::clock::ManualClock;
use veche_engine::store::memory::MemoryStore;
use veche_engine::store::{Batch, Store};
use veche_engine::tree::TreeEdge;
use veche_engine::{Engine, Settings};
use veche_protocol::hash::leaf_hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::Note;
use veche_protocol::log::tile::{EntriesPath, split_bundle};
use veche_protocol::name::LogPath;
use veche_protocol::signature::SigningKey;
use veche_tests::city::{DOMAIN, PaperLog, key};

use crate::support::base64;

/// The logs of a city, by their paths.
#[derive(Clone)]
pub(crate) struct Logs(pub(crate) BTreeMap<LogPath, PaperLog>);

/// The key of every city on paper.
pub(crate) fn log_key() -> SigningKey {
    key(&format!("{DOMAIN} log"))
}

impl Logs {
    /// The logs of a recount vector, all of which can be read.
    pub(crate) fn of(vector: &Value) -> Self {
        let logs = Self::readable(vector);
        let files = vector["files"].as_object().unwrap();
        let heads = files.keys().filter(|name| name.ends_with("/checkpoint")).count();
        assert_eq!(logs.0.len(), heads, "{}", vector["what"]);
        logs
    }

    /// Those logs of a recount vector that can be read.
    pub(crate) fn readable(vector: &Value) -> Self {
        let files = vector["files"].as_object().unwrap();
        let logs = files.iter().filter_map(|(name, head)| {
            let path = LogPath::parse(name.strip_suffix("/checkpoint")?).unwrap();
            let note = Note::parse(&base64(head)).ok()?;
            let Checkpoint { origin, size, .. } = Checkpoint::parse(note.text()).ok()?;
            let mut log = PaperLog::new(origin);
            for bundle in EntriesPath::all(size) {
                let bytes = base64(files.get(&format!("{path}/{bundle}"))?);
                for entry in split_bundle(&bytes, bundle.width).ok()? {
                    log.push(entry.to_vec());
                }
            }
            Some((path, log))
        });
        Self(logs.collect())
    }

    /// The public files of these logs.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let logs = self.0.iter();
        logs.flat_map(|(path, log)| log.files(&path.to_string(), &log_key())).collect()
    }

    /// A store that holds these logs, as a server that kept them would have left it.
    pub(crate) fn store(&self) -> Arc<MemoryStore> {
        let store = Arc::new(MemoryStore::new());
        for log in self.0.values() {
            let id = store.create_log(&log.origin).unwrap();
            let leaves: Vec<_> = log.entries.iter().map(|entry| leaf_hash(entry)).collect();
            let growth = TreeEdge::new().grow(&leaves);
            let (append, ..) = growth.into_append(id, log.entries.clone(), Vec::new());
            store.commit(&Batch { appends: vec![append], ..Batch::default() }).unwrap();
        }
        store
    }
}

/// An engine that keeps the logs of a store, at this time, and anchors only when it must.
pub(crate) fn engine(store: &Arc<MemoryStore>, clock: u64) -> Engine {
    let hour = Duration::from_hours(1);
    let settings =
        Settings { verifiers: 1, desks: 1, anchor_interval: hour, ..Settings::default() };
    let store = Arc::clone(store) as Arc<dyn Store>;
    let clock = Arc::new(ManualClock::new(clock));
    let mut rng = StdRng::seed_from_u64(7);
    Engine::open(store, log_key(), settings, clock, &mut rng).unwrap()
}
