//! Messages to single devices that are sent together, by `$batch` and by `executeAction`, against the same messages in a
//! request each.

use std::sync::Arc;

use super::{callers, memory, served};

/// Requests of a `$batch`, which takes no more, and devices of an `executeAction`.
const A_BATCH: usize = 20;
const AN_ACTION: usize = 1_000;

/// Measures and prints the ratios.
pub(super) fn print(phones: u32, resident_actors_max: u32, rounds: u32) {
    let runtime = served::runtime();
    let ours = runtime.block_on(served::Served::start(phones, resident_actors_max));
    let ways = [
        ("a request each", 1, ours.requests()),
        ("$batch", A_BATCH, ours.posts("/beta/$batch", A_BATCH, &served::batch)),
        (
            "executeAction",
            AN_ACTION,
            ours.posts("/beta/deviceManagement/managedDevices/executeAction", AN_ACTION, &served::action),
        ),
    ];
    let mut figures = ways.each_ref().map(|_| callers::Figures::new());
    // The first round is not timed.
    for round in 0..=rounds {
        for ((_, _, requests), figures) in ways.iter().zip(&mut figures) {
            let asked = callers::ask(ours.address(), &Arc::clone(requests));
            if round > 0 {
                figures.add(asked);
            }
        }
    }
    let rates: Vec<f64> =
        ways.iter().zip(&figures).map(|((_, each, _), done)| *each as f64 * done.a_second()).collect();
    for (((what, each, _), rate), figures) in ways.iter().zip(&rates).zip(&figures) {
        println!(
            "together {what}: {rate:.0} messages a second, {:.2} times a request each · {each} a request, p99 {} µs",
            rate / rates[0],
            figures.p99_us()
        );
    }
    ours.has_lost_nothing(u64::from(phones) * ways.len() as u64 * u64::from(rounds + 1));
    println!("         each message has its journey; {} MB of memory", memory::resident_bytes() >> 20);
}
