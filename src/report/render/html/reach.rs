//! The curve of reach: the share of all pairs that had been shown after a time, and the share never shown. Plots the
//! record's histogram.

use maud::Markup;

use crate::outcome::Outcome;
use crate::outcome::words::share;

use super::canvas::{Axes, Canvas, Drawn, Hold, Plane, Width, fill, place, plot, stroke};
use super::palette::Hue;
use crate::report::document::figures::{never, of};

/// Possible labels of the time axis.
const TIMES: [(u64, &str); 12] = [
    (100, "0.1 s"),
    (1_000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (300_000, "5 min"),
    (900_000, "15 min"),
    (3_600_000, "1 h"),
    (14_400_000, "4 h"),
    (86_400_000, "1 d"),
    (604_800_000, "7 d"),
    (2_419_200_000, "28 d"),
    (31_536_000_000, "365 d"),
];
/// The labels that fit in a narrow plot.
const TIMES_NARROW: [u64; 6] = [1_000, 60_000, 900_000, 14_400_000, 86_400_000, 2_419_200_000];

/// The plot; `None` without pairs.
pub(super) fn reach_plot(outcome: &Outcome) -> Option<Markup> {
    if outcome.pairs == 0 {
        return None;
    }
    let (missed, _) = never(outcome);
    let shown = share(outcome.pairs - missed, outcome.pairs);
    let alt = format!(
        "Share of pairs shown against time since acceptance: {shown} by the end, {} never.",
        share(missed, outcome.pairs)
    );
    Some(plot(&alt, |_| 300, |canvas| draw(outcome, canvas)))
}

/// A time as a position on a logarithmic axis.
pub(super) fn log(ms: u64) -> f64 {
    (ms.max(1) as f64).log10()
}

/// Labels of a logarithmic axis of time.
pub(super) fn time_ticks(from_ms: u64, to_ms: u64, width: Width) -> Vec<(f64, String)> {
    let fits =
        |(ms, _): &&(u64, &str)| (from_ms..=to_ms).contains(ms) && (width == Width::Wide || TIMES_NARROW.contains(ms));
    TIMES.iter().filter(fits).map(|(ms, label)| (log(*ms), (*label).to_owned())).collect()
}

/// Where a plot of latencies begins, in ms: all but a thousandth of the samples are later.
pub(super) fn first_ms(histogram: &[(u64, u64)]) -> u64 {
    let samples: u64 = histogram.iter().map(|(_, pairs)| pairs).sum();
    let mut below = 0;
    let first = histogram.iter().find(|(_, pairs)| {
        below += pairs;
        below * 1_000 >= samples
    });
    first.map_or(100, |(ms, _)| (*ms).max(1))
}

fn draw(outcome: &Outcome, canvas: &Canvas<'_>) -> Drawn {
    let histogram = outcome.latency_ms.as_ref().map_or(&[][..], |latency| &latency.histogram);
    let from_ms = (first_ms(histogram) / 2).clamp(10, 1_000);
    let to_ms = outcome.model_duration_ms.max(from_ms * 10);
    let (x, per_cent) = (log(from_ms)..log(to_ms), [0.0, 25.0, 50.0, 75.0, 100.0]);
    let plane = canvas.axes(&Axes {
        x: x.clone(),
        x_ticks: time_ticks(from_ms, to_ms, canvas.width),
        x_title: "time since acceptance, logarithmic".into(),
        y: 0.0..100.0,
        y_title: "",
        y_ticks: per_cent.map(|y| (y, format!("{y} %"))).into(),
        top: 14,
        right: 12,
        left: 52,
    })?;
    let curve = curve(outcome, histogram, &x);
    let last = curve.last().map_or(0.0, |(_, y)| *y);
    let under = curve.iter().copied().chain([(x.end, 0.0), (x.start, 0.0)]).collect();
    fill(&plane, under, Hue::Shown, 0.16)?;
    never_band(outcome, canvas, &plane, last)?;
    stroke(&plane, curve.clone(), Hue::Shown, 2)?;
    windows(outcome, canvas, &plane, to_ms)
}

/// The share in per cent that had been shown, as a step function.
fn curve(outcome: &Outcome, histogram: &[(u64, u64)], x: &std::ops::Range<f64>) -> Vec<(f64, f64)> {
    let (mut shown, mut curve) = (0, vec![(x.start, 0.0)]);
    let per_cent = |shown: u64| 100.0 * shown as f64 / outcome.pairs as f64;
    for (ms, pairs) in histogram {
        let at = log(*ms).clamp(x.start, x.end);
        shown += pairs;
        curve.push((at, per_cent(shown)));
    }
    curve.push((x.end, per_cent(shown)));
    curve
}

/// The band of pairs that were never shown, labelled with its size.
fn never_band(outcome: &Outcome, canvas: &Canvas<'_>, plane: &Plane<'_>, last: f64) -> Drawn {
    let (missed, _) = never(outcome);
    if missed == 0 {
        return Ok(());
    }
    let waiting = 100.0 * of(&outcome.stations.overall, "waiting") as f64 / outcome.pairs as f64;
    let x = plane.get_x_range();
    let span = [x.start, x.end].map(|x| place(plane, (x, 0.0)).0);
    let y = |per_cent: f64| place(plane, (x.start, per_cent)).1;
    canvas.block([(span[0], y(100.0)), (span[1], y(last + waiting))], Hue::Never, 0.55)?;
    if waiting > 0.0 {
        canvas.block([(span[0], y(last + waiting)), (span[1], y(last))], Hue::Waiting, 0.45)?;
    }
    let middle = i32::midpoint(y(100.0), y(last));
    // Words do not fit into a thin band; they go below it.
    let at = if y(last) - y(100.0) >= 16 { middle } else { y(last) + 12 };
    let mut words = format!("never {}", share(missed, outcome.pairs));
    if waiting > 0.0 && canvas.width == Width::Wide {
        let waiting = share(of(&outcome.stations.overall, "waiting"), outcome.pairs);
        words = format!("{words}, of which {waiting} still wait at the end");
    }
    canvas.text(&words, (span[0] + 8, at), Hue::Ink, Hold::Begin)
}

/// A dot and a figure at each window, except where they would overlap.
fn windows(outcome: &Outcome, canvas: &Canvas<'_>, plane: &Plane<'_>, to_ms: u64) -> Drawn {
    let reach = &outcome.reach;
    let counted = reach.windows.iter().zip(&reach.overall);
    let mut counts: Vec<(u64, u64)> =
        counted.filter_map(|(window, pairs)| Some((window.within_ms?, (*pairs)?))).collect();
    counts.sort_unstable();
    let room = if canvas.width == Width::Wide { 54 } else { 70 };
    let mut free_from = i32::MIN;
    for (ms, pairs) in counts {
        if ms > to_ms {
            break;
        }
        let per_cent = 100.0 * pairs as f64 / outcome.pairs as f64;
        let (x, y) = place(plane, (log(ms), per_cent));
        canvas.dot((x, y), Hue::Shown)?;
        if x >= free_from {
            let is_at_the_end = x + 30 > canvas.width.pixels();
            let hold = if is_at_the_end { Hold::End } else { Hold::Middle };
            canvas.text(&share(pairs, outcome.pairs), (x, y + 16), Hue::Ink, hold)?;
            free_from = x + room;
        }
    }
    Ok(())
}
