//! What is said of scenarios that are wrong or doubtful. Must not load one.

use crate::scenario::Diagnostics;

use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, caution};
use crate::files::texts::Unusable;

/// Warnings of a scenario that can be run all the same.
pub(crate) fn warn(warnings: &Diagnostics, terminal: Terminal) {
    if !warnings.is_empty() {
        caution(warnings.render(terminal.paint()).trim_end());
    }
}

/// Everything that is wrong with a scenario, and the exit code that follows.
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
