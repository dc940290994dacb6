//! The command-line options of `store`.

use std::path::PathBuf;

use clap::Subcommand;

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
