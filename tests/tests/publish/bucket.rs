//! A bucket that speaks as much of S3 as a publisher asks for, and can be read by anyone.
//!
//! In scope: put with `If-None-Match` and `If-Match`, get, head, list in pages, delete of many. Not
//! here: whether signatures are right; that a request is signed at all is looked at.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use veche_protocol::hash::sha256;

pub(crate) const BUCKET: &str = "city-files";
/// Names on one page of a listing; S3 itself has 1,000.
const PAGE: usize = 7;
const MODIFIED: &str = "Mon, 23 Nov 2026 12:00:00 GMT";
const MODIFIED_IN_LISTS: &str = "2026-11-23T12:00:00.000Z";

/// One file, with its labels.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) cache_control: String,
}

#[derive(Debug, Default)]
struct State {
    objects: Mutex<BTreeMap<String, Object>>,
    puts: AtomicUsize,
    requests: AtomicUsize,
    /// Every request whose number is a multiple of this fails with 503; 0 for none.
    failing: AtomicUsize,
    is_over: AtomicBool,
}

/// A bucket on a free port of this machine.
#[derive(Debug)]
pub(crate) struct Bucket {
    state: Arc<State>,
    address: SocketAddr,
    listener: Option<JoinHandle<()>>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Bucket {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let seen = Arc::clone(&state);
        let accept = move || {
            for connection in listener.incoming() {
                if seen.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&seen);
                // Whoever asked may be gone.
                thread::spawn(move || connection.and_then(|it| serve(&state, &it)));
            }
        };
        Self { state, address, listener: Some(thread::spawn(accept)) }
    }

    /// The address of the service.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address below which the bucket's files can be read.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/{BUCKET}", self.address)
    }

    pub(crate) fn objects(&self) -> BTreeMap<String, Object> {
        self.state.objects.lock().unwrap().clone()
    }

    /// Files that were put, since this was asked last.
    pub(crate) fn puts(&self) -> usize {
        self.state.puts.swap(0, Ordering::SeqCst)
    }

    /// Puts something there behind the publisher's back.
    pub(crate) fn place(&self, name: &str, bytes: &[u8]) {
        let (content_type, cache_control) = (String::new(), String::new());
        let object = Object { bytes: bytes.to_vec(), content_type, cache_control };
        self.state.objects.lock().unwrap().insert(name.to_owned(), object);
    }

    /// From now on one request of so many fails.
    pub(crate) fn fail_each(&self, number: usize) {
        self.state.failing.store(number, Ordering::SeqCst);
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one more.
        let _last = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ended = listener.join();
        }
    }
}

fn serve(state: &State, connection: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    while let Some(request) = read(&mut reader)? {
        let (status, headers, body) = answer(state, &request);
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            let _written = write!(head, "{name}: {value}\r\n");
        }
        let body = if request.method == "HEAD" { Vec::new() } else { body };
        connection.write_all(&[head.as_bytes(), b"\r\n", &body].concat())?;
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = (path.to_owned(), query.to_owned());
    Ok(Some(Request { method: method.to_owned(), path, query, headers, body }))
}

type Answer = (&'static str, Vec<(&'static str, String)>, Vec<u8>);

fn plain(status: &'static str) -> Answer {
    (status, Vec::new(), Vec::new())
}

fn answer(state: &State, request: &Request) -> Answer {
    let number = state.requests.fetch_add(1, Ordering::SeqCst) + 1;
    let failing = state.failing.load(Ordering::SeqCst);
    if failing > 0 && number.is_multiple_of(failing) {
        return plain("503 Slow Down");
    }
    let Some(rest) = request.path.strip_prefix(&format!("/{BUCKET}")) else {
        return plain("404 Not Found");
    };
    let key = rest.trim_start_matches('/');
    let is_signed = request
        .headers
        .get("authorization")
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=publisher/"));
    match (&*request.method, key.is_empty()) {
        ("GET" | "HEAD", false) => get(state, key),
        _ if !is_signed => plain("403 Forbidden"),
        ("GET", true) => list(state, &request.query),
        ("PUT", false) => put(state, key, request),
        ("POST", true) if request.query == "delete" => delete(state, &request.body),
        _ => plain("405 Method Not Allowed"),
    }
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", &sha256(bytes).to_string()[..32])
}

fn get(state: &State, key: &str) -> Answer {
    let objects = state.objects.lock().unwrap();
    let Some(object) = objects.get(key) else { return plain("404 Not Found") };
    let headers = vec![
        ("ETag", tag(&object.bytes)),
        ("Last-Modified", MODIFIED.to_owned()),
        ("Content-Type", object.content_type.clone()),
        ("Cache-Control", object.cache_control.clone()),
    ];
    ("200 OK", headers, object.bytes.clone())
}

fn put(state: &State, key: &str, request: &Request) -> Answer {
    let header = |name: &str| request.headers.get(name).cloned();
    let mut objects = state.objects.lock().unwrap();
    let there = objects.get(key).map(|object| tag(&object.bytes));
    let none_is_asked = header("if-none-match").is_some();
    let other_is_there = header("if-match").is_some_and(|wanted| Some(wanted) != there);
    if (none_is_asked && there.is_some()) || other_is_there {
        return plain("412 Precondition Failed");
    }
    state.puts.fetch_add(1, Ordering::SeqCst);
    let object = Object {
        bytes: request.body.clone(),
        content_type: header("content-type").unwrap_or_default(),
        cache_control: header("cache-control").unwrap_or_default(),
    };
    let tag = tag(&object.bytes);
    objects.insert(key.to_owned(), object);
    ("200 OK", vec![("ETag", tag)], Vec::new())
}

fn list(state: &State, query: &str) -> Answer {
    let parameter = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next();
        value.map(|value| value.replace("%2F", "/"))
    };
    let (prefix, after) = (parameter("prefix"), parameter("continuation-token"));
    let objects = state.objects.lock().unwrap();
    let names = objects.iter().filter(|(name, _)| {
        prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str()))
            && after.as_ref().is_none_or(|after| *name > after)
    });
    let page: Vec<_> = names.take(PAGE + 1).collect();
    let is_cut = page.len() > PAGE;
    let mut xml = format!("<ListBucketResult><IsTruncated>{is_cut}</IsTruncated>");
    for (name, object) in page.iter().take(PAGE) {
        let (size, tag) = (object.bytes.len(), tag(&object.bytes).replace('"', "&quot;"));
        let _written = write!(
            xml,
            "<Contents><Key>{name}</Key><LastModified>{MODIFIED_IN_LISTS}</LastModified>\
             <ETag>{tag}</ETag><Size>{size}</Size></Contents>"
        );
    }
    if is_cut {
        let last = page[PAGE - 1].0;
        let _written = write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>");
    }
    xml.push_str("</ListBucketResult>");
    ("200 OK", vec![("Content-Type", "application/xml".to_owned())], xml.into_bytes())
}

fn delete(state: &State, body: &[u8]) -> Answer {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let mut objects = state.objects.lock().unwrap();
    let mut xml = "<DeleteResult>".to_owned();
    for part in text.split("<Key>").skip(1) {
        let key = part.split("</Key>").next().unwrap();
        objects.remove(key);
        let _written = write!(xml, "<Deleted><Key>{key}</Key></Deleted>");
    }
    xml.push_str("</DeleteResult>");
    ("200 OK", vec![("Content-Type", "application/xml".to_owned())], xml.into_bytes())
}
