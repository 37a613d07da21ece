//! (e): the recount of a whole poll from its public files, as any observer repeats it, with its
//! peak memory.
//!
//! The files lie in a directory, and a process of its own recounts them with the auditor's library:
//! its peak memory is that of a recount and of nothing else. It reads the register, the roll with
//! every voter's proof of possession, and every ballot: two signatures for each voter. Limit: bare
//! verification of as many signatures on all cores, in turns.
//!
//! Not here: fetching over a network.

use std::fs;
use std::path::Path;
use std::process::{self, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use veche_auditor::source::directory::DirectorySource;
use veche_auditor::{Options, recount};
use veche_protocol::audit::{Recount, Verdict};
use veche_protocol::log::tile::{EntriesPath, TilePath};
use veche_protocol::name::LogPath;

use crate::cores::{cores, per_second, rounded};
use crate::founding;
use crate::progress::Progress;
use crate::signatures::{Limit, Signed};
use crate::table::{self, Line, Target};
use crate::town::{IN_FLIGHT, Town};

/// Recounts that are timed.
const ROUNDS: usize = 2;
/// Ballots cast at a time before the recount; those of the last time are the limit's.
const CAST_AT_A_TIME: usize = 100_000;
/// Peak memory that does not grow with the ballots, in bytes.
const BASE_MEMORY: f64 = 100e6;
/// Peak memory for each ballot above that, in bytes.
const BALLOT_MEMORY: f64 = 64.0;

/// Casts what is left of the ballots, closes the poll, and measures both lines (e).
pub fn measure(town: &mut Town, limit: &Limit, data: &Path) -> Result<Vec<Line>> {
    let mut signed = Vec::new();
    let progress = Progress::new("(e) casting the rest", town.voters_left());
    while town.voters_left() > 0 {
        let ballots = town.ballots(CAST_AT_A_TIME.min(town.voters_left()));
        signed = Signed::of(&ballots, &town.binding())?;
        town.cast(&ballots, IN_FLIGHT)?;
        progress.advance(ballots.len());
    }
    drop(progress);
    town.close()?;
    town.certify()?;
    let files = data.join("files");
    write_files(town, &files)?;

    let progress = Progress::new("(e) recounting", ROUNDS);
    let (mut own, mut bare, mut verified) = (Duration::ZERO, Duration::ZERO, 0);
    let mut one = Measured::default();
    for _ in 0..ROUNDS {
        bare += limit.verify(&signed)?;
        one = run_child(&files)?;
        own += one.took;
        bare += limit.verify(&signed)?;
        verified += 2 * signed.len();
        progress.advance(1);
    }
    Ok(lines(&one, own, table::Limit { value: per_second(verified, bare), name: limit.name() }))
}

fn lines(one: &Measured, own: Duration, limit: table::Limit) -> Vec<Line> {
    let rate = Line {
        letter: 'e',
        what: format!("recount of {} ballots and their roll", one.ballots),
        measured: per_second(one.signatures * ROUNDS, own),
        unit: "signatures/s",
        limit,
        target: Target::Ratio(0.9),
        note: format!(
            "{} signatures in {:.1} s by {} verifying threads, from files",
            one.signatures,
            own.as_secs_f64() / rounded(ROUNDS),
            cores()
        ),
        cause: "weak keys are looked for on the roll (ENTRY-9), each for half of what a signature \
                costs, and the tables of a million voters lie outside the caches",
    };
    let (ballots, peak) = (rounded(one.ballots), rounded(one.peak));
    let most = (BASE_MEMORY + BALLOT_MEMORY * ballots) / 1e6;
    let memory = Line {
        letter: 'e',
        what: "the same: peak memory of the process".to_owned(),
        measured: peak / 1e6,
        unit: "MB",
        limit: table::Limit {
            value: most,
            name: format!("100 MB and {BALLOT_MEMORY} bytes a ballot"),
        },
        target: Target::AtMost(most),
        note: format!("{:.0} bytes a ballot above 100 MB", (peak - BASE_MEMORY).max(0.0) / ballots),
        cause: "Open is judged with the roll (67 bytes a voter) and the electorate (42) in memory",
    };
    vec![rate, memory]
}

/// Writes the public files of all logs, as a mirror would have them.
pub fn write_files(town: &Town, directory: &Path) -> Result<()> {
    for log in town.engine.logs() {
        let base = directory.join(log.path.to_string());
        write(&base.join("checkpoint"), log.head.note.as_bytes())?;
        for tile in TilePath::all(log.head.size) {
            let bytes = town.engine.tile(&log.path, tile.level, tile.index, tile.width)?;
            write(&base.join(tile.to_string()), &bytes.context("a tile below the head")?)?;
        }
        for bundle in EntriesPath::all(log.head.size) {
            let bytes = town.engine.bundle(&log.path, bundle.index, bundle.width)?;
            write(&base.join(bundle.to_string()), &bytes.context("a bundle below the head")?)?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(path.parent().context("files stand below the directory")?)?;
    Ok(fs::write(path, bytes)?)
}

/// What a recount came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// Ballots that were accepted.
    pub ballots: usize,
    /// Their signatures, and those of the roll.
    pub signatures: usize,
    /// How long it took.
    pub took: Duration,
    /// The most memory held at a time, in bytes.
    pub peak: usize,
}

/// Runs this program once more, to recount the files and nothing else.
pub fn run_child(files: &Path) -> Result<Measured> {
    let output = process::Command::new(std::env::current_exe()?)
        .arg("recount")
        .arg(files)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the recount failed");
    let text = String::from_utf8(output.stdout)?;
    let numbers: Result<Vec<usize>, _> = text.split_whitespace().map(str::parse).collect();
    let &[ballots, voters, microseconds, peak] = numbers?.as_slice() else {
        bail!("the recount says {text:?}");
    };
    let took = Duration::from_micros(microseconds as u64);
    Ok(Measured { ballots, signatures: ballots + voters, took, peak })
}

/// Recounts the poll in a directory; prints ballots, voters, microseconds and peak bytes.
pub fn child(files: &Path) -> Result<()> {
    let source = DirectorySource::new(files);
    let options = Options::new(founding::poll());
    let start = Instant::now();
    let recount = recount(&source, &options, &|_: &LogPath, _, _| ())?;
    let took = start.elapsed().as_micros();
    check(&recount)?;
    let voters = recount.result.as_ref().map_or(0, |result| result.eligible);
    println!("{} {voters} {took} {}", recount.counts.accepted, peak_memory()?);
    Ok(())
}

fn check(recount: &Recount) -> Result<()> {
    let verdict = recount.verdict();
    ensure!(verdict == Verdict::Sound, "{verdict}: {:?}", recount.findings);
    Ok(())
}

/// The most memory that this process has held at a time, in bytes. Only Linux tells.
fn peak_memory() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status").context("peak memory is not to be had")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kibibytes: usize = kibibytes.context("no line VmHWM in kB")?.trim().parse()?;
    Ok(kibibytes * 1_024)
}
