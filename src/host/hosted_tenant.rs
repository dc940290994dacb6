//! A tenant under a clock, for APIs: takes requests and returns results; its event loop executes them. Must not judge
//! them.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::advance::ClockJump;
use super::command::HostCommand;
use super::driver::TenantLoop;
use super::error::HostError;
use super::events::Events;
use super::host_options::HostOptions;
use super::host_state::HostState;
use super::message_log::MessageLog;
use super::request_id::RequestId;
use super::restart::{Again, KeptPart, Restart};
use super::revisions::{Switch, SwitchError};
use super::sealed_text::SealedText;
use super::store_feed::{KeptTenant, StoreFeed};
use crate::clock::{Clock, Tick, within};
use crate::engine::sabotage::Sabotage;
use crate::engine::{EngineError, EnginePart, MessageLook, PhoneLook, Totals};
use crate::rules::base::ids::{DeviceIx, FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::phone_by_hand::{PhoneByHand, PhonePatch};
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::message::Refusal;
use crate::rules::timeline::posting::Posting;
use crate::store::TenantStore;

/// Requests that wait to be stamped; beyond that callers wait for room.
const WAITING_MAX: usize = 4_096;

/// How long the loop may take to come to a reset. After that it gives up what it waits for, which the reset would undo anyway.
const RESET_TAKEN_WAIT_MAX: Duration = Duration::from_secs(2);

/// The tenant's answer to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostingVerdict {
    /// When it was judged.
    pub at: SimTime,
    /// The message, or the refusal.
    pub outcome: Result<MessageIx, Refusal>,
}

/// A handle of a tenant under a clock; clones refer to the same tenant.
#[derive(Clone, Debug)]
pub struct HostedTenant {
    world: Arc<World>,
    pub(super) clock: Clock,
    pub(super) shared: Arc<HostState>,
    /// Its store, if it has one.
    pub(super) store: Option<TenantStore>,
    commands: mpsc::Sender<HostCommand>,
}

impl HostedTenant {
    /// Opens a tenant of a world that takes postings, and runs it under this clock, which must be paced, until the last
    /// clone is dropped.
    ///
    /// # Errors
    /// [`HostError::Engine`] if it does not open.
    ///
    /// # Panics
    /// If the world takes no postings ([`World::for_postings`]): its tenant could not judge one.
    pub async fn start(world: Arc<World>, clock: Clock, options: HostOptions) -> Result<Self, HostError> {
        Self::start_sabotaged(world, clock, options, None).await
    }

    /// The same for tests of supervision, whose hook kills or blocks actors.
    ///
    /// # Errors
    /// As [`HostedTenant::start`].
    ///
    /// # Panics
    /// As [`HostedTenant::start`].
    #[doc(hidden)]
    pub async fn start_sabotaged(
        world: Arc<World>,
        clock: Clock,
        options: HostOptions,
        sabotage: Option<Sabotage>,
    ) -> Result<Self, HostError> {
        let driver = Self::open(&world, &clock, options, sabotage).await?;
        Ok(Self::drive(world, clock, driver))
    }

    /// The same for a tenant of a store: it is what it was when the store was written last, and nothing is answered before it
    /// is stored. Model time goes on at the speed that it had, unless the given clock has another speed than that of the last
    /// start. What the store has is done again in the background; [`HostedTenant::recovered`] waits for it.
    ///
    /// # Errors
    /// As [`HostedTenant::start`].
    ///
    /// # Panics
    /// As [`HostedTenant::start`].
    pub async fn start_stored(
        world: Arc<World>,
        clock: Clock,
        options: HostOptions,
        KeptTenant { store, kept }: KeptTenant,
    ) -> Result<Self, HostError> {
        let (mut driver, shared) = Self::open(&world, &clock, options, None).await?;
        driver.store_feed = Some(StoreFeed::new(store, kept.as_ref()));
        shared.texts().note_changes();
        match kept {
            Some(kept) => {
                shared.recovery.goes_on(0, kept.inputs());
                driver.kept = Some(kept);
            }
            // From now on the store has a clock, by which a later start knows that there is something.
            None => driver.store_clock_now(),
        }
        Ok(Self::drive(world, clock, (driver, shared)))
    }

