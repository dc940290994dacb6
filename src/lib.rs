//! Reveille is a push delivery engine that behaves like Microsoft Intune's custom notifications: a tenant with its
//! quotas and accounts on one side, a fleet of phones on the other, and the unreliable gateways between them.
//!
//! # The map
//!
//! What becomes of a message on a device, its *fate*, is a pure function of the inputs of the tenant, the scenario and
//! the seed. `rules` is that function; every other module runs it over many devices, measures it, or reports about it.
//! A folder is a module; the first lines of each file say what it is for and what it must not do; `tests/it/tidy.rs`
//! checks the imports.
//!
//! Read in this order:
//!
//! 1. [`rules::service::journey`]: the stations of a pair; [`rules::model::world`]: a valid scenario.
//! 2. [`rules::sending`], [`rules::delivery`]: the state machines of tenant, device and portal; [`rules::counting`]:
//!    their counts.
//! 3. [`forecast`]: the state machines over a whole fleet, device by device.
//! 4. [`engine`]: the actors around the state machines; [`run`]: drives a scenario through them; [`clock`]: the only
//!    module that waits.
//! 5. [`scenario`]: text to a world, or to every diagnostic about the text.
//! 6. [`server`]: a tenant behind listeners, for other programs.
//! 7. [`report`], [`metrics`], [`cli`]: output for people and programs.
//!
//! # The words
//!
//! A **tenant** sends a **message** to an **audience**; message and device are a **pair**, whose **journey** goes
//! through **stations** until it is **settled**. A **gateway** carries copies; a **fault** with a **scope** disturbs
//! it; an **expiry** ends the attempts. **Lag** is wall time behind model time; it never changes a fate. The whole
//! glossary is in `docs/architecture.md`.

pub mod rules;
pub mod json;
pub mod clock;
pub mod metrics;
pub mod scenario;
pub mod engine;
pub mod forecast;
pub mod outcome;
pub mod host;
pub mod run;
pub mod report;
pub mod server;
pub mod cli;
