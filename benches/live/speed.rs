//! The highest speed at which a fleet of a million phones, cut to size, keeps p99 of the lag under a second.

use std::sync::Arc;

use reveille::rules::world::Speed;
use reveille::run::{LiveOptions, Progress, live};

use crate::engine::runtime;
use crate::scenario;

/// Fleets, and the share of their actors that has room.
const FLEETS: [(u32, u32, &str); 2] = [(100_000, 200_002, "all resident"), (100_000, 20_000, "a tenth resident")];
const SPEEDS: [u64; 6] = [150, 300, 450, 600, 900, 1_200];

/// Tries ever higher speeds until the lag is too long.
pub(crate) fn print() {
    for (users, resident_actors_max, what) in FLEETS {
        let world = scenario::million(users);
        for speed in SPEEDS {
            let (_keep, stop) = tokio::sync::watch::channel(false);
            let options =
                LiveOptions { speed: Speed::Times(speed * 1_000), ..LiveOptions::new(resident_actors_max, stop) };
            let finished = runtime().block_on(live(world.clone(), options, Arc::new(Progress::default())));
            let books = finished.expect("it goes through").books;
            let mut lag = books.lag[0].ms.clone();
            books.lag[1..].iter().for_each(|shard| lag.add(&shard.ms).expect("one layout"));
            let per_second = books.pairs_sent * speed / 3_600;
            let p99 = lag.value_at_quantile(0.99);
            println!(
                "speed    {users} phones, {what}, {speed} times life: {per_second} deliveries a second, lag p99 {p99} ms"
            );
            if p99 >= 1_000 {
                break;
            }
        }
    }
}
