//! The table of modules: their allowed imports, the order of their sub-modules, and a check for import circles of files
//! across them. Must not read files; each check takes sources.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, complaint};

/// The modules and their levels; a module imports lower ones or itself.
pub(super) const LEVELS: [(&str, usize); 25] = [
    ("rules", 0),
    ("json", 0),
    ("clock", 1),
    ("metrics", 1),
    ("server/odata", 1),
    ("server/identity", 1),
    ("server/http", 2),
    ("server/audit", 2),
    ("server/monitoring", 3),
    ("scenario", 2),
    ("engine", 2),
    ("forecast", 2),
    ("store", 2),
    ("outcome", 3),
    ("files", 3),
    ("host", 4),
    ("run", 4),
    ("report", 5),
    ("server/graph", 5),
    ("server/control", 6),
    ("embed", 6),
    ("server/console", 7),
    ("testing", 8),
    ("cli", 8),
    ("main", 9),
];

/// Sub-modules, from low to high: one imports those before it or itself. Files beside them may import all.
pub(super) const ORDERS: [(&str, &[&str]); 6] = [
    ("rules", &["base", "population", "faults", "service", "model", "sending", "delivery", "timeline", "counting"]),
    ("scenario", &["diagnostics", "grammar", "text", "import", "build", "expectation", "sweep", "manual"]),
    ("outcome", &["record", "judge", "explain", "compare"]),
    ("report", &["document", "render"]),
    ("cli", &["terminal", "args", "process", "files", "forecast", "store", "serve"]),
    ("server/graph", &["entities", "read", "authority"]),
];

/// Lower modules that must not be imported all the same: from, to, why.
const CLOSED: [(&str, &str, &str); 1] =
    [("report", "engine", "a report is made from an outcome, which is data of `outcome` and `rules`")];

/// Modules in which no two files import each other in a circle, not even within one folder.
const WITHOUT_CIRCLES: [&str; 1] = ["engine"];

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().find(|(name, _)| *name == module).map(|(_, level)| *level)
}

/// The module of a path: the longest row of the table that it begins with.
pub(super) fn module_of(path: &[String]) -> Option<&'static str> {
    let two = path.get(..2).map(|parts| parts.join("/"));
    let names = two.as_deref().into_iter().chain(path.first().map(String::as_str));
    names.filter_map(|name| LEVELS.iter().find(|(row, _)| *row == name)).map(|(row, _)| *row).next()
}

/// The sub-module of a path below `module`, and its position in the order.
fn sub_module<'p>(module: &str, path: &'p [String]) -> Option<(&'p str, usize)> {
    let (_, order) = ORDERS.iter().find(|(row, _)| *row == module)?;
    let name = path.get(module.split('/').count())?;
    Some((name, order.iter().position(|sub| sub == name)?))
}

/// Paths of the crate in a file, from the crate's root: the line and the names after `crate`.
fn inner_paths(source: &Source) -> Vec<(usize, Vec<String>)> {
    let inner = |(line, path): (usize, Vec<String>)| {
        let is_inner = path.len() > 1 && matches!(path[0].as_str(), "crate" | "reveille") && path[1] != "*";
        is_inner.then(|| (line, path[1..].to_vec()))
    };
    source.paths().into_iter().filter_map(inner).collect()
}

/// Imports go to a lower level or stay in the module; between sub-modules they go to an earlier one.
pub(super) fn imports(source: &Source) -> Vec<String> {
    let here = source.module_path();
    if here.is_empty() {
        return Vec::new();
    }
    if here == ["server"] {
        return Vec::new();
    }
    let Some(mine) = module_of(&here) else {
        let remedy = "put the file into a module of `docs/architecture.md`, or give the new one a level here and there";
        return vec![complaint(source, 1, &format!("`{}` is not a module of the table", here.join("/")), remedy)];
    };
    let my_level = level(mine).expect("it is a row of the table");
    let mut found = Vec::new();
    for (line, path) in inner_paths(source) {
        if path == ["server"] {
            continue;
        }
        let Some(theirs) = module_of(&path) else {
            let what = format!("`crate::{}` names no module", path.join("::"));
            found.push(complaint(source, line, &what, "name a thing by its module: `crate::module::thing`"));
            continue;
        };
        let their_level = level(theirs).expect("it is a row of the table");
        if theirs == mine {
            let ours = sub_module(mine, &here);
            if let (Some((one, at)), Some((other, before))) = (ours, sub_module(mine, &path))
                && before > at
            {
                let what = format!("`{mine}/{one}` imports `{mine}/{other}`, which stands above it");
                let remedy = "move the line to the sub-module that may know both, or the type down";
                found.push(complaint(source, line, &what, remedy));
            }
        } else if let Some((.., why)) = CLOSED.iter().find(|(from, to, _)| *from == mine && *to == theirs) {
            found.push(complaint(source, line, &format!("`{mine}` imports `{theirs}`, which it must not"), why));
        } else if their_level >= my_level {
            let what = format!("`{mine}` (level {my_level}) imports `{theirs}` (level {their_level})");
            let remedy = "move the line to the module that may know both, or the type down to `rules`";
            found.push(complaint(source, line, &what, remedy));
        }
    }
    found
}

