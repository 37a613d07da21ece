//! The lot: an order of the options that nobody could know or choose while ballots were cast
//! (spec/count.md, "The lot").
//!
//! Not here: where the seed comes from; the poll's fold has the opened election key.

use crate::encoding::Encoder;
use crate::hash::{Hash, sha256, tag};

/// For each option of one question its number in the lot: the lowest goes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot(Vec<Hash>);

impl Lot {
    /// The seed of a sealed poll, from the leaf hash of its Open and its decryption key.
    pub fn seed(open: &Hash, decryption_key: &[u8; 32]) -> Hash {
        // COUNT-33: bound to this poll; the key is known to nobody before the shares stand.
        let mut encoder = Encoder::new();
        encoder.array(3).text(tag::LOT).bytes(open.as_bytes()).bytes(decryption_key);
        sha256(&encoder.finish())
    }

    /// Draws for the question at this place of the definition, whose options have these labels.
    pub fn draw<'a>(seed: &Hash, question: u64, labels: impl IntoIterator<Item = &'a str>) -> Self {
        // COUNT-33: by the labels, so that the listed order has no part in it.
        let number = |label: &str| {
            let mut encoder = Encoder::new();
            encoder.array(4).text(tag::LOT).bytes(seed.as_bytes()).uint(question).text(label);
            sha256(&encoder.finish())
        };
        Self(labels.into_iter().map(number).collect())
    }

    /// The number of an option, if it has one.
    pub(super) fn number(&self, option: u16) -> Option<&Hash> {
        self.0.get(usize::from(option))
    }

    /// Number of options.
    pub(super) const fn options(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_seed_and_the_question_decides() {
        // COUNT-33
        let seed = Lot::seed(&Hash([1; 32]), &[2; 32]);
        assert_ne!(seed, Lot::seed(&Hash([2; 32]), &[2; 32]));
        assert_ne!(seed, Lot::seed(&Hash([1; 32]), &[3; 32]));
        let lot = Lot::draw(&seed, 0, ["a", "b"]);
        assert_eq!(lot, Lot::draw(&seed, 0, ["a", "b"]));
        assert_ne!(lot, Lot::draw(&seed, 1, ["a", "b"]));
        assert_eq!(lot.number(0), Lot::draw(&seed, 0, ["b", "a"]).number(1));
        assert_eq!((lot.options(), lot.number(2)), (2, None));
    }
}
