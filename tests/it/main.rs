//! One test binary; a folder for each subject, one file per risk. A risk is a promise that could be broken silently.

mod architecture;
mod attacks;
mod console;
mod control;
mod fixtures;
mod graph;
mod identity;
mod model;
mod monitoring;
mod pages;
mod process;
mod report;
mod scenario;
mod security;
mod store;
