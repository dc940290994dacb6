//! The figures of this run: criterion measures, its medians are read back, and the table of ratios comes last. Never a figure
//! from an earlier run, and never a verdict.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use criterion::{Bencher, Criterion, SamplingMode, Throughput};
use serde_json::Value;

use Contender::{BareLoop, FullModel, NeXosim};

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    FullModel,
    BareLoop,
    NeXosim,
}

impl Contender {
    const fn name(self) -> &'static str {
        match self {
            Self::FullModel => "full model",
            Self::BareLoop => "bare loop",
            Self::NeXosim => "NeXosim",
        }
    }
}

/// One contender on so many threads.
#[derive(Clone, Copy, Debug)]
struct Figure {
    contender: Contender,
    threads: usize,
    ns_per_pair: f64,
}

/// Measures, and keeps what it measured.
pub(crate) struct Figures {
    criterion: Criterion,
    /// Where criterion writes its estimates.
    home: PathBuf,
    /// Whatever is older belongs to another run.
    started: SystemTime,
    kept: Vec<Figure>,
}

impl Figures {
    pub(crate) fn new() -> Self {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let home = temporary.parent().expect("it lies in the target folder").join("criterion");
        let criterion = Criterion::default().without_plots().output_directory(&home).sample_size(10);
        Self { criterion: criterion.configure_from_args(), home, started: SystemTime::now(), kept: Vec::new() }
    }

    /// Lets criterion run `bench`, which does `pairs` pairs, if the command line asks for it.
    pub(crate) fn measure(
        &mut self,
        contender: Contender,
        threads: usize,
        pairs: u64,
        bench: impl FnMut(&mut Bencher<'_>),
    ) {
        let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        let mut group = self.criterion.benchmark_group(contender.name());
        group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(pairs)).bench_function(&name, bench);
        group.finish();
        if let Some(ns) = self.median_ns(&self.home.join(contender.name()).join(&name)) {
            self.kept.push(Figure { contender, threads, ns_per_pair: ns / pairs as f64 });
        }
    }

    /// The median of an iteration, in ns, if this run measured it.
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

    /// The tables, of what was measured.
    pub(crate) fn print(&self) {
        self.criterion.final_summary();
        println!("{:<12} {:>8} {:>12} {:>18}", "contender", "threads", "ns/pair", "pairs/s");
        for Figure { contender, threads, ns_per_pair } in &self.kept {
            println!("{:<12} {threads:>8} {ns_per_pair:>12.1} {:>18.0}", contender.name(), 1e9 / ns_per_pair);
        }
        println!("\nratios of this run (medians, wall time)");
        let on = |contender, threads| self.on(contender, threads);
        ratio("full model: speed-up from 1 to 2 threads", on(FullModel, 1), on(FullModel, 2));
        ratio("bare loop: speed-up from 1 to 2 threads", on(BareLoop, 1), on(BareLoop, 2));
        ratio("full model ÷ bare loop, time on 1 thread", on(FullModel, 1), on(BareLoop, 1));
        ratio("full model ÷ bare loop, time on 2 threads", on(FullModel, 2), on(BareLoop, 2));
        ratio("full model ÷ NeXosim, speed on 1 thread", on(NeXosim, 1), on(FullModel, 1));
        ratio("full model ÷ NeXosim, speed, each at its best", self.best(NeXosim), self.best(FullModel));
    }

    fn on(&self, contender: Contender, threads: usize) -> Option<f64> {
        let mut kept = self.kept.iter();
        kept.find(|kept| (kept.contender, kept.threads) == (contender, threads)).map(|kept| kept.ns_per_pair)
    }

    fn best(&self, contender: Contender) -> Option<f64> {
        let of = self.kept.iter().filter(|kept| kept.contender == contender);
        of.map(|kept| kept.ns_per_pair).min_by(f64::total_cmp)
    }
}

/// Prints how many times as long one takes as the other, if both were measured.
fn ratio(what: &str, slow: Option<f64>, fast: Option<f64>) {
    if let (Some(slow), Some(fast)) = (slow, fast) {
        println!("{what:<48} {:>8.2}", slow / fast);
    }
}
