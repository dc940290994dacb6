//! `cargo bench --bench live`: the cost of the actors, as ratios to baselines measured in the same run. No figure here
//! fails a build; a contender that does not do its work does.
//!
//! | part | what is measured, against what |
//! |---|---|
//! | `warm` | a broadcast to phones that all have actors, against a bare program in ractor with as many actors and messages; each in processes of its own |
//! | `cold` | one to phones of which few have actors, against the same program if it creates its actors for each turn and stops them |
//! | `drivers` | a whole run at full speed against the forecast of the same scenario |
//! | `metrics` | the same run with metrics, against none |
//! | `single` | messages to single devices, one after the other, as fast as they are answered |
//! | `rest` | memory of idle fleets, each in a process of its own |
//! | `resident` | memory of fleets that have all their actors, by actor |
//! | `timers` | memory of fleets in which every phone has a pending timer, ten million too (only by name) |
//! | `speed` | the highest speed with a lag under a second (only by name: it takes minutes) |
//!
//! A name measures that part alone: `cargo bench --bench live -- warm`.

mod apart;
mod bare;
mod broadcasts;
mod drivers;
mod engine;
#[path = "../machine.rs"]
mod machine;
mod rest;
mod scenario;
mod speed;

use broadcasts::Contender;
use rest::Fleet;

/// The program's allocator, for every contender.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Some(task) = apart::task() {
        return measure(&task);
    }
    machine::print();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| {
        wanted.is_empty() && !["speed", "timers"].contains(&part) || wanted.iter().any(|word| word == part)
    };
    let parts: [(&str, fn()); 9] = [
        ("warm", broadcasts::print_warm),
        ("cold", broadcasts::print_cold),
        ("drivers", drivers::print),
        ("metrics", drivers::print_metrics),
        ("single", engine::print_single),
        ("rest", rest::print),
        ("resident", rest::print_resident),
        ("timers", rest::print_timers),
        ("speed", speed::print),
    ];
    for (_, measure) in parts.iter().filter(|(part, _)| is_wanted(part)) {
        measure();
    }
}

/// Runs the measurement that this process was started for.
fn measure(task: &str) {
    match (Contender::of(task), Fleet::of(task)) {
        (Some(contender), _) => contender.measure(),
        (_, Some(fleet)) => rest::measure(fleet),
        (None, None) => assert!(drivers::measure_metered(task), "{task}: nothing that is measured"),
    }
}
