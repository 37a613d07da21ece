//! A connection that gives up on a client who takes nothing of what is written, and that ends so
//! that the last answer arrives.
//!
//! Slow reading is bounded by hyper (heads) and by the time of a request (bodies); slow taking is
//! bounded here, since an answer may be 16 MiB long and lies in memory until it is taken.
//!
//! A request may be refused before its body is read. A system that closes a connection on which
//! unread bytes lie resets it, and a client that is still sending loses the answer (RFC 9112,
//! section 9.6). So what comes after the answer is thrown away, for a while, before the end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Most bytes that are thrown away at the end of a connection: several times the longest body
/// that is taken, and nothing to send by.
const LINGER_BYTES: usize = 1 << 20;

/// Longest time for throwing away.
const LINGER_TIME: Duration = Duration::from_secs(1);

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes fail once nothing was taken for some time.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
    /// The end of the connection, once it has begun.
    ending: Option<Ending>,
}

/// What is still waited for after the last answer.
#[derive(Debug)]
struct Ending {
    time: Pin<Box<Sleep>>,
    bytes: usize,
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, waiting: None, ending: None }
    }

    /// Runs one write; a write that waits is given up when the time is over.
    fn poll_bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(result) = write(Pin::new(&mut self.stream), context) {
            self.waiting = None;
            return Poll::Ready(result);
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> Patient<S> {
    /// Throws away what the client still sends, until it ends or enough is enough.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(ending) = &mut self.ending else { return Poll::Ready(()) };
        let mut space = [0; 4_096];
        while ending.bytes > 0 && ending.time.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut space);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    ending.bytes = ending.bytes.saturating_sub(buffer.filled().len());
                }
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_bounded(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_bounded(context, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_bounded(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is_none() {
            ready!(self.poll_bounded(context, AsyncWrite::poll_shutdown))?;
            let time = Box::pin(sleep(LINGER_TIME));
            self.ending = Some(Ending { time, bytes: LINGER_BYTES });
        }
        self.poll_linger(context).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (near, _far) = duplex(16);
        let mut near = Patient::new(near, Duration::from_secs(30));
        let error = near.write_all(&[0; 17]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_slowly_is_waited_for() {
        let (near, mut far) = duplex(16);
        let mut near = Patient::new(near, Duration::from_secs(30));
        let taking = async {
            let mut taken = [0; 16];
            for _ in 0..4 {
                sleep(Duration::from_secs(29)).await;
                far.read_exact(&mut taken).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(near.write_all(&[0; 64]), taking);
        written.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_after_the_answer_is_thrown_away() {
        let (near, mut far) = duplex(16);
        let mut near = Patient::new(near, Duration::from_secs(30));
        let sending = async {
            far.write_all(&[0; 1_000]).await.unwrap();
            drop(far);
        };
        let (ended, ()) = tokio::join!(near.shutdown(), sending);
        ended.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_listened_to_for_long() {
        let (near, far) = duplex(16);
        let mut near = Patient::new(near, Duration::from_secs(30));
        let start = tokio::time::Instant::now();
        near.shutdown().await.unwrap();
        assert_eq!(start.elapsed(), LINGER_TIME);
        drop(far);

        let (near, mut far) = duplex(LINGER_BYTES);
        let mut near = Patient::new(near, Duration::from_secs(30));
        far.write_all(&vec![0; LINGER_BYTES]).await.unwrap();
        let start = tokio::time::Instant::now();
        near.shutdown().await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
