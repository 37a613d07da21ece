//! Connections: taken, bounded, served by HTTP/1.1, and ended in order.
//!
//! A client can take a connection, be slow and go away; what it cannot do is hold anything for
//! longer than the configured times. Not here: what is in a request ([`crate::front`]).

mod patience;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use veche_engine::{Engine, Publication};
use veche_protocol::log::policy::Policy;

use crate::app::App;
use crate::config::Config;
use crate::front::Front;
use crate::meter::{ConnectionMeter, ConnectionPlace};
use crate::problem::{Own, Problem};
use crate::router;
use crate::witnessing::{SecondKey, Status, Witnessing};
use patience::Patient;

/// Longest head of a request, and most that is read ahead of a body, in bytes: no path here is
/// longer than 300, and browsers send 1 or 2 KiB of headers.
const BUFFER: usize = 16 * 1_024;

/// After an accept that failed (no file descriptors left): long enough for connections to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections that are being told that they are turned away, at a time.
const MAX_REFUSALS: usize = 256;

/// For the one refusal that is written to a connection turned away.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Serves the engine's city on `listener` until `shutdown` is done; then takes no connection more,
/// answers what is in flight, shuts the engine down, and returns. What was answered is stored.
///
/// Errors are those of the listener's first use; later ones are waited out.
pub async fn serve(
    config: &Config,
    engine: Engine,
    second_key: Option<SecondKey>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let witnessing = begin_witnessing(config, &engine, second_key)?;
    if let Some(witnessing) = &witnessing {
        // PUBLISH-6: a log that was set back while the server was down takes nothing in.
        spawn_blocking(witnessing.first_round()).await.map_err(io::Error::other)?;
    }
    let status = witnessing.as_ref().map(|witnessing| Arc::clone(&witnessing.status));
    let server = Arc::new(Server::new(config, engine.clone(), status));
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => server.take(stream, peer.ip(), &graceful, &mut tasks),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let grace = Duration::from_secs(config.limits.grace_seconds);
    if timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some clients did not take their answers in time");
    }
    tasks.shutdown().await;
    // A round that waits for a witness ends with its wait.
    spawn_blocking(move || drop(witnessing)).await.map_err(io::Error::other)?;
    // RECEIPT-4: what was promised is stored; this also stores the heads and anchors.
    spawn_blocking(move || engine.shutdown()).await.map_err(io::Error::other)
}

/// Begins the rounds in which heads become public, where they do not at once.
fn begin_witnessing(
    config: &Config,
    engine: &Engine,
    second_key: Option<SecondKey>,
) -> io::Result<Option<Witnessing>> {
    let policy = match &config.witness.policy {
        None if engine.publication() == Publication::AtOnce => return Ok(None),
        // A second key alone needs nobody else.
        None => Policy::parse(b"quorum none\n").expect("the smallest policy"),
        Some(file) => {
            let invalid = |reason: String| {
                let text = format!("{}: {reason}", file.display());
                io::Error::new(io::ErrorKind::InvalidInput, text)
            };
            let bytes = std::fs::read(file).map_err(|error| invalid(error.to_string()))?;
            Policy::parse(&bytes).map_err(|error| invalid(error.to_string()))?
        }
    };
    Ok(Some(Witnessing::start(engine.clone(), policy, second_key, &config.witness)))
}

/// Errors that say nothing of the listener: the client was gone before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

struct Server {
    front: Front,
    app: Arc<App>,
    http: http1::Builder,
    places: Arc<Semaphore>,
    addresses: Arc<ConnectionMeter>,
    refusals: Arc<Semaphore>,
    stall: Duration,
    /// What a connection turned away is told, head and body.
    refusal: Vec<u8>,
}

/// What a connection holds while it is open.
struct Place {
    _one_of_all: OwnedSemaphorePermit,
    _one_of_its_address: Option<ConnectionPlace>,
}

impl Server {
    fn new(config: &Config, engine: Engine, witnessing: Option<Arc<Status>>) -> Self {
        let limits = &config.limits;
        let app = Arc::new(App::new(config, engine, witnessing));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_seconds))
            .max_buf_size(BUFFER);
        Self {
            front: Front::new(config, Arc::clone(&app), router::router(Arc::clone(&app))),
            app,
            http,
            places: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
            addresses: Arc::new(ConnectionMeter::new(limits.connections_per_address)),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            stall: Duration::from_secs(limits.stall_seconds),
            refusal: refusal(),
        }
    }

    fn take(
        self: &Arc<Self>,
        stream: TcpStream,
        address: IpAddr,
        graceful: &GracefulShutdown,
        tasks: &mut JoinSet<()>,
    ) {
        let server = Arc::clone(self);
        let Some(place) = self.place(address) else {
            self.app.traffic.connections_refused.increment();
            // Where too many are refused at once, they see a closed connection and no word.
            if let Ok(telling) = Arc::clone(&self.refusals).try_acquire_owned() {
                tasks.spawn(async move {
                    server.refuse(stream).await;
                    drop(telling);
                });
            }
            return;
        };
        self.app.traffic.connections.increment();
        // Answers are written whole, so there is nothing to gather; failing here costs only time.
        drop(stream.set_nodelay(true));
        let stream = TokioIo::new(Patient::new(stream, self.stall));
        let service = {
            let server = Arc::clone(self);
            service_fn(move |request| {
                let server = Arc::clone(&server);
                async move { Ok::<_, Infallible>(server.front.answer(request, address).await) }
            })
        };
        let connection = graceful.watch(self.http.serve_connection(stream, service));
        tasks.spawn(async move {
            // A client that breaks HTTP, is too slow or goes away is its own affair.
            drop(connection.await);
            server.app.traffic.connections_ended.increment();
            drop(place);
        });
    }

    /// A place for a connection, if there is one. Loopback is a proxy, or a test.
    fn place(&self, address: IpAddr) -> Option<Place> {
        let one_of_its_address =
            if address.is_loopback() { None } else { Some(self.addresses.enter(address)?) };
        let one_of_all = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place { _one_of_all: one_of_all, _one_of_its_address: one_of_its_address })
    }

    async fn refuse(&self, stream: TcpStream) {
        // API-9: beyond the number of connections there is still a word, and then an end.
        let mut stream = Patient::new(stream, REFUSAL_TIME);
        let told = async {
            stream.write_all(&self.refusal).await?;
            stream.shutdown().await
        };
        drop(timeout(REFUSAL_TIME, told).await);
    }
}

fn refusal() -> Vec<u8> {
    let problem = Problem::new(Own::TooBusy, "the server has as many connections as it may");
    let body = problem.to_json();
    let response = problem.into_response();
    let mut text = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        let value = value.to_str().expect("the headers of a problem are ASCII");
        text.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    let length = body.len().to_string();
    text.extend(["content-length: ", &length, "\r\nconnection: close\r\n\r\n"]);
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}
