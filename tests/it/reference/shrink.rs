//! Makes a scenario smaller as long as a difference remains. Must not know what differs.

use super::model::{Presence, Scenario, Service, Target, Times};

/// The smallest scenario found of which `differs` is still true.
pub(crate) fn shrink(scenario: &Scenario, differs: &dyn Fn(&Scenario) -> bool) -> Scenario {
    let mut smallest = scenario.clone();
    loop {
        let candidates = smaller(&smallest).into_iter();
        let Some(found) = candidates.filter(is_whole).find(|candidate| differs(candidate)) else { return smallest };
        smallest = found;
    }
}

/// A fault that comes after another needs that one.
fn is_whole(scenario: &Scenario) -> bool {
    let has = |id: u32| scenario.faults.iter().any(|fault| fault.id == id);
    scenario.faults.iter().all(|fault| fault.after.is_none_or(has))
}

/// The scenarios with one element less, for each element.
fn smaller(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut with = |make: &dyn Fn(&mut Scenario)| {
        let mut one = scenario.clone();
        make(&mut one);
        all.push(one);
    };
    (0..scenario.faults.len()).for_each(|at| with(&|one| drop(one.faults.remove(at))));
    (0..scenario.sends.len()).for_each(|at| with(&|one| drop(one.sends.remove(at))));
    (0..scenario.changes.len()).for_each(|at| with(&|one| drop(one.changes.remove(at))));
    for device in scenario.devices.iter().filter(|device| !is_named(scenario, device.id)) {
        with(&|one| one.devices.retain(|other| other.id != device.id));
    }
    for at in 0..scenario.sends.len() {
        if let Times::Every { from, count, .. } = scenario.sends[at].times {
            with(&|one| one.sends[at].times = Times::At(from));
            if count > 2
                && let Times::Every { every, .. } = scenario.sends[at].times
            {
                with(&|one| one.sends[at].times = Times::Every { from, every, count: count / 2 });
                with(&|one| one.sends[at].times = Times::Every { from, every, count: count - 1 });
            }
        }
        if scenario.sends[at].account.is_some() {
            with(&|one| one.sends[at].account = None);
        }
    }
    for (at, fault) in scenario.faults.iter().enumerate() {
        if fault.every.is_some() {
            with(&|one| one.faults[at].every = None);
        }
        if fault.after.is_some() {
            with(&|one| one.faults[at].after = None);
        }
    }
    for (at, device) in scenario.devices.iter().enumerate() {
        if device.presence != Presence::Online {
            with(&|one| one.devices[at].presence = Presence::Online);
        }
    }
    for gateway in [&scenario.apns, &scenario.fcm] {
        if gateway.capacity.is_some() {
            with(&|one| (one.apns.capacity, one.fcm.capacity) = (None, None));
        }
    }
    if scenario.service != Service::default() {
        with(&|one| one.service = Service::default());
    }
    all
}

/// Whether a send, a change or a fault names the device.
fn is_named(scenario: &Scenario, id: u32) -> bool {
    let sends = scenario.sends.iter().any(|send| match &send.target {
        Target::Groups(_) => false,
        Target::Device(device) => *device == id,
        Target::Devices(devices) => devices.contains(&id),
    });
    let changes = scenario.changes.iter().any(|change| change.devices.contains(&id));
    let scopes = scenario.faults.iter().filter_map(|fault| fault.scope.devices.as_ref());
    let groups = scenario.groups.iter().any(|group| group.devices.contains(&id));
    sends || changes || groups || scopes.into_iter().any(|devices| devices.contains(&id))
}
