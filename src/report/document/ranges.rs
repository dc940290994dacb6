//! The report about a range of seeds: the expectations, every headline figure with the seeds at its extremes, what faults
//! cost, and how to replay them. Must not know a renderer.

use crate::outcome::words::{brief, count, share};
use crate::outcome::{
    BaselineLine, ContrastRange, FigureRanges, Range, Ranges, ReachRanges, SeedFailure, Seen, Share, WindowRange,
};

use super::baseline;
use super::batch::{BatchDocument, BatchHead, Missed, Sums, replays};
use super::cell::{Cell, Tone};
use super::figures::window_words;
use super::phrases::span;
use super::section::{Block, ColumnKind, Content, Cut, Lead, ReplayCommand, ReportColumn, ReportTable, Section};
use super::warnings;

/// Seeds of which the command is printed; the others are replayed in the same way.
const SEEDS_REPLAYED_MAX: usize = 12;
/// Columns of a figure's name.
const NAME_WIDTH: usize = 36;

/// The report.
pub(crate) fn ranges(record: &Ranges) -> BatchDocument {
    let detail = format!("seeds {} to {}", record.seeds.first, record.seeds.last);
    let regressions = record.baseline.iter().flat_map(BaselineLine::worse);
    let regressions = regressions.map(|figure| Missed { what: figure.phrase(), places: String::new() });
    let missed = record.failures.iter().map(missed).chain(regressions).collect();
    let head = BatchHead::new(&record.batch, Sums::of(&record.rows), &detail, missed, tiles(record));
    let groups = groups(record);
    let all: Vec<Figure> = groups.iter().flat_map(|(_, figures)| figures.clone()).collect();
    let warned = warnings::section(&record.batch.warnings);
    let against = record.baseline.as_ref().map(baseline::section);
    let sections = [warned, expectations(record), against, Some(figures(record, &groups))];
    let sections = sections.into_iter().flatten().chain([replay(record, &all)]).collect();
    BatchDocument { head, sections }
}

fn missed(failure: &SeedFailure) -> Missed {
    let lead = if failure.seeds.len() == 1 { "with seed" } else { "with seeds" };
    Missed::at(&failure.what, lead, &failure.seeds.iter().map(u64::to_string).collect::<Vec<_>>())
}

fn tiles(record: &Ranges) -> Vec<(String, String)> {
    let ranges = &record.ranges;
    let words = |Share { part, whole }: &Share| share(*part, *whole);
    let mut tiles = vec![(count(record.batch.forecasts_done), "seeds".to_owned())];
    if let Some(reach) = &ranges.reach {
        tiles.insert(0, (words(&reach.end.median.value), "of pairs shown (median)".to_owned()));
        tiles.insert(1, (words(&reach.end.min.value), "with the worst seed".to_owned()));
    }
    if let Some(latency) = &ranges.latency_ms {
        tiles.push((brief(latency.p95.median.value), "p95 to display (median)".to_owned()));
    }
    tiles.push((count(ranges.pairs.median.value), "pairs (median)".to_owned()));
    tiles
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

/// Every figure, those of one subject together, each group with its name.
fn groups(record: &Ranges) -> Vec<(&'static str, Vec<Figure>)> {
    let ranges = &record.ranges;
    let expected = record.expectations.iter().filter_map(|line| {
        let observed = line.observed.as_ref()?;
        Some(Figure::new(line.name.as_str(), observed, |Seen { text, .. }| text.clone()))
    });
    let without = record.without.iter().flatten().flat_map(without);
    let groups = [
        ("Reach", reach(ranges)),
        ("Latency", latency(ranges)),
        ("Pairs", stations(ranges)),
        ("Sends", sends(ranges)),
        ("Faults", faults(ranges)),
        ("What would have been without them", without.collect()),
        ("Expectations", expected.collect::<Vec<_>>()),
    ];
    groups.into_iter().filter(|(_, group)| !group.is_empty()).collect()
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
    let chosen = ranges.windows.iter().filter_map(|WindowRange { line, shown }| {
        let words = |Share { part, whole }: &Share| share(*part, *whole);
        Some(Figure::new(format!("reach {}", window_words(line)), shown.as_ref()?, words))
    });
    all.chain(chosen).chain(ranges.reach_eligible.iter().flat_map(|reach| curve(", of the eligible", reach))).collect()
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
        let name = &fault.name;
        let recovery = fault.recovery_ms.map(|range| Figure::millis(format!("{name} recovered in"), &range));
        [Figure::count(format!("{name} touched"), &fault.touched)]
            .into_iter()
            .chain([Figure::count(format!("{name} backlog"), &fault.backlog_at_end)])
            .chain(recovery)
    });
    lines.collect()
}

