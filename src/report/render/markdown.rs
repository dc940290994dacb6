//! The report as Markdown, for a pull request: verdict, reach, why not, messages, audience, faults, assumptions,
//! replay. Every list is bounded, so that it fits into a comment; foreign text must never become mark-up.

use std::fmt::Write as _;

use crate::outcome::words::{brief, count, share};
use crate::outcome::{ExpectationLine, Failure, MessageLine, MessageOutcome, Outcome, Verdict};

use super::contrast;
use super::grid::{Grid, escaped, fenced, toned};
use crate::report::document::figures::{self, of};
use crate::report::document::ink::Tone;
use crate::report::document::phrases::{plural, share_and_count};
use crate::report::document::table::{Align, Cell, bar};

/// Rows of a table; the rest is in the JSON report.
const ROWS_MAX: usize = 20;

/// The whole report.
pub fn markdown(outcome: &Outcome) -> String {
    let mut out = String::new();
    verdict(outcome, &mut out);
    reach(outcome, &mut out);
    why_not(outcome, &mut out);
    messages(outcome, &mut out);
    audience(outcome, &mut out);
    faults(outcome, &mut out);
    without(outcome, &mut out);
    assumptions(outcome, &mut out);
    replay(outcome, &mut out);
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a string takes all");
}

/// A heading and the first paragraph of a section.
fn section(out: &mut String, title: &str, said: &str) {
    line(out, &format!("\n### {title}"));
    if !said.is_empty() {
        line(out, &format!("\n{said}"));
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
            if !others.is_empty() {
                line(out, &format!("\n{}", others[..others.len().min(ROWS_MAX)].join("\n")));
                rest(out, others.len());
            }
        }
        Verdict::Broken => {
            line(out, &format!("\n✗ {} Please report this, with the command at the end.", figures::broken(outcome)));
        }
    }
    expectations(outcome, out);
}

fn expectations(outcome: &Outcome, out: &mut String) {
    if outcome.expectations.is_empty() {
        return;
    }
    let mut grid =
        Grid::new(&["", "expectation", "check", "observed"], &[Align::Left, Align::Left, Align::Left, Align::Right]);
    // Failed expectations come first, so that they are not omitted for want of space.
    let mut lines: Vec<&ExpectationLine> = outcome.expectations.iter().collect();
    if lines.len() > ROWS_MAX {
        lines.sort_by_key(|line| line.ok);
    }
    for line in lines.iter().take(ROWS_MAX) {
        let (mark, tone) = if line.ok { ("✓", Tone::Text) } else { ("✗", Tone::Bad) };
        let check = format!("{} {}", line.metric, line.check);
        grid.row(vec![mark.into(), line.name.clone().into(), check.into(), Cell(line.observed_text.clone(), tone)]);
    }
    grid.render(out);
    rest(out, lines.len());
}

fn reach(outcome: &Outcome, out: &mut String) {
    if outcome.pairs == 0 {
        section(out, "Reach", "No message has an audience.");
        return;
    }
    section(out, "Reach", &format!("Of {}, since each message's acceptance.", plural(outcome.pairs, "pair")));
    let mut grid = Grid::new(
        &["shown", "", "share", "pairs", ""],
        &[Align::Left, Align::Left, Align::Right, Align::Right, Align::Left],
    );
    let row = |words: &str, tone: Tone, number: u64, more: String| {
        let [share, number_text] = share_and_count(number, outcome.pairs);
        vec![Cell(words.to_owned(), tone), bar(number, outcome.pairs), share, number_text, more.into()]
    };
    for (words, number) in figures::reach(outcome) {
        grid.row(row(words, Tone::Text, number, String::new()));
    }
    let (never, still) = figures::never(outcome);
    grid.row(row("never", Tone::Notice, never, still));
    grid.render(out);
    if let Some(latency) = figures::latency(outcome) {
        line(out, &format!("\nLatency {latency}"));
    }
}

fn why_not(outcome: &Outcome, out: &mut String) {
    let (causes, others) = figures::causes(outcome);
    let never = causes.iter().map(|(_, number)| number).sum::<u64>() + others;
    let Some((_, most)) = causes.first().copied() else { return };
    section(out, "Why not", &format!("{} not shown.", plural(never, "pair")));
    let mut grid = Grid::new(&["cause", "pairs", "share", ""], &[Align::Left, Align::Right, Align::Right, Align::Left]);
    for (words, number) in causes {
        let [share, number_text] = share_and_count(number, outcome.pairs);
        grid.row(vec![words.into(), number_text, share, bar(number, most)]);
    }
    if others > 0 {
        let [share, number] = share_and_count(others, outcome.pairs);
        grid.row(vec!["everything else".into(), number, share]);
    }
    grid.render(out);
}

fn messages(outcome: &Outcome, out: &mut String) {
    section(out, "Messages", &figures::quotas(outcome));
    if outcome.messages.is_empty() {
        return;
    }
    let columns = [&[Align::Left, Align::Right, Align::Left][..], &[Align::Right; 5]].concat();
    let mut grid = Grid::new(&["send", "at", "outcome", "audience", "shown", "15 min", "p50", "p95"], &columns);
    outcome.messages.iter().take(ROWS_MAX).for_each(|line| grid.row(message(line)));
    grid.render(out);
    rest(out, outcome.messages.len());
}

