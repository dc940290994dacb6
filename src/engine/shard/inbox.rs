//! A shard's tray: what it is told to do, kept in order until whoever works at its desk takes it. So the death of that actor
//! loses none of it. Decides nothing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ractor::{ActorCell, ActorRef};

use crate::engine::EngineError;
use crate::engine::messages::{ShardCommand, ShardMessage};

/// See the file.
#[derive(Default)]
pub(crate) struct Inbox(Mutex<Held>);

#[derive(Default)]
struct Held {
    orders: VecDeque<ShardCommand>,
    /// Who works at the desk, or did so last.
    actor: Option<ActorRef<ShardMessage>>,
    is_closed: bool,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Tray")
    }
}

impl Inbox {
    /// Puts an order in, behind the others.
    ///
    /// # Errors
    /// [`EngineError::Gone`] if nobody will ever take it.
    pub(crate) fn put(&self, order: ShardCommand) -> Result<(), EngineError> {
        self.put_all([order])
    }

    /// Puts these in, behind the others and in order; whoever works at the desk is told when there was nothing in it.
    ///
    /// # Errors
    /// [`EngineError::Gone`] if nobody will ever take them.
    pub(crate) fn put_all(&self, orders: impl IntoIterator<Item = ShardCommand>) -> Result<(), EngineError> {
        let mut held = self.held();
        if held.is_closed {
            return Err(EngineError::Gone);
        }
        let was_empty = held.orders.is_empty();
        held.orders.extend(orders);
        if let (true, Some(actor)) = (was_empty, &held.actor) {
            // Who takes the place of a dead actor looks into the tray by itself.
            let _ = actor.cast(ShardMessage::Orders);
        }
        Ok(())
    }

    /// Takes all that is in it, into an empty list.
    pub(crate) fn take(&self, into: &mut VecDeque<ShardCommand>) {
        std::mem::swap(&mut self.held().orders, into);
    }

    /// Somebody works at the desk from now on.
    pub(super) fn served_by(&self, actor: ActorRef<ShardMessage>) {
        self.held().actor = Some(actor);
    }

    /// Who works at the desk, or did so last.
    pub(crate) fn actor(&self) -> Option<ActorCell> {
        self.held().actor.as_ref().map(ActorRef::get_cell)
    }

    /// Nobody will work at the desk any more: those who wait for an answer get none.
    pub(crate) fn close(&self) {
        let mut held = self.held();
        held.is_closed = true;
        held.orders.clear();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
