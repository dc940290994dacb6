//! The report as Markdown, for a pull request. Every list is bounded, so that it fits into a comment; foreign text must
//! never become mark-up. Must only format: the sections are data of `document`.

use std::fmt::Write as _;

use crate::outcome::words::count;
use crate::outcome::{Failure, Outcome, Verdict};

use super::grid::{Grid, escaped, fenced, literal, toned};
use super::text_table::{Align, BAR_WIDTH, bar};
use crate::report::document::batch::{BatchDocument, BatchHead};
use crate::report::document::cell::{Cell, Tone};
use crate::report::document::figures;
use crate::report::document::plain::plain;
use crate::report::document::section::{
    Block, ColumnKind, Content, ReplayCommand, ReportTable, Section, capitalised, text_sections,
};
use crate::report::document::sections::sections;

/// Rows of a table; the rest is in the JSON report.
const ROWS_MAX: usize = 20;

/// The whole report.
pub fn markdown(outcome: &Outcome) -> String {
    let mut out = String::new();
    verdict(outcome, &mut out);
    text(sections(outcome), &mut out);
    out
}

/// A report about many forecasts.
pub(crate) fn batch(document: BatchDocument) -> String {
    let mut out = String::new();
    let BatchHead { scenario, verdict: Cell(word, _), kind, size, missed, .. } = document.head;
    line(&mut out, &format!("## {word}: {}\n\n{} · {size}", escaped(&scenario), escaped(&kind)));
    let places = |places: &str| if places.is_empty() { String::new() } else { format!(" {}", escaped(places)) };
    let missed = missed.iter().map(|missed| format!("- ✗ {}{}", escaped(&missed.what), places(&missed.places)));
    list(&mut out, &missed.collect::<Vec<_>>());
    text(document.sections, &mut out);
    out
}

/// The sections, those of the verdict first and without their titles.
fn text(sections: Vec<Section>, out: &mut String) {
    let (of_verdict, others) = text_sections(sections);
    of_verdict.iter().flat_map(|section| &section.blocks).for_each(|piece| block(piece, out));
    for section in &others {
        line(out, &format!("\n### {}", section.title));
        paragraph(out, &section.lead.paragraph());
        section.blocks.iter().for_each(|piece| block(piece, out));
    }
}

/// Points of a list, if there are any.
fn list(out: &mut String, points: &[String]) {
    if !points.is_empty() {
        line(out, &format!("\n{}", points[..points.len().min(ROWS_MAX)].join("\n")));
        rest(out, points.len());
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        line(out, &format!("\n{}", literal(text)));
    }
}

/// Writes how many rows are omitted, if any.
fn rest(out: &mut String, rows: usize) {
    let more = rows.saturating_sub(ROWS_MAX);
    if more > 0 {
        line(out, &format!("\n… and {} more; the JSON report has them all", count(more as u64)));
    }
}

fn verdict(outcome: &Outcome, out: &mut String) {
    let Cell(word, _) = figures::verdict(outcome);
    line(out, &format!("## {word}: {}\n", escaped(&outcome.scenario)));
    let (driver, profile) = (outcome.driver.name(), escaped(&outcome.profile));
    line(out, &format!("{driver} · {profile} · seed {} · {}", outcome.seed, figures::size(outcome)));
    for said in [figures::done(outcome), figures::engine(outcome), figures::baseline(outcome)].into_iter().flatten() {
        line(out, &format!("\n{said}"));
    }
    match outcome.verdict() {
        Verdict::Passed => {}
        Verdict::Failed { reasons } => {
            // Failed expectations have a row of their own, below.
            let others: Vec<String> = reasons
                .iter()
                .filter(|reason| !matches!(reason, Failure::Expectation { .. }))
                .map(|reason| format!("- ✗ {}", escaped(&reason.to_string())))
                .collect();
            list(out, &others);
        }
        Verdict::Broken => {
            line(out, &format!("\n✗ {} Please report this, with the command at the end.", figures::broken(outcome)));
        }
    }
}

