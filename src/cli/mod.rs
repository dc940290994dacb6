//! Module `cli`, level 6: wires the other modules, prints and exits. Must not compute anything. Beside `main`, the only
//! module that prints, reads the environment or touches files; gives `scenario` a function that reads included files.

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
mod store;

pub use entry::main;
