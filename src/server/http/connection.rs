//! One connection of HTTP/1.1 within the limits, from its first byte to its last. Must not know any route.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};

use super::limits::{HEAD_BYTES_MAX, HEAD_WAIT_MAX, HEADERS_MAX};

/// The settings of HTTP/1.1 connections, within the limits.
pub(super) fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // A client that closes its sending half after a request still waits for the answer.
        .half_close(true)
        .header_read_timeout(HEAD_WAIT_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    builder
}

/// Answers the requests of a connection until it ends, or until the answer under way is out when the server stops.
pub(super) async fn converse<S>(stream: S, service: Router, under_way: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = builder().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // Errors here are the client's: it hung up, or does not speak HTTP.
    let _ = under_way.watch(connection).await;
}
