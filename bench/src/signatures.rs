//! The limit of (b), (c) and (e): the same signatures in bare batches of ed25519-zebra, on all
//! cores.
//!
//! What is verified is what the poll's ballots carry: key, signature, and the message that binds
//! the ballot to its city, log and Open. Hashing the message is part of it. Batches have the size
//! that is fastest on this machine, which is tried out first.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use ed25519_zebra::{Signature, VerificationKeyBytes, batch};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::entry::{Binding, SignedEntry};
use veche_protocol::name::LogType;

use crate::cores::each;
use crate::scale::Scale;
use crate::town::{IN_FLIGHT, Town};

/// Sizes of batches that are tried.
const SIZES: [usize; 6] = [64, 128, 256, 512, 1_024, 2_048];
/// How often each is tried; the fastest time counts.
const ROUNDS: usize = 3;

/// A signature with what it claims.
#[derive(Clone, Debug)]
pub struct Signed {
    key: VerificationKeyBytes,
    signature: Signature,
    message: Vec<u8>,
}

impl Signed {
    /// The signatures of ballots that are cast under this Open.
    pub fn of(ballots: &[Vec<u8>], binding: &Binding<'_>) -> Result<Vec<Self>> {
        let mut signed = Vec::with_capacity(ballots.len());
        for ballot in ballots {
            let entry = SignedEntry::decode(LogType::Poll, ballot.clone())?;
            let message = binding.message(entry.payload_bytes());
            signed.extend(entry.signatures().iter().map(|(key, signature)| Self {
                key: VerificationKeyBytes::from(*key.as_bytes()),
                signature: Signature::from_bytes(signature.as_bytes()),
                message: message.clone(),
            }));
        }
        Ok(signed)
    }

    /// Verifies this signature alone.
    pub fn verify(&self) -> Result<()> {
        let item: batch::Item = (self.key, self.signature, &self.message).into();
        Ok(item.verify_single()?)
    }
}

/// Bare verification, with the best size of a batch.
#[derive(Debug)]
pub struct Limit {
    size: usize,
}

impl Limit {
    /// Finds the best size of a batch by ballots that are then cast, which warms the city up.
    pub fn of_town(town: &mut Town, scale: Scale) -> Result<Self> {
        let ballots = town.ballots(scale.calibration);
        let limit = Self::find(&Signed::of(&ballots, &town.binding())?)?;
        town.cast(&ballots, IN_FLIGHT)?;
        Ok(limit)
    }

    /// Finds the best size of a batch by these signatures.
    pub fn find(signed: &[Signed]) -> Result<Self> {
        let mut best = (Duration::MAX, 0);
        for _ in 0..ROUNDS {
            for size in SIZES {
                best = best.min((Self { size }.verify(signed)?, size));
            }
        }
        Ok(Self { size: best.1 })
    }

    /// Verifies on all cores; gives the time.
    pub fn verify(&self, signed: &[Signed]) -> Result<Duration> {
        let start = Instant::now();
        let pieces: Vec<_> = signed.chunks(self.size).collect();
        let verdicts = each(pieces.len(), |piece| {
            let mut verifier = batch::Verifier::new();
            for Signed { key, signature, message } in pieces[piece] {
                verifier.queue((*key, *signature, message));
            }
            // The numbers blind the equation; how good they are does not change the time.
            verifier.verify(StdRng::seed_from_u64(piece as u64)).is_ok()
        });
        ensure!(verdicts.into_iter().all(|holds| holds), "every signature was made a moment ago");
        Ok(start.elapsed())
    }

    /// What the table says of it.
    pub fn name(&self) -> String {
        format!("bare verification of the same signatures, {} a batch, all cores", self.size)
    }
}
