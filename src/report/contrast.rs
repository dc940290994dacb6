//! The section about what would have been without faults, in sentences. Judges nothing.

use std::fmt::Write as _;

use crate::run::words::count;
use crate::run::{ContrastLine, Outcome};

use super::console::{heading, plural, span};
use super::ink::{Ink, Tone};
use super::table::clip;

/// What each named fault cost, if that was asked for.
pub(super) fn contrast(outcome: &Outcome, ink: Ink, out: &mut String) {
    let Some(lines) = &outcome.without else { return };
    let title = if let [ContrastLine { faults, .. }] = lines.as_slice()
        && faults.len() == 1
    {
        "What would have been without it"
    } else {
        "What would have been without them"
    };
    let rest = if lines.is_empty() { "interrupted before it was known" } else { "the same draws, but for the fault" };
    heading(ink, out, title, rest);
    for line in lines {
        let names = clip(&line.faults.join(" and "), 88);
        writeln!(out, "  without {}", ink.paint(Tone::Heading, &names)).expect("a string takes all");
        for sentence in sentences(line) {
            writeln!(out, "    {sentence}").expect("a string takes all");
        }
    }
}

/// What the faults did, each in a sentence; what did not happen is not said.
fn sentences(line: &ContrastLine) -> Vec<String> {
    let pairs = |number: u64| plural(number, "pair");
    let mut said = Vec::new();
    if let Some(delay) = line.delay_ms {
        let (p50, p95, max) = (span(delay.p50), span(delay.p95), span(delay.max));
        let number = pairs(line.shown_later);
        said.push(format!("{number} would have been shown sooner (median {p50}, p95 {p95}, at most {max})"));
    }
    let mut say = |number: u64, words: &str| {
        if number > 0 {
            said.push(format!("{} {words}", pairs(number)));
        }
    };
    say(line.never_shown, "would have been shown at all that never were");
    say(line.shown_earlier, "would have been shown later");
    say(line.shown_only_with, "would never have been shown that were");
    say(line.only_without, "would have been there that were not");
    say(line.only_with, "would not have been there that were");
    if said.is_empty() {
        return vec![format!("nothing would have been different for {}", pairs(line.unchanged))];
    }
    said.push(format!("{} would have been the same", count(line.unchanged)));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::LatencyShort;
    use crate::run::fixture::usual;

    fn line(faults: &[&str]) -> ContrastLine {
        ContrastLine {
            faults: faults.iter().map(ToString::to_string).collect(),
            shown_later: 0,
            delay_ms: None,
            never_shown: 0,
            shown_earlier: 0,
            shown_only_with: 0,
            unchanged: 5,
            only_with: 0,
            only_without: 0,
        }
    }

    fn section(lines: Option<Vec<ContrastLine>>) -> String {
        let mut outcome = usual("").outcome(None);
        outcome.without = lines;
        let mut out = String::new();
        contrast(&outcome, Ink::Plain, &mut out);
        out
    }

    #[test]
    fn says_what_would_have_been_and_nothing_that_would_not() {
        let large = 99_999_999_999;
        let costly = ContrastLine {
            shown_later: 12_114,
            delay_ms: Some(LatencyShort { p50: 1_080_000, p95: 3_060_000, max: 3_540_000 }),
            never_shown: 212,
            shown_earlier: 1,
            shown_only_with: 2,
            only_with: 3,
            only_without: large,
            ..line(&["fcm-north", "masts-down"])
        };
        insta::assert_snapshot!(section(Some(vec![line(&["masts-down"]), costly])), @r"
        What would have been without them  the same draws, but for the fault
          without masts-down
            nothing would have been different for 5 pairs
          without fcm-north and masts-down
            12,114 pairs would have been shown sooner (median 18 min, p95 51 min, at most 59 min)
            212 pairs would have been shown at all that never were
            1 pair would have been shown later
            2 pairs would never have been shown that were
            99,999,999,999 pairs would have been there that were not
            3 pairs would not have been there that were
            5 would have been the same
        ");
    }

    #[test]
    fn is_absent_when_nobody_asked_and_says_so_when_it_was_interrupted() {
        assert_eq!(section(None), "");
        assert!(section(Some(Vec::new())).contains("interrupted before it was known"));
    }

    #[test]
    fn long_names_do_not_make_it_wider() {
        let long = "a-name-that-goes-on-and-on ".repeat(4);
        let text = section(Some(vec![line(&[&long, &long])]));
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}
