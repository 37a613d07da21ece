//! All that a witness has cosigned, held against the one rule: it is one history.

use std::collections::BTreeMap;
use std::sync::Mutex;

use veche_tests::city::PaperLog;

/// What was cosigned: from which size, to which, of which of two logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cosigned {
    pub(crate) old: usize,
    pub(crate) size: usize,
    pub(crate) log: usize,
}

/// Cosignatures as they come in, from many threads.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<Vec<Cosigned>>);

impl Record {
    pub(crate) fn add(&self, cosigned: Cosigned) {
        self.0.lock().unwrap().push(cosigned);
    }

    /// The number of cosignatures that went from one size to another.
    pub(crate) fn steps(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|cosigned| cosigned.old < cosigned.size).count()
    }

    /// The largest size that was cosigned.
    pub(crate) fn largest(&self) -> usize {
        self.0.lock().unwrap().iter().map(|cosigned| cosigned.size).max().unwrap_or(0)
    }

    /// WITNESS-3, WITNESS-7: no two roots of one size, no two heads that extend the same one, and
    /// what extends a head extends the one before.
    pub(crate) fn check(&self, logs: &[PaperLog; 2]) {
        let all = self.0.lock().unwrap();
        let mut roots = BTreeMap::new();
        let mut grown = BTreeMap::new();
        for &Cosigned { old, size, log } in all.iter() {
            let root = logs[log].head_at(size).root;
            assert_eq!(*roots.entry(size).or_insert(root), root, "two roots of size {size}");
            if old < size {
                let first = *grown.entry(old).or_insert(size);
                assert_eq!(first, size, "from {old} both to {first} and to {size}");
            }
        }
        // Every head is a prefix of the largest.
        let Some(last) = all.iter().max_by_key(|cosigned| cosigned.size) else { return };
        for (size, root) in roots {
            assert_eq!(logs[last.log].head_at(size).root, root, "size {size} is of another log");
        }
    }
}
