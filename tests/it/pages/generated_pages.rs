//! Risk: a page of `docs/` that is generated from the code is out of date.

use std::fs;
use std::path::Path;

/// If set, pages that are out of date are written.
const WRITE: &str = "REVEILLE_WRITE_PAGES";

/// Panics if a page differs from the generated text.
#[track_caller]
pub(crate) fn assert_current(path: &str, made: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os(WRITE).is_some() {
        fs::write(&full, made).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let page = fs::read_to_string(&full).unwrap_or_default();
    let differs = page.lines().zip(made.lines()).position(|(page, made)| page != made);
    let line = differs.unwrap_or_else(|| page.lines().count().min(made.lines().count())) + 1;
    assert!(
        page == made,
        "{path}:{line}: the page is out of date. Remedy: {WRITE}=1 cargo test --test it pages diagnostics, and look at what changed."
    );
}

#[test]
fn the_reference_of_graphs_properties_is_current() {
    assert_current("docs/graph-properties.md", &reveille::server::graph::reference());
}

#[test]
fn the_reference_of_scenarios_is_current() {
    assert_current("docs/scenario.md", &reveille::scenario::reference());
}
