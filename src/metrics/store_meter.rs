//! The figures of a server's store: commits, what they took, and what waits. Must not decide anything.

use std::fmt::Write as _;
use std::sync::Arc;

use metrics::Gauge;

use super::name::Name;
use super::register::Register;
use super::samples::SharedSamples;

/// Upper ends of the buckets of a commit's time, in µs of wall time: 50 µs to 10 s.
const COMMIT_BOUNDS_US: &[u64] = &[
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];
/// Upper ends of the buckets of a commit's inputs: powers of two.
const BATCH_BOUNDS: &[u64] = &[0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048];

/// The figures of a store; clones are the same.
#[derive(Clone)]
pub struct StoreMeter(Arc<Figures>);

struct Figures {
    commit: SharedSamples,
    batch: SharedSamples,
    bytes: Gauge,
    waiting: Gauge,
    recovered: Gauge,
    up: Gauge,
}

impl std::fmt::Debug for StoreMeter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("StoreMeter")
    }
}

#[expect(clippy::cast_precision_loss, reason = "exported figures; nothing is decided by them")]
impl StoreMeter {
    pub(super) fn new(make: &Register) -> Self {
        let gauge = |name| make.gauge(name, &[]);
        let up = gauge(Name::StoreUp);
        up.set(1);
        Self(Arc::new(Figures {
            commit: SharedSamples::new(COMMIT_BOUNDS_US, 1_000_000),
            batch: SharedSamples::new(BATCH_BOUNDS, 1),
            bytes: gauge(Name::StoreBytes),
            waiting: gauge(Name::StoreWaitingInputs),
            recovered: gauge(Name::StoreRecoveredInputs),
            up,
        }))
    }

    /// A commit has put so many inputs on disk, after so many µs of wall time.
    pub fn committed(&self, inputs: u64, us: u64) {
        self.0.commit.record(us);
        self.0.batch.record(inputs);
    }

    /// So many inputs wait for the disk.
    pub fn waiting(&self, inputs: u64) {
        self.0.waiting.set(inputs as f64);
    }

    /// So many bytes are on disk.
    pub fn bytes(&self, bytes: u64) {
        self.0.bytes.set(bytes as f64);
    }

    /// So many inputs were found at the start.
    pub fn recovered(&self, inputs: u64) {
        self.0.recovered.set(inputs as f64);
    }

    /// The store has failed.
    pub fn failed(&self) {
        self.0.up.set(0);
    }

    /// Writes the histograms.
    pub(super) fn render(&self, out: &mut String) {
        for (name, samples) in [(Name::StoreCommit, &self.0.commit), (Name::StoreBatch, &self.0.batch)] {
            let (help, name) = (name.help(), name.name());
            write!(out, "# HELP {name} {help}\n# TYPE {name} histogram\n").expect("a string takes all");
            samples.render(out, name, "");
        }
    }
}
