//! `check`: reports everything that is wrong with scenarios, and what they would do. Must not run them.

use serde_json::{Value, json};

use crate::report;
use crate::rules::base::visible::Notation;
use crate::run::Plan;
use crate::scenario::{Diagnostics, annotations, metrics, metrics_text};

use super::args::definition::{CheckArgs, CheckFormat};
use super::files::complaints::{complain, warn};
use super::files::scenario_files::{self};
use super::process::stop::Stop;
use super::terminal::exit::Exit;
use super::terminal::writer::{Terminal, data, document};
use crate::files::texts::Unusable;

pub(super) fn check(args: &CheckArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let mut exit = Exit::Well;
    if args.list_metrics {
        data(&match args.format {
            CheckFormat::Text | CheckFormat::Github => metrics_text(),
            CheckFormat::Json => format!("{:#}\n", serde_json::to_value(metrics())?),
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
            Ok(loaded) if args.plan => Plan::new(&loaded.world, stop.token()),
            _ => None,
        };
        // Half an answer would look like a whole one.
        if stop.is_raised() {
            return Ok(Exit::Interrupted);
        }
        match (args.format, loaded) {
            (CheckFormat::Json, Ok(loaded)) => {
                if args.strict && !loaded.warnings.is_empty() {
                    exit = Exit::Usage;
                }
                let mut record = record(path, &loaded.warnings);
                if let Some(plan) = plan {
                    record["plan"] = serde_json::to_value(plan)?;
                }
                if args.resolved {
                    record["resolved"] = loaded.resolved.into();
                }
                found.push(record);
            }
            (CheckFormat::Json, Err(Unusable::Invalid(all))) => found.push(record(path, &all)),
            (CheckFormat::Json, Err(Unusable::Unreadable(why))) => {
                found.push(json!({ "file": path, "ok": false, "errors": 1, "unreadable": why, "diagnostics": [] }));
            }
            (CheckFormat::Text, Ok(loaded)) => {
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
                if args.strict && !loaded.warnings.is_empty() {
                    exit = Exit::Usage;
                    terminal.note(&format!("{path}: not strictly well{warnings}"));
                } else {
                    terminal.note(&format!("{path}: all well{warnings}"));
                }
            }
            (CheckFormat::Github, Ok(loaded)) => {
                if args.strict && !loaded.warnings.is_empty() {
                    exit = Exit::Usage;
                }
                document(&annotations(&loaded.warnings), Notation::Braces)?;
            }
            (CheckFormat::Github, Err(Unusable::Invalid(all))) => document(&annotations(&all), Notation::Braces)?,
            (_, Err(Unusable::Stopped)) => return Ok(Exit::Interrupted),
            (CheckFormat::Text | CheckFormat::Github, Err(unusable)) => exit = complain(path, &unusable, terminal),
        }
    }
    if args.format == CheckFormat::Json {
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
