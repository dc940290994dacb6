//! The forecast against the limit: a bare loop that only draws and compares. One run prints pairs a second and ratios, for
//! growing fleets and for one thread and two. Judges nothing and fails nothing.
//!
//! `cargo bench --bench forecast`, or with a number of pairs in millions (default 20): `cargo bench --bench forecast -- 100`.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use reveille::clock::Stopwatch;
use reveille::rules::chance::Purpose;
use reveille::rules::fleet::GatewayName;
use reveille::rules::ids::{DeviceIx, Key};
use reveille::rules::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, forecast};
use reveille::scenario::{self, Overrides, Source};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Times that each thing is done; the best counts.
const TIMES: usize = 3;

fn main() {
    let millions = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(20);
    let pairs = millions * 1_000_000;
    println!("{:<44} {:>14} {:>14} {:>8}", "", "pairs", "pairs/s", "ratio");
    for threads in [1, 2] {
        let world = world(pairs, 600);
        let (limit, drawn) = best(|| bare(&world, 600, threads));
        line(&format!("bare loop, {threads} thread(s)"), drawn, limit, limit);
        let (rate, done) = best(|| ours(&world, threads));
        line(&format!("full-quota day, {threads} thread(s)"), done, rate, limit);
    }
    let world = world(pairs, 600);
    let (limit, _) = best(|| bare(&world, 600, 2));
    for devices in [10_000, 100_000, 1_000_000, 10_000_000] {
        let messages = u32::try_from((pairs / devices).clamp(1, 600)).expect("at most 600");
        let world = self::world(devices * u64::from(messages), messages);
        let (rate, done) = best(|| ours(&world, 2));
        line(&format!("{devices} devices × {messages} messages, 2 threads"), done, rate, limit);
    }
}

/// The day at full quota, with as many devices as make so many pairs with so many messages.
fn world(pairs: u64, messages: u32) -> World {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios/full-quota-day.toml");
    let text = std::fs::read_to_string(path).expect("the scenario is there");
    let sets = vec![
        format!("fleet.users={}", pairs / u64::from(messages)),
        format!("send.news.schedule.count={messages}"),
    ];
    let overrides = Overrides { sets, ..Overrides::default() };
    let mut none = |name: &str| Err(format!("{name}: no includes here"));
    match scenario::load(&Source::new("full-quota-day.toml", text), &mut none, &overrides) {
        Ok(loaded) => loaded.world,
        Err(problems) => panic!("{problems}"),
    }
}

/// Pairs a second of the best time, and the pairs.
fn best(mut what: impl FnMut() -> u64) -> (u64, u64) {
    let timed = (0..TIMES).map(|_| {
        let watch = Stopwatch::start();
        let pairs = what();
        (pairs * 1_000_000 / watch.us().max(1), pairs)
    });
    timed.max().expect("it was done at least once")
}

fn ours(world: &World, threads: usize) -> u64 {
    let options = ForecastOptions { threads, ..ForecastOptions::default() };
    let finished = forecast(world, options, &ForecastProgress::default(), &AtomicBool::new(false));
    black_box(finished.expect("there are threads for a forecast")).books.pairs_sent
}

/// Two blocks a pair and what a fate at least asks of them: lost? how late? online? locked? dismissed? No state at all.
fn bare(world: &World, messages: u32, threads: usize) -> u64 {
    let devices = world.fleet.devices();
    let share = devices.div_ceil(threads as u32);
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads as u32)
            .map(|thread| scope.spawn(move || bare_part(world, messages, thread * share..devices.min((thread + 1) * share))))
            .collect();
        parts.into_iter().map(|part| part.join().expect("the loop does not panic")).sum()
    })
}

fn bare_part(world: &World, messages: u32, devices: std::ops::Range<u32>) -> u64 {
    let (chance, mut pairs, mut counts) = (&world.chance, 0, [0_u64; 5]);
    for device in devices.map(DeviceIx) {
        let traits = world.fleet.traits(device);
        let gateway = world.gateway(traits.platform.gateway().unwrap_or(GatewayName::Apns));
        let model = world.fleet.model(traits.model);
        for message in 0..messages {
            let key = Key(u64::from(message) << 32 | 0x9E37_79B9);
            let road = chance.block(Purpose::Road, traits.key, key);
            let display = chance.block(Purpose::Display, traits.key, key);
            counts[0] += u64::from(gateway.loss.hits(road[0]));
            counts[1] += gateway.latency.at(road[1]);
            counts[2] += u64::from(model.locked.hits(display[0]));
            counts[3] += u64::from(model.foreground.hits(display[1]));
            counts[4] += model.attention.after.at(display[3]);
            pairs += 1;
        }
    }
    black_box(counts);
    pairs
}
