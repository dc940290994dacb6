//! The engine's API for drivers: tenants by name, and requests to one of them. Must not hold a rule.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use ractor::rpc::CallResult;
use ractor::{Actor, ActorRef};
use tokio::sync::oneshot;

use super::EngineError;
use super::options::EngineOptions;
use super::sabotage::Sabotage;
use super::shard::inbox::{Inbox, ShardInboxes};
use super::tenant::actor::{TenantActor, TenantArguments};
use super::tenant::messages::{Answers, TenantMessage, TenantQuery, Verdicts};
use super::tenant::requested_message::RequestedMessage;
use super::totals::RunTotals;
use crate::clock::within;
use crate::rules::base::ids::ChangeIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::change::Subject;
use crate::rules::model::world::World;
use crate::rules::timeline::agenda::Due;
use crate::rules::timeline::posting::Posting;

/// The open tenants by name. Every method may be called from many threads at once.
#[derive(Debug, Default)]
pub struct Engine {
    tenants: DashMap<String, Tenancy>,
}

/// One tenant; clones are the same tenant.
#[derive(Clone, Debug)]
pub struct Tenancy {
    pub(super) actor: ActorRef<TenantMessage>,
    pub(super) shards: ShardInboxes,
}

impl Engine {
    /// Opens a tenant: its actor and its shards' are running afterwards.
    ///
    /// # Errors
    /// [`EngineError::Taken`] if there is one of this name, [`EngineError::NotStarted`] if an actor does not start.
    pub async fn open(&self, name: &str, world: Arc<World>, options: EngineOptions) -> Result<Tenancy, EngineError> {
        self.open_sabotaged(name, world, options, None).await
    }

    /// The same for tests of supervision, whose hook kills actors.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub(crate) async fn open_sabotaged(
        &self,
        name: &str,
        world: Arc<World>,
        options: EngineOptions,
        sabotage: Option<Sabotage>,
    ) -> Result<Tenancy, EngineError> {
        let started = TenantActor::spawn(None, TenantActor, TenantArguments { world, options, sabotage }).await;
        let (actor, _) = started.map_err(|error| EngineError::NotStarted { cause: error.to_string() })?;
        let shards = query(&actor, |reply| TenantQuery::Shards { reply }).await?;
        let tenancy = Tenancy { actor, shards };
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

    /// Closes a tenant: its actor stops, and with it its shards, devices and portals. False if there is none of this name.
    pub fn close(&self, name: &str) -> bool {
        self.tenants.remove(name).is_some_and(|(_, tenancy)| {
            tenancy.actor.stop(None);
            true
        })
    }

    /// Closes a tenant, and waits until its actor and its shards have ended, up to `limit`. What has not ended by then computes
    /// without an end: it is left behind.
    pub async fn close_and_wait(&self, name: &str, limit: Duration) {
        let Some((_, tenancy)) = self.tenants.remove(name) else { return };
        tenancy.actor.stop(None);
        let cells = tenancy.shards.iter().filter_map(Inbox::actor).chain([tenancy.actor.get_cell()]);
        let all_ended = async {
            for cell in cells {
                // The only error is a timeout, and there is none.
                let _ = cell.wait(None).await;
            }
        };
        if within(limit, all_ended).await.is_none() {
            tracing::error!(tenant = name, "an actor of a closed tenant does not end, and is left behind");
        }
    }
}

impl Tenancy {
    /// Requests everything that is due at one millisecond; times must not fall. `until` promises that nothing is requested before
    /// it if nothing is refused now: at full speed phones then do all of it in one turn.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`]: the run fails.
    pub async fn ask(&self, at: SimTime, due: Due, until: Option<SimTime>) -> Result<Answers, EngineError> {
        let Due { changes, attempts } = due;
        let wanted = attempts.iter().copied().map(RequestedMessage::Attempt).collect();
        let verdicts = self.request(at, changes, wanted, until).await?;
        Ok(attempts.into_iter().zip(verdicts).collect())
    }

