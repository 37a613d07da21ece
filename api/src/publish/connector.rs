//! The HTTP client under the buckets: ureq, as everywhere in this workspace.
//!
//! It serves `object_store` in place of the client that this would bring, and so there is one
//! implementation of HTTP clients and one of TLS. Not here: which requests are made, how they are
//! signed, and when they are made again (`object_store`'s work).

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    ClientConfigKey, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest,
    HttpResponse, HttpService,
};
use ureq::Agent;
use ureq::http::{Method, Request, Response};
use veche_protocol::audit::MAX_FILE_LENGTH;

use super::PARALLEL;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for a whole answer: the longest file, 16 MiB, takes 45 s at 3 Mbit/s.
const ANSWER: Duration = Duration::from_mins(1);
/// Longest answer: a public file. A page of a listing has 1,000 names of at most 1 kB.
const LONGEST: usize = MAX_FILE_LENGTH;

/// Makes clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct UreqConnector;

impl HttpConnector for UreqConnector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let http = options.get_config_value(&ClientConfigKey::AllowHttp);
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(http.as_deref() != Some("true"))
            // A bucket that has moved is for the operator to look at.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .max_idle_connections(PARALLEL)
            .max_idle_connections_per_host(PARALLEL)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("veched/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(HttpClient::new(UreqService { agent }))
    }
}

#[derive(Debug)]
struct UreqService {
    agent: Agent,
}

#[async_trait]
impl HttpService for UreqService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let agent = self.agent.clone();
        let call = move || {
            let answer = if [Method::GET, Method::HEAD, Method::DELETE].contains(&parts.method) {
                agent.run(Request::from_parts(parts, ()))
            } else {
                agent.run(Request::from_parts(parts, body.as_ref()))
            };
            let (parts, body) = answer.map_err(failed)?.into_parts();
            let mut bytes = Vec::new();
            let body = body.into_reader();
            body.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(broken_off)?;
            if bytes.len() > LONGEST {
                let error = std::io::Error::other("the answer is longer than any public file");
                return Err(HttpError::new(HttpErrorKind::Decode, error));
            }
            Ok(Response::from_parts(parts, Bytes::from(bytes).into()))
        };
        let called = tokio::task::spawn_blocking(call).await;
        called.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?
    }
}

/// What kind of failure this is, by which `object_store` tries again or not.
fn failed(error: ureq::Error) -> HttpError {
    let kind = match &error {
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpErrorKind::Connect,
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => HttpErrorKind::Timeout,
            ErrorKind::ConnectionRefused => HttpErrorKind::Connect,
            _ => HttpErrorKind::Interrupted,
        },
        ureq::Error::Protocol(_) => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}

fn broken_off(error: std::io::Error) -> HttpError {
    let kind = match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => HttpErrorKind::Timeout,
        _ => HttpErrorKind::Interrupted,
    };
    HttpError::new(kind, error)
}
