//! The report as `JUnit` XML, for test runners: a case for each expectation and each fault, with the expected value,
//! the measured one and the command that repeats the run. Must not judge beyond the record.

use quick_junit::{TestCase, TestCaseStatus};

use crate::outcome::words::count;
use crate::outcome::{ExpectationLine, Failure, FaultLine, FaultStatus, Outcome, Verdict};

use super::junit_suite::{SuiteFacts, compared, error, failed, placed, skipped, suites};
use crate::report::document::plain::plain;
use crate::report::document::setting::Setting;

/// What is expected of a fault.
pub(super) const TOUCHES: &str = "a fault that touches something";

/// The whole report, with a final line feed. A case that does not pass is a failure if the scenario demands it, and an
/// error if the run itself went wrong.
pub fn junit(outcome: &Outcome, setting: &Setting) -> String {
    let expectations = outcome.expectations.iter().map(|line| expectation(line, outcome)).collect();
    let faults = outcome.faults.iter().map(|line| fault(line, outcome)).collect();
    let baseline = outcome.baseline.iter().flat_map(|line| &line.figures).map(|line| compared(line, &outcome.replay));
    let by_kind = [
        ("run", run(outcome)),
        ("expectations", placed(expectations, &setting.origins.expectations)),
        ("faults", placed(faults, &setting.origins.faults)),
        ("baseline", baseline.collect()),
    ];
    let properties = vec![
        ("profile", outcome.profile.clone()),
        ("seed", outcome.seed.to_string()),
        ("driver", outcome.driver.name().to_owned()),
        ("version", outcome.version.clone()),
        ("model_version", outcome.model_version.to_string()),
        ("scenario_hash", outcome.scenario_hash.clone()),
        ("digest", outcome.digest.clone()),
        ("replay", outcome.replay.clone()),
    ];
    let facts = SuiteFacts { scenario: &outcome.scenario, wall_ms: outcome.wall_ms, setting, properties };
    suites(by_kind, &facts)
}

/// Errors of the run itself. A successful run has no case of its own, unless the suite would be empty, which some
/// readers treat as an error.
fn run(outcome: &Outcome) -> Vec<TestCase> {
    let mut cases = Vec::new();
    match outcome.verdict() {
        Verdict::Broken => {
            let sums = &outcome.conservation;
            let observed = format!(
                "{} sent, {} counted, {} settled, {} waiting",
                count(sums.sent),
                count(sums.counted),
                count(sums.settled),
                count(sums.waiting)
            );
            cases.push(error("no pair is lost or doubled", ["every pair in one station", &observed], &outcome.replay));
        }
        Verdict::Failed { reasons } => cases.extend(reasons.iter().filter_map(|reason| match reason {
            Failure::Expectation { .. } | Failure::FaultTouchedNothing { .. } | Failure::Regression { .. } => None,
            Failure::Lag { p99_ms, limit_ms } => {
                let (expected, observed) = (format!("p99 <= {limit_ms} ms"), format!("{p99_ms} ms"));
                Some(TestCase::new("lag", failed("lag", [&expected, &observed], &outcome.replay)))
            }
        })),
        Verdict::Passed => {}
    }
    if outcome.interrupted {
        let observed = match (outcome.interrupted_at_ms, outcome.devices_done) {
            (Some(at), _) => format!("interrupted at {at} ms of model time"),
            (None, Some(done)) => format!("interrupted, {} of {} devices done", count(done), count(outcome.devices)),
            (None, None) => "interrupted".to_owned(),
        };
        let (name, expected) = ("run to the end", "a run to the end");
        cases.push(match &outcome.aborted_by {
            Some(by) => {
                let at_ms = outcome.interrupted_at_ms.unwrap_or(0);
                let observed = format!("aborted at {at_ms} ms of model time by the expectation `{by}`");
                TestCase::new(name, failed("abort", [expected, &observed], &outcome.replay))
            }
            None => error(name, [expected, &observed], &outcome.replay),
        });
    }
    if cases.is_empty() && outcome.expectations.is_empty() && outcome.faults.is_empty() {
        cases.push(TestCase::new("run to the end", TestCaseStatus::success()));
    }
    cases
}

fn expectation(line: &ExpectationLine, outcome: &Outcome) -> TestCase {
    let status = if line.ok {
        TestCaseStatus::success()
    } else {
        failed("expectation", [&format!("{} {}", line.metric, line.check), &line.observed_text], &outcome.replay)
    };
    TestCase::new(plain(&line.name), status)
}

