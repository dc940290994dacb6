//! A tenant under a clock, for faces: takes what callers ask, and shows what has become of it. Its driver does the asking.
//! Judges nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard, mpsc, oneshot};

use super::driver::{HostCommand, TenantLoop};
use super::events::Events;
use super::message_log::MessageLog;
use super::request_id::RequestId;
use super::revisions::{Switch, SwitchError};
use crate::clock::Clock;
use crate::engine::{EngineError, MessageLook, PhoneLook, Tenancy, Totals};
use crate::metrics::Meters;
use crate::rules::base::ids::{DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::history::TimedInput;
use crate::rules::timeline::posting::Posting;

/// Requests that wait to be stamped; past that callers wait in their own line.
const WAITING_MAX: usize = 4_096;

/// How a tenant is hosted; nothing here changes a fate.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Shard actors, 0 for one a core.
    pub shards: u32,
    /// Device and portal actors alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Keep every pair's end, so that it can be asked for.
    pub keep_fates: bool,
    /// Where to count for Prometheus, if anybody looks.
    pub meters: Option<Arc<Meters>>,
}

/// Why a host does not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// The engine could not go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Model time has come to the scenario's end, or would.
    #[error("model time has come to its end")]
    Over,
    /// The host stops.
    #[error("the host stops")]
    Stopped,
}

/// What the tenant says to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostingVerdict {
    /// When it was judged.
    pub at: SimTime,
    /// Which message it has become, or why none.
    pub outcome: Result<MessageIx, Refusal>,
}

/// An input to take again, and the id of the request that it came with, if it was a message's.
#[derive(Clone, Debug)]
pub struct Again {
    /// What was done when.
    pub input: TimedInput,
    /// The caller's id of the request.
    pub request: RequestId,
}

/// A tenant under a clock; clones are the same tenant.
#[derive(Clone, Debug)]
pub struct HostedTenant {
    world: Arc<World>,
    clock: Clock,
    shared: Arc<HostState>,
    commands: mpsc::Sender<HostCommand>,
}

/// What the driver and those who ask have in common.
#[derive(Debug)]
pub(crate) struct HostState {
    /// Another one after a reset or a switch of a fault; those who ask wait meanwhile.
    pub(crate) revision: RwLock<Revision>,
    log: Mutex<MessageLog>,
    pub(crate) events: Events,
    /// How often it began again.
    era: AtomicU64,
}

/// A tenant that is open, and its world.
#[derive(Debug)]
pub(crate) struct Revision {
    pub(crate) tenancy: Tenancy,
    /// The scenario's, with the faults that were switched by hand.
    pub(crate) world: Arc<World>,
    /// By fault, the actors that it had hit before the tenant was opened anew.
    pub(super) struck_before: Vec<u64>,
}

impl HostState {
    /// A book is begun, and whoever knows of an earlier one knows of another tenant.
    pub(crate) fn begin_again(&self) {
        *self.log() = MessageLog::default();
        self.era.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, MessageLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tenant, which nobody closes while this is held: only for a question or two.
    async fn revision(&self) -> RwLockReadGuard<'_, Revision> {
        self.revision.read().await
    }
}

impl Revision {
    /// Everything counted so far, by those too who were there before.
    pub(crate) async fn totals(&self) -> Result<Totals, EngineError> {
        let mut totals = self.tenancy.totals().await?;
        totals.touched.iter_mut().zip(&self.struck_before).for_each(|(touched, before)| *touched += before);
        Ok(totals)
    }
}

