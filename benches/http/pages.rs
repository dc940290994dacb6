//! Reads all managed devices page by page over one connection, against a bare handler that sends pages of as many
//! prepared bytes; with default properties, and with those that scripts select.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::{bare, served};

/// Devices that are read.
const DEVICES: u32 = 100_000;
const ROUNDS: u32 = 3;
/// The queries, by name.
const QUESTIONS: [(&str, &str); 2] =
    [("all that is there by default", ""), ("a name and an id", "&$select=id,deviceName")];

/// Measures and prints the ratios.
pub(super) fn print() {
    let runtime = served::runtime();
    let ours = runtime.block_on(served::Served::start(DEVICES, 2));
    let bare = runtime.block_on(bare::start());
    for (what, select) in QUESTIONS {
        let first = format!("/v1.0/deviceManagement/managedDevices?$top=1000{select}");
        let (mut our_time, mut bare_time, mut bytes) = (Duration::ZERO, Duration::ZERO, 0);
        for round in 0..=ROUNDS {
            let begun = Instant::now();
            let pages = read(ours.address(), &first, ours.token());
            let took = begun.elapsed();
            let lengths: Vec<String> = pages.iter().map(|page| format!("/{}", page.len())).collect();
            let devices: usize = pages.iter().map(|page| page.matches("\"deviceName\":").count()).sum();
            assert_eq!(devices, DEVICES as usize, "every device is read once");
            let begun = Instant::now();
            let mut stream = TcpStream::connect(bare).expect("it listens");
            let sent: usize = lengths.iter().map(|path| get(&mut stream, path, "").len()).sum();
            // The first round is not timed.
            if round > 0 {
                (our_time, bare_time, bytes) = (our_time + took, bare_time + begun.elapsed(), sent);
            }
        }
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(DEVICES * ROUNDS);
        println!("pages    {what}: {:.2} µs a device, {} bytes", each(our_time), bytes / DEVICES as usize);
        let ratio = our_time.as_secs_f64() / bare_time.as_secs_f64();
        println!("         {:.2} µs for bytes that are ready: {ratio:.1} times as long", each(bare_time));
    }
}

/// Every page, following the links.
fn read(address: SocketAddr, first: &str, token: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let page = get(&mut stream, &path, token);
        let link = page.split_once("\"@odata.nextLink\":\"").and_then(|(_, rest)| rest.split_once('"'));
        next = link.and_then(|(link, _)| link.find("/v1.0/").map(|at| link[at..].to_owned()));
        pages.push(page);
    }
    pages
}

/// The body of an answer.
fn get(stream: &mut TcpStream, path: &str, token: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is taken");
    let mut answer = Vec::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let read = stream.read(&mut part).expect("it answers");
        assert!(read > 0, "the connection ended");
        answer.extend_from_slice(&part[..read]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = str::from_utf8(&answer[..end]).expect("a head is text").to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        let wanted = end + 4 + length.expect("it has a length");
        while answer.len() < wanted {
            let read = stream.read(&mut part).expect("the connection stays open");
            assert!(read > 0, "the connection ended");
            answer.extend_from_slice(&part[..read]);
        }
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        answer.drain(..end + 4);
        return String::from_utf8(answer).expect("JSON is UTF-8");
    }
}
