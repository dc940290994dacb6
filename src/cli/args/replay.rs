//! The command that repeats a run, from the values of this command line. Must not quote anything itself.

use crate::run::{Replay, quoted};

use super::definition::ScenarioFlags;

/// The source of the scenario, and what was changed in it.
pub(crate) fn replay(scenario: &str, overrides: &ScenarioFlags) -> Replay {
    let root = overrides.include_root.as_ref().map(|root| root.display().to_string());
    Replay::new(scenario, overrides.profile.as_deref(), &overrides.all_sets()).within(root.as_deref())
}

/// What was changed in a scenario, and the seed.
pub(crate) fn flags(overrides: &ScenarioFlags, seed: u64) -> String {
    replay("", overrides).flags(&format!(" --seed {seed}"))
}

/// The command, with a varied key.
pub(crate) fn with_axis(command: &str, axis: &str) -> String {
    format!("{command} --vary {}", quoted(axis))
}

/// The command, with the same `--without` options.
pub(crate) fn with_contrasts<'n>(command: String, faults: impl Iterator<Item = &'n str>) -> String {
    faults.fold(command, |command, fault| format!("{command} --without {}", quoted(fault)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_that_changes_what_is_read_is_in_it() {
        let overrides = ScenarioFlags {
            seed: None,
            start: None,
            profile: Some("intune-2025".to_owned()),
            sets: vec!["name=x".to_owned()],
            include_root: Some("..".into()),
        };
        let command = replay("a.toml", &overrides).command("run", 656);
        assert_eq!(
            with_axis(&with_contrasts(command, ["a b"].into_iter()), "k=1..2"),
            "reveille run a.toml --seed 656 --profile intune-2025 --set name=x --include-root .. --without 'a b' --vary k=1..2"
        );
    }
}
