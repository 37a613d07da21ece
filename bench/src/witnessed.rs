//! (m): what witnesses cost a cast, and how long a ballot waits for them.
//!
//! Two cities in turns, slice by slice: one whose heads are public at once, and one whose heads two
//! witnesses cosign before, in rounds of the poll's interval. The witnesses are the real program, a
//! process each, on the same cores. The limit of the first half is the city without witnesses; that
//! of the second, the interval.
//!
//! The wait is taken every millisecond while ballots are cast: from the moment at which a signed
//! head covers them, which is when voters have their receipts, until a head that covers them is
//! public with both cosignatures.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use veche_api::config::Config;
use veche_auditor::serve::{Listen, serve};
use veche_auditor::witness::store::Store;
use veche_auditor::witness::trust::TrustedLogs;
use veche_auditor::witness::{Cosigner, MAX_BODY, Witness};
use veche_engine::{Engine, Publication, Settings};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::name::LogPath;

use crate::cores::per_second;
use crate::founding::{self, INTERVAL};
use crate::http::{self, Server, quantile};
use crate::load::{self, Times};
use crate::progress::Progress;
use crate::scale::Scale;
use crate::table::{Limit, Line, Target};
use crate::town::Town;

const WITNESSES: [&str; 2] = ["north", "south"];
/// Between two looks at what is public.
const LOOK: Duration = Duration::from_millis(1);
/// Longest wait for a witness to listen, and for the last head to be public.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures line (m), both halves of it.
pub fn measure(data: &Path, scale: Scale) -> Result<Vec<Line>> {
    let (slice, slices) = scale.http;
    let mut alone = Town::open(&data.join("alone"), slice * slices)?;
    let folder = data.join("witnesses");
    fs::create_dir_all(&folder)?;
    let witnesses = WITNESSES.map(|name| WitnessProcess::start(name, &folder));
    let witnesses: Vec<_> = witnesses.into_iter().collect::<Result<_>>()?;
    let settings = Settings { publication: Publication::InRounds, ..Settings::default() };
    let mut watched = Town::open_with(&data.join("watched"), slice * slices, settings)?;
    let mut config = Config::default();
    config.witness.policy = Some(policy(&folder, &witnesses)?);
    let servers = [Server::start(&alone)?, Server::start_with(&watched, config)?];

    let progress = Progress::new("(m) casts before witnesses", 2 * slice * slices);
    let (mut own, mut bare) = (Duration::ZERO, Duration::ZERO);
    let mut waits = load::no_times();
    for _ in 0..slices {
        bare += cast(&mut alone, &servers[0], slice, scale)?;
        let took = waiting(&watched.engine.clone(), &mut waits, || {
            cast(&mut watched, &servers[1], slice, scale)
        })?;
        own += took;
        progress.advance(2 * slice);
    }
    let [first, second] = servers;
    first.stop()?;
    second.stop()?;
    let all = slice * slices;
    Ok(vec![
        Line {
            letter: 'm',
            what: format!("casts over HTTP before {} witnesses", WITNESSES.len()),
            measured: per_second(all, own),
            unit: "casts/s",
            limit: Limit { value: per_second(all, bare), name: "without witnesses".to_owned() },
            target: Target::Ratio(0.9),
            note: format!("rounds of {INTERVAL} ms, the shortest a poll may announce"),
            cause: "the witnesses run on the same cores as the server and the load generator",
        },
        Line {
            letter: 'm',
            what: "from a receipt to two cosignatures: p99".to_owned(),
            measured: quantile(&waits, 0.99),
            unit: "ms",
            limit: Limit { value: interval(), name: "the poll's interval".to_owned() },
            target: Target::AtMost(2.0 * interval()),
            note: format!(
                "p50 {:.0} ms, most {:.0} ms",
                quantile(&waits, 0.5),
                quantile(&waits, 1.0)
            ),
            cause: "a round that the load delays makes those behind it wait",
        },
    ])
}

#[expect(clippy::cast_precision_loss, reason = "an interval is below an hour")]
const fn interval() -> f64 {
    INTERVAL as f64
}

fn cast(town: &mut Town, server: &Server, slice: usize, scale: Scale) -> Result<Duration> {
    let ballots = town.ballots(slice);
    let outcome = load::cast_over(server.target.clone(), scale.connections, ballots)?;
    http::check(town, &outcome, slice)?;
    Ok(outcome.took)
}

