//! Work on all cores: how many there are, and pieces handed to whoever is free.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How many threads this machine runs side by side.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` on each of so many pieces, on all cores; the results are in the order of the pieces.
pub fn each<T: Send>(pieces: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return done;
            }
            done.push((piece, work(piece)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("work panicked")).collect()
    });
    done.sort_unstable_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, result)| result).collect()
}

/// So many in this time, as a rate for each second.
pub fn per_second(count: usize, took: Duration) -> f64 {
    rounded(count) / took.as_secs_f64()
}

/// A count as the table shows it.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn rounded(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn every_piece_is_done_once_and_in_order() {
        assert_eq!(each(1_000, |piece| piece * 2), (0..2_000).step_by(2).collect::<Vec<_>>());
    }
}
