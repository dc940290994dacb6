//! A random scenario without randomness of its own, from a number: the whole grammar, on a coarse grid of time so that
//! many events share a millisecond. Must not look at a scenario's results.

use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;

use super::model::{
    ALL_USERS, Account, Change, ChangeKind, Device, Gateway, Group, Members, Ms, Platform, Presence, Rate, Scenario,
    Send, Service, Target, Times,
};

/// The grid of time, in ms.
pub(crate) const GRID: Ms = 100_000;

/// Numbers from a seed.
pub(crate) struct Dice(Stream);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..u32::try_from(n).expect("the number is small")) as usize
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// True once in `n` times.
    pub(crate) fn rarely(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Some of `all`, in their order.
    pub(crate) fn some<T: Clone>(&mut self, all: &[T]) -> Vec<T> {
        all.iter().filter(|_| self.below(2) == 0).cloned().collect()
    }

    /// A moment before the end, on the grid or a millisecond beside it.
    pub(crate) fn moment(&mut self, duration: Ms) -> Ms {
        let at = self.below(usize::try_from(duration / GRID).expect("runs are short")) as Ms * GRID;
        if self.rarely(6) { (at + self.below(3) as Ms).saturating_sub(1).min(duration - 1) } else { at }
    }
}

/// The scenario of a number.
pub(crate) fn scenario(number: u64) -> Scenario {
    let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(2)));
    let duration = dice.one(&[36 * GRID, 40 * GRID, 75 * GRID, 75 * GRID + 1, 120 * GRID]);
    let users = 1 + dice.below(4) as u32;
    let devices = devices(&mut dice, users);
    let ids: Vec<u32> = devices.iter().map(|device| device.id).collect();
    let mut groups = groups(&mut dice, users, &ids);
    let (apns, fcm) = (gateway(&mut dice), gateway(&mut dice));
    let changes = (0..dice.one(&[0, 0, 2, 4, 8])).map(|id| change(&mut dice, id, duration, users, &ids, groups.len()));
    let changes = changes.collect();
    let accounts: Vec<Account> = (0..dice.below(3)).map(|_| account(&mut dice, groups.len())).collect();
    let sends: Vec<Send> = (0..=dice.below(5) as u32)
        .map(|id| send(&mut dice, id, duration, &ids, groups.len(), accounts.len()))
        .collect();
    // If a send addresses more groups than there are, the others are small and empty.
    let wanted =
        sends.iter().map(|send| if let Target::Groups(groups) = &send.target { groups.len() } else { 0 }).max();
    let empty = Group { users: Members::Of(Vec::new()), groups: Vec::new(), devices: Vec::new() };
    groups.resize(groups.len().max(wanted.unwrap_or(0)), empty);
    let mut scenario = Scenario {
        number,
        duration,
        is_2025: dice.rarely(2),
        start_minutes: dice.one(&[0, 0, 10, 50]),
        zone_minutes: dice.one(&[0, 60, -450, 1_050 - 1_440]),
        service: service(&mut dice),
        users,
        devices,
        groups,
        accounts,
        apns,
        fcm,
        lag: dice.one(&[0, 0, GRID, 3 * GRID, 50 * GRID]),
        catch_up: dice.one(&[0, GRID, 5 * GRID, 36 * GRID]),
        changes,
        sends,
        faults: Vec::new(),
    };
    scenario.faults = super::draw_faults::faults(&mut dice, &scenario);
    scenario
}

/// Half of the scenarios keep the default service.
fn service(dice: &mut Dice) -> Service {
    if dice.rarely(2) {
        return Service::default();
    }
    Service {
        blank_text_accepted: dice.rarely(2),
        slot_for_each_group: dice.rarely(2),
        clock_hours: dice.rarely(2),
        hint_withheld: dice.rarely(2),
        group_messages_count: dice.rarely(2),
        refused_counted: dice.rarely(2),
    }
}