fn block(block: &Block, out: &mut String) {
    match block {
        Block::Table(rows) => table(rows, out),
        Block::Note(text) => paragraph(out, text),
        Block::Plot(_, words) => words.iter().for_each(|words| paragraph(out, &capitalised(words))),
        Block::Effects(effects) => {
            for (names, sentences) in effects.iter().take(ROWS_MAX) {
                let names = toned(&Cell(names.clone(), Tone::Notice));
                line(out, &format!("\n- without {names}\n  - {}", sentences.join("\n  - ")));
            }
            rest(out, effects.len());
        }
        Block::Commands(commands) => {
            let with_reason = |ReplayCommand { command, why, .. }: &ReplayCommand| match why.as_str() {
                "" => command.clone(),
                why => format!("{command}  # {}", plain(why)),
            };
            let commands: Vec<String> = commands.iter().map(with_reason).collect();
            line(out, &format!("\n{}", fenced(&commands.join("\n")).trim_end()));
        }
    }
}

fn table(table: &ReportTable, out: &mut String) {
    let places = table.text_columns();
    let columns = places.iter().map(|at| &table.columns[*at]);
    let align = |kind| if kind == ColumnKind::Number { Align::Right } else { Align::Left };
    let (headings, aligns): (Vec<&str>, Vec<Align>) =
        columns.map(|column| (column.heading.as_ref(), align(column.kind))).unzip();
    let mut grid = Grid::new(&headings, &aligns);
    for row in table.rows.iter().take(ROWS_MAX) {
        grid.row(places.iter().map_while(|at| row.get(*at).map(cell)).collect());
    }
    grid.render(out);
    rest(out, table.rows.len());
}

