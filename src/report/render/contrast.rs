//! The section about the outcome without faults, in sentences. Must not judge.

use std::fmt::Write as _;

use crate::outcome::words::{brief, count};
use crate::outcome::{ContrastLine, Outcome};

use super::heading::heading;
use crate::report::document::ink::{Ink, Tone};
use crate::report::document::phrases::plural;
use crate::report::document::table::clip;

/// The cost of each fault of `--without`, if there are any.
pub(crate) fn contrast(outcome: &Outcome, ink: Ink, out: &mut String) {
    let Some(lines) = &outcome.without else { return };
    let (title, rest) = title(lines);
    heading(ink, out, title, rest);
    for line in lines {
        let names = clip(&joined(&line.faults), 88);
        writeln!(out, "  without {}", ink.paint(Tone::Heading, &names)).expect("a string takes all");
        for sentence in sentences(line) {
            writeln!(out, "    {sentence}").expect("a string takes all");
        }
    }
}

/// The section's title, and the text beside it.
pub(crate) fn title(lines: &[ContrastLine]) -> (&'static str, &'static str) {
    let title = match lines {
        [ContrastLine { faults, .. }] if faults.len() == 1 => "What would have been without it",
        _ => "What would have been without them",
    };
    let rest = if lines.is_empty() { "interrupted before it was known" } else { "the same draws, but for the fault" };
    (title, rest)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(names: &[String]) -> String {
    match names {
        [firsts @ .., last] if !firsts.is_empty() => format!("{} and {last}", firsts.join(", ")),
        names => names.concat(),
    }
}

/// The effect of the faults, each in a sentence; effects of zero are omitted.
pub(super) fn sentences(line: &ContrastLine) -> Vec<String> {
    let pairs = |number: u64| plural(number, "pair");
    let mut said = Vec::new();
    if let Some(delay) = line.delay_ms {
        let (p50, p95, max) = (brief(delay.p50), brief(delay.p95), brief(delay.max));
        let number = pairs(line.shown_later);
        said.push(format!("{number} would have been shown sooner (median {p50}, p95 {p95}, max {max})"));
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
    use crate::outcome::LatencyShort;
    use crate::outcome::fixture::{contrast as line, usual};

    fn section(lines: Option<Vec<ContrastLine>>) -> String {
        let mut outcome = usual("").outcome(None);
        outcome.without = lines;
        let mut out = String::new();
        contrast(&outcome, Ink::Plain, &mut out);
        out
    }

    #[test]
    fn describes_the_outcome_without_the_faults_and_omits_zero_effects() {
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
        insta::assert_snapshot!(section(Some(vec![line(&["masts-down"]), costly])).trim(), @r"
        What would have been without them  the same draws, but for the fault
          without masts-down
            nothing would have been different for 5 pairs
          without fcm-north and masts-down
            12,114 pairs would have been shown sooner (median 18.0 min, p95 51.0 min, max 59.0 min)
            212 pairs would have been shown at all that never were
            1 pair would have been shown later
            2 pairs would never have been shown that were
            99,999,999,999 pairs would have been there that were not
            3 pairs would not have been there that were
            5 would have been the same
        ");
    }

    #[test]
    fn is_absent_by_default_and_marked_when_interrupted() {
        assert_eq!(section(None), "");
        assert!(section(Some(Vec::new())).contains("interrupted before it was known"));
    }

    #[test]
    fn several_names_are_a_list() {
        let names = |names: &[&str]| joined(&line(names).faults);
        assert_eq!([names(&["a"]), names(&["a", "b"]), names(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }

    #[test]
    fn long_names_and_large_numbers_do_not_make_it_wider() {
        let long = "a-name-that-goes-on-and-on ".repeat(4);
        let (ms, large) = (59 * 60_000, 99_999_999_999);
        let delay_ms = Some(LatencyShort { p50: ms, p95: ms, max: ms });
        let wide = ContrastLine { shown_later: large, delay_ms, shown_only_with: large, ..line(&[&long, &long]) };
        let text = section(Some(vec![wide]));
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}
