//! Ranges over seeds for people: the verdict, every headline figure with the seeds at its extremes, and how to replay
//! those.

use std::fmt::Write as _;

use crate::outcome::words::{count, share};
use crate::outcome::{FigureRanges, Range, Ranges, ReachRanges, SeedFailure, Seen, Share};

use super::batch::{Missed, Sums, verdict};
use super::heading::heading;
use super::ink::Ink;
use super::text_table::{Align, TextTable, clip};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::phrases::span;
use crate::rules::base::visible;

/// Seeds of which the command is printed; the others are replayed in the same way.
const SEEDS_REPLAYED_MAX: usize = 12;
/// Columns of a figure's name.
const NAME_WIDTH: usize = 36;

/// All ranges as text.
pub fn ranges(record: &Ranges, ink: Ink) -> String {
    let mut out = String::new();
    let missed: Vec<Missed<'_>> = record.failures.iter().map(missed).collect();
    let detail = format!("seeds {} to {}", record.seeds.first, record.seeds.last);
    verdict(&record.batch, Sums::of(&record.rows), &detail, &missed, ink, &mut out);
    expectations(record, ink, &mut out);
    let groups = groups(record);
    table(record, &groups, ink, &mut out);
    replay(record, &groups.concat(), ink, &mut out);
    ink.finish(&out)
}

fn missed(failure: &SeedFailure) -> Missed<'_> {
    let lead = if failure.seeds.len() == 1 { "with seed" } else { "with seeds" };
    Missed { what: &failure.what, lead, places: failure.seeds.iter().map(u64::to_string).collect() }
}

/// One line of the table.
#[derive(Clone, Debug)]
struct Figure {
    name: String,
    /// The least, the median and the most in words.
    words: [String; 3],
    /// The seeds of the least and the most; `None` where all seeds agree.
    seeds: Option<[u64; 2]>,
    /// In how many seeds the figure could be measured.
    measured: u64,
}

impl Figure {
    fn new<V>(name: impl Into<String>, range: &Range<V>, words: impl Fn(&V) -> String) -> Self {
        let [min, median, max] = [&range.min, &range.median, &range.max];
        Self {
            name: name.into(),
            words: [min, median, max].map(|seeded| words(&seeded.value)),
            // Each is the smallest seed that gives its value, so one seed for both means one value.
            seeds: (min.seed != max.seed).then_some([min.seed, max.seed]),
            measured: range.seeds,
        }
    }

    fn count(name: impl Into<String>, range: &Range<u64>) -> Self {
        Self::new(name, range, |number| count(*number))
    }

    fn millis(name: impl Into<String>, range: &Range<u64>) -> Self {
        Self::new(name, range, |ms| span(*ms))
    }
}

/// Every figure, those of one subject together.
fn groups(record: &Ranges) -> Vec<Vec<Figure>> {
    let ranges = &record.ranges;
    let expected = record.expectations.iter().filter_map(|line| {
        let observed = line.observed.as_ref()?;
        Some(Figure::new(line.name.as_str(), observed, |Seen { text, .. }| text.clone()))
    });
    let groups =
        [reach(ranges), latency(ranges), stations(ranges), sends(ranges), faults(ranges), expected.collect::<Vec<_>>()];
    groups.into_iter().filter(|group| !group.is_empty()).collect()
}

fn reach(ranges: &FigureRanges) -> Vec<Figure> {
    let curve = |whose: &str, reach: &ReachRanges| {
        let windows = [
            ("reach within 1 min", reach.one_minute),
            ("reach within 15 min", reach.fifteen_minutes),
            ("reach within 1 h", reach.one_hour),
            ("reach within 4 h", reach.four_hours),
            ("reach by the end", reach.end),
        ];
        windows.map(|(name, range)| {
            Figure::new(format!("{name}{whose}"), &range, |Share { part, whole }| share(*part, *whole))
        })
    };
    let all = ranges.reach.iter().flat_map(|reach| curve("", reach));
    all.chain(ranges.reach_eligible.iter().flat_map(|reach| curve(", of the eligible", reach))).collect()
}

fn latency(ranges: &FigureRanges) -> Vec<Figure> {
    let Some(latency) = &ranges.latency_ms else { return Vec::new() };
    let quantiles = [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99), ("max", latency.max)];
    quantiles.map(|(name, range)| Figure::millis(format!("latency {name}"), &range)).into()
}

