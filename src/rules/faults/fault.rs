//! Faults: when each is in force, what it covers, and its current rate (X1). Must not apply one: the state machines
//! read them.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use super::actor_fault::ActorFault;
use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::{DeviceIx, FaultIx, Key};
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::time::{SimTime, Span};
use crate::rules::population::fleet::Fleet;
use crate::rules::population::traits::Traits;

/// What a holding or refusing outage does with what leaves the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageMode {
    /// Keeps it until the outage is over.
    Hold,
    /// Loses it.
    Refuse,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The gateway is down; read on leaving its queue.
    Outage(OutageMode),
    /// Copies are lost; read on leaving the queue.
    Loss {
        /// The share that is lost.
        rate: Ratio,
        /// Mean length of a burst, in ms, for loss in bursts; `None` loses each copy by itself.
        burst_ms: Option<u64>,
    },
    /// Copies travel longer; read on leaving the queue.
    Delay(Dist),
    /// Copies are doubled; read on leaving the queue.
    Duplicate {
        /// The share that is doubled.
        rate: Ratio,
    },
    /// The gateway's rate is cut; units of [`crate::rules::base::limits::CAPACITY_UNITS`] a millisecond.
    Throttle {
        /// Units a millisecond.
        units_per_ms: u64,
    },
    /// Phones are offline; read at the attempt.
    Offline,
    /// Play Services are down on Android phones; read at the attempt.
    PlayServicesDown,
    /// Notifications are not allowed; read at display.
    PermissionRevoked,
    /// The app is gone; read at display.
    AppRemoved,
    /// Directory changes become visible later; read at a change.
    DirectoryLag {
        /// What is added to the lag, in ms.
        delay_ms: u64,
    },
    /// Actors of the engine are hit; read at their turns, and by no fate.
    Strike(ActorFault),
}

impl FaultKind {
    /// The word in scenarios and reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Outage(_) => "outage",
            Self::Loss { .. } => "loss",
            Self::Delay(_) => "delay",
            Self::Duplicate { .. } => "duplicate",
            Self::Throttle { .. } => "throttle",
            Self::Offline => "offline",
            Self::PlayServicesDown => "play_services_down",
            Self::PermissionRevoked => "permission_revoked",
            Self::AppRemoved => "app_removed",
            Self::DirectoryLag { .. } => "directory_lag",
            Self::Strike(strike) => strike.blow.name(),
        }
    }
}

/// What a fault covers: every condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultScope {
    /// Only this platform (`ios` is not `ipados`, X28).
    pub platform: Option<Platform>,
    /// Only this cohort.
    pub cohort: Option<String>,
    /// Only devices with these labels.
    pub labels: BTreeMap<String, String>,
    /// Only platforms of this gateway.
    pub gateway: Option<GatewayName>,
    /// Only these devices, ascending.
    pub devices: Option<Vec<DeviceIx>>,
    /// Only a seeded share of the devices that meet the other conditions.
    pub pick: Option<Ratio>,
}

/// One `[[fault]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name, unique in a scenario; by hand unique among faults that are not over.
    pub name: String,
    /// Hash of the name, for its draws.
    pub key: Key,
    /// What it does.
    pub kind: FaultKind,
    /// When it begins; `after` is resolved to this.
    pub at: SimTime,
    /// How long it lasts, in ms; `None` to the end.
    pub lasts_ms: Option<u64>,
    /// How often it comes again, in ms, longer than it lasts.
    pub every_ms: Option<u64>,
    /// How long its rate grows, in ms; 0 for at once.
    pub ramp_ms: u64,
    /// What it covers.
    pub scope: FaultScope,
    /// Whether the run succeeds even if it touches nothing.
    pub may_touch_nothing: bool,
    /// Whether it was started by hand; then it is not part of the scenario.
    pub by_hand: bool,
    /// It is never in force from this moment on; [`SimTime::NEVER`] unless it was stopped by hand.
    pub stopped_at: SimTime,
}

impl Fault {
    /// The window of force that contains `now`.
    pub fn window(&self, now: SimTime) -> Option<Span> {
        let elapsed = now.0.checked_sub(self.at.0)?;
        let from = match self.every_ms {
            Some(every) => self.at + elapsed / every * every,
            None => self.at,
        };
        Some(self.window_from(from)).filter(|window| window.contains(now))
    }

    /// The window that begins at `from`.
    pub(crate) fn window_from(&self, from: SimTime) -> Span {
        let to = self.lasts_ms.map_or(SimTime::NEVER, |lasts| from + lasts);
        Span { from, to: to.min(self.stopped_at) }
    }

    /// Whether it is in force.
    pub fn in_force(&self, now: SimTime) -> bool {
        self.window(now).is_some()
    }

