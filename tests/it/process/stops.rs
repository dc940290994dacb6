//! Risk: a signal is not noticed, so that the program computes on for long, or it ends without the promised report.
//!
//! `STOPS=50 cargo test --release --locked --test it stops -- --nocapture` stops every command at 50 moments, prints
//! the longest time from the signal to the end, and fails if that is a second. `STOPS_SEED` draws other moments.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::io::PipeWriter;
use std::process::Stdio;
use std::time::{Duration, Instant};

use reveille::rules::base::ids::Key;

use crate::fixtures::program::{Folder, Running, Said, end_of, look, program};

/// Moments at which each command is stopped, unless `STOPS` says otherwise.
const MOMENTS: u64 = 2;
/// Looks at a program until it is stopped, at most: ten milliseconds each.
const LOOKS_MAX: u64 = 120;
/// Groups of the ring, each nested in the next.
const RING: u32 = 2_000;
/// Groups of the ring for `check`, which has less to do.
const WIDE_RING: u32 = 100_000;

/// The output of a stopped command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    /// Nothing: half an answer would look like a whole one.
    Nothing,
    /// From its start line on, a report that is marked as interrupted.
    Report,
    /// A report of the completed forecasts, if there is one.
    Rows,
    /// From its start line on, a part that `merge` refuses.
    Part,
    /// Nothing; once it serves, a stop is its normal end.
    Served,
}

/// Every command that takes long, by its output.
const COMMANDS: [(&str, Leaves); 13] = [
    ("check wide.toml", Leaves::Nothing),
    ("check --plan --format json wide.toml", Leaves::Nothing),
    ("forecast heavy.toml --report out.json", Leaves::Report),
    ("forecast heavy.toml --report out.json --without down", Leaves::Report),
    ("forecast heavy.toml --report out.json --seeds 1..9", Leaves::Rows),
    ("forecast heavy.toml --report out.json --seeds 1..9 --threads 3 --parallel 3", Leaves::Rows),
    ("forecast heavy.toml --report out.json --vary send.ring.schedule.count=300..700/100", Leaves::Rows),
    ("forecast heavy.toml --report out.rvl --shard 1/2", Leaves::Part),
    ("run heavy.toml --report out.json --metrics-listen 127.0.0.1:0", Leaves::Report),
    ("run heavy.toml --report out.json --metrics-listen 127.0.0.1:0 --speed 3600", Leaves::Report),
    ("explain heavy.toml --device user-1.1 --message ring/7", Leaves::Nothing),
    ("merge 1.rvl 2.rvl --report out.json", Leaves::Nothing),
    (
        "serve --scenario heavy.toml --state state --listen 127.0.0.1:0 --control-listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0",
        Leaves::Served,
    ),
];

/// Nested groups, many users, changes all the time and a message every ten minutes: every walk takes long.
fn heavy(users: u32, ring: u32) -> String {
    let mut text = format!(
        r#"schema = 1
name = "heavy"
duration = "6d"
[fleet]
users = {users}
[[group]]
name = "half"
users = {{ share = 0.5 }}
[[change]]
name = "joiners"
kind = "join"
group = "g7"
users = {{ sample = {} }}
schedule = {{ from = "1s", every = "5s" }}
[[fault]]
name = "down"
kind = "outage"
mode = "hold"
at = "1h"
for = "20m"
[[send]]
name = "ring"
to = {{ groups = ["g0", "half"] }}
schedule = {{ from = "1m", every = "10m", count = 800 }}
title = "T"
body = "B"
"#,
        users / 10
    );
    for group in 0..ring {
        let next = (group + 1) % ring;
        let (from, to) = (users / ring * group, users / ring * (group + 1));
        writeln!(
            text,
            "[[group]]\nname = \"g{group}\"\ngroups = [\"g{next}\"]\nusers = {{ from = {from}, to = {to} }}"
        )
        .expect("a string takes all");
    }
    text
}

