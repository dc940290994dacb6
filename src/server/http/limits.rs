//! The limits of every listener: connections, heads, waits, and what all requests together may use. Must contain
//! constants only.

use std::time::Duration;

/// How long a client may take to send a request's head, and how long it may stay silent between two requests.
pub(super) const HEAD_WAIT_MAX: Duration = Duration::from_mins(1);
/// The same where clients are few and every connection counts: the metrics.
pub(super) const SCRAPE_HEAD_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
pub(super) const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a client may take none of an answer, before its connection ends: longer than the retransmissions of a bad
/// network, shorter than a person waits.
pub(super) const WRITE_WAIT_MAX: Duration = Duration::from_secs(30);
/// The same for metrics: the next scrape comes before that.
pub(super) const SCRAPE_WRITE_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long the transfer of an answer may take that never stops for long: a page of a megabyte at 2 kB a second.
pub(super) const WRITE_WHOLE_MAX: Duration = Duration::from_mins(10);
/// The same for metrics.
pub(super) const SCRAPE_WRITE_WHOLE_MAX: Duration = Duration::from_mins(1);
/// How long an answer is still worked on after its client has closed its sending half. A client that has gone looks the
/// same; one that waits for the answer gets what is ready by then.
pub(super) const HALF_CLOSE_WAIT_MAX: Duration = Duration::from_secs(1);
/// Bytes that are read while an answer is worked on, to see whether the client is still there: more than a client sends without
/// waiting for the answer, except to pipeline requests. Beyond that it is not looked for.
pub(super) const READ_AHEAD_BYTES_MAX: usize = 4 << 10;
/// Requests of a connection: then it is closed in order, so that no connection lasts for ever under load.
pub(super) const REQUESTS_MAX: u32 = 100_000;
/// Bytes of a request's head; a token and a filter fit into a quarter of it.
pub(super) const HEAD_BYTES_MAX: usize = 64 << 10;
/// Headers of a request, at most.
pub(super) const HEADERS_MAX: usize = 100;
/// How long answers under way may take when the server stops. The rest of a second is left for the program to end.
pub(super) const STOP_WAIT_MAX: Duration = Duration::from_millis(400);
/// How much of an unused body is read, in bytes, and how long it may take to arrive.
pub(super) const REST_BYTES_MAX: usize = 1 << 16;
pub(super) const REST_WAIT_MAX: Duration = Duration::from_secs(1);
/// Tunnels to other hosts at once: enough for a test's own downloads, not for a network's traffic.
pub(super) const TUNNELS_MAX: usize = 64;
/// How long connecting to another host may take.
pub(super) const REACH_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a tunnel to another host lasts at most.
pub(super) const TUNNEL_WAIT_MAX: Duration = Duration::from_mins(10);
/// The pause after the system gave no connection, such as for want of file descriptors: some are free again soon.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections to the listeners of the Graph API at once, with 20 kB each 330 MB.
pub(super) const GRAPH_CONNECTIONS_MAX: u64 = 16_384;
/// Connections to the control API: tests and operators.
pub(super) const CONTROL_CONNECTIONS_MAX: u64 = 1_024;
/// Connections to the metrics: scrapers are few.
pub(super) const METRICS_CONNECTIONS_MAX: u64 = 64;
/// The share of a listener's connections that one address may have, in quarters: the rest is for all others.
pub(super) const PEER_QUARTERS: u64 = 3;
/// File descriptors that are neither connections of the Graph API nor a reserve: files, threads' own, tunnels.
pub(super) const OTHER_DESCRIPTORS: u64 = 192;
/// Bytes of requests for tokens under way: 1,024 of the largest, with their connections some 50 MB, or 28,000 usual ones.
/// They come without a token, so they have a budget of their own, and a small one.
pub(super) const TOKEN_BODY_BYTES_MAX: u64 = 8 << 20;
/// Bytes of other bodies of the Graph API under way: 64 of the largest, or 100,000 usual ones.
pub(super) const GRAPH_BODY_BYTES_MAX: u64 = 64 << 20;
/// Bytes of bodies of the control API under way: the largest state, as received and as decoded.
pub(super) const CONTROL_BODY_BYTES_MAX: u64 = 512 << 20;
/// Bytes of answers of the Graph API that are not sent yet: some 20 of the largest pages, beside what the system's own
/// buffers hold. Making and refusing pages takes more for a moment: 40 MB in all were measured in an attack.
pub(super) const GRAPH_ANSWER_BYTES_MAX: u64 = 32 << 20;
/// Bytes of answers of the control API that are not sent yet: the largest state.
pub(super) const CONTROL_ANSWER_BYTES_MAX: u64 = 512 << 20;
/// Bytes of answers of the metrics that are not sent yet: some 100 pages.
pub(super) const METRICS_ANSWER_BYTES_MAX: u64 = 16 << 20;
/// An answer of no more bytes is outside of the budgets, so that a refusal is always possible; connections bound them.
pub(super) const SMALL_ANSWER_BYTES: u64 = 4 << 10;
/// Work that waits for a thread: some seconds of lists of a usual tenant.
pub(super) const QUEUED_TASKS_MAX: u64 = 2_048;
/// Requests that wait for a message to settle.
pub(super) const WAITING_REQUESTS_MAX: u64 = 512;
/// Streams of events, and pages of the console that are followed.
pub(super) const EVENT_STREAMS_MAX: u64 = 512;
/// Passwords of a web configuration that are compared or wait for it: each takes a tenth of a second, and clients that
/// were right before do not wait.
pub(super) const QUEUED_PASSWORDS_MAX: u64 = 16;
