//! Nights: sends that reach phones at night whose presence knows no night. Warns; must not change a fate.

use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::model::caution::Caution;
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::population::fleet::Fleet;
use crate::rules::population::traits::Model;

use super::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::diagnostics::source::SourceSpan;

/// From when to when it is night, in ms after local midnight, for the warning only.
const NIGHT_MS: (i64, i64) = (23 * HOUR_MS, 6 * HOUR_MS);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Moments of a send that are looked at, evenly among all, and zones: what a person writes has fewer.
const MOMENTS_LOOKED_AT: usize = 1_000;
const ZONES_LOOKED_AT: usize = 64;
/// Devices of a send to single devices that are looked at: a mistake is in nearly all of them, or in none.
const DEVICES_LOOKED_AT: usize = 64;

/// What follows from it.
const EFFECT: &str = "as many are online as by day";
/// The presence that helps.
const REMEDY: &str = "write `presence = \"day_and_night\"` in [fleet.defaults] or in the cohort, or a presence with a `night` of its own";

/// Warns of each send that falls into the night, or begins it within an hour, of phones with the usual presence; reports
/// repeat it.
pub(crate) fn warn(sends: &[(SendPlan, SourceSpan)], fleet: &Fleet, build: &mut Build) -> Vec<Caution> {
    let usual = std::mem::take(&mut build.usual_presence);
    let is_usual = |model: &Model| usual.contains(&model.cohort);
    let mut zones: Vec<(&str, &Zone)> = Vec::new();
    for stratum in fleet.strata().iter().filter(|stratum| usual.contains(&stratum.cohort)) {
        if zones.len() < ZONES_LOOKED_AT && zones.iter().all(|(_, zone)| **zone != stratum.zone) {
            zones.push((&stratum.cohort, &stratum.zone));
        }
    }
    let mut cautions = Vec::new();
    for (send, place) in sends {
        if build.is_stopped() {
            break;
        }
        let reaches_usual = match &send.target {
            Target::Groups(_) => true,
            Target::Devices { devices, .. } => {
                let mut some = devices.iter().take(DEVICES_LOOKED_AT);
                some.any(|device: &DeviceIx| is_usual(fleet.model(fleet.model_of(*device))))
            }
        };
        let of_zone = |at: &SimTime| zones.iter().find_map(|(cohort, zone)| Some((*cohort, night_begins(zone, *at)?)));
        let step = send.times.len().div_ceil(MOMENTS_LOOKED_AT).max(1);
        let night = send.times.iter().step_by(step).find_map(of_zone);
        if let Some((cohort, local)) = night.filter(|_| reaches_usual) {
            let message = format!(
                "`{}` is sent at {local} local time of `{}`, whose phones know no night",
                shown(&send.name),
                shown(cohort)
            );
            let found = Diagnostic::new(Code::NoNight, *place, message.clone());
            build.report(found.label(EFFECT).help(REMEDY));
            let text = format!("{message}: {EFFECT}");
            cautions.push(Caution { code: Code::NoNight.code(), text, remedy: REMEDY.to_owned() });
        }
    }
    cautions
}

/// The local time of a moment, if it or the hour after it is in the night.
fn night_begins(zone: &Zone, at: SimTime) -> Option<String> {
    let local_ms = zone.offset_ms(at).saturating_add(at.ms().cast_signed()).rem_euclid(DAY_MS);
    let is_night = local_ms + HOUR_MS > NIGHT_MS.0 || local_ms < NIGHT_MS.1;
    is_night.then(|| format!("{:02}:{:02}", local_ms / HOUR_MS, local_ms % HOUR_MS / 60_000))
}
