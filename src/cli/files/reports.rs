//! The files of `--report`, and the report for people beside them. Must not compute a figure.

use crate::outcome::Outcome;
use crate::report::{ReportContent, Setting, annotations, console};
use crate::rules::base::visible::{self, Notation};
use crate::run::Part;

use super::lines::Lines;
use super::scenario_files;
use crate::cli::args::definition::{FailureFormat, ReportAudience};
use crate::cli::process::atomic_file::AtomicFile;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, caution, document};

/// Each report's path and format.
pub(crate) fn reports(paths: &[String]) -> Result<Vec<(&str, ReportContent)>, String> {
    let reports = paths.iter().map(|path| ReportContent::of_path(path).map(|form| (path.as_str(), form)));
    let reports = reports.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let is_named_before = |nth: usize| reports[..nth].iter().any(|(path, _)| *path == reports[nth].0);
    match (0..reports.len()).find(|nth| is_named_before(*nth)).map(|nth| reports[nth].0) {
        None => Ok(reports),
        Some("-") => Err("`--report -` is given twice: there is one standard output".to_owned()),
        Some(path) => Err(format!("`--report {path}` is given twice: name another file, or leave one away")),
    }
}

/// Tries whether every report can be written, so that a long run is not in vain.
///
/// # Errors
/// The first one that cannot, with its name.
pub(crate) fn try_paths<'p>(paths: impl IntoIterator<Item = &'p str>) -> anyhow::Result<()> {
    paths.into_iter().filter(|path| *path != "-").try_for_each(|path| AtomicFile::begin(path).map(drop))
}

/// Writes the `--report` files that are parts; the exit code, if one could not be written.
pub(crate) fn write_part(
    part: impl FnOnce() -> Part,
    reports: &[(&str, ReportContent)],
    terminal: Terminal,
) -> Option<Exit> {
    let paths: Vec<&str> =
        reports.iter().filter(|(_, form)| *form == ReportContent::Part).map(|(path, _)| *path).collect();
    if paths.is_empty() {
        return None;
    }
    let bytes = part().to_bytes();
    say_all(paths.into_iter().filter_map(|path| scenario_files::write(path, &bytes).err()), terminal)
}

/// Finishes the files of lines; the exit code, if one could not be written.
pub(crate) fn finish(lines: Option<&Lines>, terminal: Terminal) -> Option<Exit> {
    say_all(lines.map(Lines::finish).into_iter().flatten(), terminal)
}

fn say_all(errors: impl Iterator<Item = anyhow::Error>, terminal: Terminal) -> Option<Exit> {
    let said = errors.map(|error| terminal.error(&format!("{error:#}"))).count();
    (said > 0).then_some(Exit::Fault)
}

/// Writes the report for people to standard output, unless a report for programs goes there. Reports each write error
/// and still writes the rest.
pub(crate) fn write(
    outcome: &Outcome,
    reports: &[(&str, ReportContent)],
    setting: &Setting,
    (audience, terminal): (ReportAudience, Terminal),
) -> Exit {
    let taken = reports.iter().any(|(path, _)| *path == "-");
    let for_people = if taken {
        say_report(outcome, terminal)
    } else {
        terminal.page(&console(outcome, terminal.length, terminal.out))
    };
    let for_people = for_people.and_then(|()| annotate(audience, taken, || annotations(outcome, setting)));
    let mut exit = Exit::of(outcome);
    let written = reports.iter().map(|(path, form)| match (*path, form) {
        (_, ReportContent::Lines | ReportContent::Part) => Ok(()),
        ("-", ReportContent::Record(format)) => document(&format.render(outcome, setting), Notation::Json),
        (path, ReportContent::Record(format)) => {
            scenario_files::write(path, format.render(outcome, setting).as_bytes())
        }
    });
    for error in std::iter::once(for_people).chain(written).filter_map(Result::err) {
        terminal.error(&format!("{error:#}"));
        exit = Exit::Fault;
    }
    exit
}

/// Prints annotations where the report for people is printed, if they are wanted; GitHub reads both outputs.
///
/// # Errors
/// If they cannot be written.
pub(crate) fn annotate(audience: ReportAudience, taken: bool, made: impl FnOnce() -> String) -> anyhow::Result<()> {
    match audience.format {
        FailureFormat::Text => Ok(()),
        FailureFormat::Github if taken => {
            caution(visible::document(made().trim_end(), Notation::Braces).as_ref());
            Ok(())
        }
        FailureFormat::Github => document(&made(), Notation::Braces),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of two ways of writing; only the other can fail")]
fn say_report(outcome: &Outcome, terminal: Terminal) -> anyhow::Result<()> {
    terminal.notes(console(outcome, terminal.length, terminal.err).trim_end());
    Ok(())
}
