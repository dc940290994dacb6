//! The latency from acceptance to display: the record's histogram on a logarithmic axis, with its quantiles.

use maud::Markup;

use crate::outcome::words::brief;
use crate::outcome::{Latency, Outcome};

use super::canvas::{Axes, Canvas, Drawn, Hold, fill, place, plot, ticks};
use super::palette::Hue;
use super::reach::{first_ms, log, time_ticks};
use crate::report::document::figures;

/// Height of a row of text above the plot, in pixels.
const ROW: i32 = 15;
/// Columns in a decade of time.
const COLUMNS_A_DECADE: f64 = 12.0;

/// The plot; `None` if nothing was shown.
pub(super) fn latency_plot(outcome: &Outcome) -> Option<Markup> {
    let latency = outcome.latency_ms.as_ref()?;
    let alt = format!("Distribution of the time from acceptance to display: {}.", figures::latency(outcome)?);
    Some(plot(&alt, |_| 220, |canvas| draw(latency, canvas)))
}

fn draw(latency: &Latency, canvas: &Canvas<'_>) -> Drawn {
    let (from_ms, to_ms) = (first_ms(&latency.histogram), latency.max.max(10));
    let from = (log(from_ms) * COLUMNS_A_DECADE).floor() / COLUMNS_A_DECADE;
    let columns = columns(latency, from);
    let to = (from + columns.len() as f64 / COLUMNS_A_DECADE).max(from + 1.0);
    let most = columns.iter().copied().fold(0.0, f64::max);
    let y_ticks = ticks(0.0..most, 3).into_iter().map(|y| (y, format!("{y} %"))).collect();
    let plane = canvas.axes(&Axes {
        x: from..to,
        x_ticks: time_ticks(from_ms, to_ms, canvas.width),
        x_title: "time from acceptance to display, logarithmic".into(),
        y: 0.0..most * 1.02,
        y_title: "",
        y_ticks,
        top: 3 * ROW + 8,
        right: 12,
        left: 52,
    })?;
    for (at, share) in columns.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let left = from + at as f64 / COLUMNS_A_DECADE;
        let right = left + 0.92 / COLUMNS_A_DECADE;
        fill(&plane, vec![(left, 0.0), (right, 0.0), (right, *share), (left, *share)], Hue::Shown, 1.0)?;
    }
    for (row, (name, ms)) in [("p99", latency.p99), ("p95", latency.p95), ("p50", latency.p50)].into_iter().enumerate()
    {
        let (x, bottom) = place(&plane, (log(ms).clamp(from, to), 0.0));
        // Rows descend to the left, so that no line crosses another one's text.
        let y = 10 + ROW * i32::try_from(row).expect("there are three");
        canvas.line(&[(x, y - 6), (x, bottom)], Hue::Ink, 1)?;
        let (at, hold) = if x > 100 { (x - 6, Hold::End) } else { (x + 6, Hold::Begin) };
        canvas.text(&format!("{name} {}", brief(ms)), (at, y), Hue::Ink, hold)?;
    }
    Ok(())
}

/// The share of all samples in each column, in per cent.
#[expect(clippy::cast_sign_loss, reason = "those before the first column are put into it")]
fn columns(latency: &Latency, from: f64) -> Vec<f64> {
    let samples: u64 = latency.histogram.iter().map(|(_, pairs)| pairs).sum();
    let mut columns = Vec::new();
    for (ms, pairs) in &latency.histogram {
        let at = ((log(*ms) - from) * COLUMNS_A_DECADE).max(0.0) as usize;
        if columns.len() <= at {
            columns.resize(at + 1, 0.0);
        }
        columns[at] += 100.0 * *pairs as f64 / samples.max(1) as f64;
    }
    columns
}
