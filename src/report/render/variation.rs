//! A sweep over one key for people: a line for each of its values, reach first, and how to replay the values at which
//! something failed.

use std::fmt::Write as _;

use crate::outcome::words::{brief, count, share};
use crate::outcome::{Headline, Variation};

use super::batch::{Missed, Sums, verdict};
use super::heading::heading;
use super::ink::Ink;
use super::text_table::{Align, TextTable, clip};
use crate::report::document::cell::{Cell, Tone};
use crate::rules::base::visible;

/// Values of which the command is printed; the others are replayed in the same way.
const VALUES_REPLAYED_MAX: usize = 12;

/// The whole sweep as text.
pub fn variation(record: &Variation, ink: Ink) -> String {
    let mut out = String::new();
    let missed = record.failures.iter();
    let missed = missed.map(|failure| Missed { what: &failure.what, lead: "at", places: failure.values.clone() });
    let missed: Vec<Missed<'_>> = missed.collect();
    let sums = Sums::of(record.rows.iter().map(|row| &row.headline));
    let seed = record.rows.first().map(|row| format!("seed {}", row.headline.seed)).unwrap_or_default();
    verdict(&record.batch, sums, &seed, &missed, ink, &mut out);
    table(record, ink, &mut out);
    replay(record, ink, &mut out);
    ink.finish(&out)
}

fn table(record: &Variation, ink: Ink, out: &mut String) {
    let key = clip(&record.key, 50);
    heading(ink, out, &key, "reach in % of pairs, since each message's acceptance");
    let mut table = TextTable::new(&[Align::Right; 11]);
    table.heading(&["value", "1 min", "15 min", "1 h", "4 h", "end", "shown", "never", "p50", "p95", "held"]);
    record.rows.iter().for_each(|row| table.row(line(&row.value, &row.headline)));
    table.render(ink, out);
}

fn line(value: &str, row: &Headline) -> Vec<Cell> {
    let reach =
        [row.reach.one_minute, row.reach.fifteen_minutes, row.reach.one_hour, row.reach.four_hours, row.reach.end];
    let (shown, expected) = (row.reach.end, row.expectations.len() as u64);
    let quantile = |ms: Option<u64>| Cell::from(ms.map_or("–".to_owned(), brief));
    let held = match expected {
        0 => Cell("–".to_owned(), Tone::Quiet),
        _ => {
            let tone = if row.held() == expected { Tone::Good } else { Tone::Bad };
            Cell(format!("{}/{expected}", row.held()), tone)
        }
    };
    let mut cells = vec![Cell::from(clip(value, 12))];
    cells.extend(reach.map(|part| Cell::from(per_cent(part, row.pairs))));
    cells.extend([count(shown).into(), count(row.pairs - shown).into()]);
    cells.extend([quantile(row.latency_ms.map(|ms| ms.p50)), quantile(row.latency_ms.map(|ms| ms.p95)), held]);
    cells
}

/// A share whose unit stands in the heading.
fn per_cent(part: u64, whole: u64) -> String {
    share(part, whole).trim_end_matches(" %").to_owned()
}

/// The command for all values, then for each value at which something failed.
fn replay(record: &Variation, ink: Ink, out: &mut String) {
    heading(ink, out, "Replay", "any other value in the same way");
    writeln!(out, "  {}", visible::one_line(&record.batch.replay)).expect("a string takes all");
    let mut failed = record.rows.iter().filter(|row| !row.headline.failures.is_empty());
    let first = record.rows.first().into_iter().filter(|_| record.failures.is_empty());
    for row in first.chain(failed.by_ref().take(VALUES_REPLAYED_MAX)) {
        writeln!(out, "  {}", visible::one_line(&row.headline.replay)).expect("a string takes all");
    }
    let more = failed.count();
    if more > 0 {
        let line = format!("… and {more} more values; --report FILE.json has the command of each");
        writeln!(out, "  {}", ink.paint(Tone::Quiet, &line)).expect("a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn shows_reach_against_the_key() {
        insta::assert_snapshot!(variation(&fixture::variation(), Ink::Plain), @r#"
        FAILED  by-hand  forecast · intune-2019 · seed 7
          3 forecasts in 120 ms
          ✗ expectation "most" did not hold at 20%

        delivery.fcm.loss  reach in % of pairs, since each message's acceptance
          value  1 min  15 min   1 h   4 h   end  shown  never    p50      p95  held
            10%   40.0    60.0  60.0  60.0  60.0      3      2  2.0 s  1.0 min   1/1
            20%   20.0    20.0  20.0  20.0  20.0      1      4  2.0 s  1.0 min   0/1
            30%   40.0    60.0  60.0  60.0  60.0      3      2  2.0 s  1.0 min   1/1

        Replay  any other value in the same way
          reveille forecast by-hand.toml --seed 7 --vary delivery.fcm.loss=10%..30%/3
          reveille forecast by-hand.toml --seed 7 --set delivery.fcm.loss=20%
        "#);
    }

    #[test]
    fn a_million_pairs_fit_on_a_line() {
        let mut record = fixture::variation();
        for row in &mut record.rows {
            row.value = "23h59m59s999ms".to_owned();
            (row.headline.pairs, row.headline.reach.end) = (1_999_999, 1_000_000);
            let latency = row.headline.latency_ms.as_mut().expect("something was shown");
            (latency.p50, latency.p95) = (3_599_999, 3_599_999);
        }
        let text = variation(&record, Ink::Plain);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }
}