fn devices(dice: &mut Dice, users: u32) -> Vec<Device> {
    let mut owners: Vec<Option<u32>> = (0..users).flat_map(|user| vec![Some(user); dice.below(4)]).collect();
    if dice.rarely(4) || owners.is_empty() {
        owners.push(None);
    }
    if dice.rarely(4) {
        owners.reverse();
    }
    (0..).zip(owners).map(|(id, user)| device(dice, id, user)).collect()
}

fn device(dice: &mut Dice, id: u32, user: Option<u32>) -> Device {
    use Platform::{Android, Ios, Ipados, Macos, Windows};
    let platform = dice.one(&[Ios, Ios, Ios, Ipados, Android, Android, Android, Android, Macos, Windows]);
    let plain = dice.rarely(2);
    let mut odd = |n| !plain && dice.rarely(n);
    let [not_enrolled, by_another, outdated, denied, no_play] = [8, 10, 5, 10, 10].map(&mut odd);
    let [stopped, restricted, read, locked, foreground] = [8, 8, 3, 2, 5].map(&mut odd);
    let (company_portal, intune) = if plain { (true, false) } else { dice.one(&APPS) };
    Device {
        id,
        user,
        platform,
        region: dice.below(2) as u8,
        enrolled: !not_enrolled,
        enrolled_by_another: by_another && user.is_some(),
        enrollment: if dice.rarely(8) { dice.one(&ENROLLMENTS) } else { "personal_work_profile" },
        company_portal,
        intune,
        app_outdated: outdated,
        push_permission: !denied,
        play_services: !no_play,
        force_stopped: stopped,
        battery_restricted: restricted,
        notification_access: read,
        locked,
        foreground,
        lock_screen: dice.one(&["full", "hidden", "off"]),
        presence: presence(dice),
        attention: dice.one(&[None, None, Some(0), Some(1), Some(GRID), Some(50 * GRID)]),
    }
}

const APPS: [(bool, bool); 8] = [
    (true, false),
    (true, false),
    (true, false),
    (true, false),
    (true, false),
    (true, true),
    (false, true),
    (false, false),
];
const ENROLLMENTS: [&str; 4] = ["fully_managed", "corporate_work_profile", "dedicated", "aosp"];

fn presence(dice: &mut Dice) -> Presence {
    if !dice.rarely(4) {
        return Presence::Online;
    }
    if dice.rarely(8) {
        return Presence::Offline;
    }
    // Multiples of five minutes lie on the grid.
    let from = dice.below(288) as u64 * 5;
    let from = if dice.rarely(4) { from } else { dice.one(&[365, 380, 400, 1_400, 22 * 60 + 40, 0]) };
    let length = dice.one(&[5, 10, 20, 60, 300]);
    Presence::Night { from, to: (from + length) % 1_440, inverted: dice.rarely(5) }
}

fn groups(dice: &mut Dice, users: u32, devices: &[u32]) -> Vec<Group> {
    let all: Vec<u32> = (0..users).collect();
    let count = 1 + dice.below(4);
    let numbers: Vec<usize> = (0..count).collect();
    let group = |dice: &mut Dice| Group {
        users: if dice.rarely(4) { Members::All } else { Members::Of(dice.some(&all)) },
        // Cycles and groups in themselves are legal (R22).
        groups: if dice.rarely(2) { dice.some(&numbers) } else { Vec::new() },
        devices: if dice.rarely(5) { dice.some(devices) } else { Vec::new() },
    };
    (0..count).map(|_| group(dice)).collect()
}

fn account(dice: &mut Dice, groups: usize) -> Account {
    const PERMISSIONS: [&str; 4] =
        ["organization.read", "organization.update", "managed_devices.read", "remote_tasks.send_custom_notifications"];
    let numbers: Vec<usize> = (0..groups).chain([ALL_USERS]).collect();
    let scope = (0..=dice.below(2)).map(|_| dice.one(&numbers)).collect();
    Account {
        permissions: dice.some(&PERMISSIONS),
        role: dice.one(&[None, Some("Help Desk Operator"), Some("Tenant administrator"), Some("Tenant administrator")]),
        scope_groups: dice.rarely(2).then_some(scope),
    }
}

