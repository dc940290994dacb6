//! The architecture as tests: a complaint names the file, the line and the remedy. Must not check taste.

mod bans;
mod modules;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::Source;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project under `folder`, relative to the root, sorted; without build output and git's files.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project can be read") {
            let path = entry.expect("an entry of a folder can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("names of files are UTF-8").to_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | ".git") {
                open.push(path);
            } else if path.is_file() && name != ".git" {
                found.push(path.strip_prefix(root()).expect("it lies under the root").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Every text file of the project, by its path relative to the root.
fn texts() -> Vec<(String, String)> {
    files(root())
        .into_iter()
        .filter_map(|path| Some((path.to_str()?.replace('\\', "/"), fs::read_to_string(root().join(&path)).ok()?)))
        .collect()
}

fn sources() -> Vec<Source> {
    let rust = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "rs");
    let sources: Vec<Source> =
        texts().iter().filter(|(path, _)| rust(path)).map(|(path, text)| Source::new(path, text)).collect();
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the sources were found");
    sources
}

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}\n", complaints.len(), complaints.join("\n"));
}

#[test]
fn a_module_imports_lower_ones_only() {
    report(&sources().iter().flat_map(modules::imports).collect::<Vec<_>>());
}

#[test]
fn no_circle_of_files_crosses_sub_modules() {
    report(&modules::circles(&sources()));
}

#[test]
fn every_row_of_the_table_of_modules_exists() {
    report(&modules::table(&sources()));
}

#[test]
fn crates_files_clocks_and_printing_stay_in_their_modules() {
    report(&sources().iter().flat_map(bans::belongings).collect::<Vec<_>>());
}

#[test]
fn rules_are_pure() {
    report(&sources().iter().flat_map(bans::pure_rules).collect::<Vec<_>>());
}

#[test]
fn every_file_follows_the_style_rules() {
    report(&sources().iter().flat_map(bans::manners).collect::<Vec<_>>());
}

#[test]
fn a_public_type_has_a_name_of_its_own() {
    report(&modules::names(&sources()));
}

#[test]
fn a_file_of_the_source_that_a_page_names_exists() {
    let src = root().join("src");
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.starts_with("docs/") || path.starts_with(".github/")) {
        for (at, line) in text.lines().enumerate() {
            for named in line.split('`').skip(1).step_by(2) {
                let inside = named.strip_prefix("src/").unwrap_or(named);
                let is_path =
                    inside.contains('/') && inside.bytes().all(|b| b.is_ascii_lowercase() || b"_/.".contains(&b));
                let module = inside.split('/').next().unwrap_or("");
                if !is_path || !modules::LEVELS.iter().any(|(row, _)| row.split('/').next() == Some(module)) {
                    continue;
                }
                let stem = inside.trim_end_matches('/').trim_end_matches(".rs");
                if !src.join(stem).exists() && !src.join(format!("{stem}.rs")).exists() {
                    found.push(format!(
                        "{path}:{}: `{named}` is no file of src. Remedy: name the one it became.",
                        at + 1
                    ));
                }
            }
        }
    }
    report(&found);
}

#[test]
fn prose_names_the_subject() {
    // Words for code and clients that have no name; a few are left for people, and in what people have written.
    let words = [concat!("no", "body"), concat!("some", "body"), concat!("who", "ever"), concat!("who", "m")];
    let mut found = Vec::new();
    for (path, text) in texts() {
        let ending = Path::new(&path).extension().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("rs" | "md")) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let here = format!("{path}:{}", at + 1);
            let lower = line.to_lowercase();
            let is_word = |word: &&str| words.contains(word);
            found.extend(
                lower.split(|c: char| !c.is_alphanumeric()).filter(is_word).map(|word| format!("{here}: {word}")),
            );
            assert!(!line.contains(concat!("See the ", "file")), "{here}. Remedy: say what it is.");
        }
    }
    assert!(found.len() < 15, "{} words. Remedy: name the subject.\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_actor_has_its_rules() {
    report(&modules::mirrors(&sources()));
}

#[test]
fn the_readme_is_under_150_lines() {
    let lines = fs::read_to_string(root().join("README.md")).expect("there is a README.md").lines().count();
    assert!(lines < 150, "README.md has {lines} lines. Remedy: move what is not the first visit into docs/.");
}

#[test]
fn the_module_table_in_the_docs_is_the_checked_one() {
    let map = fs::read_to_string(root().join("docs/architecture.md")).expect("there is docs/architecture.md");
    for (module, level) in &modules::LEVELS {
        let row = format!("| {level} | `{module}`");
        assert!(
            map.contains(&row),
            "docs/architecture.md: no row begins `{row}`. Remedy: add the module to its table."
        );
    }
}

