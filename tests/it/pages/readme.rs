//! Risk: the pages for people are out of date: the sample in the README, the tests that the fidelity table names.

use std::fs;
use std::path::Path;

use crate::fixtures::program::{end_of, program};

const BEGIN: &str = "<!-- sample:begin -->\n```text\n";
const END: &str = "```\n<!-- sample:end -->";
/// The beginning of a sample's command.
const PROMPT: &str = "$ cargo run --release -- ";
/// Replaces the omitted lines at a sample's end.
const MORE: &str = "…";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A line without the parts that differ from run to run: wall-clock time, pairs a second, memory.
fn steady(line: &str) -> String {
    let part = |part: &str| match part.split_once(" of model time in ") {
        Some((model, _)) => format!("{model} of model time in *"),
        None if part.ends_with(" pairs/s") => "* pairs/s".to_owned(),
        None if part.ends_with(" of memory at most") => "* of memory at most".to_owned(),
        None => part.to_owned(),
    };
    line.trim_end().split(" · ").map(part).collect::<Vec<_>>().join(" · ")
}

#[test]
fn the_sample_is_what_the_program_prints() {
    let readme = text("README.md");
    let sample = readme.split_once(BEGIN).expect("the sample begins").1.split_once(END).expect("the sample ends").0;
    let mut lines = sample.lines();
    let command = lines.next().expect("a sample has a command");
    let arguments =
        command.strip_prefix(PROMPT).unwrap_or_else(|| panic!("a sample begins with `{PROMPT}`: {command}"));
    let said = end_of(&mut program(root(), &arguments.split(' ').collect::<Vec<_>>())).exits(0);
    let promised: Vec<&str> = lines.take_while(|line| *line != MORE).collect();
    let printed: Vec<&str> = said.out.lines().take(promised.len()).collect();
    let same = promised.iter().map(|line| steady(line)).eq(printed.iter().map(|line| steady(line)));
    assert!(promised.len() >= 10, "the sample shows something");
    assert!(
        same,
        "README.md: the sample is out of date. Remedy: let it say\n{command}\n{}\n{MORE}",
        printed.join("\n")
    );
}

#[test]
fn the_samples_volatile_parts_and_no_others_are_masked() {
    assert_eq!(
        steady("  3 h of model time in 167 ms · 200 devices · 5,600 pairs · 33,532 pairs/s"),
        "  3 h of model time in * · 200 devices · 5,600 pairs · * pairs/s"
    );
    assert_ne!(steady("shown 1"), steady("shown 2"));
}

/// The column called `test` of every row of the tables whose first column has this name, with the row's first cell.
fn named_tests(page: &str, first: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut column = None;
    for line in page.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if !line.starts_with('|') {
            column = None;
        } else if cells[0] == first {
            column = cells.iter().position(|cell| *cell == "test");
        } else if let (Some(column), false) = (column, line.starts_with("|--")) {
            let cell = cells.get(column).unwrap_or_else(|| panic!("`{line}` has no test column"));
            rows.push((cells[0].to_owned(), (*cell).to_owned()));
        }
    }
    rows
}

/// A complaint if a test that a page names does not exist: `x20_held_again.toml` or `module/file::name`.
fn missing(test: &str) -> Option<String> {
    if Path::new(test).extension().is_some_and(|ending| ending == "toml") {
        let places = ["tests/it/model/examples", "config/scenarios"];
        let is_there = places.iter().any(|place| root().join(place).join(test).is_file());
        return (!is_there).then(|| format!("`{test}` is in neither of {places:?}"));
    }
    let Some((file, name)) = test.rsplit_once("::") else {
        return Some(format!("`{test}` is neither `file::test_name` nor an example"));
    };
    let file = file.replace("::", "/");
    let is_unit = !root().join(format!("tests/it/{file}.rs")).is_file();
    let file = if is_unit { format!("src/{file}.rs") } else { format!("tests/it/{file}.rs") };
    let Ok(code) = fs::read_to_string(root().join(&file)) else { return Some(format!("`{file}` does not exist")) };
    let mut lines = code.lines();
    let is_test =
        lines.any(|line| ["#[test]", "#[tokio::test]"].contains(&line.trim()) || line.trim().starts_with("proptest!"));
    let is_there = is_test && code.contains(&format!("fn {name}("));
    (!is_there).then(|| format!("`{file}` has no test `{name}`"))
}

#[test]
fn every_test_that_the_fidelity_table_names_exists() {
    let rows = named_tests(&text("docs/fidelity.md"), "rule");
    assert!(rows.len() > 80, "the tables were found: {} rows", rows.len());
    let mut complaints = Vec::new();
    for (rule, cell) in &rows {
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        complaints.extend(tests.iter().filter_map(|test| missing(test)).map(|why| format!("{rule}: {why}")));
        // A rule that no test can prove yet gives the reason in the last column of its row.
        if tests.is_empty() && rule != "R34" {
            complaints.push(format!("{rule}: no test. Remedy: name one, or write one"));
        }
    }
    assert!(complaints.is_empty(), "docs/fidelity.md:\n{}", complaints.join("\n"));
}

#[test]
fn each_promise_of_the_http_apis_has_its_test() {
    each_row_has_its_test("docs/conformance.md", 100);
}

#[test]
fn each_promise_of_the_threat_model_has_its_test() {
    each_row_has_its_test("docs/security.md", 30);
}

#[track_caller]
fn each_row_has_its_test(page: &str, rows_min: usize) {
    let page_text = text(page);
    let rows: Vec<_> = ["what", "endpoint", "grant"].iter().flat_map(|first| named_tests(&page_text, first)).collect();
    assert!(rows.len() > rows_min, "the tables were found: {} rows", rows.len());
    let mut complaints = Vec::new();
    for (what, cell) in &rows {
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        complaints.extend(tests.iter().filter_map(|test| missing(test)).map(|why| format!("{what}: {why}")));
        if tests.is_empty() {
            complaints.push(format!("{what}: no test. Remedy: name one, or write one"));
        }
    }
    assert!(complaints.is_empty(), "{page}:\n{}", complaints.join("\n"));
}

#[test]
fn a_named_test_that_does_not_exist_is_reported() {
    assert_eq!(missing("x20_held_again.toml"), None);
    assert_eq!(missing("rules/service/quota::the_slot_is_free_when_the_oldest_is_exactly_an_hour_old_r45"), None);
    for wrong in ["x99_nothing.toml", "rules/service/quota::nothing", "nowhere::nothing", "r1_*"] {
        assert!(missing(wrong).is_some(), "{wrong}");
    }
    let page =
        "| rule | what | test | deviation |\n|---|---|---|---|\n| R1 | a | `b::c` | |\n\n| other |\n|---|\n| x |\n";
    assert_eq!(named_tests(page, "rule"), [("R1".to_owned(), "`b::c`".to_owned())]);
}