fn gateway(dice: &mut Dice) -> Gateway {
    let rate = |count, per| Some(Rate { count, per });
    Gateway {
        latency: dice.one(&[0, 0, 1, 2_000, GRID / 2, GRID, GRID, 2 * GRID]),
        loses_all: dice.rarely(15),
        capacity: dice.one(&[
            None,
            None,
            rate(600_000, "min"),
            rate(36, "h"),
            rate(72, "h"),
            rate(12, "min"),
            rate(1, "s"),
            rate(7, "h"),
        ]),
        stored: dice.one(&[0, 1, 1, 1, 2, 3]),
        expiry: dice.one(&[28 * 86_400_000, 28 * 86_400_000, 0, GRID, 5 * GRID, 36 * GRID]),
        retry: dice.one(&[0, 0, 1, GRID / 2, GRID]),
    }
}

fn times(dice: &mut Dice, duration: Ms) -> Times {
    let from = dice.moment(duration);
    if dice.rarely(2) {
        return Times::At(from);
    }
    let every = dice.one(&[1, 1_000, GRID / 2, GRID, GRID, 3 * GRID]);
    let most = if dice.rarely(4) { 30 } else { 5 };
    Times::Every { from, every, count: 1 + dice.below(most) as u64 }
}

fn change(dice: &mut Dice, id: u32, duration: Ms, users: u32, devices: &[u32], groups: usize) -> Change {
    use ChangeKind::{
        Enroll, GrantPermission, InstallApp, Join, Leave, OpenApp, RemoveApp, RevokePermission, Unenroll, UpdateApp,
    };
    let kind = dice.one(&[
        Join,
        Join,
        Join,
        Leave,
        Leave,
        Enroll,
        Enroll,
        Unenroll,
        InstallApp,
        RemoveApp,
        UpdateApp,
        OpenApp,
        GrantPermission,
        RevokePermission,
    ]);
    let some_users: Vec<u32> = (0..=dice.below(2)).map(|_| dice.below(users as usize) as u32).collect();
    let by_device = !matches!(kind, Join | Leave) && dice.rarely(2);
    let mut users = some_users;
    users.dedup();
    Change {
        id,
        kind,
        times: times(dice, duration),
        group: dice.below(groups),
        users,
        devices: if by_device { vec![dice.one(devices)] } else { Vec::new() },
    }
}

fn send(dice: &mut Dice, id: u32, duration: Ms, devices: &[u32], groups: usize, accounts: usize) -> Send {
    let numbers: Vec<usize> = (0..groups).chain([ALL_USERS]).collect();
    let target = match dice.below(8) {
        0 => Target::Device(dice.one(devices)),
        1 => {
            let mut some = dice.some(devices);
            some.extend(some.is_empty().then(|| devices[0]));
            Target::Devices(some)
        }
        2 if dice.rarely(4) => Target::Groups((0..24 + dice.below(3)).chain([0]).collect()),
        _ => Target::Groups((0..=dice.below(2)).map(|_| dice.one(&numbers)).collect()),
    };
    let text = |dice: &mut Dice, max: usize| match dice.below(20) {
        0 => " \u{a0}".to_owned(),
        1 => "\u{1f525}".repeat(max / 2),
        2 => "x".repeat(max + 1),
        _ => "t".to_owned(),
    };
    Send {
        id,
        times: times(dice, duration),
        target,
        account: (accounts > 0 && dice.rarely(3)).then(|| dice.below(accounts)),
        retries: dice.below(4) as u64,
        title: text(dice, 50),
        body: text(dice, 500),
        expiry: if dice.rarely(2) { Some(dice.one(&[0, 1, GRID, GRID, 5 * GRID, 36 * GRID])) } else { None },
    }
}
