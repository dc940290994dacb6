//! What a line inside a module must not do, and what to do instead. Must not read files; each check
//! takes sources.

use super::source::{Source, complaint, is_float};

/// Crates, each with the modules that may use it.
const CRATES: [(&str, &[&str]); 33] = [
    ("serde_path_to_error", &["json"]),
    ("ractor", &["engine"]),
    ("axum", &["server/http", "server/monitoring", "server/graph", "server/control", "server/console"]),
    ("utoipa", &["server/graph", "server/control"]),
    ("utoipa_axum", &["server/control"]),
    ("subtle", &["server/identity"]),
    ("argon2", &["server/identity"]),
    ("bcrypt", &["server/identity"]),
    ("saphyr_parser", &["server/http"]),
    ("winnow", &["server/odata"]),
    ("jsonwebtoken", &["server/identity"]),
    ("rcgen", &["server/identity"]),
    ("x509_parser", &["server/identity"]),
    ("tokio_rustls", &["server/http"]),
    ("hyper_util", &["server/http"]),
    ("flate2", &["server/http", "server/monitoring"]),
    ("brotli_decompressor", &["server/http"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("indicatif", &["cli"]),
    ("terminal_size", &["cli"]),
    ("tracing_subscriber", &["cli"]),
    ("anyhow", &["cli", "main"]),
    ("mimalloc", &["main"]),
    ("toml", &["scenario"]),
    ("csv", &["scenario"]),
    ("rayon", &["forecast"]),
    ("rusqlite", &["store"]),
    ("ring", &["host", "server/http"]),
    ("zeroize", &["host", "store"]),
    ("libm", &["rules"]),
    ("quick_junit", &["report"]),
    ("metrics_exporter_prometheus", &["metrics"]),
];

/// Paths, each with the modules that may use it: the beginning of the path, the modules, the remedy.
const PLACES: [(&str, &[&str], &str); 16] = [
    ("std::fs", &["cli", "files", "main", "store"], "take the text or a writer as an argument; `cli` opens the file"),
    ("tokio::fs", &["cli", "main"], "take the text or a writer as an argument; `cli` opens the file"),
    ("std::env", &["cli", "main"], "take the value as an argument; `cli` reads the environment"),
    ("std::process", &["cli", "main"], "return an error; `cli` maps it to an exit code"),
    ("std::io::stdout", &["cli", "main"], "return the text, or take a writer"),
    ("std::io::stderr", &["cli", "main"], "return the text, or take a writer"),
    ("std::io::stdin", &["cli", "files", "main"], "take the text as an argument"),
    (
        "std::net",
        &["server/http", "server/monitoring", "server/identity", "testing", "cli", "main"],
        "only `http` and what starts its listeners have addresses",
    ),
    ("tokio::net", &["server/http"], "only `http` has sockets"),
    ("tokio::time", &["clock"], "wait through `clock`"),
    ("std::thread::sleep", &["clock"], "wait through `clock`"),
    ("ractor::concurrency::sleep", &["clock"], "wait through `clock`"),
    ("ractor::time", &["clock"], "ractor's timers do not know the model's clock: use the shard's timer wheel"),
    ("jiff::Timestamp::now", &["clock"], "take the time as an argument, or ask `clock`"),
    ("jiff::Zoned::now", &["clock"], "take the time as an argument, or ask `clock`"),
    ("rand::rng", &[], "draw from the scenario's seed (`rules::chance`): the same seed gives the same run"),
];

/// Whole tokens, each with the modules that may use it.
const WORDS: [(&str, &[&str], &str); 5] = [
    ("Instant", &["clock"], "ask `clock`; in `rules` time is an argument"),
    ("SystemTime", &["clock"], "ask `clock`; in `rules` time is an argument"),
    ("send_after", &[], "use the shard's timer wheel, which knows the model's clock"),
    ("send_interval", &[], "use the shard's timer wheel, which knows the model's clock"),
    ("thread_rng", &[], "draw from the scenario's seed (`rules::chance`)"),
];

/// Words that must not occur in `rules`.
const NOT_IN_RULES: [(&str, &str); 8] = [
    ("async", "a rule waits for nothing: return what is due, and let the engine wait"),
    ("await", "a rule waits for nothing: return what is due, and let the engine wait"),
    ("tokio", "a rule waits for nothing: return what is due, and let the engine wait"),
    ("tracing", "return an effect, which the caller may log"),
    ("HashMap", "its order differs from run to run: use a BTreeMap or a vector"),
    ("HashSet", "its order differs from run to run: use a BTreeSet, a bitmap or a sorted vector"),
    ("Mutex", "a rule owns what it changes"),
    ("thread", "a rule runs where it is called"),
];

/// Files of `rules` that may use floating point, and why.
const FLOATS: [(&str, &str); 2] = [
    (
        "src/rules/base/distribution.rs",
        "tables of quantiles are built there, with the portable `libm`, before anything is drawn",
    ),
    ("src/rules/model/expectation.rs", "bounds of expectations are data there; no fate reads them"),
];

/// Names of modules without meaning.
const NAMELESS: [&str; 10] =
    ["imp", "util", "utils", "common", "helper", "helpers", "misc", "manager", "core", "shared"];

/// A crate or a system path is used only in the modules that may use it.
pub(super) fn belongings(source: &Source) -> Vec<String> {
    let Some(module) = super::modules::module_of(&source.module_path()) else { return Vec::new() };
    let mut found = Vec::new();
    for (line, path) in source.paths() {
        // A crate is used by a path, or renamed by `use toml as …`: a single word may be a variable.
        let krate =
            CRATES.iter().find(|(name, modules)| path.len() > 1 && path[0] == *name && !modules.contains(&module));
        if let Some((name, modules)) = krate {
            let what = format!("`{name}` stands in `{module}`");
            found.push(complaint(source, line, &what, &format!("it belongs to {}", modules.join(", "))));
        }
        let text = path.join("::");
        let begins = |place: &str| text == place || text.starts_with(&format!("{place}::"));
        let place = PLACES.iter().find(|(place, modules, _)| begins(place) && !modules.contains(&module));
        if let Some((place, _, remedy)) = place {
            found.push(complaint(source, line, &format!("`{place}` stands in `{module}`"), remedy));
        }
        let word =
            WORDS.iter().find(|(word, modules, _)| path.iter().any(|part| part == word) && !modules.contains(&module));
        if let Some((word, _, remedy)) = word {
            found.push(complaint(source, line, &format!("`{word}` stands in `{module}`"), remedy));
        }
    }
    if !matches!(module, "cli" | "main") {
        for pair in source.code.windows(2).filter(|pair| pair[1].text == "!") {
            if matches!(pair[0].text.as_str(), "print" | "println" | "eprint" | "eprintln") {
                let what = format!("`{}!` stands in `{module}`", pair[0].text);
                found.push(complaint(source, pair[0].line, &what, "return the text; only `cli` and `main` print"));
            }
        }
    }
    found
}

/// `rules` must be pure: the same arguments, the same answer.
pub(super) fn pure_rules(source: &Source) -> Vec<String> {
    if super::modules::module_of(&source.module_path()) != Some("rules") {
        return Vec::new();
    }
    let floats_allowed = FLOATS.iter().any(|(path, _)| *path == source.path);
    let mut found = Vec::new();
    for token in &source.code {
        let text = token.text.as_str();
        if let Some((word, remedy)) = NOT_IN_RULES.iter().find(|(word, _)| *word == text) {
            found.push(complaint(source, token.line, &format!("`{word}` stands in `rules`"), remedy));
        }
        if !floats_allowed && (matches!(text, "f32" | "f64") || is_float(text)) {
            let allowed: Vec<String> = FLOATS.iter().map(|(path, why)| format!("{path} ({why})")).collect();
            let remedy = format!("decide in integers; floating point may stand in {}", allowed.join(" and in "));
            found.push(complaint(source, token.line, &format!("floating point (`{text}`) stands in `rules`"), &remedy));
        }
    }
    found
}

/// The style of every Rust file.
pub(super) fn manners(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    if !source.text.starts_with("//!") {
        let remedy = "say in a `//!` line what the file is for and what it must never do";
        found.push(complaint(source, 1, "the first line does not say what the file is for", remedy));
    }
    for (at, line) in source.text.lines().enumerate() {
        for note in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")] {
            if line
                .split(|c: char| !c.is_alphanumeric() && c != ':')
                .any(|word| word == note || word == format!("{note}:"))
            {
                found.push(complaint(source, at + 1, &format!("`{note}` stands here"), "do it, or write an issue"));
            }
        }
    }
    let words: Vec<&str> = source.code.iter().map(|token| token.text.as_str()).collect();
    let shapes: [(&[&str], &str); 6] = [
        (&["dbg", "!"], "take it out"),
        (&["todo", "!"], "write it, or leave the function out"),
        (&["unimplemented", "!"], "write it, or leave the function out"),
        (&[".", "unwrap", "(", ")"], "`expect(\"why this cannot fail\")`, or return the error"),
        (&["[", "allow"], "`#[expect(lint, reason = \"…\")]`, which complains when it is no longer needed"),
        (&["[", "ignore"], "make the test run, or take it out: nothing is skipped in silence"),
    ];
    // Unit tests obey these too, so the whole file is searched.
    let all = super::source::tokens(&source.text);
    for (shape, remedy) in shapes {
        for at in 0..all.len() {
            let here =
                shape.iter().enumerate().all(|(ahead, text)| all.get(at + ahead).is_some_and(|t| t.text == *text));
            if here {
                found.push(complaint(source, all[at].line, &format!("`{}` stands here", shape.concat()), remedy));
            }
        }
    }
    if let Some(line) = source.code_after_tests {
        found.push(complaint(source, line, "code follows the unit tests", "put the unit tests last in the file"));
    }
    let map = source.path.ends_with("/mod.rs") || source.path == "src/lib.rs";
    if map {
        let logic = ["fn", "impl", "struct", "enum", "trait", "const", "static", "type", "match", "let", "macro_rules"];
        for (token, text) in source.code.iter().zip(&words) {
            if logic.contains(text) {
                let what = format!("`{text}` stands in a map of modules");
                found.push(complaint(source, token.line, &what, "give it a file named after its noun"));
            }
        }
    }
    for part in source.path.trim_end_matches(".rs").split('/') {
        if NAMELESS.contains(&part) {
            let what = format!("`{part}` is a name that says nothing");
            found.push(complaint(source, 1, &what, "name it after the noun whose life it holds"));
        }
    }
    found
}
