//! The scenario of all contenders: a day at the full quota, with a given number of devices. Must not measure.

use reveille::rules::model::world::World;
use reveille::scenario::{Overrides, Source, load};

/// Group messages of the day, all of which the quota accepts.
pub(crate) const MESSAGES: u64 = 600;

const TEXT: &str = include_str!("../../config/scenarios/full-quota-day.toml");

/// The day for `devices` devices.
pub(crate) fn full_day(devices: u32) -> World {
    day(vec![format!("fleet.users={devices}")])
}

/// The day for `devices` devices with `messages` instead of 600, an hour apart.
pub(crate) fn sparse_day(devices: u32, messages: u64) -> World {
    let schedule = format!(r#"send.news.schedule={{ from = "0s", every = "1h", count = {messages} }}"#);
    day(vec![format!("fleet.users={devices}"), schedule])
}

fn day(sets: Vec<String>) -> World {
    let mut nothing = |path: &str| Err(format!("a benchmark includes no {path}"));
    let overrides = Overrides { sets, ..Overrides::default() };
    match load(&Source::new("full-quota-day.toml", TEXT), &mut nothing, &overrides) {
        Ok(loaded) => loaded.world,
        Err(wrong) => panic!("the shipped scenario is not valid any more:\n{wrong}"),
    }
}
