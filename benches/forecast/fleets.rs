//! The cost of a pair in ever larger fleets: processor time and peak memory. Each fleet has a process of its own,
//! started from this program, because a peak belongs to a process.

use std::process::{Command, Stdio};

use super::scenario::sparse_day;
use super::{full_model, processor};

/// Messages of the day: few, so that a hundred million devices finish.
const MESSAGES: u64 = 24;
const DEVICES: [u32; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// The largest fleet, with `REVEILLE_BENCH_LARGE=1`.
const DEVICES_LARGE: u32 = 100_000_000;
/// The largest fleet, with `--quick`.
const DEVICES_QUICK_MAX: u32 = 1_000_000;
/// A small fleet is forecast repeatedly until it has this many pairs: the system counts processor time in hundredths of
/// a second.
const PAIRS_MIN: u64 = 24_000_000;
/// The name of this table on the command line.
const NAME: &str = "fleets";
/// The argument of the process for one fleet.
const ARGUMENT: &str = "--fleet=";

/// The number of devices that [`print`] started this process for, if it did.
pub(crate) fn this_process_is_for() -> Option<u32> {
    let devices = std::env::args().find_map(|argument| argument.strip_prefix(ARGUMENT).map(str::to_owned))?;
    Some(devices.parse().unwrap_or_else(|error| panic!("{ARGUMENT}{devices}: {error}; expected a number of devices")))
}

/// Forecasts one fleet, and prints `ns-per-pair peak-bytes`.
pub(crate) fn measure(devices: u32) {
    let world = sparse_day(devices, MESSAGES);
    let pairs = u64::from(devices) * MESSAGES;
    let times = PAIRS_MIN.div_ceil(pairs);
    let mut spent_ns = 0.0;
    for _ in 0..times {
        let before = processor::spent_ns();
        let finished = full_model::run(&world, 0);
        spent_ns += processor::spent_ns() - before;
        full_model::check(&world, &finished, pairs);
    }
    println!("{} {}", spent_ns / (pairs * times) as f64, processor::peak_bytes());
}

/// Does the command line select this table by name?
pub(crate) fn are_asked_for() -> bool {
    std::env::args().skip(1).any(|argument| argument == NAME)
}

/// Measures every fleet and prints the table.
///
/// **Estimated before measuring**: as in the full model, but the fixed cost of a device (its traits, its presence on
/// two days, about 2 µs) is spread over 24 messages instead of 600: 280 ns a pair. Flat within a fifth from 10⁴ devices
/// to 10⁸, since a thread keeps one chunk of devices in its caches, whatever the size of the fleet. Memory: 30 MB for
/// the totals of two threads, and from 10⁷ on sets of devices, 12.5 MB for a hundred million: about 100 MB then.
pub(crate) fn print() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let large = std::env::var_os("REVEILLE_BENCH_LARGE").is_some_and(|value| value == "1");
    let devices = DEVICES.into_iter().filter(|devices| !quick || *devices <= DEVICES_QUICK_MAX);
    println!("\n{NAME}: the full model, {MESSAGES} messages, a thread a core");
    println!("{:>12} {:>16} {:>10} {:>10}", "devices", "CPU ns/pair", "÷ first", "peak MB");
    let mut first = None;
    for devices in devices.chain(large.then_some(DEVICES_LARGE)) {
        let [ns, bytes] = child(devices);
        let ratio = ns / *first.get_or_insert(ns);
        println!("{devices:>12} {ns:>16.1} {ratio:>10.2} {:>10.1}", bytes / 1e6);
    }
}

/// Runs this program for one fleet.
fn child(devices: u32) -> [f64; 2] {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut command = Command::new(program);
    command.arg(format!("{ARGUMENT}{devices}")).stderr(Stdio::inherit());
    let output = command.output().expect("the program starts again");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "the fleet of {devices} devices: {}; it said `{said}`", output.status);
    let numbers: Vec<f64> = said.split_whitespace().map_while(|word| word.parse().ok()).collect();
    numbers.try_into().unwrap_or_else(|_| panic!("the fleet of {devices} devices said `{said}`; expected two numbers"))
}
