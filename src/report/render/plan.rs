//! A plan for people: one line for each thing on the timeline, then the sums.

use std::fmt::Write as _;

use crate::outcome::words::count;
use crate::run::Plan;

use super::heading::heading;
use super::ink::Ink;
use super::text_table::{Align, TextTable, clip};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures::clock;
use crate::report::document::phrases::{plural, span};

/// The timeline and its sums as text.
pub fn plan(plan: &Plan, ink: Ink) -> String {
    let mut out = String::new();
    let sums = format!(
        "{} · {} · {}",
        span(plan.model_duration_ms),
        plural(plan.users, "user"),
        plural(plan.devices, "device")
    );
    heading(ink, &mut out, &clip(&plan.scenario, 40), &sums);
    let mut table = TextTable::new(&[
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Left,
    ]);
    table.heading(&["local time", "at", "until", "what", "name", "times", "pairs", ""]);
    for line in &plan.timeline {
        let tone = if line.pairs.is_some() { Tone::Text } else { Tone::Quiet };
        table.row(vec![
            Cell(line.local.clone(), tone),
            clock(line.at_ms).into(),
            line.until_ms.map(clock).unwrap_or_default().into(),
            Cell(line.what.name().to_owned(), tone),
            clip(&line.name, 24).into(),
            if line.times > 1 { count(line.times).into() } else { String::new().into() },
            line.pairs.map(count).unwrap_or_default().into(),
            Cell(clip(&line.detail, 28), Tone::Quiet),
        ]);
    }
    table.render(ink, &mut out);
    let total = format!("{} · {} if nothing is refused", plural(plan.messages, "message"), plural(plan.pairs, "pair"));
    writeln!(out, "\n  {total}").expect("a string takes all");
    ink.finish(&out)
}
