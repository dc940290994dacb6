//! Room `cli`, level 6. Door sign: wires, prints, exits; computes nothing. With `main` the only room that prints, reads the
//! environment or touches files; hands `scenario` a reader for the files it includes.

mod entry;
mod args;
mod serve_args;
mod listen;
mod setting;
mod sign_in;
mod baseline;
mod draft;
mod exit;
mod files;
mod folder;
mod log;
mod terminal;

mod check;
mod controlled;
mod course;
mod explain;
mod forecast;
mod help;
mod init;
mod lines;
mod merge;
mod print;
mod replay;
mod run;
mod serve;
mod certificates;
mod listeners;
mod trust;
mod opening;
mod greeting;
mod state;
mod tenant;
mod token;
mod seeds;
mod stop;
mod vary;
mod watch;

pub use entry::main;