#[test]
fn every_rule_that_the_code_names_is_in_the_fidelity_table() {
    let table = fs::read_to_string(root().join("docs/fidelity.md")).expect("there is docs/fidelity.md");
    let rows: BTreeSet<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| ")?.split_whitespace().next()).collect();
    for source in sources().iter().filter(|source| source.path.starts_with("src/")) {
        for (line, name) in rule_names(&source.text) {
            assert!(
                rows.contains(name.as_str()),
                "{}:{line}: `{name}` has no row in docs/fidelity.md. Remedy: add it there, or correct the number.",
                source.path
            );
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("there is a Cargo.toml");
    let mut dependencies = false;
    let mut seen = 0;
    for (at, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            dependencies = line.ends_with("dependencies]");
        } else if dependencies && line.contains('=') {
            seen += 1;
            let line_number = at + 1;
            assert!(
                line.contains(" # "),
                "Cargo.toml:{line_number}: no reason. Remedy: say behind a `#` what it is for."
            );
        }
    }
    assert!(seen > 0, "the dependencies were found");
}

#[test]
fn every_kind_of_fault_has_its_scenario() {
    let kinds =
        fs::read_to_string(root().join("src/rules/faults/fault.rs")).expect("there is src/rules/faults/fault.rs");
    let names =
        kinds.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> \"")?.1.split('"').next());
    let scenarios: String =
        texts().into_iter().filter(|(path, _)| path.starts_with("config/scenarios/")).map(|(_, text)| text).collect();
    let mut seen = 0;
    for name in names {
        seen += 1;
        assert!(
            scenarios.contains(&format!("kind = \"{name}\"")),
            "no scenario has a fault `{name}`. Remedy: add a small one to config/scenarios/."
        );
    }
    assert!(seen > 0, "the kinds of faults were found");
}

/// The rule numbers (`R40`, `T4`, `X16`) in a text, with their lines.
fn rule_names(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for word in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let number = word.strip_prefix(['R', 'T', 'X']).unwrap_or("");
            if (1..=2).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit()) {
                found.push((at + 1, word.to_owned()));
            }
        }
    }
    found
}

/// Mentions that no file of the project may contain: the machine it was written on, and pages that readers do not have.
fn strangers(path: &str, text: &str) -> Vec<String> {
    let needles = [
        concat!("/wo", "rk"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("../sha", "red"),
        concat!("sha", "red/"),
        concat!("RUL", "ES.md"),
        concat!("DESI", "GN.md"),
        concat!("EXA", "CT"),
        concat!("CONT", "RACT.md"),
        concat!("STY", "LE.md"),
        concat!("GRA", "PH.md"),
    ];
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for needle in needles {
            for (from, _) in line.match_indices(needle) {
                // A longer word that contains the needle is not a mention.
                let joined = |c: char| c.is_alphanumeric() || c == '_';
                let before =
                    line[..from].chars().next_back().is_some_and(|c| joined(c) || c == '.' && needle.starts_with('/'));
                let after = !needle.ends_with('/') && line[from + needle.len()..].starts_with(joined);
                if !before && !after {
                    found.push(format!(
                        "{path}:{}: `{needle}` stands here. Remedy: the project stands alone; say it in its own words.",
                        at + 1
                    ));
                }
            }
        }
    }
    found
}

#[test]
fn the_project_stands_alone() {
    report(&texts().iter().flat_map(|(path, text)| strangers(path, text)).collect::<Vec<_>>());
}

#[test]
fn every_page_that_is_linked_exists() {
    let mut complaints = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "md")) {
        for (at, line) in text.lines().enumerate() {
            for link in line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
                let target = root().join(path).parent().expect("a file stands in a folder").join(link);
                if !link.is_empty() && !link.contains("://") && !target.exists() {
                    complaints.push(format!("{path}:{}: `{link}` does not exist. Remedy: correct the link.", at + 1));
                }
            }
        }
    }
    report(&complaints);
}

#[test]
fn a_page_has_each_of_its_sections_once() {
    let mut complaints = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "md")) {
        let (mut known, mut is_code) = (BTreeSet::new(), false);
        for (at, line) in text.lines().enumerate() {
            is_code ^= line.starts_with("```");
            if !is_code && line.starts_with("## ") && !known.insert(line) {
                complaints.push(format!("{path}:{}: `{line}` stands above, too. Remedy: remove one of them.", at + 1));
            }
        }
    }
    report(&complaints);
}

mod the_checks_can_fail {
    use super::bans::{belongings, manners, pure_rules};
    use super::modules::{circles, imports, mirrors, names, table};
    use super::source::Source;

