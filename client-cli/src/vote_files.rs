//! A voter's own ballots and receipts: one file of each for every turn, beside the voter's file.
//!
//! ```text
//! <voter's file>.<poll>.<turn>.ballot          the signed ballot, written before it is sent
//! <voter's file>.<poll>.<turn>.tlog-proof      its receipt, once it was checked
//! ```

use std::path::{Path, PathBuf};

use veche_keys::private_file::{self, Existing};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogType;
use veche_protocol::poll::definition::MAX_TURN;

use crate::error::ClientError;

/// The files of one voter for one poll.
#[derive(Clone, Debug)]
pub struct VoteFiles {
    folder: PathBuf,
    stem: String,
}

impl VoteFiles {
    /// The files beside the voter's file, or in another folder.
    pub fn of(voter: &Path, folder: Option<&Path>, poll: &str) -> Self {
        let beside = voter.parent().unwrap_or_else(|| Path::new("")).to_owned();
        let folder = folder.map_or(beside, Path::to_owned);
        let name = voter.file_stem().unwrap_or_default().to_string_lossy();
        Self { folder, stem: format!("{name}.{poll}") }
    }

    /// The file of the ballot of a turn.
    pub fn ballot(&self, turn: u8) -> PathBuf {
        self.folder.join(format!("{}.{turn}.ballot", self.stem))
    }

    /// The file of the receipt of a turn.
    pub fn receipt(&self, turn: u8) -> PathBuf {
        self.folder.join(format!("{}.{turn}.tlog-proof", self.stem))
    }

    /// Keeps a signed ballot, on the disk before this returns.
    pub fn keep(&self, turn: u8, ballot: &SignedEntry) -> Result<(), ClientError> {
        Ok(private_file::write(&self.ballot(turn), ballot.bytes(), Existing::Keep)?)
    }

    /// The latest ballot, if it has no receipt.
    pub fn pending(&self) -> Result<Option<SignedEntry>, ClientError> {
        let Some(turn) = self.last_turn() else { return Ok(None) };
        let file = self.ballot(turn);
        if self.receipt(turn).exists() || !file.exists() {
            return Ok(None);
        }
        let ballot = SignedEntry::decode(LogType::Poll, private_file::read(&file)?)
            .map_err(|breach| ClientError::content(&file, breach))?;
        if !matches!(ballot.payload(), Payload::Ballot(_)) {
            return Err(ClientError::content(&file, "this is not a ballot"));
        }
        Ok(Some(ballot))
    }

    /// The turn after the last one used.
    pub fn next_turn(&self) -> Result<u8, ClientError> {
        let next = self.last_turn().map_or(0, |turn| turn + 1);
        if u64::from(next) > MAX_TURN {
            return Err(ClientError::usage("no turn is left"));
        }
        Ok(next)
    }

    fn last_turn(&self) -> Option<u8> {
        let turns = 0..=u8::try_from(MAX_TURN).expect("MAX_TURN fits a byte");
        turns.rev().find(|&turn| self.ballot(turn).exists() || self.receipt(turn).exists())
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::entry::Binding;
    use veche_protocol::hash::Hash;
    use veche_protocol::poll::ballot::Ballot;
    use veche_protocol::signature::SigningKey;

    use super::*;

    fn ballot(turn: u8) -> SignedEntry {
        let origin = "vote.example.org/poll/park";
        let binding = Binding { instance: Hash::ZERO, origin, under: Hash::ZERO };
        let payload = Payload::Ballot(Ballot::open(turn, vec![vec![1]]));
        SignedEntry::sign(&payload, &binding, &[&SigningKey::from_seed(&[1; 32])])
    }

    #[test]
    fn a_ballot_is_pending_until_its_receipt_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let files = VoteFiles::of(&folder.path().join("anna.toml"), None, "park");
        assert_eq!(files.next_turn().unwrap(), 0);
        assert!(files.pending().unwrap().is_none());
        files.keep(0, &ballot(0)).unwrap();
        assert_eq!(files.pending().unwrap(), Some(ballot(0)));
        assert!(files.keep(0, &ballot(0)).is_err(), "a signed ballot is never replaced");
        std::fs::write(files.receipt(0), b"receipt").unwrap();
        assert!(files.pending().unwrap().is_none());
        assert_eq!(files.next_turn().unwrap(), 1);
    }
}
