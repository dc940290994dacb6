//! The tenant: judges sends, keeps the group quota and the directory, and emits the batches to devices. Must not wait:
//! the caller reserves the single-device quota at the device.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use strum::VariantArray as _;

use super::catch_up::CatchUpWindow;
use super::crowd::{Audience, Crowd, FanOut, Known, KnownCrowds, Phase};
use super::directory::{Directory, Fact};
use super::eligibility::{Standings, single_standing, standing, target_gateway};
use super::group_copies::GroupCopies;
use super::nesting::NestedGroups;
use super::start_standings::StartStandings;
use crate::rules::base::chance::Purpose;
use crate::rules::base::ids::{ChangeIx, DeviceIx, FaultIx, GroupIx, Key, MessageIx};
use crate::rules::base::limits::{EXPIRY_DEFAULT_MS, GROUPS_PER_MESSAGE_MAX};
use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{Fault, FaultKind, FaultSet};
use crate::rules::model::change::{Change, ChangeKind, PhoneChange, Subject};
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::population::traits::App;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway::Queue;
use crate::rules::service::message::{Message, MessageKind, Reason, Refusal, Stamp, check_text};
use crate::rules::service::quota::Window;
use crate::rules::service::readings::Service;

/// The tenant's state.
#[derive(Clone, Debug)]
pub struct Tenant {
    directory: Directory,
    /// By account, the groups inside which it may send, nested ones included; computed at its first send.
    scopes: Vec<OnceLock<NestedGroups>>,
    standings: Standings,
    /// Apps that changes have installed or removed; the others are as drawn.
    apps: BTreeMap<DeviceIx, App>,
    service: Service,
    group_window: Window,
    counted: GroupCopies,
    queues: [Queue; 2],
    open: Vec<CatchUpWindow>,
    known: KnownCrowds,
    next_message: u32,
    /// For each fault, the directory changes it slowed (X25).
    changes_slowed: Vec<u64>,
}

impl Tenant {
    /// The tenant of a world, at its start.
    pub fn new(world: &World) -> Self {
        Self::unless_stopped(world, &|| false)
    }

    /// The same, unless `stop` becomes true meanwhile and stays so: then the tenant lacks some devices and must not be
    /// used.
    pub fn unless_stopped(world: &World, stop: &dyn Fn() -> bool) -> Self {
        Self::starting_with(world, StartStandings::of(world, 0..world.fleet.devices(), stop))
    }

    /// The tenant of a world, with the standings of the whole fleet at its start.
    pub fn starting_with(world: &World, start: StartStandings) -> Self {
        let StartStandings { standings, enrolled } = start;
        Self {
            directory: Directory::new(&world.groups, world.fleet.users(), enrolled),
            scopes: vec![OnceLock::new(); world.accounts.len()],
            standings,
            apps: BTreeMap::new(),
            service: world.service,
            group_window: Window::default(),
            counted: GroupCopies::default(),
            queues: Default::default(),
            open: Vec::new(),
            known: KnownCrowds::default(),
            next_message: 0,
            changes_slowed: vec![0; world.faults.len()],
        }
    }

    /// The moment of the next change that becomes visible.
    pub fn next_visible(&self) -> Option<SimTime> {
        self.directory.next_visible()
    }

    /// Makes visible all changes due by `now`, moment by moment, and appends the fan-outs of catch-up (T7, X14).
    pub fn advance(&mut self, world: &World, now: SimTime, out: &mut Vec<FanOut>) {
        while let Some(at) = self.directory.next_visible().filter(|at| *at <= now) {
            self.open.retain(|open| open.until >= at);
            self.known.forget();
            let facts = self.directory.reveal(at);
            let mut touched = RoaringBitmap::new();
            for fact in facts {
                match fact {
                    Fact::Membership(_, user) => world.fleet.devices_of(user, |device| {
                        touched.insert(device.0);
                    }),
                    Fact::Enrolment(device) => {
                        self.judge_anew(world, device);
                        touched.insert(device.0);
                    }
                }
            }
            self.catch_up(world, at, &touched, out);
        }
    }

    fn catch_up(&mut self, world: &World, at: SimTime, touched: &RoaringBitmap, out: &mut Vec<FanOut>) {
        for open in &mut self.open {
            let Some(crowd) = open.catch_up(world, &self.directory, &self.standings, touched) else { continue };
            let begin = take(&mut self.queues, world, &crowd.standings, at);
            let crowd = Arc::new(crowd);
            self.counted.note(&self.service, at, &crowd);
            let audience = Audience::Many(crowd);
            out.push(FanOut { message: open.message, at, phase: Phase::Visible, audience, begin });
        }
    }

