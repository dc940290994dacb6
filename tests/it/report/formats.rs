//! Risk: a report cannot be read by the program that its format is for, or an old report is lost while half of a new
//! one is written.

use roxmltree::Document;

use crate::fixtures::program::Folder;

/// A name with characters that are special in every format, an expectation that fails, and a fault that touches
/// nothing.
const ODD: &str = r#"
schema = 1
name = "a|b <i>&amp; `c`"
seed = 7
duration = "1h"
[fleet]
users = 40
[[send]]
name = "x]]>\"|<b>"
at = "10m"
to = { groups = ["All users"] }
title = "Canteen closed"
body = "Use the other one."
[[fault]]
name = "idle <script>"
kind = "outage"
mode = "hold"
at = "30m"
for = "5m"
[[expect]]
name = "too | much"
metric = "reach"
within = "1h"
check = "== 1"
[[expect]]
name = "some"
metric = "reach"
within = "1h"
check = "> 0"
"#;

fn names(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_format_is_written_whole_by_run_forecast_and_merge() {
    for (verb, arguments, others) in [
        ("run", &["run", "odd.toml"][..], &["out.ndjson"][..]),
        ("forecast", &["forecast", "odd.toml"], &["out.ndjson", "out.rvl"]),
        ("merge", &["merge", "part.rvl"], &["out.rvl"]),
    ] {
        let folder = Folder::new(&format!("formats-{verb}"));
        folder.write("odd.toml", ODD);
        folder.write("out.xml", "an old one");
        folder.run(&["forecast", "odd.toml", "--shard", "1/1", "--report", "part.rvl"]).exits(0);
        let mut files = vec!["out.json", "out.md", "out.xml"];
        files.extend(others);
        let reports = files.iter().flat_map(|file| ["--report", file]);
        let said = folder.run(&arguments.iter().copied().chain(reports).collect::<Vec<_>>()).exits(99);
        assert!(said.out.starts_with("FAILED"), "{}", said.out);
        files.extend(["odd.toml", "part.rvl"]);
        files.sort_unstable();
        assert_eq!(names(&folder), files, "nothing is left beside them");

        let json = folder.json("out.json");
        let (xml, page) = (folder.read("out.xml"), folder.read("out.md"));
        let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{error} in:\n{xml}"));
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
        let (expectations, faults) = (json["expectations"].as_array(), json["faults"].as_array());
        assert_eq!(cases, expectations.map_or(0, Vec::len) + faults.map_or(0, Vec::len));
        let root = document.root_element();
        assert_eq!([root.attribute("tests"), root.attribute("failures")], [Some("3"), Some("2")], "{xml}");
        let replay = json["replay"].as_str().expect("a command");
        let text = document.descendants().find(|node| node.has_tag_name("failure")).and_then(|node| node.text());
        assert!(text.is_some_and(|text| text.contains(replay)), "{xml}");

        assert!(page.starts_with("## FAILED: a&#124;b "), "{page}");
        assert!(page.contains(replay) && !page.contains("<script>"), "{page}");
        let title =
            |heading: &str| page.find(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("{heading}\n{page}"));
        let places =
            ["Reach", "Why not", "Messages", "Audience", "What each fault cost", "Assumptions", "Replay"].map(title);
        assert!(places.is_sorted(), "{page}");
    }
}

#[test]
fn an_unknown_ending_is_refused_with_the_known_ones() {
    let folder = Folder::new("formats-unknown");
    folder.write("odd.toml", ODD);
    for (arguments, file) in
        [(&["run", "odd.toml"][..], "out.doc"), (&["forecast", "odd.toml"], "out"), (&["merge", "part.rvl"], "out.htm")]
    {
        let said = folder.run(&[arguments, &["--report", "good.xml", "--report", file]].concat()).exits(2);
        let words = format!(
            "`{file}` does not end in a known form: use a file that ends in .json, .html, .md, .xml, .om, .ndjson, .rvl"
        );
        assert!(said.err.contains(&words), "{}", said.err);
        assert_eq!(names(&folder), ["odd.toml"], "nothing was begun");
    }
}
