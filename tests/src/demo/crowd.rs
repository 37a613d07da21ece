//! Many people at once: the same done for each of them, over several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use veche_client::terminal::Progress;

/// Does something for each of `people`, with their place, on so many threads; gives what came of it
/// in their order. The first failure is given instead, after all have ended.
pub(super) fn in_crowd<P: Sync, T: Send>(
    unit: &str,
    people: &[P],
    threads: usize,
    act: impl Fn(usize, &P) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let progress = Progress::new(unit);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, anyhow::Result<T>)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let place = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(person) = people.get(place)
                {
                    progress.set(place as u64, people.len() as u64);
                    let outcome = act(place, person);
                    done.lock().expect("no one panics").push((place, outcome));
                }
            });
        }
    });
    drop(progress);
    let mut done = done.into_inner().expect("no one panics");
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}
