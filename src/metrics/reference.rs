//! The reference page of all metrics, made from their table, so that the two cannot differ. Must not read a running
//! program.

use std::fmt::Write as _;

use super::label::Label;
use super::name::Name;
use super::process::{FIGURES, Figure};

/// The head of the page.
const HEAD: &str = "\
# Metrics

This page is made from the table that the program registers its metrics from, and a test compares the two.

`reveille run` serves them at `/metrics` while it runs, and with `--hold` afterwards; `--metrics-listen` says where, a free port
of the loopback address if nothing does. Every series is there from the start, at 0, so that `rate` and `increase` miss no first
event, and none comes or goes. No label carries a device, a user or a message.

`reveille serve` serves them until it ends. With several tenants every series of theirs also has a label `tenant`, the scenario's
name; `reveille_http_*`, `reveille_budget_*`, `reveille_sign_ins_total`, `reveille_audit_lost_total`, `reveille_build_info` and `process_*`
have none, being the server's. What the budgets are is on the page about [the server](serve.md#budgets).

*Model seconds* are seconds of the scenario, *wall seconds* those of the clock on the wall: at `--speed 60` a minute of the
scenario takes one of them. Counters count since the program started, which is one run: they end as the numbers of its JSON
report. `rate` is always a second of the Prometheus server's time; divide by `reveille_clock_speed` for one of the model.

Histograms are classic ones, with fixed buckets. Native histograms need the protobuf exposition, which the program does not
serve. A scraper that asks for it gets `OpenMetrics` 1.0 (`Accept: application/openmetrics-text`), as Prometheus does by itself, in
which a bucket ends at `60.0` and not at `60`; and either format packed (`Accept-Encoding: gzip`). What to do about an alert is at
`/runbook` beside the metrics.

| metric | type | unit | labels |
|---|---|---|---|
";

/// The page, in Markdown.
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    for name in Name::ALL {
        let labels: Vec<String> = name.labels().iter().map(|label| format!("`{}`", label.name())).collect();
        let (text, kind, unit) = (name.name(), name.kind().name(), name.unit());
        line(&mut out, &format!("| [`{text}`](#{text}) | {kind} | {unit} | {} |", labels.join(", ")));
    }
    for Figure { name, kind, unit, .. } in &FIGURES {
        line(&mut out, &format!("| [`{name}`](#the-process) | {kind} | {unit} | |"));
    }
    for name in Name::ALL {
        section(&mut out, *name);
    }
    line(&mut out, "\n## The process\n");
    line(&mut out, "What the operating system knows of the program; which of them there are depends on it.\n");
    line(&mut out, "| metric | meaning |\n|---|---|");
    for Figure { name, help, .. } in &FIGURES {
        line(&mut out, &format!("| `{name}` | {help} |"));
    }
    out
}

fn section(out: &mut String, name: Name) {
    line(out, &format!("\n## {}\n", name.name()));
    line(out, &format!("{}{}. {}\n", capital(name.kind().name()), unit(name), name.help()));
    name.labels().iter().for_each(|label| values(out, *label));
    if !name.labels().is_empty() {
        line(out, "");
    }
    line(out, &format!("```promql\n{}\n```", name.example()));
}

fn values(out: &mut String, label: Label) {
    let values = label.values();
    let words = values.known.iter().map(|word| format!("`{word}`")).chain(values.others.map(str::to_owned));
    line(out, &format!("- `{}`: {}", label.name(), words.collect::<Vec<_>>().join(", ")));
}

/// The unit; empty for a yes or no.
fn unit(name: Name) -> String {
    if name.unit() == "none" { String::new() } else { format!(", in {}", name.unit()) }
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn line(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("a string takes all");
}
