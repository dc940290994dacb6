//! Clients with kept connections, each of which sends a request, waits for the answer, and repeats. The same for both
//! contenders.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Connections at once.
const CONNECTIONS: usize = 64;
/// Bytes of an answer, at most: an action on a thousand devices names each twice.
const ANSWER_BYTES_MAX: usize = 1 << 17;

/// The measured rounds of a contender.
pub(crate) struct Figures {
    rounds: Vec<f64>,
    took: Duration,
    us: Histogram<u64>,
}

impl Figures {
    pub(crate) fn new() -> Self {
        Self { rounds: Vec::new(), took: Duration::ZERO, us: Histogram::new(3).expect("three digits are possible") }
    }

    pub(crate) fn add(&mut self, (took, us): (Duration, Histogram<u64>)) {
        self.rounds.push(us.len() as f64 / took.as_secs_f64());
        self.took += took;
        self.us.add(us).expect("both have no limit");
    }

    /// Answers per second, over all rounds.
    pub(crate) fn a_second(&self) -> f64 {
        self.us.len() as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn p99_us(&self) -> u64 {
        self.us.value_at_quantile(0.99)
    }

    /// The ratio of each round to the other contender's.
    pub(crate) fn beside(&self, other: &Self) -> String {
        let ratios = self.rounds.iter().zip(&other.rounds).map(|(mine, theirs)| format!("{:.2}", mine / theirs));
        ratios.collect::<Vec<_>>().join(" ")
    }
}

/// Sends every request once, each of which must succeed; returns the total time and a histogram in µs. The
/// clients have a thread of their own.
pub(crate) fn ask(address: SocketAddr, requests: &Arc<Vec<String>>) -> (Duration, Histogram<u64>) {
    ask_by(CONNECTIONS, address, requests)
}

/// The same with so many connections.
pub(crate) fn ask_by(
    connections: usize,
    address: SocketAddr,
    requests: &Arc<Vec<String>>,
) -> (Duration, Histogram<u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let next = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut callers = JoinSet::new();
        let begun = Instant::now();
        for _ in 0..connections {
            callers.spawn(call(address, Arc::clone(requests), Arc::clone(&next)));
        }
        let mut all = Histogram::new(3).expect("three digits are possible");
        while let Some(done) = callers.join_next().await {
            all.add(done.expect("a caller does not panic")).expect("both have no limit");
        }
        assert_eq!(all.len(), requests.len() as u64);
        (begun.elapsed(), all)
    })
}

async fn call(address: SocketAddr, requests: Arc<Vec<String>>, next: Arc<AtomicUsize>) -> Histogram<u64> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("it is a socket");
    let mut us = Histogram::new(3).expect("three digits are possible");
    let mut answer = vec![0; ANSWER_BYTES_MAX];
    while let Some(request) = requests.get(next.fetch_add(1, Relaxed)) {
        let begun = Instant::now();
        let mut rest = request.as_bytes();
        while !rest.is_empty() {
            stream.writable().await.expect("it is open");
            rest = &rest[so_far(stream.try_write(rest))..];
        }
        let mut length = 0;
        while !is_whole(&answer[..length]) {
            stream.readable().await.expect("it is open");
            length += so_far(stream.try_read(&mut answer[length..]));
        }
        us.record(begun.elapsed().as_micros() as u64).expect("there is no limit");
    }
    us
}

/// Is this all of an answer? It has no body, or one with its length or in chunks.
fn is_whole(answer: &[u8]) -> bool {
    if answer.starts_with(b"HTTP/1.1 204 ") {
        return answer.ends_with(b"\r\n\r\n");
    }
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200 "), "{}", String::from_utf8_lossy(answer));
    match head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()) {
        Some(length) => answer.len() == end + 4 + length.parse::<usize>().expect("a length is a number"),
        None => answer.ends_with(b"\r\n0\r\n\r\n"),
    }
}

/// Bytes that were transferred; 0 if the call must be repeated.
fn so_far(done: io::Result<usize>) -> usize {
    match done {
        Ok(0) => panic!("it hung up"),
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        Err(error) => panic!("{error}"),
    }
}
