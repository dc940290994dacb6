//! `explain`: every step of one message on one device. Must only wire; the steps and the words come from other modules.

use std::path::Path;

use crate::host::Recall;
use crate::outcome::{Explainer, Explanation, Question};
use crate::report;
use crate::rules::base::visible::Notation;

use super::args::definition::AnswerFormat;
use super::args::explain_args::ExplainArgs;
use super::files::complaints::{complain, warn};
use super::files::scenario_files;
use super::process::stop::Stop;
use super::store::history::StoredHistory;
use super::terminal::exit::Exit;
use super::terminal::writer::{Terminal, document};

pub(super) fn explain(args: &ExplainArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let explained = match &args.store {
        Some(store) => of_store(args, store, stop, terminal),
        None => of_scenario(args, stop, terminal),
    };
    let explanation = match explained {
        Ok(explanation) => explanation,
        Err(exit) => return Ok(exit),
    };
    match args.format {
        AnswerFormat::Text => terminal.page(&report::explain(&explanation, terminal.out))?,
        AnswerFormat::Json => document(&format!("{}\n", serde_json::to_string_pretty(&explanation)?), Notation::Json)?,
    }
    Ok(Exit::Well)
}

/// From a scenario. The error is the exit code, which is already printed.
fn of_scenario(args: &ExplainArgs, stop: &Stop, terminal: Terminal) -> Result<Explanation, Exit> {
    let scenario = args.scenario.as_deref().unwrap_or_default();
    let loaded = scenario_files::scenario(scenario, &args.overrides, stop);
    let loaded = loaded.map_err(|unusable| complain(scenario, &unusable, terminal))?;
    warn(&loaded.warnings, terminal);
    let question = Question::new(&loaded.world, &args.device, &args.message).map_err(|unknown| {
        terminal.error(&unknown.to_string());
        Exit::Usage
    })?;
    let explainer = Explainer::unless_stopped(&loaded.world, stop.token()).ok_or(Exit::Interrupted)?;
    Ok(explainer.explain(question))
}

/// From a store; the message is its number, or the id of its request.
fn of_store(args: &ExplainArgs, store: &Path, stop: &Stop, terminal: Terminal) -> Result<Explanation, Exit> {
    let unknown = |what: &str| {
        terminal.error(what);
        Exit::Usage
    };
    let history = StoredHistory::read(store, args.tenant.as_deref(), stop, terminal)?;
    let device = history.world.fleet.find_device(&args.device);
    let device = device.ok_or_else(|| unknown(&format!("no device is called `{}`", args.device)))?;
    let number = args.message.parse::<u32>().ok();
    let mut messages = history.messages();
    let posted = messages.find(|posted| {
        number.map_or_else(|| posted.request.to_string() == args.message, |number| posted.message.0 == number)
    });
    let posted = posted.ok_or_else(|| {
        let accepted = history.messages().count();
        unknown(&format!(
            "no message is `{}`: the store has {accepted}, from 0, and finds them by their client-request-id too",
            args.message
        ))
    })?;
    let inputs = history.inputs();
    let recall = Recall::new(&history.world, &inputs, history.now, stop.token()).ok_or(Exit::Interrupted)?;
    recall.explain(&posted, device).ok_or(Exit::Interrupted)
}
