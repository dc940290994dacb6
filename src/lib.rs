//! Reveille is a push delivery engine that behaves like Microsoft Intune's custom notifications: a tenant with its quotas and
//! accounts on one side, a fleet of phones on the other, and an unreliable network between them.
//!
//! # A forecast in a test
//!
//! ```
//! # fn main() -> Result<(), reveille::Error> {
//! let scenario = reveille::Scenario::shipped("night-broadcast")?.set("fleet.users=2_000")?;
//! let outcome = scenario.forecast()?;
//!
//! println!("{} of {} pairs were shown", outcome.pairs_at("shown"), outcome.pairs);
//! assert!(outcome.pairs_at("lost") * 10 < outcome.pairs);
//! # Ok(())
//! # }
//! ```
//!
//! | you want to | use |
//! |---|---|
//! | read a scenario | [`Scenario::from_file`], [`Scenario::from_toml`], [`Scenario::shipped`] |
//! | know what becomes of every message, in seconds | [`Scenario::forecast`] |
//! | run the same through the actors, under a clock | [`Scenario::run`] with [`RunOptions`] |
//! | assert on what came of it | [`Outcome`] |
//! | test a program that sends through Microsoft Graph | [`testing::GraphServer`] |
//!
//! The same is on the command line: `reveille forecast FILE`, `reveille run FILE`, `reveille serve FILE`.
//!
//! # How the source is laid out
//!
//! What becomes of a message on a device, its *fate*, is a pure function of what was asked of the tenant, the scenario and the
//! seed. The module `rules` is that function; every other module carries it to many devices, measures it, or reports it.
//! `docs/architecture.md` has the map of modules and the walk of one message through them.

// The modules are public for the program, the tests and the benches of this crate: hidden, and without any promise.
#[doc(hidden)]
pub mod rules;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod metrics;
#[doc(hidden)]
pub mod scenario;
mod files;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod forecast;
#[doc(hidden)]
pub mod outcome;
#[doc(hidden)]
pub mod host;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod server;
#[doc(hidden)]
pub mod store;
#[doc(hidden)]
pub mod cli;
mod embed;
pub mod testing;

pub use embed::{Error, RunOptions, Scenario, ServerError};
#[doc(inline)]
pub use outcome::Outcome;