/// A number from an environment variable.
pub(crate) fn told(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Waits until the program handles both signals.
fn wait_until_it_listens(running: &mut Running) {
    look("listening to signals", || {
        if running.has_ended() {
            return Some(());
        }
        let caught = u64::from_str_radix(&running.status_text("SigCgt:"), 16).expect("Linux writes a mask");
        let both = 1 << (2 - 1) | 1 << (15 - 1);
        (caught & both == both).then_some(())
    });
}

/// Stops a command after `looks` looks; returns the time it took, `None` if it had ended before.
fn stop(folder: &Folder, command: &str, looks: u64) -> Option<(Duration, Said)> {
    for left in ["out.json", "out.rvl"] {
        // An earlier run may have left none.
        let _ = std::fs::remove_file(folder.path().join(left));
    }
    let mut running = folder.start(&command.split(' ').collect::<Vec<_>>());
    wait_until_it_listens(&mut running);
    let mut left = looks;
    look("the moment", || {
        left = left.saturating_sub(1);
        (left == 0 || running.has_ended()).then_some(())
    });
    if running.has_ended() {
        return None;
    }
    let since = Instant::now();
    if looks.is_multiple_of(2) {
        running.interrupt();
    } else {
        running.terminate();
    }
    look("the end", || running.has_ended().then_some(()));
    Some((since.elapsed(), running.end()))
}

/// Checks the output of a stopped command.
fn assert_left(folder: &Folder, said: &Said, leaves: Leaves, about: &str) {
    let about = format!("{about}\n{}\n{}", said.out, said.err);
    let has_begun = said.err.contains(concat!("reveille ", env!("CARGO_PKG_VERSION"), " · heavy"));
    let is_serving = said.err.contains("until Ctrl-C");
    let report = folder.path().join("out.json").exists().then(|| folder.json("out.json"));
    assert!(!said.err.contains("not stopped within"), "the deadline ended it: {about}");
    if said.code == Some(0) && leaves != Leaves::Served {
        // It was done when the signal came, and its report is complete.
        assert!(report.is_none_or(|report| report["interrupted"] != true), "{about}");
        return;
    }
    let code = if leaves == Leaves::Served && is_serving { 0 } else { 130 };
    assert_eq!(said.code, Some(code), "{about}");
    match leaves {
        Leaves::Nothing | Leaves::Served => assert_eq!((&report, said.out.as_str()), (&None, ""), "{about}"),
        Leaves::Report if has_begun => {
            let report = report.unwrap_or_else(|| panic!("no report: {about}"));
            assert_eq!(report["interrupted"], true, "{about}");
            assert_eq!(report["conservation"]["ok"], true, "{about}");
        }
        Leaves::Part if has_begun => {
            let merged = folder.run(&["merge", "out.rvl"]).exits(2);
            assert!(merged.err.contains("interrupted"), "{}\n{about}", merged.err);
        }
        Leaves::Report | Leaves::Part => {
            assert!(report.is_none() && !folder.path().join("out.rvl").exists(), "{about}");
        }
        Leaves::Rows => {
            if let Some(report) = report {
                assert_eq!(report["interrupted"], true, "{about}");
                let rows = report["rows"].as_array().expect("rows").len() as u64;
                assert!(rows > 0 && report["forecasts_done"] == rows, "{about}");
            }
        }
    }
}

#[test]
fn every_command_can_be_stopped_at_any_moment_and_leaves_the_promised_output() {
    let (moments, seed) = (told("STOPS"), told("STOPS_SEED").unwrap_or(1));
    let folder = Folder::new("stops");
    folder.write("light.toml", &heavy(10_000, RING));
    folder.write("heavy.toml", &heavy(400_000, RING));
    folder.write("wide.toml", &heavy(400_000, WIDE_RING));
    for part in ["1", "2"] {
        let shard = format!("{part}/2");
        let count = ["--set", "send.ring.schedule.count=60"];
        let report = format!("{part}.rvl");
        let arguments = ["forecast", "light.toml", "--shard", &shard, "--report", &report];
        folder.run(&[&arguments[..], &count].concat()).exits(0);
    }
    let mut longest = Duration::ZERO;
    for (command, leaves) in COMMANDS {
        let mut stopped = 0;
        for nth in 0..moments.unwrap_or(MOMENTS) {
            let looks = 1 + Key::of("stop", command).nth(nth ^ seed << 32).0 % LOOKS_MAX;
            let about = format!("{command}\nafter {looks} looks, STOPS_SEED={seed}");
            let Some((took, said)) = stop(&folder, command, looks) else { continue };
            stopped += 1;
            assert_left(&folder, &said, leaves, &about);
            if moments.is_some() {
                assert!(took < Duration::from_secs(1), "it took {took:?}: {about}");
            }
            longest = longest.max(took);
        }
        println!("{stopped} stops, the longest so far {} ms: {command}", longest.as_millis());
        // `merge` of two small parts ends too soon to be stopped.
        assert!(stopped > 0 || command.starts_with("merge"), "it is over before it can be stopped: {command}");
    }
}

/// `check -` waits for its standard input, during which it cannot look at a flag.
fn waiting(folder: &Folder, deadline_ms: &str) -> (Running, PipeWriter) {
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    let mut command = program(folder.path(), &["--stop-within-ms", deadline_ms, "check", "-"]);
    command.stdin(reader);
    let mut running = Running::of(&mut command);
    wait_until_it_listens(&mut running);
    (running, writer)
}

#[test]
fn the_deadline_ends_code_that_cannot_observe_a_signal() {
    let folder = Folder::new("stops-deadline");
    let (running, _open) = waiting(&folder, "1");
    running.terminate();
    let said = running.end().exits(130);
    assert!(said.err.contains("not stopped within 1 ms"), "{}", said.err);
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let folder = Folder::new("stops-twice");
    let (mut running, _open) = waiting(&folder, "60000");
    running.interrupt();
    running.wait_for("stopping");
    running.terminate();
    let said = running.end().exits(130);
    assert!(!said.err.contains("not stopped within"), "{}", said.err);
}

/// In every millisecond some phone has a timer, so one is due between the totals of a shard and its end.
const DENSE: &str = "schema = 1\nname = \"dense\"\nduration = \"1h\"\n[live]\nspeed = 1\n[fleet]\nusers = 40_000\n\
                     [delivery.apns]\nlatency = { from = \"0s\", to = \"20s\" }\n\
                     [delivery.fcm]\nlatency = { from = \"0s\", to = \"20s\" }\n\
                     [[send]]\nname = \"one\"\nat = \"0s\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";

#[test]
fn a_stopped_run_takes_no_timer_after_its_totals() {
    let folder = Folder::new("stops-dense");
    folder.write("dense.toml", DENSE);
    for _ in 0..3 {
        let running = folder.start(&["run", "dense.toml"]);
        // A stop before the first delivery is harmless, and shows nothing.
        std::thread::sleep(Duration::from_secs(2));
        running.interrupt();
        let said = running.end().exits(130);
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
}

#[test]
fn the_deadline_leaves_no_temporary_file_behind() {
    let folder = Folder::new("stops-files");
    folder.write("heavy.toml", &heavy(20_000, RING));
    let lines = ["forecast", "heavy.toml", "--report", "pairs.ndjson"];
    let mut running = Running::of(&mut program(folder.path(), &[&["--stop-within-ms", "1"], &lines[..]].concat()));
    running.wait_for("heavy");
    running.interrupt();
    // It ends by itself or by the deadline, whichever comes first.
    running.end().exits(130);
    let names = std::fs::read_dir(folder.path()).expect("it is there");
    for name in names.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")) {
        assert!(!name.contains(".tmp"), "{name}");
    }
}

#[test]
fn the_deadline_is_between_a_millisecond_and_a_minute() {
    let folder = Folder::new("stops-usage");
    for wrong in ["0", "60001", "soon"] {
        let arguments = ["--stop-within-ms", wrong, "check", "-"];
        end_of(program(folder.path(), &arguments).stdin(Stdio::null())).exits(2);
    }
}
