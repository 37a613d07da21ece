//! Loading an engine's state and starting its threads.

use std::collections::HashMap;
use std::hash::RandomState;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::bounded;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::signature::SigningKey;

use crate::clock::Clock;
use crate::desk::run_desk;
use crate::error::EngineError;
use crate::metrics::Metrics;
use crate::recovery::{Sources, load as load_state};
use crate::sequencer::Sequencer;
use crate::settings::{Settings, VERIFIED_QUEUE};
use crate::shared::Shared;
use crate::store::{LogId, Store};
use crate::tree::TreeEdge;
use crate::tree::reader::TreeReader;
use crate::voting::intake::run_verifier;

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
    let (city, public, drafts) = (loaded.city, loaded.public, loaded.drafts);
    let shared = Shared::new(store, reader, key, settings, clock, hasher, city, public, drafts);
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
    let (arrivals, waiting) = bounded(settings.ballot_queue);
    let (acts, waiting_acts) = bounded(settings.act_queue);
    let (tasks, waiting_tasks) = bounded(settings.act_queue);
    let (verified, groups) = bounded(VERIFIED_QUEUE);
    let mut threads = Vec::new();
    for number in 0..settings.verifiers.max(1) {
        let (shared, waiting, verified) = (Arc::clone(shared), waiting.clone(), verified.clone());
        let mut rng = StdRng::from_rng(rng);
        let run = move || {
            outlive(&shared.metrics, || run_verifier(&shared, &waiting, &verified, &mut rng));
        };
        threads.push(spawn(&format!("verifier-{number}"), run)?);
    }
    for number in 0..settings.desks.max(1) {
        let (shared, acts, tasks) = (Arc::clone(shared), waiting_acts.clone(), tasks.clone());
        let mut rng = StdRng::from_rng(rng);
        let run = move || {
            outlive(&shared.metrics, || run_desk(&shared, &acts, &tasks, &mut rng));
        };
        threads.push(spawn(&format!("desk-{number}"), run)?);
    }
    let rng = StdRng::from_rng(rng);
    let sequencer = Sequencer::new(Arc::clone(shared), edges, rng, waiting_tasks, groups);
    threads.push(spawn("sequencer", move || sequencer.run())?);
    Ok((Queues { arrivals, acts, tasks }, threads))
}

/// Goes back to work after a panic until the work ends by itself. What was at hand is dropped, and
/// its replies say so ([`crate::receipts::Reply`]). Nothing else suffers: verifiers and desks read
/// what is published, and change none of it.
fn outlive(metrics: &Metrics, mut work: impl FnMut()) {
    while catch_unwind(AssertUnwindSafe(&mut work)).is_err() {
        metrics.count_panic();
        tracing::error!("a thread of the engine panicked, and goes on with what comes next");
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, EngineError> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(EngineError::Thread)
}

#[cfg(test)]
mod tests {
    use crate::error::Refusal;
    use crate::receipts::Reply;

    use super::*;

    #[test]
    fn a_panic_ends_one_request_and_not_the_thread() {
        let (sender, queue) = bounded(3);
        let (answer, answers) = bounded(3);
        for number in 0..3 {
            let answer = answer.clone();
            let reply = Reply::new(move |outcome| answer.send(outcome.map(drop)).unwrap());
            sender.send((number, reply)).unwrap();
        }
        drop(sender);
        let metrics = Metrics::new();
        outlive(&metrics, || {
            while let Ok((number, reply)) = queue.recv() {
                assert_ne!(number, 1, "a fault of the program");
                reply.send(Err(Refusal::Busy));
            }
        });
        let outcomes: Vec<_> = answers.try_iter().collect();
        assert_eq!(outcomes, [Refusal::Busy, Refusal::Internal, Refusal::Busy].map(Err));
        assert_eq!(metrics.panics(), 1);
    }
}