    /// Applies one step of a change at `now`, if it has a directory lag; [`Tenant::change_phone`] handles the others.
    pub fn change_directory(&mut self, world: &World, change: ChangeIx, subject: Subject, now: SimTime) {
        let change = &world.changes[change.at()];
        match (change.kind, subject) {
            (ChangeKind::Join(group), Subject::User(user)) => {
                self.change_fact(world, change, Fact::Membership(group, user), true, now);
            }
            (ChangeKind::Leave(group), Subject::User(user)) => {
                self.change_fact(world, change, Fact::Membership(group, user), false, now);
            }
            (ChangeKind::Enroll | ChangeKind::Unenroll, subject) => {
                for device in devices(world, subject) {
                    let enrolled = change.kind == ChangeKind::Enroll;
                    self.change_fact(world, change, Fact::Enrolment(device), enrolled, now);
                }
            }
            _ => {}
        }
    }

    fn change_fact(&mut self, world: &World, change: &Change, fact: Fact, holds: bool, now: SimTime) {
        let (lag_ms, slowed_by) = directory_lag(world, change, fact, now);
        slowed_by.iter().for_each(|fault| self.changes_slowed[fault.at()] += 1);
        self.known.forget();
        self.directory.change(fact, holds, now, lag_ms);
    }

    /// Applies one step of a change at `now`, if it is one of phones: the phones and their changes, in fleet order.
    pub fn change_phone(
        &mut self,
        world: &World,
        change: ChangeIx,
        subject: Subject,
        mut each: impl FnMut(DeviceIx, PhoneChange, Key),
    ) {
        let change = &world.changes[change.at()];
        let Some(kind) = PhoneChange::of(change.kind) else { return };
        for device in devices(world, subject) {
            let app = self.app(world, device);
            if let Some(changed) = kind.app_after(app).filter(|changed| *changed != app) {
                self.apps.insert(device, changed);
                self.judge_anew(world, device);
            }
            each(device, kind, change.key);
        }
    }

    fn app(&self, world: &World, device: DeviceIx) -> App {
        self.apps.get(&device).copied().unwrap_or_else(|| world.fleet.traits(device).app)
    }

    fn judge_anew(&mut self, world: &World, device: DeviceIx) {
        let (traits, app) = (world.fleet.traits(device), self.app(world, device));
        let enrolled = self.directory.visibly_enrolled(device);
        self.known.forget();
        self.standings.change(device, standing(world.profile, &traits, enrolled, app));
    }

    /// All checks before the quotas (X5).
    ///
    /// # Errors
    /// The first reason for a refusal.
    pub fn judge(&self, world: &World, send: &SendPlan, device: Option<DeviceIx>) -> Result<(), Refusal> {
        let account = &world.accounts[send.account.at()];
        let kind = if device.is_some() { MessageKind::Device } else { MessageKind::Group };
        if !account.may_send(kind, world.profile) {
            return Err(Reason::Permission.into());
        }
        if let Some(groups) = &account.scope_groups {
            let scope = self.scopes[send.account.at()].get_or_init(|| self.directory.nesting().reach(groups));
            let inside = match (device, &send.target) {
                (Some(device), _) => {
                    world.fleet.user_of(device).is_some_and(|user| self.directory.visibly_in(user, scope))
                }
                (None, Target::Groups(groups)) => groups.iter().all(|group| scope.contains(*group)),
                (None, Target::Devices { .. }) => false,
            };
            if !inside {
                return Err(Reason::Scope.into());
            }
        }
        check_text(&send.title, &send.body, &world.service)?;
        if let Target::Groups(groups) = &send.target
            && distinct(groups).len() > GROUPS_PER_MESSAGE_MAX
        {
            return Err(Reason::TooManyGroups.into());
        }
        if let Some(device) = device {
            if !self.directory.visibly_enrolled(device) {
                return Err(Reason::NotEnrolled.into());
            }
            if target_gateway(world.profile, &world.fleet.traits(device)).is_err() {
                return Err(Reason::UnsupportedTarget.into());
            }
        }
        Ok(())
    }

    /// Accepts a judged message: a group message if the tenant's quota allows it (R40), one to a single device if its
    /// slot has been reserved at the device (R43).
    ///
    /// # Errors
    /// [`Reason::GroupQuota`] with the next slot.
    pub fn admit(
        &mut self,
        world: &World,
        stamp: Stamp,
        device: Option<DeviceIx>,
        target: &Target,
        now: SimTime,
    ) -> Result<FanOut, Refusal> {
        match (device, target) {
            (Some(device), _) => Ok(self.admit_device(world, stamp, device, now)),
            (None, Target::Groups(groups)) => self.admit_group(world, stamp, groups, now),
            (None, Target::Devices { .. }) => unreachable!("an attempt at devices names one"),
        }
    }