fn message(line: &MessageLine) -> Vec<Cell> {
    let at = line.accepted_at_ms.map(figures::clock).unwrap_or_default();
    let mut cells = vec![figures::message_name(&line.send, line).into(), at.into(), figures::message_outcome(line)];
    if line.outcome != MessageOutcome::Refused {
        let quantile = |of: Option<u64>| Cell::from(of.map_or("–".to_owned(), brief));
        cells.extend([
            count(line.audience).into(),
            share(of(&line.stations, "shown"), line.audience).into(),
            share(line.reach.fifteen_minutes, line.audience).into(),
            quantile(line.latency_ms.map(|latency| latency.p50)),
            quantile(line.latency_ms.map(|latency| latency.p95)),
        ]);
    }
    cells
}

fn audience(outcome: &Outcome, out: &mut String) {
    if outcome.pairs == 0 {
        return;
    }
    section(out, "Audience", &figures::classes(outcome));
    let mut grid = Grid::new(&figures::PLATFORM_HEADINGS, &[&[Align::Left][..], &[Align::Right; 7]].concat());
    figures::platforms(outcome).for_each(|row| grid.row(row));
    grid.render(out);
    line(out, &format!("\n{}", figures::afterwards(outcome)));
}

fn faults(outcome: &Outcome, out: &mut String) {
    if outcome.faults.is_empty() {
        return;
    }
    section(out, "What each fault cost", "");
    let columns = [Align::Left, Align::Left, Align::Right, Align::Right, Align::Left];
    let mut grid = Grid::new(&figures::FAULT_HEADINGS, &columns);
    for line in outcome.faults.iter().take(ROWS_MAX) {
        grid.row([Cell::from(line.name.clone())].into_iter().chain(figures::fault(line)).collect());
    }
    grid.render(out);
    rest(out, outcome.faults.len());
}

fn without(outcome: &Outcome, out: &mut String) {
    let Some(lines) = &outcome.without else { return };
    let (title, said) = contrast::title(lines);
    section(out, title, said);
    for contrast in lines.iter().take(ROWS_MAX) {
        let said: Vec<String> = contrast::sentences(contrast).iter().map(|said| format!("  - {said}")).collect();
        let names = toned(&Cell(contrast::joined(&contrast.faults), Tone::Notice));
        line(out, &format!("\n- without {names}\n{}", said.join("\n")));
    }
    rest(out, lines.len());
}

fn assumptions(outcome: &Outcome, out: &mut String) {
    if outcome.assumptions.is_empty() {
        return;
    }
    section(out, "Assumptions", "These are undocumented; the scenario can set them.");
    let mut grid = Grid::new(&["key", "value"], &[Align::Left, Align::Left]);
    for line in outcome.assumptions.iter().take(ROWS_MAX) {
        grid.row(vec![line.key.clone().into(), line.value.clone().into()]);
    }
    grid.render(out);
    rest(out, outcome.assumptions.len());
}

fn replay(outcome: &Outcome, out: &mut String) {
    section(out, "Replay", &format!("Gives digest {}.", escaped(&outcome.digest)));
    // A command will be copied, so it is never cut.
    line(out, &format!("\n{}", fenced(&outcome.replay).trim_end()));
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
        insta::assert_snapshot!(markdown(&outcome).replace(&outcome.digest, "DIGEST"), @r#"
        ## FAILED: by-hand

        actors · intune-2019 · seed 7 · 5 min of model time in 250 ms · 4 devices · 5 pairs · 20 pairs/s

        34 MB of memory at most

        |  | expectation | check | observed |
        | --- | --- | --- | ---: |
        | ✗ | most within a minute | reach >= 0.75 | **40.0 %** |

        ### Reach

        Of 5 pairs, since each message's acceptance.

        | shown |  | share | pairs |  |
        | --- | --- | ---: | ---: | --- |
        | within 1 min | ███████████▏ | 40.0 % | 2 |  |
        | within 15 min | ████████████████▊ | 60.0 % | 3 |  |
        | within 1 h | ████████████████▊ | 60.0 % | 3 |  |
        | within 4 h | ████████████████▊ | 60.0 % | 3 |  |
        | by the end | ████████████████▊ | 60.0 % | 3 |  |
        | **never** | ███████████▏ | 40.0 % | 2 |  |

        Latency p50 2 s · p95 1 min 03 s · p99 1 min 03 s · max 1 min 03 s

        ### Why not

        2 pairs not shown.

        | cause | pairs | share |  |
        | --- | ---: | ---: | --- |
        | blocked/permission | 1 | 20.0 % | ████████████████████████████ |
        | skipped/unsupported_platform | 1 | 20.0 % | ████████████████████████████ |

        ### Messages

        1 group message accepted · 1 to single devices

        | send | at | outcome | audience | shown | 15 min | p50 | p95 |
        | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |
        | closure | 0:01:00 | accepted | 4 | 50.0 % | 50.0 % | 1.0 s | 1.0 min |
        | ring @ ada-phone | 0:03:00 | accepted | 1 | 100.0 % | 100.0 % | 2.0 s | 2.0 s |
        | novel |  | **title_too_long** |  |  |  |  |  |

        ### Audience

        4 members · 1 stale member

        | platform | pairs | shown | waiting | skipped | blocked | lost | too late |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | android | 1 | 100.0 % | 0 | 0 | 0 | 0 | 0 |
        | ios | 3 | 66.7 % | 0 | 0 | 1 | 0 | 0 |
        | macos | 1 | 0.0 % | 0 | 1 | 0 | 0 | 0 |

        0 notifications dismissed · 0 readable by another app

        ### What each fault cost

        | fault | kind | touched | still waiting | recovered |
        | --- | --- | ---: | ---: | --- |
        | fcm-down | outage | 1 | 0 | 33 s after its end |

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
        "#);
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
