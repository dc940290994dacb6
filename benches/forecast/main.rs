//! `cargo bench --bench forecast`: what the forecast costs, as ratios against baselines measured in the same run. No
//! figure here fails a build; a contender that does not do its work does.
//!
//! | contender | what it is |
//! |---|---|
//! | [`full_model`] | the forecast, with everything that the model has |
//! | [`bare_loop`] | the limit: one block of chance a pair, and nothing else |
//! | [`event_queue`] | the same journey in a discrete-event simulator, `NeXosim` |
//! | [`fleets`] | the forecast again, for ever larger fleets, each in a process of its own |
//!
//! The first three go through criterion, so its flags work: `cargo bench --bench forecast -- --quick`, or a name
//! (`fleets` too) to measure that alone. `REVEILLE_BENCH_LARGE=1` adds a fleet of a hundred million devices, which
//! takes minutes.

mod bare_loop;
mod event_queue;
mod figures;
mod fleets;
mod full_model;
#[path = "../machine.rs"]
mod machine;
mod models;
mod processor;
mod ratios;
mod road;
mod scenario;

use figures::{Contender, Figures};

/// The program's allocator, for every contender.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Some(devices) = fleets::this_process_is_for() {
        return fleets::measure(devices);
    }
    machine::print();
    let mut figures = Figures::new();
    full_model::bench(&mut figures);
    bare_loop::bench(&mut figures);
    event_queue::bench(&mut figures);
    ratios::print(&figures);
    if figures.are_complete() || fleets::are_asked_for() {
        fleets::print();
    } else if figures.kept().is_empty() {
        let names = Contender::ALL.map(Contender::name).join(", ");
        eprintln!("nothing was measured; there are {names}, fleets: `cargo bench --bench forecast -- NAME`");
    }
}
