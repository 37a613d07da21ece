//! What the threads of this process have taken of the cores, by their names: where the time of a
//! measurement went. Only Linux tells.
//!
//! Not here: threads that have ended, and what others took of the machine.

use std::collections::BTreeMap;
use std::fs;

/// Less than this many microseconds for each piece of work is not worth a word.
const LEAST: f64 = 0.1;

/// Microseconds on a core, by the name of the thread without its number.
#[derive(Clone, Debug, Default)]
pub struct CpuTimes(BTreeMap<String, f64>);

impl CpuTimes {
    /// What the threads have taken so far; nothing where the system does not tell.
    pub fn now() -> Self {
        let mut times = BTreeMap::new();
        for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let read = |file: &str| fs::read_to_string(task.path().join(file)).ok();
            let (Some(name), Some(taken)) = (read("comm"), read("schedstat")) else { continue };
            let nanoseconds = taken.split(' ').next().and_then(|taken| taken.parse::<f64>().ok());
            let name = name.trim_end().trim_end_matches(|c: char| c.is_ascii_digit());
            let time: &mut f64 = times.entry(name.trim_end_matches('-').to_owned()).or_default();
            *time += nanoseconds.unwrap_or(0.0) / 1e3;
        }
        Self(times)
    }

    /// Adds what was taken between two moments.
    pub fn add(&mut self, before: &Self, after: &Self) {
        for (name, time) in &after.0 {
            let earlier = before.0.get(name).copied().unwrap_or_default();
            *self.0.entry(name.clone()).or_default() += time - earlier;
        }
    }

    /// Microseconds for each of so many pieces of work, the most first.
    pub fn shares(&self, pieces: f64) -> String {
        let mut shares: Vec<_> = self.0.iter().map(|(name, time)| (time / pieces, name)).collect();
        shares.retain(|(share, _)| *share >= LEAST);
        shares.sort_by(|one, other| other.0.total_cmp(&one.0));
        let shares: Vec<_> =
            shares.iter().map(|(share, name)| format!("{name} {share:.1}")).collect();
        format!("microseconds of the cores for each: {}", shares.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_was_taken_between() {
        let at = |times: &[(&str, f64)]| {
            CpuTimes(times.iter().map(|(name, time)| ((*name).to_owned(), *time)).collect())
        };
        let mut sum = CpuTimes::default();
        sum.add(&at(&[("a", 10.0)]), &at(&[("a", 30.0), ("b", 50.0), ("c", 0.1)]));
        sum.add(&at(&[]), &at(&[("a", 10.0)]));
        assert_eq!(sum.shares(10.0), "microseconds of the cores for each: b 5.0, a 3.0");
    }
}
