//! Requests over HTTP by route and status, and how long they took. Routes and statuses are bounded lists; no label carries an
//! id.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::name::Name;
use super::samples::{Samples, Shared};

/// Upper ends of the buckets of an answer's time, in µs of wall time: 0.1 ms to 10 s.
const SECONDS_BOUNDS_US: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];
/// Statuses that the face answers with; any other is counted as `other`.
const STATUSES: [u16; 13] = [200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 424, 429, 503];

/// What a request was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpRoute {
    /// A list of managed devices.
    ManagedDevices,
    /// One managed device.
    ManagedDevice,
    /// A device shall check in.
    SyncDevice,
    /// A notification to a device.
    SendToDevice,
    /// A notification to groups.
    SendToGroups,
    /// An action on many devices.
    ExecuteAction,
    /// A list of users.
    Users,
    /// One user.
    User,
    /// A list of groups.
    Groups,
    /// One group.
    Group,
    /// Members of a group.
    Members,
    /// Several requests in one.
    Batch,
    /// A token.
    Token,
    /// The discovery document or the key set.
    Discovery,
    /// Anything else, and what was refused before it was known.
    Unknown,
}

impl HttpRoute {
    /// Every route.
    pub const ALL: [Self; 15] = [
        Self::ManagedDevices,
        Self::ManagedDevice,
        Self::SyncDevice,
        Self::SendToDevice,
        Self::SendToGroups,
        Self::ExecuteAction,
        Self::Users,
        Self::User,
        Self::Groups,
        Self::Group,
        Self::Members,
        Self::Batch,
        Self::Token,
        Self::Discovery,
        Self::Unknown,
    ];

    /// The word in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ManagedDevices => "managed_devices",
            Self::ManagedDevice => "managed_device",
            Self::SyncDevice => "sync_device",
            Self::SendToDevice => "send_to_device",
            Self::SendToGroups => "send_to_groups",
            Self::ExecuteAction => "execute_action",
            Self::Users => "users",
            Self::User => "user",
            Self::Groups => "groups",
            Self::Group => "group",
            Self::Members => "members",
            Self::Batch => "batch",
            Self::Token => "token",
            Self::Discovery => "discovery",
            Self::Unknown => "unknown",
        }
    }
}

/// The counts of one face.
#[derive(Debug)]
pub(super) struct Http {
    /// By route, then by status, the last for any other.
    requests: Vec<[AtomicU64; STATUSES.len() + 1]>,
    seconds: Vec<Shared>,
}

impl Http {
    pub(super) fn new() -> Self {
        Self {
            requests: HttpRoute::ALL.map(|_| Default::default()).into(),
            seconds: HttpRoute::ALL.map(|_| Shared::new(SECONDS_BOUNDS_US, 1_000_000)).into(),
        }
    }

    pub(super) fn answered(&self, route: HttpRoute, status: u16, took_us: u64) {
        let place = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len());
        self.requests[route as usize][place].fetch_add(1, Relaxed);
        let mut samples = Samples::new(SECONDS_BOUNDS_US);
        samples.record(took_us);
        self.seconds[route as usize].add(&samples);
    }

    pub(super) fn render(&self, out: &mut String) {
        let (name, help) = (Name::HttpRequests.name(), Name::HttpRequests.help());
        write!(out, "# HELP {name} {help}\n# TYPE {name} counter\n").expect("a string takes all");
        for (route, counts) in HttpRoute::ALL.iter().zip(&self.requests) {
            for (place, count) in counts.iter().enumerate() {
                let status = STATUSES.get(place).map_or_else(|| "other".to_owned(), ToString::to_string);
                let (route, count) = (route.name(), count.load(Relaxed));
                writeln!(out, "{name}{{route=\"{route}\",status=\"{status}\"}} {count}").expect("a string takes all");
            }
        }
        let (name, help) = (Name::HttpSeconds.name(), Name::HttpSeconds.help());
        write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n").expect("a string takes all");
        for (route, seconds) in HttpRoute::ALL.iter().zip(&self.seconds) {
            seconds.render(out, name, &format!("route=\"{}\"", route.name()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_under_its_route_and_status() {
        let http = Http::new();
        http.answered(HttpRoute::SendToDevice, 204, 900);
        http.answered(HttpRoute::SendToDevice, 418, 900);
        let mut out = String::new();
        http.render(&mut out);
        for line in [
            "reveille_http_requests_total{route=\"send_to_device\",status=\"204\"} 1\n",
            "reveille_http_requests_total{route=\"send_to_device\",status=\"other\"} 1\n",
            "reveille_http_requests_total{route=\"batch\",status=\"200\"} 0\n",
            "reveille_http_request_seconds_bucket{route=\"send_to_device\",le=\"0.0005\"} 0\n",
            "reveille_http_request_seconds_bucket{route=\"send_to_device\",le=\"0.001\"} 2\n",
        ] {
            assert!(out.contains(line), "{line} in {out}");
        }
    }
}
