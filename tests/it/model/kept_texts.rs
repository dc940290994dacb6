//! Risk: a text is erased while a phone can still show it, or stays when none can; whatever is switched, set or dismissed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reveille::host::Posted;
use reveille::rules::base::ids::{DeviceIx, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::world::World;
use reveille::rules::service::journey::Form;
use reveille::rules::timeline::posting::Recipients;

use super::switches::{Dice, Hosted, Journeys, journeys, tables};
use crate::fixtures::drivers::world;
use crate::fixtures::generated::scenario;
use crate::monitoring::exposition::sum;

/// Random tenants in one run.
const TENANTS: u64 = 16;
/// Steps for each tenant: an action, then time passes.
const STEPS: u32 = 28;

/// The messages whose text a phone can still show when everything up to `now` has happened: one waits for it, one has it on
/// the screen, or one may yet join.
fn needed(
    world: &World,
    posted: &BTreeMap<MessageIx, Posted>,
    journeys: &Journeys,
    now: SimTime,
) -> BTreeSet<MessageIx> {
    let in_use = |(message, _): &(MessageIx, DeviceIx), station: &str, is_dismissed: bool| {
        (station == "waiting" || station == "shown" && !is_dismissed).then_some(*message)
    };
    let used = journeys.iter().filter_map(|(pair, line)| in_use(pair, &line.station, line.dismissed_at_ms.is_some()));
    let last = world.horizon.just_before();
    let may_join = |posted: &&Posted| {
        matches!(posted.recipients, Recipients::Groups(_))
            && world.catch_up_ms > 0
            && (posted.at + world.catch_up_ms).min(last) > now
    };
    used.chain(posted.values().filter(may_join).map(|posted| posted.message)).collect()
}

/// Every notification has its text, unless the form hides it.
async fn assert_every_screen_has_its_texts(
    hosted: &Hosted,
    world: &World,
    posted: &BTreeMap<MessageIx, Posted>,
) -> usize {
    let mut read = 0;
    for device in (0..world.fleet.devices()).map(DeviceIx) {
        for (shown, text) in hosted.host.screen(device).await.expect("it answers") {
            let title = posted[&shown.message].request.to_string();
            let (wanted, body) = match shown.form {
                Form::LockHidden => ("Company Portal", None),
                Form::Stub => ("Company Portal", Some("Update the app to see this message.")),
                _ => (title.as_str(), Some("b")),
            };
            let seen = (text.title.as_deref(), text.body.as_deref());
            assert_eq!(seen, (Some(wanted), body), "{shown:?} on {device:?}");
            read += 1;
        }
    }
    read
}

async fn one_tenant(number: u64) -> (usize, u64) {
    let world = Arc::new(Arc::unwrap_or_clone(world(&scenario(number))).for_postings());
    let hosted = Hosted::open(&world, [1, 3][number as usize % 2]).await;
    let (tables, mut dice) = (tables(number + 55_000), Dice::new(number + 1));
    let (mut read, mut erased) = (0, 0);
    for step in 0..STEPS {
        let device = DeviceIx(dice.below(world.fleet.devices()));
        match dice.below(10) {
            // What cannot be switched, set or dismissed is refused.
            0 => drop(hosted.host.start_fault(&tables[dice.below(tables.len() as u32) as usize]).await),
            1 => drop(hosted.host.set_phone(device, dice.patch()).await),
            2..6 => {
                for (shown, _) in hosted.host.screen(device).await.expect("it answers") {
                    hosted.host.dismiss(device, shown.message).await.expect("it answers");
                }
            }
            _ => hosted.post(dice.recipients(&world), &format!("r{step}")).await,
        }
        let now = hosted.host.advance(u64::from(dice.below(250_000))).await.expect("the span is valid");
        let posted: BTreeMap<MessageIx, Posted> =
            hosted.host.log(|log| log.from(MessageIx(0)).map(|posted| (posted.message, posted)).collect());
        let kept = sum(&hosted.page(), "reveille_texts_kept", &[]) as usize;
        let later = hosted.host.now();
        // Time goes on, so that the figure is of a moment between the two.
        let [before, after] = [now.just_before(), later]
            .map(|now| needed(&world, &posted, &journeys(&world, &hosted.inputs(), now), now).len());
        assert!((after..=before).contains(&kept), "{kept} are kept, {before} were needed at {now}, {after} at {later}");
        read += assert_every_screen_has_its_texts(&hosted, &world, &posted).await;
        erased = posted.len() as u64 - kept as u64;
    }
    assert_eq!(sum(&hosted.page(), "reveille_texts_dropped_total", &[]), 0);
    (read, erased)
}

#[test]
fn a_text_is_kept_exactly_as_long_as_a_phone_can_show_it_r6() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let (mut read, mut erased) = (0, 0);
    for number in 0..TENANTS {
        let done = runtime.block_on(runtime.spawn(one_tenant(number)));
        let done = done.unwrap_or_else(|error| panic!("tenant {number}: {error}\n{}", scenario(number)));
        (read, erased) = (read + done.0, erased + done.1);
    }
    assert!(read > 100 && erased > 20, "{read} texts were read, {erased} were erased");
}
