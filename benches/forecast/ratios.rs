//! The tables at the end: every figure, and the ratios between them. Both sides of a ratio must be from this run;
//! otherwise its line is omitted.

use super::figures::Contender::{BareLoop, FullModel, NeXosim, NeXosimSmall};
use super::figures::{Figure, Figures};

/// Prints what was measured.
pub(crate) fn print(figures: &Figures) {
    if figures.kept().is_empty() {
        return;
    }
    println!(
        "{:<14} {:>8} {:>12} {:>12} {:>8} {:>14}",
        "contender", "threads", "ns/pair", "CPU ns/pair", "cores", "pairs/s"
    );
    for figure in figures.kept() {
        let Figure { contender, threads, wall_ns_per_pair, cpu_ns_per_pair, cores } = figure;
        let per_second = 1e9 / wall_ns_per_pair;
        let name = contender.name();
        println!(
            "{name:<14} {threads:>8} {wall_ns_per_pair:>12.1} {cpu_ns_per_pair:>12.1} {cores:>8.2} {per_second:>14.0}"
        );
    }
    println!("Fewer cores than threads: others had the machine, or threads waited. Others hardly change CPU time.\n");
    println!("ratios of this run");
    let on = |contender, threads| figures.on(contender, threads);
    for contender in [FullModel, BareLoop] {
        wall(&format!("{}: speed-up from 1 to 2 threads", contender.name()), on(contender, 1), on(contender, 2));
    }
    cpu("full model ÷ bare loop: CPU time, 1 thread", on(FullModel, 1), on(BareLoop, 1));
    cpu("full model ÷ bare loop: CPU time, 2 threads", on(FullModel, 2), on(BareLoop, 2));
    for (nexosim, size) in [(NeXosimSmall, "250 devices"), (NeXosim, "4,000 devices")] {
        let what = |how| format!("NeXosim of {size} ÷ full model: {how}");
        cpu(&what("CPU time, 1 thread"), on(nexosim, 1), on(FullModel, 1));
        wall(&what("time, each at its best"), figures.best(nexosim), figures.best(FullModel));
    }
}

fn wall(what: &str, over: Option<&Figure>, under: Option<&Figure>) {
    line(what, over, under, |figure| figure.wall_ns_per_pair);
}

fn cpu(what: &str, over: Option<&Figure>, under: Option<&Figure>) {
    line(what, over, under, |figure| figure.cpu_ns_per_pair);
}

fn line(what: &str, over: Option<&Figure>, under: Option<&Figure>, of: impl Fn(&Figure) -> f64) {
    if let (Some(over), Some(under)) = (over, under) {
        println!("{what:<62} {:>8.2}", of(over) / of(under));
    }
}
