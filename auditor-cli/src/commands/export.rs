//! `veche-audit export`: a poll's record in one file, checked while it is copied; or its ballots
//! for other tools.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::name::LogPath;

use super::CommandError;
use super::recount::{Bar, parse_poll};
use crate::ballot_export::{self, Format};
use crate::exit::Exit;
use crate::export::{ExportError, export, polls};
use crate::words::{counted, grouped};
use crate::{Options, recount, source};

/// Copy the record of polls into one archive, which can be recounted without a network.
///
/// The archive is a plain tar file of the public files: the register, the polls, and their rolls.
/// Everything in it is hashed to a signed head before it is written; the same state gives the same
/// bytes. Without --poll, all polls that the register announces are taken.
///
/// With --ballots, the poll is recounted instead, and its effective ballots are written in the
/// format of another tool, by which anyone can count them again: pb (Pabulib), soc, soi, toc, toi
/// (PrefLib), blt, csv. What a format cannot hold is refused with the reason. Ballots are numbered;
/// who cast them is left out. The exit code is that of the recount.
#[derive(Args, Debug)]
pub(super) struct ExportCommand {
    /// Where the record is: an address (https://...), a directory, or an archive file.
    source: String,
    /// The archive to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A poll's id; may be given many times.
    #[arg(long = "poll", value_name = "ID", value_parser = parse_poll)]
    polls: Vec<LogPath>,
    /// Write the effective ballots of one poll in this format.
    #[arg(long, value_name = "FORMAT", requires = "polls", hide_possible_values = true)]
    ballots: Option<Format>,
    /// The question whose ballots are written, from 1.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "ballots")]
    question: usize,
}

impl ExportCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        if let Some(format) = self.ballots {
            return self.export_ballots(format);
        }
        let source = source::open(&self.source)?;
        let polls =
            if self.polls.is_empty() { polls(&*source)?.into_iter().collect() } else { self.polls };
        // Complete or not at all: the archive gets its name when it is whole.
        let partial = partial_name(&self.out);
        let output =
            |error: io::Error| CommandError::Usage(format!("{}: {error}", self.out.display()));
        let mut file = BufWriter::new(File::create(&partial).map_err(output)?);
        let bar = Bar::new();
        let exported =
            export(&*source, &polls, &|log, done, all| bar.show(log, done, all), &mut file);
        bar.clear();
        let exported = match exported {
            Ok(exported) => exported,
            Err(error) => {
                fs::remove_file(&partial).map_err(output)?;
                return failed(error);
            }
        };
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(output)?;
        fs::rename(&partial, &self.out).map_err(output)?;
        let mut out = io::stdout().lock();
        let (files, bytes) = (counted(exported.files, "file", "files"), grouped(exported.bytes));
        writeln!(out, "{}: {files}, {bytes} bytes", self.out.display())?;
        for log in &exported.logs {
            writeln!(out, "  {log}")?;
        }
        Ok(Exit::Sound)
    }
}

impl ExportCommand {
    fn export_ballots(&self, format: Format) -> Result<Exit, CommandError> {
        let [poll] = self.polls.as_slice() else {
            return Err(CommandError::Usage("--ballots are of one poll: give --poll once".into()));
        };
        let source = source::open(&self.source)?;
        let bar = Bar::new();
        let options = Options::new(poll.clone());
        let recount = recount(&*source, &options, &|log, done, all| bar.show(log, done, all))?;
        bar.clear();
        let text = ballot_export::file(&recount, self.question, format)
            .map_err(|error| CommandError::Usage(error.to_string()))?;
        fs::write(&self.out, &text)
            .map_err(|error| CommandError::Usage(format!("{}: {error}", self.out.display())))?;
        let effective = recount.result.as_ref().map_or(0, |result| result.effective);
        let effective = usize::try_from(effective).unwrap_or(usize::MAX);
        let ballots = counted(effective, "ballot", "ballots");
        let verdict = recount.verdict();
        let path = self.out.display();
        writeln!(io::stdout().lock(), "{path}: {ballots} of {poll}, recounted: {verdict}")?;
        Ok(verdict.into())
    }
}

fn failed(error: ExportError) -> Result<Exit, CommandError> {
    match error {
        ExportError::Source(error) => Err(CommandError::Source(error)),
        ExportError::Write(error) => Err(CommandError::Output(error)),
        ExportError::Files { log, breach } => {
            writeln!(io::stdout().lock(), "no archive: the files of {log} are broken\n{breach}")?;
            Ok(Exit::Findings)
        }
    }
}

fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}
