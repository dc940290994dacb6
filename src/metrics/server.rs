//! Serves `/metrics` over HTTP on its own thread: a scrape is answered while all threads of the engine are busy.
//! Answers `GET` and `HEAD` with the metrics and the runbook, and keeps nothing.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::board::Board;
use super::negotiation::{MetricsFormat, takes_gzip};
use super::request::{RouteLabel, Status};
use super::{openmetrics, runbook};

/// Connections at once; scrapers are few, and one more client waits.
const CONNECTIONS_MAX: usize = 32;
/// How long a client may take to send its request's head, so that an idle one does not hold a connection for ever.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(10);
/// Prometheus's text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
/// The `OpenMetrics` 1.0 format.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// The type of every other answer.
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not local.
    #[error("cannot listen for metrics on {address}: {reason}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The system's error.
        reason: io::Error,
    },
    /// The system starts no thread or no runtime.
    #[error("cannot start serving metrics: {0}")]
    Start(#[from] io::Error),
}

/// A server of `/metrics`; it stops when it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    stop: Option<DropGuard>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens on `address`; port 0 takes a free one. `now_us` is wall time in µs since any moment: this module has no
    /// clock.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn start(
        board: Arc<Board>,
        address: SocketAddr,
        now_us: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, ServeError> {
        let listener = TcpListener::bind(address).map_err(|reason| ServeError::Listen { address, reason })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let service = Arc::new(MetricsService { board, now_us });
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, service) => {}
                    () = stopped.cancelled() => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(serve)?;
        Ok(Self { address, stop: Some(stop.drop_guard()), thread: Some(thread) })
    }

    /// The address it listens on, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been reported already and must not become a panic here.
            let _ = thread.join();
        }
    }
}

/// What every connection needs.
struct MetricsService<Now> {
    board: Arc<Board>,
    now_us: Now,
}

async fn accept<Now: Fn() -> u64 + Send + Sync + 'static>(listener: TcpListener, service: Arc<MetricsService<Now>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the runtime has its I/O driver");
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        // A connection that broke before it was accepted is no reason to stop; too many open files is a passing state.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            converse(stream, service).await;
            drop(slot);
        });
    }
}

async fn converse<Now: Fn() -> u64 + Send + Sync>(stream: TcpStream, service: Arc<MetricsService<Now>>) {
    let service = service_fn(move |request| {
        let answer = service.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    // Errors here are the client's: it closed the connection, or does not speak HTTP.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl<Now: Fn() -> u64> MetricsService<Now> {
    /// Answers and counts a request; a scrape shows the scrapes before it.
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let begun = (self.now_us)();
        let route = RouteLabel::of(request.uri().path());
        let (status, response) = answer(request, route, &self.board);
        let us = (self.now_us)().saturating_sub(begun);
        self.board.answered(route, status, us);
        tracing::trace!(route = route.name(), status = status.name(), us, "answered");
        response
    }
}

fn answer<Body>(request: &Request<Body>, route: RouteLabel, board: &Board) -> (Status, Response<Full<Bytes>>) {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, mut response) = match (is_read, route) {
        (false, _) => (Status::MethodNotAllowed, plain("only GET and HEAD\n")),
        (true, RouteLabel::Metrics) => (Status::Ok, page(request.headers(), board)),
        (true, RouteLabel::Root) => {
            (Status::Ok, plain("Reveille: metrics are at /metrics, and what to do about alerts at /runbook\n"))
        }
        (true, _) => match runbook::at(request.uri().path()) {
            Some(text) => (Status::Ok, plain(text)),
            None => (Status::NotFound, plain("metrics are at /metrics\n")),
        },
    };
    *response.status_mut() = code(status);
    if status == Status::MethodNotAllowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    (status, response)
}

fn plain(text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    response.headers_mut().insert(CONTENT_TYPE, PLAIN_TEXT);
    response
}

