//! Pairs as lines of JSON, for `DuckDB` or pandas. Must not add or omit anything.

use crate::outcome::PairBatch;

/// Approximate bytes of a line, to allocate once.
const LINE_BYTES: usize = 256;

/// One object for each pair, each on its line.
pub fn ndjson(batch: &PairBatch<'_>) -> Vec<u8> {
    let mut lines = Vec::with_capacity(batch.len() * LINE_BYTES);
    batch.each(|line| {
        serde_json::to_writer(&mut lines, line).expect("a record of texts and integers is JSON, and memory takes all");
        lines.push(b'\n');
    });
    lines
}
