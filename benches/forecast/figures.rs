//! The figures of this run: criterion measures, its medians are read back, and the processor time is stored beside
//! them. Must not use a figure of an earlier run.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use criterion::{Criterion, SamplingMode, Throughput};
use serde_json::Value;

use super::processor;

/// Enough for caches and clock frequencies; the shortest run takes a tenth of it.
const WARM_UP: Duration = Duration::from_secs(1);

/// The programs that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    FullModel,
    BareLoop,
    /// A few hundred devices, which fit in the caches.
    NeXosimSmall,
    /// A few thousand devices.
    NeXosim,
}

impl Contender {
    pub(crate) const ALL: [Self; 4] = [Self::FullModel, Self::BareLoop, Self::NeXosimSmall, Self::NeXosim];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FullModel => "full model",
            Self::BareLoop => "bare loop",
            Self::NeXosimSmall => "NeXosim small",
            Self::NeXosim => "NeXosim",
        }
    }
}

/// The cost of one contender on a number of threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) contender: Contender,
    pub(crate) threads: usize,
    /// Wall-clock time, the median of criterion's samples.
    pub(crate) wall_ns_per_pair: f64,
    /// Processor time of all threads, the mean of all runs.
    pub(crate) cpu_ns_per_pair: f64,
    /// Processors in use on average: fewer than threads if other processes used them, or if threads waited.
    pub(crate) cores: f64,
}

/// Measures, and stores the figures.
pub(crate) struct Figures {
    criterion: Criterion,
    /// Where criterion writes its estimates.
    home: PathBuf,
    /// Older estimates belong to another run.
    started: SystemTime,
    kept: Vec<Figure>,
}

impl Figures {
    pub(crate) fn new() -> Self {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let home = temporary.parent().expect("it lies in the target folder").join("criterion");
        let criterion = Criterion::default().without_plots().output_directory(&home).sample_size(10);
        let criterion = criterion.warm_up_time(WARM_UP).configure_from_args();
        Self { criterion, home, started: SystemTime::now(), kept: Vec::new() }
    }

    /// Measures `run`, which handles `pairs` pairs, with criterion, if the command line selects it. `ready` and `check`
    /// before and after every run are not timed.
    pub(crate) fn measure<Ready, Done>(
        &mut self,
        (contender, threads): (Contender, usize),
        pairs: u64,
        ready: impl Fn() -> Ready,
        run: impl Fn(Ready) -> Done,
        check: impl Fn(Done),
    ) {
        let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        let (mut runs, mut wall_ns, mut cpu_ns) = (0_u64, 0.0, 0.0);
        let mut group = self.criterion.benchmark_group(contender.name());
        group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(pairs));
        group.bench_function(&name, |bencher| {
            bencher.iter_custom(|times| {
                let mut total = Duration::ZERO;
                for _ in 0..times {
                    let ready = ready();
                    let (watch, cpu_before) = (Instant::now(), processor::spent_ns());
                    let done = black_box(run(ready));
                    cpu_ns += processor::spent_ns() - cpu_before;
                    total += watch.elapsed();
                    check(done);
                }
                (runs, wall_ns) = (runs + times, wall_ns + total.as_nanos() as f64);
                total
            });
        });
        group.finish();
        if let Some(ns) = self.median_ns(&self.home.join(contender.name()).join(&name)) {
            self.kept.push(Figure {
                contender,
                threads,
                wall_ns_per_pair: ns / pairs as f64,
                cpu_ns_per_pair: cpu_ns / (runs * pairs) as f64,
                cores: cpu_ns / wall_ns,
            });
        }
    }

    /// The median of a run, in ns, if it was measured since this program started.
    fn median_ns(&self, bench: &Path) -> Option<f64> {
        let path = bench.join("new").join("estimates.json");
        let written = fs::metadata(&path).and_then(|file| file.modified()).ok()?;
        if written < self.started {
            return None;
        }
        let text = fs::read_to_string(&path).expect("criterion has just written it");
        let estimates: Value = serde_json::from_str(&text).expect("criterion writes JSON");
        Some(estimates["median"]["point_estimate"].as_f64().expect("an estimate has a median"))
    }

    /// All figures, in order.
    pub(crate) fn kept(&self) -> &[Figure] {
        &self.kept
    }

    /// Was every contender measured?
    pub(crate) fn are_complete(&self) -> bool {
        Contender::ALL.iter().all(|contender| [1, 2].iter().all(|threads| self.on(*contender, *threads).is_some()))
    }

    pub(crate) fn on(&self, contender: Contender, threads: usize) -> Option<&Figure> {
        self.kept.iter().find(|kept| (kept.contender, kept.threads) == (contender, threads))
    }

    /// The fastest of a contender's figures.
    pub(crate) fn best(&self, contender: Contender) -> Option<&Figure> {
        let of = self.kept.iter().filter(|kept| kept.contender == contender);
        of.min_by(|one, other| one.wall_ns_per_pair.total_cmp(&other.wall_ns_per_pair))
    }
}
