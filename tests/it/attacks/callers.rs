//! Risk: the server works on for clients that are gone, or lets one client queue work without end.

use std::io::Write as _;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use reveille::clock::Clock;
use reveille::host::{HostOptions, HostedTenant, RequestId};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;

use super::clients::{Memory, frugal, is_free_again, many_files, sent, used};
use crate::fixtures::caller::{TENANT, request};
use crate::fixtures::drivers::try_world_with;
use crate::fixtures::program::look;

/// Users of the tenant: sorting their devices takes many times as long as reading a request and closing its connection.
const USERS: &str = "240_000";
/// Requests whose clients go.
const REQUESTS: u64 = 400;
/// Requests that are measured: one takes longer than the system's unit of processor time.
const MEASURED: u64 = 20;

#[test]
fn a_sorted_list_ends_with_its_client() {
    many_files();
    let text =
        TENANT.replace("[[user]]\nname = \"ann\"", &format!("[fleet]\nusers = {USERS}\n[[user]]\nname = \"ann\""));
    let served = frugal("attacks_gone_callers", &text, &["--lenient-queries"]);
    let admin = served.account("administrator");
    let path = "/v1.0/deviceManagement/managedDevices?$orderby=deviceName%20desc&$top=5";
    let ticks = || served.running.processor_ticks();
    served.get(&admin, path).is(200);
    let begun = ticks();
    for _ in 0..MEASURED {
        served.get(&admin, path).is(200);
    }
    let measured = ticks() - begun;
    let memory = Memory::before(&served);
    let authorization = format!("Bearer {admin}");
    let bytes = request(&served.address, "GET", path, &[("Authorization", &authorization)], b"");
    // All of them end their requests together: a slow machine answers what comes one by one.
    let (last, beginning) = bytes.split_last().expect("a request is not empty");
    let mut clients: Vec<TcpStream> = (0..REQUESTS).map(|_| sent(&served.address, beginning)).collect();
    look("all are connected", || (used(&served.metrics, "graph_connections") >= REQUESTS).then_some(()));
    for client in &mut clients {
        client.write_all(&[*last]).expect("the server waits for it");
    }
    look("work is queued", || (used(&served.metrics, "blocking_tasks") > REQUESTS / 2).then_some(()));
    let begun = ticks();
    drop(clients);
    is_free_again(&served.metrics, "blocking_tasks");
    let spent = ticks() - begun;
    println!("{measured} ticks for {MEASURED} requests, {spent} for {REQUESTS} whose clients went");
    // Each request is read and its token checked before the list is queued, so the work is not nothing.
    assert!(2 * spent * MEASURED < REQUESTS * measured, "{spent} ticks: not half of the {REQUESTS} lists were made");
    served.get(&admin, path).is(200);
    memory.is_back(&served);
}

#[test]
fn a_reset_or_a_switch_whose_client_has_gone_before_it_begins_never_begins() {
    // On one thread the tenant's loop runs only while this test waits.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let world = try_world_with(TENANT, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let world = Arc::new(Arc::unwrap_or_clone(world).for_postings());
        let options = HostOptions {
            shards: 1,
            resident_actors_max: 100,
            keep_fates: false,
            meters: None,
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let host = HostedTenant::start(world, Clock::start(ModelSpeed::Times(1)), options).await.expect("it opens");
        assert!(
            pin!(host.begin_again(Vec::new(), SimTime::ZERO)).now_or_never().is_none(),
            "it is queued, and dropped"
        );
        let fault = r#"{ "name": "gone", "kind": "loss", "rate": 0.5 }"#;
        assert!(pin!(host.start_fault(fault)).now_or_never().is_none());
        host.post(Vec::new(), RequestId::default()).await.expect("the loop comes to this after them");
        assert_eq!(host.era(), 0);
        assert!(host.faults().await.expect("it runs").0.faults.is_empty());
        host.start_fault(fault).await.expect("it can be started");
        host.begin_again(Vec::new(), SimTime::ZERO).await.expect("it begins");
        assert_eq!(host.era(), 1);
    });
}
