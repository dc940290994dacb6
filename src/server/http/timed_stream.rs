//! A socket whose writes have deadlines, so that a client that does not read ends its connection and gives back what its
//! answer holds. Ends too, a little later, when its client goes while an answer is worked on. Must not know HTTP.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::deadlines::Deadlines;
use super::exchange::Exchange;
use super::limits::READ_AHEAD_BYTES_MAX;
use crate::clock::{Stopwatch, WallTimer};

/// Bytes read ahead at once, on the stack.
const READ_AHEAD_BYTES: usize = 512;

/// A socket with deadlines.
#[derive(Debug)]
pub(super) struct TimedStream<S> {
    stream: S,
    deadlines: Deadlines,
    exchange: Exchange,
    /// Since the first write of what is not flushed yet that had to wait.
    since: Option<Stopwatch>,
    /// When a write that waits is given up.
    stuck: Option<WallTimer>,
    /// What was read while an answer was worked on, to see whether the client is still there.
    ahead: Vec<u8>,
    /// When a connection ends whose client has closed its half while an answer is worked on.
    end: Option<WallTimer>,
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, deadlines: Deadlines, exchange: Exchange) -> Self {
        Self { stream, deadlines, exchange, since: None, stuck: None, ahead: Vec::new(), end: None }
    }

    /// Ends a write that makes no progress, or that is part of a transfer that takes too long.
    fn in_time<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stuck = None;
            return polled;
        }
        let spent = Duration::from_millis(self.since.get_or_insert_with(Stopwatch::start).ms());
        let left = self.deadlines.write_whole.saturating_sub(spent);
        if left.is_zero() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let stuck = self.stuck.get_or_insert_with(|| WallTimer::after(self.deadlines.write.min(left)));
        match stuck.poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<S: AsyncRead + Unpin> TimedStream<S> {
    /// Waits until the client has closed its half and has had its time to take the answer all the same.
    ///
    /// HTTP could look for that end itself, but makes room for a whole head first: an allocation for every request.
    fn client_is_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.end.is_none() {
            if self.ahead.len() >= READ_AHEAD_BYTES_MAX {
                return Poll::Pending;
            }
            let mut bytes = [MaybeUninit::uninit(); READ_AHEAD_BYTES];
            let mut buffer = ReadBuf::uninit(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            match (read, buffer.filled()) {
                // The connection is broken: no answer can be sent.
                (Err(_), _) => return Poll::Ready(()),
                (Ok(()), []) => self.end = Some(WallTimer::after(self.deadlines.half_closed)),
                // The next request, or what ends TLS.
                (Ok(()), more) => self.ahead.extend_from_slice(more),
            }
        }
        self.end.as_mut().map_or(Poll::Pending, |end| end.poll(context))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let taken = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..taken]);
        self.ahead.drain(..taken);
        if self.ahead.is_empty() {
            self.ahead = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.in_time(context, polled)
    }

    /// Answers are queued as they are and not copied, so that their share of a budget is what they use.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        if polled.is_ready() {
            self.since = None;
            self.exchange.flushed();
        }
        if self.exchange.is_answering() && self.client_is_gone(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        self.in_time(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.in_time(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    fn deadlines() -> Deadlines {
        Deadlines { write: Duration::ZERO, ..Deadlines::of_api() }
    }

    #[tokio::test]
    async fn a_write_that_makes_no_progress_ends_and_one_that_does_goes_on() {
        let (near, mut far) = duplex(8);
        let mut near = TimedStream::new(near, deadlines(), Exchange::default());
        near.write_all(b"12345678").await.expect("there is room");
        let error = near.write_all(b"9").await.expect_err("nothing is read");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        far.read_exact(&mut [0; 8]).await.expect("it is there");
        near.write_all(b"abcdefgh").await.expect("there is room again");
        near.flush().await.expect("it is out");
        assert!(near.since.is_none() && near.stuck.is_none());
    }

    #[tokio::test]
    async fn a_transfer_that_never_stops_ends_all_the_same() {
        let (near, mut far) = duplex(1);
        let drip = Deadlines { write_whole: Duration::ZERO, ..Deadlines::of_api() };
        let mut near = TimedStream::new(near, drip, Exchange::default());
        let reader = tokio::spawn(async move { while far.read_u8().await.is_ok() {} });
        let error = near.write_all(&vec![0; 1 << 16]).await.expect_err("it takes too long");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(near);
        reader.await.expect("it ends");
    }

    #[tokio::test]
    async fn a_connection_ends_when_its_client_goes_amid_an_answer_and_keeps_what_was_read_ahead() {
        let (near, mut far) = duplex(1 << 12);
        let exchange = Exchange::default();
        let at_once = Deadlines { half_closed: Duration::ZERO, ..Deadlines::of_api() };
        let mut near = TimedStream::new(near, at_once, exchange.clone());
        let next = vec![b'x'; 2 * READ_AHEAD_BYTES + 1];
        far.write_all(&next).await.expect("there is room");
        exchange.begin(true);
        near.flush().await.expect("the client is there");
        exchange.begin(false);
        let mut read = vec![0; next.len()];
        near.read_exact(&mut read[..7]).await.expect("it was read ahead");
        near.read_exact(&mut read[7..]).await.expect("it was read ahead");
        assert_eq!((read, near.ahead.capacity()), (next, 0));
        drop(far);
        near.flush().await.expect("no answer is worked on");
        exchange.begin(true);
        // The answer may still be ready before that.
        let error = std::future::poll_fn(|context| match Pin::new(&mut near).poll_flush(context) {
            Poll::Ready(Err(error)) => Poll::Ready(error),
            _ => Poll::Pending,
        });
        assert_eq!(error.await.kind(), io::ErrorKind::ConnectionAborted);
    }
}
