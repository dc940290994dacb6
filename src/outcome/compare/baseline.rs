//! A former report beside this one: which figures of the model are worse than the limits allow. Must not compare
//! figures of the computer, such as wall time, lag or memory.

use crate::rules::base::chance::Ratio;
use crate::rules::model::baseline_limits::BaselineLimits;
use crate::rules::model::world::World;

use super::bound::{FormerFigure, by_figure, middle};
use super::compared::{Compared, FigureUnit};
use super::former::{BaselineError, FormerReport, SPREAD_SEEDS_MIN};
use super::headline::Headline;
use super::ranges::Ranges;
use super::variation::VariationRow;
use crate::outcome::record::baseline::{BaselineLine, FigureLine};
use crate::outcome::record::outcome::{ExpectationLine, Outcome};

/// How much worse a figure may be than in a report of one run, if nothing else is said.
const USUAL_REGRESSION: Ratio = Ratio::percent(5);

/// A former report, and how much worse the figures of a run may be.
///
/// A report of one run says nothing about chance: a figure may be worse by a share of its former value. A report of many
/// seeds does: a figure may be as bad as with the worst of those seeds, and that of a few seeds as far again from their
/// median.
#[derive(Clone, Debug)]
pub struct Baseline {
    scenario: String,
    /// A row for each former seed, never empty.
    rows: Vec<Headline>,
    limits: BaselineLimits,
}

