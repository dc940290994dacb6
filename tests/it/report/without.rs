//! Risk: the reported cost of a fault is wrong. The world without it is also made from a text without the fault, and
//! the pairs of both are compared one by one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use reveille::outcome::{ContrastLine, LatencyShort};
use reveille::rules::base::ids::{DeviceIx, FaultIx, SendIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::world::World;
use reveille::rules::service::journey::Journey;
use reveille::run::{Contrasts, ForecastOptions, ForecastProgress, contrasts, forecast, named_faults};

use crate::fixtures::drivers::world;
use crate::fixtures::generated::scenario;
use crate::fixtures::program::{Folder, end_of, program};

/// Random scenarios that are compared pair by pair.
const SCENARIOS: u64 = 40;
/// The beginning of a fault in a scenario's text; only faults follow the first.
const FAULT: &str = "[[fault]]\n";

/// The cost of several faults in a world, without limits.
fn found(world: &World, names: &[&str], options: ForecastOptions) -> Vec<ContrastLine> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let faults = named_faults(world, &names).expect("the faults are there");
    let found = contrasts(world, &faults, options, &ForecastProgress::default(), &CancellationToken::new());
    let Contrasts { lines, interrupted } = found.expect("there are threads");
    assert!(!interrupted);
    lines
}

/// The cost of one fault.
fn cost(text: &str, fault: &str) -> ContrastLine {
    let [line] = found(&world(text), &[fault], ForecastOptions::default()).try_into().expect("one fault, one line");
    line
}

/// A line whose counts are all zero.
fn nothing(faults: &[&str]) -> ContrastLine {
    ContrastLine {
        faults: faults.iter().map(ToString::to_string).collect(),
        shown_later: 0,
        delay_ms: None,
        never_shown: 0,
        shown_earlier: 0,
        shown_only_with: 0,
        unchanged: 0,
        only_with: 0,
        only_without: 0,
    }
}

/// Twelve Android phones that are always online, one without permission to show anything, and a Mac; a second on a road
/// without losses.
fn small(more: &str) -> String {
    format!(
        "schema = 1\nname = \"small\"\nseed = 3\nduration = \"4h\"\n[fleet]\nusers = 12\n[[fleet.cohort]]\n\
         name = \"androids\"\nshare = 1\nplatform = \"android\"\napp = \"company_portal\"\npush_permission = 1.0\n\
         play_services = 1.0\nforce_stopped = 0.0\nbattery_restricted = 0.0\npresence = \"online\"\nattention = \"never\"\n\
         [[user]]\nname = \"mute\"\n[[device]]\nname = \"mute-phone\"\nuser = \"mute\"\nplatform = \"android\"\n\
         push_permission = false\npresence = \"online\"\n\
         [[user]]\nname = \"mac\"\n[[device]]\nname = \"mac-book\"\nuser = \"mac\"\nplatform = \"macos\"\n\
         [delivery.fcm]\nlatency = \"1s\"\nloss = \"0%\"\ncapacity = \"none\"\nretry = \"0ms\"\n\
         [[send]]\nname = \"m\"\nat = \"15m\"\nto = {{ groups = [\"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n{more}"
    )
}

fn fault(name: &str, keys: &str) -> String {
    format!("{FAULT}name = \"{name}\"\n{keys}\n")
}

#[test]
fn a_hold_delays_every_device_that_can_show_the_message_by_its_remaining_time() {
    let down = fault("down", "kind = \"outage\"\nmode = \"hold\"\nat = \"10m\"\nfor = \"20m\"");
    // Held from minute 15 to minute 30.
    let quarter = LatencyShort { p50: 900_000, p95: 900_000, max: 900_000 };
    let expected = ContrastLine { shown_later: 12, delay_ms: Some(quarter), unchanged: 2, ..nothing(&["down"]) };
    assert_eq!(cost(&small(&down), "down"), expected);
}

#[test]
fn a_refusal_costs_every_device_that_could_show_it_the_message() {
    let gone = fault("gone", "kind = \"outage\"\nmode = \"refuse\"\nat = \"10m\"\nfor = \"20m\"");
    let expected = ContrastLine { never_shown: 12, unchanged: 2, ..nothing(&["gone"]) };
    assert_eq!(cost(&small(&gone), "gone"), expected);
}

