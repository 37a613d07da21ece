//! (i): what an issuer's service does in a second, from the log to the log.
//!
//! The issuer is the client's own ([`veche_client::issuer`]): it reads the requests from the log's
//! files, verifies them, writes down for whom it signs, signs, and hands its answers in, which the
//! engine verifies on the same cores and appends. Limit, half before and half after: the private
//! operation of RSA alone, with a key of the same size, on all cores.
//!
//! Not here: a network, and the passphrase of the issuer's keys.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use crossbeam_channel::unbounded;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use veche_client::api::Source;
use veche_client::authority::desk::Desk;
use veche_client::authority::step::{Deed, Step, Waiting};
use veche_client::authority::watch::PollWatch;
use veche_client::error::ClientError;
use veche_client::issuer::Issuer;
use veche_client::issuer::state::IssuerState;
use veche_client::trust::{Pins, Trust};
use veche_engine::{Engine, Recorded};
use veche_protocol::blind_rsa::ModulusBits;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, TilePath};
use veche_protocol::name::LogPath;
use veche_protocol::poll::issuing::Request;

use crate::bare::BareRsa;
use crate::cores::{cores, each, per_second, rounded};
use crate::cpu::CpuTimes;
use crate::founding;
use crate::progress::Progress;
use crate::referendum::begin;
use crate::table::{self, Line, Target};
use crate::town::{IN_FLIGHT, Town, voter_key};

/// The id of the poll.
const POLL: &str = "park";
/// Looks at the log after which an issuer who has not answered all is given up.
const MAX_STEPS: usize = 1_000;

/// Measures a line (i): so many requests, answered by one issuer with a key of this size.
pub fn measure(data: &Path, voters: usize, bits: ModulusBits) -> Result<Line> {
    let progress = Progress::new("(i) issuing", voters);
    let folder = data.join(format!("issuing-{}", bits.bits()));
    let town = Town::enrolled(&folder.join("town"), voters)?;
    let mut issuer = Office::open(&town, &folder.join("issuer"), bits)?;
    let numbers = numbers(voters, bits);
    ask(&town, &numbers)?;

    let bare = BareRsa::generate(bits)?;
    let (early, late) = numbers.split_at(voters / 2);
    let mut limit = bare.sign_all(early)?;
    let before = CpuTimes::now();
    let took = issuer.answer_all(&town, voters)?;
    let mut taken = CpuTimes::default();
    taken.add(&before, &CpuTimes::now());
    limit += bare.sign_all(late)?;
    progress.advance(voters);
    let each_core = rounded(cores());
    Ok(Line {
        letter: 'i',
        what: format!("credentials issued by a service, {} bits", bits.bits()),
        measured: per_second(voters, took) / each_core,
        unit: "/s and core",
        limit: table::Limit {
            value: per_second(voters, limit) / each_core,
            name: "the private operation of RSA alone, on all cores".to_owned(),
        },
        target: Target::Ratio(0.85),
        note: format!("{voters} requests; beside the signing, {}", taken.shares(rounded(voters))),
        cause: "while the issuer reads on (requests, and its own answers, which it checks like \
                anyone's) one thread works and no core signs; and the engine checks the answers",
    })
}

/// An issuer at work.
struct Office(Issuer);

impl Office {
    /// The issuer of a poll of this city, from its announcement to its Begin.
    fn open(town: &Town, folder: &Path, bits: ModulusBits) -> Result<Self> {
        let names = founding::issuers(1);
        town.announce(founding::anonymous_sealed(town.roll_origin(), bits, &names))?;
        let source = Files(&town.engine);
        let (state, _) = IssuerState::open(folder, None)?;
        let trust = Trust::new("", Pins::on_first_use(&source)?, None);
        let watch = PollWatch::read(&source, trust, POLL, &mut |_, _| {})?;
        let mut office = Self(Issuer::new(watch, founding::key(&names[0]), state));
        office.work_until(town, &Waiting::Begin)?;
        begin(town)?;
        office.work_until(town, &Waiting::Requests)?;
        Ok(office)
    }

