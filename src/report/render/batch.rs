//! The head of a text about many forecasts: the verdict, their number and kind, and where an expectation or a fault
//! failed.

use std::fmt::Write as _;

use crate::outcome::words::{bytes, count};
use crate::outcome::{Batch, Headline};

use super::ink::Ink;
use super::text_table::{clip, columns};
use crate::report::document::cell::Tone;
use crate::report::document::phrases::{plural, span};

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of the list of failed places.
const PLACES_WIDTH: usize = 44;

/// An expectation or a fault that failed, and where.
pub(super) struct Missed<'r> {
    /// Its name.
    pub(crate) what: &'r str,
    /// The words between the name and the places: `with seeds`, `at`.
    pub(super) lead: &'static str,
    /// The places where it failed.
    pub(crate) places: Vec<String>,
}

/// The conservation of pairs in all forecasts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sums {
    /// Every pair of every forecast is accounted for.
    Equal,
    /// The program lost or doubled pairs.
    Broken,
}

impl Sums {
    /// Of these forecasts.
    pub(crate) fn of<'r>(rows: impl IntoIterator<Item = &'r Headline>) -> Self {
        if rows.into_iter().all(|row| row.conserved) { Self::Equal } else { Self::Broken }
    }
}

/// `FAILED  loss  forecast · intune-2019 · seeds 1 to 20`, then how many forecasts there were and what failed where.
pub(crate) fn verdict(batch: &Batch, sums: Sums, detail: &str, missed: &[Missed<'_>], ink: Ink, out: &mut String) {
    let (tone, word) = match (sums, batch.interrupted, missed) {
        (Sums::Broken, ..) => (Tone::Bad, "BROKEN"),
        (Sums::Equal, true, _) => (Tone::Notice, "INTERRUPTED"),
        (Sums::Equal, false, []) => (Tone::Good, "PASSED"),
        (Sums::Equal, false, [_, ..]) => (Tone::Bad, "FAILED"),
    };
    let (word, name) = (ink.paint(tone, word), ink.paint(Tone::Heading, &clip(&batch.scenario, 40)));
    writeln!(out, "{word}  {name}  {} · {} · {detail}", batch.driver.name(), batch.profile)
        .expect("a string takes all");
    let requested = plural(batch.forecasts, "forecast");
    let made = if batch.interrupted { format!("{} of {requested}", count(batch.forecasts_done)) } else { requested };
    let memory = batch.peak_rss_bytes.map(|peak| format!(" · {} of memory at most", bytes(peak))).unwrap_or_default();
    writeln!(out, "  {made} in {}{memory}", span(batch.wall_ms)).expect("a string takes all");
    for Missed { what, lead, places } in missed {
        let (mark, place) = (ink.paint(Tone::Bad, "✗"), format!("{lead} {}", listed(places)));
        let what = clip(what, WIDTH - 5 - columns(&place));
        writeln!(out, "  {mark} {what} {place}").expect("a string takes all");
    }
}

/// As many places as fit in a line, and how many more there are.
fn listed(places: &[String]) -> String {
    let mut text = String::new();
    for (nth, place) in places.iter().enumerate() {
        let place = clip(place, PLACES_WIDTH / 2);
        // The note about omitted places takes 15 columns.
        if nth > 0 && columns(&text) + columns(&place) + 2 > PLACES_WIDTH - 15 {
            write!(text, " and {} more", count((places.len() - nth) as u64)).expect("a string takes all");
            return text;
        }
        text.extend([if nth > 0 { ", " } else { "" }, &place]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_many_places_as_fit_and_counts_the_rest() {
        let places = |number: u64| (1..=number).map(|seed| seed.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(&places(1)), "1");
        assert_eq!(listed(&places(4)), "1, 2, 3, 4");
        assert_eq!(listed(&places(5_000)), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more");
    }
}
