//! One connection of HTTP/1.1 within the limits, from its first byte to its last. Must not know any route.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{HeaderMap, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};

use super::deadlines::Deadlines;
use super::exchange::{AnswerStream, Exchange, RequestBody};
use super::host_names::{HostNameError, HostNames, is_of_this_machine};
use super::limits::{HEAD_BYTES_MAX, HEADERS_MAX, REQUESTS_MAX};
use super::origin::Scheme;

/// Browsers take an answer for what its type says, and not for what it looks like.
const NOSNIFF: (HeaderName, HeaderValue) = (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
/// Browsers use TLS only for this host, for a year, as Graph says it.
const TLS_ONLY: (HeaderName, HeaderValue) = (STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A service, and what holds for every request to it.
#[derive(Clone, Debug)]
pub(super) struct Service {
    router: TowerToHyperService<Router>,
    hosts: HostNames,
    scheme: Scheme,
}

impl Service {
    pub(super) fn new(router: Router, hosts: HostNames, scheme: Scheme) -> Self {
        Self { router: TowerToHyperService::new(router), hosts, scheme }
    }

    /// Answers one request of a connection.
    async fn answer(&self, request: Request<Incoming>, exchange: Exchange) -> Response {
        let is_last = exchange.begin(request.body().is_end_stream()) >= REQUESTS_MAX;
        let needs_tls = matches!(self.scheme, Scheme::Https) && !is_of_this_machine(&request);
        let mut response = match self.hosts.check(&request) {
            Err(error) => misdirected(&error),
            Ok(()) => {
                let body = exchange.clone();
                let request = request.map(|incoming| Body::new(RequestBody { body: incoming, exchange: body }));
                self.router.call(request).await.unwrap_or_else(|never: Infallible| match never {})
            }
        };
        let headers = response.headers_mut();
        add(headers, NOSNIFF);
        if needs_tls {
            add(headers, TLS_ONLY);
        }
        if is_last {
            headers.insert(CONNECTION, CLOSE);
        }
        response.map(|body| Body::new(AnswerStream { body, exchange }))
    }
}

fn add(headers: &mut HeaderMap, (name, value): (HeaderName, HeaderValue)) {
    headers.entry(name).or_insert(value);
}

/// The answer to a request for another host. Nothing more is read of the connection.
fn misdirected(error: &HostNameError) -> Response {
    let mut response = Response::new(Body::from(format!("{error}\n")));
    *response.status_mut() = error.status();
    response.headers_mut().insert(CONTENT_TYPE, PLAIN_TEXT);
    response.headers_mut().insert(CONNECTION, CLOSE);
    response
}

/// The settings of HTTP/1.1 connections, within the limits.
pub(super) fn builder(deadlines: Deadlines) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // The socket tells the end of a client that still waits for an answer a little later.
        .half_close(false)
        .header_read_timeout(deadlines.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
}

/// Answers the requests of a connection until it ends, or until the answer under way is out when the server stops.
pub(super) async fn converse<S>(
    stream: S,
    service: Service,
    deadlines: Deadlines,
    exchange: Exchange,
    under_way: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let (service, exchange) = (service.clone(), exchange.clone());
        async move { Ok::<_, Infallible>(service.answer(request, exchange).await) }
    });
    let connection = builder(deadlines).serve_connection(TokioIo::new(stream), service);
    // Errors here are the client's: it hung up, does not read, or does not speak HTTP.
    let _ = under_way.watch(connection).await;
}
