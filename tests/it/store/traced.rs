//! Risk: a kill between two steps of a write, or an error of the disk, loses what was answered or corrupts the store.
//!
//! `strace` kills the server when it syncs for the N-th time, or lets a call fail. `SYNCS=200 cargo test --release --locked --test it
//! store::traced -- --nocapture` kills at each of the first 200 syncs.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::control::hand::{TENANT, TOKEN};
use crate::fixtures::caller::{Served, answer, parsed, request};
use crate::fixtures::program::{Folder, Running, get, program};
use crate::process::stops::told;
use crate::store::client::{Client, send};

/// Syncs at which a server is killed, unless `SYNCS` says that it is each up to that number.
const SYNCS: [u64; 8] = [1, 2, 3, 5, 8, 11, 19, 42];
/// Messages that are sent at most: more than syncs that are counted.
const MESSAGES: u64 = 300;

/// A folder with a state and a token for it, and no store.
pub(crate) struct Bench {
    pub(crate) folder: Folder,
    client: Client,
}

impl Bench {
    pub(crate) fn new(name: &str) -> Self {
        let text = TENANT.replace("[[user]]\nname = \"ann\"", "[fleet]\nusers = 400\n[[user]]\nname = \"ann\"");
        let served = Served::start(name, Some(&text), &["--control-token", TOKEN]);
        let client = Client::of(&served);
        let Served { folder, running, .. } = served;
        drop(running);
        Self { folder, client }
    }

    /// Starts a server, under strace with these options if there are any; `None` if it ends before it takes requests.
    pub(crate) fn start(&self, traced: &[&str]) -> (Running, Option<String>) {
        if traced.is_empty() {
            return self.start_under(&[]);
        }
        let (running, address) = self.start_under(&[&["strace", "-f", "-qq", "-o", "/dev/null"], traced].concat());
        assert!(!running.said().contains("strace"), "{}", running.said());
        (running, address)
    }

    /// The same by a command that takes the program and its arguments as its last ones.
    pub(super) fn start_under(&self, starter: &[&str]) -> (Running, Option<String>) {
        let arguments = [
            "serve",
            "--state",
            "state",
            "--listen",
            "127.0.0.1:0",
            "--scenario",
            "scenario.toml",
            "--paused",
            "--control-token",
            TOKEN,
            "--store",
            "store",
        ];
        let mut command = program(self.folder.path(), &arguments);
        if let Some((first, rest)) = starter.split_first() {
            let mut outer = Command::new(first);
            outer.args(rest).arg(command.get_program());
            outer.args(command.get_args()).current_dir(self.folder.path());
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => outer.env(name, value),
                    None => outer.env_remove(name),
                };
            }
            command = outer;
        }
        let mut running = Running::of(&mut command);
        let line = running.look_for("Graph at http://");
        let address = line.map(|line| {
            let rest = line.split("http://").nth(1).expect("the awaited line contains it");
            rest.split('/').next().expect("a path follows").to_owned()
        });
        (running, address)
    }

    /// Sends one message; returns the status of the answer, if there is one.
    pub(crate) fn send(&self, address: &str, number: u64) -> Option<u16> {
        send(address, &self.client, number, &format!("r{number}"))
    }

    /// Sends until no answer comes or one is not a 204; returns the requests that were answered with a 204.
    pub(super) fn sent(&self, address: &str) -> (Vec<String>, Option<u16>) {
        let mut answered = Vec::new();
        for number in 0..MESSAGES {
            let name = format!("r{number}");
            match send(address, &self.client, number, &name) {
                Some(204) => answered.push(name),
                other => return (answered, other),
            }
        }
        (answered, Some(204))
    }

    /// Starts a server that nothing disturbs; checks that all of these requests are there once, and at most one more.
    pub(super) fn has(&self, answered: &[String], what: &str) {
        let (running, address) = self.start(&[]);
        assert!(address.is_some(), "{what}: it starts again: {}", running.said());
        let control = running.said().split("control at http://").nth(1).and_then(|rest| rest.split('/').next());
        let control = control.expect("it says where it is").to_owned();
        let state: Value = serde_json::from_str(&asked(&control, "/state")).expect("it is JSON");
        let mut found = BTreeMap::<&str, u64>::new();
        for request in state["requests"].as_array().expect("a list") {
            *found.entry(request.as_str().expect("a text")).or_default() += 1;
        }
        for request in answered {
            assert_eq!(found.get(request.as_str()), Some(&1), "{what}: {request} of {}", answered.len());
        }
        assert!(found.len() <= answered.len() + 1, "{what}: one request had no answer");
        // The clock stands still: what was not settled at once waits, and has its text.
        let metrics = running.said().split("metrics at http://").nth(1).and_then(|rest| rest.split('/').next());
        let page = get(metrics.expect("it says where they are"), "/metrics");
        let waiting = (0..found.len()).filter(|message| {
            let message: Value =
                serde_json::from_str(&asked(&control, &format!("/messages/{message}"))).expect("it is JSON");
            message["settled"] == false
        });
        let (kept, waiting) = (page.lines().find(|line| line.starts_with("reveille_texts_kept ")), waiting.count());
        assert_eq!(kept, Some(format!("reveille_texts_kept {waiting}").as_str()), "{what}: of {}", found.len());
        assert!(waiting * 2 >= found.len(), "{what}: most of them wait: {waiting} of {}", found.len());
        assert!(!running.said().contains("gone: "), "{what}: {}", running.said());
        running.terminate();
        running.end().exits(0);
    }

    pub(super) fn without_store(&self) {
        // There is none before the first round.
        let _ = fs::remove_dir_all(self.folder.path().join("store"));
    }
}

