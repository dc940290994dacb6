//! Reveille is a push delivery engine that behaves like Microsoft Intune's custom notifications: a tenant with its quotas and
//! staff on one side, a fleet of phones on the other, and the unreliable road between them.
//!
//! # The map
//!
//! What becomes of a message on a device, its *fate*, is a pure function of what was asked of the tenant, the scenario and the
//! seed. `rules` is that function; every other room carries it to many devices, measures it, or talks about it. A folder is a
//! room; the first line of each file says what a line inside may not do; `tests/it/tidy.rs` holds the rooms to it.
//!
//! Read in this order:
//!
//! 1. [`rules::journey`]: the stations of a pair; [`rules::world`]: a valid scenario.
//! 2. [`rules::tenant`], [`rules::device`], [`rules::portal`]: the three machines; [`rules::tally`]: their books.
//! 3. [`rules::witness`]: who is told what they do; [`forecast`]: the machines over a whole fleet, device by device.
//! 4. [`engine`]: the actors around the machines; [`run`]: a scenario driven through them; [`clock`]: the only room that waits.
//! 5. [`scenario`]: text to a world, or to all that is wrong with it.
//! 6. [`http`], [`api`], [`control`]: a tenant behind listeners, for other programs.
//! 7. [`report`], [`metrics`], [`cli`]: what people and programs see.
//!
//! # The words
//!
//! A **tenant** sends a **message** to an **audience**; message and device are a **pair**, whose **journey** goes through
//! **stations** until it is **settled**. A **gateway** carries copies; a **fault** with a **scope** spoils it; an **expiry** ends
//! the attempts. **Lag** is wall time behind model time, and never a different fate. The whole glossary is in
//! `docs/architecture.md`.

pub mod rules;
pub mod json;
pub mod clock;
pub mod metrics;
pub mod scenario;
mod files;
pub mod engine;
pub mod forecast;
pub mod outcome;
pub mod host;
pub mod run;
pub mod report;
pub mod server;
pub mod cli;
