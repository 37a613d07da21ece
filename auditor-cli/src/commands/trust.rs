//! What an observer can bring along on a command line, read from files and texts.

use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::audit::{Exhibit, Trust};
use veche_protocol::hash::Hash;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;

use super::CommandError;

/// Whom to believe.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct TrustArguments {
    /// A policy: the logs and witnesses that you believe, and how many witnesses are enough.
    ///
    /// A file in the C2SP tlog-policy format. Its log line ties the record to the city, its
    /// witnesses to what others have been shown.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The verifier key of one of the logs, as the city has printed it.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    /// The instance id of the city: 64 hexadecimal digits.
    #[arg(long, value_name = "HEX")]
    instance: Option<String>,
}

impl TrustArguments {
    /// Reads the files.
    pub(super) fn read(&self) -> Result<Trust, CommandError> {
        let policy = self.policy.as_ref().map(|path| read_policy(path)).transpose()?;
        let key = self.key.as_ref().map(|text| {
            VerifierKey::parse(text.trim())
                .map_err(|breach| CommandError::Usage(format!("--key: {breach}")))
        });
        let instance = self.instance.as_ref().map(|text| {
            let bytes = hex::decode(text.trim()).ok();
            bytes.and_then(|bytes| Hash::from_slice(&bytes)).ok_or_else(|| {
                CommandError::Usage("--instance: not 64 hexadecimal digits".to_owned())
            })
        });
        let (key, instance) = (key.transpose()?, instance.transpose()?);
        Ok(Trust { instance, policy, key, ..Trust::default() })
    }
}

fn read_policy(path: &Path) -> Result<Policy, CommandError> {
    // AUDIT-11: the observer's own policy that is malformed is a matter of usage.
    let usage = |error: &dyn core::fmt::Display| {
        CommandError::Usage(format!("{}: {error}", path.display()))
    };
    Policy::parse(&read_file(path)?).map_err(|error| usage(&error))
}

/// A file that the command line names.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path).map_err(|error| CommandError::Usage(format!("{}: {error}", path.display())))
}

/// Files as exhibits, called by their names.
pub(super) fn read_exhibits(paths: &[PathBuf]) -> Result<Vec<Exhibit>, CommandError> {
    let read =
        |path: &PathBuf| Ok(Exhibit { name: path.display().to_string(), bytes: read_file(path)? });
    paths.iter().map(read).collect()
}
