//! The report on the console, in at most a hundred columns. Must only format: the sections are data of `document`.

use std::fmt::Write as _;

use crate::outcome::words::count;
use crate::outcome::{Failure, Outcome, Verdict};

use super::heading::heading;
use super::ink::Ink;
use super::text_table::{Align, BAR_WIDTH, TextTable, bar, clip, columns, fit};
use super::wrap::wrapped;
use crate::report::document::batch::{BatchDocument, BatchHead, Missed};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures;
use crate::report::document::layer::Layer;
use crate::report::document::section::{
    Block, ColumnKind, Content, ReplayCommand, ReportColumn, ReportTable, Section, text_sections,
};
use crate::report::document::sections::sections;
use crate::rules::base::visible;

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of a note.
const NOTE_WIDTH: usize = 96;
/// Columns of the reason to run a command.
const WHY_WIDTH: usize = 60;

/// How much of a report a console shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportLength {
    /// All of it.
    Whole,
    /// The verdict, what failed, and then how to replay it.
    Failures,
    /// One line.
    Line,
}

/// The report as text.
pub fn console(outcome: &Outcome, length: ReportLength, ink: Ink) -> String {
    let mut out = String::new();
    if length == ReportLength::Line {
        let failed = match outcome.verdict() {
            Verdict::Passed => Vec::new(),
            Verdict::Failed { reasons } => reasons.iter().map(ToString::to_string).collect(),
            Verdict::Broken => vec![figures::broken(outcome)],
        };
        title(outcome, ink, &mut out);
        summary(&figures::shown(outcome), &failed, ink, &mut out);
        return ink.finish(&out);
    }
    verdict(outcome, ink, &mut out);
    text(of_length(sections(outcome), length, outcome.verdict() == Verdict::Passed), ink, &mut out);
    ink.finish(&out)
}

/// A report about many forecasts as text.
pub(crate) fn batch(document: BatchDocument, length: ReportLength, ink: Ink) -> String {
    let mut out = String::new();
    let BatchHead { scenario, verdict: Cell(word, tone), kind, size, missed, .. } = document.head;
    let name = ink.paint(Tone::Heading, &clip(&scenario, 40));
    write!(out, "{}  {name}  {kind}", ink.paint(tone, &word)).expect("a string takes all");
    if length == ReportLength::Line {
        let failed: Vec<String> = missed.iter().map(|missed| format!("{} {}", missed.what, missed.places)).collect();
        summary(&size, &failed, ink, &mut out);
        return ink.finish(&out);
    }
    out.push('\n');
    line(&mut out, &size);
    let missed_nothing = missed.is_empty();
    for Missed { what, places } in missed {
        let text = format!("{} {places}", clip(&what, WIDTH - 5 - columns(&places)));
        line(&mut out, &format!("{} {}", ink.paint(Tone::Bad, "✗"), text.trim_end()));
    }
    text(of_length(document.sections, length, missed_nothing), ink, &mut out);
    ink.finish(&out)
}

/// The sections of a report of such a length; `is_well` if nothing failed.
fn of_length(sections: Vec<Section>, length: ReportLength, is_well: bool) -> Vec<Section> {
    match length {
        ReportLength::Whole => sections,
        ReportLength::Failures | ReportLength::Line if is_well => Vec::new(),
        ReportLength::Failures | ReportLength::Line => sections.into_iter().filter_map(Section::failures).collect(),
    }
}

/// The end of a line about the whole: its most important figure, and what failed.
fn summary(figure: &str, failed: &[String], ink: Ink, out: &mut String) {
    let failed = match failed {
        [] => String::new(),
        [first] => format!(" · {}", clip(first.trim_end(), 60)),
        [first, rest @ ..] => format!(" · {} and {} more", clip(first.trim_end(), 60), count(rest.len() as u64)),
    };
    writeln!(out, " · {figure}{}", ink.paint(Tone::Bad, &failed)).expect("a string takes all");
}

