//! Checks whether a ledger read from a file can belong to a world: one entry for each requested message, in order, with
//! attempts, refusals and quotas that add up. Must not use a tenant or change an entry.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::rules::base::ids::{DeviceIx, Key, MessageIx, SendIx};
use crate::rules::base::limits::QUOTA_WINDOW_MS;
use crate::rules::base::time::SimTime;
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::service::message::{MessageKind, Reason};
use crate::rules::timeline::agenda::{Agenda, LedgerEntry};
use crate::rules::timeline::summary::{Summarised, Summary};

use super::part_check::{Misfit, require};
use crate::outcome::record::series::MINUTE_MS;

/// Kinds of messages, in the order of their counts.
const KINDS: [MessageKind; 2] = [MessageKind::Group, MessageKind::Device];

/// A ledger that fits its world.
pub(super) struct Ledger<'a> {
    accepted: BTreeMap<MessageIx, &'a LedgerEntry>,
    summaries: &'a BTreeMap<SendIx, Summary>,
}

impl<'a> Ledger<'a> {
    /// The entry of an accepted message that is not summarised.
    pub(super) fn accepted(&self, message: MessageIx) -> Option<&'a LedgerEntry> {
        self.accepted.get(&message).copied()
    }

    /// The outcomes of a summarised send.
    pub(super) fn summary(&self, send: SendIx) -> Option<&'a Summary> {
        self.summaries.get(&send)
    }
}

/// Attempts by outcome, for each kind of message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Attempts {
    accepted: [u128; 2],
    refused: [[u128; Reason::VARIANTS.len()]; 2],
    /// The most slots of the tenant's quota that they can have taken.
    group_slots_max: u128,
}

/// Checks the ledger of a complete forecast, whose names are known to be those of the world.
///
/// # Errors
/// The first sum that is wrong.
pub(super) fn check<'a>(world: &World, agenda: &'a Agenda) -> Result<Ledger<'a>, Misfit> {
    let summarised = Summarised::of(world);
    let mut attempts = Attempts::default();
    let accepted = lines(world, &summarised, agenda.ledger(), &mut attempts)?;
    summaries(world, &summarised, agenda.summaries(), &mut attempts)?;
    let mut judged = Attempts { group_slots_max: attempts.group_slots_max, ..Attempts::default() };
    let mut group_slots = 0_u128;
    for (minute, of) in agenda.judged_by_minute() {
        require(minute < world.horizon.ms().div_ceil(MINUTE_MS), "the minutes of attempts")?;
        for kind in KINDS.map(|kind| kind as usize) {
            judged.accepted[kind] += u128::from(of.accepted[kind]);
            for (sum, count) in judged.refused[kind].iter_mut().zip(of.refused[kind]) {
                *sum += u128::from(count);
            }
        }
        group_slots += u128::from(of.group_slots);
    }
    require(judged == attempts, "the attempts by minute and by message")?;
    require(group_slots <= attempts.group_slots_max, "the slots of the tenant's quota")?;
    for (kind, quota) in KINDS.into_iter().zip([agenda.group_quota(), agenda.device_quota()]) {
        let (accepted, refused) = (attempts.accepted[kind as usize], &attempts.refused[kind as usize]);
        let by_quota: u128 =
            Reason::VARIANTS.iter().zip(refused).filter(|(reason, _)| reason.is_quota()).map(|(_, count)| count).sum();
        let same = (u128::from(quota.accepted), u128::from(quota.refused)) == (accepted, by_quota);
        require(same, "what the quotas let pass and refused")?;
    }
    Ok(Ledger { accepted, summaries: agenda.summaries() })
}

