//! Which tenants `serve` hosts and `token` issues for: those of scenarios, without their horizons, or the built-in one.

use std::sync::Arc;

use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::scenario::Source;
use crate::scenario::limits::RUN_MAX_MS;

use crate::cli::args::definition::ScenarioFlags;
use crate::cli::files::complaints::{complain, warn};
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;
use crate::files::texts::Texts;

/// The tenant of a server without a scenario.
const BUILT_IN: &str = include_str!("../../../config/serve.toml");

/// A tenant to be served.
#[derive(Clone, Debug)]
pub(crate) struct ServedWorld {
    /// Its world for postings.
    pub(crate) world: Arc<World>,
    /// Its scenario with all that it includes, as TOML.
    pub(crate) scenario: String,
}

/// The worlds of scenarios for postings, or the built-in one.
///
/// # Errors
/// The exit code if one is invalid or two are the same tenant, which is already printed, or if a signal came.
pub(crate) fn worlds(
    scenarios: &[String],
    flags: &ScenarioFlags,
    stop: &Stop,
    terminal: Terminal,
) -> Result<Vec<ServedWorld>, Exit> {
    if scenarios.is_empty() {
        return Ok(vec![world(None, flags, stop, terminal)?]);
    }
    let mut worlds: Vec<ServedWorld> = Vec::with_capacity(scenarios.len());
    for (at, scenario) in scenarios.iter().enumerate() {
        let made = world(Some(scenario), flags, stop, terminal)?;
        if let Some(twin) = worlds.iter().position(|known| known.world.name == made.world.name) {
            let (name, twin, again) = (&made.world.name, &scenarios[twin], &scenarios[at]);
            terminal.error(&format!("{twin} and {again} are both the tenant `{name}`: give one another `name`"));
            return Err(Exit::Usage);
        }
        worlds.push(made);
    }
    Ok(worlds)
}

/// The world of a scenario for postings.
///
/// # Errors
/// The exit code if it is invalid, which is already printed, or if a signal came.
pub(crate) fn world(
    scenario: Option<&str>,
    flags: &ScenarioFlags,
    stop: &Stop,
    terminal: Terminal,
) -> Result<ServedWorld, Exit> {
    let name = scenario.unwrap_or("the built-in scenario");
    let texts = match scenario {
        Some(path) => Texts::read(path, flags.include_root.as_deref()),
        None => Ok(Texts::of(Source::new(name, BUILT_IN))),
    };
    let mut texts = texts.map_err(|unusable| complain(name, &unusable, terminal))?;
    let mut endless = flags.clone();
    if !flags.sets.iter().any(|set| set.starts_with("duration=")) {
        endless.sets.push(format!("duration={}h", RUN_MAX_MS / 3_600_000));
    }
    // What is planned for four hours may be too much for a year; then model time ends at the scenario's horizon.
    let loaded =
        texts.load(&endless.overrides(), stop.token()).or_else(|_| texts.load(&flags.overrides(), stop.token()));
    let loaded = loaded.map_err(|unusable| complain(name, &unusable, terminal))?;
    warn(&loaded.warnings, terminal);
    if loaded.world.horizon < SimTime(RUN_MAX_MS) {
        terminal.note(&format!("model time ends at {}", loaded.world.horizon));
    }
    if !loaded.world.sends.is_empty() {
        let sends = loaded.world.sends.len();
        terminal.note(&format!("the sends of the scenario ({sends}) are left out: here callers send"));
    }
    Ok(ServedWorld { world: Arc::new(loaded.world.for_postings()), scenario: loaded.portable })
}