/// Does something, and notes meanwhile how long heads wait until they are public.
fn waiting<T>(engine: &Engine, waits: &mut Times, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let is_over = AtomicBool::new(false);
    let poll = founding::poll();
    thread::scope(|scope| {
        let looking = scope.spawn(|| look(engine, &poll, waits, &is_over));
        let outcome = work();
        is_over.store(true, Ordering::SeqCst);
        looking.join().expect("looking does not panic")?;
        outcome
    })
}

fn look(engine: &Engine, poll: &LogPath, waits: &mut Times, is_over: &AtomicBool) -> Result<()> {
    // Ascending by size: heads that were signed and are not public yet, with when they were seen.
    let mut waiting: VecDeque<(u64, Instant)> = VecDeque::new();
    let mut end = None;
    loop {
        let signed = engine.head(poll).context("the poll is there")?.size;
        if waiting.back().is_none_or(|(size, _)| *size < signed) {
            waiting.push_back((signed, Instant::now()));
        }
        let public = engine.checkpoint(poll).map_or(0, |head| head.size);
        while let Some((_, since)) = waiting.front().filter(|(size, _)| *size <= public) {
            waits.saturating_record(u64::try_from(since.elapsed().as_micros())?);
            waiting.pop_front();
        }
        if is_over.load(Ordering::SeqCst) {
            let end = *end.get_or_insert_with(|| Instant::now() + PATIENCE);
            if waiting.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < end, "the last head is not public after {PATIENCE:?}");
        }
        sleep(LOOK);
    }
}

/// The policy that asks for all of them.
fn policy(folder: &Path, witnesses: &[WitnessProcess]) -> Result<PathBuf> {
    let mut text = String::new();
    for witness in witnesses {
        let key = verifier(&witness.name)?;
        writeln!(text, "witness {} {key} {}", witness.name, witness.url)?;
    }
    write!(text, "group both all {}\nquorum both\n", WITNESSES.join(" "))?;
    let file = folder.join("policy");
    fs::write(&file, text)?;
    Ok(file)
}

fn verifier(name: &str) -> Result<VerifierKey> {
    VerifierKey::cosignature(name, founding::key(name).key())
        .map_err(|breach| anyhow::anyhow!("{name}: {breach}"))
}

/// This program once more, as a witness. It is ended when this is dropped.
#[derive(Debug)]
struct WitnessProcess {
    name: String,
    url: String,
    child: Child,
}

impl WitnessProcess {
    fn start(name: &str, folder: &Path) -> Result<Self> {
        let port_file = folder.join(format!("{name}.port"));
        let child = Command::new(std::env::current_exe()?)
            .args(["witness", name])
            .args([&folder.join(format!("{name}.redb")), &port_file])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut witness = Self { name: name.to_owned(), url: String::new(), child };
        let end = Instant::now() + PATIENCE;
        while !port_file.exists() {
            ensure!(Instant::now() < end, "{name} does not listen");
            sleep(LOOK);
        }
        let port = fs::read_to_string(&port_file)?;
        witness.url = format!("http://127.0.0.1:{}", port.trim());
        Ok(witness)
    }
}

impl Drop for WitnessProcess {
    fn drop(&mut self) {
        // It may have ended; what it has kept is of no use any more.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Serves as a witness of the benchmark's city until it is killed.
pub fn child(name: &str, store: &Path, port_file: PathBuf) -> Result<()> {
    let refused = |breach| anyhow::anyhow!("{name}: {breach}");
    let (cosigner, verifier) = Cosigner::new(name, founding::key(name)).map_err(refused)?;
    let register = VerifierKey::ed25519(
        &LogPath::Register.origin(founding::DOMAIN),
        founding::key("log").key(),
    );
    let mut trusted = TrustedLogs::default();
    trusted.add_city(&register.map_err(refused)?).map_err(refused)?;
    let (store, _) = Store::open(store, &verifier)?;
    let clock = Box::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    });
    let witness = Witness::new((cosigner, verifier), trusted, store, None, clock)?;
    let listen = Listen { listen: ([127, 0, 0, 1], 0).into(), port_file: Some(port_file) };
    Ok(serve(&listen, MAX_BODY, witness)?)
}
