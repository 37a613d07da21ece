//! Every head that the servers have ever shown or put into a receipt: by log and size, one root.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use veche_client::api::Source as _;
use veche_client::trust::Pins;
use veche_protocol::audit::Exhibit;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::note::Note;
use veche_protocol::name::LogPath;
use veche_tests::live::{ROLL, is_passing, poll_path};

use crate::door::{Door, Panics};

/// The heads of one log: root and note by size.
type BySize = BTreeMap<u64, (Hash, Note)>;

/// The heads of all logs.
pub(crate) struct Heads {
    pins: Pins,
    seen: Mutex<BTreeMap<LogPath, BySize>>,
}

impl Heads {
    pub(crate) fn new(pins: &Pins) -> Self {
        Self { pins: pins.clone(), seen: Mutex::default() }
    }

    /// Takes down a head, which is signed by the log's key and no other of its size.
    pub(crate) fn note(&self, path: &LogPath, note: &Note) -> u64 {
        let signed = SignedCheckpoint::from_note(note.clone(), &self.pins.verifier(path)).unwrap();
        let Checkpoint { size, root, .. } = *signed.checkpoint();
        let mut seen = self.seen.lock().unwrap();
        let of_log = seen.entry(path.clone()).or_default();
        let (first, _) = of_log.entry(size).or_insert_with(|| (root, note.clone()));
        // LOG-12: what was signed stays as it was, whatever happens to the server.
        assert_eq!(*first, root, "{path} has two roots of size {size}");
        size
    }

    /// Reads the checkpoints of all logs, over and over, until all is over.
    pub(crate) fn watch(&self, door: &Door) {
        let _panics = Panics::end(door);
        let mut latest = BTreeMap::new();
        while !door.is_over() {
            for path in [LogPath::Register, LogPath::Roll(ROLL.to_owned()), poll_path()] {
                match door.enter().checkpoint(&path) {
                    Ok(bytes) => {
                        let size = self.note(&path, &Note::parse(&bytes).unwrap());
                        let latest = latest.entry(path.clone()).or_insert(size);
                        assert!(size >= *latest, "{path} fell from {latest} to {size}");
                        *latest = size;
                    }
                    Err(error) => assert!(is_passing(&error), "{path}: {error}"),
                }
            }
            sleep(Duration::from_millis(1));
        }
    }

    /// All of them as evidence.
    pub(crate) fn exhibits(&self) -> Vec<Exhibit> {
        let seen = self.seen.lock().unwrap();
        let heads = seen.iter().flat_map(|(path, of_log)| {
            of_log.iter().map(move |(size, (_, note))| Exhibit {
                name: format!("{path} at {size}"),
                bytes: note.to_string().into_bytes(),
            })
        });
        heads.collect()
    }
}
