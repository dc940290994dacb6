//! `merge`: merges the parts of a forecast and reports. Must not decide which parts fit together.

use crate::outcome::Outcome;
use crate::report::{FormatError, ReportContent};
use crate::run::{Merge, Part, Shard};
use crate::scenario::Origins;

use crate::cli::args::forecast_args::MergeArgs;
use crate::cli::files::baseline::baseline;
use crate::cli::files::reports::{reports, write, write_part};
use crate::cli::files::scenario_files;
use crate::cli::process::setting::setting;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;

pub(crate) fn merge(args: &MergeArgs, stop: &Stop, terminal: Terminal) -> Exit {
    let reports = match reports(&args.reports) {
        Ok(reports) => reports,
        Err(wrong) => return usage(&wrong, terminal),
    };
    if let Some((path, _)) = reports.iter().find(|(_, form)| *form == ReportContent::Lines) {
        return usage(&FormatError::LinesOfParts((*path).to_owned()).to_string(), terminal);
    }
    let setting = setting("-", Origins::default());
    let mut merge = Merge::default();
    for file in &args.files {
        let bytes = match scenario_files::part(file) {
            Ok(bytes) => bytes,
            Err(wrong) => return usage(&wrong, terminal),
        };
        if let Err(error) = merge.add(file, &bytes) {
            return usage(&error.to_string(), terminal);
        }
        // After an interruption, only some parts were read, which do not make a report.
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
    let mut outcome = Outcome::new(&merged.world, &merged.finished.agenda, &merged.finished.totals, merged.facts);
    if let Some(baseline) = baseline {
        baseline.compare(&mut outcome);
    }
    // The positions in a part refer to lines of a file that is not available here.
    let exit = write(&outcome, &reports, &setting, (args.audience, terminal));
    let part = || Part::new(&merged.world, Shard::WHOLE, merged.finished, merged.part);
    write_part(part, &reports, terminal).unwrap_or(exit)
}

fn usage(wrong: &str, terminal: Terminal) -> Exit {
    terminal.error(wrong);
    Exit::Usage
}
