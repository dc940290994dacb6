//! All inputs of a hosted tenant so far, piece by piece: those that memory has dropped come from its store. Must not apply one.

use std::sync::Arc;

use super::error::HostError;
use super::host_state::HostState;
use super::hosted_tenant::HostedTenant;
use super::message_log::Posted;
use super::restart::Again;
use super::stored_inputs::StoredInputs;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::timeline::history::{RecordedInput, TimedInput};
use crate::store::TenantStore;

/// Inputs of a piece.
const INPUTS_A_PIECE: usize = 8_192;

/// The inputs of a tenant up to a moment, from the first to the last; a reset ends it.
#[derive(Debug)]
pub struct Past {
    shared: Arc<HostState>,
    store: Option<TenantStore>,
    scenario: Arc<World>,
    switches: Vec<TimedInput>,
    era: u64,
    next: u64,
    end: u64,
    now: SimTime,
    /// What is read from the store, if memory has dropped something.
    stored: Option<StoredInputs>,
}

impl Past {
    /// That of a tenant at `now`, in the world of its scenario.
    pub(super) fn of(shared: &Arc<HostState>, store: Option<TenantStore>, scenario: &Arc<World>, now: SimTime) -> Self {
        let (switches, end) = {
            let log = shared.log();
            (log.history().switches().to_vec(), log.history().inputs_ever())
        };
        let (shared, scenario, era) = (shared.clone(), scenario.clone(), shared.era());
        Self { shared, store, scenario, switches, era, next: 0, end, now, stored: None }
    }

    /// The moment up to which it goes.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// The scenario's world with everything that was switched and set by hand.
    pub fn world(&self) -> World {
        self.scenario.revision(&self.switches)
    }

    /// Goes back to the first input.
    pub(super) fn rewind(&mut self) {
        (self.next, self.stored) = (0, None);
    }

    /// The next inputs, with the ids of their requests; none after the last.
    ///
    /// # Errors
    /// [`HostError::NotWhole`] if memory has dropped an input and there is no store, [`HostError::WasReset`], and those of a store.
    pub(super) fn next_piece(&mut self) -> Result<Vec<Again>, HostError> {
        if self.next == self.end {
            return Ok(Vec::new());
        }
        let from_memory = {
            let log = self.shared.log();
            if self.shared.era() != self.era {
                return Err(HostError::WasReset);
            }
            let most = INPUTS_A_PIECE.min(usize::try_from(self.end - self.next).unwrap_or(usize::MAX));
            log.history().input(self.next).is_some().then(|| {
                let inputs = log.since(self.next).take(most);
                inputs.map(|(input, request)| Again { input: input.clone(), request }).collect::<Vec<Again>>()
            })
        };
        let piece = match from_memory {
            Some(piece) => piece,
            None => self.next_stored()?,
        };
        self.next += piece.len() as u64;
        Ok(piece)
    }

    /// Accepted messages from this one on, in order, at most `max`.
    ///
    /// # Errors
    /// As [`Past::next_piece`].
    pub fn messages(&mut self, from: MessageIx, max: usize) -> Result<Vec<Posted>, HostError> {
        let place = self.shared.log().place_before(from);
        let Some((mut message, input)) = place else { return Ok(Vec::new()) };
        self.next = input;
        let mut found = Vec::new();
        while found.len() < max {
            let piece = self.next_piece()?;
            if piece.is_empty() {
                break;
            }
            for Again { input: TimedInput { at, operation }, request } in piece {
                let RecordedInput::Accepted { account, recipients } = operation else { continue };
                if message >= from && found.len() < max {
                    found.push(Posted { message, at, account, recipients, request });
                }
                message.0 += 1;
            }
        }
        Ok(found)
    }

    fn next_stored(&mut self) -> Result<Vec<Again>, HostError> {
        let stored = match &mut self.stored {
            Some(stored) if stored.read() == self.next => stored,
            stored => {
                let store = self.store.as_ref().ok_or(HostError::NotWhole)?;
                let opened = StoredInputs::after(store, &self.scenario, self.next)?;
                if opened.tenant().era() != self.era {
                    return Err(HostError::WasReset);
                }
                stored.insert(opened)
            }
        };
        let mut piece = stored.next_piece()?;
        piece.truncate(usize::try_from(self.end - self.next).unwrap_or(usize::MAX));
        Ok(piece)
    }
}

impl HostedTenant {
    /// Whether messages from this one on are in memory, as far as they can be found at all: without a store there are no others.
    pub fn has_in_memory(&self, message: MessageIx) -> bool {
        self.store.is_none() || self.log(|log| log.first() <= message)
    }

    /// All inputs so far.
    pub async fn past(&self) -> Past {
        let _outside_resets = self.shared.revision().await;
        Past::of(&self.shared, self.store.clone(), self.world(), self.now())
    }
}