    /// When it begins next after `now`.
    pub(super) fn begins_after(&self, now: SimTime) -> SimTime {
        let next = match (now.0.checked_sub(self.at.0), self.every_ms) {
            (None, _) => self.at,
            (Some(_), None) => SimTime::NEVER,
            (Some(elapsed), Some(every)) => self.at + (elapsed / every + 1).saturating_mul(every),
        };
        if next < self.stopped_at { next } else { SimTime::NEVER }
    }

    /// Whether it is in force neither at `now` nor later.
    pub fn is_over(&self, now: SimTime) -> bool {
        !self.in_force(now) && self.begins_after(now) == SimTime::NEVER
    }

    /// The windows of force that begin before `end`, in order.
    pub fn windows(&self, end: SimTime) -> impl Iterator<Item = Span> + '_ {
        let mut from = Some(self.at);
        std::iter::from_fn(move || {
            let begins = from.filter(|begins| *begins < end.min(self.stopped_at))?;
            from = self.every_ms.map(|every| begins + every);
            Some(self.window_from(begins))
        })
    }

    /// Its last window that begins before `end`.
    fn last_window(&self, end: SimTime) -> Option<Span> {
        let elapsed = end.min(self.stopped_at).just_before().0.checked_sub(self.at.0)?;
        let from = self.at + self.every_ms.map_or(0, |every| elapsed / every * every);
        (from < end.min(self.stopped_at)).then(|| self.window_from(from))
    }

    /// How many windows begin before `end`.
    pub fn windows_count(&self, end: SimTime) -> u64 {
        let every_ms = self.every_ms.unwrap_or(u64::MAX);
        self.last_window(end).map_or(0, |last| last.from.since(self.at) / every_ms + 1)
    }

    /// The end of its last window that begins before `horizon`; `None` if it is in force to the end.
    pub fn ends(&self, horizon: SimTime) -> Option<SimTime> {
        self.last_window(horizon).map(|window| window.to).filter(|end| *end < SimTime::NEVER)
    }

    /// The end of its last window that ended at `end` or before (X34); `None` if none did.
    pub fn ended_by(&self, end: SimTime) -> Option<SimTime> {
        let last = self.last_window(end)?;
        if last.to <= end {
            return Some(last.to);
        }
        let before = last.from.0.checked_sub(self.every_ms?).filter(|from| *from >= self.at.0)?;
        Some(self.window_from(SimTime(before)).to)
    }

    /// `rate` at `now`, grown by its ramp, within a window.
    pub fn ramped(&self, rate: Ratio, now: SimTime) -> Ratio {
        self.window(now).map_or(Ratio::NEVER, |window| rate.ramped(now.since(window.from), self.ramp_ms))
    }

    /// The faults in force at `now`, and which gateways are wholly down: under an outage that covers all of their
    /// devices.
    pub fn standing(faults: &[Self], now: SimTime) -> (FaultSet, [bool; 2]) {
        let (mut standing, mut down) = (FaultSet::default(), [false; 2]);
        for (at, fault) in faults.iter().enumerate().filter(|(_, fault)| fault.in_force(now)) {
            standing.insert(FaultIx(at as u32));
            let scope = &fault.scope;
            let covers_all = FaultScope { gateway: None, ..scope.clone() } == FaultScope::default();
            if let (FaultKind::Outage(_), true) = (&fault.kind, covers_all) {
                for &gateway in GatewayName::VARIANTS {
                    down[gateway as usize] |= scope.gateway.is_none_or(|covered| covered == gateway);
                }
            }
        }
        (standing, down)
    }

    /// Whether it covers this device.
    pub fn covers(&self, device: DeviceIx, traits: &Traits, fleet: &Fleet, chance: &Chance) -> bool {
        let stratum = &fleet.strata()[traits.stratum.at()];
        let scope = &self.scope;
        scope.platform.is_none_or(|platform| platform == traits.platform)
            && scope.gateway.is_none_or(|gateway| traits.platform.gateway() == Some(gateway))
            && scope.cohort.as_ref().is_none_or(|cohort| *cohort == stratum.cohort)
            && scope.labels.iter().all(|(label, value)| stratum.labels.get(label) == Some(value))
            && scope.devices.as_ref().is_none_or(|devices| devices.binary_search(&device).is_ok())
            && scope.pick.is_none_or(|share| share.hits(chance.draw(Purpose::FaultPick, traits.key, self.key)))
    }
}

/// A set of faults of one scenario; serialized as two halves, each as short as its number is small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "[u64; 2]", from = "[u64; 2]")]
pub struct FaultSet(pub u128);

impl From<FaultSet> for [u64; 2] {
    fn from(FaultSet(faults): FaultSet) -> Self {
        [faults as u64, (faults >> 64) as u64]
    }
}

impl From<[u64; 2]> for FaultSet {
    fn from([low, high]: [u64; 2]) -> Self {
        Self(u128::from(high) << 64 | u128::from(low))
    }
}

impl FaultSet {
    /// A set of one fault.
    pub const fn of(fault: FaultIx) -> Self {
        Self(1 << fault.0)
    }

