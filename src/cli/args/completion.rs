//! Completions while a command is typed: shipped scenarios, profiles, and the names in the scenario that the command line
//! has so far. Must not print, and must not read standard input.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::{CompleteEnv, Shells};
use strum::VariantArray as _;

use super::definition::Args;
use crate::files::texts::Texts;
use crate::rules::base::profile::Profile;
use crate::scenario::shipped;

/// The variable by which the script of a shell asks for completions.
const VARIABLE: &str = "REVEILLE_COMPLETE";
const PROGRAM: &str = "reveille";
/// Bash takes `example:` for a word of its own unless it is told otherwise.
const BASH_WORDS: &str = "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}\n";

/// Answers the script of a shell, and then ends the process; returns at once if none asks.
pub(crate) fn answer() {
    CompleteEnv::with_factory(Args::command).var(VARIABLE).complete();
}

/// The script that a shell reads once.
///
/// # Errors
/// If the script cannot be made.
pub(crate) fn script(shell: Shell) -> io::Result<String> {
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string()).ok_or(io::ErrorKind::Unsupported)?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    let script = String::from_utf8_lossy(&script).into_owned();
    Ok(if shell == Shell::Bash { script + BASH_WORDS } else { script })
}

/// Scenarios: files, and shipped ones.
pub(crate) fn scenarios() -> ArgValueCompleter {
    let is_scenario = |path: &Path| path.extension().is_some_and(|ending| ending == "toml");
    let files = PathCompleter::any().filter(is_scenario);
    ArgValueCompleter::new(move |current: &OsStr| {
        let shipped = shipped::names().map(|name| format!("{}{name}", shipped::PREFIX));
        let mut found = files.complete(current);
        found.extend(starting(current, shipped));
        found
    })
}

/// Shipped scenarios by name.
pub(crate) fn examples() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| starting(current, shipped::names().map(str::to_owned)))
}

/// Editions of the service.
pub(crate) fn profiles() -> ArgValueCompleter {
    let names = || Profile::VARIANTS.iter().map(|profile| profile.name().to_owned());
    ArgValueCompleter::new(move |current: &OsStr| starting(current, names()))
}

/// Names of the tables of a key in the scenario on the command line.
pub(crate) fn names_of(key: &'static str) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let names = scenario_in(std::env::args_os()).and_then(|path| Texts::read(&path, None).ok());
        starting(current, names.map(|texts| texts.names(key)).unwrap_or_default())
    })
}

/// The first word that names a scenario.
fn scenario_in(words: impl IntoIterator<Item = OsString>) -> Option<String> {
    let words = words.into_iter().filter_map(|word| word.into_string().ok());
    let is_file = |path: &str| Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    words.into_iter().find(|word| word.starts_with(shipped::PREFIX) || is_file(word))
}

fn starting(current: &OsStr, names: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let starting = names.into_iter().filter(|name| name.starts_with(current.as_ref()));
    starting.map(CompletionCandidate::new).collect()
}
