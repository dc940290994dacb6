//! The course of a run: the stations of the pairs, minute by minute, and the faults in force. Plots the record's
//! series.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maud::{Markup, html};
use strum::VariantArray as _;

use crate::outcome::Outcome;
use crate::outcome::words::count;
use crate::rules::service::journey::{Station, WaitCause};

use super::canvas::{Axes, Canvas, Drawn, Hold, Plane, Width, clock_ticks, fill, place, plot, spread, stroke, ticks};
use super::palette::Hue;
use crate::report::document::figures::clock;
use crate::report::document::frames::frames;
use crate::report::document::plain::plain;
use crate::report::render::text_table::clip;

/// Moments of a plot, at most; above that, the moment with the most waiting pairs represents its neighbours.
const MOMENTS_MAX: usize = 480;
/// Faults with a lane of their own, at most; the number of further ones is written.
const LANES_MAX: usize = 8;
/// Windows of a fault that are drawn, at most; more would merge into one grey block.
const WINDOWS_MAX: usize = 200;
/// Height of a lane, in pixels.
const LANE: i32 = 18;

/// The layers, from the bottom.
const LAYERS: [(&str, Hue); 6] = [
    ("shown", Hue::Shown),
    ("waiting", Hue::Waiting),
    ("too late", Hue::Late),
    ("lost", Hue::Lost),
    ("blocked", Hue::Blocked),
    ("skipped", Hue::Skipped),
];

/// A moment: its model time in ms, and the pairs in each layer.
type Moment = (u64, [i64; LAYERS.len()]);

/// The plot, with a legend for narrow pages; `None` without pairs.
pub(super) fn course_plot(outcome: &Outcome) -> Option<Markup> {
    if outcome.pairs == 0 || outcome.series.is_empty() {
        return None;
    }
    let moments = moments(outcome);
    let lanes = lanes(outcome);
    let last = moments.last().map_or([0; LAYERS.len()], |(_, layers)| *layers);
    let ends: Vec<String> =
        LAYERS.iter().zip(last).filter(|(_, pairs)| *pairs > 0).map(|((name, _), pairs)| words(name, pairs)).collect();
    let alt = format!("Pairs by station over model time, stacked; at the end {}.", ends.join(", "));
    let height = |_| 272 + LANE * i32::try_from(lanes.len().min(LANES_MAX)).expect("at most LANES_MAX lanes");
    let drawn = plot(&alt, height, |canvas| draw(outcome, &moments, &lanes, canvas));
    Some(html! {
        (drawn)
        ul.legend.narrow aria-hidden="true" {
            @for ((name, hue), pairs) in LAYERS.iter().zip(last) {
                @if moments.iter().any(|(_, layers)| layers[layer(name)] > 0) {
                    li class=(hue.name()) { (name) " " (count(pairs.unsigned_abs())) }
                }
            }
        }
        @if lanes.len() > LANES_MAX {
            p.quiet { "… and " (lanes.len() - LANES_MAX) " more faults; the JSON report has them all." }
        }
    })
}

fn layer(name: &str) -> usize {
    LAYERS.iter().position(|(known, _)| *known == name).expect("it is one of them")
}

fn words(name: &str, pairs: i64) -> String {
    format!("{name} {}", count(pairs.unsigned_abs()))
}

/// The stations of the pairs at each moment.
fn moments(outcome: &Outcome) -> Vec<Moment> {
    let mut settled = [0; LAYERS.len()];
    let mut moments: Vec<Moment> = frames(outcome)
        .iter()
        .map(|frame| {
            if let Some(line) = frame.fresh() {
                for station in Station::VARIANTS.iter().copied().filter(|station| *station != Station::Waiting) {
                    let name = match station {
                        Station::Superseded | Station::Discarded | Station::Expired => "too late",
                        other => other.name(),
                    };
                    settled[layer(name)] += line.settled.of(station);
                }
            }
            let waiting =
                frame.known.map_or(0, |line| WaitCause::VARIANTS.iter().map(|cause| line.open.of(*cause)).sum());
            let mut layers = settled;
            layers[layer("waiting")] = waiting;
            (frame.at_ms, layers)
        })
        .collect();
    if moments.len() > MOMENTS_MAX {
        let last = *moments.last().expect("there are many");
        let chunks = moments.chunks(moments.len().div_ceil(MOMENTS_MAX));
        let waiting = layer("waiting");
        moments = chunks.filter_map(|some| some.iter().max_by_key(|(_, layers)| layers[waiting])).copied().collect();
        moments.push(last);
    }
    moments
}

/// The windows of each fault that was in force at some time, in ms, in file order.
fn lanes(outcome: &Outcome) -> Vec<(String, Vec<(u64, u64)>)> {
    let mut windows = BTreeMap::<&str, Vec<(u64, u64)>>::new();
    let frames = frames(outcome);
    for pair in frames.windows(2) {
        let Some(line) = pair[1].known else { continue };
        for fault in &line.faults_in_force {
            let of = windows.entry(fault).or_default();
            match of.last_mut().filter(|(_, to)| *to == pair[0].at_ms) {
                Some((_, to)) => *to = pair[1].at_ms,
                None => of.push((pair[0].at_ms, pair[1].at_ms)),
            }
        }
    }
    outcome.faults.iter().filter_map(|fault| Some((plain(&fault.name), windows.remove(fault.name.as_str())?))).collect()
}

