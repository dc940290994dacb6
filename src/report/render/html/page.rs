//! The page: it contains everything that a browser needs, and its content security policy forbids requests. Must not
//! know figures.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::outcome::Outcome;

use super::sections::{plot, section};
use super::{palette, verdict};
use crate::report::document::batch::BatchDocument;
use crate::report::document::cell::Cell;
use crate::report::document::figures;
use crate::report::document::plain::plain;
use crate::report::document::sections::sections;

/// The style of the page; the colours are written before it.
const STYLE: &str = include_str!("style.css");
/// The content security policy: only the page's own styles and icon.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
/// The icon: a bell's clapper from below, as two rings.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6.5' fill='none' stroke='%230072B2' stroke-width='3'/%3E%3Ccircle cx='8' cy='8' r='2' fill='%230072B2'/%3E%3C/svg%3E";

/// The whole report as one page, with a final line feed.
pub fn html(outcome: &Outcome) -> String {
    let Cell(word, _) = figures::verdict(outcome);
    let version = &outcome.version;
    let made_by = format!("reveille {version} · model {} · scenario {}", outcome.model_version, outcome.scenario_hash);
    let body = html! {
        (verdict::head(outcome))
        @for part in &sections(outcome) { (section(part, &|which| plot(which, outcome))) }
    };
    page(&word, &outcome.scenario, version, &made_by, &body)
}

/// A report about many forecasts as one page, with a final line feed.
pub(crate) fn batch(document: &BatchDocument) -> String {
    let BatchDocument { head, sections } = document;
    let body = html! {
        (verdict::batch_head(head))
        @for part in sections { (section(part, &|_| html! {})) }
    };
    page(&head.verdict.0, &head.scenario, env!("CARGO_PKG_VERSION"), &head.made_by, &body)
}

fn page(word: &str, scenario: &str, version: &str, made_by: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "reveille " (version) };
                title { (word) " · " (plain(scenario)) " · Reveille" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(palette::style())) (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                footer { (made_by) " · the words of this report: docs/glossary.md" }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::{contrast, usual};
    use crate::outcome::{Lag, LagWaited, ShardLag};

    const EXPECTED: &str = "[[expect]]\nname = \"most within a minute\"\nmetric = \"reach\"\nwithin = \"1m\"\n\
                            check = \">= 0.75\"\n";

    /// The usual outcome with `name` in place of every name, and with every section.
    fn named(name: &str) -> Outcome {
        let mut outcome = usual(EXPECTED).outcome(None);
        for text in [
            &mut outcome.scenario,
            &mut outcome.expectations[0].name,
            &mut outcome.messages[0].send,
            &mut outcome.assumptions[0].value,
            &mut outcome.replay,
        ] {
            name.clone_into(text);
        }
        outcome.faults[0].name = name.to_owned();
        for line in outcome.series.iter_mut().filter(|line| !line.faults_in_force.is_empty()) {
            line.faults_in_force = vec![name.to_owned()];
        }
        outcome.expectations[0].observed_text = name.into();
        outcome.messages[1].device = Some(name.to_owned());
        outcome.messages[2].reason = Some(name.to_owned());
        outcome.stations.by_cause.insert(name.to_owned(), 1);
        let (p99_limit, waited) = (Some(20), LagWaited { turn: 7, ..LagWaited::default() });
        let shards = vec![ShardLag { p99: 40, max: 50 }];
        outcome.lag_ms =
            Some(Lag { p50: 1, p95: 2, p99: 40, max: 50, p99_limit, starts: None, arrivals: None, waited, shards });
        outcome.without = Some(vec![contrast(&[name])]);
        outcome
    }

    /// The tags of a page, independent of its words, on which the places of line breaks depend.
    fn skeleton(page: &str) -> Vec<&str> {
        let tags = page.split('<').skip(1).map(|piece| piece.split([' ', '>']).next().unwrap_or(piece));
        tags.filter(|tag| *tag != "wbr").collect()
    }

    #[test]
    fn no_name_changes_the_structure_of_the_page() {
        let calm = html(&named("calm"));
        for hostile in [
            "</title></style></svg><script>alert(1)</script><!--",
            "\" onload=\"alert(1)\" x='",
            "&lt;b&gt; &amp;amp; ]]>",
            "\u{202E}evil\r\n\0<img src=x>",
        ] {
            let page = html(&named(hostile));
            assert_eq!(skeleton(&page), skeleton(&calm), "{hostile}");
            assert!(!page.contains('\u{202E}') && !page.contains('\0'), "{hostile}");
        }
    }

    #[test]
    fn has_its_sections_in_order() {
        let page = html(&named("calm"));
        let headings: Vec<&str> =
            page.split("<h2").skip(1).filter_map(|piece| piece.split(['>', '<']).nth(1)).collect();
        assert_eq!(
            headings,
            [
                "Reach",
                "Why not",
                "Messages",
                "Audience",
                "What each fault cost",
                "What would have been without it",
                "Expectations",
                "Quota",
                "Lag",
                "Assumptions",
                "Replay"
            ]
        );
        let verdict = page.find("FAILED</p>").expect("the verdict is there");
        assert!(verdict < page.find("<h2").expect("and sections"), "the verdict comes first");
    }

    #[test]
    fn a_page_of_a_large_report_stays_small() {
        let mut outcome = named(&"long ".repeat(100));
        outcome.messages = vec![outcome.messages[0].clone(); 10_000];
        outcome.faults = vec![outcome.faults[0].clone(); 128];
        outcome.expectations = vec![outcome.expectations[0].clone(); 1_000];
        outcome.model_duration_ms = 366 * 24 * 3_600_000;
        let page = html(&outcome);
        assert!(page.contains("… and 9,800 more"), "messages are cut");
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
    }
}
