//! Headings of text for a terminal. Must not know a section.

use std::fmt::Write as _;

use super::ink::Ink;
use crate::report::document::cell::Tone;

/// A heading with text after it on the same line.
pub(crate) fn heading(ink: Ink, out: &mut String, title: &str, rest: &str) {
    let rest = if rest.is_empty() { String::new() } else { format!("  {}", ink.paint(Tone::Quiet, rest)) };
    writeln!(out, "\n{}{rest}", ink.paint(Tone::Heading, title)).expect("a string takes all");
}
