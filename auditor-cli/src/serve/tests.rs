//! Tests of the server over real connections.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::{Handler, Method, Request, Response, run};

const MAX_BODY: usize = 1_000;

/// A server on a thread of its own, which ends when told to.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Running {
    fn new(handler: impl Handler) -> Self {
        let (told, address) = channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let stop = async { stopped.await.unwrap() };
                run(listener, MAX_BODY, Arc::new(handler), stop).await;
            });
        });
        Self { address: address.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
            self.thread.take().unwrap().join().unwrap();
        }
    }

    /// What comes back for some bytes, until the server ends the connection.
    fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.stop();
        }
    }
}

fn echo(request: Request) -> Response {
    let host = request.header("Host").unwrap_or_default().to_owned();
    let Request { method, path, query, body, .. } = request;
    let text = format!("{method:?} {path} {query:?} {host} {}", String::from_utf8(body).unwrap());
    Response::text(200, text).with_header("x-seen", "yes")
}

fn post(body: &str) -> String {
    let length = body.len();
    format!("POST /a/b?c HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[test]
fn a_request_reaches_the_handler() {
    let server = Running::new(echo);
    let end = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    // Two requests on one connection.
    let answer = server.exchange(format!("{}{end}", post("hello")).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("x-seen: yes\r\n"), "{answer}");
    assert!(answer.contains("\r\n\r\nPost /a/b Some(\"c\") h hello"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nGet / None h "), "{answer}");
    let answer = server.exchange(end.replace("GET", "HEAD").as_bytes());
    assert!(answer.contains("content-length: 13\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    let answer = server.exchange(end.replace("GET", "DELETE").as_bytes());
    assert!(answer.ends_with("Other / None h "), "{answer}");
}

#[test]
fn a_long_body_is_refused_with_a_word() {
    let server = Running::new(echo);
    let end = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let longest = post(&"x".repeat(MAX_BODY)) + end;
    assert!(server.exchange(longest.as_bytes()).starts_with("HTTP/1.1 200 OK\r\n"));
    for length in [MAX_BODY + 1, 500_000] {
        let answer = server.exchange(post(&"x".repeat(length)).as_bytes());
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Running::new(echo);
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhal";
    let answer = server.exchange(head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn what_is_no_request_is_refused() {
    let server = Running::new(echo);
    let answer = server.exchange(b"hello\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let long = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(20_000));
    let mut stream = TcpStream::connect(server.address).unwrap();
    // The server may end the connection while it is still being written to.
    drop(stream.write_all(long.as_bytes()));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
}

#[test]
fn a_handler_that_panics_ends_nothing() {
    let server = Running::new(|request: Request| {
        assert_eq!(request.method, Method::Get, "as this test wants it");
        Response::text(200, "well")
    });
    let end = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let answer = server.exchange(format!("{}{end}", post("")).as_bytes());
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nwell"), "{answer}");
}

#[test]
fn what_is_in_flight_is_answered_before_the_end() {
    let (begun, has_begun) = channel();
    let (go_on, may_go_on): (_, Receiver<()>) = channel();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let mut server = Running::new(move |_: Request| {
        begun.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        Response::text(200, "late")
    });
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(post("").as_bytes()).unwrap();
    has_begun.recv().unwrap();
    let ending = thread::spawn(move || {
        server.stop();
        server
    });
    // Long enough for the server to have heard of its end.
    thread::sleep(Duration::from_millis(200));
    go_on.send(()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nlate"), "{answer}");
    let server = ending.join().unwrap();
    assert!(TcpStream::connect(server.address).is_err(), "nobody listens any more");
}
