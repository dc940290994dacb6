//! Risk: a number is wrong although all implementations agree on it. Cases without randomness, worked out by hand from
//! the rules, to the millisecond; each goes through both drivers.

use std::collections::BTreeMap;
use std::path::Path;

use reveille::rules::base::ids::{FaultIx, MessageIx};
use reveille::rules::counting::counts::StratumCounts;
use reveille::rules::model::world::World;
use reveille::rules::service::audience::AudienceClass;
use reveille::rules::service::journey::{Journey, LossCause, Station};
use strum::VariantArray as _;

use crate::fixtures::drivers::{self, Results};

/// The results, by key, as text.
type Found = BTreeMap<String, String>;

#[test]
fn every_worked_example_has_the_result_computed_by_hand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/model/examples");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 12, "the examples are there");
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).expect("a readable example");
        let world = match drivers::try_world(&text) {
            Ok(world) => world,
            Err(problems) => {
                wrong.push(format!("{name}: does not load\n{problems}"));
                continue;
            }
        };
        for (driver, results) in [("fold", drivers::folded(&world)), ("actors", drivers::acted(&world))] {
            for line in text.lines().filter_map(|line| line.strip_prefix("# expect")) {
                if let Err(difference) = check(&world, &results, line.trim()) {
                    wrong.push(format!("{name} ({driver}): {line}\n    {difference}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} expectations do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(world: &World, results: &Results, line: &str) -> Result<(), String> {
    let (subject, wanted) = line.split_once(": ").or_else(|| line.split_once(':')).ok_or("a line has a colon")?;
    let subject = subject.trim();
    let found = if subject.is_empty() {
        whole(world, results)
    } else if let Some(fault) = subject.strip_prefix("fault ") {
        fault_found(world, results, fault)?
    } else if let Some((message, device)) = subject.split_once(" @ ") {
        return pair(world, results, message, device, wanted);
    } else {
        message_found(world, results, subject)?
    };
    let mut named = false;
    let mut differences = Vec::new();
    let words: Vec<(&str, &str)> = wanted.split_whitespace().filter_map(|word| word.split_once('=')).collect();
    for (key, value) in &words {
        named |= Station::VARIANTS.iter().any(|station| station.name() == *key);
        let found = found.get(*key).map_or("0", String::as_str);
        if found != *value {
            differences.push(format!("{key}: {value} by hand, {found} found"));
        }
    }
    for station in Station::VARIANTS.iter().map(|station| station.name()) {
        if named && !words.iter().any(|(key, _)| *key == station) && found.get(station).is_some_and(|n| n != "0") {
            differences.push(format!("{station}: absent by hand, {} found", found[station]));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("; ")) }
}

fn whole(world: &World, results: &Results) -> Found {
    let mut found = Found::new();
    let mut add = |key: String, n: u64| {
        let sum = found.get(&key).map_or(0, |known: &String| known.parse::<u64>().expect("a count"));
        found.insert(key, (sum + n).to_string());
    };
    for entry in results.agenda.ledger() {
        add(if entry.outcome.is_ok() { "accepted" } else { "refused" }.into(), 1);
    }
    let (group, device) = (results.agenda.group_quota(), results.agenda.device_quota());
    add("group_accepted".into(), group.accepted);
    add("group_refused".into(), group.refused);
    add("device_accepted".into(), device.accepted);
    add("device_refused".into(), device.refused);
    for page in results.counts.messages.values() {
        for (stratum, cell) in page.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let platform = world.fleet.strata()[stratum].platform.name();
            add("pairs".into(), cell.pairs());
            add("exposed".into(), u64::from(cell.exposed));
            add("dismissals".into(), u64::from(cell.dismissed));
            for (journey, n) in cell.by_journey() {
                let station = journey.station().name();
                add(station.into(), n);
                add(format!("{platform}.{station}"), n);
                add(format!("{station}/{}", cause(world, journey)), n);
            }
        }
    }
    found
}

fn message_found(world: &World, results: &Results, subject: &str) -> Result<Found, String> {
    let entry = results.entry(world, subject).ok_or_else(|| format!("no such message: {subject}"))?;
    let mut found = Found::new();
    let outcome = if entry.outcome.is_ok() { "accepted" } else { "refused" };
    found.insert("outcome".into(), outcome.into());
    found.insert("attempts".into(), entry.attempts.to_string());
    match entry.outcome {
        Err(refusal) => {
            found.insert("reason".into(), refusal.reason.name().into());
            found.insert("next_slot".into(), refusal.next_slot.map_or("none".into(), |at| at.0.to_string()));
        }
        Ok(message) => {
            found.insert("accepted_at".into(), entry.at.0.to_string());
            let cell = sum(results, message);
            if let Some(cell) = cell {
                let skipped = cell.station(Station::Skipped);
                found.insert("audience".into(), cell.pairs().to_string());
                found.insert("eligible".into(), (cell.pairs() - skipped).to_string());
                for &station in Station::VARIANTS {
                    found.insert(station.name().into(), cell.station(station).to_string());
                }
                for &class in AudienceClass::VARIANTS {
                    found.insert(class.name().into(), cell.classes[class as usize].to_string());
                }
                let mut reached = 0;
                for (window, n) in results.counts.reach_windows_ms.iter().zip(&cell.reach) {
                    reached += n;
                    let name = match window {
                        60_000 => "1m",
                        900_000 => "15m",
                        3_600_000 => "1h",
                        14_400_000 => "4h",
                        _ => continue,
                    };
                    found.insert(format!("reach_{name}"), reached.to_string());
                }
                found.insert("reach_end".into(), cell.station(Station::Shown).to_string());
            }
        }
    }
    Ok(found)
}

fn sum(results: &Results, message: MessageIx) -> Option<StratumCounts> {
    let page = results.counts.messages.get(&message)?;
    page.cells.iter().flatten().map(|cell| (**cell).clone()).reduce(|mut sum, cell| {
        sum.merge(&cell);
        sum
    })
}

fn fault_found(world: &World, results: &Results, name: &str) -> Result<Found, String> {
    let at = world.faults.iter().position(|fault| fault.name == name).ok_or("no such fault")?;
    let counted = results.counts.faults[at];
    let touched = counted.touched + results.changes_slowed[at];
    let backlog = counted.touched - counted.settled;
    let ended = world.faults[at].ended_by(world.horizon).filter(|_| backlog == 0);
    let recovery = ended.map_or("none".to_owned(), |ended| counted.last_settled.since(ended).to_string());
    let found = [("touched", touched.to_string()), ("backlog", backlog.to_string()), ("recovery", recovery)];
    Ok(found.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn pair(world: &World, results: &Results, message: &str, device: &str, wanted: &str) -> Result<(), String> {
    let device = world.fleet.find_device(device).ok_or("no such device")?;
    // A send to a list of devices is one message for each device.
    let mut entries = results.entries(world, message);
    let entry = entries.find(|entry| entry.device.is_none_or(|target| target == device));
    let entry = entry.ok_or_else(|| format!("no such message: {message}"))?;
    let message = entry.outcome.map_err(|refusal| format!("refused: {}", refusal.reason.name()))?;
    let fate = results.fates.get(&(message, device)).ok_or("there is no such pair")?;
    let mut found = format!("{}/{}", fate.journey.station().name(), cause(world, fate.journey));
    for word in wanted.split_whitespace().filter_map(|word| word.split_once('=')) {
        match word.0 {
            "at" => found = format!("{found} at={}", fate.at.0),
            "dismissed" => {
                found =
                    format!("{found} dismissed={}", fate.dismissed_at.map_or("never".into(), |at| at.0.to_string()));
            }
            other => return Err(format!("unknown word {other}")),
        }
    }
    if found == wanted.trim() { Ok(()) } else { Err(format!("found {found}")) }
}

/// The cause, or the form of a shown pair; a station without a cause is written twice.
pub(crate) fn cause(world: &World, journey: Journey) -> String {
    match journey {
        Journey::Skipped(cause) => cause.name().into(),
        Journey::Blocked(cause) => cause.name().into(),
        Journey::Waiting(cause) => cause.name().into(),
        Journey::Shown(form) => form.name().into(),
        Journey::Lost(LossCause::Gateway) => "gateway".into(),
        Journey::Lost(LossCause::Fault(FaultIx(at))) => world.faults[at as usize].name.clone(),
        Journey::Superseded | Journey::Discarded | Journey::Expired => journey.station().name().into(),
    }
}
