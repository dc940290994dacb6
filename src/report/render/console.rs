//! The report on the console, in the columns of the screen. Must only format: the sections are data of `document`.

use std::fmt::Write as _;

use crate::outcome::words::count;
use crate::outcome::{Failure, Outcome, Verdict};

use super::screen::Screen;
use super::text_table::{Align, TextCell, TextColumn, TextTable, clip, columns};
use crate::report::document::batch::{BatchDocument, BatchHead, Missed};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures;
use crate::report::document::layer::Layer;
use crate::report::document::section::{
    Block, ColumnKind, Content, ReplayCommand, ReportColumn, ReportTable, Section, text_sections,
};
use crate::report::document::sections::sections;
use crate::rules::base::visible;

/// Columns of a name in a title, at least.
const NAME_WIDTH_MIN: usize = 12;
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
pub fn console(outcome: &Outcome, length: ReportLength, screen: Screen) -> String {
    let mut out = String::new();
    if length == ReportLength::Line {
        let failed = match outcome.verdict() {
            Verdict::Passed => Vec::new(),
            Verdict::Failed { reasons } => reasons.iter().map(ToString::to_string).collect(),
            Verdict::Broken => vec![figures::broken(outcome)],
        };
        title(outcome, screen, &mut out);
        summary(&figures::shown(outcome), &failed, screen, &mut out);
        return screen.ink().finish(&out);
    }
    verdict(outcome, screen, &mut out);
    text(of_length(sections(outcome), length, outcome.verdict() == Verdict::Passed), screen, &mut out);
    screen.ink().finish(&out)
}

