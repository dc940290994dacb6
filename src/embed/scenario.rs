//! A scenario as a value: read, changed, forecast, run. Must not decide anything: the drivers do.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::run_options::RunOptions;
use crate::engine::EngineProgress;
use crate::files::texts::Texts;
use crate::outcome::{Driver, Finished, Outcome, RunFacts};
use crate::rules::model::world::World;
use crate::run::{ForecastOptions, ForecastProgress, LiveOptions, Replay, forecast, live};
use crate::scenario::{Diagnostics, Loaded, Overrides, Source};

/// A valid scenario.
///
/// ```
/// # fn main() -> Result<(), reveille::Error> {
/// let scenario = reveille::Scenario::from_toml(
///     r#"
///     schema = 1
///     name = "one hour"
///     seed = 7
///     duration = "1h"
///
///     [fleet]
///     users = 1_000
///
///     [[send]]
///     name = "notice"
///     at = "1m"
///     to = { groups = ["All users"] }
///     title = "Maintenance tonight"
///     body = "Mail is away from 22:00 to 23:00."
///     "#,
/// )?;
/// let outcome = scenario.forecast()?;
/// assert_eq!(outcome.devices, 1_000);
/// assert!(outcome.pairs_at("shown") > 500, "{:?}", outcome.stations.overall);
/// assert!(outcome.passed());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Scenario {
    path: String,
    texts: Texts,
    overrides: Overrides,
    loaded: Loaded,
}

impl Scenario {
    /// Reads a TOML file and the files that it includes, which must lie below its folder.
    ///
    /// # Errors
    /// [`Error::Unreadable`] and [`Error::Invalid`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = path.to_str().ok_or_else(|| Error::Unreadable(format!("{}: not UTF-8", path.display())))?;
        Self::read(name, Texts::read(name, None)?, Overrides::default())
    }

    /// Reads a text in TOML; it cannot include files.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::read("scenario", Texts::of(Source::new("scenario", text)), Overrides::default())
    }

    /// One of the scenarios that come with the crate, such as `full-quota-day`.
    ///
    /// # Errors
    /// [`Error::Unreadable`], with the names that there are.
    pub fn shipped(name: &str) -> Result<Self, Error> {
        let path = format!("{}{name}", crate::scenario::shipped::PREFIX);
        Self::read(&path, Texts::read(&path, None)?, Overrides::default())
    }

    fn read(path: &str, mut texts: Texts, overrides: Overrides) -> Result<Self, Error> {
        let loaded = texts.load(&overrides, &Arc::default())?;
        Ok(Self { path: path.to_owned(), texts, overrides, loaded })
    }

    /// The same with a key of another value, as `--set` writes it: `fleet.users=200`.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn set(self, key_and_value: &str) -> Result<Self, Error> {
        let mut overrides = self.overrides;
        overrides.sets.push(key_and_value.to_owned());
        Self::read(&self.path, self.texts, overrides)
    }

    /// The same with another seed.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn seed(self, seed: u64) -> Result<Self, Error> {
        let overrides = Overrides { seed: Some(seed), ..self.overrides };
        Self::read(&self.path, self.texts, overrides)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.loaded.world.name
    }

    /// What is legal and probably not meant.
    pub const fn warnings(&self) -> &Diagnostics {
        &self.loaded.warnings
    }

    pub(crate) fn into_world(self) -> World {
        self.loaded.world
    }

    /// What becomes of every message, worked out device by device on all cores, without waiting.
    ///
    /// # Errors
    /// [`Error::Forecast`] if there are no threads for it.
    pub fn forecast(&self) -> Result<Outcome, Error> {
        let never = CancellationToken::new();
        let finished = forecast(&self.loaded.world, ForecastOptions::default(), &ForecastProgress::default(), &never)?;
        Ok(self.outcome(Driver::Forecast, &finished))
    }

    /// The same by the actor engine: tenant, devices and portals as actors, under a clock. The fates are those of
    /// [`Scenario::forecast`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
    /// let scenario = reveille::Scenario::shipped("two-teams")?;
    /// let outcome = scenario.run(reveille::RunOptions::default()).await?;
    /// assert_eq!(outcome.digest, scenario.forecast()?.digest);
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Run`] if the engine cannot go on.
    pub async fn run(&self, options: RunOptions) -> Result<Outcome, Error> {
        let world = &self.loaded.world;
        let live_options = LiveOptions {
            speed: options.speed(world.live.speed),
            shards: options.shards.unwrap_or(world.live.shards),
            ..LiveOptions::new(
                options.resident_actors_max.unwrap_or(world.live.resident_actors_max),
                CancellationToken::new(),
            )
        };
        let finished = live(Arc::new(world.clone()), live_options, Arc::new(EngineProgress::default())).await?;
        Ok(self.outcome(Driver::Actors, &finished))
    }

    fn outcome(&self, driver: Driver, finished: &Finished) -> Outcome {
        let world = &self.loaded.world;
        let replay = Replay::new(&self.path, self.overrides.profile.as_deref(), &self.overrides.sets);
        let command = match driver {
            Driver::Forecast => "forecast",
            Driver::Actors => "run",
        };
        let facts = RunFacts::of(finished, driver, None, replay.command(command, world.chance.seed()));
        Outcome::new(world, &finished.agenda, &finished.totals, facts)
    }
}
