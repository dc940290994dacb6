//! The scenarios that are measured.

use std::sync::Arc;

use reveille::rules::model::world::World;
use reveille::scenario::{Overrides, Source, load};

/// Phones that show every message.
const PHONES: &str = r#"
[[fleet.cohort]]
name = "phones"
share = 1
platform = "ios"
app = "company_portal"
push_permission = 1
presence = "online"
"#;

const ALL_USERS: &str = r#"{ groups = ["All users"] }"#;

/// Broadcasts to a fleet in which every phone shows everything and dismisses it soon.
pub(crate) fn broadcasts(users: u32, messages: u32) -> Arc<World> {
    rounds(users, messages, ALL_USERS, "1s")
}

/// One broadcast to a fleet in which every phone shows everything and dismisses it after `attention`.
pub(crate) fn one_broadcast(users: u32, attention: &str) -> Arc<World> {
    rounds(users, 1, ALL_USERS, attention)
}

/// Ten rounds of messages to single devices.
pub(crate) fn singles(devices: u32) -> Arc<World> {
    rounds(devices, 10, &format!("{{ devices = {{ sample = {devices} }} }}"), "1s")
}

/// Rounds of messages, far enough apart that each has settled before the next.
fn rounds(users: u32, rounds: u32, to: &str, attention: &str) -> Arc<World> {
    let text = format!(
        r#"
schema = 1
name = "rounds"
duration = "2h"
[fleet]
users = {users}
devices_per_user = {{ "1" = 1.0 }}
{PHONES}attention = "{attention}"
[[send]]
name = "news"
schedule = {{ from = "0s", every = "2m24s", count = {rounds} }}
to = {to}
title = "News"
body = "One of many."
"#
    );
    read(&text, &Overrides::default())
}

/// The shipped scenario of a million phones, with `users` users.
pub(crate) fn million(users: u32) -> Arc<World> {
    let text = include_str!("../../config/scenarios/million.toml");
    let overrides = Overrides { sets: vec![format!("fleet.users={users}")], ..Overrides::default() };
    read(text, &overrides)
}

fn read(text: &str, overrides: &Overrides) -> Arc<World> {
    let source = Source::new("bench.toml", text);
    let loaded = load(&source, &mut |_| Err("no includes".to_owned()), overrides);
    Arc::new(loaded.unwrap_or_else(|found| panic!("{found}")).world)
}