    fn admit_group(
        &mut self,
        world: &World,
        stamp: Stamp,
        groups: &[GroupIx],
        now: SimTime,
    ) -> Result<FanOut, Refusal> {
        self.group_window
            .reserve(self.service.quota_of_tenant(), self.service.slots(groups), now, &[])
            .map_err(|next| self.service.refusal(Reason::GroupQuota, next))?;
        let groups = distinct(groups);
        let (directory, all) = (&self.directory, &self.standings);
        let Known { reach, audience, crowd } = self.known.of(&groups, directory.nesting(), |reach| {
            let users = directory.visible_users(reach);
            let gone = &users - directory.true_users(reach);
            let audience = world.fleet.devices_of_all(&users);
            let crowd = Crowd {
                standings: all.within(&audience),
                stale_members: world.fleet.devices_of_all(&gone),
                stale_devices: directory.stale_devices() & &audience,
                ..Crowd::default()
            };
            (audience, crowd)
        });
        let begin = take(&mut self.queues, world, &crowd.standings, now);
        self.counted.note(&self.service, now, &crowd);
        let until = now + world.catch_up_ms;
        let message = self.message(world, stamp, MessageKind::Group, now, Some(until));
        self.open.retain(|open| open.until >= now);
        if world.catch_up_ms > 0 {
            self.open.push(CatchUpWindow::new(message, reach, until, audience, &crowd));
        }
        Ok(FanOut { message, at: now, phase: Phase::Send, audience: Audience::Many(crowd), begin })
    }

    fn admit_device(&mut self, world: &World, stamp: Stamp, device: DeviceIx, now: SimTime) -> FanOut {
        let traits = world.fleet.traits(device);
        let standing = single_standing(world.profile, &traits, self.app(world, device));
        let mut begin = [0; 2];
        if let Ok(gateway) = standing {
            begin[gateway as usize] = self.queues[gateway as usize].take(&world.gateway(gateway).rates, 1, now);
        }
        let class = if self.directory.is_stale(device) { AudienceClass::StaleDevice } else { AudienceClass::Member };
        let message = self.message(world, stamp, MessageKind::Device, now, None);
        FanOut { message, at: now, phase: Phase::Send, audience: Audience::One { device, standing, class }, begin }
    }

    fn message(
        &mut self,
        world: &World,
        Stamp { send, occurrence, key }: Stamp,
        kind: MessageKind,
        accepted_at: SimTime,
        catch_up_until: Option<SimTime>,
    ) -> Message {
        let ix = MessageIx(self.next_message);
        self.next_message += 1;
        let expiry_ms = std::array::from_fn(|at| {
            let name = GatewayName::VARIANTS[at];
            world.sends[send.at()].expiry_ms.or(world.gateway(name).expiry_ms).unwrap_or(EXPIRY_DEFAULT_MS)
        });
        Message { ix, send, occurrence, key, kind, accepted_at, expiry_ms, catch_up_until }
    }

    /// Group messages left at `now`, and the moment of the next free slot.
    pub fn group_quota(&self, now: SimTime) -> (usize, SimTime) {
        let quota = self.service.quota_of_tenant();
        (self.group_window.remaining(quota, now), self.group_window.next_slot(quota, now))
    }

    /// The times of group copies for a device that count toward its quota at `now`, ascending; none unless the scenario
    /// counts them (R44).
    pub fn counted_for(&self, device: DeviceIx, now: SimTime) -> Vec<SimTime> {
        self.counted.before(device, now)
    }

    /// The directory, actual and visible.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// For each fault, how many directory changes it slowed.
    pub fn changes_slowed(&self) -> &[u64] {
        &self.changes_slowed
    }
}

/// The lag of a fact that changes at `now`, in ms, and the faults that lengthen it (X11).
pub fn directory_lag(world: &World, change: &Change, fact: Fact, now: SimTime) -> (u64, FaultSet) {
    let key = match fact {
        Fact::Membership(_, user) => world.fleet.user_key(user),
        Fact::Enrolment(device) => world.fleet.device_key(device),
    };
    let mut lag_ms = world.directory_lag.at(world.chance.draw(Purpose::DirectoryLag, key, change.key));
    let mut slowed_by = FaultSet::default();
    for (at, fault) in world.faults.iter().enumerate() {
        if let Fault { kind: FaultKind::DirectoryLag { delay_ms }, .. } = fault
            && fault.in_force(now)
            && *delay_ms > 0
        {
            lag_ms += delay_ms;
            slowed_by.insert(FaultIx(at as u32));
        }
    }
    (lag_ms, slowed_by)
}

fn take(queues: &mut [Queue; 2], world: &World, standings: &Standings, now: SimTime) -> [u128; 2] {
    std::array::from_fn(|at| {
        let copies = standings.carried[at].len();
        if copies == 0 { 0 } else { queues[at].take(&world.gateway(GatewayName::VARIANTS[at]).rates, copies, now) }
    })
}

fn distinct(groups: &[GroupIx]) -> Vec<GroupIx> {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn devices(world: &World, subject: Subject) -> Vec<DeviceIx> {
    match subject {
        Subject::Device(device) => vec![device],
        Subject::User(user) => {
            let mut devices = Vec::new();
            world.fleet.devices_of(user, |device| devices.push(device));
            devices
        }
    }
}
