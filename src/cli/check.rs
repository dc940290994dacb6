//! `check`: reports everything that is wrong with scenarios, and what they would do. Must not run them.

use serde_json::{Value, json};

use crate::report;
use crate::rules::base::visible::Notation;
use crate::run::Plan;
use crate::scenario::{Diagnostics, metrics, metrics_text};

use super::args::definition::{AnswerFormat, CheckArgs};
use super::files::scenario_files::{self, Unusable};
use super::process::stop::Stop;
use super::terminal::exit::Exit;
use super::terminal::writer::{Terminal, caution, data, document};

pub(super) fn check(args: &CheckArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let mut exit = Exit::Well;
    if args.list_metrics {
        data(&match args.format {
            AnswerFormat::Text => metrics_text(),
            AnswerFormat::Json => format!("{:#}\n", serde_json::to_value(metrics())?),
        })?;
        return Ok(exit);
    }
    let mut found = Vec::new();
    for path in &args.scenarios {
        let loaded = scenario_files::scenario(path, &args.overrides, stop);
        if loaded.is_err() {
            exit = Exit::Usage;
        }
        let plan = match &loaded {
            Ok(loaded) if args.plan => Plan::new(&loaded.world, stop.flag()),
            _ => None,
        };
        // Half an answer would look like a whole one.
        if stop.is_raised() {
            return Ok(Exit::Interrupted);
        }
        match (args.format, loaded) {
            (AnswerFormat::Json, Ok(loaded)) => {
                let mut record = record(path, &loaded.warnings);
                if let Some(plan) = plan {
                    record["plan"] = serde_json::to_value(plan)?;
                }
                if args.resolved {
                    record["resolved"] = loaded.resolved.into();
                }
                found.push(record);
            }
            (AnswerFormat::Json, Err(Unusable::Invalid(all))) => found.push(record(path, &all)),
            (AnswerFormat::Json, Err(Unusable::Unreadable(why))) => {
                found.push(json!({ "file": path, "ok": false, "errors": 1, "unreadable": why, "diagnostics": [] }));
            }
            (AnswerFormat::Text, Ok(loaded)) => {
                warn(&loaded.warnings, terminal);
                if args.resolved {
                    document(&loaded.resolved, Notation::Toml)?;
                }
                if let Some(plan) = plan {
                    terminal.page(&report::plan(&plan, terminal.out))?;
                }
                let warnings = match loaded.warnings.len() + loaded.warnings.omitted() {
                    0 => String::new(),
                    1 => ", with 1 warning".to_owned(),
                    number => format!(", with {number} warnings"),
                };
                terminal.note(&format!("{path}: all well{warnings}"));
            }
            (AnswerFormat::Json, Err(Unusable::Stopped)) => return Ok(Exit::Interrupted),
            (AnswerFormat::Text, Err(unusable)) => exit = complain(path, &unusable, terminal),
        }
    }
    if args.format == AnswerFormat::Json {
        document(&format!("{:#}\n", Value::Array(found)), Notation::Json)?;
    }
    Ok(exit)
}

fn record(path: &str, found: &Diagnostics) -> Value {
    json!({
        "file": path,
        "ok": !found.has_errors(),
        "errors": found.errors(),
        "omitted": found.omitted(),
        "diagnostics": found.machine(),
    })
}

/// Prints the warnings of a scenario that can be run.
pub(super) fn warn(warnings: &Diagnostics, terminal: Terminal) {
    if !warnings.is_empty() {
        caution(warnings.render(terminal.paint()).trim_end());
    }
}

/// Prints everything that is wrong with a scenario, and returns the exit code.
pub(super) fn complain(path: &str, unusable: &Unusable, terminal: Terminal) -> Exit {
    match unusable {
        Unusable::Stopped => {
            terminal.note("stopped before there was anything to report");
            return Exit::Interrupted;
        }
        Unusable::Unreadable(why) => terminal.error(why),
        Unusable::Invalid(found) => {
            caution(found.render(terminal.paint()).trim_end());
            let errors = if found.errors() == 1 { "1 error".to_owned() } else { format!("{} errors", found.errors()) };
            terminal.error(&format!("{path} cannot be used: {errors}"));
        }
    }
    Exit::Usage
}
