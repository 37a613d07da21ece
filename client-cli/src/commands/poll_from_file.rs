//! `veche poll from-file`: a definition, and ballots, from a file of another tool.

use std::path::PathBuf;

use clap::Args;
use toml::Value;
use veche_keys::private_file::{self, Existing};

use crate::ballot_file::{BallotFile, Format, parameter};
use crate::commands::roll_new::date;
use crate::definition_file::{DefinitionFile, IssuersFile, MemberFile, TrusteesFile};
use crate::error::ClientError;
use crate::time;

/// A domain for origins that nobody looks at.
const DOMAIN: &str = "example.org";

/// Write the definition of a poll from a file of another tool, and its ballots.
///
/// Pabulib (.pb), PrefLib (.soc, .soi, .toc, .toi), BLT and CSV are read. The rule is the one that
/// the file names; only Pabulib's files name one, so for others give --rule, and its parameters
/// with --parameter, by the keys of a definition file. What the file says of limits, budget and
/// seats is taken over, unless a parameter says another. With issuers the poll is anonymous, with
/// trustees it is sealed. Read the definition before announcing it: the criteria for ties are in no
/// file.
#[derive(Debug, Args)]
pub(super) struct FromFileCommand {
    /// The file.
    file: PathBuf,
    /// What it is, where its name does not tell: pb, soc, soi, toc, toi, blt or csv.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    /// The rule by which to count, where the file names none, or another.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// A parameter of the rule, such as `winners=2`; repeat for several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parameter)]
    parameter: Vec<(String, Value)>,
    /// Write the ballots of the file as well: a line each, as `veche vote` takes it after --choose,
    /// --mark or --rank.
    #[arg(long, value_name = "FILE")]
    ballots: Option<PathBuf>,
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
    /// Title of the poll; by default the one in the file.
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
        let format = self.format.map_or_else(|| Format::of(&self.file), Ok);
        let format = format.map_err(ClientError::Usage)?;
        let content = |reason: String| ClientError::content(&self.file, reason);
        let file = BallotFile::read(&text, format).map_err(content)?;
        let described = || Some(file.profile.title.clone()).filter(|title| !title.is_empty());
        let title = self.title.or_else(described).unwrap_or_else(|| "Which options?".into());
        let given = self.parameter.into_iter().collect();
        let question = file.question(&title, self.rule.as_deref(), &given).map_err(content)?;
        let read = question.read().map_err(ClientError::Usage)?;
        let ballots = match self.ballots {
            Some(out) => Some((out, file.ballots(&read).map_err(content)?)),
            None => None,
        };
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
        if file.decimals > 0 {
            println!("amounts are in units of 10^-{} of the currency", file.decimals);
        }
        if let Some((out, lines)) = ballots {
            private_file::write(&out, lines.as_bytes(), Existing::Keep)?;
            println!("{} ballots are in {}", file.profile.ballot_count(), out.display());
        }
        Ok(())
    }
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| "pb, soc, soi, toc, toi, blt or csv".to_owned())
}
