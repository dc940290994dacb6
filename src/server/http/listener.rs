//! A listener with TLS, without it, or as a proxy. The number of connections is bounded; it stops once the answers
//! under way are out. Must not know any route.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;

use super::connection::converse;
use super::drain::{self, Drain};
use super::limits::{CONNECTIONS_MAX, HANDSHAKE_WAIT_MAX};
use super::proxy::Proxy;
use super::tls::Tls;
use crate::clock::within;

/// Why a listener does not start.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is in use, or is not one of this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The operating system's error.
        reason: io::Error,
    },
    /// The socket cannot be handed to the runtime.
    #[error("cannot start to listen: {0}")]
    Start(#[from] io::Error),
}

/// A running listener.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: DropGuard,
    task: JoinHandle<()>,
}

/// What a connection speaks.
#[derive(Clone)]
enum Speaks {
    Plain(Router),
    Secure(Router, Tls),
    Connect(Arc<Proxy>),
}

impl Server {
    /// Listens for a service on `address`, inside a runtime; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn start(service: Router, address: SocketAddr, tls: Option<Tls>) -> Result<Self, ListenError> {
        Self::listen(address, tls.map_or(Speaks::Plain(service.clone()), |tls| Speaks::Secure(service, tls)))
    }

    /// Listens as a proxy, in the same way.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn proxy(proxy: Proxy, address: SocketAddr) -> Result<Self, ListenError> {
        Self::listen(address, Speaks::Connect(Arc::new(proxy)))
    }

    fn listen(address: SocketAddr, speaks: Speaks) -> Result<Self, ListenError> {
        let listener = StdListener::bind(address).map_err(|reason| ListenError::Listen { address, reason })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let (stop, drain) = Drain::new();
        let task = tokio::spawn(accept(listener, speaks, drain));
        Ok(Self { address, stop, task })
    }

    /// The address that it listens on, including the port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, and waits for answers under way, less than half a second.
    pub async fn stop(self) {
        drain::stop(self.stop, self.task).await;
    }
}

async fn accept(listener: TcpListener, speaks: Speaks, drain: Drain) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let stream = tokio::select! {
            () = drain.stopped() => break,
            stream = next(&listener, &slots) => stream,
        };
        let Some((stream, slot)) = stream else { continue };
        let under_way = drain.watcher();
        // Three separate tasks instead of one with a choice in it: a connection without TLS then reserves no memory for
        // TLS state.
        match speaks.clone() {
            Speaks::Plain(service) => tokio::spawn(async move {
                converse(stream, service, under_way).await;
                drop(slot);
            }),
            Speaks::Secure(service, tls) => tokio::spawn(async move {
                if let Some(Some(stream)) = within(HANDSHAKE_WAIT_MAX, tls.accept(stream)).await {
                    converse(stream, service, under_way).await;
                }
                drop(slot);
            }),
            Speaks::Connect(proxy) => {
                let stopped = drain.stopped();
                tokio::spawn(async move {
                    proxy.serve(stream, under_way, stopped).await;
                    drop(slot);
                })
            }
        };
    }
    drop(listener);
    drain.finish().await;
}

async fn next(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    // A connection that broke before it was accepted is no reason to stop; running out of file descriptors is
    // temporary.
    let Ok((stream, _)) = listener.accept().await else {
        tokio::task::yield_now().await;
        return None;
    };
    // Answers are small and must not wait for more data.
    let _ = stream.set_nodelay(true);
    Some((stream, slot))
}
