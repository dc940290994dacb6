//! Pairs as lines of JSON, for `DuckDB` or pandas. Adds nothing and leaves nothing out.

use crate::outcome::PairBatch;

/// Bytes of a line, roughly; only to ask for memory once.
const LINE_BYTES: usize = 256;

/// One object a pair, each on its line.
pub fn ndjson(batch: &PairBatch<'_>) -> Vec<u8> {
    let mut lines = Vec::with_capacity(batch.len() * LINE_BYTES);
    batch.each(|line| {
        serde_json::to_writer(&mut lines, line).expect("a record of texts and integers is JSON, and memory takes all");
        lines.push(b'\n');
    });
    lines
}
