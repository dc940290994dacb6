//! Many forecasts as `JUnit` XML. Of seeds: a case for each expectation, each fault and each compared figure, which all
//! seeds must pass. Of values of a key: a case for each value. Must not judge beyond the record.

use quick_junit::{TestCase, TestCaseStatus};

use crate::outcome::words::count;
use crate::outcome::{Batch, ExpectationLine, FaultStatus, Headline, Ranges, Variation, VariationRow};

use super::junit::TOUCHES;
use super::junit_suite::{SuiteFacts, compared, error, failed, placed, skipped, suites};
use crate::report::document::plain::plain;
use crate::report::document::setting::Setting;

/// Seeds, or values of a key, that a case lists.
const LISTED_MAX: usize = 12;

/// A range of seeds.
pub(crate) fn ranges(record: &Ranges, setting: &Setting) -> String {
    let first = &record.rows[0];
    let expectations = (0..first.expectations.len()).map(|at| expectation(at, record)).collect();
    let faults = (0..first.faults.len()).map(|at| fault(at, record)).collect();
    let lines = record.baseline.iter().flat_map(|line| &line.figures);
    let baseline = lines.map(|line| compared(line, &record.batch.replay)).collect();
    let by_kind = [
        ("run", run(&record.batch, &record.rows)),
        ("expectations", placed(expectations, &setting.origins.expectations)),
        ("faults", placed(faults, &setting.origins.faults)),
        ("baseline", baseline),
    ];
    let seeds = format!("{}..{}", record.seeds.first, record.seeds.last);
    suites(by_kind, &facts(&record.batch, setting, ("seeds", seeds)))
}

/// The values of a key.
pub(crate) fn variation(record: &Variation, setting: &Setting) -> String {
    let case = |row: &VariationRow| {
        let status = if row.headline.failures.is_empty() {
            TestCaseStatus::success()
        } else {
            failed("value", ["all to hold", &row.headline.failures.join("; ")], &row.headline.replay)
        };
        TestCase::new(plain(&format!("{}={}", record.key, row.value)), status)
    };
    let run = run(&record.batch, record.rows.iter().map(|row| &row.headline));
    let by_kind = [("run", run), ("values", record.rows.iter().map(case).collect())];
    suites(by_kind, &facts(&record.batch, setting, ("key", record.key.clone())))
}

fn facts<'r>(batch: &'r Batch, setting: &'r Setting, more: (&'static str, String)) -> SuiteFacts<'r> {
    let properties = vec![
        ("profile", batch.profile.clone()),
        more,
        ("driver", batch.driver.name().to_owned()),
        ("version", batch.version.clone()),
        ("model_version", batch.model_version.to_string()),
        ("replay", batch.replay.clone()),
    ];
    SuiteFacts { scenario: &batch.scenario, wall_ms: batch.wall_ms, setting, properties }
}

/// What went wrong with the forecasts themselves. Forecasts that went well have a case of their own where nothing else is
/// judged, because some readers treat a suite without cases as an error.
fn run<'r>(batch: &Batch, rows: impl IntoIterator<Item = &'r Headline>) -> Vec<TestCase> {
    let (mut cases, mut is_judged) = (Vec::new(), false);
    for row in rows {
        is_judged |= !row.expectations.is_empty() || !row.faults.is_empty();
        if !row.conserved {
            let observed = format!("pairs lost or doubled with seed {}", row.seed);
            cases.push(error("no pair is lost or doubled", ["every pair in one station", &observed], &row.replay));
        }
    }
    if batch.interrupted {
        let observed = format!("{} of {} forecasts", count(batch.forecasts_done), count(batch.forecasts));
        cases.push(error("run to the end", ["every forecast", &observed], &batch.replay));
    }
    if cases.is_empty() && !is_judged {
        cases.push(TestCase::new("run to the end", TestCaseStatus::success()));
    }
    cases
}

