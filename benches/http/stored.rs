//! Messages to single devices that are on disk before they are answered, against the same without a store; and how long a
//! server takes to find them again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{callers, memory, served};

/// A folder on the disk of the build, which is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // There is none, unless a run was stopped.
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Measures and prints the ratio of sends, and their recovery.
pub(super) fn print(phones: u32, resident_actors_max: u32, rounds: u32) {
    let runtime = served::runtime();
    let folder = Scratch::new("bench_store");
    let (stored, store) = runtime.block_on(served::Served::stored(phones, resident_actors_max, &folder.0));
    let plain = runtime.block_on(served::Served::start(phones, resident_actors_max));
    let (of_stored, of_plain) = (stored.requests(), plain.requests());
    let (mut stored_rounds, mut plain_rounds) = (callers::Figures::new(), callers::Figures::new());
    // The first round is not timed.
    for round in 0..=rounds {
        let (one, other) =
            (callers::ask(stored.address(), &of_stored), callers::ask(plain.address(), &Arc::clone(&of_plain)));
        if round > 0 {
            stored_rounds.add(one);
            plain_rounds.add(other);
        }
    }
    let (stored_rate, plain_rate) = (stored_rounds.a_second(), plain_rounds.a_second());
    println!("stored   {stored_rate:.0} a second on disk before they are answered, p99 {} µs", stored_rounds.p99_us());
    println!("         {plain_rate:.0} a second without a store, p99 {} µs", plain_rounds.p99_us());
    println!(
        "         {:.2} of the speed without · rounds {}",
        stored_rate / plain_rate,
        stored_rounds.beside(&plain_rounds)
    );
    let messages = u64::from(phones) * u64::from(rounds + 1);
    stored.has_lost_nothing(messages);
    drop(stored);
    store.close().expect("all is on disk");
    let begun = Instant::now();
    let (again, store) = runtime.block_on(served::Served::stored(phones, resident_actors_max, &folder.0));
    println!(
        "         {messages} messages found again in {:.2} s; {} MB of memory",
        begun.elapsed().as_secs_f64(),
        memory::resident_bytes() >> 20
    );
    drop(again);
    store.close().expect("nothing waits");
}
