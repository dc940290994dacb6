//! `merge`: the parts of a forecast to one report. Wires; what fits together is decided elsewhere.

use crate::report::{Form, FormatError};
use crate::run::{Merge, Outcome, Part, Shard};
use crate::scenario::Origins;

use super::args::MergeArgs;
use super::baseline::baseline;
use super::exit::Exit;
use super::files;
use super::run::{reports, write, write_part};
use super::setting::setting;
use super::stop::Stop;
use super::terminal::Terminal;

pub(super) fn merge(args: &MergeArgs, stop: &Stop, terminal: Terminal) -> Exit {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => return usage(&wrong, terminal),
    };
    if let Some((path, _)) = reports.iter().find(|(_, form)| *form == Form::Lines) {
        return usage(&FormatError::LinesOfParts((*path).to_owned()).to_string(), terminal);
    }
    let setting = setting("-", Origins::default());
    let mut merge = Merge::default();
    for file in &args.files {
        let bytes = match files::part(file) {
            Ok(bytes) => bytes,
            Err(wrong) => return usage(&wrong, terminal),
        };
        if let Err(error) = merge.add(file, &bytes) {
            return usage(&error.to_string(), terminal);
        }
        // Of a part of the parts there is no report.
        if stop.is_raised() {
            return Exit::Interrupted;
        }
    }
    let merged = match merge.finish() {
        Ok(merged) => merged,
        Err(error) => return usage(&error.to_string(), terminal),
    };
    let baseline = match baseline(&args.against, &merged.world) {
        Ok(baseline) => baseline,
        Err(wrong) => return usage(&wrong, terminal),
    };
    let mut outcome = Outcome::new(&merged.world, &merged.finished.agenda, &merged.finished.books, merged.facts);
    if let Some(baseline) = baseline {
        baseline.compare(&mut outcome);
    }
    // The places of a part are lines of a file that is not there.
    let exit = write(&outcome, &reports, &setting, terminal);
    let part = || Part::new(&merged.world, Shard::WHOLE, merged.finished, merged.part);
    write_part(part, &reports, terminal).unwrap_or(exit)
}

fn usage(wrong: &str, terminal: Terminal) -> Exit {
    terminal.error(wrong);
    Exit::Usage
}
