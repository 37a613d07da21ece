//! A city's server as small as can be: files that a test exchanges while it runs, and whatever
//! answers to what is handed in.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Files by their path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;
/// What answers a POST to a path with a body: a whole HTTP answer; nothing hangs up.
type Post = Box<dyn Fn(&str, &[u8]) -> Vec<u8> + Send>;

/// What the server has, and has been asked.
struct Shared {
    files: Mutex<Files>,
    post: Mutex<Post>,
    asked: AtomicUsize,
    is_over: AtomicBool,
}

/// A server on a free port, which ends when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn of(files: Files) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            files: Mutex::new(files),
            post: Mutex::new(Box::new(|_, _| answer("404 Not Found", "text/plain", b""))),
            asked: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let known = Arc::clone(&shared);
        let accept = move || {
            for connection in listener.incoming() {
                if known.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let known = Arc::clone(&known);
                thread::spawn(move || handle(connection.unwrap(), &known));
            }
        };
        Self { address, shared, listener: Some(thread::spawn(accept)) }
    }

    /// Shows other files from now on.
    pub(crate) fn show(&self, files: Files) {
        *self.shared.files.lock().unwrap() = files;
    }

    /// Answers what is handed in so from now on.
    pub(crate) fn on_post(&self, post: impl Fn(&str, &[u8]) -> Vec<u8> + Send + 'static) {
        *self.shared.post.lock().unwrap() = Box::new(post);
    }

    /// How many files were asked for since this was asked last.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one more.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
    }
}

fn handle(mut connection: TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
            break;
        }
        let header = header.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let path = path.trim_start_matches('/');
    let bytes = if method == "POST" {
        (shared.post.lock().unwrap())(path, &body)
    } else {
        let files = shared.files.lock().unwrap();
        files.get(path).map_or_else(
            || answer("404 Not Found", "text/plain", b""),
            |file| answer("200 OK", "application/octet-stream", file),
        )
    };
    // A client that has gone away is no matter of the server.
    let _ = connection.write_all(&bytes);
}

/// An answer with a body.
pub(crate) fn answer(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
