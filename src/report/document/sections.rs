//! The sections of a report, in the order in which people read them. A new section is written here, once for every
//! format. The figures come from `figures`; must not judge, and must not know a format.

use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::words::{brief, count, share};
use crate::outcome::{
    AssumptionLine, Counts, ExpectationLine, FaultLine, Lag, LagCause, MessageLine, MessageOutcome, Outcome,
    ShownUntil, WindowLine,
};

use super::causes::plain_cause;
use super::cell::{Cell, Tone};
use super::figures::{self, of};
use super::layer::Layer;
use super::phrases::{plural, span};
use super::section::{Block, ColumnKind, Content, Cut, Lead, Plot, ReplayCommand, ReportColumn, ReportTable, Section};
use super::{baseline, warnings, without};

/// Messages that a console lists.
const CONSOLE_MESSAGES_MAX: usize = 12;
/// Parts of the audience that a console lists in one table.
const CONSOLE_PARTS_MAX: usize = 24;
/// The stations of a part's bar, from the left.
const STATIONS: [&str; 8] = ["shown", "waiting", "superseded", "discarded", "expired", "lost", "blocked", "skipped"];

/// Every section that the outcome has something for.
pub(crate) fn sections(outcome: &Outcome) -> Vec<Section> {
    let optional = [why_not, audience, faults, without::section, expectations, against, quota, lag, assumptions];
    let [why_not, rest @ ..] = optional.map(|section| section(outcome));
    let begin = [warnings::section(&outcome.warnings), Some(reach(outcome)), why_not, Some(messages(outcome))];
    begin.into_iter().chain(rest).chain([Some(replay(outcome))]).flatten().collect()
}

/// How far the messages reached, and how soon.
fn reach(outcome: &Outcome) -> Section {
    if outcome.pairs == 0 {
        return Section::new("reach", "Reach", Lead::Sentence("no message has an audience".to_owned()), Vec::new());
    }
    let pairs = plural(outcome.pairs, "pair");
    let lead = format!("of {pairs} of a message and a device, since each message’s acceptance");
    let (never, waiting) = figures::never(outcome);
    let row = |words: String, tone: Tone, pairs: u64, layer: Layer| {
        vec![
            Cell(words, tone).into(),
            Content::Bar(vec![(pairs, layer)], outcome.pairs),
            share(pairs, outcome.pairs).into(),
            count(pairs).into(),
        ]
    };
    let reach = figures::reach(outcome).into_iter();
    let mut rows: Vec<Vec<Content>> = reach.map(|(words, pairs)| row(words, Tone::Text, pairs, Layer::Shown)).collect();
    rows.push(row("never".to_owned(), Tone::Text, never, Layer::Never));
    let columns = vec![
        ReportColumn::text("shown"),
        ReportColumn::drawn(ColumnKind::Bar),
        ReportColumn::number("share"),
        ReportColumn::number("pairs"),
    ];
    let mut blocks = vec![Block::Plot(Plot::Reach, None), Block::Table(ReportTable::whole("Reach", columns, rows))];
    if waiting > 0 {
        blocks.push(Block::Note(format!("Of those never shown, {} still waiting at the end.", count(waiting))));
    }
    let latency = figures::latency(outcome).map(|latency| format!("latency {latency}"));
    blocks.extend([Block::Plot(Plot::Latency, latency), Block::Plot(Plot::Course, None)]);
    Section::new("reach", "Reach", Lead::Sentence(lead), blocks)
}