    async fn open(
        world: &Arc<World>,
        clock: &Clock,
        options: HostOptions,
        sabotage: Option<Sabotage>,
    ) -> Result<(TenantLoop, Arc<HostState>), EngineError> {
        assert!(world.takes_postings(), "a hosted tenant's world is made by `for_postings`");
        let inputs_max = options.inputs_in_memory;
        TenantLoop::open(world.clone(), clock.clone(), options, sabotage, |tenancy| {
            Arc::new(HostState::of(tenancy, world.clone(), inputs_max))
        })
        .await
    }

    fn drive(world: Arc<World>, clock: Clock, (driver, shared): (TenantLoop, Arc<HostState>)) -> Self {
        let (commands, waiting) = mpsc::channel(WAITING_MAX);
        let store = driver.store_feed.as_ref().map(StoreFeed::store);
        tokio::spawn(driver.drive(waiting));
        Self { world, clock, shared, store, commands }
    }

    /// The scenario's world; faults that were switched by hand are in [`HostedTenant::faults`].
    pub fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Model time now, at most the world's end.
    pub fn now(&self) -> SimTime {
        self.clock.now().min(self.world.horizon)
    }

    /// The number of resets: data from an earlier era belongs to another tenant.
    pub fn era(&self) -> u64 {
        self.shared.era()
    }

    /// Sends messages, all at one moment, for a request with the caller's id; returns the verdicts in order.
    ///
    /// # Errors
    /// Any: nothing was sent, or the result is unknown.
    pub async fn post(&self, postings: Vec<Posting>, request: RequestId) -> Result<Vec<PostingVerdict>, HostError> {
        let texts = postings.iter().map(|posting| SealedText::seal(&posting.title, &posting.body)).collect();
        self.command(|reply| HostCommand::Post { postings, texts, request, reply }).await
    }

    /// Dismisses a notification by hand (T9); returns when, or `None` if it is not on the phone.
    ///
    /// # Errors
    /// Any.
    pub async fn dismiss(&self, device: DeviceIx, message: MessageIx) -> Result<Option<SimTime>, HostError> {
        self.command(|reply| HostCommand::Dismiss { device, message, reply }).await
    }

    /// Advances model time by `ms` at once and runs everything due by then; returns the new time.
    ///
    /// # Errors
    /// [`HostError::Over`] if the world ends before that; then nothing changes.
    pub async fn advance(&self, ms: u64) -> Result<SimTime, HostError> {
        self.jump(ClockJump::By(ms)).await
    }

    /// Advances model time at once, and runs everything due before it is there; returns the new time.
    ///
    /// # Errors
    /// [`HostError::Over`] if the world ends before that; then nothing changes. [`HostError::Unsettled`]; then the clock has gone so far.
    pub async fn jump(&self, jump: ClockJump) -> Result<SimTime, HostError> {
        self.command(|reply| HostCommand::Advance { jump, reply }).await
    }

    /// Puts the tenant back to its start, except for what is kept.
    ///
    /// # Errors
    /// Any but [`HostError::Over`].
    pub async fn reset(&self, kept: Vec<KeptPart>) -> Result<(), HostError> {
        self.restart(Restart { inputs: Vec::new(), now: SimTime::ZERO, kept }).await
    }

    /// Resets the tenant, repeats these inputs, each at its time, and goes on from `now`. The clock keeps its speed, and events their
    /// numbers.
    ///
    /// # Errors
    /// Any but [`HostError::Over`].
    pub async fn begin_again(&self, inputs: Vec<Again>, now: SimTime) -> Result<(), HostError> {
        self.restart(Restart { inputs, now, kept: vec![KeptPart::Speed, KeptPart::Events] }).await
    }

    async fn restart(&self, restart: Restart) -> Result<(), HostError> {
        let (taken, is_taken) = oneshot::channel();
        let reset = self.command(|reply| HostCommand::BeginAgain { restart, taken, reply });
        let watch = async {
            // The command is taken, or was dropped with an answer.
            if within(RESET_TAKEN_WAIT_MAX, is_taken).await.is_none() {
                self.shared.failure.abandon();
            }
            std::future::pending().await
        };
        tokio::select! {
            done = self.without_pauses(reset) => done,
            never = watch => never,
        }
    }

