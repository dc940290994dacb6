//! A listener with TLS, without it, or as a proxy. It stops once the answers under way are out. Must not know any route.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::Router;
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;

use super::accept::{Acceptor, RefusalText, SpareDescriptor};
use super::budgets::Budgets;
use super::connection::{CheckedService, converse};
use super::deadlines::Deadlines;
use super::drain::{self, Drain};
use super::exchange::Exchange;
use super::host_names::HostNames;
use super::limits::HANDSHAKE_WAIT_MAX;
use super::origin::Scheme;
use super::peers::Connections;
use super::proxy::Proxy;
use super::timed_stream::TimedStream;
use super::tls::{Tls, subject_of};
use crate::clock::within;
use crate::server::identity::Peer;

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

/// What a listener is for, which decides its budgets and its deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerUse {
    /// The Graph API, or a proxy in front of it.
    Graph,
    /// The control API.
    Control,
    /// The metrics.
    Metrics,
}

/// What a listener is made from, beside its service and its address.
#[derive(Clone, Debug)]
pub struct ListenerOptions {
    /// What it is for.
    pub used_for: ListenerUse,
    /// Its certificate; without one it has no TLS.
    pub tls: Option<Tls>,
    /// The names by which it may be called where only this machine reaches it.
    pub hosts: HostNames,
    /// The budgets of the process.
    pub budgets: Arc<Budgets>,
}

impl ListenerOptions {
    /// For the Graph API on its own: with budgets and names of its own.
    pub fn alone(tls: Option<Tls>) -> Self {
        Self { used_for: ListenerUse::Graph, tls, hosts: HostNames::default(), budgets: Arc::default() }
    }

    const fn deadlines(&self) -> Deadlines {
        match self.used_for {
            ListenerUse::Graph | ListenerUse::Control => Deadlines::of_api(),
            ListenerUse::Metrics => Deadlines::of_metrics(),
        }
    }

    fn connections(&self) -> Arc<Connections> {
        Arc::clone(match self.used_for {
            ListenerUse::Graph => &self.budgets.graph_connections,
            ListenerUse::Control => &self.budgets.control_connections,
            ListenerUse::Metrics => &self.budgets.metrics_connections,
        })
    }

    /// Operators reach the server, and monitoring sees it, when clients of the Graph API have used up all descriptors.
    const fn spare(&self) -> SpareDescriptor {
        match self.used_for {
            ListenerUse::Graph => SpareDescriptor::None,
            ListenerUse::Control | ListenerUse::Metrics => SpareDescriptor::Kept,
        }
    }
}

/// A running listener.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: Scheme,
    stop: DropGuard,
    task: JoinHandle<()>,
}

/// What a connection speaks.
#[derive(Clone)]
enum Speaks {
    Plain(CheckedService),
    Secure(CheckedService, Tls),
    Connect(Arc<Proxy>, HostNames),
}

impl Server {
    /// Listens for a service on `address`, inside a runtime; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn start(service: Router, address: SocketAddr, options: &ListenerOptions) -> Result<Self, ListenError> {
        let hosts = options.hosts.clone().at(address);
        let speaks = match options.tls.clone() {
            None => Speaks::Plain(CheckedService::new(service, hosts, Scheme::Http)),
            Some(tls) => Speaks::Secure(CheckedService::new(service, hosts, Scheme::Https), tls),
        };
        Self::listen(address, speaks, options)
    }

    /// Listens as a proxy, in the same way. Its own certificates are those of the proxy.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn proxy(proxy: Proxy, address: SocketAddr, options: &ListenerOptions) -> Result<Self, ListenError> {
        Self::listen(address, Speaks::Connect(Arc::new(proxy), options.hosts.clone().at(address)), options)
    }

    fn listen(address: SocketAddr, speaks: Speaks, options: &ListenerOptions) -> Result<Self, ListenError> {
        let listener = StdListener::bind(address).map_err(|reason| ListenError::Listen { address, reason })?;
        let address = listener.local_addr()?;
        let (scheme, refusal) = match speaks {
            Speaks::Plain(_) | Speaks::Connect(..) => (Scheme::Http, RefusalText::Sent),
            Speaks::Secure(..) => (Scheme::Https, RefusalText::Omitted),
        };
        let acceptor = Acceptor::new(listener, options.connections(), options.spare(), refusal)?;
        let (stop, drain) = Drain::new();
        let task = tokio::spawn(accept(acceptor, speaks, options.deadlines(), drain));
        Ok(Self { address, scheme, stop, task })
    }

    /// The address that it listens on, including the port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its scheme and its address, as a URL begins.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.address)
    }

    /// Takes no more connections, and waits for answers under way, less than half a second.
    pub async fn stop(self) {
        drain::stop(self.stop, self.task).await;
    }
}

async fn accept(mut acceptor: Acceptor, speaks: Speaks, deadlines: Deadlines, drain: Drain) {
    loop {
        let (stream, counted) = tokio::select! {
            () = drain.stopped() => break,
            accepted = acceptor.next() => accepted,
        };
        let under_way = drain.watcher();
        let exchange = Exchange::with(stream.peer_addr().ok().map(|address| Peer(address.ip())));
        let stream = TimedStream::new(stream, deadlines, exchange.clone());
        // Three separate tasks instead of one with a choice in it: a connection without TLS then reserves no memory for
        // TLS state.
        match speaks.clone() {
            Speaks::Plain(service) => tokio::spawn(async move {
                converse(stream, service, deadlines, exchange, under_way).await;
                drop(counted);
            }),
            Speaks::Secure(service, tls) => tokio::spawn(async move {
                if let Some(Some(stream)) = within(HANDSHAKE_WAIT_MAX, tls.accept(stream)).await {
                    let service = service.for_client(subject_of(&stream));
                    converse(stream, service, deadlines, exchange, under_way).await;
                }
                drop(counted);
            }),
            Speaks::Connect(proxy, hosts) => {
                let stopped = drain.stopped();
                tokio::spawn(async move {
                    proxy.serve(stream, (hosts, deadlines, exchange), under_way, stopped).await;
                    drop(counted);
                })
            }
        };
    }
    drop(acceptor);
    drain.finish().await;
}
