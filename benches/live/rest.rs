//! Memory of fleets at rest: nobody has a message, nobody has an actor.

use std::process::Command;

use crate::engine;

const VARIABLE: &str = "REVEILLE_BENCH_REST";
const FLEETS: [u32; 3] = [10_000, 100_000, 1_000_000];

/// How many devices this process is to measure, if it was started for that.
pub(crate) fn this_process_is_for() -> Option<u32> {
    std::env::var(VARIABLE).ok()?.parse().ok()
}

/// Prints the memory of this process before there is a fleet, and while it is at rest, in bytes.
pub(crate) fn measure(users: u32) {
    let before = resident();
    engine::rest(users, || println!("{before} {}", resident()));
}

/// Starts a process for each fleet.
pub(crate) fn print() {
    let program = std::env::current_exe().expect("a program has a path");
    for devices in FLEETS {
        let output = Command::new(&program).env(VARIABLE, devices.to_string()).output().expect("it starts");
        let text = String::from_utf8(output.stdout).expect("it prints numbers");
        let figures: Vec<u64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let &[before, after] = figures.as_slice() else { panic!("two figures: {text}") };
        println!(
            "rest     {devices:9} devices: {:4} MB in all, {:4} bytes a device",
            after / 1_000_000,
            after.saturating_sub(before) / u64::from(devices)
        );
    }
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    metrics_process::collector::collect().resident_memory_bytes.unwrap_or(0)
}
