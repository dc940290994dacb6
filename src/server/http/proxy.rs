//! A proxy for HTTPS that answers for some hosts itself: CONNECT to one of them ends here, with a certificate for its
//! name. Every other host is refused, or tunnelled if the operator allows it. Must not know the routes of the services
//! behind it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::ext::ReasonPhrase;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{CheckedService, builder, converse};
use super::deadlines::Deadlines;
use super::exchange::Exchange;
use super::host_names::HostNames;
use super::limits::{HANDSHAKE_WAIT_MAX, TUNNELS_MAX};
use super::origin::Scheme;
use super::relay::{carry, reach};
use super::timed_stream::TimedStream;
use super::tls::Tls;
use crate::clock::within;

/// The only port of the hosts that the proxy answers for.
const HTTPS_PORT: u16 = 443;

/// What happens to other hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are refused, so that a test reaches nothing by mistake.
    Refuse,
    /// They are tunnelled, within limits.
    Tunnel,
}

/// A proxy.
#[derive(Debug)]
pub struct Proxy {
    hosts: Vec<(&'static str, Router)>,
    tls: Tls,
    others: Others,
    tunnels: Arc<Semaphore>,
}

/// The target of a CONNECT.
enum Target {
    /// A service of this server.
    Here(Router),
    /// Another host, with the permit that its tunnel occupies.
    There(TcpStream, OwnedSemaphorePermit),
}

/// Why a request is refused: its status, the reason phrase, which some clients show alone, and the full text with the
/// remedy.
struct Refusal {
    status: StatusCode,
    phrase: &'static str,
    text: String,
}

type Answer = Response<Full<Bytes>>;
/// What holds for the requests of a connection.
type Terms = (HostNames, Deadlines, Exchange);

impl Proxy {
    /// A proxy that answers for these hosts, each with its service, and shows this certificate for all of them.
    pub fn new(hosts: impl IntoIterator<Item = (&'static str, Router)>, tls: Tls, others: Others) -> Self {
        Self { hosts: hosts.into_iter().collect(), tls, others, tunnels: Arc::new(Semaphore::new(TUNNELS_MAX)) }
    }

    /// Answers the requests of a connection until the first accepted CONNECT takes it over.
    pub(super) async fn serve(
        &self,
        stream: TimedStream<TcpStream>,
        terms: Terms,
        under_way: Watcher,
        stopped: impl Future<Output = ()>,
    ) {
        let taken_over = Mutex::new(None);
        let service = service_fn(|mut request: Request<Incoming>| {
            let taken_over = &taken_over;
            async move {
                Ok::<_, Infallible>(match self.target(&request).await {
                    Err(refusal) => refusal.answer(),
                    Ok(target) => {
                        let upgrade = hyper::upgrade::on(&mut request);
                        *taken_over.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, target));
                        Answer::default()
                    }
                })
            }
        });
        let connection = builder(terms.1).serve_connection(TokioIo::new(stream), service).with_upgrades();
        tokio::select! {
            // Errors here are the client's.
            _ = connection => {}
            () = stopped => return,
        }
        if let Some((upgrade, target)) = taken_over.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.take_over(upgrade, target, terms, under_way).await;
        }
    }

    async fn take_over(&self, upgrade: OnUpgrade, target: Target, terms: Terms, under_way: Watcher) {
        let (hosts, deadlines, exchange) = terms;
        let Some(Ok(stream)) = within(HANDSHAKE_WAIT_MAX, upgrade).await else { return };
        let stream = TokioIo::new(stream);
        match target {
            Target::Here(service) => {
                if let Some(Some(stream)) = within(HANDSHAKE_WAIT_MAX, self.tls.accept(stream)).await {
                    let service = CheckedService::new(service, hosts, Scheme::Https);
                    converse(stream, service, deadlines, exchange, under_way).await;
                }
            }
            Target::There(other, slot) => {
                // At shutdown, only this server's own answers are waited for.
                drop(under_way);
                carry(stream, other).await;
                drop(slot);
            }
        }
    }

    async fn target(&self, request: &Request<Incoming>) -> Result<Target, Refusal> {
        if request.method() != Method::CONNECT {
            return Err(self.only_connect());
        }
        let authority = request.uri().authority().ok_or_else(no_authority)?;
        let port = authority.port_u16().ok_or_else(no_authority)?;
        if authority.as_str().contains('@') {
            return Err(no_authority());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        match self.hosts.iter().find(|(name, _)| *name == host) {
            Some((_, service)) if port == HTTPS_PORT => Ok(Target::Here(service.clone())),
            Some((name, _)) => Err(Refusal {
                status: StatusCode::FORBIDDEN,
                phrase: "only port 443 of this host is intercepted",
                text: format!("Reveille answers for {name} on port {HTTPS_PORT} only, and port {port} was asked for."),
            }),
            None => self.other(&host, port).await,
        }
    }

    async fn other(&self, host: &str, port: u16) -> Result<Target, Refusal> {
        match self.others {
            Others::Refuse => Err(Refusal {
                status: StatusCode::FORBIDDEN,
                phrase: "this host is not intercepted (NO_PROXY or --intercept-others tunnel)",
                text: format!(
                    "Reveille answers for {}, and refuses every other host, so that a test reaches nothing by mistake. To reach \
                     this one, put it into NO_PROXY, or start Reveille with --intercept-others tunnel.",
                    self.names()
                ),
            }),
            Others::Tunnel if host.parse::<IpAddr>().is_ok() => Err(Refusal {
                status: StatusCode::FORBIDDEN,
                phrase: "name the host: an address could be an intercepted one",
                text:
                    "Reveille lets other hosts through by their names only: an address could be one of those that it \
                       answers for. To reach it, put it into NO_PROXY."
                        .to_owned(),
            }),
            Others::Tunnel => {
                let slot = Arc::clone(&self.tunnels).try_acquire_owned().map_err(|_| Refusal {
                    status: StatusCode::SERVICE_UNAVAILABLE,
                    phrase: "too many tunnels",
                    text: format!("Reveille lets {TUNNELS_MAX} connections to other hosts through at once: put this host into NO_PROXY."),
                })?;
                let stream = reach(host, port).await.map_err(|error| Refusal {
                    status: StatusCode::BAD_GATEWAY,
                    phrase: "this host cannot be reached",
                    text: format!(
                        "Reveille cannot reach this host: {error}. To go past Reveille, put it into NO_PROXY."
                    ),
                })?;
                Ok(Target::There(stream, slot))
            }
        }
    }

    fn only_connect(&self) -> Refusal {
        Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            phrase: "this is a proxy for HTTPS: only CONNECT",
            text: format!(
                "This is Reveille's proxy for HTTPS, which takes only CONNECT: set HTTPS_PROXY to it and not HTTP_PROXY, and ask \
                 for https:// addresses of {}. Graph itself is where the server says `Graph at`.",
                self.names()
            ),
        }
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.hosts.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

fn no_authority() -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        phrase: "CONNECT names no host and port",
        text: "CONNECT names a host and a port, such as graph.microsoft.com:443.".to_owned(),
    }
}

impl Refusal {
    fn answer(self) -> Answer {
        let mut response = Answer::new(Full::from(self.text + "\n"));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(ReasonPhrase::from_static(self.phrase.as_bytes()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        // Whatever follows on this connection, including a body meant for another host, must not be read as a request.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("CONNECT"));
        }
        response
    }
}
