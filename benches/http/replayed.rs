//! How long a tenant takes to do a history again, as after a restart, an import or a switch of a fault.

use std::sync::Arc;
use std::time::Instant;

use reveille::clock::Clock;
use reveille::host::{Again, HostOptions, HostedTenant, MessageLog, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx, GroupIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::timeline::history::{RecordedInput, TimedInput};
use reveille::rules::timeline::posting::Recipients;

use crate::memory::resident_bytes;
use crate::served::{runtime, world};

/// Phones, each in the group of all.
const PHONES: u32 = 100_000;
/// Messages to single phones: ten to each, which is what an hour permits.
const SINGLES: u64 = 1_000_000;
/// Hours of messages to all phones, and how many of them there are an hour.
const HOURS: u64 = 24;
const AN_HOUR: u64 = 25;
const HOUR_MS: u64 = 3_600_000;

/// Measures and prints both histories.
pub(super) fn print() {
    let single = |nth: u64| {
        let recipients = Recipients::Device(DeviceIx((nth % u64::from(PHONES)) as u32));
        (SimTime(nth * HOUR_MS / SINGLES), recipients)
    };
    measure("single messages", (0..SINGLES).map(single).collect());
    let to_all = |nth: u64| (SimTime(nth * HOUR_MS / AN_HOUR), Recipients::Groups(vec![GroupIx(0)]));
    measure("messages to all of 100,000 phones", (0..HOURS * AN_HOUR).map(to_all).collect());
}

fn measure(what: &str, messages: Vec<(SimTime, Recipients)>) {
    let count = messages.len();
    let again = |(at, recipients)| {
        let operation = RecordedInput::Accepted { account: AccountIx(0), recipients };
        Again { input: TimedInput { at, operation }, request: RequestId::default() }
    };
    let inputs: Vec<Again> = messages.into_iter().map(again).collect();
    let now = inputs.last().map_or(SimTime::ZERO, |last| last.input.at + 1);
    let runtime = runtime();
    let options = HostOptions {
        shards: 0,
        resident_actors_max: 20_000,
        keep_fates: false,
        meters: None,
        inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
    };
    let host = HostedTenant::start(Arc::clone(&world(PHONES)), Clock::start(ModelSpeed::Times(0)), options);
    let host = runtime.block_on(host).expect("the engine opens");
    let before = resident_bytes();
    let begun = Instant::now();
    runtime.block_on(host.begin_again(inputs, now)).expect("all can be done again");
    let seconds = begun.elapsed().as_secs_f64();
    let totals = runtime.block_on(host.totals()).expect("it answers");
    let pairs = totals.pairs.settled() + totals.pairs.opened.iter().sum::<i64>();
    assert_eq!(host.log(MessageLog::messages) as usize, count, "each message was accepted again");
    println!(
        "replayed {count} {what} in {seconds:.2} s: {:.2} µs a message, {:.0} ns a pair of {pairs}; {} MB of memory more",
        seconds * 1e6 / count as f64,
        seconds * 1e9 / pairs as f64,
        resident_bytes().saturating_sub(before) >> 20
    );
}
