//! Room for entries that wait, in bytes: a bound on memory that no number of entries gives.
//!
//! Not here: what is done with an entry for which there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of which some are taken.
#[derive(Debug)]
pub(crate) struct Room {
    free: AtomicUsize,
}

impl Room {
    /// So many bytes, all of them free.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { free: AtomicUsize::new(bytes) }
    }

    /// Takes so many bytes until what is returned is dropped; `None` if they are not free.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Option<Taken> {
        let left = |free: usize| free.checked_sub(bytes);
        self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).ok()?;
        Some(Taken { room: Arc::clone(self), bytes })
    }
}

/// Bytes taken, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.free.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let room = Arc::new(Room::new(10));
        let most = room.take(8).unwrap();
        assert!(room.take(3).is_none());
        let rest = room.take(2).unwrap();
        assert!(room.take(1).is_none());
        drop(most);
        assert!(room.take(9).is_none());
        assert!(room.take(8).is_some());
        drop(rest);
        assert!(room.take(10).is_some());
    }
}
