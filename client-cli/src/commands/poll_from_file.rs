//! `veche poll from-file`: a definition from a Pabulib file.

use std::path::PathBuf;

use clap::Args;
use veche_keys::private_file::{self, Existing};
use veche_protocol::interchange::pabulib::parse;

use crate::commands::roll_new::date;
use crate::definition_file::{DefinitionFile, IssuersFile, MemberFile, TrusteesFile};
use crate::error::ClientError;
use crate::{pabulib, time};

/// A domain for origins that nobody looks at.
const DOMAIN: &str = "example.org";

/// Write the definition of a poll from a Pabulib file (.pb): projects, costs, budget, rule.
///
/// With issuers the poll is anonymous, with trustees it is sealed. Read the definition before
/// announcing it: the criteria for ties are not in the file.
#[derive(Debug, Args)]
pub(super) struct FromFileCommand {
    /// The Pabulib file.
    file: PathBuf,
    /// Name of the roll; repeat for several.
    #[arg(long, required = true)]
    roll: Vec<String>,
    /// When the poll opens, such as 2026-11-23T08:00:00Z.
    #[arg(long, value_parser = date)]
    opens_at: u64,
    /// When it closes.
    #[arg(long, value_parser = date)]
    closes_at: u64,
    /// Seconds by which it may open and close earlier or later.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    tolerance: u64,
    /// Title of the poll; by default the description in the file.
    #[arg(long)]
    title: Option<String>,
    /// An issuer of an anonymous poll: its name and public key; repeat for several.
    #[arg(long, value_name = "LABEL=KEY", value_parser = MemberFile::parse)]
    issuer: Vec<MemberFile>,
    /// Bits of the issuers' keys: 2048, 3072 or 4096.
    #[arg(long, value_name = "BITS", requires = "issuer")]
    modulus: Option<u64>,
    /// How long credentials are given out: until-open or until-close.
    #[arg(long, value_name = "WHEN", requires = "issuer")]
    issuing: Option<String>,
    /// A trustee of a sealed poll: its name and public key; repeat for several.
    #[arg(long, value_name = "LABEL=KEY", value_parser = MemberFile::parse, requires = "threshold")]
    trustee: Vec<MemberFile>,
    /// How many trustees open the ballots.
    #[arg(long, value_name = "NUMBER", requires = "trustee")]
    threshold: Option<u8>,
    /// The definition file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl FromFileCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let text = private_file::read_text(&self.file)?;
        let file = parse(&text).map_err(|error| ClientError::content(&self.file, error))?;
        let described = || file.meta.get("description").map(str::to_owned);
        let title = self.title.or_else(described).unwrap_or_else(|| "Participatory budget".into());
        let question = pabulib::question(&file, &title)
            .map_err(|reason| ClientError::content(&self.file, reason))?;
        let is_anonymous = !self.issuer.is_empty();
        let definition = DefinitionFile {
            title,
            details: None,
            rolls: self.roll,
            districts: Vec::new(),
            opens_at: time::format(self.opens_at),
            closes_at: time::format(self.closes_at),
            tolerance: self.tolerance,
            revote: None,
            max_turn: None,
            quorum: None,
            interval: None,
            identity: is_anonymous.then(|| "anonymous".to_owned()),
            secrecy: self.threshold.map(|_| "sealed".to_owned()),
            issuers: is_anonymous.then_some(IssuersFile {
                modulus: self.modulus,
                issuing: self.issuing,
                members: self.issuer,
            }),
            trustees: self
                .threshold
                .map(|threshold| TrusteesFile { threshold, members: self.trustee }),
            questions: vec![question],
        };
        // What the law would refuse is not written; only the domain is not known here.
        definition.read(DOMAIN).map_err(ClientError::Usage)?;
        private_file::write(&self.out, definition.to_toml().as_bytes(), Existing::Keep)?;
        let options = definition.questions.first().map_or(0, |question| question.options.len());
        println!("{options} options; the definition is in {}", self.out.display());
        Ok(())
    }
}
