//! The report about the values of one key: a line for each of them, reach first, and how to replay the values at which
//! something failed. Must not know a renderer.

use crate::outcome::words::{brief, count, share};
use crate::outcome::{ContrastLine, Headline, Variation, VariationRow};

use super::batch::{BatchDocument, BatchHead, Missed, Sums, replays};
use super::cell::{Cell, Tone};
use super::section::{Block, Content, Cut, Lead, ReplayCommand, ReportColumn, ReportTable, Section};
use super::warnings;

/// Values of which the command is printed; the others are replayed in the same way.
const VALUES_REPLAYED_MAX: usize = 12;

/// The report.
pub(crate) fn variation(record: &Variation) -> BatchDocument {
    let missed = record.failures.iter().map(|failure| Missed::at(&failure.what, "at", &failure.values));
    let sums = Sums::of(record.rows.iter().map(|row| &row.headline));
    let seed = record.rows.first().map(|row| format!("seed {}", row.headline.seed)).unwrap_or_default();
    let tiles = vec![(record.key.clone(), "key".to_owned()), (count(record.batch.forecasts_done), "values".to_owned())];
    let head = BatchHead::new(&record.batch, sums, &seed, missed.collect(), tiles);
    let warned = warnings::section(&record.batch.warnings);
    let sections = [warned, Some(values(record)), without(record), Some(replay(record))];
    BatchDocument { head, sections: sections.into_iter().flatten().collect() }
}

/// Reach and latency at each value.
fn values(record: &Variation) -> Section {
    let mut columns = vec![ReportColumn::number("value").cut(Cut::End(12))];
    let names = ["1 min", "15 min", "1 h", "4 h", "end", "shown", "never", "p50", "p95", "held"];
    columns.extend(names.map(ReportColumn::number));
    let rows = record.rows.iter().map(|row| line(&row.value, &row.headline)).collect();
    let lead = format!("{}: reach in % of pairs, since each message’s acceptance", record.key);
    let table = ReportTable::whole("Values", columns, rows);
    Section::new("values", "Values", Lead::Figures(lead), vec![Block::Table(table)])
}

fn line(value: &str, row: &Headline) -> Vec<Content> {
    let reach =
        [row.reach.one_minute, row.reach.fifteen_minutes, row.reach.one_hour, row.reach.four_hours, row.reach.end];
    let (shown, expected) = (row.reach.end, row.expectations.len() as u64);
    let quantile = |ms: Option<u64>| Content::from(ms.map_or("–".to_owned(), brief));
    let held = match expected {
        0 => Cell("–".to_owned(), Tone::Quiet),
        _ => {
            let tone = if row.held() == expected { Tone::Good } else { Tone::Bad };
            Cell(format!("{}/{expected}", row.held()), tone)
        }
    };
    let mut cells = vec![Content::from(value.to_owned())];
    cells.extend(reach.map(|part| Content::from(per_cent(part, row.pairs))));
    cells.extend([count(shown).into(), count(row.pairs - shown).into()]);
    cells.extend([quantile(row.latency_ms.map(|ms| ms.p50)), quantile(row.latency_ms.map(|ms| ms.p95)), held.into()]);
    cells
}

/// A share whose unit stands in the heading.
fn per_cent(part: u64, whole: u64) -> String {
    share(part, whole).trim_end_matches(" %").to_owned()
}

/// What faults cost at each value.
fn without(record: &Variation) -> Option<Section> {
    let row = |(row, line): (&VariationRow, &ContrastLine)| -> Vec<Content> {
        vec![
            row.value.clone().into(),
            line.faults.join(" + ").into(),
            count(line.shown_later).into(),
            line.delay_ms.map_or("–".to_owned(), |delay| brief(delay.p50)).into(),
            count(line.never_shown).into(),
        ]
    };
    let lines = record.rows.iter().flat_map(|row| row.headline.without.iter().flatten().map(move |line| (row, line)));
    let rows: Vec<Vec<Content>> = lines.map(row).collect();
    let columns = vec![
        ReportColumn::number("value").cut(Cut::End(12)),
        ReportColumn::text("without").cut(Cut::Middle(36)),
        ReportColumn::number("shown later"),
        ReportColumn::number("median delay"),
        ReportColumn::number("never shown"),
    ];
    let title = "What each fault cost";
    let lead = Lead::Sentence("pairs with the fault, against the same draws without it".to_owned());
    let blocks = |rows| vec![Block::Table(ReportTable::whole(title, columns, rows))];
    (!rows.is_empty()).then(|| Section::new("without", title, lead, blocks(rows)))
}

/// The command for all values, then for each value at which something failed.
fn replay(record: &Variation) -> Section {
    let mut failed = record.rows.iter().filter(|row| !row.headline.failures.is_empty());
    let first = record.rows.first().into_iter().filter(|_| record.failures.is_empty());
    let rows = first.chain(failed.by_ref().take(VALUES_REPLAYED_MAX));
    let rows = rows.map(|row| ReplayCommand::of_all(&row.headline.replay)).collect();
    let more = failed.count();
    let more = (more > 0).then(|| format!("… and {more} more values; --report FILE.json has the command of each"));
    replays(&record.batch, rows, "any other value in the same way", more)
}
