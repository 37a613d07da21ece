//! What every request passes, in one place: bounds, time, panics, the headers of every answer.
//!
//! One future and no boxes instead of a tower of layers: ballots pass here by the ten thousand.
//! Nothing of a client's address or request is written down. Not here: paths ([`crate::router`]),
//! connections ([`crate::server`]).

use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use tokio::time::timeout;
use tower::Service as _;

use crate::app::{InFlightPlace, Shared};
use crate::config::Config;
use crate::meter::RateMeter;
use crate::problem::{Code, Own, Problem};
use crate::traffic::Traffic;

/// The header by which an answer is found in the trace.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Paths that are answered however busy the server is: who watches it must not be turned away.
const WATCHED: [&str; 2] = ["/health", "/metrics"];

/// The way into the router.
#[derive(Debug)]
pub(crate) struct Front {
    router: Router,
    app: Shared,
    rate: Option<RateMeter>,
    /// The upper half of every request's id, drawn when the server starts.
    run: u64,
    next: AtomicU64,
}

impl Front {
    pub(crate) fn new(config: &Config, app: Shared, router: Router) -> Self {
        let rate = RateMeter::new(&config.rate);
        let run = u64::from(rand::random::<u32>()) << 32;
        Self { router, app, rate, run, next: AtomicU64::new(0) }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Incoming>, address: IpAddr) -> Response {
        let start = Instant::now();
        let id = self.run.wrapping_add(self.next.fetch_add(1, Ordering::Relaxed));
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut waiting = Waiting { traffic: &self.app.traffic, over: false };
        let mut response = match self.admit(&request, address) {
            Ok(_place) => self.run(request, id).await,
            Err(problem) => problem.into_response(),
        };
        waiting.over = true;
        let code = response.extensions_mut().remove::<Code>();
        self.app.traffic.count(code, start.elapsed());
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, id_value(id));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // What no action calls immutable may be another at any moment.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        if is_read {
            // API-1: whoever checks from a page of their own may read everything.
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        response
    }

    /// Takes a request on, or turns it away before anything of it is looked at.
    fn admit(
        &self,
        request: &Request<Incoming>,
        address: IpAddr,
    ) -> Result<Option<InFlightPlace<'_>>, Problem> {
        if WATCHED.contains(&request.uri().path()) {
            return Ok(None);
        }
        // API-9: beyond a number of requests, and above a rate, a client is told to come back. A
        // proxy's own address stands for everybody behind it, so loopback has no rate.
        let is_write = *request.method() == Method::POST;
        let rate = self.rate.as_ref().filter(|_| is_write && !address.is_loopback());
        if rate.is_some_and(|rate| !rate.admit(address)) {
            return Err(Problem::new(Own::TooBusy, "too many requests came from your network"));
        }
        let place = self.app.in_flight.enter();
        place.map(Some).ok_or_else(|| {
            Problem::new(Own::TooBusy, "the server answers as many requests as it may")
        })
    }

    /// Has the router answer, within its time; a panic ends this request alone.
    async fn run(&self, request: Request<Incoming>, id: u64) -> Response {
        let mut router = self.router.clone();
        let mut answer = pin!(async move { router.call(request).await });
        let caught = poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
                Ok(Poll::Ready(Ok(response))) => Poll::Ready(Some(response)),
                Ok(Poll::Ready(Err(never))) => match never {},
                Ok(Poll::Pending) => Poll::Pending,
                Err(_) => Poll::Ready(None),
            }
        });
        let response = match timeout(self.app.request_time, caught).await {
            Ok(Some(response)) => response,
            Ok(None) => {
                self.app.traffic.panics.increment();
                Problem::internal().into_response()
            }
            // API-9: no request takes longer than this, whatever the client or the store does.
            Err(_) => {
                Problem::new(Own::TimedOut, "no answer within the server's time").into_response()
            }
        };
        if response.status().is_server_error() {
            let code = response.extensions().get::<Code>().map(|code| code.name());
            tracing::warn!(request = %format_args!("{id:016x}"), code, "a request failed");
        }
        response
    }
}

fn id_value(id: u64) -> HeaderValue {
    let mut digits = [0; 16];
    hex::encode_to_slice(id.to_be_bytes(), &mut digits).expect("8 bytes are 16 digits");
    HeaderValue::from_bytes(&digits).expect("hex digits may stand in a header")
}

/// Counts a request whose client goes away before the answer.
struct Waiting<'a> {
    traffic: &'a Traffic,
    over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.traffic.abandoned.increment();
        }
    }
}
