//! Risk: a file system without room leaves half of a write, and something that was answered is gone or is another.
//!
//! The limit of a file's length stands for the room: a write that crosses it is done up to there, and the next one fails, as on a
//! file system that is full.
#![cfg(target_os = "linux")]

use super::traced::Bench;

/// Starts a program that is not ended by the signal of the limit, but learns of the error.
const WITHOUT_SIGNAL: [&str; 3] = ["sh", "-c", r#"trap "" XFSZ; exec "$0" "$@""#];
/// Bytes of the longest file: too short for the first keys, and then within a page of the log, a commit, and some commits later.
const LONGEST: [u64; 7] = [20_000, 65_536, 65_537, 69_631, 70_001, 90_003, 150_000];

#[test]
fn a_file_system_without_room_ends_the_server_and_loses_nothing() {
    let bench = Bench::new("store_full");
    let mut answers = 0;
    for longest in LONGEST {
        bench.without_store();
        let what = format!("files of at most {longest} bytes");
        let (running, address) = bench.start_under(&WITHOUT_SIGNAL);
        let address = address.unwrap_or_else(|| panic!("{what}: {}", running.said()));
        running.limit_file_bytes(longest);
        let (answered, last) = bench.sent(&address);
        assert!(matches!(last, Some(503) | None), "{what}: {last:?} after {} messages", answered.len());
        let said = running.end().exits(1);
        assert!(said.err.contains("--store: store/"), "{what}: {}", said.err);
        bench.has(&answered, &what);
        answers += answered.len();
    }
    assert!(answers > 0, "some were answered before the room ended");
}
