//! Threads for the protocol's recount: one that reads, some that verify, the caller's that judges.
//!
//! ```text
//! produce -> pieces -> work (n threads) -> results, put back into order -> consume
//!    ^                                                                        |
//!    +------------------------- permits: few pieces are under way ------------+
//! ```

use core::ops::ControlFlow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use rand::CryptoRng;
use rand::rngs::StdRng;
use veche_protocol::audit::Crew;

/// Pieces under way for each thread that verifies: one in work, one waiting, one finished. A piece
/// is up to half a megabyte of entries, and takes three times as much once decoded.
const PIECES_PER_WORKER: usize = 3;

/// Threads that verify, besides one that reads and the caller's.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    workers: usize,
}

/// How many threads this machine runs side by side.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

impl Threads {
    /// So many threads that verify; at least one.
    pub fn new(workers: usize) -> Self {
        Self { workers: workers.max(1) }
    }
}

impl Crew for Threads {
    fn pipeline<T: Send, R: Send>(
        &self,
        produce: impl FnMut() -> Option<T> + Send,
        work: impl Fn(T, &mut dyn CryptoRng) -> R + Sync,
        consume: impl FnMut(R) -> ControlFlow<()>,
    ) {
        let under_way = PIECES_PER_WORKER * self.workers;
        let (permit, permits) = bounded(under_way);
        for _ in 0..under_way {
            permit.send(()).expect("the channel has room for every permit");
        }
        let (pieces, queue) = bounded(under_way);
        let (results, finished) = bounded(under_way);
        let work = &work;
        // The channels end with the closure, also by a panic: then the threads end too.
        thread::scope(move |scope| {
            scope.spawn(move || feed(produce, &permits, &pieces));
            for _ in 0..self.workers {
                let (queue, results) = (queue.clone(), results.clone());
                scope.spawn(move || drain(work, &queue, &results));
            }
            drop((queue, results));
            collect(&finished, &permit, consume);
            drop((finished, permit));
        });
    }
}

/// Numbers the pieces and hands them out, one for each permit.
fn feed<T>(
    mut produce: impl FnMut() -> Option<T>,
    permits: &Receiver<()>,
    pieces: &Sender<(u64, T)>,
) {
    for number in 0.. {
        // A closed channel says that nobody wants more.
        if permits.recv().is_err() {
            return;
        }
        let Some(piece) = produce() else { return };
        if pieces.send((number, piece)).is_err() {
            return;
        }
    }
}

/// Works on pieces until there are none. A panic is a result too: were it kept here, the others
/// would wait for this piece for ever.
fn drain<T, R>(
    work: &impl Fn(T, &mut dyn CryptoRng) -> R,
    queue: &Receiver<(u64, T)>,
    results: &Sender<(u64, thread::Result<R>)>,
) {
    let mut rng: StdRng = rand::make_rng();
    for (number, piece) in queue {
        let result = catch_unwind(AssertUnwindSafe(|| work(piece, &mut rng)));
        if results.send((number, result)).is_err() {
            return;
        }
    }
}

/// Gives the results to the consumer in the order of their pieces.
fn collect<R>(
    finished: &Receiver<(u64, thread::Result<R>)>,
    permit: &Sender<()>,
    mut consume: impl FnMut(R) -> ControlFlow<()>,
) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, result) in finished {
        early.insert(number, result);
        while let Some(result) = early.remove(&next) {
            let result = result.unwrap_or_else(|panic| resume_unwind(panic));
            if consume(result).is_break() {
                return;
            }
            next += 1;
            // Nobody waits for permits once all pieces were read.
            let _ = permit.try_send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn numbers(end: u32) -> impl FnMut() -> Option<u32> + Send {
        let mut numbers = 0..end;
        move || numbers.next()
    }

    #[test]
    fn results_come_in_the_order_of_their_pieces() {
        for workers in [0, 1, 2, 7] {
            let mut seen = Vec::new();
            let work = |number: u32, _: &mut dyn CryptoRng| {
                thread::sleep(std::time::Duration::from_micros(u64::from(number % 7) * 50));
                number * 2
            };
            Threads::new(workers).pipeline(numbers(200), work, |result| {
                seen.push(result);
                ControlFlow::Continue(())
            });
            assert_eq!(seen, (0..200).map(|number| number * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn few_pieces_are_under_way_and_a_break_ends_all() {
        let produced = AtomicUsize::new(0);
        let produce = || Some(produced.fetch_add(1, Ordering::SeqCst));
        let mut consumed = 0;
        Threads::new(2).pipeline(
            produce,
            |piece, _| piece,
            |_| {
                consumed += 1;
                if consumed == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(consumed, 10);
        let most = 10 + PIECES_PER_WORKER * 2;
        assert!(produced.load(Ordering::SeqCst) <= most);
    }

    #[test]
    fn a_panic_at_work_is_a_panic_of_the_caller() {
        let done = Mutex::new(Vec::new());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let work = |number: u32, _: &mut dyn CryptoRng| assert_ne!(number, 5);
            Threads::new(2).pipeline(numbers(100), work, |()| {
                done.lock().unwrap().push(());
                ControlFlow::Continue(())
            });
        }));
        assert!(outcome.is_err());
        assert!(done.lock().unwrap().len() <= 5);
    }
}