    /// Ends pauses of the engine until `work` is done: the loop may wait for an actor that a fault stalls, at a slow speed for hours.
    async fn without_pauses<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut tick = Tick::start();
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tick.next() => self.clock.end_pauses(),
            }
        }
    }

    /// Starts a fault: one `[[fault]]` of a scenario as JSON, without `at` and `after`. The history is repeated under
    /// the new faults, and other requests wait meanwhile.
    ///
    /// # Errors
    /// Any; then nothing changes.
    pub async fn start_fault(&self, table: &str) -> Result<FaultIx, SwitchError> {
        self.switch(Switch::Start(Arc::from(table))).await
    }

    /// Stops a fault for good, also one of the scenario, as [`HostedTenant::start_fault`] starts one.
    ///
    /// # Errors
    /// Any; then nothing changes.
    pub async fn stop_fault(&self, name: &str) -> Result<FaultIx, SwitchError> {
        self.without_pauses(self.switch(Switch::Stop(name.to_owned()))).await
    }

    /// Sets a phone by hand, as [`HostedTenant::start_fault`] starts a fault; returns since when it is so.
    ///
    /// # Errors
    /// Any; then nothing changes.
    pub async fn set_phone(&self, device: DeviceIx, patch: PhonePatch) -> Result<SimTime, SwitchError> {
        self.command(|reply| HostCommand::SetPhone { device, patch, reply }).await?
    }

    async fn switch(&self, switch: Switch) -> Result<FaultIx, SwitchError> {
        self.command(|reply| HostCommand::Switch { switch, reply }).await?
    }

    pub(super) async fn command<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, HostError>>) -> HostCommand,
    ) -> Result<T, HostError> {
        if let Some((done, all)) = self.recovering() {
            return Err(HostError::Recovering { done, all });
        }
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| HostError::Stopped)?;
        answer.await.unwrap_or_else(|_| Err(self.given_up()))
    }

    /// Why a command that was taken has no answer: the loop has ended, or a reset gave up what it waited for.
    fn given_up(&self) -> HostError {
        if self.commands.is_closed() { HostError::Stopped } else { EngineError::Abandoned.into() }
    }

    /// The parts of the engine that give no answer within `limit`. A tenant that is being reset gives none.
    pub async fn unresponsive(&self, limit: Duration) -> Vec<EnginePart> {
        match within(limit, self.shared.revision()).await {
            Some(revision) => revision.tenancy.unresponsive(limit).await,
            None => vec![EnginePart::Tenant],
        }
    }

    /// The error of the engine, if it cannot go on. A reset opens the tenant again.
    pub fn failure(&self) -> Option<EngineError> {
        self.shared.failure.error()
    }

    /// The same as a stream of changes.
    pub fn failures(&self) -> watch::Receiver<Option<EngineError>> {
        self.shared.failure.follow()
    }

    /// Runs a short query on the tenant.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Tenant) -> T + Send + 'static,
    ) -> Result<T, HostError> {
        Ok(self.shared.revision().await.tenancy.look(look).await?)
    }

    /// The state of accepted messages, in order, and the world whose faults apply to it.
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

    /// All counts so far.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn totals(&self) -> Result<Totals, HostError> {
        Ok(self.shared.revision().await.totals().await?)
    }

    /// The faults, as switched, and how much each has touched so far.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn faults(&self) -> Result<(Arc<World>, Vec<u64>), HostError> {
        let revision = self.shared.revision().await;
        Ok((revision.world.clone(), revision.totals().await?.touched))
    }

    /// What is set on a phone by hand at present.
    pub async fn set_by_hand(&self, device: DeviceIx) -> PhoneByHand {
        let revision = self.shared.revision().await;
        revision.world.phones_by_hand.of(device).set_at(self.now())
    }

    /// The phone of a device, as its actors left it.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn phone(&self, device: DeviceIx) -> Result<PhoneLook, HostError> {
        Ok(self.shared.revision().await.tenancy.phone(device).await?)
    }

    /// Runs a short query on the message log.
    pub fn log<T>(&self, look: impl FnOnce(&MessageLog) -> T) -> T {
        look(&self.shared.log())
    }

    /// The same when no reset is under way, with the present time: a reset repeats inputs one after another.
    pub async fn log_outside_resets<T>(&self, look: impl FnOnce(&MessageLog) -> T) -> (T, SimTime) {
        let _revision = self.shared.revision().await;
        let looked = self.log(look);
        (looked, self.now())
    }

    /// The events.
    pub fn events(&self) -> &Events {
        &self.shared.events
    }
}