/// Why pairs were not shown, the most frequent cause first.
fn why_not(outcome: &Outcome) -> Option<Section> {
    let (causes, rest) = figures::causes(outcome);
    let (_, most) = causes.first().copied()?;
    let never = causes.iter().map(|(_, pairs)| pairs).sum::<u64>() + rest;
    let figures = |pairs: u64| [count(pairs).into(), share(pairs, outcome.pairs).into()];
    let row = |(words, pairs): &(&str, u64)| {
        let layer = Layer::of_station(words.split('/').next().unwrap_or(words));
        let mut row = vec![Content::from(plain_cause(words).sentence)];
        row.extend(figures(*pairs));
        row.push(Content::Bar(vec![(*pairs, layer)], most));
        row
    };
    let help = |(words, _): &(&str, u64)| -> Vec<Content> {
        vec![plain_cause(words).remedy.into(), Cell((*words).to_owned(), Tone::Quiet).into()]
    };
    let help: Vec<Vec<Content>> = causes.iter().map(help).collect();
    let mut rows: Vec<Vec<Content>> = causes.iter().map(row).collect();
    if rest > 0 {
        let words = Cell("everything else".to_owned(), Tone::Quiet);
        rows.push([words.into()].into_iter().chain(figures(rest)).collect());
    }
    let columns = vec![
        ReportColumn::text("why").cut(Cut::End(42)),
        ReportColumn::number("pairs"),
        ReportColumn::number("of all pairs"),
        ReportColumn::drawn(ColumnKind::Bar),
    ];
    let lead = Lead::Sentence(format!("{} not shown", plural(never, "pair")));
    let help_columns =
        vec![ReportColumn::text("what helps").cut(Cut::End(66)), ReportColumn::text("code").cut(Cut::End(30))];
    let tables = [ReportTable::whole("Why not", columns, rows), ReportTable::whole("What helps", help_columns, help)];
    Some(Section::new("why-not", "Why not", lead, tables.map(Block::Table).into()))
}

/// The messages, and what the quotas let pass.
fn messages(outcome: &Outcome) -> Section {
    let mut columns = vec![
        ReportColumn::text("send").cut(Cut::Middle(14)),
        ReportColumn::number("at"),
        ReportColumn::text("outcome").cut(Cut::Label(12)),
        ReportColumn::number("audience"),
        ReportColumn::number("shown"),
    ];
    if outcome.reach.is_chosen() {
        columns.extend(figures::told_windows(outcome).iter().map(window_column));
    } else {
        columns.push(ReportColumn::number("in 15 min"));
    }
    columns.extend(["p50", "p95"].map(ReportColumn::number));
    let rows: Vec<Vec<Content>> = outcome.messages.iter().map(|line| message(outcome, line)).collect();
    let blocks = if rows.is_empty() {
        Vec::new()
    } else {
        let table = ReportTable::whole("Messages", columns, rows);
        vec![Block::Table(ReportTable { console_rows_max: CONSOLE_MESSAGES_MAX, ..table })]
    };
    Section::new("messages", "Messages", Lead::Figures(figures::quotas(outcome)), blocks)
}

/// The column of a window of reach.
fn window_column(window: &WindowLine) -> ReportColumn {
    ReportColumn::number(figures::window_words(window))
}

fn message(outcome: &Outcome, line: &MessageLine) -> Vec<Content> {
    let at = figures::accepted_at(line);
    let mut row = vec![figures::message_name(line).into(), Content::from(at), figures::message_outcome(line).into()];
    if line.outcome != MessageOutcome::Refused {
        let quantile = |ms: Option<u64>| Content::from(ms.map_or("–".to_owned(), brief));
        row.extend([count(line.audience).into(), share(of(&line.stations, "shown"), line.audience).into()]);
        if outcome.reach.is_chosen() {
            row.extend(figures::told_shares(outcome, line.shown_until.as_ref(), line.audience).map(Content::from));
        } else {
            row.push(share(line.reach.fifteen_minutes, line.audience).into());
        }
        row.extend(
            [line.latency_ms.map(|latency| latency.p50), line.latency_ms.map(|latency| latency.p95)].map(quantile),
        );
    }
    row
}

