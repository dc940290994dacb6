//! The scenarios that are measured.

use std::sync::Arc;

use reveille::rules::world::World;
use reveille::scenario::{Overrides, Source, load};

/// Phones that show everything, and whose users dismiss it soon.
const PHONES: &str = r#"
[[fleet.cohort]]
name = "phones"
share = 1
platform = "ios"
app = "company_portal"
push_permission = 1
presence = "online"
attention = "1s"
"#;

/// Broadcasts to a fleet in which every phone shows everything and nobody looks at it for long.
pub(crate) fn broadcasts(users: u32, messages: u32) -> Arc<World> {
    world(&format!(
        r#"
schema = 1
name = "broadcasts"
duration = "2h"
[fleet]
users = {users}
devices_per_user = {{ "1" = 1.0 }}
{PHONES}
[[send]]
name = "news"
schedule = {{ from = "0s", every = "2m24s", count = {messages} }}
to = {{ groups = ["All users"] }}
title = "News"
body = "One of many."
"#
    ))
}

/// Ten rounds of messages to single devices, so far apart that each round is over before the next.
pub(crate) fn singles(devices: u32) -> Arc<World> {
    world(&format!(
        r#"
schema = 1
name = "singles"
duration = "1h"
[fleet]
users = {devices}
devices_per_user = {{ "1" = 1.0 }}
{PHONES}
[[send]]
name = "news"
schedule = {{ from = "0s", every = "2m", count = 10 }}
to = {{ devices = {{ sample = {devices} }} }}
title = "News"
body = "One of many."
"#
    ))
}

/// The shipped scenario of a million phones, with so many users.
pub(crate) fn million(users: u32) -> Arc<World> {
    let text = include_str!("../../config/scenarios/million.toml");
    let overrides = Overrides { sets: vec![format!("fleet.users={users}")], ..Overrides::default() };
    read(text, &overrides)
}

fn world(text: &str) -> Arc<World> {
    read(text, &Overrides::default())
}

fn read(text: &str, overrides: &Overrides) -> Arc<World> {
    let source = Source::new("bench.toml", text);
    let loaded = load(&source, &mut |_| Err("no includes".to_owned()), overrides);
    Arc::new(loaded.unwrap_or_else(|found| panic!("{found}")).world)
}
