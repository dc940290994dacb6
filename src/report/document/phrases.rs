//! Numbers with their nouns, as every report for people writes them. Must not know a renderer.

use crate::outcome::words::{count, millis};

/// `1 pair`, `2 pairs`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// Milliseconds in a readable unit.
#[expect(clippy::cast_precision_loss, reason = "a rounded figure for people")]
pub(crate) fn span(ms: u64) -> String {
    millis(ms as f64)
}
