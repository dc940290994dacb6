//! The time and environment of this process, for reports to test runners. Must not decide anything.

use crate::clock::unix_ms;
use crate::report::Setting;
use crate::scenario::Origins;

/// The setting of a run that begins now; a scenario that is not a file has no positions.
pub(crate) fn setting(scenario: &str, origins: Origins) -> Setting {
    let origins = if scenario == "-" { Origins::default() } else { origins };
    let hostname = gethostname::gethostname().to_string_lossy().into_owned();
    Setting { started_unix_ms: Some(unix_ms()), hostname: Some(hostname), origins }
}
