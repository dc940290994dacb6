//! Takes connections from a socket, and refuses those that are beyond a budget. When the system gives none, such as for
//! want of file descriptors, it pauses instead of trying without end. Must not know HTTP beyond one refusal.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener as StdListener};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::limits::ACCEPT_PAUSE;
use super::peers::{Connections, CountedConnection};
use crate::clock::after;

/// The answer to a connection beyond a budget. It is written without waiting.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 46\r\n\r\ntoo many connections: try again in one second\n";
/// Bytes of a refused request that are read, so that closing the socket does not discard the refusal.
const REFUSED_BYTES: usize = 4 << 10;

/// Descriptors that must be free before a listener without a spare one goes on: a few for control and metrics each.
const ROOM_FOR_OTHERS: usize = 8;

/// Whether a listener keeps a file descriptor for the case that there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpareDescriptor {
    Kept,
    None,
}

/// Whether a refused client is told so: one that speaks TLS first cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusalText {
    Sent,
    Omitted,
}

/// The source of a listener's connections.
pub(super) struct Acceptor {
    listener: TcpListener,
    keeps: SpareDescriptor,
    /// A socket without use: closing it makes room for one connection.
    spare: Option<TcpSocket>,
    connections: Arc<Connections>,
    refusal: RefusalText,
    is_short: bool,
}

impl Acceptor {
    /// From a socket that listens, inside a runtime.
    pub(super) fn new(
        listener: StdListener,
        connections: Arc<Connections>,
        keeps: SpareDescriptor,
        refusal: RefusalText,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let spare = if keeps == SpareDescriptor::Kept { Some(TcpSocket::new_v4()?) } else { None };
        Ok(Self { listener: TcpListener::from_std(listener)?, keeps, spare, connections, refusal, is_short: false })
    }

    /// The next connection that is within the budget.
    pub(super) async fn next(&mut self) -> (TcpStream, CountedConnection) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.recover();
                    match self.connections.admit(peer.ip()) {
                        Ok(counted) => {
                            // Answers are small and must not wait for more data.
                            let _ = stream.set_nodelay(true);
                            return (stream, counted);
                        }
                        Err(_) if self.refusal == RefusalText::Sent => refuse(stream),
                        Err(_) => {}
                    }
                }
                // The connection broke before it was accepted, which concerns no other.
                Err(error) if is_of_connection(&error) => {}
                Err(error) => self.wait_for_room(&error).await,
            }
        }
    }

    /// The system gives no connection: uses the spare descriptor, or waits until others are free.
    async fn wait_for_room(&mut self, error: &io::Error) {
        if !self.is_short {
            self.is_short = true;
            tracing::warn!(%error, "no connection can be accepted; trying again until one can");
        }
        match self.keeps {
            SpareDescriptor::Kept if self.spare.take().is_some() => {}
            SpareDescriptor::Kept => after(ACCEPT_PAUSE).await,
            // Otherwise it would take what the other listeners give back between two of their connections.
            SpareDescriptor::None => {
                after(ACCEPT_PAUSE).await;
                while !has_room_for_others() {
                    after(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// After a connection: a spare that was used is made again, and the shortage is over when there is room for all.
    fn recover(&mut self) {
        if !self.is_short {
            return;
        }
        if self.keeps == SpareDescriptor::Kept && self.spare.is_none() {
            self.spare = TcpSocket::new_v4().ok();
        }
        // Between two connections there is always one descriptor: that is no end, and would be logged for each.
        if has_room_for_others() {
            self.is_short = false;
            tracing::info!("connections are accepted again");
        }
    }
}

/// Are more descriptors free than the listeners with a spare one use?
fn has_room_for_others() -> bool {
    let sockets: io::Result<Vec<TcpSocket>> = (0..ROOM_FOR_OTHERS).map(|_| TcpSocket::new_v4()).collect();
    sockets.is_ok()
}

fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
    )
}

/// Says why, and closes the connection. Nothing here waits: what the system does not take at once is left out.
fn refuse(stream: TcpStream) {
    let Ok(mut stream) = stream.into_std() else { return };
    let _ = stream.read(&mut [0; REFUSED_BYTES]);
    let _ = stream.write(REFUSAL);
    let _ = stream.shutdown(Shutdown::Write);
}
