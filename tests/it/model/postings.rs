//! Risk: an accepted posting has no journey, or the same postings have different fates.

use std::collections::BTreeSet;
use std::sync::Arc;

use reveille::clock::Clock;
use reveille::engine::{Engine, EngineOptions, EngineProgress, Fates, RunTotals, Verdicts};
use reveille::forecast::{TenantPlan, fates};
use reveille::rules::base::ids::{AccountIx, DeviceIx, GroupIx, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::service::message::Reason;
use reveille::rules::timeline::history::{History, RecordedInput, TimedInput};
use reveille::rules::timeline::posting::{Posting, Recipients};
use tokio_util::sync::CancellationToken;

use crate::fixtures::drivers::try_world_with;

const TENANT: &str = include_str!("../../../config/serve.toml");
/// Moments of postings, and the time between two of them.
const MOMENTS: u64 = 250;
const GAP_MS: u64 = 20_000;

fn world() -> Arc<World> {
    let world = try_world_with(TENANT, &["duration=4h"]).expect("the built-in tenant is valid");
    Arc::new(Arc::unwrap_or_clone(world).for_postings())
}

/// A phone that gets many postings.
fn busy(world: &World) -> DeviceIx {
    let takes_messages = |device: &DeviceIx| world.fleet.traits(*device).platform.gateway().is_some();
    (0..world.fleet.devices()).map(DeviceIx).find(takes_messages).expect("there are phones")
}

/// The postings of a moment: one to a device, and now and then one to groups and two more to a busy device.
fn postings(world: &World, moment: u64) -> Vec<Posting> {
    let posting =
        |recipients| Posting { account: AccountIx(0), recipients, title: "t".to_owned(), body: "b".to_owned() };
    let device = |at: u64| posting(Recipients::Device(DeviceIx((at % u64::from(world.fleet.devices())) as u32)));
    let mut some = vec![device(moment * 7)];
    if moment.is_multiple_of(3) {
        let group = GroupIx((moment / 3 % world.groups.len() as u64) as u32);
        let again = || posting(Recipients::Device(busy(world)));
        some.extend([posting(Recipients::Groups(vec![group, GroupIx(0)])), again(), again()]);
    }
    some
}

/// Every moment's verdicts, and the totals at the end.
fn posted(world: &Arc<World>, shards: u32, resident_actors_max: u32) -> (Vec<Verdicts>, RunTotals) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let options = EngineOptions {
            clock: Clock::start(ModelSpeed::Max),
            shards,
            resident_actors_max,
            keep_fates: true,
            watched: false,
            outlet: None,
            replayed_until: SimTime::ZERO,
            meters: None,
            progress: Arc::new(EngineProgress::default()),
            stop: tokio_util::sync::CancellationToken::new(),
        };
        let tenancy = Engine::default().open("t", world.clone(), options).await.expect("it opens");
        let mut answers = Vec::new();
        for moment in 0..MOMENTS {
            let at = SimTime(moment * GAP_MS);
            tenancy.quiet_until(at).expect("the engine is running");
            answers.push(tenancy.post(at, postings(world, moment)).await.expect("the engine is running"));
        }
        tenancy.quiet_until(world.horizon).expect("the engine is running");
        (answers, tenancy.finish(world.horizon).await.expect("it ends"))
    })
}

#[test]
fn the_same_postings_have_the_same_fates_whatever_the_shards_and_residency() {
    let world = world();
    let (answers, totals) = posted(&world, 1, 20_000);
    let (again, others) = posted(&world, 5, 10);
    assert_eq!(answers, again);
    assert_eq!(totals.fates, others.fates);
    assert_eq!(totals.counts.digest, others.counts.digest);
}

#[test]
fn every_accepted_posting_has_its_journeys_and_no_other_has_any() {
    let world = world();
    let (answers, totals) = posted(&world, 2, 20_000);
    let fates = totals.fates.expect("they were asked for");
    assert_eq!(fates.len() as u64, totals.pairs_sent);
    let mut accepted = BTreeSet::new();
    for (moment, answers) in answers.iter().enumerate() {
        for (posting, answer) in postings(&world, moment as u64).iter().zip(answers) {
            let Ok(message) = answer else { continue };
            assert!(accepted.insert(*message), "a message is one posting's");
            let pairs = fates.range((*message, DeviceIx(0))..(MessageIx(message.0 + 1), DeviceIx(0)));
            match posting.device() {
                Some(device) => assert!(pairs.map(|((_, of), _)| *of).eq([device])),
                None => assert_eq!(pairs.count() as u32, world.fleet.devices(), "every user is in \"All users\""),
            }
        }
    }
    assert!(fates.keys().all(|(message, _)| accepted.contains(message)));
    assert!(accepted.len() > 200, "{}", accepted.len());
}

#[test]
fn recomputing_the_history_gives_the_actors_fates() {
    let world = world();
    let (answers, totals) = posted(&world, 2, 20_000);
    let mut inputs = Vec::new();
    for (moment, answers) in answers.iter().enumerate() {
        let at = SimTime(moment as u64 * GAP_MS);
        let accepted = postings(&world, moment as u64).into_iter().zip(answers).filter(|(_, answer)| answer.is_ok());
        inputs.extend(accepted.map(|(Posting { account, recipients, .. }, _)| TimedInput {
            at,
            operation: RecordedInput::Accepted { account, recipients },
        }));
    }
    assert_eq!(History::misfit(&inputs, &world), None);
    let end = world.horizon.just_before();
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert!(TenantPlan::of_history(&world, &inputs, end, &stopped).is_none());
    let plan = TenantPlan::of_history(&world, &inputs, end, &CancellationToken::new()).expect("it is not stopped");
    let mut again = Fates::new();
    for device in (0..world.fleet.devices()).map(DeviceIx) {
        let of_device = fates(&world, &plan, device);
        again.extend(of_device.into_iter().map(|(message, fate)| ((message, device), fate)));
    }
    assert_eq!(again, totals.fates.expect("they were asked for"));
    let (message, of_all) = (MessageIx(1), plan.devices_of(MessageIx(1)));
    assert_eq!(of_all.len(), again.range((message, DeviceIx(0))..(MessageIx(2), DeviceIx(0))).count() as u64);
}

#[test]
fn postings_are_held_to_both_quotas_r40_r43() {
    let world = world();
    let (answers, _) = posted(&world, 2, 20_000);
    let (mut to_groups, mut to_one, mut refused) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (moment, answers) in answers.iter().enumerate() {
        let now = moment as u64 * GAP_MS;
        for (posting, answer) in postings(&world, moment as u64).iter().zip(answers) {
            let (accepted, limit) = match posting.device() {
                None => (&mut to_groups, 25),
                Some(device) if device == busy(&world) => (&mut to_one, 10),
                Some(_) => continue,
            };
            let young = accepted.iter().filter(|at| now - **at < 3_600_000).count();
            match answer {
                Ok(_) if young < limit => accepted.push(now),
                Err(refusal) if young == limit => {
                    let next = accepted[accepted.len() - limit] + 3_600_000;
                    assert_eq!(refusal.next_slot, Some(SimTime(next)));
                    refused.insert(refusal.reason);
                }
                _ => panic!("at {now} with {young} of {limit}: {answer:?}"),
            }
        }
    }
    assert_eq!(refused, BTreeSet::from([Reason::GroupQuota, Reason::DeviceQuota]));
}
