//! The engine's face to its drivers: tenants by name, and what one asks of them. Holds no rule.

use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use ractor::rpc::CallResult;
use ractor::{Actor, ActorRef};

use super::EngineError;
use super::messages::{Answers, TenantMessage, Verdicts};
use super::options::EngineOptions;
use super::shard::inbox::Inbox;
use super::tenant::actor::{TenantActor, TenantArguments, TenantState};
use super::tenant::admission::RequestedMessage;
use super::totals::RunTotals;
use crate::rules::base::ids::{ChangeIx, DeviceIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::change::Subject;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::timeline::agenda::Due;
use crate::rules::timeline::posting::Posting;

/// Tenants by name; every method may be called from many threads.
#[derive(Debug, Default)]
pub struct Engine {
    tenants: DashMap<String, Tenancy>,
}

/// One tenant: its actor, and its devices by id.
#[derive(Clone, Debug)]
pub struct Tenancy {
    pub(super) actor: ActorRef<TenantMessage>,
    pub(super) shards: Arc<[Arc<Inbox>]>,
    /// Devices a shard.
    pub(super) share: u32,
    world: Arc<World>,
    /// Ids that were looked up, so that a busy device is not searched for again.
    devices: Arc<DashMap<String, DeviceIx>>,
}

impl Engine {
    /// Opens a tenant: its actor and its shards' are running afterwards.
    ///
    /// # Errors
    /// [`EngineError::Taken`] if there is one of this name, [`EngineError::NotStarted`] if an actor does not start.
    pub async fn open(&self, name: &str, world: Arc<World>, options: EngineOptions) -> Result<Tenancy, EngineError> {
        let arguments = TenantArguments { world: world.clone(), options };
        let started = TenantActor::spawn(None, TenantActor, arguments).await;
        let (actor, _) = started.map_err(|error| EngineError::NotStarted { cause: error.to_string() })?;
        let (shards, share) =
            look(&actor, |state| (state.staff.trays().cloned().collect(), state.staff.share())).await?;
        let tenancy = Tenancy { actor, shards, share, world, devices: Arc::default() };
        match self.tenants.entry(name.to_owned()) {
            Entry::Occupied(_) => {
                tenancy.actor.stop(None);
                Err(EngineError::Taken { name: name.to_owned() })
            }
            Entry::Vacant(free) => {
                free.insert(tenancy.clone());
                Ok(tenancy)
            }
        }
    }

    /// The tenant of this name.
    pub fn tenant(&self, name: &str) -> Option<Tenancy> {
        self.tenants.get(name).map(|tenancy| tenancy.clone())
    }

    /// Closes a tenant: its actor stops, and with it its shards, devices and portals. False if there is none of this name.
    pub fn close(&self, name: &str) -> bool {
        self.tenants.remove(name).is_some_and(|(_, tenancy)| {
            tenancy.actor.stop(None);
            true
        })
    }

    /// Closes a tenant, and returns when neither its actor nor a shard says anything any more.
    pub async fn close_and_wait(&self, name: &str) {
        let Some((_, tenancy)) = self.tenants.remove(name) else { return };
        tenancy.actor.stop(None);
        let cells = tenancy.shards.iter().filter_map(|tray| tray.actor()).chain([tenancy.actor.get_cell()]);
        for cell in cells {
            // Without a limit of time it cannot be exceeded.
            let _ = cell.wait(None).await;
        }
    }
}

impl Tenancy {
    /// Asks everything that is due at one millisecond; times must not fall. With `until`, nothing will be asked before that if
    /// nothing is refused now: what follows may happen at once, which saves a turn of every phone at full speed.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`]: the run cannot go on.
    pub async fn ask(&self, at: SimTime, due: Due, until: Option<SimTime>) -> Result<Answers, EngineError> {
        let Due { changes, attempts } = due;
        let wanted = attempts.iter().copied().map(RequestedMessage::Attempt).collect();
        let verdicts = self.asked(at, changes, wanted, until).await?;
        Ok(attempts.into_iter().zip(verdicts).collect())
    }

    /// Asks for postings at one moment, as [`Tenancy::ask`] does for what a scenario asks.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`]: the run cannot go on.
    pub async fn post(&self, at: SimTime, postings: Vec<Posting>) -> Result<Verdicts, EngineError> {
        self.asked(at, Vec::new(), postings.into_iter().map(RequestedMessage::from).collect(), None).await
    }

    /// The same for postings that were accepted at this moment once before: they are not judged again.
    ///
    /// # Errors
    /// As [`Tenancy::post`].
    pub async fn post_again(&self, at: SimTime, postings: Vec<Posting>) -> Result<Verdicts, EngineError> {
        let again = |posting: Posting| RequestedMessage::Accepted(Box::new(posting.into_send()));
        self.asked(at, Vec::new(), postings.into_iter().map(again).collect(), None).await
    }

    async fn asked(
        &self,
        at: SimTime,
        changes: Vec<(ChangeIx, Subject)>,
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
    ) -> Result<Verdicts, EngineError> {
        called(self.actor.call(|reply| TenantMessage::Ask { at, changes, wanted, until, reply }, None).await)?
    }

    /// Has a look at the tenant between two of its messages. The look holds everybody up, and must be short.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Tenant) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        self.look_at_state(|state| look(&state.tenant)).await
    }

    pub(super) async fn look_at_state<T: Send + 'static>(
        &self,
        at: impl FnOnce(&TenantState) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        look(&self.actor, at).await
    }

    /// Says that nothing will be asked before `until`: everything earlier may happen.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn quiet_until(&self, until: SimTime) -> Result<(), EngineError> {
        self.actor.cast(TenantMessage::Quiet(until)).map_err(|_| EngineError::Gone)
    }

    /// Tells those who watch how far it is.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn observe(&self) -> Result<(), EngineError> {
        self.actor.cast(TenantMessage::Observe).map_err(|_| EngineError::Gone)
    }

    /// Waits until everything has happened that may, before `at`, and returns the books. Asks nothing afterwards.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`].
    pub async fn finish(&self, at: SimTime) -> Result<RunTotals, EngineError> {
        called(self.actor.call(|reply| TenantMessage::Finish { at, reply }, None).await)?
    }

    /// Makes a [`Tenancy::finish`] under way stop at `at` already. At full speed it may be done beyond it.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn cut(&self, at: SimTime) -> Result<(), EngineError> {
        self.actor.cast(TenantMessage::Cut(at)).map_err(|_| EngineError::Gone)
    }

    /// Makes every phone stay where it is, at full speed each at its own model time: what was asked is answered, what was not
    /// begun is left out of the books, and a [`Tenancy::finish`] under way or to come is done as soon as the turns under way are.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn halt(&self) -> Result<(), EngineError> {
        self.actor.cast(TenantMessage::Halt).map_err(|_| EngineError::Gone)
    }

    /// The device with this id.
    pub fn device(&self, id: &str) -> Option<DeviceIx> {
        if let Some(known) = self.devices.get(id) {
            return Some(*known);
        }
        let found = self.world.fleet.find_device(id)?;
        self.devices.insert(id.to_owned(), found);
        Some(found)
    }
}

async fn look<T: Send + 'static>(
    actor: &ActorRef<TenantMessage>,
    look: impl FnOnce(&TenantState) -> T + Send + 'static,
) -> Result<T, EngineError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Who asked may have gone meanwhile.
    let look = Box::new(move |state: &TenantState| drop(sender.send(look(state))));
    actor.cast(TenantMessage::Look(look)).map_err(|_| EngineError::Gone)?;
    receiver.await.map_err(|_| EngineError::Gone)
}

fn called<T>(answer: Result<CallResult<T>, ractor::MessagingErr<TenantMessage>>) -> Result<T, EngineError> {
    match answer {
        Ok(CallResult::Success(answer)) => Ok(answer),
        Ok(CallResult::Timeout | CallResult::SenderError) | Err(_) => Err(EngineError::Gone),
    }
}
