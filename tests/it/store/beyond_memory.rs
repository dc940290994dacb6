//! Risk: what memory has dropped and a store still has is told wrongly, or not repeated at a restart or a switch of a fault.

use std::path::Path;
use std::sync::Arc;

use reveille::clock::Clock;
use reveille::engine::MessageLook;
use reveille::host::{HostOptions, HostedTenant, KeptTenant, MessageLog, Recall, RequestId};
use reveille::outcome::MODEL_VERSION;
use reveille::rules::base::ids::{AccountIx, DeviceIx, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::posting::{Posting, Recipients};
use reveille::rules::timeline::restart_clock::RestartClock;
use reveille::store::{Store, TenantIdentity};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::lock::unlocked;
use crate::fixtures::drivers::world;
use crate::fixtures::generated::scenario;
use crate::fixtures::program::Folder;
use crate::model::switches::{Dice, tables};

/// Random tenants, and what is done to each.
const TENANTS: u64 = 12;
const STEPS: u32 = 40;
/// Inputs that the stored tenant has in memory.
const IN_MEMORY: usize = 6;

fn options(inputs_in_memory: usize) -> HostOptions {
    HostOptions { shards: 2, resident_actors_max: 40, keep_fates: false, meters: None, inputs_in_memory }
}

async fn plain(world: &Arc<World>) -> HostedTenant {
    let options = options(HostOptions::INPUTS_IN_MEMORY);
    HostedTenant::start(world.clone(), Clock::start(ModelSpeed::Times(0)), options).await.expect("it opens")
}

async fn stored(world: &Arc<World>, folder: &Path) -> (HostedTenant, Store) {
    let identity = TenantIdentity {
        id: Uuid::from_u128(7),
        name: world.name.clone(),
        scenario_hash: world.scenario_hash.clone(),
        scenario: String::new(),
        seed: world.chance.seed(),
        model_version: MODEL_VERSION,
    };
    let (store, mut tenants) =
        unlocked(|| Store::open(folder, std::slice::from_ref(&identity), None)).expect("it opens");
    let kept = KeptTenant::read(tenants.remove(0), world, RestartClock::Continue).expect("it is whole");
    let clock = Clock::start(ModelSpeed::Times(0));
    let host = HostedTenant::start_stored(world.clone(), clock, options(IN_MEMORY), kept).await.expect("it opens");
    host.recovered().await.expect("all can be done again");
    (host, store)
}

/// One thing that is done to a tenant.
enum Step {
    Post(Recipients, String),
    Start(String),
    Dismiss(DeviceIx),
    Advance(u64),
}

fn steps(world: &World, number: u64) -> Vec<Step> {
    let (tables, mut dice) = (tables(number + 5_000), Dice::new(number));
    let step = |at: u32, dice: &mut Dice| match dice.below(10) {
        0 => Step::Start(tables[dice.below(tables.len() as u32) as usize].clone()),
        1 | 2 => Step::Dismiss(DeviceIx(dice.below(world.fleet.devices()))),
        3 | 4 => Step::Advance(dice.below(250_000).into()),
        _ => Step::Post(dice.recipients(world), format!("r{at}")),
    };
    (0..STEPS).map(|at| step(at, &mut dice)).collect()
}

async fn take(host: &HostedTenant, step: &Step) {
    match step {
        Step::Post(recipients, request) => {
            let (title, body) = ("t".to_owned(), "b".to_owned());
            let posting = Posting { account: AccountIx(0), recipients: recipients.clone(), title, body };
            host.post(vec![posting], RequestId::of(request)).await.expect("it answers");
        }
        Step::Start(table) => {
            // One that refers to what is not there is refused by both.
            let _ = host.start_fault(table).await;
        }
        Step::Dismiss(device) => {
            let shown = host.phone(*device).await.expect("it answers").notifications;
            if let Some(first) = shown.first() {
                host.dismiss(*device, first.message).await.expect("it answers");
            }
        }
        Step::Advance(ms) => {
            host.advance(*ms).await.expect("the span is valid");
        }
    }
}

async fn looks(host: &HostedTenant, messages: u32) -> Vec<MessageLook> {
    let looks = host.messages((0..messages).map(MessageIx).collect()).await.expect("it answers").1;
    looks.into_iter().map(|look| MessageLook { handed_out_until: SimTime::ZERO, ..look }).collect()
}

/// What is told of both is the same.
async fn are_alike(stored: &HostedTenant, plain: &HostedTenant) {
    for host in [stored, plain] {
        host.advance(1).await.expect("the span is valid");
    }
    assert_eq!(stored.now(), plain.now());
    // Hits on actors count from a restart on.
    let pairs = (stored.totals().await.expect("it answers").pairs, plain.totals().await.expect("it answers").pairs);
    assert_eq!(pairs.0, pairs.1);
    let stop = CancellationToken::new();
    let (mut of_stored, mut of_plain) = (stored.past().await, plain.past().await);
    for device in (0..plain.world().fleet.devices()).map(DeviceIx) {
        let phones = (stored.phone(device).await, plain.phone(device).await);
        assert_eq!(phones.0.expect("it answers"), phones.1.expect("it answers"), "{device:?}");
        let lines =
            |past| Recall::of_devices(past, [device], &stop).expect("it is whole").map(|all| all.device(device));
        assert_eq!(lines(&mut of_stored), lines(&mut of_plain), "{device:?}");
    }
    let messages = plain.log(MessageLog::messages);
    let all = of_plain.messages(MessageIx(0), usize::MAX).expect("it is whole");
    assert_eq!(all.len(), messages as usize);
    assert_eq!(of_stored.messages(MessageIx(0), usize::MAX).expect("it is whole"), all);
    let later = of_stored.messages(MessageIx(3), 2).expect("it is whole");
    assert_eq!(later, all.iter().skip(3).take(2).cloned().collect::<Vec<_>>());
    let told = looks(plain, messages).await;
    assert_eq!(looks(stored, messages).await, told);
    for (posted, look) in all.iter().zip(told) {
        let recall = Recall::of_message(&mut of_stored, posted, DeviceIx(0), usize::MAX, &stop).expect("it is whole");
        let recall = recall.expect("it is not stopped");
        let pairs = recall.message(posted.message, DeviceIx(0), usize::MAX);
        assert_eq!(pairs.len() as u64, look.sent, "{posted:?}");
        if let Some(device) = posted.recipients.device() {
            assert_eq!(recall.look(posted.message, device), look, "{posted:?}");
        }
    }
}

#[tokio::test]
async fn what_memory_has_dropped_is_read_from_the_store() {
    let mut dropped = 0;
    for number in 0..TENANTS {
        println!("scenario {number}");
        let world = Arc::new(Arc::unwrap_or_clone(world(&scenario(number))).for_postings());
        let folder = Folder::new(&format!("beyond_memory_{number}"));
        let plain = plain(&world).await;
        let (mut host, mut store) = stored(&world, &folder.path().join("store")).await;
        for (at, step) in steps(&world, number).iter().enumerate() {
            take(&plain, step).await;
            take(&host, step).await;
            if at as u32 == STEPS / 2 {
                drop(host);
                store.close().expect("all is on disk");
                (host, store) = stored(&world, &folder.path().join("store")).await;
            }
        }
        are_alike(&host, &plain).await;
        dropped += host.log(|log| log.first().0);
        drop(host);
        store.close().expect("all is on disk");
    }
    assert!(dropped > 50, "memory has dropped {dropped} messages in all");
}

#[tokio::test]
async fn without_a_store_what_memory_has_dropped_is_gone_and_told() {
    let world = Arc::new(Arc::unwrap_or_clone(world(&scenario(1))).for_postings());
    let clock = Clock::start(ModelSpeed::Times(0));
    let host = HostedTenant::start(world, clock, options(2)).await.expect("it opens");
    for request in ["a", "b", "c"] {
        take(&host, &Step::Post(Recipients::Device(DeviceIx(0)), request.to_owned())).await;
    }
    let past = host.past().await.messages(MessageIx(0), 9).map_err(|error| error.to_string());
    assert!(past.is_err_and(|error| error.contains("more has been done to this tenant than its history holds")));
    let switched = host.start_fault(r#"{ "name": "f", "kind": "loss", "rate": 0.5 }"#).await;
    assert_eq!(switched.map_err(|error| error.to_string()), Err("the history has no room".to_owned()));
}