fn cell(content: &Content) -> Cell {
    match content {
        Content::Text(cell) => cell.clone(),
        Content::Mark(true) => "✓".into(),
        Content::Mark(false) => Cell("✗".to_owned(), Tone::Bad),
        Content::Bar(parts, whole) => bar(parts.iter().map(|(part, _)| part).sum(), *whole, BAR_WIDTH).into(),
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser};

    use super::*;
    use crate::outcome::fixture::{contrast, usual};

    const EXPECTED: &str = "[[expect]]\nname = \"most within a minute\"\nmetric = \"reach\"\nwithin = \"1m\"\n\
                            check = \">= 0.75\"\n";

    fn usual_outcome() -> Outcome {
        let mut outcome = usual(EXPECTED).outcome(None);
        // The list of assumptions depends on the scenario.
        outcome.assumptions.truncate(1);
        outcome
    }

    #[test]
    fn has_its_sections_in_order() {
        let outcome = usual_outcome();
        insta::assert_snapshot!(markdown(&outcome).replace(&outcome.digest, "DIGEST"), @r"
        ## FAILED: by-hand

        actors · intune-2019 · seed 7 · 5 min of model time in 250 ms · 4 devices · 5 pairs · 20 pairs/s

        34 MB of memory at most

        |  | expectation | check | observed |
        | --- | --- | --- | ---: |
        | **✗** | most within a minute | reach >= 0.75 | **40.0 %** |

        ### Reach

        Of 5 pairs of a message and a device, since each message’s acceptance.

        | shown |  | share | pairs |
        | --- | --- | ---: | ---: |
        | within 1 min | ███████████▏ | 40.0 % | 2 |
        | within 15 min | ████████████████▊ | 60.0 % | 3 |
        | within 1 h | ████████████████▊ | 60.0 % | 3 |
        | within 4 h | ████████████████▊ | 60.0 % | 3 |
        | by the end | ████████████████▊ | 60.0 % | 3 |
        | never | ███████████▏ | 40.0 % | 2 |

        Latency p50 2 s · p95 1 min 03 s · p99 1 min 03 s · max 1 min 03 s

        ### Why not

        2 pairs not shown.

        | why | pairs | of all pairs |  |
        | --- | ---: | ---: | --- |
        | the phone does not allow notifications | 1 | 20.0 % | ████████████████████████████ |
        | Macs and PCs get no custom notifications | 1 | 20.0 % | ████████████████████████████ |

        | what helps | code |
        | --- | --- |
        | allow them for the app in the phone's settings | blocked/permission |
        | reach these people on a phone, or in another way | skipped/unsupported_platform |

        ### Messages

        1 group message accepted · 1 to single devices

        | send | at | outcome | audience | shown | in 15 min | p50 | p95 |
        | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |
        | closure | Mon 06:01 (+0:01:00) | accepted | 4 | 50.0 % | 50.0 % | 1.0 s | 1.0 min |
        | ring @ ada-phone | Mon 06:03 (+0:03:00) | accepted | 1 | 100.0 % | 100.0 % | 2.0 s | 2.0 s |
        | novel |  | **refused: title_too_long** |  |  |  |  |  |

        ### Audience

        4 members · 1 stale member

        | platform | pairs | shown | waiting | skipped | blocked | lost | too late |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | android | 1 | 100.0 % | 0 | 0 | 0 | 0 | 0 |
        | ios | 3 | 66.7 % | 0 | 0 | 1 | 0 | 0 |
        | macos | 1 | 0.0 % | 0 | 1 | 0 | 0 | 0 |

        0 notifications dismissed · 0 readable by another app

        ### What each fault cost

        | fault | kind | touched | still waiting | gateway clear | last phone |
        | --- | --- | ---: | ---: | --- | --- |
        | fcm-down | outage | 1 | 0 | 30 s later | 33 s later |

        ### Assumptions

        These are undocumented; the scenario can set them.

        | key | value |
        | --- | --- |
        | delivery.apns.latency | lognormal, median 600ms, p95 2s |

        ### Replay

        Gives digest DIGEST.

        ```sh
        reveille run by-hand.toml --seed 7
        ```
        ");
    }

    /// The structure of a report, independent of its words.
    fn skeleton(markdown: &str) -> Vec<String> {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH | Options::ENABLE_GFM;
        let mut parts: Vec<String> = Parser::new_ext(markdown, options)
            .map(|event| match event {
                Event::Text(_) => "text".to_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        parts.dedup();
        parts
    }

    /// The usual outcome with `name` in place of every name.
    fn named(name: &str) -> Outcome {
        let mut outcome = usual_outcome();
        for text in [
            &mut outcome.scenario,
            &mut outcome.expectations[0].name,
            &mut outcome.faults[0].name,
            &mut outcome.messages[0].send,
            &mut outcome.assumptions[0].value,
            &mut outcome.replay,
        ] {
            name.clone_into(text);
        }
        outcome.expectations[0].observed_text = name.into();
        outcome.messages[1].device = Some(name.to_owned());
        outcome.messages[2].reason = Some(name.to_owned());
        outcome.stations.by_cause.insert(name.to_owned(), 1);
        outcome.without = Some(vec![contrast(&[name])]);
        outcome
    }

    #[test]
    fn no_name_changes_the_structure_of_the_report() {
        let calm = skeleton(&markdown(&named("calm")));
        for hostile in [
            "a | b |\n| --- |\n| c",
            "```\n# Heading\n~~~~\n",
            "</table><script>alert(1)</script><!--",
            "`code` **bold** _it_ ~~gone~~ $x$ \\",
            "[link](https://a.b) ![image](c) https://a.b www.a.b <https://a.b> mail@a.b [1]: x",
            "@octocat closes #1 &amp; &#124;\u{1b}[31m\r\n\r\n- x",
        ] {
            let text = markdown(&named(hostile));
            assert_eq!(skeleton(&text), calm, "{text}");
        }
    }

    #[test]
    fn fits_into_a_comment_and_keeps_failures() {
        let mut outcome = named(&"<&|".repeat(100));
        outcome.replay = "reveille run by-hand.toml".into();
        let mut failed = outcome.expectations[0].clone();
        failed.name = "the one that failed".into();
        outcome.expectations[0].ok = true;
        outcome.expectations = vec![outcome.expectations[0].clone(); 500];
        outcome.expectations.push(failed);
        outcome.faults = vec![outcome.faults[0].clone(); 500];
        outcome.messages = vec![outcome.messages[0].clone(); 10_000];
        outcome.assumptions = vec![outcome.assumptions[0].clone(); 500];
        let text = markdown(&outcome);
        assert!(text.contains("the one that failed") && text.contains("… and 9,980 more"), "{text}");
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
    }
}