/// What some faults cost.
fn without(line: &ContrastRange) -> Vec<Figure> {
    let faults = line.faults.join(" + ");
    let mut figures = vec![
        Figure::count(format!("{faults}: shown later"), &line.shown_later),
        Figure::count(format!("{faults}: never shown"), &line.never_shown),
        Figure::count(format!("{faults}: shown earlier"), &line.shown_earlier),
        Figure::count(format!("{faults}: shown only with"), &line.shown_only_with),
    ];
    if let Some(delay) = &line.delay_p50_ms {
        figures.insert(1, Figure::millis(format!("{faults}: median delay"), delay));
    }
    figures
}

fn expectations(record: &Ranges) -> Option<Section> {
    let seeds = record.batch.forecasts_done;
    let mut lines: Vec<_> = record.expectations.iter().collect();
    lines.sort_by_key(|line| line.held == seeds);
    let row = |line: &crate::outcome::ExpectationRange| {
        vec![
            line.name.clone().into(),
            Content::Mark(line.held == seeds),
            Cell(format!("{} {}", line.metric, line.check), Tone::Quiet).into(),
            format!("{} of {}", count(line.held), count(seeds)).into(),
        ]
    };
    let rows: Vec<Vec<Content>> = lines.into_iter().map(row).collect();
    let columns = vec![
        ReportColumn::text("expectation").cut(Cut::End(40)),
        ReportColumn::drawn(ColumnKind::Mark),
        ReportColumn::text("check").cut(Cut::End(28)),
        ReportColumn::number("held in"),
    ];
    (!rows.is_empty()).then(|| Section {
        belongs_to_verdict: true,
        ..Section::new(
            "expectations",
            "Expectations",
            Lead::None,
            vec![Block::Table(ReportTable::whole("Expectations", columns, rows))],
        )
    })
}

fn figures(record: &Ranges, groups: &[(&'static str, Vec<Figure>)]) -> Section {
    let seeds = record.batch.forecasts_done;
    let columns = || {
        let figure = ReportColumn::number("").cut(Cut::End(14));
        let named = |heading: &'static str| ReportColumn { heading: heading.into(), ..figure.clone() };
        vec![
            ReportColumn::text("figure").cut(Cut::Middle(NAME_WIDTH)),
            named("least"),
            ReportColumn::number("seed"),
            named("median"),
            named("most"),
            ReportColumn::number("seed"),
            ReportColumn::text(""),
        ]
    };
    let row = |figure: &Figure| {
        let [least, median, most] = figure.words.each_ref().map(|words| Content::from(words.clone()));
        let [lowest, highest] = match figure.seeds {
            Some(seeds) => seeds.map(|seed| Cell(seed.to_string(), Tone::Quiet)),
            None => ["–"; 2].map(|none| Cell(none.to_owned(), Tone::Quiet)),
        };
        let mut row = vec![figure.name.clone().into(), least, lowest.into(), median, most, highest.into()];
        if figure.measured < seeds {
            row.push(Cell(format!("in {}", count(figure.measured)), Tone::Notice).into());
        }
        row
    };
    let table = |(name, figures): &(&'static str, Vec<Figure>)| {
        Block::Table(ReportTable::whole(*name, columns(), figures.iter().map(row).collect()))
    };
    let lead = format!("over {} seeds; the median is the lower middle", count(seeds));
    Section::new("ranges", "Ranges", Lead::Sentence(lead), groups.iter().map(table).collect())
}

/// The command for all seeds, then for each seed at an extreme, failures first.
fn replay(record: &Ranges, figures: &[Figure]) -> Section {
    let failed = record.failures.iter().filter_map(|failure| Some((*failure.seeds.first()?, failure.what.clone())));
    let extremes = figures.iter().flat_map(|figure| {
        let ends = figure.seeds.into_iter().flat_map(|[least, most]| [(least, "least"), (most, "most")]);
        ends.map(|(seed, which)| (seed, format!("{which} {}", figure.name)))
    });
    let mut seeds: Vec<(u64, Vec<String>)> = Vec::new();
    for (seed, why) in failed.chain(extremes) {
        match seeds.iter_mut().find(|(known, _)| *known == seed) {
            Some((_, reasons)) => reasons.push(why),
            None => seeds.push((seed, vec![why])),
        }
    }
    let row = |(seed, reasons): &(u64, Vec<String>)| {
        let at = record.rows.binary_search_by_key(seed, |row| row.seed).expect("an extreme is the figure of a row");
        let more = match reasons.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let row = &record.rows[at];
        let is_of_failures = !row.failures.is_empty();
        ReplayCommand { command: row.replay.clone(), why: format!("{}{more}", reasons[0]), is_of_failures }
    };
    let rows = seeds.iter().take(SEEDS_REPLAYED_MAX).map(row).collect();
    let more = seeds.len().saturating_sub(SEEDS_REPLAYED_MAX);
    let more =
        (more > 0).then(|| format!("… and {more} more seeds of the table; --report FILE.json has the command of each"));
    replays(&record.batch, rows, "any other seed in the same way", more)
}
