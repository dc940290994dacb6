//! The first line of every bench: the machine and how busy it is. Shared by the benches.

use std::fs;
use std::thread;

/// Prints the number and make of the cores, and the load when the bench begins: more than 0.5 means that others use the
/// machine.
pub(crate) fn print() {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let make = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let make = make.map_or("unknown make", |(_, make)| make.trim());
    let loads = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = loads.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
    println!("machine  {cores} cores, {make}; load {load} over the last minute\n");
}