/// Every row of the table must exist as a folder of `src`.
pub(super) fn table(sources: &[Source]) -> Vec<String> {
    let mut folders = BTreeSet::new();
    for source in sources.iter().filter(|source| source.path.starts_with("src/")) {
        let path = source.module_path();
        if let Some(module) = module_of(&path) {
            folders.insert(module.to_owned());
            folders.extend(sub_module(module, &path).map(|(sub, _)| format!("{module}/{sub}")));
        }
    }
    let rows = LEVELS.iter().map(|(row, _)| (*row).to_owned());
    let subs = ORDERS.iter().flat_map(|(row, subs)| subs.iter().map(move |sub| format!("{row}/{sub}")));
    let missing = rows.chain(subs).filter(|row| row != "main" && !folders.contains(row));
    missing.map(|row| format!("src/{row}: it is in the table and not there. Remedy: take the row out.")).collect()
}

/// The files that each file imports, re-exports followed; `mod.rs` files are only maps.
fn graph(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let files: BTreeMap<Vec<String>, &Source> = sources
        .iter()
        .filter(|source| source.path.starts_with("src/") && source.path != "src/main.rs")
        .map(|source| (source.module_path(), source))
        .collect();
    let exports: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>> = files
        .iter()
        .filter(|(_, source)| source.is_map())
        .map(|(path, source)| (path.clone(), exports(path, source, &files)))
        .collect();
    let file_of = |path: &[String]| {
        let mut path = path.to_vec();
        // A re-export may lead to another one.
        for _ in 0..8 {
            let at = (1..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
            let file = files[&path[..at]];
            let next = path.get(at).and_then(|name| exports.get(&path[..at])?.get(name));
            match next {
                Some(next) => path = next.iter().chain(&path[at + 1..]).cloned().collect(),
                None => return Some(file),
            }
        }
        None
    };
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in files.values().filter(|source| !source.is_map()) {
        let targets = inner_paths(source).into_iter().filter_map(|(_, path)| file_of(&path));
        let targets = targets.filter(|target| !target.is_map() && target.path != source.path);
        edges.insert(source.path.as_str(), targets.map(|target| target.path.as_str()).collect());
    }
    edges
}

/// The re-exports of a `mod.rs`: each name with its path.
fn exports(path: &[String], source: &Source, files: &BTreeMap<Vec<String>, &Source>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (_, written) in source.paths() {
        let whole = if written[0] == "crate" {
            written[1..].to_vec()
        } else {
            let below: Vec<String> = path.iter().chain(&written).cloned().collect();
            let child = &below[..=path.len()];
            if !files.contains_key(child) {
                continue;
            }
            below
        };
        if whole.len() > 1 {
            found.insert(whole.last().expect("it is not empty").clone(), whole);
        }
    }
    found
}

/// Import circles that cross sub-modules, or are within a module that must have none.
pub(super) fn circles(sources: &[Source]) -> Vec<String> {
    let edges = graph(sources);
    let reached = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            for next in edges.get(at).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|file| (*file, reached(file))).collect();
    let mut found = BTreeSet::new();
    for (one, ones) in all.iter().filter(|(one, ones)| ones.contains(*one)) {
        let ring: Vec<&str> = ones.iter().copied().filter(|other| all[other].contains(one)).collect();
        let folder = |file: &str| file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let crosses = ring.iter().any(|other| folder(other) != folder(one));
        let strict = WITHOUT_CIRCLES.iter().any(|module| one.starts_with(&format!("src/{module}/")));
        if crosses || strict {
            found.insert(format!(
                "{}: they import each other in a circle. Remedy: move what both need into a lower file.",
                ring.join(", ")
            ));
        }
    }
    found.into_iter().collect()
}

/// The public types of a file: their names and lines.
fn public_types(source: &Source) -> Vec<(String, usize)> {
    let text = |at: usize| source.code.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for at in 0..source.code.len() {
        if text(at) != "pub" {
            continue;
        }
        let mut next = at + 1;
        if text(next) == "(" {
            next += 1 + source.code[next..].iter().take_while(|token| token.text != ")").count();
        }
        if matches!(text(next), "struct" | "enum" | "trait" | "type" | "union") {
            found.push((text(next + 1).to_owned(), source.code[at].line));
        }
    }
    found
}

/// A public type's name stands once in `src`, so that a reader who searches for it finds it.
pub(super) fn names(sources: &[Source]) -> Vec<String> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with("src/")) {
        for (name, line) in public_types(source) {
            let here = format!("{}:{line}", source.path);
            match first.get(&name) {
                Some(other) => {
                    found.push(format!("{here}: `{name}` is a type in {other} too. Remedy: name one of them anew."));
                }
                None => {
                    first.insert(name, here);
                }
            }
        }
    }
    found
}

/// Actors, each with its rules.
const MIRRORS: [(&str, &str); 3] = [
    ("engine/tenant/actor", "rules/sending/tenant"),
    ("engine/phone/device", "rules/delivery/device"),
    ("engine/phone/portal", "rules/delivery/portal"),
];

/// Each actor has a file of rules, and each of these rules its actor.
pub(super) fn mirrors(sources: &[Source]) -> Vec<String> {
    let stands = |name: &str| sources.iter().any(|source| source.path == format!("src/{name}.rs"));
    let files = MIRRORS.iter().flat_map(|(actor, rules)| [(*actor, (actor, rules)), (*rules, (actor, rules))]);
    files
        .filter(|(name, _)| !stands(name))
        .map(|(name, (actor, rules))| {
            format!("src/{name}.rs: it is missing. Remedy: the actor of {actor}.rs asks {rules}.rs for every decision.")
        })
        .collect()
}
