//! `--baseline`: a former report, read before anything is run. Must not judge what is worse.

use crate::outcome::Baseline;
use crate::report::read_json;
use crate::rules::model::world::World;

use super::scenario_files;
use crate::cli::args::definition::Against;

/// The former report that was requested, if any.
///
/// # Errors
/// Why it cannot be compared with a run of this scenario, with its name.
pub(crate) fn baseline(against: &Against, world: &World) -> Result<Option<Baseline>, String> {
    let Some(path) = &against.baseline else { return Ok(None) };
    let unusable = |reason: String| format!("--baseline {path}: {reason}");
    let text = scenario_files::report(path).map_err(unusable)?;
    let former = read_json(&text).map_err(|error| unusable(error.to_string()))?;
    let baseline =
        Baseline::new(former, &world.baseline, against.max_regression).map_err(|error| unusable(error.to_string()))?;
    baseline.is_of(world).map_err(|error| unusable(error.to_string()))?;
    Ok(Some(baseline))
}