fn fault(line: &FaultLine, outcome: &Outcome) -> TestCase {
    let status = match line.status {
        FaultStatus::Touched => TestCaseStatus::success(),
        FaultStatus::TouchedNothing => failed("fault", [TOUCHES, "touched nothing"], &outcome.replay),
        FaultStatus::MayTouchNothing => skipped("touched nothing, as it may"),
        FaultStatus::Interrupted => skipped("touched nothing until the run was interrupted"),
        FaultStatus::NotApplicable => skipped("not applicable to this driver"),
    };
    TestCase::new(plain(&line.name), status)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    use super::*;
    use crate::outcome::fixture::usual;
    use crate::rules::base::time::SimTime;
    use crate::scenario::{Origin, Origins};

    const EXPECTED: &str = "[[expect]]\nname = \"most within a minute\"\nmetric = \"reach\"\nwithin = \"1m\"\n\
                            check = \">= 0.75\"\n[[expect]]\nname = \"some\"\nmetric = \"reach\"\nwithin = \"15m\"\n\
                            check = \">= 0.1\"\n";

    fn usual_outcome() -> Outcome {
        usual(EXPECTED).outcome(None)
    }

    /// A setting with positions for `EXPECTED` and for the scenario by hand.
    fn setting() -> Setting {
        let origin = |line| Origin { file: "by-hand.toml".to_owned(), line };
        let origins = Origins { expectations: vec![origin(57), origin(62)], faults: vec![origin(48)] };
        Setting { started_unix_ms: Some(1_795_876_501_999), hostname: Some("runner-7".to_owned()), origins }
    }

    #[test]
    fn says_when_where_how_long_and_which_line() {
        let outcome = usual_outcome();
        read(&outcome, |cases, root| {
            let suites: Vec<_> = root.children().filter(|node| node.has_tag_name("testsuite")).collect();
            assert_eq!(suites.len(), 2);
            let ms = |node: &Node<'_, '_>| -> u64 {
                let seconds = node.attribute("time").expect("it has a time");
                let (whole, thousandths) = seconds.split_once('.').expect("three decimals");
                format!("{whole}{thousandths}").parse().expect("a number")
            };
            for suite in &suites {
                assert_eq!(suite.attribute("timestamp"), Some("2026-11-28T14:35:01"));
                assert_eq!(suite.attribute("hostname"), Some("runner-7"));
            }
            assert_eq!(ms(&root), outcome.wall_ms);
            assert_eq!(suites.iter().map(ms).sum::<u64>(), outcome.wall_ms);
            assert_eq!(cases.iter().map(ms).sum::<u64>(), outcome.wall_ms);
            let places: Vec<_> = cases.iter().map(|case| (case.attribute("file"), case.attribute("line"))).collect();
            assert_eq!(places, ["57", "62", "48"].map(|line| (Some("by-hand.toml"), Some(line))));
        });
    }

    #[test]
    fn omits_unknown_values() {
        let text = junit(&usual_outcome(), &Setting::default());
        assert!(!["timestamp=", "hostname=", "file=", "line="].iter().any(|key| text.contains(key)), "{text}");
    }

    /// Reads a report with an XML parser, as other programs do.
    fn read<T>(outcome: &Outcome, look: impl FnOnce(Vec<Node<'_, '_>>, Node<'_, '_>) -> T) -> T {
        let text = junit(outcome, &setting());
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error} in:\n{text}"));
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
        look(cases, document.root_element())
    }

    fn child<'a, 'i>(case: Node<'a, 'i>, tag: &str) -> Option<Node<'a, 'i>> {
        case.children().find(|node| node.has_tag_name(tag))
    }

    #[test]
    fn has_a_case_for_each_expectation_and_each_fault() {
        let mut outcome = usual_outcome();
        let line = outcome.faults[0].clone();
        for (at, status) in [FaultStatus::TouchedNothing, FaultStatus::MayTouchNothing, FaultStatus::NotApplicable]
            .into_iter()
            .enumerate()
        {
            outcome.faults.push(FaultLine { name: format!("f{at}"), touched: 0, status, ..line.clone() });
        }
        read(&outcome, |cases, root| {
            assert_eq!(cases.len(), outcome.expectations.len() + outcome.faults.len());
            for (key, number) in [("tests", "6"), ("failures", "2"), ("errors", "0"), ("skipped", "2")] {
                assert_eq!(root.attribute(key), Some(number), "{key}");
            }
            assert_eq!(cases[0].attribute("name"), Some("most within a minute"));
            assert_eq!(cases[0].attribute("classname"), Some("by-hand.expectations"));
            let failure = child(cases[0], "failure").expect("40 % are not 75 %");
            assert_eq!(failure.attribute("message"), Some("expected reach >= 0.75, observed 40.0 %"));
            assert_eq!(
                failure.text(),
                Some("expected: reach >= 0.75\nobserved: 40.0 %\nreplay:   reveille run by-hand.toml --seed 7")
            );
            assert!(child(cases[1], "failure").is_none(), "it held");
            let tags = ["failure", "skipped", "skipped"];
            assert!(cases[3..].iter().zip(tags).all(|(case, tag)| child(*case, tag).is_some()));
        });
    }

    #[test]
    fn a_run_that_went_wrong_is_an_error() {
        let mut interrupted = usual(EXPECTED).outcome(Some(SimTime(200_000)));
        let mut broken = usual_outcome();
        broken.conservation.ok = false;
        for (outcome, words) in [
            (&interrupted, "interrupted at 200000 ms of model time"),
            (&broken, "5 sent, 5 counted, 5 settled, 0 waiting"),
        ] {
            read(outcome, |cases, root| {
                assert_eq!(root.attribute("errors"), Some("1"));
                let error = child(cases[0], "error").expect("the run comes first");
                assert!(error.text().is_some_and(|text| text.contains(words)), "{:?}", error.text());
            });
        }
        (interrupted.interrupted_at_ms, interrupted.devices_done) = (None, Some(3));
        read(&interrupted, |cases, _| {
            let message = child(cases[0], "error").and_then(|error| error.attribute("message"));
            assert_eq!(message, Some("expected a run to the end, observed interrupted, 3 of 4 devices done"));
        });
    }

    #[test]
    fn a_run_that_an_expectation_aborted_is_a_failure_and_no_error() {
        let mut outcome = usual(EXPECTED).outcome(Some(SimTime(200_000)));
        outcome.aborted_by = Some("most within a minute".to_owned());
        read(&outcome, |cases, root| {
            assert_eq!(root.attribute("errors"), Some("0"));
            let message = child(cases[0], "failure").and_then(|failure| failure.attribute("message"));
            let said = "expected a run to the end, observed aborted at 200000 ms of model time by the expectation \
                        `most within a minute`";
            assert_eq!((cases[0].attribute("name"), message), (Some("run to the end"), Some(said)));
        });
    }

    #[test]
    fn is_never_without_a_case() {
        let mut outcome = usual("").outcome(None);
        outcome.faults.clear();
        read(&outcome, |cases, root| {
            assert_eq!((cases.len(), root.attribute("failures")), (1, Some("0")));
        });
    }

    #[test]
    fn says_which_run_it_was() {
        let outcome = usual_outcome();
        read(&outcome, |_, root| {
            let value = |key: &str| {
                let property = root
                    .descendants()
                    .find(|node| node.has_tag_name("property") && node.attribute("name") == Some(key));
                property.and_then(|node| node.attribute("value")).map(str::to_owned)
            };
            assert_eq!(value("seed").as_deref(), Some("7"));
            assert_eq!(value("digest"), Some(outcome.digest.clone()));
            assert_eq!(value("replay").as_deref(), Some("reveille run by-hand.toml --seed 7"));
        });
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_back_as_its_visible_form(text in any::<String>(), more in "[\\x00-\\x1f<>&\"'\\]\\[!\u{FFFE}\u{9b}-]{0,20}") {
            let text = format!("{text}]]>{more}");
            let mut outcome = usual_outcome();
            outcome.scenario.clone_from(&text);
            outcome.replay.clone_from(&text);
            outcome.faults[0].name.clone_from(&text);
            outcome.expectations[0].name.clone_from(&text);
            outcome.expectations[0].observed_text.clone_from(&text);
            let seen = plain(&text);
            read(&outcome, |cases, root| {
                assert_eq!(root.attribute("name"), Some(format!("reveille {seen}").as_str()));
                assert_eq!(cases.len(), 3);
                assert_eq!(cases[0].attribute("name"), Some(seen.as_str()));
                assert_eq!(cases[2].attribute("name"), Some(seen.as_str()));
                let failure = child(cases[0], "failure").expect("it did not hold");
                let expected = format!("expected: reach >= 0.75\nobserved: {seen}\nreplay:   {seen}");
                assert_eq!(failure.text(), Some(expected.as_str()));
            });
        }
    }
}
