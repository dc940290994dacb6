//! What the event loop of a hosted tenant shares with its callers: the open tenant, the message log and the events. Must not
//! change them by itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard};

use super::events::Events;
use super::failure::EngineFailure;
use super::message_log::MessageLog;
use super::recovery::Recovery;
use super::text_vault::TextVault;
use crate::engine::{EngineError, Tenancy, Totals};
use crate::rules::model::world::World;

/// The state that the event loop shares with callers.
#[derive(Debug)]
pub(crate) struct HostState {
    /// Replaced at a reset, a switch of a fault or a setting of a phone; callers wait meanwhile.
    pub(crate) revision: RwLock<Revision>,
    log: Mutex<MessageLog>,
    /// The latest inputs that the log holds.
    inputs_max: usize,
    texts: Mutex<TextVault>,
    pub(crate) events: Events,
    pub(super) failure: EngineFailure,
    pub(super) recovery: Recovery,
    /// The number of resets.
    pub(super) era: AtomicU64,
}

/// An open tenant with its world.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) tenancy: Tenancy,
    /// The scenario's world, with the faults that were switched and the phones that were set by hand.
    pub(crate) world: Arc<World>,
    /// By fault, the actors that it had hit before the tenant was reopened.
    pub(super) struck_before: Vec<u64>,
}

impl HostState {
    /// That of a tenant that has just been opened under this world.
    pub(super) fn of(tenancy: Tenancy, world: Arc<World>, inputs_max: usize) -> Self {
        let struck_before = vec![0; world.faults.len()];
        Self {
            revision: RwLock::new(Revision { tenancy, world, struck_before }),
            log: Mutex::new(MessageLog::holding(inputs_max)),
            inputs_max,
            texts: Mutex::default(),
            events: Events::default(),
            failure: EngineFailure::default(),
            recovery: Recovery::default(),
            era: AtomicU64::new(0),
        }
    }

    /// Starts a new message log without texts and a new era, so that ids from before are recognised as another tenant's.
    pub(crate) fn begin_again(&self) {
        *self.log() = MessageLog::holding(self.inputs_max);
        self.texts().begin_again();
        self.era.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes up the era of a tenant that was stored, and the numbers of its events.
    pub(super) fn recover(&self, era: u64, last_event: u64) {
        self.era.store(era, Ordering::Relaxed);
        self.events.go_on_after(last_event);
    }

    /// The number of resets.
    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Relaxed)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, MessageLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn texts(&self) -> MutexGuard<'_, TextVault> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tenant, which stays open while the guard is held: only for a query or two.
    pub(super) async fn revision(&self) -> RwLockReadGuard<'_, Revision> {
        self.revision.read().await
    }
}

impl Revision {
    /// All counts so far, with those from before the tenant was reopened.
    pub(crate) async fn totals(&self) -> Result<Totals, EngineError> {
        let mut totals = self.tenancy.totals().await?;
        totals.touched.iter_mut().zip(&self.struck_before).for_each(|(touched, before)| *touched += before);
        Ok(totals)
    }
}
