//! An explanation for people: the device, the message, how it ended, then every step with its time. Must not add
//! anything to the record.

use std::fmt::Write as _;

use crate::outcome::{Ending, Explanation};
use crate::rules::base::time::SimTime;

use super::screen::{Screen, wrapped};
use super::text_table::{Align, TextColumn, TextTable, clip};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::phrases::span;
use crate::report::document::section::Cut;

/// Columns before a step's text, at most: the device's clock, its time, and the time since the message.
const TIMES_WIDTH: usize = 35;
/// Characters of a name in a heading.
const NAME_WIDTH: usize = 40;

/// The explanation as text.
pub fn explain(explanation: &Explanation, screen: Screen) -> String {
    let mut out = String::new();
    heading(explanation, screen, &mut out);
    let time = TextColumn { align: Align::Right, cut: Cut::Never, is_name: true };
    let text = TextColumn { align: Align::Left, cut: Cut::Never, is_name: true };
    let mut table = TextTable::new(&[text, time, time, text]);
    table.heading(&["its clock", "at", "after", ""]);
    for step in &explanation.steps {
        let mut lines = wrapped(&step.text, screen.columns() - TIMES_WIDTH, 2).into_iter();
        let tone = tone_of(&step.what);
        let since = step.since_accepted_ms.map_or_else(String::new, |since| format!("+{}", span(since)));
        let first = Cell(lines.next().unwrap_or_default(), tone);
        let local = Cell(step.local.clone(), Tone::Quiet);
        table.texts(vec![local, SimTime(step.at_ms).to_string().into(), since.into(), first]);
        lines.for_each(|line| table.texts(vec!["".into(), "".into(), "".into(), Cell(format!("  {line}"), tone)]));
    }
    out.push('\n');
    table.render(screen, &mut out);
    screen.ink().finish(&out)
}

fn heading(explanation: &Explanation, screen: Screen, out: &mut String) {
    let Explanation { scenario, seed, profile, device, message, pair, .. } = explanation;
    let name = |text: &str| clip(text, NAME_WIDTH);
    let title = format!("{}/{} on {}", name(&message.send), message.occurrence, name(&device.name));
    let run = format!("{} · {profile} · seed {seed}", name(scenario));
    writeln!(out, "{}  {}", screen.paint(Tone::Heading, &title), screen.paint(Tone::Quiet, &run))
        .expect("a string takes all");
    let mut phone: Vec<String> = vec![device.platform.clone(), name(&device.cohort)];
    phone.extend(device.labels.iter().map(|(label, value)| name(&format!("{label} {value}"))));
    phone.push(device.user.as_ref().map_or_else(|| "no user".to_owned(), |user| format!("of {}", name(user))));
    phone.push(format!("app {}", device.app));
    phone.push(if device.push_permission { "notifications allowed" } else { "notifications not allowed" }.to_owned());
    screen.paragraph(Tone::Text, &phone.join(" · "), out);
    let fate = match (pair, &message.reason) {
        (Some(pair), _) => ended(pair),
        (None, Some(reason)) => format!("refused/{reason}"),
        (None, None) => "no copy for this device".to_owned(),
    };
    writeln!(out, "  {}", screen.paint(Tone::Heading, &fate)).expect("a string takes all");
}

/// `shown as banner at 0:30:01.204 (Tue 21:30 on its clock), dismissed at 0:41:00.000`.
fn ended(pair: &Ending) -> String {
    let cause = pair.cause.as_ref().map_or_else(String::new, |cause| format!("/{}", clip(cause, NAME_WIDTH)));
    let form = pair.form.as_ref().map_or_else(String::new, |form| format!(" as {form}"));
    let dismissed = pair.dismissed_at_ms.map_or_else(String::new, |at| format!(", dismissed at {}", SimTime(at)));
    let since = if pair.station == "waiting" { "since" } else { "at" };
    let at = SimTime(pair.at_ms);
    format!("{}{cause}{form} {since} {at} ({} on its clock){dismissed}", pair.station, pair.local)
}

fn tone_of(what: &str) -> Tone {
    match what {
        "shown" => Tone::Good,
        "lost" | "blocked" | "expired" | "superseded" | "discarded" | "refused" => Tone::Bad,
        "skipped" | "still_waiting" | "not_in_audience" => Tone::Notice,
        _ => Tone::Text,
    }
}
