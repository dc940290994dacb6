//! The command-line options of `store`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::completion;
use super::definition::{ReportAudience, ScenarioFlags};
use super::forecast_args::THREADS_MAX;

/// What is done with a store that no server has open.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum StoreTask {
    /// Read everything in a store, and say what is damaged
    Check {
        /// The folder of --store
        folder: PathBuf,
    },
    /// Print the state of a tenant in JSON, as `GET /_reveille/state` answers it
    Export {
        /// The folder of --store
        folder: PathBuf,
        /// The tenant's name; not needed where there is one
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
    },
    /// Give the space of what was dropped back to the disk
    Vacuum {
        /// The folder of --store
        folder: PathBuf,
    },
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// The folder of --store
    pub(crate) folder: PathBuf,
    /// The tenant's name; not needed where there is one
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Another scenario for the same inputs, or values of one with --set, --profile and --seed; the store's seed if none is given
    #[arg(long, value_name = "FILE", add = completion::scenarios())]
    pub(crate) scenario: Option<String>,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
    /// Threads; one a core if not given
    #[arg(long, env = "REVEILLE_THREADS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=THREADS_MAX))]
    pub(crate) threads: Option<u32>,
    /// Also say what a fault cost, one of the scenario or one by hand: the same draws without it; may be repeated
    #[arg(long = "without", env = "REVEILLE_WITHOUT", value_name = "FAULT")]
    pub(crate) without: Vec<String>,
    /// Write the report to a file, its ending chooses the format (.json, .html, .md, .xml, .om); - is standard output; may be repeated
    #[arg(long = "report", env = "REVEILLE_REPORT", value_name = "FILE")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) audience: ReportAudience,
}
