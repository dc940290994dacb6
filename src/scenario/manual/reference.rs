//! The reference page of the language: every table and key of the grammar with value, default, rule and purpose. Made
//! from the tables that check scenarios, so that the two cannot differ.

use std::fmt::Write as _;

use super::limit_table;
use super::metric_list::metrics;
use crate::scenario::diagnostics::limits::{DURATION_MAX_MS, RATE_MAX, SPEED_MAX};
use crate::scenario::grammar::keys::SCENARIO;
use crate::scenario::grammar::parts::{Grammar, KeySpec, Need, Shape};

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = Page { out: String::new(), done: Vec::new() };
    page.out.push_str(&head());
    page.section("The whole file", &SCENARIO, "");
    page.out.push_str(&metric_table());
    page.out.push_str(&limit_table::section());
    page.out
}

fn head() -> String {
    let days = DURATION_MAX_MS / 86_400_000;
    format!(
        "# Scenario reference\n\n\
         A scenario is a TOML file. `reveille init` writes one to start from, `reveille check` tells everything that is wrong with\n\
         one ([diagnostics](diagnostics.md)), and `reveille schema scenario` prints its JSON Schema, which editors use if the first\n\
         line is `#:schema FILE`. This page is made from the tables that check scenarios.\n\n\
         A key that is not here is an error. A default called *assumed* stands for undocumented behaviour; reports list\n\
         the assumptions they used. Rules are those of [fidelity.md](fidelity.md).\n\n\
         ## Notations\n\n\
         | value | written as | range |\n|---|---|---|\n\
         | duration | whole numbers with units, largest first: `\"90s\"`, `\"1h30m\"`, `\"500ms\"`, `\"2d\"` | 0 to {days} days, in whole milliseconds |\n\
         | ratio | a number from 0 to 1, or a percentage: `0.05`, `\"5%\"`; where yes or no is allowed too, `true` is 1 | exact to a billionth |\n\
         | rate | a whole number per second, minute or hour: `\"500/s\"`, `\"30/min\"`, `\"25/h\"` | at most {RATE_MAX} per unit |\n\
         | speed | model seconds a second: `60`, `0.5` | 0.001 to {SPEED_MAX} |\n\
         | time of day | `\"22:30\"`, local time; daylight saving is that of the time zone | `\"00:00\"` to `\"23:59:59\"` |\n\
         | moment | a date and time: `2026-01-05T06:00:00Z`; without an offset it is local time | |\n\
         | time zone | `\"UTC\"`, an offset such as `\"+01:00\"`, or a name of the IANA database such as `\"Europe/Paris\"` | |\n\n\
         `include` merges files: tables merge, arrays of named tables append, and the including file wins. A named table that\n\
         replaces an included one of the same name says `override = true`. On the command line `--set path.of.keys=value` sets\n\
         any key, and elements of arrays are addressed by their names: `--set send.closure.at=10m`.\n\n\
         Included files and exports are regular files below the folder of the scenario's own file (of standard input: below the\n\
         current folder), links followed; `--include-root DIR` names another folder. A diagnostic shows no line of a file that is\n\
         not TOML, only its place: so a path in a scenario cannot have another file printed into a log.\n"
    )
}

struct Page {
    out: String,
    /// Tables that have a section; each gets one, however often it is used.
    done: Vec<*const Grammar>,
}

impl Page {
    fn section(&mut self, title: &str, grammar: &'static Grammar, path: &str) {
        let identity: *const Grammar = grammar;
        if self.done.contains(&identity) {
            return;
        }
        self.done.push(identity);
        let (doc, rules) = without_rules(grammar.doc);
        let from = if rules.is_empty() { String::new() } else { format!(" Rules: {rules}.") };
        write!(self.out, "\n## {title}\n\n{doc}{from}\n\n").expect("a string takes all");
        self.out.push_str("| key | value | default | what it is | rules |\n|---|---|---|---|---|\n");
        for key in grammar.keys {
            self.row(key, path);
        }
        for key in grammar.keys {
            for shape in key.shape.alternatives() {
                self.inside(key.name, shape, path);
            }
        }
    }

    fn row(&mut self, key: &KeySpec, path: &str) {
        let inner = join(path, key.name);
        let values: Vec<String> = key.shape.alternatives().iter().map(|shape| value(shape, &inner)).collect();
        let default = match key.need {
            Need::Required => "**required**".to_owned(),
            Need::Optional => String::new(),
            Need::Default(default) => default.to_owned(),
            Need::Assumed(default) => format!("{default} *(assumed)*"),
        };
        let (doc, rules) = without_rules(key.doc);
        let cell = |text: &str| text.replace('|', "\\|");
        let row = [format!("`{}`", key.name), values.join(", or "), default, doc, rules].map(|text| cell(&text));
        writeln!(self.out, "| {} |", row.join(" | ")).expect("a string takes all");
    }

