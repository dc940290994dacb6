//! Sends that are summarised from the start, and what came of their messages: of one that asks for very many, no single one is
//! remembered once its pair has come to its end. Counts no pair: [`crate::rules::counting::recorder`] does.

use super::agenda::LedgerEntry;
use crate::rules::base::ids::SendIx;
use crate::rules::model::expectation::{During, Expectation};
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::service::message::{Message, MessageKind, Reason, Refusal};

/// Which sends are summarised: a function of the world alone, so that all who count agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summarised(Vec<bool>);

impl Summarised {
    /// Those to single devices, in a world that may ask for more than [`World::listed_max`] messages; but for sends that an
    /// expectation looks at moment by moment.
    pub fn of(world: &World) -> Self {
        if world.messages() <= world.listed_max {
            return Self::default();
        }
        let looks_closer = |ix: SendIx, send: &SendPlan| {
            let by_moment =
                |expectation: &&Expectation| expectation.window_ms.is_some() || expectation.during != During::Always;
            world.expectations.iter().filter(by_moment).any(|expectation| expectation.filter.takes_send(ix, send))
        };
        let is_one = |(ix, send): (u32, &SendPlan)| match send.target {
            Target::Devices { .. } => !looks_closer(SendIx(ix), send),
            Target::Groups(_) => false,
        };
        Self((0..).zip(&world.sends).map(is_one).collect())
    }

    /// Every send, as far as it is to single devices: for a tenant that takes postings, of which there is no end.
    pub(crate) fn singles(world: &World) -> Self {
        Self(vec![true; world.sends.len()])
    }

    /// Is this one of the messages that are summarised?
    pub(crate) fn takes(&self, message: &Message) -> bool {
        message.kind == MessageKind::Device && self.has(message.send)
    }

    /// Is it summarised?
    pub fn has(&self, send: SendIx) -> bool {
        self.0.get(send.at()).copied().unwrap_or(false)
    }

    /// Is any?
    pub fn any(&self) -> bool {
        self.0.contains(&true)
    }
}

/// What came of the messages that a send asks for, each counted once by its last outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// How many there are.
    pub entries: u64,
    /// Attempts, retries included.
    pub attempts: u64,
    /// Accepted.
    pub accepted: u64,
    /// Refused, by reason in the order of [`Reason::ALL`].
    pub refused: [u64; Reason::ALL.len()],
}

impl Summary {
    /// Adds a line of the ledger.
    pub fn add(&mut self, entry: &LedgerEntry) {
        self.entries += 1;
        self.attempts += u64::from(entry.attempts);
        self.count(entry.outcome.as_ref().err());
    }

    /// What came of an attempt, the first or one that follows a quota's refusal: then that no longer stands.
    pub(crate) fn tried(&mut self, entry: &LedgerEntry) {
        if entry.attempts == 1 {
            self.entries += 1;
        } else {
            self.refused[Reason::of_quota(entry.kind()) as usize] -= 1;
        }
        self.attempts += 1;
        self.count(entry.outcome.as_ref().err());
    }

    fn count(&mut self, refusal: Option<&Refusal>) {
        match refusal {
            None => self.accepted += 1,
            Some(refusal) => self.refused[refusal.reason as usize] += 1,
        }
    }

    /// How many came to what, where any did.
    pub fn outcomes(&self) -> impl Iterator<Item = (Result<(), Reason>, u64)> + '_ {
        let refused = Reason::ALL.into_iter().zip(self.refused).map(|(reason, count)| (Err(reason), count));
        std::iter::once((Ok(()), self.accepted)).chain(refused).filter(|(_, count)| *count > 0)
    }
}
