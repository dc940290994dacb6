//! Random faults whose windows often meet: chains, unions without a gap, edges at the end of the run.

use super::draw::{Dice, GRID};
use super::model::{Fault, FaultKind, GatewayName, Ms, Platform, Rate, Scenario, Scope};

/// The faults of a scenario whose other parts are drawn.
pub(crate) fn faults(dice: &mut Dice, scenario: &Scenario) -> Vec<Fault> {
    let mut faults = Vec::new();
    // Most faults of a scenario are of one kind, so that unions are common.
    let favourite = kind(dice);
    for id in 0..dice.one(&[0, 1, 2, 4, 6, 9]) {
        let kind = if dice.rarely(2) { favourite.clone() } else { kind(dice) };
        faults.push(fault(dice, scenario, id, kind, &faults));
    }
    if dice.rarely(12)
        && let Some(odd) = faults.first().cloned()
    {
        rolling(dice, &mut faults, &odd);
    }
    faults
}

/// Two faults of a kind with one scope that leave no gap together (X33).
fn rolling(dice: &mut Dice, faults: &mut Vec<Fault>, odd: &Fault) {
    let length = dice.one(&[GRID, GRID / 2]);
    let at = odd.at / GRID * GRID;
    let id = faults.len() as u32;
    let part = |id, at| Fault { id, at, after: None, length: Some(length), every: Some(2 * length), ..odd.clone() };
    faults.extend([part(id, at), part(id + 1, at + length)]);
}

fn kind(dice: &mut Dice) -> FaultKind {
    let rate = |count, per| FaultKind::Throttle(Rate { count, per });
    match dice.below(18) {
        0..4 => FaultKind::Hold,
        4 => FaultKind::Refuse,
        5 => FaultKind::Loss { all: !dice.rarely(4) },
        6 => FaultKind::Delay(dice.one(&[0, 1, GRID / 2, GRID, 3 * GRID])),
        7 => FaultKind::Duplicate { all: !dice.rarely(4) },
        8..11 => {
            dice.one(&[rate(0, "s"), rate(36, "h"), rate(72, "h"), rate(18, "h"), rate(12, "min"), rate(9_999, "s")])
        }
        11..14 => FaultKind::Offline,
        14 => FaultKind::PlayServicesDown,
        15 => FaultKind::PermissionRevoked,
        16 => FaultKind::AppRemoved,
        _ => FaultKind::DirectoryLag(dice.one(&[0, GRID, 4 * GRID, 30 * GRID])),
    }
}

fn fault(dice: &mut Dice, scenario: &Scenario, id: u32, kind: FaultKind, before: &[Fault]) -> Fault {
    let length = (!dice.rarely(6)).then(|| dice.one(&[1, GRID / 2, GRID, GRID, 2 * GRID, 5 * GRID, 36 * GRID]));
    let every = length.filter(|_| dice.rarely(4)).map(|length| {
        let every = length + dice.one(&[1, GRID / 2, GRID, 2 * GRID, 30 * GRID]);
        // A window of a millisecond in every second would make the reference slow and prove nothing.
        every.max(GRID)
    });
    let at = match dice.below(5) {
        // Ends with the run, or begins where another one does.
        0 => scenario.duration - length.unwrap_or(GRID).min(scenario.duration),
        1 if !before.is_empty() => dice.one(before).at,
        _ => dice.moment(scenario.duration),
    };
    let end = |fault: &Fault| fault.length.filter(|_| fault.every.is_none()).map(|length| fault.at + length);
    let last = before.last().filter(|_| dice.rarely(4)).and_then(|fault| Some((fault.id, end(fault)?)));
    let chained: Option<(u32, Ms)> = last.filter(|(_, at)| *at < scenario.duration);
    Fault {
        id,
        at: chained.map_or(at, |(_, at)| at),
        after: chained.map(|(id, _)| id),
        length,
        every,
        ramp: matches!(kind, FaultKind::Loss { .. } | FaultKind::Duplicate { .. }) && dice.rarely(3),
        scope: scope(dice, scenario, &kind),
        kind,
    }
}

fn scope(dice: &mut Dice, scenario: &Scenario, kind: &FaultKind) -> Scope {
    let gateway = dice.one(&[GatewayName::Apns, GatewayName::Fcm]);
    match kind {
        FaultKind::DirectoryLag(_) => return Scope::default(),
        FaultKind::Throttle(_) => {
            return Scope { gateway: dice.rarely(2).then_some(gateway), ..Scope::default() };
        }
        _ => {}
    }
    let ids: Vec<u32> = scenario.devices.iter().map(|device| device.id).collect();
    match dice.below(10) {
        0 => Scope { platform: Some(dice.one(&Platform::ALL)), ..Scope::default() },
        1 => Scope { region: Some(dice.below(2) as u8), ..Scope::default() },
        2 => Scope { gateway: Some(gateway), ..Scope::default() },
        3 => Scope { devices: Some(vec![dice.one(&ids)]), ..Scope::default() },
        4 => Scope { pick: Some(!dice.rarely(3)), gateway: dice.rarely(2).then_some(gateway), ..Scope::default() },
        _ => Scope::default(),
    }
}