#[test]
fn a_fault_that_only_acts_with_another_is_visible_in_the_row_of_both() {
    let half = |name: &str| fault(name, "kind = \"outage\"\nmode = \"refuse\"\nat = \"10m\"\nfor = \"20m\"");
    let world = world(&small(&(half("one") + &half("two"))));
    let expected = [
        ContrastLine { unchanged: 14, ..nothing(&["two"]) },
        ContrastLine { unchanged: 14, ..nothing(&["one"]) },
        ContrastLine { never_shown: 12, unchanged: 2, ..nothing(&["two", "one"]) },
    ];
    assert_eq!(found(&world, &["two", "one", "two"], ForecastOptions::default()), expected);
}

#[test]
fn a_loss_that_prevents_a_store_from_overflowing_counts_as_shown_only_with_it() {
    // The store holds one message and discards everything at the second one; the loss takes the second.
    let store = small("").replace("retry = \"0ms\"\n", "retry = \"0ms\"\nstored = 1\n");
    let second =
        "[[send]]\nname = \"n\"\nat = \"20m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    let masts = fault("masts", "kind = \"offline\"\nat = \"5m\"\nfor = \"55m\"");
    let leak = fault("leak", "kind = \"loss\"\nrate = 1.0\nat = \"19m\"\nfor = \"10m\"");
    let expected = ContrastLine { shown_only_with: 12, unchanged: 16, ..nothing(&["leak"]) };
    assert_eq!(cost(&format!("{store}{second}{masts}{leak}"), "leak"), expected);
}

#[test]
fn a_duplicate_can_come_earlier_and_never_makes_anything_later() {
    let random = small(&fault("twice", "kind = \"duplicate\"\nrate = 1.0\nat = \"0s\""))
        .replace("latency = \"1s\"", "latency = { median = \"1s\", p95 = \"1m\" }")
        .replace("users = 12", "users = 2_000");
    let line = cost(&random, "twice");
    assert!((800..1_200).contains(&line.shown_earlier), "the earlier of two is the second one time in two: {line:?}");
    assert_eq!(
        line,
        ContrastLine { shown_earlier: line.shown_earlier, unchanged: line.unchanged, ..nothing(&["twice"]) }
    );
}

#[test]
fn faults_without_effect_cost_exactly_nothing() {
    for keys in [
        "kind = \"loss\"\nrate = 0",
        "kind = \"loss\"\nrate = 0\ncorrelation = \"1m\"",
        "kind = \"duplicate\"\nrate = 0",
        "kind = \"delay\"\ndelay = \"0ms\"",
        "kind = \"directory_lag\"\ndelay = \"0s\"",
        "kind = \"outage\"\nmode = \"refuse\"\nscope = { pick = 0.0 }",
        "kind = \"offline\"\nscope = { labels = { region = \"nowhere\" } }",
        "kind = \"permission_revoked\"\nscope = { platform = \"ios\" }",
        "kind = \"throttle\"\nrate = \"100/s\"\nscope = { gateway = \"fcm\" }",
    ] {
        let idle = fault("idle", &format!("may_touch_nothing = true\nat = \"0s\"\n{keys}"));
        // Two a second, so that there is a queue on which the throttle has no effect.
        let text = small(&idle).replace("capacity = \"none\"", "capacity = \"2/s\"");
        assert_eq!(cost(&text, "idle"), ContrastLine { unchanged: 14, ..nothing(&["idle"]) }, "{keys}");
    }
}