fn stations(ranges: &FigureRanges) -> Vec<Figure> {
    let whole = [("pairs", &ranges.pairs), ("eligible", &ranges.eligible)];
    let all = ranges.stations.iter().map(|(station, range)| (station.as_str(), range));
    whole.into_iter().chain(all).map(|(name, range)| Figure::count(name, range)).collect()
}

fn sends(ranges: &FigureRanges) -> Vec<Figure> {
    let lines = [
        ("sends accepted", ranges.sends.accepted),
        ("sends refused", ranges.sends.refused),
        ("refused by the group quota", ranges.quota_refusals.group),
        ("refused by a device's quota", ranges.quota_refusals.device),
        ("dismissed", ranges.dismissals),
        ("readable by another app", ranges.exposed),
    ];
    lines.map(|(name, range)| Figure::count(name, &range)).into()
}

fn faults(ranges: &FigureRanges) -> Vec<Figure> {
    let lines = ranges.faults.iter().flat_map(|fault| {
        let name = clip(&fault.name, 20);
        let recovery = fault.recovery_ms.map(|range| Figure::millis(format!("{name} recovered in"), &range));
        [Figure::count(format!("{name} touched"), &fault.touched)]
            .into_iter()
            .chain([Figure::count(format!("{name} backlog"), &fault.backlog_at_end)])
            .chain(recovery)
    });
    lines.collect()
}

