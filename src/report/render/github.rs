//! What failed as annotations of a pull request: GitHub's workflow commands, each at its place in the scenario. Must not
//! judge beyond the record.

use crate::outcome::words::count;
use crate::outcome::{
    BaselineLine, Batch, ExpectationLine, Failure, FaultStatus, Headline, Outcome, Ranges, Variation, Verdict,
};
use crate::report::document::setting::Setting;
use crate::scenario::{Annotation, Origin, Severity};

use super::junit::TOUCHES;
use super::junit_batch::{listed, seeds};

/// What is said of a run that does not conserve its pairs.
const BROKEN: &str = "pairs were lost or doubled: the program is wrong";

/// Everything that failed in one run; empty if nothing did.
pub fn annotations(outcome: &Outcome, setting: &Setting) -> String {
    let mut writing = Writing { replay: &outcome.replay, out: String::new() };
    let (expectations, faults) = (&outcome.expectations, &outcome.faults);
    for (at, line) in expectations.iter().enumerate().filter(|(_, line)| !line.ok) {
        let place = place(&setting.origins.expectations, expectations.len(), at);
        writing.error(place, &format!("expectation: {}", line.name), &expected(line));
    }
    for (at, line) in faults.iter().enumerate().filter(|(_, line)| line.status == FaultStatus::TouchedNothing) {
        let place = place(&setting.origins.faults, faults.len(), at);
        writing.error(place, &format!("fault: {}", line.name), &format!("expected {TOUCHES}, it touched nothing"));
    }
    match outcome.verdict() {
        Verdict::Broken => writing.error(None, "the run", BROKEN),
        Verdict::Failed { reasons } => {
            for reason in reasons.iter().filter(|reason| matches!(reason, Failure::Lag { .. })) {
                writing.error(None, "lag", &reason.to_string());
            }
        }
        Verdict::Passed => {}
    }
    if outcome.interrupted {
        let said = outcome.aborted_by.as_ref().map_or("interrupted".to_owned(), |by| format!("ended early by `{by}`"));
        writing.error(None, "the run", &said);
    }
    writing.regressions(outcome.baseline.as_ref());
    writing.out
}

/// The same of a range of seeds: an annotation for each expectation and each fault, with the seeds.
pub(crate) fn ranges(record: &Ranges, setting: &Setting) -> String {
    let rows: Vec<&Headline> = record.rows.iter().collect();
    let with = |missed: &[usize]| seeds(&missed.iter().map(|at| rows[*at]).collect::<Vec<_>>());
    batch(&record.batch, &rows, setting, with, record.baseline.as_ref())
}

/// The same of the values of a key.
pub(crate) fn variation(record: &Variation, setting: &Setting) -> String {
    let rows: Vec<&Headline> = record.rows.iter().map(|row| &row.headline).collect();
    let with = |missed: &[usize]| {
        format!("{}={}", record.key, listed(missed.iter().map(|at| record.rows[*at].value.clone()).collect()))
    };
    batch(&record.batch, &rows, setting, with, None)
}

fn batch(
    batch: &Batch,
    rows: &[&Headline],
    setting: &Setting,
    with: impl Fn(&[usize]) -> String,
    baseline: Option<&BaselineLine>,
) -> String {
    let mut writing = Writing { replay: &batch.replay, out: String::new() };
    let (expectations, faults) = (rows[0].expectations.len(), rows[0].faults.len());
    let missed = |is: &dyn Fn(&Headline) -> bool| -> Vec<usize> {
        rows.iter().enumerate().filter(|(_, row)| is(row)).map(|(at, _)| at).collect()
    };
    for at in 0..expectations {
        let missed = missed(&|row| !row.expectations[at].ok);
        let Some(first) = missed.first().map(|first| rows[*first]) else { continue };
        let place = place(&setting.origins.expectations, expectations, at);
        let line = &first.expectations[at];
        writing.replay = &first.replay;
        let said = format!("{}; it did not hold with {}", expected(line), with(&missed));
        writing.error(place, &format!("expectation: {}", line.name), &said);
    }
    for at in 0..faults {
        let missed = missed(&|row| row.faults[at].status == FaultStatus::TouchedNothing);
        let Some(first) = missed.first().map(|first| rows[*first]) else { continue };
        let place = place(&setting.origins.faults, faults, at);
        writing.replay = &first.replay;
        let said = format!("expected {TOUCHES}, it touched nothing with {}", with(&missed));
        writing.error(place, &format!("fault: {}", first.faults[at].name), &said);
    }
    writing.replay = &batch.replay;
    if rows.iter().any(|row| !row.conserved) {
        writing.error(None, "the run", BROKEN);
    }
    if batch.interrupted {
        let said = format!("interrupted after {} of {} forecasts", count(batch.forecasts_done), count(batch.forecasts));
        writing.error(None, "the run", &said);
    }
    writing.regressions(baseline);
    writing.out
}

