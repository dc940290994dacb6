//! Exit codes, each with one meaning.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::outcome::{BaselineLine, Batch, Headline, Outcome, Verdict};
use crate::rules::base::visible;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Well,
    /// An internal fault, or output that could not be written.
    Fault,
    /// Wrong usage, or an invalid scenario.
    Usage,
    /// An expectation failed, a fault touched nothing, the lag was too long, or a figure is worse than its baseline.
    ExpectationsFailed,
    /// Interrupted; what was done is reported.
    Interrupted,
}

impl Exit {
    /// The code that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Fault => 1,
            Self::Usage => 2,
            Self::ExpectationsFailed => 99,
            Self::Interrupted => 130,
        }
    }

    /// The exit of a run whose report was written. A broken program takes precedence over an interruption, and that
    /// over expectations; a run that an expectation with `abort` ended does not count as interrupted.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match (outcome.verdict(), outcome.interrupted && outcome.aborted_by.is_none()) {
            (Verdict::Broken, _) => Self::Fault,
            (Verdict::Passed | Verdict::Failed { .. }, true) => Self::Interrupted,
            (Verdict::Failed { .. }, false) => Self::ExpectationsFailed,
            (Verdict::Passed, false) => Self::Well,
        }
    }
}

impl Exit {
    /// The exit of many forecasts, by the same precedence; `rows` are the completed ones, `baseline` what all together were
    /// compared with.
    pub(crate) fn of_many<'r>(
        batch: &Batch,
        rows: impl IntoIterator<Item = &'r Headline>,
        baseline: Option<&BaselineLine>,
    ) -> Self {
        let is_no_worse = baseline.is_none_or(|line| line.worse().next().is_none());
        let (mut is_whole, mut is_well) = (true, is_no_worse);
        for row in rows {
            is_whole &= row.conserved;
            is_well &= row.failures.is_empty();
        }
        match (is_whole, batch.interrupted, is_well) {
            (false, ..) => Self::Fault,
            (true, true, _) => Self::Interrupted,
            (true, false, false) => Self::ExpectationsFailed,
            (true, false, true) => Self::Well,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Prints what `clap` says: help goes to standard output and is not an error. An argument, such as a file name from a
/// shell's glob, may contain anything, so such errors are printed without colours.
pub(crate) fn of_usage(error: &clap::Error) -> Exit {
    let said = error.render().to_string();
    let clean = visible::lines(&said);
    let printed = match &clean {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(clean) => io::stderr().lock().write_all(clean.as_bytes()),
    };
    match (printed, error.use_stderr()) {
        (Err(_), _) => Exit::Fault,
        (Ok(()), true) => Exit::Usage,
        (Ok(()), false) => Exit::Well,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_promised_ones() {
        let all = [Exit::Well, Exit::Fault, Exit::Usage, Exit::ExpectationsFailed, Exit::Interrupted];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 99, 130]);
    }
}