/// The classes of the pairs, and where those of each platform, site, cohort and label are.
fn audience(outcome: &Outcome) -> Option<Section> {
    if outcome.pairs == 0 {
        return None;
    }
    let (stations, reach) = (&outcome.stations, &outcome.reach);
    let divides = |parts: &BTreeMap<String, Counts>| parts.len() > 1;
    // Cohorts that are the platforms by other names would repeat the first table.
    let counted = |parts: &BTreeMap<String, Counts>| parts.values().cloned().collect::<BTreeSet<Counts>>();
    let are_platforms = stations.by_cohort.len() == stations.by_platform.len()
        && counted(&stations.by_cohort) == counted(&stations.by_platform);
    let mut blocks = vec![Block::Table(parts(outcome, "platform", &stations.by_platform, &reach.by_platform))];
    if !stations.by_site.is_empty() {
        blocks.push(Block::Table(parts(outcome, "site", &stations.by_site, &reach.by_site)));
    }
    if divides(&stations.by_cohort) && !are_platforms {
        blocks.push(Block::Table(parts(outcome, "cohort", &stations.by_cohort, &reach.by_cohort)));
    }
    if divides(&stations.by_label) {
        blocks.push(Block::Table(parts(outcome, "label", &stations.by_label, &reach.by_label)));
    }
    blocks.push(Block::Note(figures::afterwards(outcome)));
    Some(Section::new("audience", "Audience", Lead::Figures(figures::classes(outcome)), blocks))
}

/// Where the pairs of each part are, divided by one property.
fn parts(
    outcome: &Outcome,
    by: &'static str,
    stations: &BTreeMap<String, Counts>,
    shown: &BTreeMap<String, ShownUntil>,
) -> ReportTable {
    let mut columns = vec![ReportColumn::text(by).cut(Cut::Middle(24)), ReportColumn::number("pairs")];
    columns.extend(figures::told_windows(outcome).iter().map(window_column));
    columns.extend(["shown", "waiting", "skipped", "blocked", "lost", "too late"].map(ReportColumn::number));
    columns.push(ReportColumn::drawn(ColumnKind::Parts));
    let row = |(name, counts): (&String, &Counts)| {
        let parts = STATIONS.map(|station| (of(counts, station), Layer::of_station(station)));
        let bar = Content::Bar(parts.into(), counts.values().sum());
        let cells = figures::part(outcome, name, counts, shown.get(name));
        cells.into_iter().map(Content::from).chain([bar]).collect()
    };
    let rows = stations.iter().map(row).collect();
    let table = ReportTable::whole(format!("Audience by {by}"), columns, rows);
    ReportTable { console_rows_max: CONSOLE_PARTS_MAX, ..table }
}

/// The effect of each fault.
fn faults(outcome: &Outcome) -> Option<Section> {
    let columns = vec![
        ReportColumn::text("fault").cut(Cut::End(22)),
        ReportColumn::text("kind"),
        ReportColumn::number("touched"),
        ReportColumn::number("still waiting"),
        ReportColumn::text("gateway clear"),
        ReportColumn::text("last phone"),
    ];
    let row = |line: &FaultLine| figures::fault(line).map(Content::from).into();
    let rows: Vec<Vec<Content>> = outcome.faults.iter().map(row).collect();
    let blocks = |rows| vec![Block::Table(ReportTable::whole("Faults", columns, rows))];
    (!rows.is_empty()).then(|| Section::new("faults", "What each fault cost", Lead::None, blocks(rows)))
}

/// The expectations, failed ones first.
fn expectations(outcome: &Outcome) -> Option<Section> {
    let mut lines: Vec<&ExpectationLine> = outcome.expectations.iter().collect();
    lines.sort_by_key(|line| line.ok);
    let row = |line: &ExpectationLine| {
        vec![
            line.name.clone().into(),
            Content::Mark(line.ok),
            Cell(format!("{} {}", line.metric, line.check), Tone::Quiet).into(),
            Cell(line.observed_text.clone(), if line.ok { Tone::Text } else { Tone::Bad }).into(),
        ]
    };
    let rows: Vec<Vec<Content>> = lines.into_iter().map(row).collect();
    let columns = vec![
        ReportColumn::text("expectation").cut(Cut::End(40)),
        ReportColumn::drawn(ColumnKind::Mark),
        ReportColumn::text("check").cut(Cut::End(28)),
        ReportColumn::number("observed"),
    ];
    let blocks = |rows| vec![Block::Table(ReportTable::whole("Expectations", columns, rows))];
    (!rows.is_empty()).then(|| Section {
        belongs_to_verdict: true,
        ..Section::new("expectations", "Expectations", Lead::None, blocks(rows))
    })
}