/// What a server's control API answers.
fn asked(control: &str, path: &str) -> String {
    let authorization = format!("Bearer {TOKEN}");
    let bytes =
        request(control, "GET", &format!("/_reveille{path}"), &[("Authorization", authorization.as_str())], b"");
    parsed(&answer(control, &bytes)).is(200).text
}

#[test]
fn every_204_is_there_after_a_kill_at_any_sync() {
    let bench = Bench::new("store_syncs");
    let syncs = told("SYNCS").map_or_else(|| SYNCS.to_vec(), |last| (1..=last).collect());
    let mut answers = 0;
    for sync in syncs {
        bench.without_store();
        let what = format!("killed at sync {sync}");
        let inject = format!("inject=fsync,fdatasync:signal=KILL:when={sync}");
        let (running, address) = bench.start(&["-e", "trace=fsync,fdatasync", "-e", &inject]);
        let answered = match &address {
            Some(address) => {
                let (answered, last) = bench.sent(address);
                assert_eq!(last, None, "{what}: it was killed");
                answered
            }
            None => Vec::new(),
        };
        drop(running);
        answers += answered.len();
        bench.has(&answered, &what);
    }
    println!("{answers} answers");
    assert!(answers > 0, "some kills came after answers");
}

#[test]
fn an_error_of_the_disk_ends_the_server_and_loses_nothing() {
    let bench = Bench::new("store_errors");
    let (database, keys) = (["store.db", "store.db-wal"], ["keys", "keys"]);
    let faults = [
        (database, "fsync,fdatasync", "error=EIO:when=12"),
        (database, "fsync,fdatasync", "error=EIO:when=12+"),
        (database, "write,pwrite64", "error=ENOSPC:when=40"),
        (database, "write,pwrite64", "error=EIO:when=41+"),
        (keys, "fdatasync", "error=EIO:when=5"),
        (keys, "write,pwrite64", "error=ENOSPC:when=6"),
        (keys, "write,pwrite64", "error=EIO:when=7+"),
    ];
    for (files, calls, fault) in faults {
        bench.without_store();
        let what = format!("{files:?} {calls}:{fault}");
        let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:{fault}"));
        let paths = files.map(|file| bench.folder.path().join("store").join(file));
        let [one, other] = [&paths[0], &paths[1]].map(|path| path.to_str().expect("it is UTF-8"));
        let traced = ["-P", one, "-P", other, "-e", &trace, "-e", &inject];
        let (running, address) = bench.start(&traced);
        let address = address.unwrap_or_else(|| panic!("{what}: the first calls do not fail: {}", running.said()));
        let (answered, last) = bench.sent(&address);
        assert!(matches!(last, Some(503) | None), "{what}: {last:?} after {} messages", answered.len());
        let said = running.end().exits(1);
        assert!(said.err.contains("--store: ") && said.err.contains(files[0]), "{what}: {}", said.err);
        assert!(!answered.is_empty(), "{what}: some were answered");
        bench.has(&answered, &what);
    }
}
