//! A small HTTP server, for what an observer offers to others: a witness, a mirror.
//!
//! HTTP/1.1 over TCP, bodies as bytes, handlers that may block. Everything that a stranger could
//! make large or slow is bounded by a constant here. Not here: paths and their meaning (whoever
//! serves), TLS (a proxy in front), and limits for each address (likewise: behind a proxy all
//! requests come from one).

mod connection;
mod message;

use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use connection::Connections;
pub use message::{Method, Request, Response};

/// Connections that are open at a time; further ones wait to be taken. With a body each, of the
/// longest that a witness takes (132 kB), and a head, they fill 80 MB.
const MAX_CONNECTIONS: usize = 512;

/// Handlers that run at a time, each on a thread of its own. They wait for a disk or for another
/// server more than they compute.
const MAX_HANDLERS: usize = 64;

/// Threads that move bytes; what takes time is done by handlers.
const NETWORK_THREADS: usize = 2;

/// For requests in flight, once the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// After an accept that failed (no file descriptors left): long enough for connections to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where to listen.
#[derive(Args, Clone, Debug)]
pub struct Listen {
    /// Address and port to listen on; port 0 takes a free one.
    ///
    /// There is no TLS here: beyond this machine a proxy belongs in front.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// A file to write the port into, once it is open.
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
}

/// What answers a request. It may block.
pub trait Handler: Send + Sync + 'static {
    /// The answer. Where it panics, the client is told of a fault (500) and the server goes on.
    fn answer(&self, request: Request) -> Response;
}

impl<F: Fn(Request) -> Response + Send + Sync + 'static> Handler for F {
    fn answer(&self, request: Request) -> Response {
        self(request)
    }
}

/// Serves until SIGTERM or SIGINT, then answers what is in flight, and returns.
///
/// Prints `listening on http://ADDRESS:PORT` on standard output once connections are taken, and
/// after it has written the port file. Bodies of more than `max_body` bytes are refused. Errors are
/// those of the address and of the port file; later ones are waited out.
pub fn serve(listen: &Listen, max_body: usize, handler: impl Handler) -> io::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(NETWORK_THREADS)
        .max_blocking_threads(MAX_HANDLERS)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen.listen).await?;
        let address = listener.local_addr()?;
        let stop = stop_signal()?;
        if let Some(file) = &listen.port_file {
            write_port(file, address.port())?;
        }
        announce(address)?;
        run(listener, max_body, Arc::new(handler), stop).await;
        Ok(())
    })
}

/// Written beside and renamed, so that whoever waits for the file never reads half of it.
fn write_port(file: &std::path::Path, port: u16) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = file.with_file_name(name);
    std::fs::write(&beside, format!("{port}\n"))?;
    std::fs::rename(&beside, file)
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}

/// Done when the process is told to stop. Listens from now on, so no signal is lost.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Takes connections until `stop` is done, and waits for those that are open.
async fn run<H: Handler>(
    listener: TcpListener,
    max_body: usize,
    handler: Arc<H>,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(());
    let connections = Arc::new(Connections::new(handler, max_body, MAX_HANDLERS, stopped));
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let taken = async {
            let place = Arc::clone(&places).acquire_owned().await;
            let place = place.expect("the places are never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = tasks.join_next() => continue,
            taken = taken => taken,
        };
        match accepted {
            Ok((stream, _)) => {
                let connections = Arc::clone(&connections);
                tasks.spawn(async move {
                    connections.serve(stream).await;
                    drop(place);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                eprintln!("no connection can be taken: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(stopping);
    let end = async { while tasks.join_next().await.is_some() {} };
    if timeout(GRACE, end).await.is_err() {
        eprintln!("some clients did not take their answers in time");
        tasks.shutdown().await;
    }
}

/// Errors that say nothing of the listener: the client was gone before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

#[cfg(test)]
mod tests;
