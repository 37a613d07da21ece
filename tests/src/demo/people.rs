//! The people of the demo and their keys, which nobody else has.

use veche_keys::key_file::{generate, random_bytes};
use veche_protocol::interchange::pabulib::Pabulib;
use veche_protocol::roll::VoterId;
use veche_protocol::signature::SigningKey;

/// Everybody who acts for the city.
#[derive(Debug)]
pub(super) struct Staff {
    pub(super) commission: [SigningKey; 3],
    pub(super) registrar: SigningKey,
    pub(super) inspector: SigningKey,
    pub(super) officers: [SigningKey; 2],
}

impl Staff {
    pub(super) fn generate() -> anyhow::Result<Self> {
        Ok(Self {
            commission: [generate()?, generate()?, generate()?],
            registrar: generate()?,
            inspector: generate()?,
            officers: [generate()?, generate()?],
        })
    }

    /// The registrar and the inspector, who sign for the roll.
    pub(super) fn desk(&self) -> [&SigningKey; 2] {
        [&self.registrar, &self.inspector]
    }

    /// The two poll officers.
    pub(super) fn poll_officers(&self) -> [&SigningKey; 2] {
        [&self.officers[0], &self.officers[1]]
    }
}

/// A voter: an id and a key of their own, and what they want.
#[derive(Debug)]
pub(super) struct Voter {
    pub(super) id: VoterId,
    pub(super) key: SigningKey,
    /// Places of the chosen options, ascending.
    pub(super) choices: Vec<u64>,
}

impl Voter {
    /// One voter for each ballot of the file.
    pub(super) fn for_ballots(file: &Pabulib) -> anyhow::Result<Vec<Self>> {
        let voter = |ballot: &veche_protocol::interchange::pabulib::Ballot| {
            let choices = ballot.approvals().into_iter().map(u64::from).collect();
            Ok(Self { id: VoterId(random_bytes()?), key: generate()?, choices })
        };
        file.ballots.iter().map(voter).collect()
    }
}
