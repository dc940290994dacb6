//! The shipped scenarios and exports, embedded in the program: `example:NAME` is one of them. Must not open a file.

macro_rules! shipped {
    ($folder:literal $ending:literal: $($name:literal)*) => {
        &[$((
            concat!($folder, "/", $name, $ending),
            include_str!(concat!("../../config/", $folder, "/", $name, $ending)),
        ),)*]
    };
}

/// Path below `config/`, and text.
pub type ShippedFile = (&'static str, &'static str);
type Files = &'static [ShippedFile];

const SCENARIOS: Files = shipped!("scenarios" ".toml":
    "app-removed"
    "bad-weather"
    "closure"
    "crashes"
    "delay"
    "directory-lag"
    "duplicate"
    "everything"
    "exported-tenant"
    "flood"
    "full-quota-day"
    "help-desk-loop"
    "imported"
    "joiners"
    "loss"
    "loss-bursts"
    "million"
    "night-broadcast"
    "offline"
    "outage-hold"
    "outage-refuse"
    "permission-revoked"
    "play-services-down"
    "stalls"
    "sure"
    "three-offices"
    "throttle"
    "two-teams"
);

const EXPORTS: &[Files] =
    &[shipped!("exports" ".json": "graph" "groups"), shipped!("exports" ".csv": "members" "portal" "users")];

/// The prefix of paths of shipped files.
pub const PREFIX: &str = "example:";

/// The names of the shipped scenarios, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(path, _)| stem(path))
}

fn stem(path: &'static str) -> &'static str {
    path.trim_start_matches("scenarios/").trim_end_matches(".toml")
}

/// A shipped scenario, named by its path so that its includes and exports are found beside it.
///
/// # Errors
/// The existing names, if there is none with this name.
pub fn scenario(name: &str) -> Result<super::Source, String> {
    let found = SCENARIOS.iter().find(|(path, _)| stem(path) == name);
    found.map(|(path, text)| super::Source::new(format!("{PREFIX}{path}"), *text)).ok_or_else(|| {
        let near = super::nearest(name, names()).map(|near| format!("did you mean `{PREFIX}{near}`? "));
        let all: Vec<&str> = names().collect();
        format!(
            "no example is called `{}`: {}there are {}",
            super::shown(name),
            near.unwrap_or_default(),
            all.join(", ")
        )
    })
}

/// A shipped scenario as a file of its own, and the exports that it names: each with its path beside the scenario.
///
/// # Errors
/// Those of [`scenario`].
pub fn copy(name: &str) -> Result<(String, Vec<ShippedFile>), String> {
    let text = scenario(name)?.text;
    let named = |(path, _): &&(&str, &str)| text.contains(&format!("\"../{path}\""));
    let exports = EXPORTS.iter().flat_map(|files| files.iter()).filter(named).copied().collect();
    Ok((text.replace("\"../exports/", "\"exports/"), exports))
}

/// The contents of a file that a shipped scenario names, by a path that begins with [`PREFIX`]; `None` for any other
/// path.
///
/// # Errors
/// If there is no such shipped file.
pub fn beside(path: &str) -> Option<Result<Vec<u8>, String>> {
    let path = super::text::include::normal(path.strip_prefix(PREFIX)?);
    let all = EXPORTS.iter().chain([&SCENARIOS]).flat_map(|files| files.iter());
    let found = all.copied().find(|(known, _)| *known == path);
    Some(found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "nothing is shipped there".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, load};

    #[test]
    fn every_example_loads_from_inside_the_program() {
        assert!(names().is_sorted());
        for name in ["imported", "two-teams"] {
            let source = scenario(name).expect("it is shipped");
            let mut read = |path: &str| beside(path).expect("it is beside a shipped file");
            let loaded = load(&source, &mut read, &Overrides::default()).unwrap_or_else(|all| panic!("{all}"));
            assert_eq!(loaded.world.name, name);
        }
        let why = scenario("two-teem").expect_err("no such example");
        assert!(why.contains("did you mean `example:two-teams`?") && why.contains("bad-weather, closure"), "{why}");
        assert_eq!(beside("config/x.toml"), None);
        assert!(beside("example:scenarios/../exports/none.csv").is_some_and(|read| read.is_err()));
    }
}
