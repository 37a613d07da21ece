//! The load generator: HTTP/1.1 on connections that stay open, one request at a time on each.
//!
//! It shares the cores with the server, so it is as light as it can be: one thread, requests put
//! together from two pieces, answers searched for their length and nothing else. A few answers are
//! kept, to be verified when the clock has stopped.

use std::cell::{Cell, RefCell};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::response;

/// Room for an answer: a receipt has about 1,500 bytes.
const ROOM: usize = 4_096;
/// Connections opened before the server gets a moment to take them: a quarter of what may wait to
/// be taken. One too many is tried again after a second, while the first ones grow old unused.
const OPENED_AT_A_TIME: usize = 256;
/// That moment.
const OPENING_PAUSE: Duration = Duration::from_millis(20);
/// Open files besides both ends of the connections: those of the store, of which RocksDB is content
/// with a few hundred.
const OTHER_FILES: u64 = 1_024;
/// Answers of which one is kept.
const KEPT: usize = 1_024;

/// Times of casts, in microseconds up to a minute, to three digits.
pub type Times = Histogram<u64>;

/// No times yet.
pub fn no_times() -> Times {
    Times::new_with_max(60_000_000, 3).expect("the bounds are in order")
}

/// What came of a load.
#[derive(Debug)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub took: Duration,
    /// Of each cast.
    pub times: Times,
    /// Some of the receipts.
    pub kept: Vec<Vec<u8>>,
}

/// Where casts go.
#[derive(Clone, Debug)]
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// The path of the poll's entries.
    pub path: String,
}

impl Target {
    /// Puts a whole request into a buffer.
    fn request(&self, ballot: &[u8], buffer: &mut Vec<u8>) {
        buffer.clear();
        let (path, length) = (&self.path, ballot.len());
        write!(
            buffer,
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/cbor\r\n\
             content-length: {length}\r\n\r\n",
        )
        .expect("a buffer takes what fits memory");
        buffer.extend_from_slice(ballot);
    }
}

/// What all connections of a load share.
struct Load {
    target: Target,
    ballots: Vec<Vec<u8>>,
    next: Cell<usize>,
    times: RefCell<Times>,
    kept: RefCell<Vec<Vec<u8>>>,
}

/// Casts ballots over so many connections; on the caller's thread alone.
pub fn cast_over(target: Target, connections: usize, ballots: Vec<Vec<u8>>) -> Result<Outcome> {
    allow_files(OTHER_FILES + 2 * connections as u64)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (next, times) = (Cell::new(0), RefCell::new(no_times()));
    let load = Rc::new(Load { target, ballots, next, times, kept: RefCell::default() });
    let took = LocalSet::new().block_on(&runtime, run_all(connections, &load))?;
    let times = load.times.borrow().clone();
    Ok(Outcome { took, times, kept: load.kept.take() })
}

/// Lets the process have as many files as this, if the system does.
fn allow_files(wanted: u64) -> Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
            .with_context(|| format!("the load needs {wanted} open files"))?;
    }
    Ok(())
}

async fn run_all(connections: usize, load: &Rc<Load>) -> Result<Duration> {
    let mut streams = Vec::with_capacity(connections);
    for number in 1..=connections {
        let stream = TcpStream::connect(load.target.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
        if number.is_multiple_of(OPENED_AT_A_TIME) {
            sleep(OPENING_PAUSE).await;
        }
    }
    let start = Instant::now();
    let casting = streams.into_iter().map(|stream| spawn_local(run(stream, Rc::clone(load))));
    for connection in casting.collect::<Vec<_>>() {
        connection.await??;
    }
    Ok(start.elapsed())
}

/// Casts one ballot after another until there are none.
async fn run(mut stream: TcpStream, load: Rc<Load>) -> Result<()> {
    let mut request = Vec::with_capacity(ROOM);
    let mut buffer = vec![0; ROOM];
    loop {
        let number = load.next.replace(load.next.get() + 1);
        let Some(ballot) = load.ballots.get(number) else { return Ok(()) };
        load.target.request(ballot, &mut request);
        let start = Instant::now();
        stream.write_all(&request).await?;
        let mut filled = 0;
        let body = loop {
            filled += match stream.read(&mut buffer[filled..]).await? {
                0 => bail!("the server has ended the connection, or its answer is too long"),
                read => read,
            };
            if let Some(body) = response::body(&buffer[..filled])? {
                break body;
            }
        };
        load.times.borrow_mut().saturating_record(microseconds(start));
        if number.is_multiple_of(KEPT) {
            load.kept.borrow_mut().push(body.to_vec());
        }
    }
}

/// Casts ballots one after another over one connection.
pub fn cast_singly(target: &Target, ballots: &[Vec<u8>]) -> Result<Outcome> {
    let mut stream = BlockingStream::connect(target.address)?;
    stream.set_nodelay(true)?;
    let (mut request, mut buffer) = (Vec::with_capacity(ROOM), vec![0; ROOM]);
    let mut outcome = Outcome { took: Duration::ZERO, times: no_times(), kept: Vec::new() };
    for (number, ballot) in ballots.iter().enumerate() {
        target.request(ballot, &mut request);
        let start = Instant::now();
        stream.write_all(&request)?;
        let mut filled = 0;
        let body = loop {
            filled += match stream.read(&mut buffer[filled..])? {
                0 => bail!("the server has ended the connection, or its answer is too long"),
                read => read,
            };
            if let Some(body) = response::body(&buffer[..filled])? {
                break body;
            }
        };
        outcome.took += start.elapsed();
        outcome.times.saturating_record(microseconds(start));
        if number.is_multiple_of(KEPT) {
            outcome.kept.push(body.to_vec());
        }
    }
    Ok(outcome)
}

fn microseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
