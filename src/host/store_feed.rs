//! How a hosted tenant is kept in a store: what was done is on disk before it is answered, and a server that starts again
//! finds it. Must not know the database.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::command::CommandReply;
use super::driver::TenantLoop;
use super::error::HostError;
use super::events::Event;
use super::host_state::Revision;
use super::restart::Again;
use super::stored;
use super::stored_inputs::StoredInputs;
use super::stored_texts::StoredTexts;
use crate::clock::{Stopwatch, unix_ms};
use crate::engine::EngineError;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::timeline::history::TimedInput;
use crate::rules::timeline::restart_clock::{RestartClock, StoppedClock};
use crate::store::{ClockMark, StoreError, StoredInput, TenantStore, TextLosses};

/// How long the clock of a tenant may run before the store is told where it is, in ms of wall time: so much model time
/// happens again after a power cut.
const MARK_EVERY_MS: u64 = 10_000;
/// Numbers of events that a tenant leaves out after a restart: more than it can note within [`MARK_EVERY_MS`]. An
/// observer learns that events are missing, and never takes a new one for one that it knows.
const EVENTS_LEFT_OUT: u64 = 10_000_000;

/// What a tenant has given to its store.
#[derive(Debug)]
pub(crate) struct StoreFeed {
    store: TenantStore,
    /// The era of what was given last.
    era: u64,
    /// Inputs of that era that were given.
    inputs: u64,
    /// Since the clock was given.
    since_mark: Stopwatch,
}

/// A store's tenant, read and checked, but not opened.
#[derive(Debug)]
pub struct KeptTenant {
    pub(super) store: TenantStore,
    /// None of a tenant that has never been open.
    pub(super) kept: Option<Kept>,
}

/// What a store has of a tenant, beside the inputs themselves.
#[derive(Debug)]
pub(super) struct Kept {
    /// The number of the inputs, and those that changed the world.
    inputs: u64,
    switches: Vec<TimedInput>,
    era: u64,
    now: SimTime,
    mark: ClockMark,
    texts: StoredTexts,
}

impl KeptTenant {
    /// Reads what a store has of a tenant of this world, whose model time goes on as `clock` says.
    ///
    /// # Errors
    /// What is damaged.
    pub fn read(store: TenantStore, world: &Arc<World>, clock: RestartClock) -> Result<Self, StoreError> {
        let kept = Kept::read(&store, world, clock)?;
        Ok(Self { store, kept })
    }

    /// The texts that were stored and cannot be read any more.
    pub fn text_losses(&self) -> TextLosses {
        self.kept.as_ref().map(|kept| kept.texts.losses.clone()).unwrap_or_default()
    }
}

impl Kept {
    /// The number of its inputs.
    pub(super) const fn inputs(&self) -> u64 {
        self.inputs
    }

    /// Reads all inputs, so that damage is found before anything is changed.
    fn read(store: &TenantStore, world: &Arc<World>, clock: RestartClock) -> Result<Option<Self>, StoreError> {
        let mut stored = StoredInputs::of(store.stored()?, world);
        let mark = stored.tenant().clock();
        if mark == ClockMark::default() {
            return Ok(None);
        }
        let (mut switches, mut last) = (Vec::new(), SimTime::ZERO);
        loop {
            let piece = stored.next_piece()?;
            let Some(latest) = piece.last() else { break };
            last = latest.input.at;
            switches.extend(piece.into_iter().map(|again| again.input).filter(TimedInput::is_switch));
        }
        let stopped = StoppedClock { at: SimTime(mark.now_ms), times: mark.times, wall_ms: mark.wall_ms };
        let now = clock.resumed(stopped, unix_ms(), last, world.horizon);
        let texts = StoredTexts::read(stored.tenant())?;
        let (inputs, era) = (stored.tenant().inputs(), stored.tenant().era());
        Ok(Some(Self { inputs, switches, era, now, mark, texts }))
    }
}

impl StoreFeed {
    /// That of a tenant whose store has these many inputs.
    pub(super) fn new(store: TenantStore, kept: Option<&Kept>) -> Self {
        let (era, inputs) = kept.map_or((0, 0), |kept| (kept.era, kept.inputs));
        Self { store, era, inputs, since_mark: Stopwatch::start() }
    }

    /// The store.
    pub(super) fn store(&self) -> TenantStore {
        self.store.clone()
    }

    /// Why nothing more can be taken, if so.
    fn refusal(&self) -> Option<HostError> {
        match self.store.failure() {
            Some(error) => Some(error.into()),
            None => self.store.is_full().then_some(HostError::StoreBusy),
        }
    }
}

impl TenantLoop {
    /// Whether the store takes more, if there is one.
    pub(super) fn store_refusal(&self) -> Option<HostError> {
        self.store_feed.as_ref().and_then(StoreFeed::refusal)
    }

