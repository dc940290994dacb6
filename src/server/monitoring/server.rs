//! Serves `/metrics` over HTTP on its own thread: a scrape is answered while all threads of the engine are busy.
//! Answers `GET` and `HEAD` with the metrics and the runbook, and keeps nothing.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::negotiation::{MetricsFormat, takes_gzip};
use super::refusal::{busy, unadmitted};
use super::runbook;
use crate::clock::Stopwatch;
use crate::metrics::{Board, RouteLabel, Status};
use crate::server::http::{Budgets, HostNames, ListenError, ListenerOptions, ListenerUse, Server, WebAccess, hold};
use crate::server::identity::Peer;

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
    #[error("metrics: {0}")]
    Listen(#[from] ListenError),
    /// The system starts no thread or no runtime.
    #[error("cannot start serving metrics: {0}")]
    Start(#[from] io::Error),
}

/// A server of `/metrics`; it stops when it is dropped.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    origin: String,
    stop: Option<DropGuard>,
    thread: Option<JoinHandle<()>>,
}

impl MetricsServer {
    /// Listens on `address`, with this TLS and these passwords; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn start(
        board: Arc<Board>,
        address: SocketAddr,
        (hosts, budgets): (HostNames, Arc<Budgets>),
        access: WebAccess,
    ) -> Result<Self, ServeError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let options = ListenerOptions {
            used_for: ListenerUse::Metrics,
            tls: access.tls().cloned(),
            hosts,
            budgets: Arc::clone(&budgets),
        };
        let router = Router::new().fallback(handle).with_state(MetricsService { board, budgets, access });
        // The listener belongs to the runtime of that thread, though this one opens it.
        let server = {
            let _of_thread = runtime.enter();
            Server::start(router, address, &options)?
        };
        let (address, origin) = (server.address(), server.origin());
        let serve = move || {
            runtime.block_on(stopped.cancelled());
            drop(server);
        };
        let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(serve)?;
        Ok(Self { address, origin, stop: Some(stop.drop_guard()), thread: Some(thread) })
    }

    /// The address it listens on, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its scheme and its address, as a URL begins.
    pub fn origin(&self) -> &str {
        &self.origin
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

/// What every request needs.
#[derive(Clone, Debug)]
struct MetricsService {
    board: Arc<Board>,
    budgets: Arc<Budgets>,
    access: WebAccess,
}

/// Answers and counts a request; a scrape shows the scrapes before it.
async fn handle(State(service): State<MetricsService>, request: Request) -> Response {
    let watch = Stopwatch::start();
    let route = RouteLabel::of(request.uri().path());
    let peer = request.extensions().get::<Peer>().copied();
    // Every path, as in Prometheus: the runbook says what this server is.
    let (status, response) = match service.access.basic_auth().admit(peer, request.headers()).await {
        Ok(()) => answer(&request, route, &service.board),
        Err(why) => unadmitted(why),
    };
    let (status, response) = match hold(response, &service.budgets.metrics_answers) {
        Ok(response) => (status, response),
        Err(_) => busy("too many answers are not read: try again in one second\n"),
    };
    let us = watch.us();
    service.board.answered(route, status, us);
    tracing::trace!(route = route.name(), status = status.name(), us, "answered");
    response
}

fn answer(request: &Request, route: RouteLabel, board: &Board) -> (Status, Response) {
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

fn plain(text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, PLAIN_TEXT);
    response
}

/// The metrics, in the requested format and encoding.
fn page(headers: &HeaderMap, board: &Board) -> Response {
    let (kind, text) = match MetricsFormat::of(headers) {
        MetricsFormat::Prometheus => (TEXT_FORMAT, board.render()),
        MetricsFormat::OpenMetrics => (OPEN_METRICS, board.render_open_metrics()),
    };
    let is_packed = takes_gzip(headers);
    let mut response = Response::new(Body::from(if is_packed { gzip(text.as_bytes()) } else { text.into_bytes() }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
    use crate::rules::model::baseline_limits::BaselineLimits;
    use crate::rules::model::world::World;
    use crate::rules::service::journey::{Form, Journey, WaitCause};
    use crate::server::http::BudgetLimits;
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
            phones_by_hand: crate::rules::model::phone_by_hand::PhonesByHand::default(),
            expectations: Vec::new(),
            windows: Vec::new(),
            baseline: BaselineLimits::default(),
            listed_max: 0,
            live: Live {
                speed: ModelSpeed::Max,
                resident_actors_max: 2,
                shards: 0,
                lag_p99_max_ms: None,
                metrics_listen: "127.0.0.1:0".to_owned(),
            },
            assumptions: Vec::new(),
            cautions: Vec::new(),
        }
    }

    fn serve(board: Board) -> MetricsServer {
        let budgets = Arc::new(Budgets::new(BudgetLimits::default(), Some(&board)));
        let address = ([127, 0, 0, 1], 0).into();
        MetricsServer::start(Arc::new(board), address, (HostNames::default(), budgets), WebAccess::default())
            .expect("a port is free")
    }

    fn get(address: SocketAddr, path: &str) -> String {
        String::from_utf8(get_as(address, path, "")).expect("it answers in UTF-8")
    }

    /// With more headers, each a whole line.
    fn get_as(address: SocketAddr, path: &str, headers: &str) -> Vec<u8> {
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
            .expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        answer
    }

    #[test]
    fn serves_every_metric_from_the_start_and_what_was_added() {
        let world = world();
        let meters = Arc::new(Meters::new(&world, 100));
        let mut board = Board::of_run(Arc::clone(&meters));
        // A server that has a store shows its figures, too.
        board.store();
        let server = serve(board);
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
        let server = serve(board);
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
            serve(board)
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
