//! `veche-audit recount`: repeats a poll from its public record.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use veche_protocol::name::{LogPath, is_id};

use super::CommandError;
use super::trust::{TrustArguments, read_exhibits};
use crate::exit::Exit;
use crate::{Options, crew, html, json, recount, source, text};

/// Repeat a poll from its public record, and say whether it is sound.
///
/// Runs the fifteen steps A1 to A15 of the law's recount, all of them whatever is found, and prints
/// each with its findings, then the result that the ballots give, the evidence, and the verdict.
/// Two observers who read the same state get the same transcript hash.
///
/// With --policy, --key or --instance the record is tied to a city; with a policy's witnesses, to
/// what others have been shown. With --receipt and --head, promises made earlier are held against
/// the record: what contradicts them convicts the operator. With --claim, voters who were issued
/// credentials and have not cast lay them open: more claims than there are unused credentials
/// convict the issuers.
#[derive(Args, Debug)]
pub(super) struct RecountCommand {
    /// Where the record is: an address (https://...), a directory, or an archive file.
    source: String,
    /// The poll's id.
    #[arg(long, value_name = "ID", value_parser = parse_poll)]
    poll: LogPath,
    #[command(flatten)]
    trust: TrustArguments,
    /// A receipt that the record must bear out; may be given many times.
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// A checkpoint kept from earlier that the record must extend; may be given many times.
    #[arg(long = "head", value_name = "FILE")]
    heads: Vec<PathBuf>,
    /// A voter's claim of an unused credential; may be given many times.
    #[arg(long = "claim", value_name = "FILE")]
    claims: Vec<PathBuf>,
    /// Write lines of JSON instead of text: one for each step, then result, transcript, verdict.
    #[arg(long)]
    json: bool,
    /// Write a report that anyone can read, as one HTML file.
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Threads that verify; by default one for each core.
    #[arg(long, value_name = "NUMBER")]
    workers: Option<usize>,
}

/// A poll by its id, or by its path.
pub(super) fn parse_poll(text: &str) -> Result<LogPath, String> {
    let id = text.strip_prefix("poll/").unwrap_or(text);
    if is_id(id) {
        Ok(LogPath::Poll(id.to_owned()))
    } else {
        Err("an id is 1 to 64 of a-z, 0-9 and -, not at its ends".to_owned())
    }
}

impl RecountCommand {
    pub(super) fn run(self) -> Result<Exit, CommandError> {
        let mut trust = self.trust.read()?;
        trust.receipts = read_exhibits(&self.receipts)?;
        trust.heads = read_exhibits(&self.heads)?;
        // CRED-11, AUDIT-14: judged with the poll, for they are about entries of its log.
        trust.claims = read_exhibits(&self.claims)?;
        let workers = self.workers.unwrap_or_else(crew::cores);
        let options = Options { poll: self.poll, trust, workers };
        let source = source::open(&self.source)?;
        let bar = Bar::new();
        let recount = recount(&*source, &options, &|log, done, all| bar.show(log, done, all))?;
        bar.clear();
        if let Some(path) = &self.report {
            let page = html::page(&recount);
            std::fs::write(path, page)
                .map_err(|error| CommandError::Usage(format!("{}: {error}", path.display())))?;
        }
        let mut out = BufWriter::new(io::stdout().lock());
        if self.json {
            json::write(&mut out, &recount)?;
        } else {
            text::write(&mut out, &recount)?;
        }
        out.flush()?;
        Ok(recount.verdict().into())
    }
}

/// Progress on a terminal, silence in a pipe.
pub(super) struct Bar {
    bar: ProgressBar,
    log: RefCell<String>,
}

impl Bar {
    pub(super) fn new() -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg:30} {bar:30} {human_pos}/{human_len} {eta}");
        bar.set_style(style.expect("the template is well formed"));
        Self { bar, log: RefCell::new(String::new()) }
    }

    pub(super) fn show(&self, log: &LogPath, done: u64, all: u64) {
        let name = log.to_string();
        if *self.log.borrow() != name {
            self.bar.set_message(name.clone());
            self.log.replace(name);
            self.bar.reset();
        }
        self.bar.set_length(all);
        self.bar.set_position(done);
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
