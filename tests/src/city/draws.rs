//! Randomness on paper: what is drawn for a name is the same in every run, on every machine and
//! with every version of the libraries.

use core::convert::Infallible;

use rand::{TryCryptoRng, TryRng};
use veche_protocol::hash::{Hash, sha256};

/// The draws that belong to a name: SHA-256 of the name's hash and a counter, block after block.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: Hash,
    blocks: u64,
    left: Vec<u8>,
}

impl Draws {
    /// The draws of this name, from the first one on.
    pub fn of(name: &str) -> Self {
        Self { seed: sha256(name.as_bytes()), blocks: 0, left: Vec::new() }
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&mut self, destination: &mut [u8]) {
        for byte in destination {
            if self.left.is_empty() {
                let block = [&self.seed.0[..], &self.blocks.to_be_bytes()].concat();
                self.left = sha256(&block).0.to_vec();
                self.blocks += 1;
            }
            *byte = self.left.pop().expect("a block has 32 bytes");
        }
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        self.fill(destination);
        Ok(())
    }
}

impl TryCryptoRng for Draws {}
