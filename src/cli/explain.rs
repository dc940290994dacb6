//! `explain`: every step of one message on one device. Must only wire; the steps and the words come from other modules.

use crate::outcome::{Explainer, Question};
use crate::report;
use crate::rules::base::visible::Notation;

use super::args::definition::{AnswerFormat, ExplainArgs};
use super::files::complaints::{complain, warn};
use super::files::scenario_files;
use super::process::stop::Stop;
use super::terminal::exit::Exit;
use super::terminal::writer::{Terminal, document};

pub(super) fn explain(args: &ExplainArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let loaded = match scenario_files::scenario(&args.scenario, &args.overrides, stop) {
        Ok(loaded) => loaded,
        Err(unusable) => return Ok(complain(&args.scenario, &unusable, terminal)),
    };
    warn(&loaded.warnings, terminal);
    let question = match Question::new(&loaded.world, &args.device, &args.message) {
        Ok(question) => question,
        Err(unknown) => {
            terminal.error(&unknown.to_string());
            return Ok(Exit::Usage);
        }
    };
    let Some(explainer) = Explainer::unless_stopped(&loaded.world, stop.token()) else { return Ok(Exit::Interrupted) };
    let explanation = explainer.explain(question);
    match args.format {
        AnswerFormat::Text => terminal.page(&report::explain(&explanation, terminal.out))?,
        AnswerFormat::Json => document(&format!("{}\n", serde_json::to_string_pretty(&explanation)?), Notation::Json)?,
    }
    Ok(Exit::Well)
}