    /// The complaints about one snippet of code.
    fn about(check: impl Fn(&Source) -> Vec<String>, path: &str, code: &str) -> String {
        check(&Source::new(path, &format!("//! A file.\n{code}\n"))).join("\n")
    }

    #[test]
    fn an_upward_import_is_found_in_every_spelling() {
        for code in [
            "use crate::engine::Engine;",
            "use crate::{rules::base, engine::{self, tenant}};",
            "use super::super::super::engine::Engine;",
            "fn f() { crate::engine::start() }",
            "pub use crate::run;",
        ] {
            let found = about(imports, "src/rules/delivery/device.rs", code);
            assert!(found.starts_with("src/rules/delivery/device.rs:2: `rules` (level 0) imports"), "{code}: {found}");
            assert!(found.contains("Remedy: "), "{found}");
        }
    }

    #[test]
    fn modules_of_one_level_do_not_import_each_other() {
        assert!(about(imports, "src/engine/shard.rs", "use crate::scenario::check;").contains("imports `scenario`"));
        assert!(about(imports, "src/report/json.rs", "use crate::engine::Engine;").contains("which it must not"));
    }

    #[test]
    fn imports_from_lower_modules_comments_strings_and_tests_are_allowed() {
        for code in [
            "use crate::rules::base::time::SimTime;",
            "use super::turn::Turn;\nuse crate::clock::{Clock, Speed as S};",
            "// crate::cli\n/* crate::cli /* nested */ */\nconst A: &str = \"crate::cli\";\nconst B: &str = r#\"crate::cli\"#;",
            "const C: char = '\"'; // crate::cli\n#[cfg(test)]\nmod tests {\n    use crate::cli::Args;\n}",
        ] {
            assert_eq!(about(imports, "src/engine/phone/device.rs", code), "", "{code}");
        }
        assert_eq!(about(imports, "src/main.rs", "fn main() { reveille::cli::main() }"), "");
    }

    #[test]
    fn a_path_without_a_module_is_found() {
        assert!(about(imports, "src/run/mod.rs", "use crate::Outcome;").contains("names no module"));
        assert!(about(imports, "src/plumbing/pipe.rs", "").contains("`plumbing/pipe` is not a module"));
    }

    #[test]
    fn a_crate_outside_its_module_is_found() {
        assert!(about(belongings, "src/run/drive.rs", "use ractor::Actor;").contains("`ractor` stands in `run`"));
        assert!(about(belongings, "src/engine/x.rs", "fn f() { toml::from_str(x) }").contains("belongs to scenario"));
        assert_eq!(about(belongings, "src/engine/tenant.rs", "use ractor::{Actor, ActorRef};"), "");
        assert_eq!(about(belongings, "src/scenario/a.rs", "use crate::scenario::clap::thing;"), "");
    }

    #[test]
    fn a_system_path_outside_its_module_is_found() {
        for (code, word) in [
            ("use std::{fs, io};", "std::fs"),
            ("fn f() { std::env::var(\"A\") }", "std::env"),
            ("use std::time::Instant;", "Instant"),
            ("fn f() { tokio::time::sleep(d).await }", "tokio::time"),
            ("fn f() { println!(\"a\") }", "println!"),
            ("use std::process::exit;", "std::process"),
        ] {
            assert!(about(belongings, "src/report/json.rs", code).contains(word), "{code}");
            assert!(!about(belongings, "src/cli/run.rs", code).contains("std::fs"), "{code}");
        }
        assert_eq!(about(belongings, "src/clock/mod.rs", "use std::time::{Duration, Instant};\nuse tokio::time;"), "");
    }

    #[test]
    fn impure_rules_are_found() {
        for (code, word) in [
            ("async fn f() {}", "async"),
            ("use std::collections::HashMap;", "HashMap"),
            ("fn f(x: f64) {}", "f64"),
            ("fn f() { let x = 0.5; }", "0.5"),
            ("fn f() { let x = 1e9; }", "1e9"),
        ] {
            assert!(about(pure_rules, "src/rules/device.rs", code).contains(word), "{code}");
        }
        assert_eq!(about(pure_rules, "src/rules/device.rs", "fn f(x: T) { x.0.0; 0..5; 10_usize; 0x1e9 }"), "");
        assert_eq!(
            about(pure_rules, "src/rules/base/distribution.rs", "fn f(x: f64) -> f64 { libm::log(x * 0.5) }"),
            ""
        );
    }