/// The sections, those of the verdict first and without their titles.
fn text(sections: Vec<Section>, ink: Ink, out: &mut String) {
    let (of_verdict, others) = text_sections(sections);
    for section in of_verdict {
        out.push('\n');
        blocks(&section.blocks, ink, out);
    }
    for section in &others {
        heading(ink, out, section.title, section.lead.phrase());
        blocks(&section.blocks, ink, out);
    }
}

/// The blocks, with an empty line between two tables. Tables with the same columns are one, so that they are aligned.
fn blocks(blocks: &[Block], ink: Ink, out: &mut String) {
    let (mut rest, mut follows_table) = (blocks, false);
    while let [first, others @ ..] = rest {
        let Block::Table(begin) = first else {
            block(first, ink, out);
            (rest, follows_table) = (others, false);
            continue;
        };
        let is_more = |piece: &&Block| matches!(piece, Block::Table(other) if begin.continues(other));
        let (same, after) = rest.split_at(1 + others.iter().take_while(is_more).count());
        if follows_table {
            out.push('\n');
        }
        let same = same.iter().filter_map(|piece| if let Block::Table(table) = piece { Some(table) } else { None });
        tables(&same.collect::<Vec<_>>(), ink, out);
        (rest, follows_table) = (after, true);
    }
}

/// The verdict, what was run and how, without a line feed.
fn title(outcome: &Outcome, ink: Ink, out: &mut String) {
    let Cell(word, tone) = figures::verdict(outcome);
    let name = ink.paint(Tone::Heading, &clip(&outcome.scenario, 40));
    let (driver, profile, seed) = (outcome.driver.name(), &outcome.profile, outcome.seed);
    write!(out, "{}  {name}  {driver} · {profile} · seed {seed}", ink.paint(tone, &word)).expect("a string takes all");
}

fn verdict(outcome: &Outcome, ink: Ink, out: &mut String) {
    title(outcome, ink, out);
    out.push('\n');
    writeln!(out, "  {}", figures::size(outcome)).expect("a string takes all");
    if let Some(done) = figures::done(outcome) {
        writeln!(out, "  {}", ink.paint(Tone::Notice, &done)).expect("a string takes all");
    }
    if let Some(engine) = figures::engine(outcome) {
        writeln!(out, "  {engine}").expect("a string takes all");
    }
    if let Some(baseline) = figures::baseline(outcome) {
        writeln!(out, "  {baseline}").expect("a string takes all");
    }
    match outcome.verdict() {
        Verdict::Passed => {}
        Verdict::Failed { reasons } => {
            // Failed expectations have a mark of their own, below.
            for reason in reasons.iter().filter(|reason| !matches!(reason, Failure::Expectation { .. })) {
                writeln!(out, "  {} {}", ink.paint(Tone::Bad, "✗"), clip(&reason.to_string(), 94))
                    .expect("a string takes all");
            }
        }
        Verdict::Broken => {
            let (mark, broken) = (ink.paint(Tone::Bad, "✗"), figures::broken(outcome));
            writeln!(out, "  {mark} {broken}\n    Please report this, with the command at the end.")
                .expect("a string takes all");
        }
    }
}

fn block(block: &Block, ink: Ink, out: &mut String) {
    match block {
        Block::Table(rows) => tables(&[rows], ink, out),
        Block::Note(text) => {
            for text in wrapped(text, NOTE_WIDTH) {
                line(out, &ink.paint(Tone::Quiet, &text));
            }
        }
        Block::Plot(_, words) => words.iter().for_each(|words| line(out, words)),
        Block::Effects(effects) => {
            for (names, sentences) in effects {
                line(out, &format!("without {}", ink.paint(Tone::Heading, &clip(names, 88))));
                for sentence in sentences {
                    line(out, &format!("  {sentence}"));
                }
            }
        }
        Block::Commands(commands) => {
            for ReplayCommand { command, why, .. } in commands {
                // A command will be copied, so it is never cut; its purpose follows as a shell comment.
                let why = if why.is_empty() { String::new() } else { format!("  # {}", clip(why, WHY_WIDTH)) };
                let why = if why.is_empty() { why } else { ink.paint(Tone::Quiet, &why) };
                line(out, &format!("{}{why}", visible::one_line(command)));
            }
        }
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "  {text}").expect("a string takes all");
}

