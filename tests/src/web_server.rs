//! A web server for tests, which answers each request with whatever bytes a test likes.
//!
//! Not here: connections that fail ([`crate::fault_proxy`]).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The longest body that is read: more than any program here sends.
const MAX_BODY: u64 = 1 << 20;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path without the slash before it.
    pub path: String,
    /// What came with it.
    pub body: Vec<u8>,
}

/// A server on a free port, which ends when it is dropped.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl WebServer {
    /// Answers each request by writing to its connection, which is closed then.
    pub fn new(answer: impl Fn(&Request, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
        let address = listener.local_addr().expect("it is bound");
        let is_over = Arc::new(AtomicBool::new(false));
        let (ended, answer) = (Arc::clone(&is_over), Arc::new(answer));
        let accept = move || {
            for connection in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // Whoever asked may be gone.
                thread::spawn(move || connection.and_then(|it| handle(it, &*answer)));
            }
        };
        Self { address, is_over, listener: Some(thread::spawn(accept)) }
    }

    /// Answers each request with bytes.
    pub fn answering(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::new(move |request, connection| {
            // A client that has gone away is no matter of the server.
            let _ = connection.write_all(&answer(request));
        })
    }

    /// Serves files as they are.
    pub fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::answering(move |request| {
            files.get(&request.path).map_or_else(not_found, |file| ok(file))
        })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one more.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ended = listener.join();
        }
    }
}

fn handle(
    mut connection: TcpStream,
    answer: &dyn Fn(&Request, &mut TcpStream),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = Vec::new();
    reader.take(length.min(MAX_BODY)).read_to_end(&mut body)?;
    let path = path.trim_start_matches('/').to_owned();
    answer(&Request { method: method.to_owned(), path, body }, &mut connection);
    Ok(())
}

/// An answer with a body.
pub fn ok(body: &[u8]) -> Vec<u8> {
    answer("200 OK", body)
}

/// An answer without a body.
pub fn status(line: &str) -> Vec<u8> {
    answer(line, &[])
}

/// An answer with this status and a body.
pub fn answer(line: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// That there is no such thing.
pub fn not_found() -> Vec<u8> {
    status("404 Not Found")
}
