//! Memory of idle fleets: without actors and without timers, without actors and with a pending timer for every phone,
//! and with all their actors.

use crate::{apart, engine};

/// A fleet with a process of its own.
#[derive(Clone, Copy)]
pub(crate) struct Fleet {
    phones: u32,
    /// When a notification is dismissed, counted from its display.
    attention: &'static str,
    /// Actors alive at once, at most.
    actors: u32,
}

/// The limit of actors of a fleet that has practically none.
const NO_ACTORS: u32 = 2;

/// Dismissed at once, so that no timer is left; or later than the measurement.
const ATTENTIONS: [&str; 2] = ["1s", "90m"];

impl Fleet {
    /// Its name as the task of a process.
    fn task(self) -> String {
        format!("rest {} {} {}", self.phones, self.attention, self.actors)
    }

    /// The fleet that a process was started for.
    pub(crate) fn of(task: &str) -> Option<Self> {
        let words: Vec<&str> = task.strip_prefix("rest ")?.split(' ').collect();
        let [phones, attention, actors] = *words.as_slice() else { return None };
        let attention = ATTENTIONS.into_iter().find(|known| *known == attention)?;
        Some(Self { phones: phones.parse().ok()?, attention, actors: actors.parse().ok()? })
    }
}

/// Prints the memory of this process before there is a fleet, and after its first message, in bytes.
pub(crate) fn measure(fleet: Fleet) {
    let before = resident();
    engine::rest(fleet.phones, fleet.attention, fleet.actors, || println!("{before} {}", resident()));
}

/// Fleets without timers.
pub(crate) fn print() {
    for phones in [10_000, 100_000, 1_000_000] {
        print_one("rest", Fleet { phones, attention: ATTENTIONS[0], actors: NO_ACTORS }, phones, "device");
    }
}

/// Fleets without timers, with all their actors.
pub(crate) fn print_resident() {
    for phones in [10_000, 100_000] {
        let actors = phones * 2;
        print_one("resident", Fleet { phones, attention: ATTENTIONS[0], actors: actors + 2 }, actors, "actor");
    }
}

/// Fleets in which every phone has a pending timer.
pub(crate) fn print_timers() {
    for phones in [1_000_000, 10_000_000] {
        print_one("timers", Fleet { phones, attention: ATTENTIONS[1], actors: NO_ACTORS }, phones, "device");
    }
}

fn print_one(part: &str, fleet: Fleet, shares: u32, share: &str) {
    let figures = apart::figures(&fleet.task());
    let &[before, after] = figures.as_slice() else { panic!("two figures: {figures:?}") };
    println!(
        "{part:8} {:9} devices: {:4} MB in all, {:4} bytes for each {share}",
        fleet.phones,
        after / 1_000_000,
        after.saturating_sub(before) / u64::from(shares)
    );
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    metrics_process::collector::collect().resident_memory_bytes.unwrap_or(0)
}