/// Tables with the same columns as one, with an empty line between them.
fn tables(tables: &[&ReportTable], ink: Ink, out: &mut String) {
    let Some(first) = tables.first() else { return };
    let columns: Vec<(usize, &ReportColumn)> =
        first.text_columns().into_iter().map(|at| (at, &first.columns[at])).collect();
    let align = |column: &ReportColumn| if column.kind == ColumnKind::Number { Align::Right } else { Align::Left };
    let mut lines = TextTable::new(&columns.iter().map(|(_, column)| align(column)).collect::<Vec<_>>());
    lines.heading(&columns.iter().map(|(_, column)| column.heading.as_ref()).collect::<Vec<_>>());
    for (nth, table) in tables.iter().enumerate() {
        if nth > 0 {
            lines.row(Vec::new());
        }
        for row in table.rows.iter().take(table.console_rows_max) {
            let cells = columns.iter().map_while(|(at, column)| row.get(*at).map(|content| cell(content, column)));
            lines.row(cells.collect());
        }
    }
    lines.render(ink, out);
    let more: usize = tables.iter().map(|table| table.rows.len().saturating_sub(table.console_rows_max)).sum();
    if more > 0 {
        let text = format!("… and {} more; --report FILE.json has them all", count(more as u64));
        line(out, &ink.paint(Tone::Quiet, &text));
    }
}

