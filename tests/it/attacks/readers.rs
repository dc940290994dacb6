//! Risk: answers that are not read take the memory of the process, or blind the monitoring.

use std::fmt::Write as _;
use std::net::TcpStream;

use serde_json::json;

use super::clients::{Memory, ask, frugal, is_free_again, many_files, sent, used};
use crate::fixtures::caller::{TENANT, request};
use crate::fixtures::program::look;

/// What the attack on the Graph API may take: 32 MB of it are counted. Three runs took 38 and 39 MB; with an allocator that
/// keeps free memory for a while, which is the default, 69 to 88 MB on a busy machine.
const MEMORY_MAX: u64 = 100 << 20;
/// The budget of answers.
const BUDGET_BYTES: u64 = 32 << 20;
/// Clients of the attack on the Graph API.
const CLIENTS: usize = 100;
/// Connections that the metrics have for one address.
const SCRAPERS: usize = 48;

#[test]
fn batches_that_are_not_read_stay_within_the_budget() {
    many_files();
    let text = TENANT.replace("[[user]]\nname = \"ann\"", "[fleet]\nusers = 4_000\n[[user]]\nname = \"ann\"");
    let served = frugal("attacks_unread_batches", &text, &[]);
    let admin = served.account("administrator");
    let url = "/deviceManagement/managedDevices?$top=1000";
    let list = |id: usize| json!({ "id": id.to_string(), "method": "GET", "url": url });
    let body = json!({ "requests": (0..20).map(list).collect::<Vec<_>>() });
    let read = served.post(&admin, "/v1.0/$batch", &body).is(200);
    assert_eq!(read.header("transfer-encoding"), Some("chunked"), "it is made while it is sent");
    let authorization = format!("Bearer {admin}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let bytes = request(&served.address, "POST", "/v1.0/$batch", &headers, body.to_string().as_bytes());
    // The first request has filled the tables of the fleet.
    let before = served.running.resident_bytes();
    let memory = Memory::before(&served);
    let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| sent(&served.address, &bytes)).collect();
    let mut most = 0;
    look("the answers stand still", || {
        let now = (used(&served.metrics, "graph_answer_bytes"), used(&served.metrics, "blocking_tasks"));
        most = most.max(served.running.resident_bytes().saturating_sub(before));
        (now.0 > 0 && now.1 == 0).then_some(())
    });
    let used = used(&served.metrics, "graph_answer_bytes");
    println!("{} MB for {CLIENTS} batches that are not read, {} MB of them counted", most >> 20, used >> 20);
    // The beginning of a batch is charged in any case: two processors work on one each.
    assert!(used <= BUDGET_BYTES + (16 << 20), "{used} bytes");
    assert!(most < MEMORY_MAX, "{most} bytes");
    drop(clients);
    is_free_again(&served.metrics, "graph_answer_bytes");
    is_free_again(&served.metrics, "graph_connections");
    let again = served.post(&admin, "/v1.0/$batch", &body).is(200);
    assert_eq!(again.text.len(), read.text.len(), "the server answers as before");
    memory.is_back(&served);
}

#[test]
fn scrapers_that_do_not_read_do_not_blind_the_monitoring() {
    let served = frugal("attacks_unread_metrics", TENANT, &[]);
    ask(&served.metrics, "/metrics").is(200);
    let memory = Memory::before(&served);
    let mut pipelined = String::new();
    for _ in 0..1_000 {
        write!(pipelined, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a string takes all");
    }
    let clients: Vec<TcpStream> = (0..SCRAPERS).map(|_| sent(&served.metrics, pipelined.as_bytes())).collect();
    let mut was_refused = false;
    // No client closes its connection: the server does, when nothing is taken of an answer for some seconds.
    look("a scrape", || {
        let reply = ask(&served.metrics, "/metrics");
        was_refused |= reply.status == 503 && reply.header("retry-after") == Some("1");
        (reply.status == 200).then_some(())
    });
    assert!(was_refused, "the attack took every connection of its address");
    drop(clients);
    memory.is_back(&served);
}