/// An expectation, which must hold with every seed.
fn expectation(at: usize, record: &Ranges) -> TestCase {
    let line = |row: &Headline| -> ExpectationLine { row.expectations[at].clone() };
    let first = line(&record.rows[0]);
    let missed = record.rows.iter().filter(|row| !row.expectations[at].ok);
    let status = missed_with(&missed.collect::<Vec<_>>(), |row, seeds| {
        let expected = format!("{} {} with every seed", first.metric, first.check);
        let observed = format!("{} with seed {}; it did not hold with {seeds}", line(row).observed_text, row.seed);
        failed("expectation", [&expected, &observed], &row.replay)
    });
    TestCase::new(plain(&first.name), status)
}

/// A fault, which must touch something with every seed, unless it may touch nothing.
fn fault(at: usize, record: &Ranges) -> TestCase {
    let is = |status: FaultStatus| move |row: &&Headline| row.faults[at].status == status;
    let missed: Vec<&Headline> = record.rows.iter().filter(is(FaultStatus::TouchedNothing)).collect();
    let status = if record.rows.iter().all(|row| is(FaultStatus::NotApplicable)(&row)) {
        skipped("not applicable to this driver")
    } else if record.rows.iter().all(|row| is(FaultStatus::MayTouchNothing)(&row)) {
        skipped("touched nothing, as it may")
    } else {
        missed_with(&missed, |row, seeds| {
            failed("fault", [TOUCHES, &format!("touched nothing with {seeds}")], &row.replay)
        })
    };
    TestCase::new(plain(&record.rows[0].faults[at].name), status)
}

/// The status of a case that some seeds did not pass: with the first of them, and a list of all.
fn missed_with(missed: &[&Headline], status: impl Fn(&Headline, &str) -> TestCaseStatus) -> TestCaseStatus {
    let Some(first) = missed.first() else { return TestCaseStatus::success() };
    status(first, &seeds(missed))
}

/// The seeds of these forecasts, of which there is one at least.
pub(super) fn seeds(of: &[&Headline]) -> String {
    let noun = if of.len() == 1 { "seed" } else { "seeds" };
    format!("{noun} {}", listed(of.iter().map(|row| row.seed.to_string()).collect()))
}

/// The first of these words, and how many there are beside.
pub(super) fn listed(mut words: Vec<String>) -> String {
    let more = words.len().saturating_sub(LISTED_MAX);
    words.truncate(LISTED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;
    use crate::outcome::fixture;

    /// Every case: its class, its name, and what was expected and observed, if it failed.
    fn cases(text: &str) -> Vec<String> {
        let document = Document::parse(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"));
        let case = |node: roxmltree::Node<'_, '_>| {
            let of = |key| node.attribute(key).unwrap_or_default().to_owned();
            let failure = node.first_element_child().and_then(|child| child.attribute("message")).unwrap_or("ok");
            format!("{} | {} | {failure}", of("classname"), of("name"))
        };
        document.descendants().filter(|node| node.has_tag_name("testcase")).map(case).collect()
    }

    #[test]
    fn an_expectation_must_hold_with_every_seed() {
        insta::assert_snapshot!(cases(&ranges(&fixture::ranges(), &Setting::default())).join("\n"), @r"
        by-hand.expectations | most | expected reach >= 0.5 with every seed, observed 20.0 % with seed 2; it did not hold with seed 2
        by-hand.faults | fcm-down | ok
        ");
    }

    #[test]
    fn each_value_is_a_case() {
        insta::assert_snapshot!(cases(&variation(&fixture::variation(), &Setting::default())).join("\n"), @r#"
        by-hand.values | delivery.fcm.loss=10% | ok
        by-hand.values | delivery.fcm.loss=20% | expected all to hold, observed expectation "most" did not hold
        by-hand.values | delivery.fcm.loss=30% | ok
        "#);
    }

    #[test]
    fn an_interrupted_batch_is_an_error() {
        let mut record = fixture::ranges();
        (record.batch.forecasts, record.batch.interrupted) = (20, true);
        let text = cases(&ranges(&record, &Setting::default())).join("\n");
        assert!(text.contains("run to the end | expected every forecast, observed 3 of 20 forecasts"), "{text}");
    }
}
