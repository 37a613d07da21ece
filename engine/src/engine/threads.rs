//! Loading an engine's state and starting its threads.

use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::bounded;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::signature::SigningKey;

use crate::clock::Clock;
use crate::desk::run_desk;
use crate::error::EngineError;
use crate::recovery::{Sources, load as load_state};
use crate::sequencer::Sequencer;
use crate::settings::{Settings, VERIFIED_QUEUE};
use crate::shared::Shared;
use crate::store::{LogId, Store};
use crate::tree::TreeEdge;
use crate::tree::reader::TreeReader;
use crate::voting::ballots::run_verifier;

use super::Queues;

/// Loads everything that the threads share, and the writer's own part.
pub(super) fn load(
    store: Arc<dyn Store>,
    key: SigningKey,
    settings: Settings,
    clock: Arc<dyn Clock>,
    rng: &mut StdRng,
) -> Result<(Shared, HashMap<LogId, TreeEdge>), EngineError> {
    let reader = Arc::new(TreeReader::new(Arc::clone(&store)));
    let hasher = RandomState::new();
    let sources = Sources {
        store: store.as_ref(),
        reader: &reader,
        key: &key,
        hasher: &hasher,
        threads: settings.verifiers,
        on_head: settings.on_head.as_ref(),
    };
    let loaded = load_state(&sources, rng)?;
    let shared =
        Shared::new(store, reader, key, settings, clock, hasher, loaded.city, loaded.drafts);
    Ok((shared, loaded.edges))
}

/// Starts the threads. Each ends when everyone who could send it something has gone: closing the
/// queues closes the verifiers and desks, and these close the sequencer.
pub(super) fn start(
    shared: &Arc<Shared>,
    edges: HashMap<LogId, TreeEdge>,
    rng: &mut StdRng,
) -> Result<(Queues, Vec<JoinHandle<()>>), EngineError> {
    let settings = &shared.settings;
    let (ballots, casts) = bounded(settings.ballot_queue);
    let (acts, waiting_acts) = bounded(settings.act_queue);
    let (tasks, waiting_tasks) = bounded(settings.act_queue);
    let (verified, groups) = bounded(VERIFIED_QUEUE);
    let mut threads = Vec::new();
    for number in 0..settings.verifiers.max(1) {
        let (shared, casts, verified) = (Arc::clone(shared), casts.clone(), verified.clone());
        let mut rng = StdRng::from_rng(rng);
        let run = move || run_verifier(&shared, &casts, &verified, &mut rng);
        threads.push(spawn(&format!("verifier-{number}"), run)?);
    }
    for number in 0..settings.desks.max(1) {
        let (shared, acts, tasks) = (Arc::clone(shared), waiting_acts.clone(), tasks.clone());
        let mut rng = StdRng::from_rng(rng);
        let run = move || run_desk(&shared, &acts, &tasks, &mut rng);
        threads.push(spawn(&format!("desk-{number}"), run)?);
    }
    let rng = StdRng::from_rng(rng);
    let sequencer = Sequencer::new(Arc::clone(shared), edges, rng, waiting_tasks, groups);
    threads.push(spawn("sequencer", move || sequencer.run())?);
    Ok((Queues { ballots, acts, tasks }, threads))
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, EngineError> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(EngineError::Thread)
}
