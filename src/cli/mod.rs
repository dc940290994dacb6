//! Room `cli`, level 6. Door sign: wires, prints, exits; computes nothing. With `main` the only room that prints, reads the
//! environment or touches files; hands `scenario` a reader for the files it includes.

mod args;

mod exit;
mod files;
mod terminal;

mod check;
mod forecast;
mod init;
mod print;
mod replay;
mod run;
mod stop;
mod watch;

use std::process::ExitCode;

use args::Command;
use clap::Parser as _;
use exit::Exit;
use terminal::Terminal;

/// Reads the command line, does what it says, and returns the exit code.
pub fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::of_usage(&error).into(),
    };
    let terminal = Terminal::new(args.color, args.quiet, args.verbose);
    let done = match args.command {
        Command::Run(run) => run::run(&run, terminal),
        Command::Forecast(args) => forecast::run(&args, terminal),
        Command::Check(check) => check::check(&check, terminal),
        Command::Init { name } => init::init(&name),
        Command::Schema { of } => print::schema(of),
        Command::Completions { shell } => print::completions(shell),
    };
    let exit = done.unwrap_or_else(|error| {
        terminal.error(&format!("{error:#}"));
        Exit::Fault
    });
    exit.into()
}