#[test]
fn a_fault_after_a_removed_fault_keeps_its_time() {
    let first = fault("first", "kind = \"outage\"\nmode = \"hold\"\nat = \"10m\"\nfor = \"10m\"");
    let second = fault("second", "kind = \"outage\"\nmode = \"hold\"\nafter = \"first\"\nfor = \"10m\"");
    let text = small(&(first + &second));
    // Both act as one from minute 10 to minute 30; the second alone begins long after the message has left.
    let quarter = LatencyShort { p50: 900_000, p95: 900_000, max: 900_000 };
    let expected = ContrastLine { shown_later: 12, delay_ms: Some(quarter), unchanged: 2, ..nothing(&["first"]) };
    assert_eq!(cost(&text, "first"), expected);
    let rest = LatencyShort { p50: 600_000, p95: 600_000, max: 600_000 };
    let expected = ContrastLine { shown_later: 12, delay_ms: Some(rest), unchanged: 2, ..nothing(&["second"]) };
    assert_eq!(cost(&text, "second"), expected);
}

#[test]
fn pairs_of_one_world_alone_are_counted_by_themselves() {
    let join = "[[group]]\nname = \"crew\"\nusers = [\"user-1\"]\n[[change]]\nname = \"joins\"\nkind = \"join\"\n\
                group = \"crew\"\nusers = [\"user-2\", \"user-3\"]\nat = \"1m\"\n[[change]]\nname = \"leaves\"\n\
                kind = \"leave\"\ngroup = \"crew\"\nusers = [\"user-1\"]\nat = \"1m\"\n[directory]\nlag = \"1m\"\n\
                catch_up = \"0s\"\n";
    let lag = fault("lag", "kind = \"directory_lag\"\ndelay = \"1h\"\nat = \"0s\"");
    let text = small(&(join.to_owned() + &lag)).replace("All users", "crew");
    assert_eq!(cost(&text, "lag"), ContrastLine { only_with: 1, only_without: 2, ..nothing(&["lag"]) });
}

/// When each pair was shown, by its entry in the ledger, in a plain forecast.
fn shown(world: &World) -> BTreeMap<(SendIx, u32, DeviceIx), Option<SimTime>> {
    let options = ForecastOptions { threads: 1, keep_fates: true, ..ForecastOptions::default() };
    let stop = CancellationToken::new();
    let finished = forecast(world, options, &ForecastProgress::default(), &stop).expect("there are threads");
    let lines = finished.agenda.ledger().iter();
    let entries: BTreeMap<_, _> =
        lines.filter_map(|line| Some((line.outcome.ok()?, (line.send, line.occurrence)))).collect();
    let fates = finished.totals.fates.expect("they were asked for");
    fates
        .into_iter()
        .map(|((message, device), fate)| {
            let (send, occurrence) = entries[&message];
            ((send, occurrence, device), matches!(fate.journey, Journey::Shown(_)).then_some(fate.at))
        })
        .collect()
}

/// The comparison of two worlds, as plain as possible.
fn naive(with: &World, without: &World, faults: &[&str]) -> (ContrastLine, Vec<u64>) {
    let (with, mut without) = (shown(with), shown(without));
    let (mut line, mut delays) = (nothing(faults), Vec::new());
    for (pair, with) in with {
        let counter = match (with, without.remove(&pair)) {
            (_, None) => &mut line.only_with,
            (Some(with), Some(Some(without))) if with > without => {
                delays.push(with.ms() - without.ms());
                &mut line.shown_later
            }
            (Some(with), Some(Some(without))) if with < without => &mut line.shown_earlier,
            (Some(_), Some(None)) => &mut line.shown_only_with,
            (None, Some(Some(_))) => &mut line.never_shown,
            (_, Some(_)) => &mut line.unchanged,
        };
        *counter += 1;
    }
    line.only_without = without.len() as u64;
    delays.sort_unstable();
    (line, delays)
}

/// The quantiles come from a histogram whose error is at most a hundredth, and which never exceeds the largest value.
#[track_caller]
fn assert_delays(said: Option<LatencyShort>, delays: &[u64], number: u64) {
    let Some(said) = said else {
        assert_eq!(delays, [0; 0], "scenario {number}");
        return;
    };
    assert_eq!(Some(&said.max), delays.last(), "scenario {number}");
    for (share, said) in [(50, said.p50), (95, said.p95)] {
        let exact = delays[(delays.len() * share).div_ceil(100) - 1];
        assert!((exact..=exact + exact / 100).contains(&said), "scenario {number}: p{share} {said}, exactly {exact}");
    }
}

