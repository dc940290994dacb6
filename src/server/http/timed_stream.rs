//! A socket whose writes have deadlines, so that a client that does not read ends its connection and gives back what its
//! answer holds. Tells the end of the client's half at once, except to an answer under way. Must not know HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::deadlines::Deadlines;
use super::exchange::Exchange;
use super::limits::HALF_CLOSE_WAIT_MAX;
use crate::clock::{Stopwatch, WallTimer};

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
    /// When the end of the client's half is told, though an answer is under way.
    end: Option<WallTimer>,
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, deadlines: Deadlines, exchange: Exchange) -> Self {
        Self { stream, deadlines, exchange, since: None, stuck: None, end: None }
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

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let is_end = matches!(polled, Poll::Ready(Ok(()))) && buffer.filled().len() == filled && buffer.remaining() > 0;
        if !is_end || !self.exchange.is_answering() {
            return polled;
        }
        self.end.get_or_insert_with(|| WallTimer::after(HALF_CLOSE_WAIT_MAX)).poll(context).map(Ok)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
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
    async fn the_end_of_a_client_is_told_at_once_unless_an_answer_is_under_way() {
        let (near, far) = duplex(8);
        drop(far);
        let exchange = Exchange::default();
        let mut near = TimedStream::new(near, deadlines(), exchange.clone());
        exchange.begin(false);
        assert_eq!(near.read(&mut [0; 8]).await.expect("it is the end"), 0);
        exchange.begin(true);
        let told = std::future::poll_fn(|context| {
            let mut bytes = [0; 8];
            Poll::Ready(Pin::new(&mut near).poll_read(context, &mut ReadBuf::new(&mut bytes)).is_ready())
        });
        assert!(!told.await, "the client may wait for the answer");
    }
}
