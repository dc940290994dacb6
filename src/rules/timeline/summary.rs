//! Sends that are summarised from the start, and the outcomes of their messages: of a send with very many messages, no
//! message is kept once its pair has ended. Must not count pairs: [`crate::rules::counting::recorder`] does.

use strum::VariantArray as _;

use super::agenda::LedgerEntry;
use crate::rules::base::ids::SendIx;
use crate::rules::model::expectation::{During, Expectation};
use crate::rules::model::reach_window::ReachLimit;
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::service::message::{Message, MessageKind, Reason, Refusal};

/// Which sends are summarised: a function of the world alone, so that all parts that count agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summarised(Vec<bool>);

impl Summarised {
    /// Sends to single devices, in a world that may have more than [`World::listed_max`] messages; except sends that an
    /// expectation examines moment by moment.
    pub fn of(world: &World) -> Self {
        if world.messages() <= world.listed_max {
            return Self::default();
        }
        let looks_closer = |ix: SendIx, send: &SendPlan| {
            let by_moment = |expectation: &&Expectation| {
                let has_time_of_day = matches!(expectation.within, Some(ReachLimit::Local(_)));
                has_time_of_day || expectation.window_ms.is_some() || expectation.during != During::Always
            };
            world.expectations.iter().filter(by_moment).any(|expectation| expectation.filter.takes_send(ix, send))
        };
        let is_one = |(ix, send): (u32, &SendPlan)| match send.target {
            Target::Devices { .. } => !looks_closer(SendIx(ix), send),
            Target::Groups(_) => false,
        };
        Self((0..).zip(&world.sends).map(is_one).collect())
    }

    /// Every send to single devices: for a tenant that takes postings, whose number has no limit.
    pub(crate) fn singles(world: &World) -> Self {
        Self(vec![true; world.sends.len()])
    }

    /// Whether this message is summarised.
    pub(crate) fn takes(&self, message: &Message) -> bool {
        message.kind == MessageKind::Device && self.has(message.send)
    }

    /// Whether this send is summarised.
    pub fn has(&self, send: SendIx) -> bool {
        self.0.get(send.at()).copied().unwrap_or(false)
    }

    /// Whether any send is summarised.
    pub fn any(&self) -> bool {
        self.0.contains(&true)
    }
}

/// The outcomes of a send's messages, each counted once by its last outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// The number of messages.
    pub entries: u64,
    /// Attempts, retries included.
    pub attempts: u64,
    /// Accepted.
    pub accepted: u64,
    /// Refused, by reason in the order of [`Reason`].
    pub refused: [u64; Reason::VARIANTS.len()],
}

impl Summary {
    /// Adds an entry of the ledger.
    pub fn add(&mut self, entry: &LedgerEntry) {
        self.entries += 1;
        self.attempts += u64::from(entry.attempts);
        self.count(entry.outcome.as_ref().err());
    }

    /// Adds the outcome of an attempt, the first or one after a refusal by a quota, which it replaces.
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

    /// The outcomes that occurred, with their counts.
    pub fn outcomes(&self) -> impl Iterator<Item = (Result<(), Reason>, u64)> + '_ {
        let refused = Reason::VARIANTS.iter().copied().zip(self.refused).map(|(reason, count)| (Err(reason), count));
        std::iter::once((Ok(()), self.accepted)).chain(refused).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::base::ids::{DeviceIx, Key, MessageIx};
    use crate::rules::base::time::SimTime;
    use crate::rules::model::expectation::{Bound, Check, Metric, PairFilter, Statistic};

    fn entry(attempts: u32, outcome: Result<MessageIx, Reason>) -> LedgerEntry {
        let outcome = outcome.map_err(Refusal::from);
        let (send, device, at) = (SendIx(0), Some(DeviceIx(0)), SimTime::ZERO);
        LedgerEntry { send, occurrence: 0, device, key: Key(0), attempts, at, outcome }
    }

    #[test]
    fn sends_to_devices_are_summarised_where_too_many_messages_would_be_listed() {
        let mut world = Hand::new("", |_| Ok(())).world;
        let summarised =
            |world: &World| (0..3).filter(|send| Summarised::of(world).has(SendIx(*send))).collect::<Vec<_>>();
        // One message of each send; the second goes to a device.
        assert_eq!(world.messages(), 3);
        let mut more = world.clone();
        more.sends[1].target = Target::Devices { devices: (0..5).map(DeviceIx).collect(), listed: false };
        more.sends[1].times = vec![SimTime(0), SimTime(1), SimTime(2)];
        assert_eq!(more.messages(), 17, "three times to five devices");
        world.listed_max = 3;
        assert_eq!((summarised(&world), Summarised::of(&world).any()), (vec![], false));
        world.listed_max = 2;
        assert_eq!((summarised(&world), Summarised::of(&world).any()), (vec![1], true));
        let expectation = |send: u32, during, window_ms, within| Expectation {
            name: "e".to_owned(),
            metric: Metric::Sends,
            filter: PairFilter { sends: Some(send..send + 1), ..PairFilter::default() },
            within,
            check: Check { text: "< 5".to_owned(), statistic: Statistic::Value, bound: Bound::Less(5.0) },
            during,
            window_ms,
            abort: false,
        };
        let until_eight = Some(ReachLimit::Local(28_800_000));
        for (send, during, window_ms, within, is_summarised) in [
            (1, During::Always, None, None, true),
            (1, During::Always, None, Some(ReachLimit::After(60_000)), true),
            (1, During::Always, None, until_eight, false),
            (1, During::Always, Some(60_000), None, false),
            (1, During::Before, None, None, false),
            (0, During::Before, Some(60_000), until_eight, true),
        ] {
            world.expectations = vec![expectation(send, during, window_ms, within)];
            assert_eq!(summarised(&world) == [1], is_summarised, "{send} {during:?} {window_ms:?} {within:?}");
        }
        assert_eq!((0..4).filter(|send| Summarised::singles(&world).has(SendIx(*send))).count(), 3);
    }

    #[test]
    fn a_retried_message_counts_once_and_by_its_last_outcome() {
        let (taken, quota) = (Ok(MessageIx(0)), Err(Reason::DeviceQuota));
        let lives: [&[Result<MessageIx, Reason>]; 5] =
            [&[taken], &[quota, taken], &[quota, quota, taken], &[quota, quota], &[Err(Reason::Scope)]];
        let (mut tried, mut added) = (Summary::default(), Summary::default());
        for life in lives {
            for (attempts, outcome) in (1..).zip(life) {
                tried.tried(&entry(attempts, *outcome));
            }
            added.add(&entry(life.len() as u32, *life.last().expect("it was tried")));
        }
        assert_eq!(tried, added);
        assert_eq!((tried.entries, tried.attempts, tried.accepted), (5, 9, 3));
        let outcomes: Vec<_> = tried.outcomes().collect();
        assert_eq!(outcomes, [(Ok(()), 3), (Err(Reason::Scope), 1), (Err(Reason::DeviceQuota), 1)]);
    }
}