fn expected(line: &ExpectationLine) -> String {
    format!("expected {} {}, observed {}", line.metric, line.check, line.observed_text)
}

/// The place of one of so many, where the scenario has a place for each.
fn place(origins: &[Origin], number: usize, at: usize) -> Option<&Origin> {
    origins.get(at).filter(|_| origins.len() == number)
}

struct Writing<'r> {
    replay: &'r str,
    out: String,
}

impl Writing<'_> {
    /// An error at a place; a shipped scenario has none in the repository.
    fn error(&mut self, place: Option<&Origin>, title: &str, said: &str) {
        let text = format!("{said}\n{}", self.replay);
        let place = place.filter(|origin| !origin.file.starts_with(crate::scenario::shipped::PREFIX));
        let place = place.map(|origin| (origin.file.as_str(), origin.line));
        let annotation = Annotation { severity: Severity::Error, place, column: None, title, text: &text };
        self.out.push_str(&annotation.command());
    }

    fn regressions(&mut self, baseline: Option<&BaselineLine>) {
        for line in baseline.into_iter().flat_map(BaselineLine::worse) {
            self.error(None, &format!("regression: {}", line.name), &line.phrase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;
    use crate::scenario::Origins;

    fn setting(file: &str) -> Setting {
        let origin = |line| Origin { file: file.to_owned(), line };
        let origins = Origins { expectations: vec![origin(57)], faults: vec![origin(48)] };
        Setting { origins, ..Setting::default() }
    }

    #[test]
    fn each_failure_is_an_error_at_its_place() {
        let most = "[[expect]]\nname = \"most\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \">= 0.75\"\n";
        let mut outcome = fixture::usual(most).outcome(None);
        outcome.expectations[0].name = "most, by noon: 50%".to_owned();
        outcome.faults[0].status = FaultStatus::TouchedNothing;
        insta::assert_snapshot!(annotations(&outcome, &setting("ci/storm.toml")), @r"
        ::error file=ci/storm.toml,line=57,title=expectation%3A most%2C by noon%3A 50%25::expected reach >= 0.75, observed 60.0 %25%0Areveille run by-hand.toml --seed 7
        ::error file=ci/storm.toml,line=48,title=fault%3A fcm-down::expected a fault that touches something, it touched nothing%0Areveille run by-hand.toml --seed 7
        ");
        let elsewhere = annotations(&outcome, &setting("example:scenarios/closure.toml"));
        assert!(!elsewhere.contains("file="), "a shipped scenario is not in the repository: {elsewhere}");
        outcome.expectations[0].ok = true;
        outcome.faults[0].status = FaultStatus::Touched;
        assert_eq!(annotations(&outcome, &setting("a.toml")), "");
    }

    #[test]
    fn many_forecasts_name_the_seeds_or_the_values() {
        insta::assert_snapshot!(ranges(&fixture::ranges(), &setting("a.toml")), @"::error file=a.toml,line=57,title=expectation%3A most::expected reach >= 0.5, observed 20.0 %25; it did not hold with seed 2%0Areveille forecast by-hand.toml --seed 2");
        insta::assert_snapshot!(variation(&fixture::variation(), &setting("a.toml")), @"::error file=a.toml,line=57,title=expectation%3A most::expected reach >= 0.5, observed 20.0 %25; it did not hold with delivery.fcm.loss=20%25%0Areveille forecast by-hand.toml --seed 7 --set delivery.fcm.loss=20%25");
    }
}
