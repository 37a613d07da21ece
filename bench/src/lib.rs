//! The benchmarks of Veche: a table, each line a ratio to a limit measured in the same run.
//!
//! What each line measures, and what its limit is, stands at the head of its module:
//!
//! ```text
//! (a) (g) append    the log without signatures        (f) proofs   inclusion proofs
//! (b)     ingest    ballots in, receipts out          (c) (d)      http: many casts, single casts
//! (e)     recount   a poll from its public files      (h) shares   Equal Shares
//! (i) (j) (k) (l)   referendum   a poll that is anonymous and sealed
//! (m)     witnessed casts before heads are public
//! ```
//!
//! Measured and limit take turns, slice by slice, so that a busy neighbour hits both alike. Nothing
//! here is a test: times differ from machine to machine, and no test may depend on one.

pub mod append;
pub mod bare;
pub mod cores;
pub mod cpu;
pub mod founding;
pub mod growing;
pub mod http;
pub mod ingest;
pub mod load;
pub mod progress;
pub mod proofs;
pub mod recount;
pub mod referendum;
pub mod response;
pub mod scale;
pub mod shares;
pub mod signatures;
pub mod table;
pub mod town;
pub mod witnessed;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand, ValueEnum};
use tempfile::TempDir;
use veche_protocol::blind_rsa::ModulusBits;

use crate::growing::GrowingLog;
use crate::referendum::{Referendum, casts, issuing};
use crate::scale::Scale;
use crate::table::{Line, Table};
use crate::town::Town;

/// Measure Veche, line by line, each beside a limit measured in the same run.
///
/// The table goes to standard output, a line as soon as it is measured; progress to standard error
/// if that is a terminal. A line that misses its target says so, and why; the exit status is 0 all
/// the same, for a time is no defect.
#[derive(Clone, Debug, Parser)]
#[command(name = "veche-bench", version)]
pub struct Command {
    /// Measure these lines only.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LINES")]
    only: Vec<Letter>,
    /// Small sizes, in a few seconds: to see that everything runs. The numbers mean nothing.
    #[arg(long)]
    quick: bool,
    /// Where the data of the run goes, some 15 GB; removed at the end.
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// A part of a measurement that needs a process of its own.
#[derive(Clone, Debug, Subcommand)]
enum Part {
    /// Recount the poll whose public files are in a directory; print seconds and peak memory.
    #[command(hide = true)]
    Recount {
        /// The directory.
        directory: PathBuf,
    },
    /// Witness the logs of the benchmark's city, until killed.
    #[command(hide = true)]
    Witness {
        /// Its name, of which its key is made.
        name: String,
        /// The file of its memory.
        store: PathBuf,
        /// The file for its port.
        port_file: PathBuf,
    },
}

/// The lines of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[expect(missing_docs, reason = "the head of this module lists them")]
pub enum Letter {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    H,
    I,
    J,
    K,
    L,
    M,
}

impl Command {
    /// Runs what was asked for.
    pub fn run(self) -> Result<()> {
        match &self.part {
            Some(Part::Recount { directory }) => return recount::child(directory),
            Some(Part::Witness { name, store, port_file }) => {
                return witnessed::child(name, store, port_file.clone());
            }
            None => {}
        }
        let scale = if self.quick { Scale::QUICK } else { Scale::FULL };
        let data = self.data.clone().unwrap_or_else(std::env::temp_dir);
        let data = TempDir::with_prefix_in("veche-bench-", &data)
            .with_context(|| format!("no directory in {}", data.display()))?;
        let mut table = Table::begin(scale)?;
        self.measure_log(data.path(), scale, &mut table)?;
        self.measure_votes(data.path(), scale, &mut table)?;
        if self.wants(Letter::H) {
            table.add(&shares::measure()?)?;
        }
        self.measure_referendum(data.path(), scale, &mut table)?;
        if self.wants(Letter::M) {
            add_all(&mut table, &witnessed::measure(data.path(), scale)?)?;
        }
        table.end()
    }

    fn wants(&self, letter: Letter) -> bool {
        self.only.is_empty() || self.only.contains(&letter)
    }

