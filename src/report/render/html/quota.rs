//! The tenant's quota over time: the slots used within the last hour, and the refused attempts. Plots the record's
//! series.

use maud::Markup;

use crate::outcome::Outcome;
use crate::outcome::words::count;
use crate::rules::base::limits::GROUP_MESSAGES_PER_HOUR;

use crate::report::document::slots::free_again_ms;

use super::canvas::{Axes, Canvas, Drawn, Hold, Width, clock_ticks, fill, place, plot, stroke};
use super::course::model_time;
use super::palette::Hue;

const MINUTE_MS: u64 = 60_000;

/// The plot; `None` without sends to groups.
pub(super) fn quota_plot(outcome: &Outcome) -> Option<Markup> {
    let group = outcome.quota.group;
    if group.accepted + group.refused == 0 {
        return None;
    }
    let used = used(outcome);
    let most = used.iter().map(|(_, used)| *used).max().unwrap_or(0);
    let refused = count(group.refused);
    let alt = format!("Slots of the tenant's quota in use: at most {most} of 25; {refused} attempts refused.");
    Some(plot(&alt, |_| 200, |canvas| draw(outcome, &used, canvas)))
}

/// Steps of the used slots: the time in ms, and the number of slots from then on.
fn used(outcome: &Outcome) -> Vec<(u64, u64)> {
    let mut changes = std::collections::BTreeMap::<u64, [u64; 2]>::new();
    for line in &outcome.series {
        if line.group_slots > 0 {
            changes.entry(line.minute * MINUTE_MS).or_default()[0] += line.group_slots;
            changes.entry(free_again_ms(outcome, line.minute)).or_default()[1] += line.group_slots;
        }
    }
    let mut used = 0;
    changes
        .into_iter()
        .map(|(at_ms, [more, less])| {
            used = used + more - less;
            (at_ms, used.min(GROUP_MESSAGES_PER_HOUR as u64))
        })
        .collect()
}

fn draw(outcome: &Outcome, used: &[(u64, u64)], canvas: &Canvas<'_>) -> Drawn {
    let end_ms = outcome.model_duration_ms.max(1);
    let limit = GROUP_MESSAGES_PER_HOUR as f64;
    let plane = canvas.axes(&Axes {
        x: 0.0..end_ms as f64,
        x_ticks: clock_ticks(end_ms, if canvas.width == Width::Wide { 8 } else { 4 }),
        x_title: model_time(outcome),
        y: 0.0..limit,
        y_title: "",
        y_ticks: [0.0, 5.0, 10.0, 15.0, 20.0, 25.0].map(|y| (y, format!("{y}"))).into(),
        top: 26,
        right: 12,
        left: 52,
    })?;
    let mut line = vec![(0.0, 0.0)];
    for (ms, now) in used.iter().filter(|(ms, _)| *ms <= end_ms) {
        let before = line.last().map_or(0.0, |(_, y)| *y);
        line.extend([(*ms as f64, before), (*ms as f64, *now as f64)]);
    }
    line.push((end_ms as f64, line.last().map_or(0.0, |(_, y)| *y)));
    fill(&plane, line.iter().copied().chain([(end_ms as f64, 0.0)]).collect(), Hue::Shown, 0.16)?;
    stroke(&plane, line, Hue::Shown, 2)?;
    let (left, top) = place(&plane, (0.0, limit));
    let (right, _) = place(&plane, (end_ms as f64, limit));
    canvas.line(&[(left, top), (right, top)], Hue::Ink, 1)?;
    refusals(outcome, canvas, |ms| place(&plane, (ms as f64, limit)).0, top)
}

/// A mark above the limit for each minute in which the quota refused an attempt.
fn refusals(outcome: &Outcome, canvas: &Canvas<'_>, x: impl Fn(u64) -> i32, top: i32) -> Drawn {
    let refused = outcome.series.iter().filter(|line| line.refused_by.contains_key("group/group_quota"));
    let mut first = None;
    for line in refused.filter(|line| line.minute * MINUTE_MS < outcome.model_duration_ms) {
        let at = x(line.minute * MINUTE_MS);
        canvas.line(&[(at, top - 9), (at, top - 2)], Hue::Blocked, 2)?;
        first = first.or(Some(at));
    }
    match first {
        Some(at) => {
            let (at, hold) = if at > 110 { (at - 6, Hold::End) } else { (at, Hold::Begin) };
            let y = if hold == Hold::End { top - 6 } else { top - 18 };
            canvas.text("refused", (at, y), Hue::Ink, hold)
        }
        None => Ok(()),
    }
}
