//! The second key of all logs (LOG-18): signs every head that becomes public once more, by
//! ML-DSA-44.
//!
//! Not here: where the key lies, and who asks for its signature (policies).

use std::time::{SystemTime, UNIX_EPOCH};

use rand::rngs::StdRng;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::NoteSignature;
use veche_protocol::ml_dsa::SigningKey;

/// A second key.
#[derive(Debug)]
pub struct SecondKey(SigningKey);

impl SecondKey {
    /// The key that signs from now on.
    pub const fn new(key: SigningKey) -> Self {
        Self(key)
    }

    /// Its line on a head, with the time of this machine.
    pub(super) fn sign(&self, head: &Checkpoint) -> NoteSignature {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut rng: StdRng = rand::make_rng();
        // LOG-18: under the origin as the key's name.
        cosignature::sign_ml_dsa(head, time, &self.0, &head.origin, &mut rng)
            .expect("an origin is a key name, and the year is below 292 billion")
    }
}