    /// (a), (f), (g): the log without signatures.
    fn measure_log(&self, data: &Path, scale: Scale, table: &mut Table) -> Result<()> {
        let is_grown = self.wants(Letter::F) || self.wants(Letter::G);
        if !self.wants(Letter::A) && !is_grown {
            return Ok(());
        }
        let (young, line) = append::beside_raw_batches(data, scale)?;
        if self.wants(Letter::A) {
            table.add(&line)?;
        }
        if is_grown {
            let mut old = GrowingLog::open(&data.join("old"))?;
            let line = append::old_beside_young(&mut old, young, scale)?;
            if self.wants(Letter::F) {
                table.add(&proofs::measure(&old, scale)?)?;
            }
            if self.wants(Letter::G) {
                table.add(&line)?;
            }
        }
        // The disk has other things to do from here on.
        for log in ["young", "old", "raw"] {
            remove(&data.join(log))?;
        }
        Ok(())
    }

    /// (b), (c), (d), (e): a city with a poll, from the first ballot to the recount.
    fn measure_votes(&self, data: &Path, scale: Scale, table: &mut Table) -> Result<()> {
        let lines = [Letter::B, Letter::C, Letter::D, Letter::E].map(|letter| self.wants(letter));
        if lines == [false; 4] {
            return Ok(());
        }
        let [b, c, d, e] = lines;
        let voters = if e { scale.recount } else { scale.casts_before(b, c, d) };
        let mut town = Town::open(&data.join("town"), voters)?;
        let limit = signatures::Limit::of_town(&mut town, scale)?;
        if b {
            table.add(&ingest::measure(&mut town, &limit, scale)?)?;
        }
        if c || d {
            let server = http::Server::start(&town)?;
            if d {
                add_all(table, &http::one_after_another(&mut town, &server, data, scale)?)?;
            }
            if c {
                table.add(&http::many_at_once(&mut town, &limit, &server, scale)?)?;
            }
            if e {
                add_all(table, &recount::measure(&mut town, &limit, data)?)?;
            }
            return server.stop();
        }
        if e {
            add_all(table, &recount::measure(&mut town, &limit, data)?)?;
        }
        Ok(())
    }

    /// (i), (j), (k), (l): anonymous sealed polls.
    fn measure_referendum(&self, data: &Path, scale: Scale, table: &mut Table) -> Result<()> {
        if self.wants(Letter::I) {
            for bits in [ModulusBits::Rsa2048, ModulusBits::Rsa3072] {
                table.add(&issuing::measure(data, scale.requests, bits)?)?;
            }
        }
        for issuers in 1..=SEALED_CASTS.len() {
            self.measure_poll(data, issuers, scale, table)?;
        }
        Ok(())
    }

    /// (j), (k), and with one issuer (l).
    fn measure_poll(
        &self,
        data: &Path,
        issuers: usize,
        scale: Scale,
        table: &mut Table,
    ) -> Result<()> {
        let [j, k, l] = [Letter::J, Letter::K, Letter::L].map(|letter| self.wants(letter));
        let l = l && issuers == 1;
        if !(j || k || l) {
            return Ok(());
        }
        let count = scale.sealed[issuers - 1];
        let voters = if l { 2 * count } else { count * (usize::from(j) + usize::from(k)) };
        let mut poll = Referendum::open(&data.join(format!("sealed-{issuers}")), voters, issuers)?;
        poll.make_credentials(voters)?;
        if l {
            poll.issue()?;
        }
        if j {
            table.add(&casts::in_process(&mut poll, count, scale)?)?;
        }
        if k {
            let server = http::Server::start(&poll.town)?;
            let least = SEALED_CASTS[issuers - 1];
            table.add(&casts::over_http(&mut poll, &server, count, least, scale)?)?;
            if l {
                table.add(&referendum::recount::measure(&mut poll, voters, data, scale)?)?;
            }
            return server.stop();
        }
        if l {
            table.add(&referendum::recount::measure(&mut poll, voters, data, scale)?)?;
        }
        Ok(())
    }
}

/// What has to be reached over HTTP, by the number of issuers.
const SEALED_CASTS: [f64; 2] = [15_000.0, 10_000.0];

fn add_all(table: &mut Table, lines: &[Line]) -> Result<()> {
    lines.iter().try_for_each(|line| table.add(line))
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        std::fs::remove_dir_all(directory)?;
    }
    Ok(())
}
