//! The history of a stored tenant, with the world that it belongs to. Must not change the store.

use std::path::Path;
use std::sync::Arc;

use crate::host::written::{Unread, read_under};
use crate::host::{Again, Posted, StoredInputs};
use crate::outcome::MODEL_VERSION;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::scenario::{Overrides, Source};
use crate::store::StoredTenant;

use crate::cli::args::definition::ScenarioFlags;
use crate::cli::files::complaints::{complain, warn};
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;
use crate::files::texts::Texts;

/// How the scenario of a store is called in diagnostics.
const SCENARIO: &str = "the scenario of the store";

/// Another scenario for a history: a path, or the store's own one, with flags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OtherScenario<'a> {
    pub(crate) path: Option<&'a str>,
    pub(crate) flags: &'a ScenarioFlags,
}

impl OtherScenario<'_> {
    /// Whether it is another one at all.
    pub(crate) fn differs(&self) -> bool {
        let ScenarioFlags { seed, profile, start, sets, include_root: _ } = self.flags;
        self.path.is_some() || seed.is_some() || profile.is_some() || start.is_some() || !sets.is_empty()
    }
}

/// A stored tenant, read and checked.
#[derive(Debug)]
pub(crate) struct StoredHistory {
    /// Its world for postings, without the inputs.
    pub(crate) world: Arc<World>,
    /// Its scenario, resolved.
    scenario: String,
    inputs: Vec<Again>,
    /// Model time.
    pub(crate) now: SimTime,
}

impl StoredHistory {
    /// Reads the tenant of this name, or the only one.
    ///
    /// # Errors
    /// The exit code, which is already printed, or if a signal came.
    pub(crate) fn read(folder: &Path, tenant: Option<&str>, stop: &Stop, terminal: Terminal) -> Result<Self, Exit> {
        let refused = |why: &str| {
            terminal.error(why);
            Exit::Usage
        };
        let stored = StoredTenant::of(folder, tenant).map_err(|error| refused(&error.to_string()))?;
        let identity = stored.identity();
        if identity.model_version != MODEL_VERSION {
            return Err(refused(&format!(
                "{} is of `model_version` {}, and this program has {MODEL_VERSION}, under which the same inputs may have other fates: use a \
                 program of that version",
                folder.display(),
                identity.model_version
            )));
        }
        let source = Source::new(SCENARIO, identity.scenario.clone());
        let overrides = Overrides { seed: Some(identity.seed), ..Overrides::default() };
        let loaded = Texts::of(source).load(&overrides, stop.token());
        let world = loaded.map_err(|unusable| complain(SCENARIO, &unusable, terminal))?.world;
        // The store has no text of a message (R6), and the hash is of the texts too.
        let world = Arc::new(World { scenario_hash: identity.scenario_hash.clone(), ..world.for_postings() });
        let (clock, scenario) = (stored.clock(), identity.scenario.clone());
        let inputs = StoredInputs::of(stored, &world).all().map_err(|error| refused(&error.to_string()))?;
        let last = inputs.last().map_or(SimTime::ZERO, |again| again.input.at);
        let now = SimTime(clock.now_ms).max(last);
        Ok(Self { world, scenario, inputs, now })
    }

    /// The same inputs in the world of another scenario, or of its own one with other values; the seed is that of the store, unless
    /// another is given.
    ///
    /// # Errors
    /// The exit code, which is already printed, or if a signal came.
    pub(crate) fn under(self, other: &OtherScenario<'_>, stop: &Stop, terminal: Terminal) -> Result<Self, Exit> {
        let OtherScenario { path, flags } = *other;
        let texts = match path {
            Some(path) => Texts::read(path, flags.include_root.as_deref()),
            None => Ok(Texts::of(Source::new(SCENARIO, self.scenario.clone()))),
        };
        let seed = flags.seed.or(Some(self.world.chance.seed()));
        let overrides = Overrides { seed, ..flags.overrides() };
        let loaded = texts.and_then(|mut texts| texts.load(&overrides, stop.token()));
        let loaded = loaded.map_err(|unusable| complain(path.unwrap_or(SCENARIO), &unusable, terminal))?;
        warn(&loaded.warnings, terminal);
        let world = Arc::new(loaded.world.for_postings());
        let inputs = read_under(self.inputs, &world, stop.token());
        let inputs = inputs.map_err(|unread| match unread {
            Unread::Stopped => Exit::Interrupted,
            Unread::Misfit(misfit) => {
                terminal.error(&format!(
                    "the history does not fit the other scenario: {misfit}: it must have at least the devices, groups, accounts, faults \
                     and model time of the store's own"
                ));
                Exit::Usage
            }
        })?;
        Ok(Self { world, inputs, ..self })
    }

    /// The inputs, in order.
    pub(crate) fn inputs(&self) -> Vec<TimedInput> {
        self.inputs.iter().map(|again| again.input.clone()).collect()
    }

    /// The world with everything that was done to it, whose model time ends now.
    pub(crate) fn world_until_now(&self, inputs: &[TimedInput]) -> World {
        World { horizon: (self.now + 1).min(self.world.horizon), ..self.world.revision(inputs) }
    }

    /// The accepted messages, in order.
    pub(crate) fn messages(&self) -> impl Iterator<Item = Posted> {
        let accepted = self.inputs.iter().filter_map(|Again { input, request }| match &input.operation {
            RecordedInput::Accepted { account, recipients } => Some((input.at, *account, recipients, request)),
            RecordedInput::Refused { .. }
            | RecordedInput::Dismissed { .. }
            | RecordedInput::FaultStarted { .. }
            | RecordedInput::FaultStopped { .. }
            | RecordedInput::PhoneSet { .. } => None,
        });
        (0..).map(MessageIx).zip(accepted).map(|(message, (at, account, recipients, request))| Posted {
            message,
            at,
            account,
            recipients: recipients.clone(),
            request: request.clone(),
        })
    }
}
