//! What a scenario would do: its timeline, and its pairs by the groups at the start. Must not run anything.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::rules::base::ids::{GroupIx, SendIx};
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::faults::fault::Fault;
use crate::rules::model::change::{Change, ChangeKind};
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;
use crate::rules::sending::directory::Directory;

use crate::outcome::words::{count, millis};

/// Lines of a timeline that lists every occurrence; a longer one has a line for each send, change or fault.
pub const OCCURRENCES_LISTED_MAX: usize = 200;

/// The kind of a line of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PlanKind {
    /// A fault begins.
    Fault,
    /// A change of directory or phones.
    Change,
    /// A send.
    Send,
}

impl PlanKind {
    /// The name in text output.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// When it happens first, in ms since the scenario's start.
    pub at_ms: u64,
    /// The same in local time, of a send its own: `Tue 21:30`.
    pub local: String,
    /// When a fault ends, or when the last occurrence happens; null if it happens once, or does not end.
    pub until_ms: Option<u64>,
    /// What happens.
    pub what: PlanKind,
    /// Its name.
    pub name: String,
    /// How often it happens from here on.
    pub times: u64,
    /// Its pairs, with groups as they are at the start; null for anything but a send.
    pub pairs: Option<u64>,
    /// Details, as text.
    pub detail: String,
}

/// The resolved timeline of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The scenario's name.
    pub scenario: String,
    /// Model time that is run, in ms.
    pub model_duration_ms: u64,
    /// Users of the fleet.
    pub users: u64,
    /// Devices of the fleet.
    pub devices: u64,
    /// Messages of all sends, retries aside.
    pub messages: u64,
    /// Pairs, if nothing is refused and groups stay as they are at the start.
    pub pairs: u64,
    /// The lines, in order of time.
    pub timeline: Vec<PlanLine>,
}

impl Plan {
    /// The plan of a world; `None` if it is cancelled meanwhile.
    pub fn new(world: &World, stop: &CancellationToken) -> Option<Self> {
        let mut audiences = Audiences::new(world);
        let mut sends = Vec::with_capacity(world.sends.len());
        for send in &world.sends {
            if stop.is_cancelled() {
                return None;
            }
            sends.push((send, SendSize::of(world, &mut audiences, send)));
        }
        let occurrences: usize = world.sends.iter().map(|send| send.times.len()).sum();
        let whole = occurrences <= OCCURRENCES_LISTED_MAX;
        let mut timeline: Vec<PlanLine> = world.faults.iter().map(|fault| fault_line(world, fault)).collect();
        timeline.extend(world.changes.iter().filter_map(|change| change_line(world, change)));
        timeline.extend((0..).zip(&sends).flat_map(|(at, sent)| send_lines(world.zone_of(SendIx(at)), sent, whole)));
        timeline.sort_by_key(|line| (line.at_ms, line.what));
        let total =
            |of: fn(&SendSize) -> u64| sends.iter().map(|(send, size)| of(size) * send.times.len() as u64).sum();
        Some(Self {
            scenario: world.name.clone(),
            model_duration_ms: world.horizon.ms(),
            users: u64::from(world.fleet.users()),
            devices: u64::from(world.fleet.devices()),
            messages: total(|size| size.messages),
            pairs: total(|size| size.pairs),
            timeline,
        })
    }
}

/// Pairs by the groups of a target, each list of groups resolved once.
struct Audiences<'w> {
    world: &'w World,
    directory: Directory,
    pairs: BTreeMap<&'w [GroupIx], u64>,
}

impl<'w> Audiences<'w> {
    fn new(world: &'w World) -> Self {
        let directory = Directory::new(&world.groups, world.fleet.users(), roaring::RoaringBitmap::new());
        Self { world, directory, pairs: BTreeMap::new() }
    }

    fn pairs(&mut self, groups: &'w [GroupIx]) -> u64 {
        let Self { world, directory, pairs } = self;
        *pairs.entry(groups).or_insert_with(|| {
            let users = directory.visible_users(&directory.nesting().reach(groups));
            world.fleet.devices_of_all(&users).len()
        })
    }
}

/// The messages and pairs of one occurrence of a send.
struct SendSize {
    messages: u64,
    pairs: u64,
    recipients: String,
}

impl SendSize {
    fn of<'w>(world: &'w World, audiences: &mut Audiences<'w>, send: &'w SendPlan) -> Self {
        match &send.target {
            Target::Devices { devices, .. } => {
                let number = devices.len() as u64;
                let recipients = match devices.as_slice() {
                    [one] => format!("to {}", world.fleet.device_name(*one)),
                    _ => format!("to {} devices, each by itself", count(number)),
                };
                Self { messages: number, pairs: number, recipients }
            }
            Target::Groups(groups) => {
                let pairs = audiences.pairs(groups);
                let names: Vec<&str> = groups.iter().map(|group| world.groups[group.at()].name.as_str()).collect();
                Self { messages: 1, pairs, recipients: format!("to {}", names.join(", ")) }
            }
        }
    }
}

fn send_lines(zone: &Zone, (send, size): &(&SendPlan, SendSize), whole: bool) -> Vec<PlanLine> {
    let line = |times: &[SimTime]| PlanLine {
        at_ms: times[0].ms(),
        local: zone.clock_at(times[0]),
        until_ms: times.last().filter(|_| times.len() > 1).map(|last| last.ms()),
        what: PlanKind::Send,
        name: send.name.clone(),
        times: times.len() as u64,
        pairs: Some(size.pairs * times.len() as u64),
        detail: size.recipients.clone(),
    };
    match (send.times.as_slice(), whole) {
        ([], _) => Vec::new(),
        (times, true) => times.chunks(1).map(line).collect(),
        (times, false) => vec![line(times)],
    }
}

fn fault_line(world: &World, fault: &Fault) -> PlanLine {
    let windows = fault.windows_count(world.horizon);
    #[expect(clippy::cast_precision_loss, reason = "text only")]
    let every = fault.every_ms.map_or(String::new(), |every| format!(", every {}", millis(every as f64)));
    PlanLine {
        at_ms: fault.at.ms(),
        local: world.zone.clock_at(fault.at),
        until_ms: fault.ends(world.horizon).map(SimTime::ms),
        what: PlanKind::Fault,
        name: fault.name.clone(),
        times: windows,
        pairs: None,
        detail: format!("{}{every}", fault.kind.name()),
    }
}

fn change_line(world: &World, change: &Change) -> Option<PlanLine> {
    let group = |group: GroupIx| world.groups[group.at()].name.as_str();
    let what = match change.kind {
        ChangeKind::Join(into) => format!("join {}", group(into)),
        ChangeKind::Leave(from) => format!("leave {}", group(from)),
        ChangeKind::Enroll => "enroll".to_owned(),
        ChangeKind::Unenroll => "unenroll".to_owned(),
        ChangeKind::InstallApp => "install_app".to_owned(),
        ChangeKind::RemoveApp => "remove_app".to_owned(),
        ChangeKind::UpdateApp => "update_app".to_owned(),
        ChangeKind::OpenApp => "open_app".to_owned(),
        ChangeKind::GrantPermission => "grant_permission".to_owned(),
        ChangeKind::RevokePermission => "revoke_permission".to_owned(),
    };
    let (first, last) = (change.steps.first()?.0, change.steps.last()?.0);
    Some(PlanLine {
        at_ms: first.ms(),
        local: world.zone.clock_at(first),
        until_ms: (last > first).then(|| last.ms()),
        what: PlanKind::Change,
        name: change.name.clone(),
        times: change.steps.len() as u64,
        pairs: None,
        detail: what,
    })
}