fn expectations(record: &Ranges, ink: Ink, out: &mut String) {
    if record.expectations.is_empty() {
        return;
    }
    let seeds = record.batch.forecasts_done;
    let mut table = TextTable::new(&[Align::Left, Align::Left, Align::Left, Align::Right]);
    for line in &record.expectations {
        let (mark, tone) = if line.held == seeds { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
        table.row(vec![
            Cell(mark.to_owned(), tone),
            clip(&line.name, 38).into(),
            Cell(clip(&format!("{} {}", line.metric, line.check), 28), Tone::Quiet),
            format!("held in {} of {}", count(line.held), count(seeds)).into(),
        ]);
    }
    out.push('\n');
    table.render(ink, out);
}

fn table(record: &Ranges, groups: &[Vec<Figure>], ink: Ink, out: &mut String) {
    let seeds = record.batch.forecasts_done;
    let rest = format!("over {} seeds; the median is the lower middle", count(seeds));
    heading(ink, out, "Ranges", &rest);
    let mut table = TextTable::new(&[&[Align::Left][..], &[Align::Right; 5], &[Align::Left]].concat());
    table.heading(&["figure", "least", "seed", "median", "most", "seed"]);
    for (nth, group) in groups.iter().enumerate() {
        if nth > 0 {
            table.row(Vec::new());
        }
        for figure in group {
            let [least, median, most] = figure.words.each_ref().map(|words| Cell::from(clip(words, 14)));
            let [lowest, highest] = match figure.seeds {
                Some(seeds) => seeds.map(|seed| Cell(seed.to_string(), Tone::Quiet)),
                None => ["–"; 2].map(|none| Cell(none.to_owned(), Tone::Quiet)),
            };
            let mut row = vec![clip(&figure.name, NAME_WIDTH).into(), least, lowest, median, most, highest];
            if figure.measured < seeds {
                row.push(Cell(format!("in {}", count(figure.measured)), Tone::Notice));
            }
            table.row(row);
        }
    }
    table.render(ink, out);
}

/// The command for all seeds, then for each seed at an extreme, failures first.
fn replay(record: &Ranges, figures: &[Figure], ink: Ink, out: &mut String) {
    heading(ink, out, "Replay", "any other seed in the same way");
    writeln!(out, "  {}", visible::one_line(&record.batch.replay)).expect("a string takes all");
    let failed = record.failures.iter().filter_map(|failure| Some((*failure.seeds.first()?, failure.what.clone())));
    let extremes = figures.iter().flat_map(|figure| {
        let ends = figure.seeds.into_iter().flat_map(|[least, most]| [(least, "least"), (most, "most")]);
        ends.map(|(seed, which)| (seed, format!("{which} {}", clip(&figure.name, NAME_WIDTH))))
    });
    let mut seeds: Vec<(u64, Vec<String>)> = Vec::new();
    for (seed, why) in failed.chain(extremes) {
        match seeds.iter_mut().find(|(known, _)| *known == seed) {
            Some((_, reasons)) => reasons.push(why),
            None => seeds.push((seed, vec![why])),
        }
    }
    for (seed, reasons) in seeds.iter().take(SEEDS_REPLAYED_MAX) {
        let at = record.rows.binary_search_by_key(seed, |row| row.seed).expect("an extreme is the figure of a row");
        let more = match reasons.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let why = ink.paint(Tone::Quiet, &format!("# {}{more}", clip(&reasons[0], 46)));
        // A command will be copied, so it is never cut; its purpose follows as a shell comment.
        writeln!(out, "  {}  {why}", visible::one_line(&record.rows[at].replay)).expect("a string takes all");
    }
    let more = seeds.len().saturating_sub(SEEDS_REPLAYED_MAX);
    if more > 0 {
        let line = format!("… and {more} more seeds of the table; --report FILE.json has the command of each");
        writeln!(out, "  {}", ink.paint(Tone::Quiet, &line)).expect("a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn shows_the_extremes_and_the_commands_that_replay_them() {
        insta::assert_snapshot!(ranges(&fixture::ranges(), Ink::Plain), @r#"
        FAILED  by-hand  forecast · intune-2019 · seeds 1 to 3
          3 forecasts in 120 ms
          ✗ expectation "most" did not hold with seed 2

          ✗  most  reach >= 0.5  held in 2 of 3

        Ranges  over 3 seeds; the median is the lower middle
          figure                                     least  seed      median        most  seed
          reach within 1 min                        20.0 %     2      40.0 %      40.0 %     1
          reach within 15 min                       20.0 %     2      60.0 %      60.0 %     1
          reach within 1 h                          20.0 %     2      60.0 %      60.0 %     1
          reach within 4 h                          20.0 %     2      60.0 %      60.0 %     1
          reach by the end                          20.0 %     2      60.0 %      60.0 %     1
          reach within 1 min, of the eligible       25.0 %     2      50.0 %      50.0 %     1
          reach within 15 min, of the eligible      25.0 %     2      75.0 %      75.0 %     1
          reach within 1 h, of the eligible         25.0 %     2      75.0 %      75.0 %     1
          reach within 4 h, of the eligible         25.0 %     2      75.0 %      75.0 %     1
          reach by the end, of the eligible         25.0 %     2      75.0 %      75.0 %     1

          latency p50                                  2 s     –         2 s         2 s     –
          latency p95                           1 min 03 s     –  1 min 03 s  1 min 03 s     –
          latency p99                           1 min 03 s     –  1 min 03 s  1 min 03 s     –
          latency max                           1 min 03 s     –  1 min 03 s  1 min 03 s     –

          pairs                                          5     –           5           5     –
          eligible                                       4     –           4           4     –
          blocked                                        1     –           1           1     –
          discarded                                      0     –           0           0     –
          expired                                        0     –           0           0     –
          lost                                           0     1           0           2     2
          shown                                          1     2           3           3     1
          skipped                                        1     –           1           1     –
          superseded                                     0     –           0           0     –
          waiting                                        0     –           0           0     –

          sends accepted                                 2     –           2           2     –
          sends refused                                  1     –           1           1     –
          refused by the group quota                     0     –           0           0     –
          refused by a device's quota                    0     –           0           0     –
          dismissed                                      0     –           0           0     –
          readable by another app                        0     –           0           0     –

          fcm-down touched                               1     –           1           1     –
          fcm-down backlog                               0     1           0           1     2
          fcm-down recovered in                       33 s     –        33 s        33 s     –  in 2

          most                                      20.0 %     2      60.0 %      60.0 %     1

        Replay  any other seed in the same way
          reveille forecast by-hand.toml --seeds 1..3
          reveille forecast by-hand.toml --seed 2  # expectation "most" did not hold and 14 more
          reveille forecast by-hand.toml --seed 1  # most reach within 1 min and 13 more
        "#);
    }

    #[test]
    fn says_so_first_when_it_was_interrupted() {
        let mut record = fixture::ranges();
        (record.batch.forecasts, record.batch.interrupted) = (20, true);
        let text = ranges(&record, Ink::Plain);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("3 of 20 forecasts"), "{text}");
    }

    #[test]
    fn long_names_do_not_make_it_wider() {
        let mut record = fixture::ranges();
        let long = "a-name-that-goes-on-and-on ".repeat(4);
        record.batch.scenario.clone_from(&long);
        record.expectations[0].name.clone_from(&long);
        record.ranges.faults[0].name.clone_from(&long);
        record.failures[0].what.clone_from(&long);
        record.failures[0].seeds.extend((0..5_000).map(|seed| u64::MAX - 5_000 + seed));
        let text = ranges(&record, Ink::Plain);
        // A command is never cut; the text after it is.
        let cut = text.split("\nReplay").next().expect("a text has a beginning");
        let wide: Vec<&str> = cut.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }
}
