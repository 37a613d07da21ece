//! (c) and (d): casts over HTTP, many at once and one after another.
//!
//! The server is the real one, `veche_api::serve` with all its layers, on two threads of its own in
//! this process; the load generator ([`crate::load`]) is one thread beside it, over loopback. The
//! machine has no other cores for it, so what it takes is missing for the server.
//!
//! (c) Limit: bare verification of the same signatures on all cores, in turns.
//!
//! (d) Limit: what the law asks of a single cast. One signature is verified, and one record of the
//! ballot's size is written to a bare RocksDB, fsynced. In turns, one cast and one such write.

use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use rocksdb::{DB, Options, WriteOptions};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use veche_api::config::Config;

use crate::cores::{per_second, rounded};
use crate::cpu::CpuTimes;
use crate::load::{self, Outcome, Target, Times};
use crate::progress::Progress;
use crate::scale::Scale;
use crate::signatures::{Limit, Signed};
use crate::table::{self, Line};
use crate::town::Town;

/// Casts and writes of one turn.
const TURN: usize = 20;

/// The server, until it is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it takes ballots.
    pub target: Target,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Server {
    /// Serves the town as `veched` would.
    pub fn start(town: &Town) -> Result<Self> {
        Self::start_with(town, Config::default())
    }

    /// The same, configured like this.
    pub fn start_with(town: &Town, config: Config) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let engine = town.engine.clone();
        let thread = std::thread::spawn(move || {
            // Dropped or sent, it says stop.
            let stopped = async { drop(stopped.await) };
            Ok(runtime.block_on(veche_api::serve(&config, engine, None, listener, stopped))?)
        });
        let id = town.poll.to_string();
        let id = id.strip_prefix("poll/").context("the town's poll is a poll")?;
        let target = Target { address, path: format!("/api/v1/polls/{id}/entries") };
        Ok(Self { target, stop: Some(stop), thread: Some(thread) })
    }

    /// Stops the server, and the engine with it.
    pub fn stop(mut self) -> Result<()> {
        drop(self.stop.take());
        let thread = self.thread.take().expect("only this takes it");
        thread.join().map_err(|_| anyhow!("the server panicked"))?
    }
}

/// Measures line (c).
pub fn many_at_once(town: &mut Town, limit: &Limit, server: &Server, scale: Scale) -> Result<Line> {
    let (slice, slices) = scale.http;
    let progress = Progress::new("(c) casts over HTTP", slice * slices);
    let (mut own, mut bare) = (Duration::ZERO, Duration::ZERO);
    let (mut times, mut taken) = (load::no_times(), CpuTimes::default());
    for _ in 0..slices {
        let ballots = town.ballots(slice);
        let signed = Signed::of(&ballots, &town.binding())?;
        let before = CpuTimes::now();
        let outcome = load::cast_over(server.target.clone(), scale.connections, ballots)?;
        taken.add(&before, &CpuTimes::now());
        check(town, &outcome, slice)?;
        own += outcome.took;
        times.add(&outcome.times).expect("the bounds are the same");
        bare += limit.verify(&signed)?;
        progress.advance(slice);
    }
    Ok(Line {
        letter: 'c',
        what: format!("casts over HTTP, {} connections", scale.connections),
        measured: per_second(slice * slices, own),
        unit: "casts/s",
        limit: table::Limit { value: per_second(slice * slices, bare), name: limit.name() },
        target: table::Target::AtLeast(30_000.0),
        note: format!(
            "server in this process, load generator beside it; p50 {:.1} ms, p99 {:.1} ms; {}",
            quantile(&times, 0.5),
            quantile(&times, 0.99),
            taken.shares(rounded(slice * slices))
        ),
        cause: "no core is idle: HTTP and the load generator take what the signatures leave",
    })
}

/// Measures line (d), both halves of it.
pub fn one_after_another(
    town: &mut Town,
    server: &Server,
    data: &Path,
    scale: Scale,
) -> Result<Vec<Line>> {
    let progress = Progress::new("(d) casts one after another", scale.singles);
    let mut least = LeastCast::open(&data.join("single"))?;
    let (mut own, mut limit) = (load::no_times(), load::no_times());
    for _ in 0..scale.singles / TURN {
        let ballots = town.ballots(TURN);
        let outcome = load::cast_singly(&server.target, &ballots)?;
        check(town, &outcome, TURN)?;
        own.add(&outcome.times).expect("the bounds are the same");
        for (signed, ballot) in Signed::of(&ballots, &town.binding())?.iter().zip(&ballots) {
            least.cast(signed, ballot, &mut limit)?;
        }
        progress.advance(TURN);
    }
    let line = |share: f64, most: f64| Line {
        letter: 'd',
        what: format!("one cast after another, idle server: p{:.0}", share * 100.0),
        measured: quantile(&own, share),
        unit: "ms",
        limit: table::Limit {
            value: quantile(&limit, share),
            name: "one signature verified and one record fsynced, without a server".to_owned(),
        },
        target: table::Target::AtMost(most),
        note: String::new(),
        cause: "a cast wakes five threads in turn, and each waits for a core: sleeping or taken",
    };
    Ok(vec![line(0.5, 0.7), line(0.99, 2.0)])
}

/// What a share of the times stays below, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn quantile(times: &Times, share: f64) -> f64 {
    times.value_at_quantile(share) as f64 / 1_000.0
}

/// Checks that each of so many casts has its answer, and the receipts that were kept.
pub fn check(town: &Town, outcome: &Outcome, casts: usize) -> Result<()> {
    ensure!(outcome.times.len() == casts as u64, "each cast has its answer");
    outcome.kept.iter().try_for_each(|receipt| town.check_receipt(receipt))
}

/// The least that a durable, verified cast takes.
struct LeastCast {
    database: DB,
    durable: WriteOptions,
    next: u64,
}

impl LeastCast {
    fn open(path: &Path) -> Result<Self> {
        let mut options = Options::default();
        options.create_if_missing(true);
        let mut durable = WriteOptions::default();
        durable.set_sync(true);
        Ok(Self { database: DB::open(&options, path)?, durable, next: 0 })
    }

    fn cast(&mut self, signed: &Signed, ballot: &[u8], times: &mut Times) -> Result<()> {
        let start = Instant::now();
        signed.verify()?;
        self.database.put_opt(self.next.to_be_bytes(), ballot, &self.durable)?;
        self.next += 1;
        times.saturating_record(u64::try_from(start.elapsed().as_micros())?);
        Ok(())
    }
}