    /// The sections of the tables inside a key.
    fn inside(&mut self, name: &str, shape: &Shape, path: &str) {
        let path = join(path, name);
        match shape {
            Shape::Table(grammar) | Shape::Tables(grammar) => self.section(&title(shape, &path), grammar, &path),
            Shape::Map(inner) | Shape::Words(_, inner) => self.inside(name, inner, &path),
            _ => {}
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The title of a table's section: its notation if it has its own lines, else its noun.
fn title(shape: &Shape, path: &str) -> String {
    match shape {
        Shape::Tables(grammar) if grammar.is_named() => format!("`[[{path}]]`"),
        Shape::Table(grammar) if is_section(grammar) => format!("`[{path}]`"),
        Shape::Table(grammar) | Shape::Tables(grammar) => capital(grammar.noun),
        _ => String::new(),
    }
}

/// Whether a table has its own lines; the others are written in braces.
fn is_section(grammar: &Grammar) -> bool {
    const SECTIONS: [&str; 8] =
        ["service", "fleet", "table of defaults", "delivery", "gateway", "directory", "report", "live run"];
    SECTIONS.contains(&grammar.noun)
}

fn capital(noun: &str) -> String {
    let mut letters = noun.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The anchor of a heading on its page.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn value(shape: &Shape, path: &str) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Word(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", "),
        Shape::Whole(from, to) if from == to => format!("{from}"),
        Shape::Whole(0, u64::MAX) => "whole number".to_owned(),
        Shape::Whole(from, u64::MAX) => format!("whole number, at least {from}"),
        Shape::Whole(from, to) => format!("whole number, {from} to {to}"),
        Shape::YesNo => "`true`, `false`".to_owned(),
        Shape::Duration(0) => "duration".to_owned(),
        Shape::Duration(least) => {
            format!("duration, at least {}", crate::scenario::grammar::values::duration_text(*least))
        }
        Shape::Ratio => "ratio".to_owned(),
        Shape::Rate => "rate".to_owned(),
        Shape::Speed => "speed".to_owned(),
        Shape::TimeOfDay => "time of day".to_owned(),
        Shape::Moment => "moment".to_owned(),
        Shape::Names => "list of names".to_owned(),
        Shape::Words(words, inner) => format!("a table: a {} for each of {}", value(inner, path), words.join(", ")),
        Shape::Map(inner) => format!("a table: a {} for each key", value(inner, path)),
        Shape::Table(grammar) | Shape::Tables(grammar) => {
            let title = title(shape, path);
            let several = if matches!(shape, Shape::Tables(_)) { "any number of " } else { "" };
            let shown = if title.starts_with('`') { title.clone() } else { format!("a {}", grammar.noun) };
            format!("{several}[{shown}](#{})", anchor(&title))
        }
        Shape::Any(shapes) => shapes.iter().map(|shape| value(shape, path)).collect::<Vec<_>>().join(", or "),
    }
}

/// Splits a doc into its text and the rules in its brackets.
fn without_rules(doc: &str) -> (String, String) {
    let is_rule = |word: &str| {
        let mut letters = word.chars();
        matches!(letters.next(), Some('R' | 'X' | 'T')) && letters.next().is_some_and(|c| c.is_ascii_digit())
    };
    let (mut text, mut rules) = (String::new(), Vec::new());
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once(" (") {
        let Some((inside, behind)) = after.split_once(')') else { break };
        if inside.split(", ").all(is_rule) {
            text.push_str(before);
            rules.push(inside.replace('-', "–"));
        } else {
            write!(text, "{before} ({inside})").expect("a string takes all");
        }
        rest = behind;
    }
    text.push_str(rest);
    (text, rules.join(", "))
}

fn metric_table() -> String {
    let mut out = String::from(
        "\n## Metrics\n\nWhat `[[expect]]` measures. `where` takes the conditions, `by` the divisions; several conditions must\n\
         all hold. *Figures* may stand in front of the comparison; `p(95)` is the smallest value that at least 95 of 100 are not\n\
         above. A bound is compared with exact values, but for `lag`; what takes longer than 49 days counts as 49 days. In a report a\n\
         quantile may be up to 1 % larger than the exact value, and is always on the same side of the bound.\n\
         `reveille check --list-metrics` prints this list.\n\n\
         | metric | measures | unit | figures | conditions | divisions |\n|---|---|---|---|---|---|\n",
    );
    for line in metrics() {
        let list = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let (conditions, divisions, figures) = (list(&line.conditions), list(&line.divisions), list(&line.figures));
        writeln!(out, "| `{}` | {} | {} | {figures} | {conditions} | {divisions} |", line.name, line.what, line.unit)
            .expect("a string takes all");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_to_a_heading_and_every_key_has_a_row() {
        let page = reference();
        let headings: Vec<String> = page.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect();
        for link in page.split("](#").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            assert!(headings.iter().any(|heading| heading == link), "#{link} leads nowhere: {headings:?}");
        }
        assert!(page.lines().all(|line| !line.starts_with('|') || line.ends_with('|')));
        assert!(page.contains(
            "| `push_permission` | ratio, or `true`, `false` | 90% *(assumed)* | Notifications are allowed. | R33 |"
        ));
    }

    #[test]
    fn rules_are_taken_out_of_their_brackets() {
        let of = |doc| without_rules(doc);
        assert_eq!(of("Tried (R52, X23)."), ("Tried.".to_owned(), "R52, X23".to_owned()));
        assert_eq!(of("Before (the first), (R1) after."), ("Before (the first), after.".to_owned(), "R1".to_owned()));
    }
}
