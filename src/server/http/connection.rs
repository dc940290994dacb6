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
use crate::server::identity::ClientSubject;

/// Browsers take an answer for what its type says, and not for what it looks like.
const NOSNIFF: (HeaderName, HeaderValue) = (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
/// Browsers use TLS only for this host, for a year, as Graph says it.
const TLS_ONLY: (HeaderName, HeaderValue) = (STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// An answer whose end its connection sees.
type TrackedResponse = hyper::Response<AnswerStream<Body>>;

/// A service, and what holds for every request to it.
#[derive(Clone, Debug)]
pub(super) struct CheckedService {
    router: TowerToHyperService<Router>,
    hosts: HostNames,
    scheme: Scheme,
    /// The certificate of the connection's client, if it gave one.
    client: Option<ClientSubject>,
}

impl CheckedService {
    pub(super) fn new(router: Router, hosts: HostNames, scheme: Scheme) -> Self {
        Self { router: TowerToHyperService::new(router), hosts, scheme, client: None }
    }

    /// The same for a client with this certificate.
    pub(super) fn for_client(self, client: Option<ClientSubject>) -> Self {
        Self { client, ..self }
    }

    /// Answers one request of a connection.
    async fn answer(&self, request: Request<Incoming>, exchange: Exchange, is_last: bool) -> TrackedResponse {
        let needs_tls = matches!(self.scheme, Scheme::Https) && !is_of_this_machine(&request);
        let mut response = match self.hosts.check(&request) {
            Err(error) => misdirected(&error),
            Ok(()) => {
                let body = exchange.clone();
                let peer = exchange.peer();
                let mut request = request.map(|incoming| Body::new(RequestBody { body: incoming, exchange: body }));
                if let Some(peer) = peer {
                    request.extensions_mut().insert(peer);
                }
                if let Some(client) = self.client.clone() {
                    request.extensions_mut().insert(client);
                }
                self.router.call(request).await.unwrap_or_else(|never: Infallible| match never {})
            }
        };
        // The rest of the body is not read, so the connection ends, and a client must not send its next request there.
        let is_last = is_last || exchange.is_reading();
        let headers = response.headers_mut();
        add(headers, NOSNIFF);
        if needs_tls {
            add(headers, TLS_ONLY);
        }
        if is_last {
            headers.insert(CONNECTION, CLOSE);
        }
        response.map(|body| AnswerStream { body, exchange })
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
        // The socket ends when a client goes while its answer is worked on.
        .half_close(true)
        .header_read_timeout(deadlines.head)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
}

/// Answers the requests of a connection until it ends, or until the answer under way is out when the server stops.
pub(super) async fn converse<S>(
    stream: S,
    service: CheckedService,
    deadlines: Deadlines,
    exchange: Exchange,
    under_way: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (service, exchange) = (service.clone(), exchange.clone());
        // Now and not when the future is polled: the end of the client's half may be read before that.
        let is_last = exchange.begin(request.body().is_end_stream()) >= REQUESTS_MAX;
        // A connection has room for the future of a request all its life: boxed, an idle one has room for a pointer.
        Box::pin(async move { Ok::<_, Infallible>(service.answer(request, exchange, is_last).await) })
    });
    let connection = builder(deadlines).serve_connection(TokioIo::new(stream), service);
    // Errors here are the client's: it hung up, does not read, or does not speak HTTP.
    let _ = under_way.watch(connection).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use hyper_util::server::graceful::GracefulShutdown;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::sync::mpsc::unbounded_channel;
    use tokio::task::JoinHandle;

    use crate::server::http::timed_stream::TimedStream;

    /// A connection to a router; the task ends with it, or when the last value is dropped.
    fn connect(router: Router, scheme: Scheme) -> (DuplexStream, JoinHandle<()>, GracefulShutdown) {
        let (near, far) = duplex(1 << 16);
        let exchange = Exchange::default();
        let stream = TimedStream::new(near, Deadlines::of_api(), exchange.clone());
        let service = CheckedService::new(router, HostNames::any(), scheme);
        let running = GracefulShutdown::new();
        let watcher = running.watcher();
        (far, tokio::spawn(converse(stream, service, Deadlines::of_api(), exchange, watcher)), running)
    }

    async fn answer(scheme: Scheme, host: &str) -> String {
        let (mut client, _task, _running) = connect(Router::new().route("/", get(|| async { "text" })), scheme);
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.expect("it is open");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("it is UTF-8");
        answer
    }

    #[tokio::test]
    async fn browsers_are_told_to_use_tls_except_for_this_machine() {
        let rule = "strict-transport-security: max-age=31536000\r\n";
        assert!(answer(Scheme::Https, "graph.microsoft.com").await.contains(rule));
        for (scheme, host) in [
            (Scheme::Http, "graph.microsoft.com"),
            (Scheme::Https, "localhost:8443"),
            (Scheme::Https, "app.localhost"),
            (Scheme::Https, "127.0.0.1"),
            (Scheme::Https, "[::1]:8443"),
        ] {
            let answer = answer(scheme, host).await;
            assert!(
                !answer.contains(rule) && answer.contains("x-content-type-options: nosniff\r\n"),
                "{host}: {answer}"
            );
        }
    }

    #[tokio::test]
    async fn a_handler_ends_when_its_client_goes_and_not_when_it_only_says_no_more() {
        let (ended, mut has_ended) = unbounded_channel::<()>();
        let endless = move || {
            // The sender is dropped with the handler.
            let ended = ended.clone();
            async move {
                let () = std::future::pending().await;
                drop(ended);
            }
        };
        let router = Router::new().route("/endless", get(endless)).route("/", get(|| async { "text" }));
        let (mut client, task, _running) = connect(router.clone(), Scheme::Http);
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is open");
        client.shutdown().await.expect("it is open");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("it is UTF-8");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("text"), "{answer}");
        task.await.expect("it does not panic");
        let (mut client, task, _running) = connect(router, Scheme::Http);
        client.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is open");
        drop(client);
        task.await.expect("it does not panic");
        assert!(has_ended.recv().await.is_none(), "the handler is dropped");
    }
}