    /// Lets the issuer work until it waits for this; gives how many answers stand.
    fn work_until(&mut self, town: &Town, waiting: &Waiting) -> Result<usize> {
        let (source, desk) = (Files(&town.engine), Counter(&town.engine));
        let mut answers = 0;
        for _ in 0..MAX_STEPS {
            match self.0.step(&source, &desk)? {
                Step::Waits(for_this) if for_this == *waiting => return Ok(answers),
                Step::Did(Deed::Issued { posted, .. }) => answers += posted,
                Step::Did(_) | Step::Waits(Waiting::OwnEntry) => {}
                other => bail!("the issuer is {other}"),
            }
        }
        bail!("the issuer never comes to an end")
    }

    /// Lets the issuer answer all requests; gives the time.
    fn answer_all(&mut self, town: &Town, voters: usize) -> Result<Duration> {
        let start = Instant::now();
        let answers = self.work_until(town, &Waiting::Requests)?;
        let took = start.elapsed();
        if answers == voters { Ok(took) } else { bail!("{answers} of {voters} were answered") }
    }
}

/// What voters ask to have signed: to the issuer one number below the modulus is like another.
fn numbers(count: usize, bits: ModulusBits) -> Vec<Vec<u8>> {
    let mut rng = StdRng::from_seed([4; 32]);
    let mut number = || {
        let mut number = vec![0; bits.length()];
        // The highest byte stays 0: every modulus is above that.
        rng.fill_bytes(&mut number[1..]);
        number
    };
    (0..count).map(|_| number()).collect()
}

/// Hands in the requests of the first voters.
fn ask(town: &Town, numbers: &[Vec<u8>]) -> Result<()> {
    let context = town.engine.context(&town.poll, Kind::Request)?;
    let entries = each(numbers.len(), |voter| {
        let payload = Payload::Request(Request { blinded: vec![numbers[voter].clone()] });
        SignedEntry::sign(&payload, &context.binding(), &[&voter_key(voter)]).into_bytes()
    });
    town.submit_all(&town.poll, &entries, IN_FLIGHT, |_, _| Ok(())).map(drop)
}

/// The public files of an engine in this process.
struct Files<'a>(&'a Engine);

/// The place where an engine in this process takes entries.
struct Counter<'a>(&'a Engine);

fn failed(reason: &impl ToString) -> ClientError {
    ClientError::Answer { url: "this process".to_owned(), reason: reason.to_string() }
}

impl Source for Files<'_> {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        let head = self.0.checkpoint(log).ok_or_else(|| failed(&"no such log"))?;
        Ok(head.note.as_bytes().to_vec())
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.bundle(log, path.index, path.width).map_err(|error| failed(&error))
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.tile(log, path.level, path.index, path.width).map_err(|error| failed(&error))
    }
}

impl Desk for Counter<'_> {
    fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        let timeout = Duration::from_mins(1);
        receipt(
            &self
                .0
                .submit_and_wait(log, entry.to_vec(), timeout)
                .map_err(|error| failed(&error))?,
        )
    }

    fn submit_all(
        &self,
        log: &LogPath,
        entries: &[SignedEntry],
    ) -> Vec<Result<Receipt, ClientError>> {
        let (answer, answers) = unbounded();
        for (place, entry) in entries.iter().enumerate() {
            let answer = answer.clone();
            // Whoever does not wait for the answers any more has no use for this one.
            let reply = move |outcome| drop(answer.send((place, outcome)));
            self.0.submit(log, entry.bytes().to_vec(), reply);
        }
        drop(answer);
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.sort_unstable_by_key(|(place, _)| *place);
        let checked = answers
            .into_iter()
            .map(|(_, outcome)| receipt(&outcome.map_err(|error| failed(&error))?));
        checked.collect()
    }
}

fn receipt(recorded: &Recorded) -> Result<Receipt, ClientError> {
    let text = recorded.receipt().map_err(|error| failed(&error))?;
    Receipt::parse(text.as_bytes()).map_err(|breach| failed(&breach))
}
