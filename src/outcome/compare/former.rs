//! A former report, as it was read from a file: of one run, or of a run with each of many seeds. Must not compare.

use crate::rules::base::visible::one_line;
use crate::scenario::shown;

use super::baseline_check::{check, check_row};
use super::headline::Headline;
use super::ranges::{RANGES_SCHEMA_VERSION, Ranges};
use crate::outcome::record::outcome::{MODEL_VERSION, Outcome, SCHEMA_VERSION};

/// Seeds from which the spread of a figure is known well enough to judge by it.
pub(super) const SPREAD_SEEDS_MIN: usize = 5;

/// What was read as a former report.
#[derive(Clone, Debug)]
pub enum FormerReport {
    /// Of one run.
    Run(Box<Outcome>),
    /// Of a run with each of many seeds.
    Seeds(Box<Ranges>),
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
    /// It has too few seeds.
    #[error("it is of {0} seeds, expected at least {SPREAD_SEEDS_MIN}, or a report of one run")]
    FewSeeds(usize),
    /// Its figures contradict each other.
    #[error("{0} do not add up: expected a report as `reveille` writes it")]
    Unsound(&'static str),
}

impl FormerReport {
    /// The scenario's name, and the headline of each run, of which there is at least one.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub(super) fn rows(self) -> Result<(String, Vec<Headline>), BaselineError> {
        match self {
            Self::Run(run) => {
                Self::compares(run.schema_version, run.model_version)?;
                if run.interrupted {
                    return Err(BaselineError::Interrupted);
                }
                check(&run).map_err(BaselineError::Unsound)?;
                Ok((run.scenario.clone(), vec![Headline::new(&run)]))
            }
            Self::Seeds(seeds) => {
                Self::compares(seeds.schema_version, seeds.batch.model_version)?;
                if seeds.batch.interrupted {
                    return Err(BaselineError::Interrupted);
                }
                if seeds.rows.len() < SPREAD_SEEDS_MIN {
                    return Err(BaselineError::FewSeeds(seeds.rows.len()));
                }
                seeds.rows.iter().try_for_each(check_row).map_err(BaselineError::Unsound)?;
                Ok((seeds.batch.scenario, seeds.rows))
            }
        }
    }

    /// Whether a record of these versions can be compared at all.
    ///
    /// # Errors
    /// [`BaselineError::Schema`] or [`BaselineError::Model`].
    pub fn compares(schema_version: u32, model_version: u32) -> Result<(), BaselineError> {
        const { assert!(SCHEMA_VERSION == RANGES_SCHEMA_VERSION, "one version is expected of both") };
        if schema_version != SCHEMA_VERSION {
            return Err(BaselineError::Schema(schema_version));
        }
        if model_version != MODEL_VERSION {
            return Err(BaselineError::Model(model_version));
        }
        Ok(())
    }
}
