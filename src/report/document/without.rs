//! The section about the outcome without faults, in sentences. Must not judge.

use crate::outcome::words::{brief, count};
use crate::outcome::{ContrastLine, Outcome};

use super::phrases::plural;
use super::section::{Block, Lead, Section};

/// The cost of each fault of `--without`, if there are any.
pub(super) fn section(outcome: &Outcome) -> Option<Section> {
    let lines = outcome.without.as_ref()?;
    let title = match lines.as_slice() {
        [ContrastLine { faults, .. }] if faults.len() == 1 => "What would have been without it",
        _ => "What would have been without them",
    };
    let lead = if lines.is_empty() { "interrupted before it was known" } else { "the same draws, but for the fault" };
    let effects = lines.iter().map(|line| (joined(&line.faults), sentences(line))).collect();
    Some(Section::new("without", title, Lead::Sentence(lead.to_owned()), vec![Block::Effects(effects)]))
}
/// `a`, `a and b`, `a, b and c`.
fn joined(names: &[String]) -> String {
    match names {
        [firsts @ .., last] if !firsts.is_empty() => format!("{} and {last}", firsts.join(", ")),
        names => names.concat(),
    }
}

/// The effect of the faults, each in a sentence; effects of zero are omitted.
fn sentences(line: &ContrastLine) -> Vec<String> {
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

    fn made(lines: Option<Vec<ContrastLine>>) -> Option<Section> {
        let mut outcome = usual("").outcome(None);
        outcome.without = lines;
        section(&outcome)
    }

    #[test]
    fn describes_the_outcome_without_the_faults_and_omits_zero_effects() {
        let costly = ContrastLine {
            shown_later: 12_114,
            delay_ms: Some(LatencyShort { p50: 1_080_000, p95: 3_060_000, max: 3_540_000 }),
            never_shown: 212,
            shown_earlier: 1,
            shown_only_with: 2,
            only_with: 3,
            only_without: 99_999_999_999,
            ..line(&["fcm-north", "masts-down"])
        };
        assert_eq!(sentences(&line(&["masts-down"])), ["nothing would have been different for 5 pairs"]);
        insta::assert_snapshot!(sentences(&costly).join("\n"), @r"
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
        assert!(made(None).is_none());
        assert_eq!(made(Some(Vec::new())).expect("it was requested").lead.phrase(), "interrupted before it was known");
    }

    #[test]
    fn several_names_are_a_list() {
        let names = |names: &[&str]| joined(&line(names).faults);
        assert_eq!([names(&["a"]), names(&["a", "b"]), names(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }
}
