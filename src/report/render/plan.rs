//! A plan for people: one line for each thing on the timeline, then the sums.

use std::fmt::Write as _;

use crate::outcome::words::count;
use crate::run::Plan;

use super::screen::Screen;
use super::text_table::{Align, TextColumn, TextTable};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures::clock;
use crate::report::document::phrases::{plural, span};
use crate::report::document::section::Cut;

/// The timeline and its sums as text.
pub fn plan(plan: &Plan, screen: Screen) -> String {
    let mut out = String::new();
    let sums = format!(
        "{} · {} · {}",
        span(plan.model_duration_ms),
        plural(plan.users, "user"),
        plural(plan.devices, "device")
    );
    screen.heading(&screen.name(&plan.scenario), &sums, &mut out);
    let column = |align, cut, is_name| TextColumn { align, cut, is_name };
    let (text, number) = (column(Align::Left, Cut::Never, false), column(Align::Right, Cut::Never, false));
    let moment = column(Align::Left, Cut::Never, true);
    let name = column(Align::Left, Cut::Middle(24), true);
    let detail = column(Align::Left, Cut::End(28), false);
    let mut table = TextTable::new(&[moment, number, number, text, name, number, number, detail]);
    table.heading(&["local time", "at", "until", "what", "name", "times", "pairs", ""]);
    for line in &plan.timeline {
        let tone = if line.pairs.is_some() { Tone::Text } else { Tone::Quiet };
        table.texts(vec![
            Cell(line.local.clone(), tone),
            clock(line.at_ms).into(),
            line.until_ms.map(clock).unwrap_or_default().into(),
            Cell(line.what.name().to_owned(), tone),
            line.name.clone().into(),
            if line.times > 1 { count(line.times).into() } else { String::new().into() },
            line.pairs.map(count).unwrap_or_default().into(),
            Cell(line.detail.clone(), Tone::Quiet),
        ]);
    }
    table.render(screen, &mut out);
    let total = format!("{} · {} if nothing is refused", plural(plan.messages, "message"), plural(plan.pairs, "pair"));
    writeln!(out, "\n  {total}").expect("a string takes all");
    screen.ink().finish(&out)
}
