//! The verdict on a run, with the reasons for a failure. Judges the record only, so that a report read back gives the
//! same verdict.

use std::fmt;

use crate::outcome::record::baseline::FigureLine;
use crate::outcome::record::faults::FaultStatus;
use crate::outcome::record::outcome::Outcome;

/// The judgement on a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All expectations and limits held.
    Passed,
    /// Some of them did not hold.
    Failed {
        /// The failures, in the order of the report; never empty.
        reasons: Vec<Failure>,
    },
    /// Pairs were lost or doubled by the program itself.
    Broken,
}

/// One thing that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An expectation.
    Expectation {
        /// Its name.
        name: String,
    },
    /// A fault that touched nothing.
    FaultTouchedNothing {
        /// Its name.
        name: String,
    },
    /// The engine was too slow.
    Lag {
        /// p99 of the lag, in ms of wall time.
        p99_ms: u64,
        /// Its limit, in ms.
        limit_ms: u64,
    },
    /// A figure is worse than in a former report, beyond the limit.
    Regression {
        /// The figure then and now, and what it may be.
        figure: FigureLine,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expectation { name } => write!(out, "expectation \"{name}\" did not hold"),
            Self::FaultTouchedNothing { name } => write!(out, "fault \"{name}\" touched nothing"),
            Self::Lag { p99_ms, limit_ms } => write!(out, "p99 of the lag was {p99_ms} ms, allowed are {limit_ms} ms"),
            Self::Regression { figure } => out.write_str(&figure.phrase()),
        }
    }
}

impl Outcome {
    /// Whether everything that the scenario demands held.
    pub fn passed(&self) -> bool {
        self.verdict() == Verdict::Passed
    }

    /// Pairs at a station at the end, 0 if there is none of this name: `shown`, `waiting`, `skipped`, `blocked`, `lost`,
    /// `superseded`, `discarded`, `expired`.
    pub fn pairs_at(&self, station: &str) -> u64 {
        self.stations.overall.get(station).copied().unwrap_or(0)
    }

    /// The verdict on this run. An interrupted run is judged by what was done.
    pub fn verdict(&self) -> Verdict {
        if !self.conservation.ok {
            return Verdict::Broken;
        }
        let expectations = self
            .expectations
            .iter()
            .filter(|line| !line.ok)
            .map(|line| Failure::Expectation { name: line.name.clone() });
        let faults = self
            .faults
            .iter()
            .filter(|line| line.status == FaultStatus::TouchedNothing)
            .map(|line| Failure::FaultTouchedNothing { name: line.name.clone() });
        let lag = self.lag_ms.as_ref().and_then(|lag| {
            let limit_ms = lag.p99_limit.filter(|limit| lag.p99 > *limit)?;
            Some(Failure::Lag { p99_ms: lag.p99, limit_ms })
        });
        let regressions = self
            .baseline
            .iter()
            .flat_map(|baseline| baseline.worse().map(|figure| Failure::Regression { figure: figure.clone() }));
        let reasons: Vec<Failure> = lag.into_iter().chain(expectations).chain(faults).chain(regressions).collect();
        if reasons.is_empty() { Verdict::Passed } else { Verdict::Failed { reasons } }
    }
}
