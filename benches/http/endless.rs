//! Whether memory stays as it is while a tenant with a store takes more than memory holds; and how long it takes to start again.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use reveille::clock::Clock;
use reveille::host::{HostOptions, HostedTenant, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx, MessageIx};
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::posting::{Posting, Recipients};
use reveille::store::Store;

use crate::memory::resident_bytes;
use crate::served::{open, runtime, world};
use crate::stored::Scratch;

/// Messages, and those between two figures: what an hour permits, ten to each phone.
const MESSAGES: u32 = 10_000_000;
const A_FIGURE: u32 = 1_000_000;
const PHONES: u32 = A_FIGURE / 10;
/// Messages of a request.
const A_REQUEST: u32 = 1_000;
const HOUR_MS: u64 = 3_600_000;

/// Sends the messages, and prints the memory now and then.
pub(super) fn print() {
    let (runtime, world, folder) = (runtime(), world(PHONES), Scratch::new("bench_endless"));
    let (host, store) = runtime.block_on(start(&world, folder.path()));
    for million in 0..MESSAGES / A_FIGURE {
        let begun = Instant::now();
        for request in 0..A_FIGURE / A_REQUEST {
            let posting = |nth: u32| Posting {
                account: AccountIx(0),
                recipients: Recipients::Device(DeviceIx((request * A_REQUEST + nth) % PHONES)),
                title: "Canteen closed".to_owned(),
                body: "Please use the one in building 3 today.".to_owned(),
            };
            let answers = runtime.block_on(host.post((0..A_REQUEST).map(posting).collect(), RequestId::default()));
            assert!(answers.expect("it answers").iter().all(|answer| answer.outcome.is_ok()));
        }
        runtime.block_on(host.advance(HOUR_MS)).expect("there is time");
        println!(
            "endless  {} messages: {} MB of memory, the last million in {:.1} s",
            u64::from(million + 1) * u64::from(A_FIGURE),
            resident_bytes() >> 20,
            begun.elapsed().as_secs_f64()
        );
    }
    drop(host);
    store.close().expect("all is on disk");
    let begun = Instant::now();
    let (host, store) = runtime.block_on(start(&world, folder.path()));
    println!("         found again in {:.1} s; {} MB", begun.elapsed().as_secs_f64(), resident_bytes() >> 20);
    let begun = Instant::now();
    let first = runtime.block_on(host.past()).messages(MessageIx(7), 1).expect("it is in the store");
    assert_eq!(first[0].recipients, Recipients::Device(DeviceIx(7)));
    println!("         the eighth message found in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    drop(host);
    store.close().expect("nothing waits");
}

async fn start(world: &Arc<World>, folder: &Path) -> (HostedTenant, Store) {
    let (kept, store) = open(world, folder);
    let options = HostOptions {
        shards: 0,
        resident_actors_max: 20_000,
        keep_fates: false,
        meters: None,
        inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
    };
    let host = HostedTenant::start_stored(Arc::clone(world), Clock::start(ModelSpeed::Times(0)), options, kept).await;
    let host = host.expect("the engine opens");
    host.recovered().await.expect("all can be done again");
    (host, store)
}
