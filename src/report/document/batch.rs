//! A report about many forecasts as data: a head with verdict, size and failures, and sections. Must not know a renderer.

use crate::outcome::words::{bytes, count};
use crate::outcome::{Batch, Headline};

use super::cell::{Cell, Tone};
use super::phrases::{plural, span};
use super::section::{Block, Lead, ReplayCommand, Section};

/// Columns of the list of failed places.
const PLACES_WIDTH: usize = 44;

/// The whole report.
#[derive(Debug)]
pub(crate) struct BatchDocument {
    pub(crate) head: BatchHead,
    pub(crate) sections: Vec<Section>,
}

/// What a report about many forecasts says first.
#[derive(Debug)]
pub(crate) struct BatchHead {
    pub(crate) scenario: String,
    pub(crate) verdict: Cell,
    /// Driver, profile and seeds: `forecast · intune-2019 · seeds 1 to 20`.
    pub(crate) kind: String,
    /// How many forecasts were made, and what they took.
    pub(crate) size: String,
    /// What failed, and where.
    pub(crate) missed: Vec<Missed>,
    /// The most important figures, each with what it is.
    pub(crate) tiles: Vec<(String, String)>,
    /// What a page says at its end.
    pub(crate) made_by: String,
}

/// Something that did not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// An expectation, a fault or a figure.
    pub(crate) what: String,
    /// `with seeds 1, 2 and 7 more`; empty if it is about all forecasts together.
    pub(crate) places: String,
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

impl BatchHead {
    /// The head of a batch; `detail` says what its forecasts are.
    pub(crate) fn new(
        batch: &Batch,
        sums: Sums,
        detail: &str,
        missed: Vec<Missed>,
        tiles: Vec<(String, String)>,
    ) -> Self {
        let (tone, word) = match (sums, batch.interrupted, missed.as_slice()) {
            (Sums::Broken, ..) => (Tone::Bad, "BROKEN"),
            (Sums::Equal, true, _) => (Tone::Notice, "INTERRUPTED"),
            (Sums::Equal, false, []) => (Tone::Good, "PASSED"),
            (Sums::Equal, false, [_, ..]) => (Tone::Bad, "FAILED"),
        };
        let requested = plural(batch.forecasts, "forecast");
        let made =
            if batch.interrupted { format!("{} of {requested}", count(batch.forecasts_done)) } else { requested };
        let memory =
            batch.peak_rss_bytes.map(|peak| format!(" · {} of memory at most", bytes(peak))).unwrap_or_default();
        Self {
            scenario: batch.scenario.clone(),
            verdict: Cell(word.to_owned(), tone),
            kind: format!("{} · {} · {detail}", batch.driver.name(), batch.profile),
            size: format!("{made} in {}{memory}", span(batch.wall_ms)),
            missed,
            tiles,
            made_by: format!("reveille {} · model {}", batch.version, batch.model_version),
        }
    }
}

impl Missed {
    /// What failed at some places; `lead` are the words between: `with seeds`, `at`.
    pub(crate) fn at(what: &str, lead: &str, places: &[String]) -> Self {
        Self { what: what.to_owned(), places: format!("{lead} {}", listed(places)) }
    }
}

/// The commands that repeat forecasts: that of all first.
pub(crate) fn replays(batch: &Batch, rows: Vec<ReplayCommand>, lead: &str, more: Option<String>) -> Section {
    let mut commands = vec![ReplayCommand::of_all(&batch.replay)];
    commands.extend(rows);
    let mut blocks = vec![Block::Commands(commands)];
    blocks.extend(more.map(Block::Note));
    Section::new("replay", "Replay", Lead::Sentence(lead.to_owned()), blocks)
}

/// As many places as fit in a line, and how many more there are.
fn listed(places: &[String]) -> String {
    let clip = |place: &String| match place.char_indices().nth(PLACES_WIDTH / 2 - 1) {
        Some((end, _)) if place.chars().count() > PLACES_WIDTH / 2 => format!("{}…", &place[..end]),
        _ => place.clone(),
    };
    let mut text = String::new();
    for (nth, place) in places.iter().map(clip).enumerate() {
        // The note about omitted places takes 15 columns.
        if nth > 0 && text.chars().count() + place.chars().count() + 2 > PLACES_WIDTH - 15 {
            return format!("{text} and {} more", count((places.len() - nth) as u64));
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
