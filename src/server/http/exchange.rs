//! How far the request of a connection is: shared by the socket, which may learn that the client has gone, and the
//! service, which knows whether it still works for it. Must not do I/O.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::server::identity::Peer;

/// A request is awaited or being read.
const READING: u8 = 0;
/// A request is read, and its answer is worked on.
const ANSWERING: u8 = 1;
/// The whole answer is on its way to the socket.
const SENDING: u8 = 2;

/// The state of a connection; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Exchange(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// The address at the other end, if it is known.
    peer: Option<Peer>,
    state: AtomicU8,
    requests: AtomicU32,
}

impl Exchange {
    /// A connection with this address.
    pub(super) fn with(peer: Option<Peer>) -> Self {
        Self(Arc::new(Shared { peer, ..Shared::default() }))
    }

    /// The address at the other end, if it is known.
    pub(super) fn peer(&self) -> Option<Peer> {
        self.0.peer
    }

    /// One more request has its head; the number of them so far.
    pub(super) fn begin(&self, is_read: bool) -> u32 {
        self.0.state.store(if is_read { ANSWERING } else { READING }, Ordering::Release);
        self.0.requests.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Is the answer to a whole request being worked on?
    pub(super) fn is_answering(&self) -> bool {
        self.0.state.load(Ordering::Acquire) == ANSWERING
    }

    /// Is a request still being read, or awaited?
    pub(super) fn is_reading(&self) -> bool {
        self.0.state.load(Ordering::Acquire) == READING
    }

    /// Nothing is left to be written to the socket.
    pub(super) fn flushed(&self) {
        self.move_on(SENDING, READING);
    }

    fn move_on(&self, from: u8, to: u8) {
        // In another state there is nothing to do: a request can be refused before it is read.
        let _ = self.0.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// The body of a request.
pub(super) struct RequestBody<B> {
    pub(super) body: B,
    pub(super) exchange: Exchange,
}

/// The body of an answer.
pub(super) struct AnswerStream<B> {
    pub(super) body: B,
    pub(super) exchange: Exchange,
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.exchange.move_on(READING, ANSWERING);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for AnswerStream<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for AnswerStream<B> {
    fn drop(&mut self) {
        self.exchange.move_on(ANSWERING, SENDING);
    }
}
