//! Room `cli`, level 6. Door sign: wires, prints, exits; computes nothing. With `main` the only room that prints, reads the
//! environment or touches files; hands `scenario` a reader for the files it includes.

mod terminal;
mod args;
mod process;
mod files;
mod forecast;
mod serve;

mod entry;
mod check;
mod explain;
mod init;
mod print;
mod run;

pub use entry::main;