/// Checks that the entries are exactly those of the sends, in their order.
fn lines<'a>(
    world: &World,
    summarised: &Summarised,
    ledger: &'a [LedgerEntry],
    attempts: &mut Attempts,
) -> Result<BTreeMap<MessageIx, &'a LedgerEntry>, Misfit> {
    let wrong = "the ledger and the sends";
    let listed = || (0..).map(SendIx).zip(&world.sends).filter(|(ix, _)| !summarised.has(*ix));
    let requested: u128 = listed().map(|(_, send)| send.times.len() as u128 * u128::from(send.target.messages())).sum();
    // Checked first, so that the work that follows is limited by the number of entries in the file.
    require(requested == ledger.len() as u128, wrong)?;
    let mut order: Vec<(SimTime, SendIx, u32)> = listed()
        .flat_map(|(ix, send)| (0..).zip(&send.times).map(move |(occurrence, time)| (*time, ix, occurrence)))
        .collect();
    order.sort_unstable();
    let mut accepted = BTreeMap::new();
    let mut left = ledger.iter();
    for (time, ix, occurrence) in order {
        let send = &world.sends[ix.at()];
        let key = send.key.nth(u64::from(occurrence));
        let mut line = |device: Option<DeviceIx>, key: Key| -> Result<(), Misfit> {
            let entry = left.next().ok_or(wrong)?;
            let is_it = (entry.send, entry.occurrence, entry.device, entry.key) == (ix, occurrence, device, key);
            require(is_it, wrong)?;
            outcome(world, send, time, entry, attempts)?;
            if let Ok(message) = entry.outcome {
                require(accepted.insert(message, entry).is_none(), "the numbers of messages")?;
            }
            Ok(())
        };
        match &send.target {
            Target::Groups(_) => line(None, key)?,
            Target::Devices { devices, .. } => {
                devices
                    .iter()
                    .try_for_each(|device| line(Some(*device), key.nth(world.fleet.device_key(*device).0)))?;
            }
        }
    }
    Ok(accepted)
}

/// Checks the attempts of one entry and its last outcome.
fn outcome(
    world: &World,
    send: &SendPlan,
    time: SimTime,
    entry: &LedgerEntry,
    attempts: &mut Attempts,
) -> Result<(), Misfit> {
    let wrong = "the attempts of a message";
    require((1..=send.retries + 1).contains(&entry.attempts), wrong)?;
    let is_in_time = if entry.attempts == 1 { entry.at == time } else { entry.at > time && entry.at < world.horizon };
    require(is_in_time, wrong)?;
    let kind = entry.kind();
    // Only a refusal by its quota leads to another attempt.
    attempts.refused[kind as usize][Reason::of_quota(kind) as usize] += u128::from(entry.attempts - 1);
    match entry.outcome {
        Ok(_) => attempts.accepted[kind as usize] += 1,
        Err(refusal) => {
            let last = SimTime(world.horizon.ms().saturating_add(2 * QUOTA_WINDOW_MS));
            require(refusal.next_slot.is_none_or(|next| next <= last), wrong)?;
            attempts.refused[kind as usize][refusal.reason as usize] += 1;
        }
    }
    if let Target::Groups(groups) = &send.target {
        attempts.group_slots_max += u128::from(entry.attempts) * world.service.slots(groups) as u128;
    }
    Ok(())
}

/// Checks the summarised sends: as many messages as requested, each with one last outcome.
fn summaries(
    world: &World,
    summarised: &Summarised,
    summaries: &BTreeMap<SendIx, Summary>,
    attempts: &mut Attempts,
) -> Result<(), Misfit> {
    let none = Summary::default();
    for (ix, send) in (0..).map(SendIx).zip(&world.sends).filter(|(ix, _)| summarised.has(*ix)) {
        let summary = summaries.get(&ix).unwrap_or(&none);
        let requested = send.times.len() as u128 * u128::from(send.target.messages());
        let outcomes: u128 = summary.outcomes().map(|(_, count)| u128::from(count)).sum();
        let most = requested * u128::from(send.retries + 1);
        let adds_up = u128::from(summary.entries) == requested
            && outcomes == requested
            && (requested..=most).contains(&u128::from(summary.attempts));
        require(adds_up, "the messages of a summarised send")?;
        let kind = MessageKind::Device as usize;
        attempts.accepted[kind] += u128::from(summary.accepted);
        for (sum, count) in attempts.refused[kind].iter_mut().zip(summary.refused) {
            *sum += u128::from(count);
        }
        attempts.refused[kind][Reason::DeviceQuota as usize] += u128::from(summary.attempts) - requested;
    }
    Ok(())
}
