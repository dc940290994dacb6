//! The runbook, which every metrics server publishes: an alert links to it at the address of its server. Contains text
//! only.

/// The whole runbook, as in the documentation.
const RUNBOOK: &str = include_str!("../../../docs/runbook.md");

/// The text for a path of the runbook: the whole, or the section of one alert.
pub(super) fn at(path: &str) -> Option<&'static str> {
    let alert = match path.strip_prefix("/runbook")? {
        "" | "/" => return Some(RUNBOOK),
        rest => rest.strip_prefix('/')?,
    };
    let mut sections = RUNBOOK.split_inclusive("\n## ").skip(1).map(|section| section.trim_end_matches("\n## "));
    sections.find(|section| section.lines().next() == Some(alert))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_has_its_own_section_and_nothing_else_is_there() {
        let found = at("/runbook/ReveilleEngineLagging").expect("it is there");
        assert!(found.starts_with("ReveilleEngineLagging\n") && !found.contains("\n## "), "{found}");
        assert!(at("/runbook").is_some_and(|whole| whole.contains("\n## ReveilleGeneratorLate\n")));
        for path in ["/runbooks", "/runbook/", "/runbook/Reveille", "/runbook/../secret", "/"] {
            assert_eq!(at(path).is_some(), path == "/runbook/", "{path}");
        }
    }
}
