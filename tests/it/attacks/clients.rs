//! Clients that behave badly, and what the server says of its budgets. Must not judge.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::fixtures::caller::{Reply, Served, answer, parsed, request};
use crate::fixtures::program::look;

/// Opens a connection and sends bytes; reads nothing.
pub(super) fn sent(address: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    // A server that refuses the connection may close it before it has read everything.
    let _ = stream.write_all(bytes);
    stream
}

/// Reads the rest of a connection until the server closes it.
pub(super) fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

/// Lets this process have many open files.
pub(super) fn many_files() {
    const FILES: u64 = 8_192;
    let given = rlimit::increase_nofile_limit(FILES).expect("the limit can be asked for");
    assert!(given >= FILES, "only {given} files may be open here: raise the hard limit to {FILES}");
}

/// A request to the metrics, or any other listener, without a token.
pub(super) fn ask(address: &str, path: &str) -> Reply {
    parsed(&answer(address, &request(address, "GET", path, &[], b"")))
}

/// A figure of a budget on a page of metrics.
#[track_caller]
pub(super) fn of_page(page: &str, metric: &str, budget: &str) -> u64 {
    let series = format!("{metric}{{budget=\"{budget}\"}} ");
    let found = page.lines().find_map(|line| line.strip_prefix(&series));
    found.unwrap_or_else(|| panic!("no {series} in {page}")).parse().expect("a whole number")
}

/// How much of a budget is in use.
#[track_caller]
pub(super) fn used(metrics: &str, budget: &str) -> u64 {
    of_page(&ask(metrics, "/metrics").is(200).text, "reveille_budget_used", budget)
}

/// How often a budget was used up.
#[track_caller]
pub(super) fn refused(metrics: &str, budget: &str) -> u64 {
    of_page(&ask(metrics, "/metrics").is(200).text, "reveille_budget_refused_total", budget)
}

/// Looks until nothing of a budget is in use.
#[track_caller]
pub(super) fn is_free_again(metrics: &str, budget: &str) {
    look(&format!("nothing of {budget} in use"), || (used(metrics, budget) == 0).then_some(()));
}

/// The allocator's variables by which it gives memory back at once, in small pages.
const FRUGAL: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "0"), ("MIMALLOC_ALLOW_THP", "0")];
/// Memory that may be left beside a fifth more than before: what the allocator keeps for each thread. Such a server has 3 to
/// 17 MB before an attack, and in three runs of all attacks had no more than allowed within 130 looks.
const LEFT_BYTES: u64 = 8 << 20;
/// Ordinary requests between two looks at the memory: the allocator gives back what is free while it is used.
const REQUESTS_A_LOOK: usize = 20;

/// A server whose allocator gives back at once what is free, so that its memory is what the server itself keeps.
pub(super) fn frugal(name: &str, text: &str, more: &[&str]) -> Served {
    Served::several_with(name, &[("scenario.toml", text)], more, &FRUGAL)
}

/// The memory of a server before an attack, after it has answered some requests.
pub(super) struct Memory {
    before: u64,
}

impl Memory {
    /// The present memory.
    pub(super) fn before(served: &Served) -> Self {
        Self { before: served.running.private_bytes() }
    }

    /// Looks until the memory is within a fifth of what it was, while the server answers as before.
    #[track_caller]
    pub(super) fn is_back(&self, served: &Served) {
        let most = self.before / 5 * 6 + LEFT_BYTES;
        let mut looks = 0;
        let after = look(&format!("at most {most} bytes of memory, after {} before the attack", self.before), || {
            looks += 1;
            for _ in 0..REQUESTS_A_LOOK {
                assert_eq!(ask(&served.address, "/v1.0/users").status, 401, "the server answers as before");
                ask(&served.metrics, "/metrics").is(200);
            }
            Some(served.running.private_bytes()).filter(|bytes| *bytes <= most)
        });
        println!("{} MB before, {} MB after {looks} looks", self.before >> 20, after >> 20);
    }
}
