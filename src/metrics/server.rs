//! Serves `/metrics` over HTTP, on a thread of its own: a scrape is answered while the engine's threads are all at work.
//! Answers `GET` and `HEAD`, knows two paths, and keeps nothing.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

use super::meters::Meters;

/// Connections at once; scrapers are few, and one more waits.
const CONNECTIONS_MAX: usize = 32;
/// How long a client may take to send its request's head, so that an idle one does not hold a connection for ever.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(10);
/// Prometheus's text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("cannot listen for metrics on {address}: {reason}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
    /// The system gives no thread or no runtime.
    #[error("cannot start serving metrics: {0}")]
    Start(#[from] io::Error),
}

/// A server of `/metrics`; it stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn start(meters: Arc<Meters>, address: SocketAddr) -> Result<Self, ServeError> {
        let listener = TcpListener::bind(address).map_err(|reason| ServeError::Listen { address, reason })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, meters) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(serve)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens, the port included.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported already, and must not become one here.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, meters: Arc<Meters>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the runtime has its I/O driver");
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        // A connection that broke before it was taken is no reason to stop; too many open files pass.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let meters = Arc::clone(&meters);
        tokio::spawn(async move {
            converse(stream, meters).await;
            drop(slot);
        });
    }
}

async fn converse(stream: TcpStream, meters: Arc<Meters>) {
    let service = service_fn(move |request| {
        let answer = answer(&request, &meters);
        async move { Ok::<_, Infallible>(answer) }
    });
    // What goes wrong here is the client's: it hung up, or does not speak HTTP.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(request: &Request<Incoming>, meters: &Meters) -> Response<Full<Bytes>> {
    let plain = |status: StatusCode, text: &'static str| {
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/metrics" => {
            let mut response = Response::new(Full::from(meters.render()));
            response.headers_mut().insert(CONTENT_TYPE, TEXT_FORMAT);
            response
        }
        "/" => plain(StatusCode::OK, "Reveille: metrics are at /metrics\n"),
        _ => plain(StatusCode::NOT_FOUND, "metrics are at /metrics\n"),
    }
}