impl Baseline {
    /// Takes a former report, if it is whole and of this model. `limits` are those of the scenario; `max_regression`, if
    /// given, precedes their general one.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn new(
        former: FormerReport,
        limits: &BaselineLimits,
        max_regression: Option<Ratio>,
    ) -> Result<Self, BaselineError> {
        let (scenario, rows) = former.rows()?;
        let mut limits = limits.clone();
        limits.max_regression =
            max_regression.or(limits.max_regression).or((rows.len() == 1).then_some(USUAL_REGRESSION));
        Ok(Self { scenario, rows, limits })
    }

    /// Whether it is of this scenario. Other seeds, profiles or values are legitimate objects of a comparison.
    ///
    /// # Errors
    /// [`BaselineError::Scenario`].
    pub fn is_of(&self, world: &World) -> Result<(), BaselineError> {
        if self.scenario == world.name {
            return Ok(());
        }
        Err(BaselineError::Scenario { former: self.scenario.clone(), name: world.name.clone() })
    }

    /// Compares a run with it and records the result; an interrupted run is not compared.
    pub fn compare(&self, outcome: &mut Outcome) {
        if !outcome.interrupted {
            outcome.baseline = Some(self.line(&[Headline::new(outcome)]));
        }
    }

    /// Compares a run with each of many seeds with it and records the result; interrupted ones are not compared.
    pub fn compare_seeds(&self, ranges: &mut Ranges) {
        if !ranges.batch.interrupted {
            ranges.baseline = Some(self.line(&ranges.rows));
        }
    }

    /// Compares a run with one value of a key with it, and records the result; what is worse is a failure of that value.
    pub fn compare_value(&self, row: &mut VariationRow) {
        let line = self.line(std::slice::from_ref(&row.headline));
        row.headline.failures.extend(line.worse().map(FigureLine::phrase));
        row.baseline = Some(line);
    }

    fn line(&self, now: &[Headline]) -> BaselineLine {
        let first = &self.rows[0];
        let mut figures = self.figures(now);
        figures.extend(self.expectations(now));
        BaselineLine {
            seed: first.seed,
            seeds: self.rows.len() as u64,
            scenario_hash: first.scenario_hash.clone(),
            digest: first.digest.clone(),
            max_regression_billionths: self.limits.max_regression.map_or(0, Ratio::billionths),
            figures,
        }
    }

    /// Every figure that there was and is.
    fn figures(&self, now: &[Headline]) -> Vec<FigureLine> {
        let (before, now_figures) = (by_figure(&self.rows), by_figure(now));
        let found = before.into_iter().filter_map(|(figure, before)| {
            let (_, values) = now_figures.iter().find(|(other, _)| other.name == figure.name)?;
            // Few seeds may lie far from the median by chance, the median of many does not.
            let is_one_of_chance = values.len() < SPREAD_SEEDS_MIN;
            Some(self.figure(&figure, &before, middle(values), is_one_of_chance))
        });
        found.collect()
    }

    fn figure(&self, figure: &Compared, before: &[u64], now: u64, is_one_of_chance: bool) -> FigureLine {
        let fewest_pairs = self.rows.iter().map(|row| row.pairs).filter(|pairs| *pairs > 0).min();
        let former = FormerFigure { figure, values: before, fewest_pairs: fewest_pairs.unwrap_or(1) };
        let (unit, allowed) = (figure.unit, former.allowed(&self.limits, is_one_of_chance));
        let side = if unit == FigureUnit::Shown { "at least" } else { "at most" };
        let (least, most) = (before[0], before[before.len() - 1]);
        FigureLine {
            name: figure.name.clone(),
            before_text: match (unit.text(least), unit.text(most)) {
                (least, most) if least == most => least,
                (least, most) => format!("{least} to {most}"),
            },
            now_text: unit.text(now),
            allowed_text: format!("{side} {}", unit.text(allowed)),
            ok: !unit.is_worse(now, allowed),
        }
    }

    /// Expectations that held with every former seed must still exist and hold with every seed.
    fn expectations(&self, now: &[Headline]) -> Vec<FigureLine> {
        let held = |line: &&ExpectationLine| {
            let named = |row: &Headline| row.expectations.iter().any(|other| other.name == line.name && other.ok);
            self.rows.iter().all(named)
        };
        let holds = |former: &ExpectationLine| {
            let mut found = now.iter().map(|row| row.expectations.iter().find(|line| line.name == former.name));
            if found.clone().all(|line| line.is_none()) {
                return None;
            }
            Some(found.all(|line| line.is_some_and(|line| line.ok)))
        };
        let line = |former: &ExpectationLine| FigureLine {
            name: format!("expectation \"{}\"", former.name),
            before_text: "held".to_owned(),
            now_text: holds(former).map_or("not expected", |holds| if holds { "held" } else { "not held" }).to_owned(),
            allowed_text: String::new(),
            ok: holds(former) == Some(true),
        };
        self.rows[0].expectations.iter().filter(held).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::{self, usual};
    use crate::outcome::{Failure, LatencyHeadline, Reach, Verdict};
    use crate::rules::model::baseline_limits::{FigureLimit, IgnoredChange};

    const EXPECTED: &str = "[[expect]]\nname = \"some\"\nmetric = \"reach\"\nwithin = \"15m\"\ncheck = \">= 0.1\"\n";

    fn outcome() -> Outcome {
        usual(EXPECTED).outcome(None)
    }

    fn run(former: Outcome) -> FormerReport {
        FormerReport::Run(Box::new(former))
    }

    fn baseline(former: Outcome, max_regression: Ratio) -> Baseline {
        Baseline::new(run(former), &BaselineLimits::default(), Some(max_regression)).expect("it is sound")
    }

    /// The figures that are worse when a changed run is compared with an unchanged one.
    fn worse(percent: u32, change: impl FnOnce(&mut Outcome)) -> Vec<String> {
        let mut now = outcome();
        change(&mut now);
        baseline(outcome(), Ratio::percent(percent)).compare(&mut now);
        let figures = now.baseline.expect("it was compared").figures;
        figures.into_iter().filter(|line| !line.ok).map(|line| line.name).collect()
    }

    #[test]
    fn a_run_is_no_worse_than_itself() {
        assert_eq!(worse(0, |_| ()), [""; 0]);
        let mut now = outcome();
        baseline(outcome(), Ratio::NEVER).compare(&mut now);
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
        baseline(outcome(), Ratio::percent(5)).compare(&mut now);
        let Verdict::Failed { reasons } = now.verdict() else { panic!("{:?}", now.verdict()) };
        assert_eq!(reasons.len(), 1);
        assert!(matches!(reasons[0], Failure::Regression { .. }));
        assert_eq!(reasons[0].to_string(), "reach within 1 min: 40.0 % before, 20.0 % now, allowed at least 38.0 %");
    }

    #[test]
    fn refuses_what_does_not_compare() {
        let refused = |change: fn(&mut Outcome)| {
            let mut former = outcome();
            change(&mut former);
            Baseline::new(run(former), &BaselineLimits::default(), None).expect_err("it does not compare")
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
        let error = baseline(other, Ratio::percent(5)).is_of(&usual("").world);
        assert_eq!(
            error.expect_err("it is another").to_string(),
            "it is of the scenario \"other\", and this is \"by-hand\""
        );
    }

    #[test]
    fn an_interrupted_run_is_not_compared() {
        let mut now = usual(EXPECTED).outcome(Some(crate::rules::base::time::SimTime(200_000)));
        baseline(outcome(), Ratio::NEVER).compare(&mut now);
        assert_eq!(now.baseline, None);
    }

    /// A forecast of a thousand pairs of which so many are shown, and the median latency.
    fn row(seed: u64, shown: u64, p50: u64) -> Headline {
        let mut row = Headline { seed, pairs: 1_000, eligible: 1_000, ..Headline::new(&outcome()) };
        row.stations.values_mut().for_each(|pairs| *pairs = 0);
        row.stations.insert("shown".to_owned(), shown);
        row.stations.insert("lost".to_owned(), 1_000 - shown);
        let Reach { one_minute, fifteen_minutes, one_hour, four_hours, end } = &mut row.reach;
        for within in [one_minute, fifteen_minutes, one_hour, four_hours, end] {
            *within = shown;
        }
        row.latency_ms = Some(LatencyHeadline { p50, p95: 9_000, p99: 9_500, max: 10_000 });
        row
    }

    fn seeds(shown: impl IntoIterator<Item = u64>) -> Ranges {
        let rows: Vec<Headline> = (1..).zip(shown).map(|(seed, shown)| row(seed, shown, 1_000 + 10 * seed)).collect();
        let mut ranges = fixture::ranges();
        ranges.seeds.last = rows.len() as u64;
        Ranges::new(ranges.batch, ranges.seeds, rows)
    }

    /// The figures that are worse when such seeds are compared with former ones.
    fn worse_of(former: Ranges, limits: &BaselineLimits, mut now: Ranges) -> Vec<String> {
        let former = FormerReport::Seeds(Box::new(former));
        Baseline::new(former, limits, None).expect("it is sound").compare_seeds(&mut now);
        let figures = now.baseline.expect("it was compared").figures;
        figures.into_iter().filter(|line| !line.ok).map(|line| line.name).collect()
    }

    const SPREAD: [u64; 5] = [880, 900, 890, 910, 905];

    #[test]
    fn many_seeds_may_be_as_bad_as_the_worst_former_one_and_few_twice_as_far_from_the_median() {
        let worse = |now: &[u64]| worse_of(seeds(SPREAD), &BaselineLimits::default(), seeds(now.iter().copied())).len();
        // The median is 900 and the worst 880.
        assert_eq!(worse(&[880; 5]), 0);
        assert_eq!(worse(&[879; 5]), 6, "five windows of reach, and what was lost");
        assert_eq!(worse(&[860]), 0);
        assert_eq!(worse(&[859]), 6);
        assert_eq!(worse(&[1_000; 5]), 0, "better is never worse");
    }

    #[test]
    fn where_no_former_seed_differs_three_pairs_are_chance() {
        let worse = |now| worse_of(seeds([900; 5]), &BaselineLimits::default(), seeds([now; 5])).len();
        assert_eq!((worse(897), worse(896)), (0, 6));
    }

    #[test]
    fn a_figure_has_its_own_limit_and_a_small_change_is_none() {
        let limit = |figure: &str, percent: Option<u32>, ignore| FigureLimit {
            figure: figure.to_owned(),
            max_regression: percent.map(Ratio::percent),
            ignore,
        };
        let limits = BaselineLimits {
            max_regression: None,
            figures: vec![
                limit("reach", Some(10), None),
                limit("pairs lost", None, Some(IgnoredChange::Share(Ratio::percent(9)))),
                limit("latency p50", None, Some(IgnoredChange::Millis(500))),
            ],
        };
        let slow = |ms| {
            let mut ranges = seeds([820; 5]);
            ranges.rows.iter_mut().for_each(|row| row.latency_ms.as_mut().expect("some are shown").p50 = ms);
            ranges
        };
        let worse = |ms| worse_of(seeds(SPREAD), &limits, slow(ms));
        // A tenth of 900 for reach; nine hundredths of all pairs for those lost; the median latency was 1,030 ms.
        assert_eq!(worse(1_530), [""; 0]);
        assert_eq!(worse(1_531), ["latency p50"]);
        assert_eq!(worse_of(seeds(SPREAD), &limits, seeds([800; 5])).len(), 6);
    }

    #[test]
    fn a_few_former_seeds_are_refused() {
        let former = FormerReport::Seeds(Box::new(seeds([900; 4])));
        let error = Baseline::new(former, &BaselineLimits::default(), None).expect_err("too few");
        assert_eq!(error.to_string(), "it is of 4 seeds, expected at least 5, or a report of one run");
    }
}