    /// Answers a command as soon as everything done so far is stored.
    pub(super) fn answer<T: Send + 'static>(&mut self, reply: CommandReply<T>, answer: Result<T, HostError>) {
        // The caller may have gone meanwhile.
        self.when_stored(move |stored| drop(reply.send(stored.and(answer))));
    }

    /// Answers a command that has changed the clock.
    pub(super) fn answer_with_clock<T: Send + 'static>(
        &mut self,
        reply: CommandReply<T>,
        answer: Result<T, HostError>,
    ) {
        self.store(true, move |stored| drop(reply.send(stored.and(answer))));
    }

    /// Calls `then` as soon as everything done so far is stored: at once if nothing is to be stored.
    pub(super) fn when_stored(&mut self, then: impl FnOnce(Result<(), HostError>) + Send + 'static) {
        self.store(false, then);
    }

    /// Tells the store where the clock is.
    pub(super) fn store_clock_now(&mut self) {
        self.store(true, drop);
    }

    /// Tells the store which texts are over, or where the clock is, if it runs and the last time is long ago.
    pub(super) fn store_clock(&mut self) {
        let Some(store_feed) = self.store_feed.as_ref().filter(|feed| feed.store.failure().is_none()) else { return };
        let is_long_ago = store_feed.since_mark.ms() >= MARK_EVERY_MS && !self.clock.is_stopped();
        if is_long_ago || self.shared.texts().has_untold_ends() {
            self.store(true, drop);
        }
    }

    fn store(&mut self, clock: bool, then: impl FnOnce(Result<(), HostError>) + Send + 'static) {
        // Most servers have none, and each group of messages comes here.
        if self.store_feed.is_none() {
            return then(Ok(()));
        }
        let mark = self.mark();
        let Some(store_feed) = &mut self.store_feed else { return };
        let era = self.shared.era();
        let begins = era != store_feed.era;
        let (inputs, ever): (Vec<StoredInput>, u64) = {
            let log = self.shared.log();
            let known = if begins { 0 } else { store_feed.inputs };
            let new = log.since(known).map(|(input, request)| stored::stored(input, &request));
            (new.collect(), log.history().inputs_ever())
        };
        if inputs.is_empty() && !begins && !clock {
            return then(Ok(()));
        }
        (store_feed.era, store_feed.inputs, store_feed.since_mark) = (era, ever, Stopwatch::start());
        // The clock is where these texts are over, so that no later start needs them.
        let texts = self.shared.texts().take_changes();
        let done = move |stored: Result<(), StoreError>| then(stored.map_err(HostError::from));
        if begins {
            store_feed.store.begin_again(era, inputs, texts, mark, done);
        } else {
            store_feed.store.append(inputs, texts, mark, done);
        }
    }

    fn mark(&self) -> ClockMark {
        ClockMark {
            now_ms: self.clock.now().min(self.world.horizon.just_before()).ms(),
            times: self.clock.times(),
            times_at_start: self.times,
            wall_ms: unix_ms(),
            last_event: self.shared.events.last(),
        }
    }

    /// Does again what the store has, if it has anything, and reports how far it has come; false if that has failed.
    pub(super) async fn recovered(&mut self) -> bool {
        let Some(kept) = self.kept.take() else { return true };
        let work = AssertUnwindSafe(self.recover(kept)).catch_unwind();
        let result = work.await.unwrap_or(Err(EngineError::Panicked.into()));
        let is_well = result.is_ok();
        self.shared.recovery.ended(result);
        if is_well {
            self.store_clock_now();
        }
        is_well
    }

    /// Does again what the store has, before the first command: the counters for Prometheus begin with what comes after it.
    async fn recover(&mut self, kept: Kept) -> Result<(), HostError> {
        let Kept { inputs, switches, era, now, mark, texts } = kept;
        let Some(store_feed) = &self.store_feed else { return Ok(()) };
        let mut stored = StoredInputs::of(store_feed.store.stored()?, &self.scenario);
        let shared = self.shared.clone();
        let mut seat = shared.revision.write().await;
        shared.recover(era, mark.last_event.saturating_add(EVENTS_LEFT_OUT));
        // Model time goes on when all is as it was.
        self.clock.set_times(0);
        self.clock.set(now);
        self.world = Arc::new(self.scenario.revision(&switches));
        self.close().await;
        if let Some(meters) = &self.options.meters {
            meters.begin_replay();
        }
        self.open_again(now).await?;
        loop {
            let done = stored.read();
            let piece = stored.next_piece()?;
            if piece.is_empty() {
                break;
            }
            let (piece, requests) = Again::apart(piece);
            if let Some(at) = self.repeat(&piece, requests).await?.first() {
                return Err(HostError::Unrepeatable { input: done + *at as u64 + 1 });
            }
            // Nothing that happens again is news.
            self.tenancy.news().await?;
            shared.recovery.goes_on(stored.read(), inputs);
        }
        self.go_to(now).await?;
        self.tenancy.news().await?;
        self.take_up_texts(texts).await?;
        if let Some(meters) = &self.options.meters {
            meters.end_replay();
        }
        let struck_before = vec![0; self.world.faults.len()];
        *seat = Revision { tenancy: self.tenancy.clone(), world: self.world.clone(), struck_before };
        drop(seat);
        // A server that is started with another speed than before is meant to have it.
        self.clock.set_times(if mark.times_at_start == self.times { mark.times } else { self.times });
        shared.events.note(now, Event::Reset);
        self.keep_up().await?;
        self.tenancy.caught_up().await?;
        self.note_news().await?;
        Ok(())
    }
}
