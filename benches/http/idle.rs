//! Ten thousand connections that are idle after one request, held open by a separate process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use crate::memory::resident_bytes;
use crate::served;

const CONNECTIONS: u32 = 10_000;
/// Other open files of either process.
const OTHER_FILES: u64 = 200;
/// The environment variable that makes a process of this program hold connections to an address.
const ADDRESS: &str = "REVEILLE_BENCH_IDLE_ADDRESS";

/// The address that this process must hold connections to, if it was started for that.
pub(crate) fn this_process_is_for() -> Option<SocketAddr> {
    std::env::var(ADDRESS).ok().map(|address| address.parse().expect("it is an address"))
}

/// Opens the connections, reports that, and holds them until standard input ends.
pub(crate) fn hold(address: SocketAddr) {
    make_room();
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.write_all(b"GET /v1.0/users HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it is taken");
        let mut answer = [0; 1_024];
        let read = stream.read(&mut answer).expect("it answers");
        assert!(answer[..read].starts_with(b"HTTP/1.1 401 "), "these requests have no token");
        held.push(stream);
    }
    println!("ready");
    // Waits for the end of standard input.
    let _ = std::io::stdin().read(&mut [0; 1]);
}

/// Prints the server's memory for them.
pub(crate) fn print() {
    make_room();
    let runtime = served::runtime();
    let ours = runtime.block_on(served::Served::start(1, 2));
    // The first connection allocates what all connections share.
    drop(TcpStream::connect(ours.address()).expect("the server listens"));
    let before = resident_bytes();
    let mut child = Command::new(std::env::current_exe().expect("this program has a file"))
        .env(ADDRESS, ours.address().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts again");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("it is a pipe")).read_line(&mut said).expect("it says so");
    assert_eq!(said, "ready\n", "every connection was answered");
    let after = resident_bytes();
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    let each = after.saturating_sub(before) / u64::from(CONNECTIONS);
    println!("idle     {CONNECTIONS} connections, {each} bytes of memory each, {} MB in all", after >> 20);
}

fn make_room() {
    let wanted = u64::from(CONNECTIONS) + OTHER_FILES;
    let given = rlimit::increase_nofile_limit(wanted).expect("the limit can be asked for");
    assert!(given >= wanted, "only {given} files may be open here, and {wanted} are needed: raise the hard limit");
}
