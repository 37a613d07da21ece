//! A receipt's file with what it is checked by: the city's pins, the policy, the entry's bytes.
//!
//! Not here: the receipts in a voter's book ([`super::receipt_book`]).

use std::path::{Path, PathBuf};

use clap::Args;
use veche_keys::private_file;
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use crate::commands::Global;
use crate::error::ClientError;
use crate::growth::Promise;
use crate::receipts::{self, ReceiptFile};
use crate::trust::{Pins, Trust};
use crate::voter_file::VoterFile;

/// Options that name a receipt and what it is checked by.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The receipt (.tlog-proof, or .grown).
    #[arg(required_unless_present = "book")]
    pub(super) file: Option<PathBuf>,
    /// Your voter's file, which pins the city; without it the trust file does.
    #[arg(long, value_name = "FILE")]
    voter: Option<PathBuf>,
    /// The ballot as you signed it; by default the file beside the receipt, if it is there.
    #[arg(long, value_name = "FILE")]
    ballot: Option<PathBuf>,
}

/// A receipt that was read and checked by itself.
pub(super) struct Loaded {
    pub(super) pins: Pins,
    /// Address of the server, as the file says that pins the city.
    pub(super) url: String,
    pub(super) policy: Option<Policy>,
    pub(super) path: LogPath,
    pub(super) verifier: VerifierKey,
    pub(super) file: ReceiptFile,
    /// The bytes of the entry: the user's own, or those that the receipt carries.
    pub(super) entry: Vec<u8>,
    /// The head that the first receipt promises.
    pub(super) head: SignedCheckpoint,
}

impl FileArgs {
    /// The file that is named.
    pub(super) fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or_else(|| Path::new(""))
    }

    /// Reads the receipt and checks it by the city's key.
    pub(super) fn load(&self, global: &Global) -> Result<Loaded, ClientError> {
        let (pins, url) = self.pins(global)?;
        let policy = policy(global, &pins)?;
        let file = ReceiptFile::load(self.path())?;
        let entry = self.entry(file.first())?;
        let distrust = |breach| ClientError::distrust("the receipt")(breach);
        let origin = Checkpoint::parse(file.first().note().text()).map_err(distrust)?.origin;
        let path = LogPath::of_origin(&origin, pins.domain())
            .ok_or_else(|| distrust(Breach::CheckpointOrigin))?;
        let verifier = pins.verifier(&path);
        let head = receipts::verify(file.first(), &entry, &verifier)?;
        Ok(Loaded { pins, url, policy, path, verifier, file, entry, head })
    }

    fn pins(&self, global: &Global) -> Result<(Pins, String), ClientError> {
        if let Some(voter) = &self.voter {
            let voter = VoterFile::load(voter)?;
            return Ok((voter.pins, voter.url));
        }
        match Trust::load(&global.trust_path())? {
            Some(trust) => Ok((trust.pins, trust.url)),
            None => Err(ClientError::usage(
                "by what key? Give --voter, or pin the city with `veche trust URL`",
            )),
        }
    }

    /// The bytes that the receipt is for: the voter's own, else those that the receipt carries.
    fn entry(&self, receipt: &Receipt) -> Result<Vec<u8>, ClientError> {
        let beside = self.path().with_extension("ballot");
        let own = self.ballot.as_deref().or_else(|| beside.exists().then_some(beside.as_path()));
        match (own, receipt.extra()) {
            (Some(file), _) => {
                println!("held against your own copy in {}", file.display());
                Ok(private_file::read(file)?)
            }
            (None, Some(extra)) => Ok(extra.to_vec()),
            (None, None) => {
                Err(ClientError::usage("the receipt carries no entry: give it with --ballot"))
            }
        }
    }
}

impl Loaded {
    /// What the first receipt promises.
    pub(super) fn promise(&self) -> Promise<'_> {
        let Self { path, verifier, entry, file, .. } = self;
        Promise { path, verifier, entry, receipt: file.first() }
    }
}

/// The policy of the trust file, if it is of this city.
pub(super) fn policy(global: &Global, pins: &Pins) -> Result<Option<Policy>, ClientError> {
    match Trust::load(&global.trust_path())?.filter(|trust| trust.pins == *pins) {
        Some(trust) => trust.read_policy(),
        None => Ok(None),
    }
}
