//! Memory of fleets without actors: at rest, and with a timer pending for every phone.

use std::process::Command;

use crate::engine;

const VARIABLE: &str = "REVEILLE_BENCH_REST";

/// A fleet that a process of its own is started for.
#[derive(Clone, Copy)]
pub(crate) struct Fleet {
    phones: u32,
    /// When a notification is dismissed, counted from its display.
    attention: &'static str,
}

/// Dismissed at once, so that nothing is left to do; or later than the measuring.
const ATTENTIONS: [&str; 2] = ["1s", "90m"];

/// The fleet that this process is to measure, if it was started for that.
pub(crate) fn this_process_is_for() -> Option<Fleet> {
    let wanted = std::env::var(VARIABLE).ok()?;
    let (phones, attention) = wanted.split_once(' ')?;
    let attention = ATTENTIONS.into_iter().find(|known| *known == attention)?;
    Some(Fleet { phones: phones.parse().ok()?, attention })
}

/// Prints the memory of this process before there is a fleet, and while it has no actors, in bytes.
pub(crate) fn measure(fleet: Fleet) {
    let before = resident();
    engine::rest(fleet.phones, fleet.attention, || println!("{before} {}", resident()));
}

/// Fleets that have nothing to do.
pub(crate) fn print() {
    for phones in [10_000, 100_000, 1_000_000] {
        print_one("rest", Fleet { phones, attention: ATTENTIONS[0] });
    }
}

/// Fleets of which every phone will do something.
pub(crate) fn print_timers() {
    for phones in [1_000_000, 10_000_000] {
        print_one("timers", Fleet { phones, attention: ATTENTIONS[1] });
    }
}

fn print_one(part: &str, Fleet { phones, attention }: Fleet) {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new(program).env(VARIABLE, format!("{phones} {attention}")).output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it prints numbers");
    let figures: Vec<u64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let &[before, after] = figures.as_slice() else { panic!("two figures: {text}") };
    println!(
        "{part:8} {phones:9} devices: {:4} MB in all, {:4} bytes a device",
        after / 1_000_000,
        after.saturating_sub(before) / u64::from(phones)
    );
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    metrics_process::collector::collect().resident_memory_bytes.unwrap_or(0)
}