/// The metrics, in the requested format and encoding.
fn page(headers: &HeaderMap, board: &Board) -> Response<Full<Bytes>> {
    let text = board.render();
    let (kind, text) = match MetricsFormat::of(headers) {
        MetricsFormat::Prometheus => (TEXT_FORMAT, text),
        MetricsFormat::OpenMetrics => (OPEN_METRICS, openmetrics::of(&text)),
    };
    let is_packed = takes_gzip(headers);
    let mut response = Response::new(Full::from(if is_packed { gzip(text.as_bytes()) } else { text.into_bytes() }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.append(VARY, ACCEPT.into());
    headers.append(VARY, ACCEPT_ENCODING.into());
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("a vector takes all")
}

const fn code(status: Status) -> StatusCode {
    match status {
        Status::NotFound => StatusCode::NOT_FOUND,
        Status::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::OK,
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;
    use crate::metrics::{Meters, MetricsBatch, Name};
    use crate::rules::base::platform::Platform;
    use crate::rules::base::time::SimTime;
    use crate::rules::model::world::World;
    use crate::rules::service::journey::{Form, Journey, WaitCause};
    use std::io::Read as _;

    /// A world without users, and with two faults.
    fn world() -> World {
        use crate::rules::base::chance::{Chance, Ratio};
        use crate::rules::base::distribution::Dist;
        use crate::rules::base::ids::Key;
        use crate::rules::base::platform::GatewayName;
        use crate::rules::base::time::Zone;
        use crate::rules::faults::fault::{Fault, FaultKind, FaultScope};
        use crate::rules::model::live::{Live, ModelSpeed};
        use crate::rules::population::fleet::{Fleet, FleetPlan};
        use crate::rules::service::gateway::{Gateway, Overflow, Priority, Rates};
        let (chance, horizon) = (Chance::new(7), SimTime(60_000));
        let gateway = |name| Gateway {
            name,
            latency: Dist::Fixed(0),
            loss: Ratio::NEVER,
            retry: Dist::Fixed(0),
            stored: 1,
            overflow: Overflow::Supersede,
            expiry_ms: None,
            priority: Priority::High,
            rates: Rates::new(name, None, &[], horizon).expect("no throttle, one piece"),
        };
        let fault = |name: &str| Fault {
            name: name.to_owned(),
            key: Key::of("fault", name),
            kind: FaultKind::Offline,
            at: SimTime::ZERO,
            lasts_ms: None,
            every_ms: None,
            ramp_ms: 0,
            scope: FaultScope::default(),
            may_touch_nothing: true,
            by_hand: false,
            stopped_at: SimTime::NEVER,
        };
        World {
            name: "empty".to_owned(),
            domain: String::new(),
            scenario_hash: String::new(),
            start_unix_ms: 0,
            zone: Zone::fixed(0),
            horizon,
            profile: crate::rules::base::profile::Profile::Intune2019,
            service: crate::rules::service::readings::Service::default(),
            fleet: Fleet::new(FleetPlan::default(), &chance),
            chance,
            groups: Vec::new(),
            accounts: Vec::new(),
            gateways: std::array::from_fn(|at| gateway(GatewayName::VARIANTS[at])),
            directory_lag: Dist::Fixed(0),
            catch_up_ms: 0,
            changes: Vec::new(),
            sends: Vec::new(),
            faults: vec![fault("one"), fault("a \"second\"")],
            unions: crate::rules::faults::united::Unions::default(),
            expectations: Vec::new(),
            listed_max: 0,
            live: Live {
                speed: ModelSpeed::Max,
                resident_actors_max: 2,
                shards: 0,
                lag_p99_max_ms: None,
                metrics_listen: "127.0.0.1:0".to_owned(),
            },
            assumptions: Vec::new(),
        }
    }

    fn get(address: SocketAddr, path: &str) -> String {
        String::from_utf8(get_as(address, path, "")).expect("it answers in UTF-8")
    }

    /// With more headers, each a whole line.
    fn get_as(address: SocketAddr, path: &str, headers: &str) -> Vec<u8> {
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        answer
    }

    #[test]
    fn serves_every_metric_from_the_start_and_what_was_added() {
        let world = world();
        let meters = Arc::new(Meters::new(&world, 100));
        let server =
            MetricsServer::start(Arc::new(Board::of_run(Arc::clone(&meters))), ([127, 0, 0, 1], 0).into(), || 0)
                .expect("a port is free");
        assert_ne!(server.address().port(), 0);
        let text = get(server.address(), "/metrics");
        assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
        for name in Name::ALL {
            assert!(text.contains(&format!("# TYPE {} {}\n", name.name(), name.kind().name())), "{name:?} in {text}");
            assert!(text.contains(&format!("# HELP {} ", name.name())), "{name:?} in {text}");
        }
        assert!(!cfg!(target_os = "linux") || text.contains("\nprocess_resident_memory_bytes "), "{text}");
        let zero = "reveille_journeys_settled_total{platform=\"ios\",station=\"shown\",cause=\"none\"} 0\n";
        assert!(text.contains(zero), "{text}");
        let mut batch = MetricsBatch::new(&world, 0);
        batch.set_out(1);
        batch.moved(Platform::Ios, SimTime::ZERO, None, Journey::Waiting(WaitCause::InTransit));
        let road = Some(Journey::Waiting(WaitCause::InTransit));
        batch.moved(Platform::Ios, SimTime(1_500), road, Journey::Shown(Form::Banner));
        batch.delivered(Platform::Ios, 1_500);
        meters.add(&batch);
        let text = get(server.address(), "/metrics");
        assert!(text.contains(&zero.replace(" 0\n", " 1\n")), "{text}");
        assert!(text.contains("reveille_delivery_seconds_bucket{platform=\"ios\",le=\"2\"} 1\n"), "{text}");
        assert!(text.contains("reveille_journeys_open{station=\"in_transit\"} 0\n"), "{text}");
        assert!(text.contains("reveille_conservation_error 0\n"), "{text}");
        assert!(text.contains("reveille_http_requests_total{route=\"/metrics\",status=\"200\"} 1\n"), "{text}");
        batch.clear();
        batch.set_out(1);
        meters.add(&batch);
        let text = get(server.address(), "/metrics");
        assert!(text.contains("reveille_conservation_error 1\n"), "a pair that is in no station is missed: {text}");
    }

    #[test]
    fn the_page_has_the_requested_format_and_encoding() {
        let board = Board::of_run(Arc::new(Meters::new(&world(), 2)));
        let server = MetricsServer::start(Arc::new(board), ([127, 0, 0, 1], 0).into(), || 0).expect("a port is free");
        let open = "Accept: application/openmetrics-text; version=1.0.0\r\n";
        let text = String::from_utf8(get_as(server.address(), "/metrics", open)).expect("it answers in UTF-8");
        let (head, page) = text.split_once("\r\n\r\n").expect("an answer has a head");
        assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
        assert!(head.contains("vary: accept") && !head.contains("content-encoding"), "{head}");
        assert!(page.contains("# TYPE reveille_messages_accepted counter\n") && page.ends_with("# EOF\n"), "{page}");
        assert!(page.contains("le=\"60.0\"}") && !page.contains("le=\"60\"}"), "{page}");
        let answer = get_as(server.address(), "/metrics", "Accept-Encoding: br, gzip\r\n");
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer has a head") + 4;
        assert!(String::from_utf8_lossy(&answer[..end]).contains("content-encoding: gzip\r\n"));
        let mut page = String::new();
        flate2::read::GzDecoder::new(&answer[end..]).read_to_string(&mut page).expect("it is gzip");
        assert!(page.contains("reveille_build_info") && !page.contains("# EOF"), "{page}");
        let text = get(server.address(), "/runbook/ReveilleEngineLagging");
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("\r\n\r\nReveilleEngineLagging\n"), "{text}");
        assert!(get(server.address(), "/runbook/Nothing").starts_with("HTTP/1.1 404"));
    }

    #[test]
    fn answers_404_for_other_paths() {
        let server = {
            let board = Board::of_run(Arc::new(Meters::new(&world(), 2)));
            MetricsServer::start(Arc::new(board), ([127, 0, 0, 1], 0).into(), || 0).expect("a port is free")
        };
        assert!(get(server.address(), "/secret").starts_with("HTTP/1.1 404"));
        assert!(get(server.address(), "/secret/2").starts_with("HTTP/1.1 404"));
        let text = get(server.address(), "/metrics");
        assert!(text.contains("reveille_http_requests_total{route=\"other\",status=\"404\"} 2\n"), "{text}");
        assert!(text.contains("reveille_http_request_seconds_count{route=\"other\"} 2\n"), "{text}");
        let address = server.address();
        drop(server);
        assert!(std::net::TcpStream::connect(address).is_err(), "it stops when it is dropped");
    }
}
