//! Processor time and memory of this process, as the system counts them. Other processes hardly influence either,
//! unlike wall-clock time. Must not read a clock.

use std::fs;

/// Processor time of all threads since the process began, in ns; the system counts it in hundredths of a second.
pub(crate) fn spent_ns() -> f64 {
    metrics_process::collector::collect().cpu_seconds_total.expect("the system says what a process has used") * 1e9
}

/// The peak memory of this process.
pub(crate) fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("peaks of memory are measured on Linux only");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says a process's peak");
    let kilobytes = line.trim().strip_suffix(" kB").and_then(|number| number.parse::<u64>().ok());
    kilobytes.expect("Linux says it in kB") * 1_024
}
