//! Listens, with or without TLS: bounded connections, heads and waits; stops when the answers under way are out. Knows no route.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::door::{self, Scheme};
use super::tenants::Tenants;
use super::tls::Tls;
use crate::clock::within;

/// Connections at once; one more waits for its turn.
const CONNECTIONS_MAX: usize = 16_384;
/// How long a client may take to send a request's head, and stay silent between two.
const HEAD_WAIT_MAX: Duration = Duration::from_mins(1);
/// How long a handshake may take.
const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// Bytes of a head; a token and a filter fit into a quarter of it.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Headers of a request.
const HEADERS_MAX: usize = 100;
/// How long answers under way may take when the server stops: the rest of a second is for the end of the program.
const STOP_WAIT_MAX: Duration = Duration::from_millis(400);

/// Why nobody listens.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
    /// The system gives no socket to the runtime.
    #[error("cannot start to listen: {0}")]
    Start(#[from] io::Error),
}

/// A listener of the Graph face.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on `address`, inside a runtime; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn start(tenants: Arc<Tenants>, address: SocketAddr, tls: Option<Tls>) -> Result<Self, ListenError> {
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        Self::serve(door::service(tenants, scheme), address, tls)
    }

    /// Listens for another service in the same way.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn serve(service: Router, address: SocketAddr, tls: Option<Tls>) -> Result<Self, ListenError> {
        let listener = StdListener::bind(address).map_err(|reason| ListenError::Listen { address, reason })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(listener, service, tls, stopped));
        Ok(Self { address, stop, task })
    }

    /// Where it listens, the port included.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, and waits for answers under way, less than half a second.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // It has ended by itself if it panicked, which has been reported.
        let _ = self.task.await;
    }
}

async fn accept(listener: TcpListener, service: Router, tls: Option<Tls>, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let under_way = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            stream = next(&listener, &slots) => stream,
        };
        let Some((stream, slot)) = stream else { continue };
        let (service, under_way) = (service.clone(), under_way.watcher());
        // Two tasks and not one with a choice in it: a connection without TLS is not to keep room for its state.
        match tls.clone() {
            None => tokio::spawn(async move {
                converse(stream, service, under_way).await;
                drop(slot);
            }),
            Some(Tls(acceptor)) => tokio::spawn(async move {
                // A handshake that fails is the client's affair: it does not trust us, or speaks something else.
                if let Some(Ok(stream)) = within(HANDSHAKE_WAIT_MAX, acceptor.accept(stream)).await {
                    converse(stream, service, under_way).await;
                }
                drop(slot);
            }),
        };
    }
    drop(listener);
    within(STOP_WAIT_MAX, under_way.shutdown()).await;
}

async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    // A connection that broke before it was taken is no reason to stop; too many open files pass.
    let Ok((stream, _)) = listener.accept().await else {
        tokio::task::yield_now().await;
        return None;
    };
    // Answers are small, and are wanted at once.
    let _ = stream.set_nodelay(true);
    Some((stream, slot))
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, service: Router, under_way: Watcher) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has asked and closes its half still waits for the answer.
        .half_close(true)
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // What goes wrong here is the client's: it hung up, or does not speak HTTP.
    let _ = under_way.watch(connection).await;
}
