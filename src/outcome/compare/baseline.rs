//! A former report beside this one: which figures of the model are worse than the limit allows. Must not compare
//! figures of the computer, such as wall time, lag or memory.

use crate::rules::base::chance::Ratio;
use crate::rules::base::visible::one_line;
use crate::rules::model::world::World;
use crate::scenario::shown;

use super::baseline_check::check;
use crate::outcome::record::baseline::{BaselineLine, FigureLine};
use crate::outcome::record::messages::MessageLine;
use crate::outcome::record::outcome::{ExpectationLine, MODEL_VERSION, Outcome, SCHEMA_VERSION};
use crate::outcome::words::{millis, share};

/// Billionths in one.
const ONE: u128 = 1_000_000_000;

/// A former report, and how much worse the figures of a run may be.
#[derive(Clone, Debug)]
pub struct Baseline {
    former: Box<Outcome>,
    max_regression: Ratio,
}

/// Why a former report cannot be compared with a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It is of another version of the record.
    #[error("it is of schema_version {0}, expected {SCHEMA_VERSION}")]
    Schema(u32),
    /// It is of another version of the model.
    #[error(
        "it is of model_version {0}, and this program's is {MODEL_VERSION}: results of different models do not compare"
    )]
    Model(u32),
    /// It is of another scenario.
    #[error("it is of the scenario \"{former}\", and this is \"{name}\"", former = shown(.former), name = one_line(.name))]
    Scenario {
        /// The former one.
        former: String,
        /// This one.
        name: String,
    },
    /// It is of an interrupted run.
    #[error("it is of a run that was interrupted: make it again")]
    Interrupted,
    /// Its figures contradict each other.
    #[error("{0} do not add up: expected a report as `reveille` writes it")]
    Unsound(&'static str),
}

impl Baseline {
    /// Takes a former report, if it is whole and of this model. A figure may be worse by `max_regression`: reach by
    /// that share of its former value, a latency by that share of its former value, and pairs that were not shown by
    /// that share of all pairs.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn new(former: Outcome, max_regression: Ratio) -> Result<Self, BaselineError> {
        Self::compares(former.schema_version, former.model_version)?;
        if former.interrupted {
            return Err(BaselineError::Interrupted);
        }
        check(&former).map_err(BaselineError::Unsound)?;
        Ok(Self { former: Box::new(former), max_regression })
    }

    /// Whether a record of these versions can be compared at all.
    ///
    /// # Errors
    /// [`BaselineError::Schema`] or [`BaselineError::Model`].
    pub fn compares(schema_version: u32, model_version: u32) -> Result<(), BaselineError> {
        if schema_version != SCHEMA_VERSION {
            return Err(BaselineError::Schema(schema_version));
        }
        if model_version != MODEL_VERSION {
            return Err(BaselineError::Model(model_version));
        }
        Ok(())
    }

    /// Whether it is of this scenario. Other seeds, profiles or values are legitimate objects of a comparison.
    ///
    /// # Errors
    /// [`BaselineError::Scenario`].
    pub fn is_of(&self, world: &World) -> Result<(), BaselineError> {
        if self.former.scenario == world.name {
            return Ok(());
        }
        Err(BaselineError::Scenario { former: self.former.scenario.clone(), name: world.name.clone() })
    }

    /// Compares a run with it and records the result; an interrupted run is not compared.
    pub fn compare(&self, outcome: &mut Outcome) {
        if outcome.interrupted {
            return;
        }
        let mut figures = self.pairs(outcome);
        figures.extend(self.latencies(outcome));
        figures.extend(self.expectations(outcome));
        outcome.baseline = Some(BaselineLine {
            seed: self.former.seed,
            scenario_hash: self.former.scenario_hash.clone(),
            digest: self.former.digest.clone(),
            max_regression_billionths: self.max_regression.billionths(),
            figures,
        });
    }

    /// Reach within each window, and the stations of pairs not shown, as shares of all pairs.
    fn pairs(&self, outcome: &Outcome) -> Vec<FigureLine> {
        if self.former.pairs == 0 {
            return Vec::new();
        }
        let (before_of, now_of) = (self.former.pairs, outcome.pairs);
        let figure = |name: String, before: u64, now: u64, is_worse: fn(Shares, Ratio) -> bool| {
            let shares = Shares { before: before.min(before_of), before_of, now: now.min(now_of), now_of };
            FigureLine {
                name,
                before_text: share(shares.before, before_of),
                now_text: share(shares.now, now_of),
                ok: !is_worse(shares, self.max_regression),
            }
        };
        let reach = reach(&self.former).into_iter().zip(reach(outcome));
        let mut lines: Vec<FigureLine> = reach
            .map(|((window, before), (_, now))| figure(format!("reach {window}"), before, now, Shares::fell))
            .collect();
        for (station, now) in outcome.stations.overall.iter().filter(|(station, _)| *station != "shown") {
            let before = self.former.stations.overall.get(station).copied().unwrap_or(0);
            lines.push(figure(format!("pairs {station}"), before, *now, Shares::rose));
        }
        lines
    }

    fn latencies(&self, outcome: &Outcome) -> Vec<FigureLine> {
        // When nothing is shown any more, reach has fallen and reports it.
        let (Some(before), Some(now)) = (&self.former.latency_ms, &outcome.latency_ms) else { return Vec::new() };
        let allowed = ONE + u128::from(self.max_regression.billionths());
        [("p50", before.p50, now.p50), ("p95", before.p95, now.p95), ("p99", before.p99, now.p99)]
            .into_iter()
            .map(|(quantile, before, now)| FigureLine {
                name: format!("latency {quantile}"),
                before_text: span(before),
                now_text: span(now),
                ok: u128::from(now) * ONE <= u128::from(before) * allowed,
            })
            .collect()
    }

    /// Expectations that held must still exist and hold.
    fn expectations(&self, outcome: &Outcome) -> Vec<FigureLine> {
        let now = |former: &ExpectationLine| outcome.expectations.iter().find(|line| line.name == former.name);
        let held = self.former.expectations.iter().filter(|line| line.ok);
        held.map(|former| FigureLine {
            name: format!("expectation \"{}\"", former.name),
            before_text: "held".to_owned(),
            now_text: now(former).map_or("not expected", |line| if line.ok { "held" } else { "not held" }).to_owned(),
            ok: now(former).is_some_and(|line| line.ok),
        })
        .collect()
    }
}

