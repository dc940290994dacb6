//! Risk: a tenant whose state was exported and imported has a different quota than before.

use std::sync::Arc;

use reveille::clock::Clock;
use reveille::host::{Again, HostOptions, HostedTenant, PostingVerdict, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx, GroupIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::service::message::Reason;
use reveille::rules::timeline::history::{History, RecordedInput, TimedInput};
use reveille::rules::timeline::posting::{Posting, Recipients};

use crate::fixtures::caller::TENANT;
use crate::fixtures::drivers::try_world_with;

/// The alternative of each assumption about quotas.
const OTHERS: [&str; 4] = ["group_slots=group", "device_quota=all", "quota_hour=clock", "refused_attempt=counted"];
/// Model time between two moments with requests.
const GAP_MS: u64 = 97_000;
/// Moments before the export, and after it.
const BEFORE: u64 = 60;
const AFTER: u64 = 70;

fn world(others: &[&str]) -> Arc<World> {
    let sets: Vec<String> = others.iter().map(|other| format!("service.{other}")).collect();
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let world = try_world_with(TENANT, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    Arc::new(Arc::unwrap_or_clone(world).for_postings())
}

/// A host whose model time advances on request, and hardly by itself.
async fn host(world: &Arc<World>) -> HostedTenant {
    let options = HostOptions {
        shards: 2,
        resident_actors_max: 100,
        keep_fates: false,
        meters: None,
        inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
    };
    HostedTenant::start(Arc::clone(world), Clock::start(ModelSpeed::Times(1)), options).await.expect("it opens")
}

/// The requests of a moment: a message to two groups and one to a phone; fewer after the export, so that some are
/// accepted again.
async fn ask(host: &HostedTenant, moment: u64) -> Vec<PostingVerdict> {
    host.clock().set(SimTime(moment * GAP_MS));
    if moment > BEFORE && moment % 9 > 1 {
        return Vec::new();
    }
    let all = [Recipients::Groups(vec![GroupIx(0), GroupIx(1)]), Recipients::Device(DeviceIx(0))];
    let posting =
        |recipients| Posting { account: AccountIx(0), recipients, title: "t".to_owned(), body: "b".to_owned() };
    host.post(all.map(posting).into(), RequestId::of("r")).await.expect("the engine is running")
}

/// The verdicts, with times to the second: a slow machine may take a millisecond of model time for a step.
fn said(verdicts: &[PostingVerdict]) -> Vec<Result<u32, (Reason, Option<u64>)>> {
    let second = |at: SimTime| (at.ms() + 500) / 1_000;
    let said = |verdict: &PostingVerdict| match verdict.outcome {
        Ok(message) => Ok(message.0),
        Err(refusal) => Err((refusal.reason, refusal.next_slot.map(second))),
    };
    verdicts.iter().map(said).collect()
}

fn inputs(host: &HostedTenant) -> Vec<TimedInput> {
    host.log(|book| book.history().inputs().cloned().collect())
}

#[test]
fn the_quota_is_what_it_was_under_each_assumption_r42_r44_r45_r46() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    for chosen in 0..1 << OTHERS.len() {
        let others: Vec<&str> = (0..OTHERS.len()).filter(|at| chosen >> at & 1 == 1).map(|at| OTHERS[at]).collect();
        let world = world(&others);
        runtime.block_on(async {
            let old = host(&world).await;
            let mut refused = Vec::new();
            for moment in 0..BEFORE {
                refused.extend(ask(&old, moment).await.iter().filter_map(|verdict| verdict.outcome.err()));
            }
            for reason in [Reason::GroupQuota, Reason::DeviceQuota] {
                assert!(refused.iter().any(|refusal| refusal.reason == reason), "{others:?}: {reason:?}");
            }
            let (known, now) = (inputs(&old), old.now());
            assert_eq!(History::misfit(&known, &world), None);
            let new = host(&world).await;
            let again = |input: &TimedInput| Again { input: input.clone(), request: RequestId::default() };
            new.begin_again(known.iter().map(again).collect(), now).await.expect("it begins again");
            assert_eq!(inputs(&new), known, "{others:?}");
            let at = SimTime(BEFORE * GAP_MS);
            let room = async |host: &HostedTenant| {
                host.look(move |tenant| tenant.group_quota(at)).await.expect("the engine is running")
            };
            assert_eq!(room(&new).await, room(&old).await, "{others:?}");
            let mut accepted = [0; 2];
            for moment in BEFORE..BEFORE + AFTER {
                let (theirs, ours) = (ask(&old, moment).await, ask(&new, moment).await);
                assert_eq!(said(&ours), said(&theirs), "{others:?} at {moment}");
                accepted.iter_mut().zip(&ours).for_each(|(sum, verdict)| *sum += u32::from(verdict.outcome.is_ok()));
            }
            assert!(accepted[0] > 0, "{others:?}: {accepted:?}");
        });
    }
}

#[test]
fn the_room_of_an_hour_is_what_is_left_and_when_there_is_more_r40() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let world = world(&[]);
    runtime.block_on(async {
        let host = host(&world).await;
        host.clock().set(SimTime(GAP_MS));
        let group = Posting {
            account: AccountIx(0),
            recipients: Recipients::Groups(vec![GroupIx(0)]),
            title: "t".to_owned(),
            body: "b".to_owned(),
        };
        let first = host.post(vec![group.clone(); 3], RequestId::default()).await.expect("the engine is running")[0].at;
        let room = async |at| host.look(move |tenant| tenant.group_quota(at)).await.expect("the engine is running");
        let now = host.now();
        assert_eq!(room(now).await, (22, now));
        host.clock().set(SimTime(2 * GAP_MS));
        host.post(vec![group; 22], RequestId::default()).await.expect("the engine is running");
        let now = host.now();
        assert_eq!(room(now).await, (0, first + 3_600_000));
        assert_eq!(room(first + 3_600_000).await.0, 3);
    });
}

