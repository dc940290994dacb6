//! The options of `explain`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::completion;
use super::definition::{AnswerFormat, ScenarioFlags};

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// The scenario's file; - reads standard input, example:NAME a shipped one
    #[arg(required_unless_present = "store", conflicts_with = "store", add = completion::scenarios())]
    pub(crate) scenario: Option<String>,
    /// The store of a server instead of a scenario
    #[arg(long, value_name = "DIR", conflicts_with = "ScenarioFlags")]
    pub(crate) store: Option<PathBuf>,
    /// With --store: the tenant's name; not needed where there is one
    #[arg(long, value_name = "NAME", requires = "store")]
    pub(crate) tenant: Option<String>,
    /// The device's name, such as user-7.1
    #[arg(long, env = "REVEILLE_DEVICE", value_name = "NAME", add = completion::names_of("device"))]
    pub(crate) device: String,
    /// The send's name, NAME or NAME/K for its K-th occurrence (0-based); with --store the message's number or its client-request-id
    #[arg(long, env = "REVEILLE_MESSAGE", value_name = "SEND[/OCCURRENCE]", add = completion::names_of("send"))]
    pub(crate) message: String,
    /// For people or for programs
    #[arg(long, env = "REVEILLE_FORMAT", value_enum, default_value = "text", hide_default_value = true)]
    pub(crate) format: AnswerFormat,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
}