/// A report about many forecasts as text.
pub(crate) fn batch(document: BatchDocument, length: ReportLength, screen: Screen) -> String {
    let mut out = String::new();
    let BatchHead { scenario, verdict: Cell(word, tone), kind, size, missed, .. } = document.head;
    title_of(screen, &mut out, (&word, tone), &scenario, &kind);
    if length == ReportLength::Line {
        let failed: Vec<String> = missed.iter().map(|missed| format!("{} {}", missed.what, missed.places)).collect();
        summary(&size, &failed, screen, &mut out);
        return screen.ink().finish(&out);
    }
    out.push('\n');
    screen.paragraph(Tone::Text, &size, &mut out);
    let missed_nothing = missed.is_empty();
    for Missed { what, places } in missed {
        let text = format!(
            "{} {places}",
            clip(&what, screen.columns().saturating_sub(5 + columns(&places)).max(NAME_WIDTH_MIN))
        );
        line(&mut out, &format!("{} {}", screen.paint(Tone::Bad, "✗"), text.trim_end()));
    }
    text(of_length(document.sections, length, missed_nothing), screen, &mut out);
    screen.ink().finish(&out)
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
fn summary(figure: &str, failed: &[String], screen: Screen, out: &mut String) {
    let failed = match failed {
        [] => String::new(),
        [first] => format!(" · {}", clip(first.trim_end(), 60)),
        [first, rest @ ..] => format!(" · {} and {} more", clip(first.trim_end(), 60), count(rest.len() as u64)),
    };
    writeln!(out, " · {figure}{}", screen.paint(Tone::Bad, &failed)).expect("a string takes all");
}

/// The sections, those of the verdict first and without their titles.
fn text(sections: Vec<Section>, screen: Screen, out: &mut String) {
    let (of_verdict, others) = text_sections(sections);
    for section in of_verdict {
        out.push('\n');
        blocks(&section.blocks, screen, out);
    }
    for section in &others {
        screen.heading(section.title, section.lead.phrase(), out);
        blocks(&section.blocks, screen, out);
    }
}

/// The blocks, with an empty line between two tables. Tables with the same columns are one, so that they are aligned.
fn blocks(blocks: &[Block], screen: Screen, out: &mut String) {
    let (mut rest, mut follows_table) = (blocks, false);
    while let [first, others @ ..] = rest {
        let Block::Table(begin) = first else {
            block(first, screen, out);
            (rest, follows_table) = (others, false);
            continue;
        };
        let is_more = |piece: &&Block| matches!(piece, Block::Table(other) if begin.continues(other));
        let (same, after) = rest.split_at(1 + others.iter().take_while(is_more).count());
        if follows_table {
            out.push('\n');
        }
        let same = same.iter().filter_map(|piece| if let Block::Table(table) = piece { Some(table) } else { None });
        tables(&same.collect::<Vec<_>>(), screen, out);
        (rest, follows_table) = (after, true);
    }
}

/// The verdict, what was run and how, without a line feed.
fn title(outcome: &Outcome, screen: Screen, out: &mut String) {
    let Cell(word, tone) = figures::verdict(outcome);
    let (driver, profile, seed) = (outcome.driver.name(), &outcome.profile, outcome.seed);
    title_of(screen, out, (&word, tone), &outcome.scenario, &format!("{driver} · {profile} · seed {seed}"));
}

/// A verdict, a name that fits into the line, and what was run.
fn title_of(screen: Screen, out: &mut String, (word, tone): (&str, Tone), scenario: &str, run: &str) {
    let room = screen.columns().saturating_sub(columns(word) + columns(run) + 4).max(NAME_WIDTH_MIN);
    let name = screen.paint(Tone::Heading, &clip(scenario, room));
    write!(out, "{}  {name}  {run}", screen.paint(tone, word)).expect("a string takes all");
}

fn verdict(outcome: &Outcome, screen: Screen, out: &mut String) {
    title(outcome, screen, out);
    out.push('\n');
    screen.paragraph(Tone::Text, &figures::size(outcome), out);
    if let Some(done) = figures::done(outcome) {
        screen.paragraph(Tone::Notice, &done, out);
    }
    for said in [figures::engine(outcome), figures::baseline(outcome)].into_iter().flatten() {
        screen.paragraph(Tone::Text, &said, out);
    }
    match outcome.verdict() {
        Verdict::Passed => {}
        Verdict::Failed { reasons } => {
            // Failed expectations have a mark of their own, below.
            for reason in reasons.iter().filter(|reason| !matches!(reason, Failure::Expectation { .. })) {
                writeln!(out, "  {} {}", screen.paint(Tone::Bad, "✗"), clip(&reason.to_string(), screen.columns() - 6))
                    .expect("a string takes all");
            }
        }
        Verdict::Broken => {
            let (mark, broken) = (screen.paint(Tone::Bad, "✗"), figures::broken(outcome));
            writeln!(out, "  {mark} {broken}\n    Please report this, with the command at the end.")
                .expect("a string takes all");
        }
    }
}

fn block(block: &Block, screen: Screen, out: &mut String) {
    match block {
        Block::Table(rows) => tables(&[rows], screen, out),
        Block::Note(text) => screen.paragraph(Tone::Quiet, text, out),
        Block::Plot(_, words) => words.iter().for_each(|words| screen.paragraph(Tone::Text, words, out)),
        Block::Effects(effects) => {
            for (names, sentences) in effects {
                line(out, &format!("without {}", screen.paint(Tone::Heading, &clip(names, screen.columns() - 12))));
                for sentence in sentences {
                    out.push_str("  ");
                    screen.paragraph(Tone::Text, sentence, out);
                }
            }
        }
        Block::Commands(commands) => {
            for ReplayCommand { command, why, .. } in commands {
                // A command will be copied, so it is never cut; its purpose follows as a shell comment.
                let why = if why.is_empty() { String::new() } else { format!("  # {}", clip(why, WHY_WIDTH)) };
                let why = if why.is_empty() { why } else { screen.paint(Tone::Quiet, &why) };
                line(out, &format!("{}{why}", visible::one_line(command)));
            }
        }
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "  {text}").expect("a string takes all");
}

/// Tables with the same columns as one, with an empty line between them.
fn tables(tables: &[&ReportTable], screen: Screen, out: &mut String) {
    let Some(first) = tables.first() else { return };
    let columns: Vec<(usize, &ReportColumn)> =
        first.text_columns().into_iter().map(|at| (at, &first.columns[at])).collect();
    let names = columns.iter().take_while(|(_, column)| column.kind == ColumnKind::Mark).count() + 1;
    let spec = |(nth, (_, column)): (usize, &(usize, &ReportColumn))| TextColumn {
        align: if column.kind == ColumnKind::Number { Align::Right } else { Align::Left },
        cut: column.cut,
        is_name: nth < names,
    };
    let mut lines = TextTable::new(&columns.iter().enumerate().map(spec).collect::<Vec<_>>());
    lines.heading(&columns.iter().map(|(_, column)| column.heading.as_ref()).collect::<Vec<_>>());
    for (nth, table) in tables.iter().enumerate() {
        if nth > 0 {
            lines.row(Vec::new());
        }
        for row in table.rows.iter().take(table.console_rows_max) {
            let cells = columns.iter().map_while(|(at, _)| row.get(*at).map(cell));
            lines.row(cells.collect());
        }
    }
    lines.render(screen, out);
    let more: usize = tables.iter().map(|table| table.rows.len().saturating_sub(table.console_rows_max)).sum();
    if more > 0 {
        let text = format!("… and {} more; --report FILE.json has them all", count(more as u64));
        screen.paragraph(Tone::Quiet, &text, out);
    }
}

fn cell(content: &Content) -> TextCell {
    match content {
        Content::Text(cell) => TextCell::Text(cell.clone()),
        Content::Mark(true) => TextCell::Text(Cell("✓".to_owned(), Tone::Good)),
        Content::Mark(false) => TextCell::Text(Cell("✗".to_owned(), Tone::Bad)),
        Content::Bar(parts, whole) => {
            let tone = if parts.iter().all(|(_, layer)| *layer == Layer::Never) { Tone::Quiet } else { Tone::Bar };
            TextCell::Bar(parts.iter().map(|(part, _)| part).sum(), *whole, tone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;
    use crate::report::render::ink::Ink;
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
        insta::assert_snapshot!(stable(&console(&outcome, ReportLength::Whole, Screen::PLAIN), &outcome), @r"
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
          send                              at  outcome         audience    shown  in 15 min    p50      p95
          closure         Mon 06:01 (+0:01:00)  accepted               4   50.0 %     50.0 %  1.0 s  1.0 min
          ring @…a-phone  Mon 06:03 (+0:03:00)  accepted               1  100.0 %    100.0 %  2.0 s    2.0 s
          novel                                 title_too_long

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
        let text = console(&outcome, ReportLength::Whole, Screen::PLAIN);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("3 min 20 s of model time"), "{text}");
    }

    #[test]
    fn says_how_many_devices_an_interrupted_forecast_had_done() {
        let mut outcome = usual("").outcome(None);
        (outcome.interrupted, outcome.devices_done) = (true, Some(3));
        let text = console(&outcome, ReportLength::Whole, Screen::PLAIN);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("\n  only 3 of 4 devices done; every figure is of these\n"), "{text}");
        outcome.interrupted = false;
        assert!(
            !console(&outcome, ReportLength::Whole, Screen::PLAIN).contains("done;"),
            "a whole one need not say it"
        );
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
        let text = console(&outcome, ReportLength::Whole, Screen::PLAIN);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }

    #[test]
    fn fits_every_screen_with_the_windows_that_a_scenario_chose_and_loses_no_figure() {
        let windows = "[report]\nwindows = [\"15m\", \"08:00\", \"12h30m\", \"24h\", \"17:45\"]\n";
        let mut outcome = usual(&format!("{EXPECTED}{windows}")).outcome(None);
        outcome.scenario = "a-name-that-goes-on-and-on ".repeat(4);
        for line in &mut outcome.messages {
            line.audience = 99_999_999;
        }
        for width in 60..=240 {
            let text = console(&outcome, ReportLength::Whole, Screen::new(Ink::Plain, Some(width)));
            let (report, _) = text.split_once("\nReplay").expect("commands are at the end, and are never cut");
            let wide: Vec<&str> = report.lines().filter(|line| columns(line) > width).collect();
            assert_eq!(wide, [""; 0], "{width}:\n{text}");
            for heading in ["audience", "until 08:00", "until 17:45", "p50", "p95", "too late"] {
                assert!(report.contains(heading), "{heading} at {width}:\n{text}");
            }
        }
    }

    #[test]
    fn is_never_wider_than_a_hundred_columns_and_the_same_text_in_colour() {
        let outcome = usual(EXPECTED).outcome(None);
        let (plain, coloured) = (
            console(&outcome, ReportLength::Whole, Screen::PLAIN),
            console(&outcome, ReportLength::Whole, Screen::new(Ink::Colour, None)),
        );
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
