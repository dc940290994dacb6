//! When and where this process runs: what a report for test runners says beside the record. Decides nothing.

use crate::clock::unix_ms;
use crate::report::Setting;
use crate::scenario::Origins;

/// The surroundings of what begins now; a scenario that is no file has no places.
pub(crate) fn setting(scenario: &str, origins: Origins) -> Setting {
    let origins = if scenario == "-" { Origins::default() } else { origins };
    let hostname = gethostname::gethostname().to_string_lossy().into_owned();
    Setting { started_unix_ms: Some(unix_ms()), hostname: Some(hostname), origins }
}