impl HostedTenant {
    /// Opens a tenant of a world that takes postings, and drives it under this clock, which has a speed, until the last clone is
    /// gone.
    ///
    /// # Errors
    /// [`HostError::Engine`] if it does not open.
    pub async fn start(world: Arc<World>, clock: Clock, options: HostOptions) -> Result<Self, HostError> {
        let driver = TenantLoop::open(world.clone(), clock.clone(), options, |tenancy| {
            let struck_before = vec![0; world.faults.len()];
            Arc::new(HostState {
                revision: RwLock::new(Revision { tenancy, world: world.clone(), struck_before }),
                log: Mutex::default(),
                events: Events::default(),
                era: AtomicU64::new(0),
            })
        });
        let (driver, shared) = driver.await?;
        let (commands, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(driver.drive(waiting));
        Ok(Self { world, clock, shared, commands })
    }

    /// The scenario's world; faults that were switched by hand are in [`HostedTenant::faults`].
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Model time now, at most the end of the world.
    pub fn now(&self) -> SimTime {
        self.clock.now().min(self.world.horizon)
    }

    /// How often it has begun again: what somebody knows of an earlier era is of another tenant.
    pub fn era(&self) -> u64 {
        self.shared.era.load(Ordering::Relaxed)
    }

    /// Asks for messages, all at one moment, for a request that its caller calls so; the tenant's verdicts in their order.
    ///
    /// # Errors
    /// Any: nothing was sent, or nobody knows.
    pub async fn post(&self, postings: Vec<Posting>, request: RequestId) -> Result<Vec<PostingVerdict>, HostError> {
        self.command(|reply| HostCommand::Post { postings, request, reply }).await
    }

    /// Dismisses a notification by hand (T9); when it was done, or `None` if it is not on the phone.
    ///
    /// # Errors
    /// Any.
    pub async fn dismiss(&self, device: DeviceIx, message: MessageIx) -> Result<Option<SimTime>, HostError> {
        self.command(|reply| HostCommand::Dismiss { device, message, reply }).await
    }

    /// Lets `ms` of model time pass at once, and everything happen that is due by then; the time afterwards.
    ///
    /// # Errors
    /// [`HostError::Over`] if the world ends before that, and nothing is done.
    pub async fn advance(&self, ms: u64) -> Result<SimTime, HostError> {
        self.command(|reply| HostCommand::Advance { ms, reply }).await
    }

    /// Puts the tenant back to its start, does these inputs again, each at its time, and goes on from `now`.
    ///
    /// # Errors
    /// Any but [`HostError::Over`].
    pub async fn begin_again(&self, inputs: Vec<Again>, now: SimTime) -> Result<(), HostError> {
        self.command(|reply| HostCommand::BeginAgain { inputs, now, reply }).await
    }

    /// Starts a fault: one `[[fault]]` of a scenario as JSON, without `at` and `after`. What has happened so far is gone through
    /// again, and all others who ask for something wait meanwhile.
    ///
    /// # Errors
    /// Any; then nothing is done.
    pub async fn start_fault(&self, table: &str) -> Result<FaultIx, SwitchError> {
        self.switch(Switch::Start(Arc::from(table))).await
    }

    /// Stops a fault for good, one of the scenario too, as [`HostedTenant::start_fault`] starts one.
    ///
    /// # Errors
    /// Any; then nothing is done.
    pub async fn stop_fault(&self, name: &str) -> Result<FaultIx, SwitchError> {
        self.switch(Switch::Stop(name.to_owned())).await
    }

    async fn switch(&self, switch: Switch) -> Result<FaultIx, SwitchError> {
        self.command(|reply| HostCommand::Switch { switch, reply }).await?
    }

    async fn command<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, HostError>>) -> HostCommand,
    ) -> Result<T, HostError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| HostError::Stopped)?;
        answer.await.map_err(|_| HostError::Stopped)?
    }

    /// Waits until nobody drives it any more.
    pub async fn ended(&self) {
        self.commands.closed().await;
    }

    /// Does anybody drive it?
    pub fn is_driven(&self) -> bool {
        !self.commands.is_closed()
    }

    /// Has a short look at the tenant.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Tenant) -> T + Send + 'static,
    ) -> Result<T, HostError> {
        Ok(self.shared.revision().await.tenancy.look(look).await?)
    }

    /// What has become of messages that were accepted, in their order, and the world whose faults did it.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn messages(&self, messages: Vec<MessageIx>) -> Result<(Arc<World>, Vec<MessageLook>), HostError> {
        let revision = self.shared.revision().await;
        Ok((revision.world.clone(), revision.tenancy.messages(messages).await?))
    }

    /// What has become of a message, as soon as none of its pairs waits.
    ///
    /// # Errors
    /// [`HostError::Engine`], and [`HostError::Stopped`] if the tenant is gone first.
    pub async fn settled(&self, message: MessageIx) -> Result<(Arc<World>, MessageLook), HostError> {
        let mut events = self.events().follow();
        loop {
            events.mark_unchanged();
            let (world, mut looks) = self.messages(vec![message]).await?;
            match looks.pop() {
                Some(look) if look.is_settled() => return Ok((world, look)),
                _ => events.changed().await.map_err(|_| HostError::Stopped)?,
            }
        }
    }

    /// Everything counted so far.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn totals(&self) -> Result<Totals, HostError> {
        Ok(self.shared.revision().await.totals().await?)
    }

    /// The faults as they were switched, and by fault what it has touched so far.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn faults(&self) -> Result<(Arc<World>, Vec<u64>), HostError> {
        let revision = self.shared.revision().await;
        Ok((revision.world.clone(), revision.totals().await?.touched))
    }

    /// The phone of a device, as its actors have left it.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn phone(&self, device: DeviceIx) -> Result<PhoneLook, HostError> {
        Ok(self.shared.revision().await.tenancy.phone(device).await?)
    }

    /// Has a short look at what was asked so far.
    pub fn log<T>(&self, look: impl FnOnce(&MessageLog) -> T) -> T {
        look(&self.shared.log())
    }

    /// What has happened.
    pub fn events(&self) -> &Events {
        &self.shared.events
    }
}
