//! A web server for tests, which answers each request with whatever bytes a test likes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// A server on a free port, which ends when it is dropped.
pub(crate) struct WebServer {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl WebServer {
    /// Answers each request for a path by writing to its connection, which is closed then.
    pub(crate) fn new(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let (ended, answer) = (Arc::clone(&is_over), Arc::new(answer));
        let accept = move || {
            for connection in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let answer = Arc::clone(&answer);
                thread::spawn(move || handle(connection.unwrap(), &*answer));
            }
        };
        Self { address, is_over, listener: Some(thread::spawn(accept)) }
    }

    /// Serves files as they are.
    pub(crate) fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::new(move |path, connection| {
            let answer = files.get(path).map_or_else(not_found, |file| ok(file));
            // A client that has gone away is no matter of the server.
            let _ = connection.write_all(&answer);
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one more.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
    }
}

fn handle(mut connection: TcpStream, answer: &dyn Fn(&str, &mut TcpStream)) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return };
    let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    answer(&path, &mut connection);
}

/// An answer with a body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An answer without a body.
pub(crate) fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn not_found() -> Vec<u8> {
    status("404 Not Found")
}
