//! A shard's inbox: the commands to it, in order, until its actor takes them. The inbox outlives the actor, so a crash loses no
//! command. Must not look into a command.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ractor::{ActorCell, ActorRef};

use super::messages::{ShardCommand, ShardMessage};
use crate::engine::EngineError;
use crate::rules::base::ids::DeviceIx;

/// The inbox of a shard.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<Held>);

#[derive(Default)]
struct Held {
    commands: VecDeque<ShardCommand>,
    /// The current actor of the shard, or the last one.
    actor: Option<ActorRef<ShardMessage>>,
    is_closed: bool,
}

/// The inboxes of all shards of a tenant.
#[derive(Clone, Debug)]
pub(crate) struct ShardInboxes {
    pub(crate) inboxes: Arc<[Arc<Inbox>]>,
    /// Devices per shard.
    pub(crate) share: u32,
}

impl ShardInboxes {
    /// The inbox of the shard that has this device.
    pub(crate) fn of(&self, device: DeviceIx) -> &Inbox {
        &self.inboxes[(device.0 / self.share) as usize]
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Inbox> {
        self.inboxes.iter().map(Arc::as_ref)
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Inbox")
    }
}

impl Inbox {
    /// Appends a command.
    ///
    /// # Errors
    /// [`EngineError::Gone`] if the inbox is closed.
    pub(crate) fn put(&self, command: ShardCommand) -> Result<(), EngineError> {
        self.put_all([command])
    }

    /// Appends commands in order, and notifies the actor if the inbox was empty.
    ///
    /// # Errors
    /// [`EngineError::Gone`] if the inbox is closed.
    pub(crate) fn put_all(&self, commands: impl IntoIterator<Item = ShardCommand>) -> Result<(), EngineError> {
        let mut held = self.held();
        if held.is_closed {
            return Err(EngineError::Gone);
        }
        let was_empty = held.commands.is_empty();
        held.commands.extend(commands);
        if let (true, Some(actor)) = (was_empty, &held.actor) {
            // If the actor is dead, its successor looks into the inbox when it starts.
            let _ = actor.cast(ShardMessage::Commands);
        }
        Ok(())
    }

    /// Moves all commands into an empty list.
    pub(crate) fn take(&self, into: &mut VecDeque<ShardCommand>) {
        std::mem::swap(&mut self.held().commands, into);
    }

    /// Sets the actor that takes the commands.
    pub(super) fn served_by(&self, actor: ActorRef<ShardMessage>) {
        self.held().actor = Some(actor);
    }

    /// The current actor of the shard, or the last one.
    pub(crate) fn actor(&self) -> Option<ActorCell> {
        self.held().actor.as_ref().map(ActorRef::get_cell)
    }

    /// Closes the inbox for good. Dropping the commands drops their reply ports, so that every caller learns of it.
    pub(crate) fn close(&self) {
        let mut held = self.held();
        held.is_closed = true;
        held.commands.clear();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[test]
    fn commands_wait_in_order_without_an_actor() {
        let (inbox, mut taken) = (Inbox::default(), VecDeque::new());
        inbox.put(ShardCommand::Tick).expect("it is open");
        inbox.put_all([ShardCommand::Halt, ShardCommand::Tick]).expect("it is open");
        inbox.take(&mut taken);
        assert!(matches!(taken.make_contiguous(), [ShardCommand::Tick, ShardCommand::Halt, ShardCommand::Tick]));
        taken.clear();
        inbox.take(&mut taken);
        assert!(taken.is_empty());
    }

    #[test]
    fn a_closed_inbox_refuses_commands_and_ends_every_call() {
        let inbox = Inbox::default();
        let (reply, mut answer) = oneshot::channel();
        inbox.put(ShardCommand::CaughtUp(reply)).expect("it is open");
        inbox.close();
        assert!(answer.try_recv().is_err());
        assert!(matches!(inbox.put(ShardCommand::Tick), Err(EngineError::Gone)));
    }
}
