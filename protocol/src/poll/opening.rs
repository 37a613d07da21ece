//! Opening the ballots of a sealed poll, once enough trustees have laid their shares open
//! (spec/sealing.md).
//!
//! Every ballot opens by itself, so the work is divided as the caller likes:
//!
//! ```text
//! PollFold::opening -> Opening::open_some(range) ... -> Opening::gather -> OpenedBallots
//! ```
//!
//! Which ballots stand was decided before, and is not changed by what they hold.

use core::ops::Range;

use crate::breach::Breach;
use crate::poll::ballot::{Selections, parse_selections};
use crate::poll::ballot_box::{BallotBox, ClearBallots, SealedBallots, check_selections};
use crate::poll::casting::OpenPoll;
use crate::sealing::DecryptionKey;
use crate::signature::Key;

/// The standing ballots of a poll and the key that opens them.
#[derive(Debug)]
pub struct Opening<'a> {
    key: DecryptionKey,
    open: &'a OpenPoll,
    ballots: &'a BallotBox,
    sealed: &'a SealedBallots,
}

/// A standing ballot after opening: its caster's place, its index in the log, what it says.
#[derive(Clone, Debug)]
pub struct OpenedBallot {
    place: usize,
    index: u64,
    selections: Result<Selections, Breach>,
}

impl<'a> Opening<'a> {
    /// `None` for a poll that is not sealed.
    pub(super) fn new(
        key: DecryptionKey,
        open: &'a OpenPoll,
        ballots: &'a BallotBox,
    ) -> Option<Self> {
        Some(Self { key, open, ballots, sealed: ballots.sealed()? })
    }

    /// The places to be opened: some have no ballot.
    pub fn places(&self) -> Range<usize> {
        0..self.sealed.len()
    }

    /// Opens the ballots at some of the places.
    pub fn open_some(&self, places: Range<usize>) -> Vec<OpenedBallot> {
        let standing = places.filter_map(|place| Some((place, self.sealed.get(place)?)));
        let standing: Vec<_> = standing.collect();
        let keyed: Vec<_> =
            standing.iter().map(|(place, (_, sealed))| (self.key_of(*place), sealed)).collect();
        let messages = self.key.open_all(&self.open.leaf(), &keyed);
        let opened = standing.iter().zip(messages);
        opened
            .map(|(&(place, (index, _)), message)| OpenedBallot {
                place,
                index,
                selections: self.read(message),
            })
            .collect()
    }

    /// The key that signed the ballot at this place.
    fn key_of(&self, place: usize) -> Key {
        match self.ballots.credential(place) {
            Some(key) => Key(*key),
            None => self.open.electorate().key(place),
        }
    }

    fn read(&self, message: Result<Vec<u8>, Breach>) -> Result<Selections, Breach> {
        // SEAL-6: tag and padding have been judged; then encoding, then as an open ballot is.
        let selections = parse_selections(&message?)?;
        check_selections(self.open.definition(), &selections)?;
        Ok(selections)
    }

    /// Gathers what was opened.
    pub fn gather(&self, opened: impl IntoIterator<Item = OpenedBallot>) -> OpenedBallots {
        let questions = self.open.definition().questions.len();
        let mut ballots =
            OpenedBallots { clear: ClearBallots::new(questions), spoiled: Vec::new() };
        for OpenedBallot { place, index, selections } in opened {
            match selections {
                Ok(selections) => ballots.clear.put(place, &selections),
                Err(breach) => ballots.spoiled.push((index, breach)),
            }
        }
        ballots.spoiled.sort_unstable();
        ballots
    }

    /// Opens everything, one ballot after another.
    pub fn open_all(&self) -> OpenedBallots {
        self.gather(self.open_some(self.places()))
    }
}

/// The ballots of a sealed poll, opened.
#[derive(Clone, Debug)]
pub struct OpenedBallots {
    pub(super) clear: ClearBallots,
    spoiled: Vec<(u64, Breach)>,
}

impl OpenedBallots {
    /// The ballots that do not open or decode, by their indices in the log, and why.
    pub fn spoiled(&self) -> &[(u64, Breach)] {
        &self.spoiled
    }

    /// The ballots that open, alone.
    pub(super) fn into_clear(self) -> ClearBallots {
        self.clear
    }

    /// The ballots that open.
    pub const fn clear(&self) -> &ClearBallots {
        &self.clear
    }
}