/// Two shares of pairs, each part at most its whole.
#[derive(Clone, Copy, Debug)]
struct Shares {
    before: u64,
    before_of: u64,
    now: u64,
    now_of: u64,
}

impl Shares {
    /// Both shares over one denominator, which comes last; nothing of nothing is nothing.
    fn common(self) -> [u128; 3] {
        let (before_of, now_of) = (u128::from(self.before_of), u128::from(self.now_of.max(1)));
        [u128::from(self.before) * now_of, u128::from(self.now) * before_of, before_of * now_of]
    }

    /// Whether the share fell by more than `by` of its former value.
    fn fell(self, by: Ratio) -> bool {
        let [before, now, _] = self.common();
        now * ONE < before * (ONE - u128::from(by.billionths()))
    }

    /// Whether the share rose by more than `by` of all pairs.
    fn rose(self, by: Ratio) -> bool {
        let [before, now, all] = self.common();
        now * ONE > before * ONE + all * u128::from(by.billionths())
    }
}

/// Pairs shown within each window, over all messages.
fn reach(outcome: &Outcome) -> [(&'static str, u64); 5] {
    let sum = |of: fn(&MessageLine) -> u64| outcome.messages.iter().map(of).fold(0, u64::saturating_add);
    [
        ("within 1 min", sum(|line| line.reach.one_minute)),
        ("within 15 min", sum(|line| line.reach.fifteen_minutes)),
        ("within 1 h", sum(|line| line.reach.one_hour)),
        ("within 4 h", sum(|line| line.reach.four_hours)),
        ("by the end", sum(|line| line.reach.end)),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "text only")]
fn span(ms: u64) -> String {
    millis(ms as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;
    use crate::outcome::{Failure, Verdict};

    const EXPECTED: &str = "[[expect]]\nname = \"some\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \">= 0.1\"\n";

    fn outcome() -> Outcome {
        usual(EXPECTED).outcome(None)
    }

    /// The figures that are worse when a changed run is compared with an unchanged one.
    fn worse(percent: u32, change: impl FnOnce(&mut Outcome)) -> Vec<String> {
        let mut now = outcome();
        change(&mut now);
        Baseline::new(outcome(), Ratio::percent(percent)).expect("it is sound").compare(&mut now);
        let figures = now.baseline.expect("it was compared").figures;
        figures.into_iter().filter(|line| !line.ok).map(|line| line.name).collect()
    }

    #[test]
    fn a_run_is_no_worse_than_itself() {
        assert_eq!(worse(0, |_| ()), [""; 0]);
        let mut now = outcome();
        Baseline::new(outcome(), Ratio::NEVER).expect("it is sound").compare(&mut now);
        assert_eq!(now.verdict(), Verdict::Passed);
        let names: Vec<String> =
            now.baseline.expect("it was compared").figures.into_iter().map(|line| line.name).collect();
        assert_eq!(
            names[..5],
            ["reach within 1 min", "reach within 15 min", "reach within 1 h", "reach within 4 h", "reach by the end"]
        );
        assert_eq!(names.len(), 5 + 7 + 3 + 1, "{names:?}");
    }

    #[test]
    fn each_figure_may_be_worse_by_the_limit_and_by_no_more() {
        // Two of five pairs are shown within a minute: one fewer is half.
        let less = |now: &mut Outcome| now.messages[0].reach.one_minute -= 1;
        assert_eq!(worse(50, less), [""; 0]);
        assert_eq!(worse(49, less), ["reach within 1 min"]);
        // One more of five pairs is a fifth of all.
        let lost = |now: &mut Outcome| *now.stations.overall.entry("lost".to_owned()).or_default() += 1;
        assert_eq!(worse(20, lost), [""; 0]);
        assert_eq!(worse(19, lost), ["pairs lost"]);
        let late = |now: &mut Outcome| {
            let latency = now.latency_ms.as_mut().expect("something was shown");
            latency.p95 += latency.p95 / 10;
        };
        assert_eq!(worse(10, late), [""; 0]);
        assert_eq!(worse(9, late), ["latency p95"]);
        assert_eq!(worse(0, |now| now.latency_ms = None), [""; 0], "reach says it");
    }

    #[test]
    fn better_is_never_worse() {
        let better = |now: &mut Outcome| {
            now.messages[0].reach.one_minute += 1;
            now.stations.overall.insert("blocked".to_owned(), 0);
            now.latency_ms.as_mut().expect("something was shown").p99 = 1;
        };
        assert_eq!(worse(0, better), [""; 0]);
    }

    #[test]
    fn an_expectation_that_held_must_still_exist() {
        assert_eq!(worse(100, |now| now.expectations.clear()), ["expectation \"some\""]);
        assert_eq!(worse(100, |now| now.expectations[0].ok = false), ["expectation \"some\""]);
    }

    #[test]
    fn a_regression_fails_the_run_and_says_which_figure() {
        let mut now = outcome();
        now.messages[0].reach.one_minute -= 1;
        Baseline::new(outcome(), Ratio::percent(5)).expect("it is sound").compare(&mut now);
        let Verdict::Failed { reasons } = now.verdict() else { panic!("{:?}", now.verdict()) };
        assert_eq!(reasons.len(), 1);
        assert!(matches!(reasons[0], Failure::Regression { .. }));
        assert_eq!(reasons[0].to_string(), "reach within 1 min: 40.0 % before, 20.0 % now, limit 5 %");
    }

    #[test]
    fn refuses_what_does_not_compare() {
        let refused = |change: fn(&mut Outcome)| {
            let mut former = outcome();
            change(&mut former);
            Baseline::new(former, Ratio::percent(5)).expect_err("it does not compare")
        };
        assert_eq!(refused(|former| former.model_version = 99), BaselineError::Model(99));
        assert_eq!(refused(|former| former.schema_version = 2), BaselineError::Schema(2));
        assert_eq!(refused(|former| former.interrupted = true), BaselineError::Interrupted);
        let changes: [fn(&mut Outcome); 12] = [
            |former| former.conservation.ok = false,
            |former| former.pairs = u64::MAX,
            |former| former.conservation.waiting = u64::MAX,
            |former| *former.stations.overall.entry("lost".to_owned()).or_default() += 1,
            |former| {
                former.stations.overall.insert("elsewhere".to_owned(), 0);
            },
            |former| former.stations.by_platform.clear(),
            |former| former.messages[0].audience = u64::MAX,
            |former| former.messages[0].reach.one_minute = u64::MAX,
            |former| drop(former.messages.remove(0)),
            |former| former.latency_ms = None,
            |former| former.latency_ms.as_mut().expect("something was shown").p50 = u64::MAX,
            |former| former.digest.push_str("\u{1b}[2J"),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            assert!(matches!(refused(change), BaselineError::Unsound(_)), "change {at}");
        }
        let mut other = outcome();
        other.scenario = "other".into();
        let error = Baseline::new(other, Ratio::percent(5)).expect("it is sound").is_of(&usual("").world);
        assert_eq!(
            error.expect_err("it is another").to_string(),
            "it is of the scenario \"other\", and this is \"by-hand\""
        );
    }

    #[test]
    fn an_interrupted_run_is_not_compared() {
        let mut now = usual(EXPECTED).outcome(Some(crate::rules::base::time::SimTime(200_000)));
        Baseline::new(outcome(), Ratio::NEVER).expect("it is sound").compare(&mut now);
        assert_eq!(now.baseline, None);
    }
}