#[test]
fn only_a_refusal_that_takes_slots_is_an_input_r46() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    for (others, wanted) in [(&[][..], 0), (&OTHERS[3..], 1)] {
        let world = world(others);
        let kept = runtime.block_on(async {
            let host = host(&world).await;
            let posting = |title: &str| Posting {
                account: AccountIx(0),
                recipients: Recipients::Device(DeviceIx(0)),
                title: title.to_owned(),
                body: "b".to_owned(),
            };
            let mut all = vec![posting("t"); 11];
            all.push(posting(""));
            host.post(all, RequestId::default()).await.expect("the engine is running");
            inputs(&host)
        });
        let refused = kept.iter().filter(|input| matches!(input.operation, RecordedInput::Refused { .. })).count();
        assert_eq!((kept.len(), refused), (10 + wanted, wanted), "{others:?}");
    }
}

#[test]
fn a_history_beyond_a_quota_is_impossible_r40_r43() {
    let world = world(&[]);
    let accepted = |at, recipients| TimedInput {
        at: SimTime(at),
        operation: RecordedInput::Accepted { account: AccountIx(0), recipients },
    };
    let (groups, device) = (Recipients::Groups(vec![GroupIx(0)]), Recipients::Device(DeviceIx(0)));
    for (recipients, quota) in [(&groups, 25), (&device, 10)] {
        let mut inputs = vec![accepted(7, recipients.clone()); quota];
        inputs.push(accepted(7 + 3_600_000, recipients.clone()));
        assert_eq!(History::misfit(&inputs, &world), None, "the first hour is over");
        inputs[quota].at = SimTime(6 + 3_600_000);
        let misfit = History::misfit(&inputs, &world).expect("it is one too many");
        assert_eq!(misfit, format!("input {quota}: it was accepted, though the quota of its hour was used up"));
    }
    let others = vec![accepted(7, device); 10].into_iter().chain([accepted(7, Recipients::Device(DeviceIx(1)))]);
    assert_eq!(History::misfit(&others.collect::<Vec<_>>(), &world), None, "each device has its own quota");
}