/// The comparison with a former report, if one was requested.
fn against(outcome: &Outcome) -> Option<Section> {
    outcome.baseline.as_ref().map(baseline::section)
}

/// The tenant's quota over time, if anything was sent to a group.
fn quota(outcome: &Outcome) -> Option<Section> {
    let group = outcome.quota.group;
    let plot = || Section::new("quota", "Quota", Lead::None, vec![Block::Plot(Plot::Quota, None)]);
    (group.accepted + group.refused > 0).then(plot)
}

/// The lag of the engine, if anything was due.
fn lag(outcome: &Outcome) -> Option<Section> {
    let lag = outcome.lag_ms.as_ref()?;
    let &Lag { p50, p95, p99, max, p99_limit, .. } = lag;
    let longest = max.max(p99_limit.unwrap_or(0));
    let row = |words: Cell, ms: u64, layer: Layer| {
        vec![words.into(), span(ms).into(), Content::Bar(vec![(ms, layer)], longest)]
    };
    let is_over = p99_limit.is_some_and(|limit| p99 > limit);
    let mut rows = vec![
        row("p50".into(), p50, Layer::Shown),
        row("p95".into(), p95, Layer::Shown),
        row("p99".into(), p99, if is_over { Layer::Blocked } else { Layer::Shown }),
        row("max".into(), max, Layer::Shown),
    ];
    let parts = [("p99 of starts", lag.starts), ("p99 of arrivals", lag.arrivals)];
    rows.extend(parts.into_iter().filter_map(|(words, part)| Some(row(words.into(), part?.p99, Layer::Shown))));
    rows.extend(p99_limit.map(|limit| row(Cell("allowed p99".to_owned(), Tone::Quiet), limit, Layer::Never)));
    let waited_for = match lag.main_cause() {
        LagCause::FanOut => "their input, while the shard was busy with others",
        LagCause::Timer => "their timer, while the shard was busy with others",
        LagCause::Watermark => "word that nothing else will be asked before",
        LagCause::Activation => "room for their actors",
        LagCause::Turn => "their actors",
    };
    let columns = vec![ReportColumn::text(""), ReportColumn::number("wall time"), ReportColumn::drawn(ColumnKind::Bar)];
    let blocks = vec![
        Block::Table(ReportTable::whole("Lag", columns, rows)),
        Block::Note(format!("Turns waited longest for {waited_for}.")),
    ];
    let lead = "wall time from when an event was due to when it ran".to_owned();
    Some(Section::new("lag", "Lag", Lead::Sentence(lead), blocks))
}

/// Assumptions about undocumented behaviour.
fn assumptions(outcome: &Outcome) -> Option<Section> {
    let row = |line: &AssumptionLine| vec![line.key.clone().into(), line.value.clone().into()];
    let rows: Vec<Vec<Content>> = outcome.assumptions.iter().map(row).collect();
    let columns = vec![ReportColumn::text("key").cut(Cut::End(40)), ReportColumn::text("value").cut(Cut::End(54))];
    let lead = Lead::Sentence("these are undocumented; the scenario can set them".to_owned());
    let blocks = |rows| vec![Block::Table(ReportTable::whole("Assumptions", columns, rows))];
    (!rows.is_empty()).then(|| Section::new("assumptions", "Assumptions", lead, blocks(rows)))
}

/// The command that repeats the run.
fn replay(outcome: &Outcome) -> Section {
    let lead = Lead::Sentence(format!("gives digest {}", outcome.digest));
    Section::new("replay", "Replay", lead, vec![Block::Commands(vec![ReplayCommand::of_all(&outcome.replay)])])
}