    /// Adds a fault.
    pub fn insert(&mut self, fault: FaultIx) {
        *self = self.union(Self::of(fault));
    }

    /// Whether it contains a fault.
    pub const fn contains(self, fault: FaultIx) -> bool {
        self.0 >> fault.0 & 1 == 1
    }

    /// The faults in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The faults in this set and not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its faults, ascending.
    pub fn iter(self) -> impl Iterator<Item = FaultIx> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let lowest = rest.trailing_zeros();
                rest &= rest - 1;
                FaultIx(lowest)
            })
        })
    }
}

#[cfg(test)]
impl Fault {
    /// A fault without ramp and scope, for tests.
    pub(crate) fn by_hand(kind: FaultKind, at: u64, lasts_ms: Option<u64>, every_ms: Option<u64>) -> Self {
        Self {
            name: "f".to_owned(),
            key: Key::of("fault", "f"),
            kind,
            at: SimTime(at),
            lasts_ms,
            every_ms,
            ramp_ms: 0,
            scope: FaultScope::default(),
            may_touch_nothing: false,
            by_hand: false,
            stopped_at: SimTime::NEVER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_gateway_is_down_under_an_outage_of_all_its_devices_and_of_nothing_less() {
        let outage =
            |at, scope| Fault { scope, ..Fault::by_hand(FaultKind::Outage(OutageMode::Hold), at, Some(10), None) };
        let of = |gateway| FaultScope { gateway, ..FaultScope::default() };
        let some = FaultScope { cohort: Some("north".to_owned()), ..of(Some(GatewayName::Apns)) };
        let faults = [
            outage(0, of(Some(GatewayName::Fcm))),
            outage(20, of(None)),
            outage(40, some),
            Fault::by_hand(FaultKind::Offline, 40, Some(20), None),
        ];
        let [mut apns, mut fcm] = [[false; 2]; 2];
        (apns[GatewayName::Apns as usize], fcm[GatewayName::Fcm as usize]) = (true, true);
        let standing = |now| {
            let (standing, down) = Fault::standing(&faults, SimTime(now));
            (standing.iter().map(|ix| ix.0).collect::<Vec<_>>(), down)
        };
        assert_eq!((standing(0), standing(15)), ((vec![0], fcm), (vec![], [false; 2])));
        assert_eq!((standing(25), standing(45)), ((vec![1], [true; 2]), (vec![2, 3], [false; 2])));
        assert!(apns != fcm);
    }

    proptest! {
        #[test]
        fn a_set_of_faults_is_a_set(
            some in prop::collection::btree_set(0_u32..128, 0..9), others in prop::collection::btree_set(0_u32..128, 0..9),
        ) {
            let of = |all: &std::collections::BTreeSet<u32>| {
                all.iter().chain(all).fold(FaultSet::default(), |mut set, ix| {
                    set.insert(FaultIx(*ix));
                    set
                })
            };
            let (one, other) = (of(&some), of(&others));
            prop_assert!(one.iter().map(|ix| ix.0).eq(some.iter().copied()));
            prop_assert!((0..128).all(|ix| one.contains(FaultIx(ix)) == some.contains(&ix)));
            prop_assert_eq!((one.union(other), one.minus(other)), (of(&(&some | &others)), of(&(&some - &others))));
            prop_assert_eq!((one.is_empty(), FaultSet::from(<[u64; 2]>::from(one))), (some.is_empty(), one));
        }

        #[test]
        fn a_stopped_fault_was_in_force_until_then_and_never_is_again(
            at in 0_u64..200,
            lasts in prop::option::of(1_u64..40),
            every in prop::option::of(41_u64..90),
            stopped_at in 0_u64..500,
        ) {
            let whole = Fault::by_hand(FaultKind::Offline, at, lasts, every.filter(|_| lasts.is_some()));
            let stopped = Fault { stopped_at: SimTime(stopped_at), ..whole.clone() };
            let windows: Vec<Span> = stopped.windows(SimTime(600)).collect();
            for now in (0..600).map(SimTime) {
                let holds = whole.in_force(now) && now.0 < stopped_at;
                prop_assert_eq!(stopped.in_force(now), holds);
                prop_assert_eq!(windows.iter().any(|window| window.contains(now)), holds);
                prop_assert_eq!(stopped.is_over(now), (now.0..1_000).all(|later| !stopped.in_force(SimTime(later))));
                let next = stopped.begins_after(now);
                prop_assert!(next == SimTime::NEVER || (next > now && stopped.in_force(next)));
                let begun: Vec<Span> = stopped.windows(now).collect();
                prop_assert_eq!(stopped.windows_count(now), begun.len() as u64);
                let last = begun.last().map(|window| window.to);
                prop_assert_eq!(stopped.ends(now), last.filter(|end| *end < SimTime::NEVER));
                prop_assert_eq!(stopped.ended_by(now), begun.iter().map(|window| window.to).filter(|end| *end <= now).max());
            }
        }
    }
}
