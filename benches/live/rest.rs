//! Memory of fleets without actors: at rest, and with a timer pending for every phone.

use crate::{apart, engine};

/// A fleet that a process of its own is started for.
#[derive(Clone, Copy)]
pub(crate) struct Fleet {
    phones: u32,
    /// When a notification is dismissed, counted from its display.
    attention: &'static str,
}

/// Dismissed at once, so that nothing is left to do; or later than the measuring.
const ATTENTIONS: [&str; 2] = ["1s", "90m"];

impl Fleet {
    /// As a process is told of it.
    fn task(self) -> String {
        format!("rest {} {}", self.phones, self.attention)
    }

    /// The fleet that a process was started for.
    pub(crate) fn of(task: &str) -> Option<Self> {
        let (phones, attention) = task.strip_prefix("rest ")?.split_once(' ')?;
        let attention = ATTENTIONS.into_iter().find(|known| *known == attention)?;
        Some(Self { phones: phones.parse().ok()?, attention })
    }
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

fn print_one(part: &str, fleet: Fleet) {
    let figures = apart::figures(&fleet.task());
    let &[before, after] = figures.as_slice() else { panic!("two figures: {figures:?}") };
    println!(
        "{part:8} {:9} devices: {:4} MB in all, {:4} bytes a device",
        fleet.phones,
        after / 1_000_000,
        after.saturating_sub(before) / u64::from(fleet.phones)
    );
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    metrics_process::collector::collect().resident_memory_bytes.unwrap_or(0)
}
