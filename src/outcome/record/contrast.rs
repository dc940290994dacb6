//! The cost of faults, as a plain record. Must not compute anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::messages::LatencyShort;

/// What some faults did, found by the same run without them. A pair is one occurrence of a send and one device; all but the
/// last two counts are of pairs that there are in both runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContrastLine {
    /// The faults that are taken out, together.
    pub faults: Vec<String>,
    /// Pairs shown in both runs, later with the faults.
    pub shown_later: u64,
    /// By how much, in ms; null if none was.
    pub delay_ms: Option<LatencyShort>,
    /// Pairs shown without the faults, and not by the end with them.
    pub never_shown: u64,
    /// Pairs shown in both runs, earlier with the faults.
    pub shown_earlier: u64,
    /// Pairs shown with the faults, and not by the end without them.
    pub shown_only_with: u64,
    /// Pairs shown at the same moment in both runs, or in neither.
    pub unchanged: u64,
    /// Pairs that there are with the faults only, because audiences or answers were others.
    pub only_with: u64,
    /// Pairs that there are without the faults only.
    pub only_without: u64,
}
