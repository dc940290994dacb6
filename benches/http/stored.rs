//! Messages to single devices that are on disk before they are answered, against the same without a store; and how long a
//! server takes to find them again.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{callers, memory, served};

/// Connections at once: what a commit can take together decides how much of the disk's time one message has.
const CONNECTIONS: [usize; 2] = [64, 1_024];
/// Syncs that are measured.
const SYNCS: u32 = 50;

/// A folder on the disk of the build, which is removed at the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // There is none, unless a run was stopped.
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
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
    println!("stored   a sync of the disk takes {} µs", sync_time(&folder.0).as_micros());
    let (stored, store) = runtime.block_on(served::Served::stored(phones, resident_actors_max, &folder.0));
    let plain = runtime.block_on(served::Served::start(phones, resident_actors_max));
    let (of_stored, of_plain) = (stored.requests(), plain.requests());
    for connections in CONNECTIONS {
        let (mut stored_rounds, mut plain_rounds) = (callers::Figures::new(), callers::Figures::new());
        // The first round is not timed.
        for round in 0..=rounds {
            let one = callers::ask_by(connections, stored.address(), &of_stored);
            let other = callers::ask_by(connections, plain.address(), &of_plain);
            if round > 0 {
                stored_rounds.add(one);
                plain_rounds.add(other);
            }
        }
        let (stored_rate, plain_rate) = (stored_rounds.a_second(), plain_rounds.a_second());
        println!(
            "stored   {connections} connections: {stored_rate:.0} a second on disk before they are answered, p99 {} µs",
            stored_rounds.p99_us()
        );
        println!("         {plain_rate:.0} a second without a store, p99 {} µs", plain_rounds.p99_us());
        println!(
            "         {:.2} of the speed without · rounds {}",
            stored_rate / plain_rate,
            stored_rounds.beside(&plain_rounds)
        );
    }
    let messages = u64::from(phones) * u64::from(rounds + 1) * CONNECTIONS.len() as u64;
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

/// How long a write of three pages and its sync take.
fn sync_time(beside: &Path) -> Duration {
    let path = beside.with_extension("sync");
    let mut file = File::create(&path).expect("the folder of the build can be written");
    let begun = Instant::now();
    for _ in 0..SYNCS {
        let wrote = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&[7; 3 * 4_096]));
        wrote.and_then(|()| file.sync_all()).expect("it can be written");
    }
    let took = begun.elapsed() / SYNCS;
    // It is in the folder of the build.
    let _ = std::fs::remove_file(path);
    took
}
