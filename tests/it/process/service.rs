//! Risk: the shipped files for running the server do not work: the systemd unit, and the load scripts.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::fixtures::program::{Folder, end_of};
use crate::monitoring::dashboards::board::config;

fn unit() -> String {
    fs::read_to_string(config("systemd/reveille.service")).expect("we ship a unit")
}

/// The value of a setting that occurs once in the unit.
fn setting(unit: &str, name: &str) -> String {
    let lines = unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let found: Vec<&str> = lines.collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0].to_owned()
}

/// A program of the system.
fn tool(name: &str, remedy: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is missing. Remedy: {remedy}, or let tests/all do it"))
}

#[test]
fn the_unit_starts_the_server_and_ends_it() {
    let folder = Folder::new("service_start");
    let command = setting(&unit(), "ExecStart");
    // The unit lets the server bind the ports that its command names, and no others.
    let ports = |text: &str, before: &str| -> BTreeSet<u16> {
        text.split(before).skip(1).filter_map(|rest| rest.split_whitespace().next()?.parse().ok()).collect()
    };
    assert_eq!(ports(&command, "127.0.0.1:"), ports(&unit(), "SocketBindAllow=tcp:"));
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("/usr/local/bin/reveille"));
    let arguments: Vec<String> = words
        .map(|word| word.replace("${STATE_DIRECTORY}", "state").replace("127.0.0.1:8080", "127.0.0.1:0"))
        .map(|word| word.replace("127.0.0.1:9656", "127.0.0.1:0").replace("127.0.0.1:9657", "127.0.0.1:0"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut running = folder.start(&arguments);
    running.wait_for("Graph at http://");
    running.terminate();
    running.end().exits(0);
    assert!(folder.path().join("state/signing-key.pem").exists());
}

#[test]
fn the_service_manager_learns_that_the_server_is_ready_alive_and_stopping() {
    let folder = Folder::new("service_manager");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket is made");
    socket.set_read_timeout(Some(Duration::from_mins(1))).expect("a wait can be set");
    let next = || {
        let mut message = [0; 64];
        let length = socket.recv(&mut message).expect("the server reports");
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    };
    let path = path.to_str().expect("the path is UTF-8");
    // Microseconds: ten reports a second.
    let environment = [("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "200000")];
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    let running = folder.start_with(&arguments, &environment);
    assert_eq!([next(), next(), next()], ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
    running.terminate();
    let last = std::iter::repeat_with(next).find(|message| message != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    running.end().exits(0);
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit_and_little_that_it_exposes() {
    let analyze = tool("systemd-analyze", "install systemd (Debian: apt-get install systemd)");
    let folder = Folder::new("service_unit");
    folder.write("reveille.service", &unit().replace("/usr/local/bin/reveille", env!("CARGO_BIN_EXE_reveille")));
    let ask = |arguments: &[&str]| end_of(Command::new(&analyze).args(arguments).current_dir(folder.path()));
    let said = ask(&["verify", "./reveille.service"]).exits(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    // The threshold is in tenths of a point: 20 of 100.
    ask(&["security", "--offline=true", "--threshold=20", "./reveille.service"]).exits(0);
    folder.write("broken.service", &unit().replace("ProtectSystem=strict", "ProtectSystem=perhaps"));
    let said = ask(&["verify", "./broken.service"]);
    assert!(said.err.contains("perhaps"), "a mistake is seen: {}", said.err);
}

#[test]
fn the_script_of_k6_is_a_module_of_javascript() {
    let node = tool("node", "install Node.js 20 or later");
    let folder = Folder::new("service_k6");
    let script = fs::read_to_string(config("load/k6.js")).expect("we ship a script");
    // The file ending makes it a module; k6 treats every script as one.
    folder.write("k6.mjs", &script);
    end_of(Command::new(&node).args(["--check", "k6.mjs"]).current_dir(folder.path())).exits(0);
    folder.write("broken.mjs", &script.replacen("export default function (", "export default function ((", 1));
    end_of(Command::new(&node).args(["--check", "broken.mjs"]).current_dir(folder.path())).exits(1);
    for route in ["sendCustomNotificationToCompanyPortal", "/beta/deviceManagement/managedDevices/"] {
        assert!(script.contains(route), "{route}");
    }
    assert!(config("load/locustfile.py").exists());
}