fn draw(outcome: &Outcome, moments: &[Moment], lanes: &[(String, Vec<(u64, u64)>)], canvas: &Canvas<'_>) -> Drawn {
    let end_ms = outcome.model_duration_ms.max(1);
    let wide = canvas.width == Width::Wide;
    let lanes = &lanes[..lanes.len().min(LANES_MAX)];
    let most = moments.iter().map(|(_, layers)| layers.iter().sum::<i64>()).max().unwrap_or(0).max(1) as f64;
    let lanes_height = LANE * i32::try_from(lanes.len()).expect("at most LANES_MAX lanes");
    let plane = canvas.axes(&Axes {
        x: 0.0..end_ms as f64,
        x_ticks: clock_ticks(end_ms, if wide { 8 } else { 4 }),
        x_title: model_time(outcome),
        y: 0.0..most,
        y_title: "pairs",
        y_ticks: ticks(0.0..most, 4).into_iter().map(|y| (y, brief_count(y))).collect(),
        top: 24 + lanes_height,
        right: if wide { 118 } else { 12 },
        left: 52,
    })?;
    let mut below = vec![0; moments.len()];
    for (at, (_, hue)) in LAYERS.iter().enumerate() {
        let above: Vec<i64> = below.iter().zip(moments).map(|(below, (_, layers))| below + layers[at].max(0)).collect();
        let edge = |level: &[i64]| -> Vec<(f64, f64)> {
            moments.iter().zip(level).map(|((ms, _), pairs)| (*ms as f64, *pairs as f64)).collect()
        };
        if above != below {
            let (top, mut bottom) = (edge(&above), edge(&below));
            bottom.reverse();
            fill(&plane, top.iter().copied().chain(bottom).collect(), *hue, 0.9)?;
            stroke(&plane, top, Hue::Paper, 1)?;
        }
        below = above;
    }
    faults(lanes, canvas, &plane, most)?;
    if wide { labels(moments, canvas, &plane) } else { Ok(()) }
}

/// What the axis of model time shows, and which local time its beginning is.
pub(super) fn model_time(outcome: &Outcome) -> Cow<'static, str> {
    match outcome.start_local.as_str() {
        "" => "model time, h:mm".into(),
        local => format!("model time, h:mm; 0:00 is {local}").into(),
    }
}

/// A lane for each fault above the plot, and a shade through it while the fault is in force.
fn faults(lanes: &[(String, Vec<(u64, u64)>)], canvas: &Canvas<'_>, plane: &Plane<'_>, most: f64) -> Drawn {
    let (_, top) = place(plane, (0.0, most));
    let (_, bottom) = place(plane, (0.0, 0.0));
    let right = canvas.width.pixels();
    for (lane, (name, windows)) in lanes.iter().enumerate() {
        let y = 8 + LANE * i32::try_from(lane).expect("at most LANES_MAX lanes");
        for (from, to) in windows.iter().take(WINDOWS_MAX) {
            let x = [*from, *to].map(|ms| place(plane, (ms as f64, 0.0)).0);
            let x = [x[0], x[1].max(x[0] + 2)];
            canvas.block([(x[0], top), (x[1], bottom)], Hue::Fault, 0.11)?;
            canvas.block([(x[0], y - 3), (x[1], y + 3)], Hue::Fault, 0.8)?;
        }
        let [first, last] = [windows.first(), windows.last()].map(|window| window.copied().unwrap_or_default());
        let (begins, ends) = (place(plane, (first.0 as f64, 0.0)).0, place(plane, (last.1 as f64, 0.0)).0);
        let name = clip(name, 28);
        // A character is about seven pixels wide: the name is written where it fits.
        let room = 8 + 7 * i32::try_from(name.chars().count()).expect("it was cut");
        let (at, hold) = if ends + room <= right { (ends + 6, Hold::Begin) } else { (begins - 6, Hold::End) };
        canvas.text(&name, (at, y), Hue::Quiet, hold)?;
    }
    Ok(())
}

/// The layers' names at the right end of the plot.
fn labels(moments: &[Moment], canvas: &Canvas<'_>, plane: &Plane<'_>) -> Drawn {
    let Some((ms, layers)) = moments.last() else { return Ok(()) };
    let mut below = 0;
    let mut wanted: Vec<(i32, String, Hue)> = Vec::new();
    for ((name, hue), pairs) in LAYERS.iter().zip(layers) {
        if *pairs > 0 {
            let middle = below as f64 + *pairs as f64 / 2.0;
            wanted.push((place(plane, (*ms as f64, middle)).1, words(name, *pairs), *hue));
            below += pairs;
        }
    }
    wanted.reverse();
    let places: Vec<i32> = wanted.iter().map(|(y, ..)| *y).collect();
    let (x, bottom) = place(plane, (*ms as f64, 0.0));
    for ((_, words, hue), y) in wanted.iter().zip(spread(&places, 16, bottom - 6)) {
        canvas.block([(x + 7, y - 5), (x + 11, y + 5)], *hue, 1.0)?;
        canvas.text(words, (x + 16, y), Hue::Ink, Hold::Begin)?;
    }
    Ok(())
}

/// A count on an axis: `20 k`, `1.5 M`.
fn brief_count(number: f64) -> String {
    match number {
        1e6.. => format!("{} M", number / 1e6),
        1e3.. => format!("{} k", number / 1e3),
        number => format!("{number}"),
    }
}

/// The windows of each fault in words, for readers who cannot see the plot.
pub(super) fn windows_in_words(outcome: &Outcome) -> String {
    let lane = |(name, windows): &(String, Vec<(u64, u64)>)| {
        let (from, to) = (windows.first().map_or(0, |(from, _)| *from), windows.last().map_or(0, |(_, to)| *to));
        format!("{name} from {} to {}", clock(from), clock(to))
    };
    let lanes = lanes(outcome);
    lanes.iter().take(LANES_MAX).map(lane).collect::<Vec<_>>().join(", ")
}