/// A random scenario with one more fault: for the first hour no change of the directory is visible, so that audiences
/// differ.
fn slowed(number: u64) -> String {
    let text = scenario(number);
    let name = format!("f{}", text.matches(FAULT).count());
    let keys = "may_touch_nothing = true\nkind = \"directory_lag\"\ndelay = \"1h\"\nat = \"0s\"\nfor = \"1h\"";
    text + &fault(&name, keys)
}

#[test]
fn the_counts_equal_the_difference_of_two_texts() {
    let (mut compared, mut seen) = (0, nothing(&[]));
    for number in 0..SCENARIOS {
        let text = slowed(number);
        let (head, faults) = text.split_once(FAULT).expect("it has one at least");
        let faults: Vec<&str> = faults.split(FAULT).filter(|fault| !fault.is_empty()).collect();
        let names: Vec<String> = (0..faults.len()).map(|at| format!("f{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let whole = world(&text);
        let lines =
            found(&whole, &names, ForecastOptions { threads: 2, devices_at_once: Some(3), ..Default::default() });
        assert_eq!(lines.len(), names.len() + usize::from(names.len() > 1), "scenario {number}");
        for line in lines {
            let mut rest = head.to_owned();
            for (name, fault) in names.iter().zip(&faults).filter(|(name, _)| !line.faults.iter().any(|f| f == *name)) {
                assert!(fault.contains(name), "the faults are numbered");
                write!(rest, "{FAULT}{fault}").expect("a string takes all");
            }
            let gone: Vec<&str> = line.faults.iter().map(String::as_str).collect();
            let (expected, delays) = naive(&whole, &world(&rest), &gone);
            assert_delays(line.delay_ms, &delays, number);
            assert_eq!(ContrastLine { delay_ms: None, ..line }, expected, "scenario {number}:\n{text}");
            compared += 1;
            seen.shown_later += expected.shown_later;
            seen.never_shown += expected.never_shown;
            seen.shown_earlier += expected.shown_earlier;
            seen.shown_only_with += expected.shown_only_with;
            seen.only_with += expected.only_with;
            seen.only_without += expected.only_without;
        }
    }
    assert!(compared >= 100, "{compared} worlds were compared");
    let seen = [
        seen.shown_later,
        seen.never_shown,
        seen.shown_earlier,
        seen.shown_only_with,
        seen.only_with,
        seen.only_without,
    ];
    assert!(seen.iter().all(|pairs| *pairs > 0), "the scenarios have everything that can be counted: {seen:?}");
}

#[test]
fn the_world_without_some_faults_is_the_world_of_the_text_without_them() {
    let text = scenario(5);
    let (head, _) = text.split_once(FAULT).expect("it has faults");
    let (whole, bare) = (world(&text), world(head));
    let all: Vec<FaultIx> = (0..whole.faults.len() as u32).map(FaultIx).collect();
    let control = whole.without(&all);
    assert_eq!((control.faults.len(), &control.gateways), (0, &bare.gateways));
    assert_eq!(shown(&control), shown(&bare));
}

#[test]
fn threads_and_chunks_change_nothing() {
    for number in [2, 5, 11] {
        let text = scenario(number).replacen("[fleet]\nusers = ", "[fleet]\nusers = 4", 1);
        let world = world(&text);
        let names: Vec<&str> = world.faults.iter().map(|fault| fault.name.as_str()).collect();
        let options =
            |threads, devices_at_once| ForecastOptions { threads, devices_at_once, ..ForecastOptions::default() };
        let one = found(&world, &names, options(1, None));
        for (threads, chunk) in [(1, Some(1)), (2, Some(7)), (5, Some(64)), (3, None), (2, Some(u32::MAX))] {
            assert_eq!(found(&world, &names, options(threads, chunk)), one, "{threads} threads, chunks of {chunk:?}");
        }
    }
}

#[test]
fn an_interrupted_comparison_says_so_and_counts_only_complete_ones() {
    let world = world(&small(&fault("down", "kind = \"outage\"\nat = \"10m\"\nfor = \"20m\"")));
    let progress = ForecastProgress::default();
    let stopped = CancellationToken::new();
    stopped.cancel();
    let found = contrasts(&world, &[FaultIx(0)], ForecastOptions::default(), &progress, &stopped);
    assert_eq!(found.expect("there are threads"), Contrasts { lines: Vec::new(), interrupted: true });
}

const TWO: [(&str, &str); 2] = [
    ("fcm-north", "kind = \"outage\"\nmode = \"hold\"\nat = \"10m\"\nfor = \"20m\""),
    ("masts-down", "kind = \"offline\"\nat = \"14m\"\nfor = \"10m\"\nmay_touch_nothing = true"),
];

fn two(folder: &str) -> Folder {
    let folder = Folder::new(folder);
    folder.write("two.toml", &small(&TWO.map(|(name, keys)| fault(name, keys)).concat()));
    folder
}

#[test]
fn the_program_reports_the_cost_of_a_fault_for_people_and_programs() {
    let folder = two("without-cli");
    let said = folder.run(&["forecast", "two.toml", "--without", "fcm-north", "--report", "one.json"]).exits(0);
    for words in [
        "What would have been without it",
        "without fcm-north\n    12 pairs would have been shown sooner (median 6.0 min, p95 6.0 min, max 6.0 min)\n",
        "    2 would have been the same\n",
        "reveille forecast two.toml --seed 3 --without fcm-north\n",
    ] {
        assert!(said.out.contains(words), "`{words}` is not in:\n{}", said.out);
    }
    let twice = ["--without", "fcm-north", "--without", "fcm-north"];
    let again = ["forecast", "two.toml", "--threads", "2", "--report", "two.json"];
    folder.run(&[&again[..], &twice].concat()).exits(0);
    let (one, two) = (folder.json("one.json"), folder.json("two.json"));
    assert_eq!(two["replay"], "reveille forecast two.toml --seed 3 --without fcm-north");
    assert_eq!(one["without"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["without"][0]["delay_ms"]["max"], 360_000, "the masts would have been up at minute 24");
    assert_eq!((&one["without"], &one["digest"]), (&two["without"], &two["digest"]));

    folder.run(&["forecast", "two.toml", "--report", "none.json"]).exits(0);
    let none = folder.json("none.json");
    assert_eq!((none.get("without"), &none["digest"]), (None, &one["digest"]));

    let said = folder.run(&["forecast", "two.toml", "--without", "masts-down", "--without", "fcm-north"]).exits(0);
    assert!(said.out.contains("without masts-down and fcm-north\n"), "{}", said.out);
    let sets = ["--without", "fcm-north", "--seed", "9", "--set", "fault.fcm-north.for=1h", "--report", "-"];
    let longer = folder.run(&[&["forecast", "two.toml"], &sets[..]].concat()).exits(0).json();
    assert_eq!(longer["without"][0]["delay_ms"]["max"], 46 * 60_000);
}

#[test]
fn an_unknown_fault_is_wrong_usage_and_the_nearest_is_named() {
    let folder = two("without-unknown");
    for (name, words) in [("fcm-nort", "did you mean `fcm-north`?"), ("quake", "use `fcm-north` or `masts-down`")] {
        let said = folder.run(&["forecast", "two.toml", "--without", name]).exits(2);
        assert!(said.err.contains(words), "{}", said.err);
        assert!(said.err.contains(name) && said.out.is_empty(), "{}", said.err);
    }
}

#[test]
fn the_page_shows_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/forecast.md")).expect("there is docs/forecast.md");
    let section = page.split_once("## What a fault cost\n").expect("it has the section").1;
    let sample = section.split_once("```text\n$ reveille ").expect("a sample begins").1;
    let (command, lines) =
        sample.split_once("```").expect("it ends").0.split_once('\n').expect("a command, then lines");
    let said = end_of(&mut program(root, &command.split(' ').collect::<Vec<_>>())).exits(0);
    let heading = "What would have been without it";
    let printed =
        said.out.split_once(heading).expect("the section is printed").1.split("\n\n").next().expect("one part");
    assert_eq!(lines.trim_end(), format!("{heading}{printed}").trim_end(), "docs/forecast.md is out of date");
}
