//! The cost of faults: the forecast of a world beside forecasts of the same world without them. Must not print or
//! decide a fate.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use tokio_util::sync::CancellationToken;

use crate::forecast::{Contrast, ContrastSide, ForecastError, ForecastProgress, SweepOptions, contrast};
use crate::rules::base::ids::FaultIx;
use crate::rules::model::world::World;
use crate::scenario::{listed, nearest, shown};

use super::forecast::ForecastOptions;
use crate::outcome::ContrastLine;
use crate::outcome::record::distribution::Distribution;
use crate::outcome::record::messages::short;

/// The cost of each set of faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contrasts {
    /// One line for each fault alone, then one for all together if there are several.
    pub lines: Vec<ContrastLine>,
    /// Whether it was stopped: the last line is of some devices only, or lines are missing.
    pub interrupted: bool,
}

/// A fault name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault {
    /// The requested name.
    pub name: String,
    /// The existing faults.
    pub known: Vec<String>,
}

/// Faults that an error lists; beyond that it gives the number of the rest.
const FAULTS_LISTED_MAX: usize = 12;

impl fmt::Display for UnknownFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "no fault of this scenario is called `{}`: ", shown(&self.name))?;
        let known = || self.known.iter().map(String::as_str);
        match (nearest(&self.name, known()), self.known.len()) {
            (Some(near), _) => write!(out, "did you mean `{near}`?"),
            (None, 0) => write!(out, "it has no faults"),
            (None, 1..=FAULTS_LISTED_MAX) => write!(out, "use {}", listed(known())),
            (None, faults) => {
                write!(out, "use one of its {faults}, such as {}", listed(known().take(FAULTS_LISTED_MAX)))
            }
        }
    }
}

impl std::error::Error for UnknownFault {}

/// The faults with these names, each once, in the order of first mention.
///
/// # Errors
/// [`UnknownFault`] for the first unknown name.
pub fn named_faults(world: &World, names: &[String]) -> Result<Vec<FaultIx>, UnknownFault> {
    let mut found = Vec::new();
    for name in names {
        let at = world.faults.iter().position(|fault| fault.name == *name).ok_or_else(|| UnknownFault {
            name: name.clone(),
            known: world.faults.iter().map(|fault| fault.name.clone()).collect(),
        })?;
        let fault = FaultIx(u32::try_from(at).expect("faults are limited"));
        if !found.contains(&fault) {
            found.push(fault);
        }
    }
    Ok(found)
}

/// Forecasts `world` and, for each of `faults` and for all of them together, the same world without; a part of it if
/// `stop` becomes true meanwhile.
///
/// # Errors
/// [`ForecastError`] if it cannot start; an interruption is no error.
pub fn contrasts(
    world: &World,
    faults: &[FaultIx],
    options: ForecastOptions,
    progress: &ForecastProgress,
    stop: &CancellationToken,
) -> Result<Contrasts, ForecastError> {
    let ForecastOptions { threads, devices_at_once, history, .. } = options;
    let devices = 0..world.fleet.devices();
    let options = SweepOptions { threads, devices: devices.clone(), devices_at_once, keep_fates: true, outlet: None };
    let plan = super::forecast::plan(world, (threads, history), progress, stop)?;
    let mut found = Contrasts::default();
    for gone in rows(faults) {
        let control = world.without(gone);
        let control_plan = super::forecast::plan(&control, (threads, history), progress, stop)?;
        // Plans that end at different moments cannot be compared.
        if plan.until.min(control_plan.until) < world.horizon {
            return Ok(Contrasts { interrupted: true, ..found });
        }
        progress.pairs.fetch_add(plan.pairs(&devices) + control_plan.pairs(&devices), Relaxed);
        let (with, without) =
            (ContrastSide { world, plan: &plan }, ContrastSide { world: &control, plan: &control_plan });
        let contrast = contrast(with, without, &options, progress, stop)?;
        found.lines.push(line(world, gone, &contrast));
        if !contrast.complete {
            return Ok(Contrasts { interrupted: true, ..found });
        }
    }
    Ok(found)
}

/// Each fault alone, then all together.
fn rows(faults: &[FaultIx]) -> impl Iterator<Item = &[FaultIx]> {
    faults.chunks(1).chain((faults.len() > 1).then_some(faults))
}

fn line(world: &World, gone: &[FaultIx], found: &Contrast) -> ContrastLine {
    let mut delays = Distribution::default();
    delays.add(&found.delay_ms, found.delay_ms_max);
    ContrastLine {
        faults: gone.iter().map(|fault| world.faults[fault.at()].name.clone()).collect(),
        shown_later: found.shown_later,
        delay_ms: short(&delays),
        never_shown: found.never_shown,
        shown_earlier: found.shown_earlier,
        shown_only_with: found.shown_only_with,
        unchanged: found.unchanged,
        only_with: found.only_with,
        only_without: found.only_without,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_a_row_and_several_have_one_together() {
        let all = [FaultIx(3), FaultIx(0)];
        assert_eq!(rows(&all).collect::<Vec<_>>(), [&all[..1], &all[1..], &all[..]]);
        assert_eq!(rows(&all[..1]).collect::<Vec<_>>(), [&all[..1]]);
    }

    #[test]
    fn an_unknown_name_gets_the_existing_ones() {
        let unknown = |name: &str, known: &[&str]| UnknownFault {
            name: name.to_owned(),
            known: known.iter().map(ToString::to_string).collect(),
        };
        let said = |name, known: &[&str]| unknown(name, known).to_string();
        assert!(said("fcm-nroth", &["fcm-north", "masts"]).ends_with("did you mean `fcm-north`?"));
        assert!(said("quake", &["fcm-north", "masts"]).ends_with("use `fcm-north` or `masts`"));
        assert!(said("quake", &[]).ends_with("it has no faults"));
        assert!(said("quake", &["zzzzzzzz"; 128]).contains("use one of its 128, such as `zzzzzzzz`"));
    }
}
