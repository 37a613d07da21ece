//! One connection: requests read within bounds, handed to the handler, and answered.
//!
//! A client can be slow, send too much and go away; what it cannot do is hold anything for longer
//! than the times below. Not here: who may connect ([`super`]).

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method as HttpMethod, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::{Handler, Method, Request, Response};

/// Longest head of a request, and most that is read ahead of a body, in bytes: no path here is
/// longer than 400, and clients send less than 2 KiB of headers.
const BUFFER: usize = 16 * 1_024;

/// For the head of a request, and between two requests.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// For the body of a request: 132 kB at 13 kB/s.
const BODY_TIME: Duration = Duration::from_secs(10);

/// For a place among the handlers; who waits longer is better served by asking again.
const WAIT_TIME: Duration = Duration::from_secs(5);

/// After this no further request is taken on a connection, so that it cannot be held for ever.
const CONNECTION_TIME: Duration = Duration::from_mins(5);

/// For the last answer, once no further request is taken: 16 MiB, the longest bundle of a log that
/// a mirror serves, at 280 kB/s.
const ANSWER_TIME: Duration = Duration::from_mins(1);

/// Bytes of a body that is too long which are still read, and thrown away: a connection that is
/// closed on unread bytes is reset, and the client would lose the answer (RFC 9112, section 9.6).
const MAX_THROWN_AWAY: usize = 1 << 20;

/// What all connections share.
pub(super) struct Connections<H> {
    http: http1::Builder,
    handler: Arc<H>,
    handlers: Semaphore,
    max_body: usize,
    stopped: watch::Receiver<()>,
}

/// Why a request does not reach the handler.
#[derive(Clone, Copy)]
enum Rejection {
    BodyTooLong,
    BodyTooSlow,
    BodyBroken,
    Busy,
    Panicked,
}

impl Rejection {
    fn response(self) -> Response {
        match self {
            Self::BodyTooLong => Response::text(413, "the body is longer than allowed\n"),
            Self::BodyTooSlow => Response::text(408, "the body did not come in time\n"),
            Self::BodyBroken => Response::text(400, "the body cannot be read\n"),
            Self::Busy => Response::text(503, "too many requests at once: ask again\n"),
            Self::Panicked => Response::text(500, "a fault of the program\n"),
        }
    }

    /// Whether bytes may be left unread, so that the connection cannot go on.
    const fn ends_connection(self) -> bool {
        matches!(self, Self::BodyTooLong | Self::BodyTooSlow | Self::BodyBroken)
    }
}

impl<H: Handler> Connections<H> {
    /// Connections end once the sender of `stopped` is gone.
    pub(super) fn new(
        handler: Arc<H>,
        max_body: usize,
        max_handlers: usize,
        stopped: watch::Receiver<()>,
    ) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(BUFFER);
        Self { http, handler, handlers: Semaphore::new(max_handlers), max_body, stopped }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream) {
        // Answers are written whole, so there is nothing to gather; failing here costs only time.
        drop(stream.set_nodelay(true));
        let service = service_fn(async |request| Ok::<_, Infallible>(self.answer(request).await));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let mut stopped = self.stopped.clone();
        tokio::select! {
            // A client that breaks HTTP, is too slow or goes away is its own affair.
            _ = connection.as_mut() => return,
            _ = stopped.changed() => {}
            () = sleep(CONNECTION_TIME) => {}
        }
        connection.as_mut().graceful_shutdown();
        drop(timeout(ANSWER_TIME, connection).await);
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        match self.handle(request).await {
            Ok(response) => to_http(response),
            Err(rejection) => {
                let mut response = to_http(rejection.response());
                if rejection.ends_connection() {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        }
    }

    async fn handle(&self, request: hyper::Request<Incoming>) -> Result<Response, Rejection> {
        let (head, body) = request.into_parts();
        let body = read_body(body, self.max_body).await?;
        let request = Request {
            method: match head.method {
                HttpMethod::GET | HttpMethod::HEAD => Method::Get,
                HttpMethod::POST => Method::Post,
                _ => Method::Other,
            },
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            body,
            headers: head.headers,
        };
        let place = timeout(WAIT_TIME, self.handlers.acquire()).await;
        let _place = place.map_err(|_| Rejection::Busy)?.expect("the places are never closed");
        let handler = Arc::clone(&self.handler);
        let answered = spawn_blocking(move || handler.answer(request)).await;
        answered.map_err(|_| Rejection::Panicked)
    }
}

/// Reads a body of at most `max` bytes.
async fn read_body(body: Incoming, max: usize) -> Result<Vec<u8>, Rejection> {
    let read = timeout(BODY_TIME, gather(body, max)).await;
    read.map_err(|_| Rejection::BodyTooSlow)?
}

async fn gather(mut body: Incoming, max: usize) -> Result<Vec<u8>, Rejection> {
    let mut bytes = Vec::new();
    let mut thrown_away = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Rejection::BodyBroken)?;
        let Some(data) = frame.data_ref() else { continue };
        if thrown_away == 0 && data.len() <= max - bytes.len() {
            bytes.extend_from_slice(data);
        } else {
            thrown_away = thrown_away.saturating_add(data.len());
            if thrown_away > MAX_THROWN_AWAY {
                break;
            }
        }
    }
    if thrown_away == 0 { Ok(bytes) } else { Err(Rejection::BodyTooLong) }
}

fn to_http(response: Response) -> hyper::Response<Full<Bytes>> {
    let headers = response.header_map();
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut http = hyper::Response::new(Full::new(Bytes::from(response.body)));
    *http.status_mut() = status;
    *http.headers_mut() = headers;
    http
}
