//! Prints the diagnostics of scenarios. Must not load a scenario.

use crate::scenario::Diagnostics;

use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, caution};
use crate::files::texts::Unusable;

/// Prints the warnings of a scenario that can be run.
pub(crate) fn warn(warnings: &Diagnostics, terminal: Terminal) {
    if !warnings.is_empty() {
        caution(warnings.render(terminal.paint()).trim_end());
    }
}

/// Prints everything that is wrong with a scenario, and returns the exit code.
pub(crate) fn complain(path: &str, unusable: &Unusable, terminal: Terminal) -> Exit {
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
