//! Makes worlds from text, and runs both drivers on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use reveille::engine::sabotage::Sabotage;
use reveille::engine::{EngineProgress, Fates, Restarts};
use reveille::rules::counting::counts::RunCounts;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::agenda::{Agenda, LedgerEntry};
use reveille::run::{LiveOptions, RunError, live_sabotaged};
use reveille::scenario::{self, Overrides, Source};

use crate::fold::fold;

/// The results of either driver.
pub(crate) struct Results {
    pub(crate) counts: RunCounts,
    pub(crate) fates: Fates,
    pub(crate) agenda: Agenda,
    pub(crate) changes_slowed: Vec<u64>,
    pub(crate) pairs_sent: u64,
    pub(crate) restarts: Restarts,
    /// For each fault, the actors it hit.
    pub(crate) struck: Option<Vec<u64>>,
}

impl Results {
    /// The ledger's first line of `SEND` or `SEND[k]`.
    pub(crate) fn entry(&self, world: &World, subject: &str) -> Option<&LedgerEntry> {
        self.entries(world, subject).next()
    }

    /// The ledger's lines of `SEND` or `SEND[k]`, one for each device if it goes to several.
    pub(crate) fn entries(&self, world: &World, subject: &str) -> impl Iterator<Item = &LedgerEntry> {
        let (send, occurrence) = match subject.split_once('[') {
            Some((send, rest)) => (send, rest.trim_end_matches(']').parse().expect("an occurrence is a number")),
            None => (subject, 0),
        };
        let send = world.sends.iter().position(|known| known.name == send);
        let lines = self.agenda.ledger().iter();
        lines.filter(move |entry| Some(entry.send.at()) == send && entry.occurrence == occurrence)
    }

    /// The digest of the whole run.
    pub(crate) fn digest(&self) -> u128 {
        self.counts.digest
    }
}

/// Options of a run with actors.
#[derive(Clone)]
pub(crate) struct How {
    pub(crate) speed: ModelSpeed,
    pub(crate) shards: u32,
    pub(crate) resident: u32,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) progress: Arc<EngineProgress>,
}

impl Default for How {
    fn default() -> Self {
        Self { speed: ModelSpeed::Max, shards: 2, resident: 20_000, sabotage: None, progress: Arc::default() }
    }
}

/// The world of a scenario's text.
pub(crate) fn try_world(text: &str) -> Result<Arc<World>, String> {
    try_world_with(text, &[])
}

/// The world of a scenario's text with `--set` flags.
pub(crate) fn try_world_with(text: &str, sets: &[&str]) -> Result<Arc<World>, String> {
    let overrides = Overrides { sets: sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
    let source = Source::new("scenario.toml", text);
    // Shipped scenarios import exports from a folder beside theirs.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    let mut read = |name: &str| std::fs::read(folder.join(name)).map_err(|error| error.to_string());
    match scenario::load(&source, &mut read, &overrides) {
        Ok(loaded) => Ok(Arc::new(loaded.world)),
        Err(problems) => Err(problems.to_string()),
    }
}

/// The world of a text that must be valid.
pub(crate) fn world(text: &str) -> Arc<World> {
    try_world(text).unwrap_or_else(|problems| panic!("the scenario is valid:\n{problems}\n{text}"))
}

/// Runs the plain driver.
pub(crate) fn folded(world: &World) -> Results {
    let folded = fold(world);
    Results {
        counts: folded.counts,
        fates: folded.fates,
        agenda: folded.agenda,
        changes_slowed: folded.changes_slowed,
        pairs_sent: folded.pairs_sent,
        restarts: Restarts::default(),
        struck: None,
    }
}

/// Runs the actors, at full speed.
pub(crate) fn acted(world: &Arc<World>) -> Results {
    acted_how(world, &How::default())
}

/// Runs the actors.
pub(crate) fn acted_how(world: &Arc<World>, how: &How) -> Results {
    try_acted(world, how).expect("the engine goes through the scenario")
}

/// Runs the actors; they may fail.
pub(crate) fn try_acted(world: &Arc<World>, how: &How) -> Result<Results, RunError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    let (_keep, stop) = tokio::sync::watch::channel(false);
    let options =
        LiveOptions { speed: how.speed, shards: how.shards, keep_fates: true, ..LiveOptions::new(how.resident, stop) };
    let finished =
        runtime.block_on(live_sabotaged(world.clone(), options, how.progress.clone(), how.sabotage.clone()))?;
    Ok(Results {
        counts: finished.books.counts,
        fates: finished.books.fates.unwrap_or_else(BTreeMap::new),
        agenda: finished.agenda,
        changes_slowed: finished.books.changes_slowed,
        pairs_sent: finished.books.pairs_sent,
        restarts: finished.books.restarts,
        struck: finished.books.struck,
    })
}