    /// Requests postings at one time, as [`Tenancy::ask`] does for a scenario's sends.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`]: the run fails.
    pub async fn post(&self, at: SimTime, postings: Vec<Posting>) -> Result<Verdicts, EngineError> {
        self.request(at, Vec::new(), postings.into_iter().map(RequestedMessage::from).collect(), None).await
    }

    /// The same for postings that were accepted in the past, each at its time, in order: they are not judged again. Nothing else is
    /// requested between them. Slots of devices are requested before the first is accepted, so that times may differ only if
    /// [`Service::reserves_ahead`](crate::rules::service::readings::Service::reserves_ahead).
    ///
    /// # Errors
    /// As [`Tenancy::post`].
    pub async fn post_again(&self, postings: Vec<(SimTime, Posting)>) -> Result<Verdicts, EngineError> {
        let again = |(at, posting): (SimTime, Posting)| (at, RequestedMessage::Accepted(Box::new(posting.into_send())));
        let wanted = postings.into_iter().map(again).collect();
        answered(self.actor.call(|reply| TenantMessage::AskAgain { wanted, reply }, None).await)?
    }

    async fn request(
        &self,
        at: SimTime,
        changes: Vec<(ChangeIx, Subject)>,
        wanted: Vec<RequestedMessage>,
        until: Option<SimTime>,
    ) -> Result<Verdicts, EngineError> {
        answered(self.actor.call(|reply| TenantMessage::Ask { at, changes, wanted, until, reply }, None).await)?
    }

    /// Promises that nothing is requested before `until`: everything earlier may happen.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn quiet_until(&self, until: SimTime) -> Result<(), EngineError> {
        self.send(TenantMessage::Quiet(until))
    }

    /// Has the tenant and its shards publish their figures.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn observe(&self) -> Result<(), EngineError> {
        self.send(TenantMessage::Observe)
    }

    /// Waits until everything has happened that may, before `at`, and returns the totals. No request may follow.
    ///
    /// # Errors
    /// Any but [`EngineError::Taken`].
    pub async fn finish(&self, at: SimTime) -> Result<RunTotals, EngineError> {
        answered(self.actor.call(|reply| TenantMessage::Finish { at, reply }, None).await)?
    }

    /// Makes a [`Tenancy::finish`] in progress stop at `at` already. At full speed it may be done beyond it.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn cut(&self, at: SimTime) -> Result<(), EngineError> {
        self.send(TenantMessage::Cut(at))
    }

    /// Stops every phone where it is, at full speed each at its own model time. Requests are still answered, what was not begun is
    /// left out of the totals, and a [`Tenancy::finish`] in progress or to come is done as soon as the turns in flight are.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn halt(&self) -> Result<(), EngineError> {
        self.send(TenantMessage::Halt)
    }

    /// Sends a message to the tenant's actor.
    pub(super) fn send(&self, message: TenantMessage) -> Result<(), EngineError> {
        self.actor.cast(message).map_err(|_| EngineError::Gone)
    }

    /// Asks the tenant's actor a question.
    pub(super) async fn query<T: Send>(
        &self,
        question: impl FnOnce(oneshot::Sender<T>) -> TenantQuery,
    ) -> Result<T, EngineError> {
        query(&self.actor, question).await
    }
}

async fn query<T: Send>(
    actor: &ActorRef<TenantMessage>,
    question: impl FnOnce(oneshot::Sender<T>) -> TenantQuery,
) -> Result<T, EngineError> {
    let (reply, answer) = oneshot::channel();
    actor.cast(TenantMessage::Query(question(reply))).map_err(|_| EngineError::Gone)?;
    answer.await.map_err(|_| EngineError::Gone)
}

fn answered<T>(answer: Result<CallResult<T>, ractor::MessagingErr<TenantMessage>>) -> Result<T, EngineError> {
    match answer {
        Ok(CallResult::Success(answer)) => Ok(answer),
        Ok(CallResult::Timeout | CallResult::SenderError) | Err(_) => Err(EngineError::Gone),
    }
}
