//! The baseline: an axum handler that reads a notification from its body and answers 204, or sends as many bytes as its
//! path says, behind the same listener.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    notification_title: String,
    notification_body: String,
}

/// Listens until the runtime ends.
pub(crate) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let service = Router::new().fallback(answer);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("it listens");
            stream.set_nodelay(true).expect("it is a socket");
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn answer(request: Request) -> Response {
    if let Some(bytes) = request.uri().path().strip_prefix('/').and_then(|bytes| bytes.parse().ok()) {
        return Response::new(Body::from(vec![b' '; bytes]));
    }
    let bytes = to_bytes(request.into_body(), 1 << 20).await.expect("the body arrives");
    let read: Notification = serde_json::from_slice(&bytes).expect("it is a notification");
    assert!(!read.notification_title.is_empty() && !read.notification_body.is_empty());
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