    #[test]
    fn broken_style_rules_are_found() {
        for (code, word) in [
            (concat!("// TO", "DO: later"), "write an issue"),
            (concat!("fn f() { dbg", "!(1) }"), "take it out"),
            (concat!("fn f() { x.unwrap", "() }"), "expect"),
            (concat!("#[al", "low(dead_code)]\nfn f() {}"), "reason"),
            (concat!("#[cfg(test)]\nmod tests {\n    #[ig", "nore]\n    fn f() {}\n}"), "nothing is skipped"),
            ("#[cfg(test)]\nmod tests {\n}\nfn f() {}", "put the unit tests last"),
        ] {
            assert!(about(manners, "src/run/drive.rs", code).contains(word), "{code}");
        }
        assert!(manners(&Source::new("src/run/drive.rs", "fn f() {}")).join("").contains("what the file is for"));
        assert!(about(manners, "src/run/mod.rs", "pub mod drive;\nfn f() {}").contains("map of modules"));
        assert!(about(manners, "src/run/util.rs", "").contains("says nothing"));
        assert_eq!(about(manners, "src/run/mod.rs", "pub mod drive;\npub use drive::{drive, Outcome};"), "");
    }

    #[test]
    fn an_import_of_a_higher_sub_module_is_found() {
        let found = about(imports, "src/rules/base/time.rs", "use crate::rules::delivery::pair::Pair;");
        assert!(found.contains("`rules/base` imports `rules/delivery`, which stands above it"), "{found}");
        assert_eq!(about(imports, "src/rules/delivery/pair.rs", "use crate::rules::base::time::SimTime;"), "");
    }

    #[test]
    fn circles_of_files_are_found() {
        let file = |path: &str, code: &str| Source::new(path, &format!("//! A file.\n{code}\n"));
        let across = [
            file("src/cli/run.rs", "use super::files::reports::write;"),
            file("src/cli/files/reports.rs", "use crate::cli::run::Run;"),
        ];
        assert!(circles(&across).join("").starts_with("src/cli/files/reports.rs, src/cli/run.rs: they import"));
        let within = |module: &str| {
            [
                file(&format!("src/{module}/a.rs"), "use super::b::B;"),
                file(&format!("src/{module}/b.rs"), "use super::Name;"),
                file(&format!("src/{module}/mod.rs"), "mod a;\nmod b;\npub use a::Name;"),
            ]
        };
        assert_eq!(circles(&within("host")), Vec::<String>::new());
        assert_eq!(circles(&within("engine")).len(), 1, "a re-export is followed");
    }

    #[test]
    fn a_name_that_stands_twice_is_seen() {
        let file = |path: &str, code: &str| Source::new(path, &format!("//! A file.\n{code}\n"));
        let twice = [file("src/run/a.rs", "pub struct Plan;"), file("src/run/b.rs", "pub(crate) enum Plan { A }")];
        assert!(names(&twice).join("").starts_with("src/run/b.rs:2: `Plan` is a type in src/run/a.rs:2 too"));
        let private = [file("src/run/a.rs", "pub struct Plan;"), file("src/run/b.rs", "struct Plan;")];
        assert_eq!(names(&private), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_module_is_found() {
        assert!(
            table(&[])
                .contains(&"src/rules/base: it is in the table and not there. Remedy: take the row out.".to_owned())
        );
    }

    #[test]
    fn an_actor_without_its_rules_is_found() {
        let source = |path: &str| Source::new(path, "//! A file.");
        let paths = [
            "src/engine/tenant/actor.rs",
            "src/rules/sending/tenant.rs",
            "src/engine/phone/device.rs",
            "src/rules/delivery/device.rs",
            "src/engine/phone/portal.rs",
            "src/rules/delivery/portal.rs",
        ];
        let whole: Vec<Source> = paths.into_iter().map(source).collect();
        assert_eq!(mirrors(&whole), Vec::<String>::new());
        assert!(mirrors(&whole[..5]).join("").starts_with("src/rules/delivery/portal.rs: it is missing"));
        assert!(mirrors(&whole[1..]).join("").starts_with("src/engine/tenant/actor.rs: it is missing"));
    }

    #[test]
    fn a_forbidden_mention_is_found() {
        assert_eq!(super::strangers("a", concat!("see /wo", "rk/x and EXA", "CT's keys")).len(), 2);
        assert!(super::strangers("a", concat!(".github/wo", "rkflows net/wo", "rk EXA", "CTLY")).is_empty());
    }

    #[test]
    fn rule_numbers_are_parsed() {
        let names: Vec<String> =
            super::rule_names("R40, (X16–X18) r40_x T4's S3 R400 RX").into_iter().map(|(_, n)| n).collect();
        assert_eq!(names, ["R40", "X16", "X18", "T4"]);
    }
}
