//! Risk: the server works on for clients that are gone, or lets one client queue work without end.

use std::net::TcpStream;

use super::clients::{is_free_again, many_files, sent, used};
use crate::fixtures::caller::{Served, TENANT, request};
use crate::fixtures::program::look;

/// Users of the tenant; sorting them takes a while.
const USERS: &str = "60_000";
/// Requests whose clients go.
const REQUESTS: u64 = 400;

#[test]
fn a_sorted_list_ends_with_its_client() {
    many_files();
    let text =
        TENANT.replace("[[user]]\nname = \"ann\"", &format!("[fleet]\nusers = {USERS}\n[[user]]\nname = \"ann\""));
    let served = Served::start("attacks_gone_callers", Some(&text), &["--lenient-queries"]);
    let admin = served.account("administrator");
    let path = "/v1.0/deviceManagement/managedDevices?$orderby=deviceName%20desc&$top=5";
    let ticks = || served.running.processor_ticks();
    served.get(&admin, path).is(200);
    let begun = ticks();
    for _ in 0..4 {
        served.get(&admin, path).is(200);
    }
    let each = (ticks() - begun).div_ceil(4).max(1);
    let authorization = format!("Bearer {admin}");
    let bytes = request(&served.address, "GET", path, &[("Authorization", &authorization)], b"");
    let clients: Vec<TcpStream> = (0..REQUESTS).map(|_| sent(&served.address, &bytes)).collect();
    look("work is queued", || (used(&served.metrics, "blocking_tasks") > REQUESTS / 2).then_some(()));
    let begun = ticks();
    drop(clients);
    is_free_again(&served.metrics, "blocking_tasks");
    let spent = ticks() - begun;
    println!("{each} ticks for each request, {spent} for {REQUESTS} whose clients went");
    assert!(spent < REQUESTS / 4 * each, "{spent} ticks: no more than a quarter of the {REQUESTS} requests ran");
    served.get(&admin, path).is(200);
}
