//! `cargo bench --bench live`: what the actors cost, as ratios against baselines measured in the same run. No figure here fails
//! a build; a contender that does not do its work does.
//!
//! | part | what is measured, against what |
//! |---|---|
//! | `warm` | a broadcast to phones that all have actors, against a bare program in ractor with as many actors and messages |
//! | `cold` | one to phones of which few have, against the same program if it makes its actors for each turn and stops them |
//! | `drivers` | a whole run at full speed against the forecast of the same scenario |
//! | `metrics` | the same run with somebody to count for, against none |
//! | `single` | messages to single devices, one after the other, as fast as they are answered |
//! | `rest` | memory of fleets at rest, each in a process of its own |
//! | `timers` | memory of fleets of which every phone has a timer pending, ten millions too (only by name) |
//! | `speed` | the highest speed at which the lag stays under a second (only by name: it takes minutes) |
//!
//! A name measures that part alone: `cargo bench --bench live -- warm`.

mod bare;
mod drivers;
mod engine;
mod rest;
mod scenario;
mod speed;

use std::time::Duration;

/// The program's own allocator, for every contender.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Phones in a broadcast.
const PHONES: u32 = 20_000;
/// Broadcasts that are timed, after one that is not.
const ROUNDS: u32 = 12;

fn main() {
    if let Some(fleet) = rest::this_process_is_for() {
        return rest::measure(fleet);
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| {
        wanted.is_empty() && !["speed", "timers"].contains(&part) || wanted.iter().any(|word| word == part)
    };
    let parts: [(&str, fn()); 8] = [
        ("warm", warm),
        ("cold", cold),
        ("drivers", drivers::print),
        ("metrics", drivers::print_metrics),
        ("single", engine::print_single),
        ("rest", rest::print),
        ("timers", rest::print_timers),
        ("speed", speed::print),
    ];
    for (_, measure) in parts.iter().filter(|(part, _)| is_wanted(part)) {
        measure();
    }
}

/// A broadcast to phones that have actors.
fn warm() {
    let room = PHONES * 2 + 2;
    for has_starts in [false, true] {
        let ours = engine::broadcasts(PHONES, ROUNDS, room, has_starts);
        let bare = bare::warm(PHONES, ROUNDS, has_starts);
        compare("warm", has_starts, ours, bare);
    }
}

/// A broadcast to phones that have none.
fn cold() {
    for has_starts in [false, true] {
        let ours = engine::broadcasts(PHONES, ROUNDS, 2_000, has_starts);
        let bare = bare::cold(PHONES, ROUNDS, has_starts);
        compare("cold", has_starts, ours, bare);
    }
}

/// Prints what one delivery costs here and there.
fn compare(part: &str, has_starts: bool, ours: Duration, bare: Duration) {
    let of = |all: Duration| all.as_secs_f64() * 1e6 / f64::from(PHONES * ROUNDS);
    let (ours, bare) = (of(ours), of(bare));
    let turns = if has_starts { "two turns" } else { "one turn" };
    println!(
        "{part:8} {ours:6.2} µs a delivery in {turns} ({:.0} a second), bare ractor {bare:.2} µs: {:.2} of its speed",
        1e6 / ours,
        bare / ours
    );
}
