//! Dispatches the commands of the command line. Must not do any of their work.

use std::process::ExitCode;
use std::time::Duration;

use super::args::completion;
use super::args::definition::{Args, Command};
use super::forecast::{command as forecast, merge, seeds, vary};
use super::process::stop::{HangupUse, Stop};
use super::serve::{command as serve, hash, token};
use super::store::{command as store_command, replay};
use super::terminal::exit::{self, Exit};
use super::terminal::log;
use super::terminal::writer::Terminal;
use super::{check, explain, init, print, run};
use crate::report::ReportLength;
use clap::Parser as _;

/// Parses the command line, runs its command, and returns the exit code.
pub fn main() -> ExitCode {
    completion::answer();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::of_usage(&error).into(),
    };
    let length = match (args.summary, args.quiet) {
        (true, _) => ReportLength::Line,
        (false, true) => ReportLength::Failures,
        (false, false) => ReportLength::Whole,
    };
    let terminal = Terminal::new(args.color, (args.quiet, length), args.log_format);
    log::start(args.log_format, terminal.err.ink(), args.quiet, args.verbose);
    let hangup = match args.command {
        // It reads its files anew.
        Command::Serve(_) => HangupUse::Ignored,
        _ => HangupUse::Stops,
    };
    let stop = Stop::on_signal(terminal, Duration::from_millis(args.stop_within_ms), hangup);
    let exit = stop.and_then(|stop| done(args.command, &stop, terminal)).unwrap_or_else(|error| {
        terminal.error(&format!("{error:#}"));
        Exit::Fault
    });
    exit.into()
}

fn done(command: Command, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    match command {
        Command::Run(run) => run::run(&run, stop, terminal),
        Command::Explain(args) => explain::explain(&args, stop, terminal),
        Command::Forecast(args) => match (args.many.seeds, &args.many.vary) {
            (Some(seeds), _) => seeds::run(&args, seeds, stop, terminal),
            (None, Some(axis)) => vary::run(&args, axis, stop, terminal),
            (None, None) => forecast::run(&args, stop, terminal),
        },
        Command::Merge(args) => Ok(merge::merge(&args, stop, terminal)),
        Command::Serve(args) => serve::serve(&args, stop, terminal),
        Command::Token(args) => token::token(&args, stop, terminal),
        Command::Store { task } => store_command::store(&task, terminal),
        Command::Replay(args) => replay::replay(&args, stop, terminal),
        Command::Hash => hash::hash(terminal),
        Command::Check(check) => check::check(&check, stop, terminal),
        Command::Init(args) => init::init(&args),
        Command::Schema { of } => print::schema(of),
        Command::Completions { shell } => print::completions(shell),
    }
}
