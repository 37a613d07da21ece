//! Standing ballots that nobody can read yet, each a slot of one size (SEAL-2).
//!
//! Not here: whose they are, and how they open ([`crate::poll::opening`]).

use crate::sealing::SealedBallot;

/// Bytes before the ciphertext: the index of the entry, and the point.
const HEAD_LENGTH: usize = 8 + 32;
/// The slot of a caster who has no ballot.
const NONE: u32 = u32::MAX;

/// Sealed ballots by the places of their casters.
#[derive(Clone, Debug)]
pub(in crate::poll) struct SealedBallots {
    /// Slot of each caster.
    slots: Vec<u32>,
    slot_length: usize,
    bytes: Vec<u8>,
}

impl SealedBallots {
    /// No ballots yet, of a poll whose ciphertexts have this length.
    pub(in crate::poll) const fn new(ciphertext_length: usize) -> Self {
        Self { slots: Vec::new(), slot_length: HEAD_LENGTH + ciphertext_length, bytes: Vec::new() }
    }

    /// Puts the ballot at `index` of the log in the place of any that its caster has cast before.
    pub(super) fn put(&mut self, place: usize, index: u64, ballot: &SealedBallot) {
        if self.slots.len() <= place {
            self.slots.resize(place + 1, NONE);
        }
        if self.slots[place] == NONE {
            let slot = self.bytes.len() / self.slot_length;
            self.slots[place] = u32::try_from(slot).expect("fewer ballots than u32 can count");
            self.bytes.resize(self.bytes.len() + self.slot_length, 0);
        }
        let start = self.slots[place] as usize * self.slot_length;
        let slot = &mut self.bytes[start..start + self.slot_length];
        slot[..8].copy_from_slice(&index.to_be_bytes());
        slot[8..HEAD_LENGTH].copy_from_slice(&ballot.point);
        slot[HEAD_LENGTH..].copy_from_slice(&ballot.ciphertext);
    }

    /// The ballot of the caster at `place`, with its index in the log.
    pub(in crate::poll) fn get(&self, place: usize) -> Option<(u64, SealedBallot)> {
        let slot = *self.slots.get(place).filter(|&&slot| slot != NONE)?;
        let start = slot as usize * self.slot_length;
        let slot = &self.bytes[start..start + self.slot_length];
        let (index, rest) = slot.split_first_chunk::<8>()?;
        let (point, ciphertext) = rest.split_first_chunk::<32>()?;
        let ballot = SealedBallot { point: *point, ciphertext: ciphertext.to_vec() };
        Some((u64::from_be_bytes(*index), ballot))
    }

    /// Places up to the last caster's.
    pub(in crate::poll) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_ballot_takes_the_slot_of_the_one_before() {
        let sealed = |byte| SealedBallot { point: [byte; 32], ciphertext: vec![byte; 48] };
        let mut ballots = SealedBallots::new(48);
        ballots.put(2, 10, &sealed(1));
        ballots.put(0, 11, &sealed(2));
        ballots.put(2, 12, &sealed(3));
        assert_eq!(ballots.get(0), Some((11, sealed(2))));
        assert_eq!(ballots.get(1), None);
        assert_eq!(ballots.get(2), Some((12, sealed(3))));
        assert_eq!(ballots.bytes.len(), 2 * (HEAD_LENGTH + 48));
    }
}