fn cell(content: &Content, column: &ReportColumn) -> Cell {
    match content {
        Content::Text(Cell(text, tone)) => Cell(fit(text, column.cut), *tone),
        Content::Mark(true) => Cell("✓".to_owned(), Tone::Good),
        Content::Mark(false) => Cell("✗".to_owned(), Tone::Bad),
        Content::Bar(parts, whole) => {
            let tone = if parts.iter().all(|(_, layer)| *layer == Layer::Never) { Tone::Quiet } else { Tone::Bar };
            let bar = bar(parts.iter().map(|(part, _)| part).sum(), *whole);
            Cell(format!("{bar:<BAR_WIDTH$}"), tone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;
    use crate::rules::base::time::SimTime;

    const EXPECTED: &str = "[[expect]]\nname = \"most within a minute\"\nmetric = \"reach\"\nwithin = \"1m\"\n\
                            check = \">= 0.75\"\n";

    /// Masks what depends on the build instead of the run.
    fn stable(text: &str, outcome: &Outcome) -> String {
        text.replace(&outcome.digest, "DIGEST")
    }

    #[test]
    fn has_its_sections_in_order() {
        let mut outcome = usual(EXPECTED).outcome(None);
        // The list of assumptions depends on the scenario.
        outcome.assumptions.truncate(1);
        insta::assert_snapshot!(stable(&console(&outcome, ReportLength::Whole, Ink::Plain), &outcome), @r"
        FAILED  by-hand  actors · intune-2019 · seed 7
          5 min of model time in 250 ms · 4 devices · 5 pairs · 20 pairs/s
          34 MB of memory at most

             expectation           check          observed
          ✗  most within a minute  reach >= 0.75    40.0 %

        Reach  of 5 pairs of a message and a device, since each message’s acceptance
          shown                                         share  pairs
          within 1 min   ███████████▏                  40.0 %      2
          within 15 min  ████████████████▊             60.0 %      3
          within 1 h     ████████████████▊             60.0 %      3
          within 4 h     ████████████████▊             60.0 %      3
          by the end     ████████████████▊             60.0 %      3
          never          ███████████▏                  40.0 %      2
          latency p50 2 s · p95 1 min 03 s · p99 1 min 03 s · max 1 min 03 s

        Why not  2 pairs not shown
          why                                       pairs  of all pairs
          the phone does not allow notifications        1        20.0 %  ████████████████████████████
          Macs and PCs get no custom notifications      1        20.0 %  ████████████████████████████

          what helps                                        code
          allow them for the app in the phone's settings    blocked/permission
          reach these people on a phone, or in another way  skipped/unsupported_platform

        Messages  1 group message accepted · 1 to single devices
          send                              at  outcome       audience    shown  in 15 min    p50      p95
          closure         Mon 06:01 (+0:01:00)  accepted             4   50.0 %     50.0 %  1.0 s  1.0 min
          ring @…a-phone  Mon 06:03 (+0:03:00)  accepted             1  100.0 %    100.0 %  2.0 s    2.0 s
          novel                                 title_too_l…

        Audience  4 members · 1 stale member
          platform  pairs    shown  waiting  skipped  blocked  lost  too late
          android       1  100.0 %        0        0        0     0         0
          ios           3   66.7 %        0        0        1     0         0
          macos         1    0.0 %        0        1        0     0         0
          0 notifications dismissed · 0 readable by another app

        What each fault cost
          fault     kind    touched  still waiting  gateway clear  last phone
          fcm-down  outage        1              0  30 s later     33 s later

        Assumptions  these are undocumented; the scenario can set them
          key                    value
          delivery.apns.latency  lognormal, median 600ms, p95 2s

        Replay  gives digest DIGEST
          reveille run by-hand.toml --seed 7
        ");
    }

    #[test]
    fn says_so_first_when_it_was_interrupted() {
        let outcome = usual("").outcome(Some(SimTime(200_000)));
        let text = console(&outcome, ReportLength::Whole, Ink::Plain);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("3 min 20 s of model time"), "{text}");
    }

    #[test]
    fn says_how_many_devices_an_interrupted_forecast_had_done() {
        let mut outcome = usual("").outcome(None);
        (outcome.interrupted, outcome.devices_done) = (true, Some(3));
        let text = console(&outcome, ReportLength::Whole, Ink::Plain);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("\n  only 3 of 4 devices done; every figure is of these\n"), "{text}");
        outcome.interrupted = false;
        assert!(!console(&outcome, ReportLength::Whole, Ink::Plain).contains("done;"), "a whole one need not say it");
    }

    #[test]
    fn long_names_and_large_numbers_do_not_make_it_wider() {
        let mut outcome = usual(EXPECTED).outcome(None);
        let (long, large) = ("a-name-that-goes-on-and-on ".repeat(4), 99_999_999);
        outcome.scenario.clone_from(&long);
        outcome.expectations[0].name.clone_from(&long);
        outcome.faults[0].name.clone_from(&long);
        outcome.faults[0].touched = large;
        outcome.pairs = large;
        outcome.messages[2].reason = Some("unsupported_target".to_owned());
        outcome.stations.by_cause.insert(format!("lost/{long}"), large);
        outcome.assumptions[0].value.clone_from(&long);
        for line in &mut outcome.messages {
            line.send.clone_from(&long);
            line.audience = large;
            line.latency_ms = Some(crate::outcome::LatencyShort { p50: 86_399_999, p95: 86_399_999, max: large });
        }
        let text = console(&outcome, ReportLength::Whole, Ink::Plain);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }

    #[test]
    fn is_never_wider_than_a_hundred_columns_and_the_same_text_in_colour() {
        let outcome = usual(EXPECTED).outcome(None);
        let (plain, coloured) =
            (console(&outcome, ReportLength::Whole, Ink::Plain), console(&outcome, ReportLength::Whole, Ink::Colour));
        assert!(plain.lines().all(|line| line.chars().count() <= 100), "{plain}");
        let mut bare = String::new();
        let mut in_escape = false;
        for c in coloured.chars() {
            match (c, in_escape) {
                ('\u{1b}', _) => in_escape = true,
                ('m', true) => in_escape = false,
                (_, true) => {}
                (c, false) => bare.push(c),
            }
        }
        let trimmed = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(trimmed(&bare), trimmed(&plain));
    }
}
