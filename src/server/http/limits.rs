//! The limits of every listener: connections, heads, waits. Must contain constants only.

use std::time::Duration;

/// Connections at once; further ones wait.
pub(super) const CONNECTIONS_MAX: usize = 16_384;
/// How long a client may take to send a request's head, and how long it may stay silent between two requests.
pub(super) const HEAD_WAIT_MAX: Duration = Duration::from_mins(1);
/// How long a TLS handshake may take.
pub(super) const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
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
