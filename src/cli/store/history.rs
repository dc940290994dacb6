//! The history of a stored tenant, with the world that it belongs to. Must not change the store.

use std::path::Path;
use std::sync::Arc;

use crate::host::{Again, Posted, StoredInputs};
use crate::outcome::MODEL_VERSION;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::scenario::{Overrides, Source};
use crate::store::StoredTenant;

use crate::cli::files::complaints::complain;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;
use crate::files::texts::Texts;

/// How the scenario of a store is called in diagnostics.
const SCENARIO: &str = "the scenario of the store";

/// A stored tenant, read and checked.
#[derive(Debug)]
pub(crate) struct StoredHistory {
    /// Its world for postings, without the inputs.
    pub(crate) world: Arc<World>,
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
        let clock = stored.clock();
        let inputs = StoredInputs::of(stored, &world).all().map_err(|error| refused(&error.to_string()))?;
        let last = inputs.last().map_or(SimTime::ZERO, |again| again.input.at);
        let now = SimTime(clock.now_ms).max(last);
        Ok(Self { world, inputs, now })
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
