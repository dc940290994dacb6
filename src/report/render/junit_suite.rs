//! Test suites in `JUnit`'s XML: how a report becomes cases for test runners. Must not judge.

use std::time::Duration;

use jiff::Timestamp;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::outcome::FigureLine;
use crate::report::document::plain::plain;
use crate::report::document::setting::Setting;
use crate::scenario::Origin;

/// What all suites of a report have in common.
#[derive(Debug)]
pub(super) struct SuiteFacts<'r> {
    pub(super) scenario: &'r str,
    pub(super) wall_ms: u64,
    pub(super) setting: &'r Setting,
    /// What identifies the run.
    pub(super) properties: Vec<(&'static str, String)>,
}

/// The whole report, with a final line feed; a suite without cases is left out.
pub(super) fn suites<const N: usize>(mut suites: [(&str, Vec<TestCase>); N], facts: &SuiteFacts<'_>) -> String {
    share_time(suites.iter_mut().flat_map(|(_, cases)| cases), facts.wall_ms);
    let mut report = Report::new(format!("reveille {}", plain(facts.scenario)));
    report.set_time(Duration::from_millis(facts.wall_ms));
    for (name, cases) in suites {
        if !cases.is_empty() {
            report.add_test_suite(suite(name, cases, facts));
        }
    }
    report.to_string().expect("a string takes all")
}

/// Cases with the positions in the scenario at which they are written, where known.
pub(super) fn placed(mut cases: Vec<TestCase>, origins: &[Origin]) -> Vec<TestCase> {
    if cases.len() == origins.len() {
        for (case, Origin { file, line }) in cases.iter_mut().zip(origins) {
            case.extra.insert("file".into(), plain(file).into());
            case.extra.insert("line".into(), line.to_string().into());
        }
    }
    cases
}

/// All cases are judged on one run, so each gets an equal share of its wall-clock time: some readers sum the cases,
/// others the suites.
fn share_time<'c>(cases: impl Iterator<Item = &'c mut TestCase>, wall_ms: u64) {
    let cases: Vec<&mut TestCase> = cases.collect();
    let all = cases.len() as u128;
    let upto = |nth: u128| (u128::from(wall_ms) * nth / all) as u64;
    for (nth, case) in (0..).zip(cases) {
        case.set_time(Duration::from_millis(upto(nth + 1) - upto(nth)));
    }
}

/// The moment in the form that readers' schemas require: UTC, whole seconds, no zone.
fn timestamp(unix_ms: u64) -> Option<String> {
    let moment = Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// One kind of case, with all properties that identify the run.
fn suite(name: &str, cases: Vec<TestCase>, facts: &SuiteFacts<'_>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.set_time(cases.iter().filter_map(|case| case.time).sum());
    if let Some(started) = facts.setting.started_unix_ms.and_then(timestamp) {
        suite.extra.insert("timestamp".into(), started.into());
    }
    if let Some(hostname) = &facts.setting.hostname {
        suite.extra.insert("hostname".into(), plain(hostname).into());
    }
    let class = format!("{}.{name}", plain(facts.scenario));
    suite.add_test_cases(cases.into_iter().map(|mut case| {
        case.set_classname(class.as_str());
        case
    }));
    suite.add_properties(facts.properties.iter().map(|(key, value)| Property::new(*key, plain(value))));
    suite
}

/// A case that is skipped, with the reason.
pub(super) fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

/// A case that does not hold; `said` is what was expected and what was observed.
pub(super) fn failed(kind: &str, said: [&str; 2], replay: &str) -> TestCaseStatus {
    not_passed(NonSuccessKind::Failure, kind, said, replay)
}

/// A case whose run went wrong.
pub(super) fn error(name: &str, said: [&str; 2], replay: &str) -> TestCase {
    TestCase::new(name, not_passed(NonSuccessKind::Error, "run", said, replay))
}

fn not_passed(kind: NonSuccessKind, of: &str, said: [&str; 2], replay: &str) -> TestCaseStatus {
    let [expected, observed] = said.map(plain);
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(of).set_message(format!("expected {expected}, observed {observed}"));
    status.set_description(format!("expected: {expected}\nobserved: {observed}\nreplay:   {}", plain(replay)));
    status
}

/// A case for a figure that is compared with a former report.
pub(super) fn compared(line: &FigureLine, replay: &str) -> TestCase {
    let status = if line.ok {
        TestCaseStatus::success()
    } else {
        let allowed = if line.allowed_text.is_empty() { "as before" } else { &line.allowed_text };
        failed("regression", [&format!("{allowed} ({} before)", line.before_text), &line.now_text], replay)
    };
    TestCase::new(plain(&line.name), status)
}
