//! The report for people: verdict, reach, why not, messages, audience, faults, assumptions, replay. At most a hundred columns.

use std::fmt::Write as _;

use crate::run::words::{bytes, count, millis, share};
use crate::run::{FaultStatus, Outcome, Verdict};

use super::ink::{Ink, Tone};
use super::sections;
use super::table::{Align, Cell, Table, clip};

/// The whole report as text.
pub fn console(outcome: &Outcome, ink: Ink) -> String {
    let mut out = String::new();
    verdict(outcome, ink, &mut out);
    sections::reach(outcome, ink, &mut out);
    sections::why_not(outcome, ink, &mut out);
    sections::messages(outcome, ink, &mut out);
    sections::audience(outcome, ink, &mut out);
    faults(outcome, ink, &mut out);
    assumptions(outcome, ink, &mut out);
    replay(outcome, ink, &mut out);
    out
}

/// A heading with what follows it on the line.
pub(super) fn heading(ink: Ink, out: &mut String, title: &str, rest: &str) {
    let rest = if rest.is_empty() { String::new() } else { format!("  {}", ink.paint(Tone::Quiet, rest)) };
    writeln!(out, "\n{}{rest}", ink.paint(Tone::Heading, title)).expect("a string takes all");
}

/// `1 pair`, `2 pairs`.
pub(super) fn plural(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// Milliseconds as the record has them, for people.
#[expect(clippy::cast_precision_loss, reason = "words for people")]
pub(super) fn span(ms: u64) -> String {
    millis(ms as f64)
}

fn verdict(outcome: &Outcome, ink: Ink, out: &mut String) {
    let verdict = outcome.verdict();
    let (tone, word) = match (&verdict, outcome.interrupted) {
        (Verdict::Broken, _) => (Tone::Bad, "BROKEN"),
        (Verdict::Passed | Verdict::Failed { .. }, true) => (Tone::Notice, "INTERRUPTED"),
        (Verdict::Failed { .. }, false) => (Tone::Bad, "FAILED"),
        (Verdict::Passed, false) => (Tone::Good, "PASSED"),
    };
    let name = ink.paint(Tone::Heading, &clip(&outcome.scenario, 40));
    let (driver, profile, seed) = (outcome.driver.name(), &outcome.profile, outcome.seed);
    writeln!(out, "{}  {name}  {driver} · {profile} · seed {seed}", ink.paint(tone, word)).expect("a string takes all");
    writeln!(
        out,
        "  {} of model time in {} · {} · {} · {} pairs/s",
        span(outcome.model_duration_ms),
        span(outcome.wall_ms),
        plural(outcome.devices, "device"),
        plural(outcome.pairs, "pair"),
        count(outcome.pairs_per_second),
    )
    .expect("a string takes all");
    if let Some(engine) = engine(outcome) {
        writeln!(out, "  {engine}").expect("a string takes all");
    }
    match verdict {
        Verdict::Passed => {}
        Verdict::Failed { reasons } => {
            for reason in reasons {
                writeln!(out, "  {} {}", ink.paint(Tone::Bad, "✗"), clip(&reason.to_string(), 94))
                    .expect("a string takes all");
            }
        }
        Verdict::Broken => {
            let sums = &outcome.conservation;
            writeln!(
                out,
                "  {} pairs were lost or doubled by this program: {} sent, {} counted, {} settled, {} waiting.\n    \
                 Please report this, with the command at the end.",
                ink.paint(Tone::Bad, "✗"),
                count(sums.sent),
                count(sums.counted),
                count(sums.settled),
                count(sums.waiting)
            )
            .expect("a string takes all");
        }
    }
    expectations(outcome, ink, out);
}

/// What only a live run has.
fn engine(outcome: &Outcome) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(lag) = outcome.lag_ms {
        parts.push(format!("lag p50 {} · p99 {} · max {}", span(lag.p50), span(lag.p99), span(lag.max)));
    }
    if let Some(peak) = outcome.peak_rss_bytes {
        parts.push(format!("{} of memory at most", bytes(peak)));
    }
    if let Some(restarts) = outcome.restarts.filter(|restarts| restarts.device + restarts.portal > 0) {
        parts.push(format!(
            "{} restarted, recovered within {} µs",
            plural(restarts.device + restarts.portal, "actor"),
            count(restarts.recovery_us_max)
        ));
    }
    if outcome.late_sends > 0 {
        parts.push(format!("{} issued late", plural(outcome.late_sends, "send")));
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn expectations(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.expectations.is_empty() {
        return;
    }
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right]);
    for line in &outcome.expectations {
        let mark = if line.ok { Cell("✓".to_owned(), Tone::Good) } else { Cell("✗".to_owned(), Tone::Bad) };
        let tone = if line.ok { Tone::Text } else { Tone::Bad };
        table.row(vec![
            mark,
            clip(&line.name, 40).into(),
            Cell(clip(&format!("{} {}", line.metric, line.check), 28), Tone::Quiet),
            Cell(line.observed_text.clone(), tone),
        ]);
    }
    out.push('\n');
    table.render(ink, out);
}

fn faults(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.faults.is_empty() {
        return;
    }
    heading(ink, out, "What each fault cost", "");
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left]);
    table.heading(&["fault", "kind", "touched", "still waiting", "recovered"]);
    for line in &outcome.faults {
        let recovery = match (line.status, line.recovery_ms) {
            (FaultStatus::TouchedNothing, _) => Cell("touched nothing".to_owned(), Tone::Bad),
            (FaultStatus::MayTouchNothing, _) => Cell("touched nothing, as it may".to_owned(), Tone::Quiet),
            (FaultStatus::Interrupted, _) => Cell("nothing until the interruption".to_owned(), Tone::Quiet),
            (FaultStatus::NotApplicable, _) => Cell("not applicable".to_owned(), Tone::Quiet),
            (FaultStatus::Touched, Some(0)) => "by its end".into(),
            (FaultStatus::Touched, Some(ms)) => format!("{} after its end", span(ms)).into(),
            (FaultStatus::Touched, None) if line.backlog_at_end > 0 => Cell("not by the end".to_owned(), Tone::Notice),
            (FaultStatus::Touched, None) => "in force to the end".into(),
        };
        let unit = if line.kind == "directory_lag" { "change" } else { "pair" };
        table.row(vec![
            clip(&line.name, 30).into(),
            Cell(line.kind.clone(), Tone::Quiet),
            plural(line.touched, unit).into(),
            count(line.backlog_at_end).into(),
            recovery,
        ]);
    }
    table.render(ink, out);
}

fn assumptions(outcome: &Outcome, ink: Ink, out: &mut String) {
    if outcome.assumptions.is_empty() {
        return;
    }
    heading(ink, out, "Assumptions", "nobody documents these; the scenario can set them");
    let mut table = Table::new(&[Align::Left, Align::Left]);
    for line in &outcome.assumptions {
        table.row(vec![clip(&line.key, 40).into(), Cell(clip(&line.value, 54), Tone::Quiet)]);
    }
    table.render(ink, out);
}

fn replay(outcome: &Outcome, ink: Ink, out: &mut String) {
    heading(ink, out, "Again", &format!("same digest {}", outcome.digest));
    // A command is copied, so it is never cut.
    writeln!(out, "  {}", outcome.replay).expect("a string takes all");
}

/// A share with its count, as two cells.
pub(super) fn share_and_count(part: u64, whole: u64) -> [Cell; 2] {
    [share(part, whole).into(), count(part).into()]
}
