//! What a client may ask of a running tenant: the client's half. It adds up what the shards answer; a question changes nothing,
//! except that news is taken once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::EngineError;
use super::client::Tenancy;
use super::observation::{EnginePart, MessageLook, News, PhoneLook, Totals};
use super::shard::inbox::Inbox;
use super::shard::messages::{Feed, ShardCommand, ShardQuery};
use super::tenant::messages::{TenantMessage, TenantQuery};
use crate::clock::within;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::Minute;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::sending::tenant::Tenant;

impl Tenancy {
    /// Reads the model's tenant between two messages. The actor waits for `look`, which must be short.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Tenant) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        // The client may have gone.
        let project = |reply: oneshot::Sender<T>| move |tenant: &Tenant| drop(reply.send(look(tenant)));
        self.query(|reply| TenantQuery::Project(Box::new(project(reply)))).await
    }

    /// A phone after its last applied turn.
    ///
    /// # Errors
    /// [`EngineError::Gone`], or that its record cannot be read.
    pub async fn phone(&self, device: DeviceIx) -> Result<PhoneLook, EngineError> {
        query(self.shards.of(device), |reply| ShardQuery::Phone { device, reply }).await?
    }

    /// The pairs of accepted messages so far, in this order.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn messages(&self, messages: Vec<MessageIx>) -> Result<Vec<MessageLook>, EngineError> {
        let wanted: Arc<[MessageIx]> = messages.into();
        let messages = wanted.clone();
        let sent = self.query(|reply| TenantQuery::PairsSent { messages, reply }).await?;
        let mut whole: Vec<MessageLook> = sent
            .into_iter()
            .map(|sent| MessageLook { sent, handed_out_until: SimTime::NEVER, ..MessageLook::default() })
            .collect();
        for shard in self.shards.iter() {
            let messages = wanted.clone();
            let parts = query(shard, |reply| ShardQuery::Messages { messages, reply }).await?;
            whole.iter_mut().zip(parts).for_each(|(whole, part)| whole.add(part));
        }
        Ok(whole)
    }

    /// Everything counted so far.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn totals(&self) -> Result<Totals, EngineError> {
        let touched = self.query(|reply| TenantQuery::ChangesSlowed { reply }).await?;
        let mut totals = Totals { pairs: Minute::default(), touched };
        for shard in self.shards.iter() {
            totals.add(&query(shard, |reply| ShardQuery::Totals { reply }).await?);
        }
        Ok(totals)
    }

    /// The earliest time at which a phone may have something to do, [`SimTime::NEVER`] if none has. Nothing happens before it unless it
    /// is requested.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn next_due(&self) -> Result<SimTime, EngineError> {
        let mut next = SimTime::NEVER;
        for shard in self.shards.iter() {
            next = next.min(query(shard, |reply| ShardQuery::NextDue { reply }).await?);
        }
        Ok(next)
    }

    /// Takes the news, if the tenant is watched.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn news(&self) -> Result<News, EngineError> {
        let mut news = News::default();
        for shard in self.shards.iter() {
            news.add(query(shard, |reply| ShardQuery::News { reply }).await?);
        }
        Ok(news)
    }

    /// Waits until everything has happened that is due now and was requested before.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn caught_up(&self) -> Result<(), EngineError> {
        self.query(|reply| TenantQuery::HandedOver { reply }).await?;
        for shard in self.shards.iter() {
            ask(shard, ShardCommand::CaughtUp).await?;
        }
        Ok(())
    }

    /// Asks the tenant's actor and each shard for an answer; returns those that give none within `limit`. A part that works on
    /// something long, or that a fault stalls, gives none.
    pub async fn unresponsive(&self, limit: Duration) -> Vec<EnginePart> {
        let (reply, answer) = oneshot::channel();
        // A part that is gone drops its reply.
        let _ = self.send(TenantMessage::Query(TenantQuery::HandedOver { reply }));
        let mut waiting = vec![(EnginePart::Tenant, answer)];
        for (at, shard) in self.shards.iter().enumerate() {
            let (reply, answer) = oneshot::channel();
            let _ = shard.put(ShardCommand::Query(ShardQuery::Alive { reply }));
            waiting.push((EnginePart::Shard(at), answer));
        }
        let mut alive = Vec::new();
        let all = async {
            for (part, answer) in &mut waiting {
                if answer.await.is_ok() {
                    alive.push(*part);
                }
            }
        };
        within(limit, all).await;
        let is_silent = |(part, answer): &mut (EnginePart, oneshot::Receiver<()>)| {
            !alive.contains(part) && answer.try_recv().is_err()
        };
        waiting.iter_mut().filter_map(|part| is_silent(part).then_some(part.0)).collect()
    }

    /// Dismisses a notification by hand, at a time before which nothing more is requested (T9).
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn dismiss(&self, device: DeviceIx, message: MessageIx, at: SimTime) -> Result<(), EngineError> {
        let input = Box::new(DeviceInput::Dismiss(message));
        self.send(TenantMessage::Give(Feed::Input { device, at, input }))
    }
}

async fn query<T: Send>(
    shard: &Inbox,
    question: impl FnOnce(oneshot::Sender<T>) -> ShardQuery,
) -> Result<T, EngineError> {
    ask(shard, |reply| ShardCommand::Query(question(reply))).await
}

async fn ask<T: Send>(
    shard: &Inbox,
    command: impl FnOnce(oneshot::Sender<T>) -> ShardCommand,
) -> Result<T, EngineError> {
    let (reply, answer) = oneshot::channel();
    shard.put(command(reply))?;
    answer.await.map_err(|_| EngineError::Gone)
}
