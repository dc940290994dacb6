//! Room `cli`, level 6. Door sign: wires, prints, exits; computes nothing. With `main` the only room that prints, reads the
//! environment or touches files; hands `scenario` a reader for the files it includes.

mod entry;
mod args;
mod exit;
mod files;
mod terminal;

mod check;
mod explain;
mod forecast;
mod init;
mod print;
mod replay;
mod run;
mod stop;
mod watch;

pub use entry::main;
