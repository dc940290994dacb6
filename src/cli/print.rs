//! `schema` and `completions`: texts to standard output.

use clap_complete::Shell;

use crate::server::{control, graph};
use crate::{report, scenario};

use super::args::completion;
use super::args::definition::SchemaOf;
use super::terminal::exit::Exit;
use super::terminal::writer::data;

pub(super) fn schema(of: SchemaOf) -> anyhow::Result<Exit> {
    let text = match of {
        SchemaOf::Scenario => format!("{:#}\n", scenario::json_schema()),
        SchemaOf::Report => report::schema(),
        SchemaOf::Explanation => report::explanation_schema(),
        SchemaOf::Ranges => report::ranges_schema(),
        SchemaOf::Variation => report::variation_schema(),
        SchemaOf::Control => format!("{:#}\n", control::document()),
        SchemaOf::Graph => format!("{:#}\n", graph::document()),
    };
    data(&text)?;
    Ok(Exit::Well)
}

pub(super) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    data(&completion::script(shell)?)?;
    Ok(Exit::Well)
}
