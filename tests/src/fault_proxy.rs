//! A line between a client and a server on this machine, on which a test lets things go wrong: it
//! is slow, dead, cut off in the middle of an answer, reset, half open, or carries what it is given
//! twice.
//!
//! It passes bytes and knows nothing of what they mean. A fault begins with the next bytes that the
//! client sends, on connections that are open already too. Not here: servers that lie
//! ([`crate::web_server`]).

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What is wrong with the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Whatever the client sends arrives so much later.
    Delay(Duration),
    /// The line breaks after so many bytes of what comes back.
    CutAfter(usize),
    /// Nothing arrives, nothing comes back, and nobody says so.
    BlackHole,
    /// The client's connection is reset as soon as it sends something.
    Reset,
    /// What the client sends arrives, and what comes back does not.
    HalfOpen,
    /// What the client sends arrives twice, on two connections.
    Twice,
}

/// A line that can fail. It ends when this is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Line>,
    listener: Option<JoinHandle<()>>,
}

/// What the threads of a line share.
#[derive(Debug)]
struct Line {
    fault: Mutex<Fault>,
    target: Mutex<Option<SocketAddr>>,
    failed: AtomicUsize,
    is_over: AtomicBool,
}

impl FaultProxy {
    /// A line that leads nowhere yet.
    pub fn new() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Line {
            fault: Mutex::new(Fault::None),
            target: Mutex::new(None),
            failed: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let line = Arc::clone(&shared);
        let accept = move || {
            for client in listener.incoming() {
                if line.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let line = Arc::clone(&line);
                // An end that has gone away ends its connection and nothing else.
                thread::spawn(move || client.and_then(|client| line.carry(&client)));
            }
        };
        Ok(Self { address, shared, listener: Some(thread::spawn(accept)) })
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the line leads from now on; new connections only.
    pub fn lead_to(&self, url: &str) -> anyhow::Result<()> {
        let address = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
        *lock(&self.shared.target) = Some(address);
        Ok(())
    }

    /// What is wrong with the line from now on.
    pub fn suffer(&self, fault: Fault) {
        self.shared.failed.store(0, Ordering::SeqCst);
        *lock(&self.shared.fault) = fault;
    }

    /// How often the present fault has struck.
    pub fn struck(&self) -> usize {
        self.shared.failed.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one more.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ended = listener.join();
        }
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    /// What is wrong now; counted, if anything is.
    fn fault(&self) -> Fault {
        let fault = *lock(&self.fault);
        if fault != Fault::None {
            self.failed.fetch_add(1, Ordering::SeqCst);
        }
        fault
    }

    /// Carries one connection to its end.
    fn carry(self: Arc<Self>, mut client: &TcpStream) -> std::io::Result<()> {
        let mut server: Option<TcpStream> = None;
        let mut twin: Option<TcpStream> = None;
        let mut buffer = [0; 16 * 1024];
        // Looked at and not taken: a connection that is closed with bytes unread is reset.
        while client.peek(&mut buffer)? > 0 {
            let fault = self.fault();
            if fault == Fault::Reset {
                break;
            }
            let length = client.read(&mut buffer)?;
            match fault {
                Fault::BlackHole => continue,
                Fault::Delay(time) => thread::sleep(time),
                _ => {}
            }
            if server.is_none() {
                let opened = self.connect()?;
                let (from, to) = (opened.try_clone()?, client.try_clone()?);
                let line = Arc::clone(&self);
                thread::spawn(move || line.bring_back(&from, &to));
                server = Some(opened);
            }
            if fault == Fault::Twice {
                if twin.is_none() {
                    twin = Some(self.connect()?);
                }
                twin.as_mut().expect("it was opened").write_all(&buffer[..length])?;
            }
            server.as_mut().expect("it was opened").write_all(&buffer[..length])?;
        }
        for end in server.iter().chain(&twin) {
            // It may have gone first.
            let _gone = end.shutdown(Shutdown::Both);
        }
        Ok(())
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let target = *lock(&self.target);
        TcpStream::connect(target.ok_or(std::io::ErrorKind::NotConnected)?)
    }

    /// Brings back what the server says, as far as the line bears it.
    fn bring_back(&self, mut server: &TcpStream, mut client: &TcpStream) -> std::io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = server.read(&mut buffer)?;
            let (passed, is_over) = match *lock(&self.fault) {
                Fault::HalfOpen | Fault::BlackHole => (0, false),
                Fault::CutAfter(bytes) => (bytes.min(length), true),
                _ => (length, length == 0),
            };
            client.write_all(&buffer[..passed])?;
            if is_over {
                return client.shutdown(Shutdown::Both);
            }
            if length == 0 {
                return Ok(());
            }
        }
    }
}
