//! Risk: a fault does something close to its definition, and the plain driver agrees. The expected results follow from
//! arithmetic or from probability, within five standard deviations.

use std::fmt::Write as _;

use reveille::rules::base::ids::MessageIx;
use reveille::rules::model::world::World;
use reveille::rules::service::journey::{Journey, Station};

use crate::fixtures::drivers::{Results, folded, world};

const MINUTE_MS: u64 = 60_000;

/// Android phones that are always online and lack nothing, on a road without losses: a second each way.
fn androids(users: u32, more: &str) -> String {
    format!(
        "schema = 1\nname = \"analytic\"\nseed = 2718\nduration = \"12h\"\n[fleet]\nusers = {users}\n\
         [[fleet.cohort]]\nname = \"androids\"\nshare = 1\nplatform = \"android\"\napp = \"company_portal\"\n\
         push_permission = \"100%\"\nplay_services = \"100%\"\nforce_stopped = \"0%\"\nbattery_restricted = \"0%\"\n\
         attention = \"never\"\n{more}"
    )
}

const ONLINE: &str = "presence = \"online\"\n[delivery.fcm]\nlatency = \"1s\"\nloss = \"0%\"\ncapacity = \"none\"\n";

/// Messages to all users.
fn sends(schedule: &str) -> String {
    format!("[[send]]\nname = \"m\"\n{schedule}\nto = {{ groups = [\"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n")
}

fn fault(name: &str, keys: &str) -> String {
    format!("[[fault]]\nname = \"{name}\"\n{keys}\n")
}

fn run(text: &str) -> (std::sync::Arc<World>, Results) {
    let world = world(text);
    let results = folded(&world);
    (world, results)
}

/// Whether `hits` of `tries` can be chance, if each hits with probability `p`.
#[track_caller]
fn assert_share(what: &str, hits: usize, tries: usize, p: f64) {
    let (expected, spread) = (tries as f64 * p, (tries as f64 * p * (1.0 - p)).sqrt());
    let off = (hits as f64 - expected).abs();
    assert!(
        tries > 0 && off <= 5.0 * spread,
        "{what}: {hits} of {tries}, expected {expected:.0} ± {:.0}",
        5.0 * spread
    );
}

/// Each device's fates, in the order of its messages.
fn by_device(results: &Results) -> Vec<Vec<Journey>> {
    let mut devices = std::collections::BTreeMap::<_, Vec<Journey>>::new();
    for ((_, device), fate) in &results.fates {
        devices.entry(*device).or_default().push(fate.journey);
    }
    devices.into_values().collect()
}

fn is_lost(journey: Journey) -> bool {
    matches!(journey, Journey::Lost(_))
}

/// When the pairs of a message were shown, ascending.
fn shown_at(results: &Results, message: u32) -> Vec<u64> {
    let of_it = results.fates.iter().filter(|((known, _), _)| *known == MessageIx(message));
    let mut times: Vec<u64> =
        of_it.filter(|(_, fate)| matches!(fate.journey, Journey::Shown(_))).map(|(_, fate)| fate.at.ms()).collect();
    times.sort_unstable();
    times
}

#[test]
fn loss_takes_its_share_of_each_message_and_knows_nothing_of_the_last_one_r51() {
    let leak = fault("leak", "kind = \"loss\"\nrate = \"30%\"\nat = \"0s\"");
    let (_, results) = run(&androids(
        4_000,
        &(ONLINE.to_owned() + &sends("schedule = { from = \"1m\", every = \"10s\", count = 5 }") + &leak),
    ));
    let devices = by_device(&results);
    assert_eq!(devices.len(), 4_000);
    for message in 0..5 {
        let lost = devices.iter().filter(|fates| is_lost(fates[message])).count();
        assert_share(&format!("message {message}"), lost, devices.len(), 0.3);
    }
    let pairs: Vec<_> = devices.iter().flat_map(|fates| fates.windows(2)).filter(|two| is_lost(two[0])).collect();
    assert_share("lost again", pairs.iter().filter(|two| is_lost(two[1])).count(), pairs.len(), 0.3);
    let lost = devices.iter().flatten().filter(|journey| is_lost(**journey)).count();
    assert_eq!(results.counts.faults[0].touched, lost as u64);
}

#[test]
fn loss_in_bursts_has_the_given_share_and_burst_length() {
    let tunnel = fault("tunnel", "kind = \"loss\"\nrate = \"20%\"\ncorrelation = \"50s\"\nat = \"0s\"");
    let (_, results) = run(&androids(
        4_000,
        &(ONLINE.to_owned() + &sends("schedule = { from = \"1m\", every = \"10s\", count = 25 }") + &tunnel),
    ));
    let devices = by_device(&results);
    let shares: Vec<f64> =
        devices.iter().map(|fates| fates.iter().filter(|journey| is_lost(**journey)).count() as f64 / 25.0).collect();
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (shares.len() - 1) as f64;
    let error = (variance / shares.len() as f64).sqrt();
    assert!((mean - 0.2).abs() < 5.0 * error, "{mean} is lost, ± {error}");
    // A burst ends after a lost sample with the probability 10 s ÷ its mean length.
    let after_a_loss: Vec<_> =
        devices.iter().flat_map(|fates| fates.windows(2)).filter(|two| is_lost(two[0])).collect();
    let ended = after_a_loss.iter().filter(|two| !is_lost(two[1])).count();
    let mean_burst = 10.0 * after_a_loss.len() as f64 / ended as f64;
    assert!((45.0..55.0).contains(&mean_burst), "bursts of {mean_burst} s, 50 s were asked for");
}

#[test]
fn a_hold_shows_nothing_before_its_end_and_everything_within_its_wait_after() {
    let down =
        fault("down", "kind = \"outage\"\nmode = \"hold\"\nat = \"10m\"\nfor = \"20m\"\nscope = { pick = \"40%\" }");
    let (world, results) = run(&androids(3_000, &(ONLINE.to_owned() + &sends("at = \"15m\"") + &down)));
    let (accepted, end) = (15 * MINUTE_MS, 30 * MINUTE_MS);
    let times = shown_at(&results, 0);
    assert_eq!(times.len(), 3_000, "a hold loses nothing");
    let held: Vec<u64> = times.iter().copied().filter(|at| *at > accepted + 1_000).collect();
    assert_share("held", held.len(), 3_000, 0.4);
    assert_eq!(results.counts.faults[0].touched, held.len() as u64);
    assert_eq!(world.faults[0].ends(world.horizon).map(reveille::rules::base::time::SimTime::ms), Some(end));
    assert!(held.iter().all(|at| (end + 1_000..=end + 61_000).contains(at)), "the default wait is up to a minute");
    // Uniform over the minute: its mean is 30 s, its standard deviation 60 s ÷ √12.
    let mean = held.iter().map(|at| (at - end - 1_000) as f64).sum::<f64>() / held.len() as f64;
    let error = 60_000.0 / 12_f64.sqrt() / (held.len() as f64).sqrt();
    assert!((mean - 30_000.0).abs() < 5.0 * error, "they waited {mean} ms on average");
}

#[test]
fn a_throttle_lets_n_phones_through_in_n_over_its_rate_t4() {
    let narrow = fault(
        "narrow",
        "kind = \"throttle\"\nrate = \"10/s\"\nat = \"5m\"\nfor = \"1h\"\nscope = { gateway = \"fcm\" }",
    );
    let (_, results) = run(&androids(2_000, &(ONLINE.to_owned() + &sends("at = \"10m\"") + &narrow)));
    let times = shown_at(&results, 0);
    let expected: Vec<u64> = (0..2_000).map(|rank| 10 * MINUTE_MS + 1_000 + rank * 100).collect();
    assert_eq!(times, expected, "one every tenth of a second");
    assert_eq!(results.counts.faults[0].touched, 1_999, "the first did not wait");
}

#[test]
fn a_broadcast_in_the_night_is_shown_in_the_morning() {
    let night = "presence = { offline = \"0%\", gap = \"20m\", \
                 night = { from = \"23:00\", to = \"07:00\", offline = \"90%\", gap = \"90h\" } }\n\
                 [delivery.fcm]\nlatency = \"1s\"\nloss = \"0%\"\ncapacity = \"none\"\n";
    let text = androids(3_000, &(night.to_owned() + &sends("at = \"3h\"")));
    let text = text.replace("duration", "start = 2026-01-05T22:00:00Z\ntimezone = \"+01:00\"\nduration");
    // Model time 0 is 23:00 local: sent at two, the morning begins at seven.
    let (_, results) = run(&text);
    let times = shown_at(&results, 0);
    assert_eq!(times.len(), 3_000, "every phone is online by day");
    let (at_once, morning) = (180 * MINUTE_MS + 1_000, 480 * MINUTE_MS);
    let asleep = times.iter().filter(|at| **at > at_once).count();
    // Gaps are so long that hardly any phone changes its state in the night.
    assert!((2_500..2_800).contains(&asleep), "{asleep} of 3,000 were away");
    let last = times.last().expect("there are phones");
    assert_eq!(*last, morning + 1_000, "the night ends at seven and the copy travels a second");
    let in_the_morning = times.iter().filter(|at| **at == morning + 1_000).count();
    assert!(in_the_morning * 10 > asleep * 9, "{in_the_morning} of {asleep} came with the morning");
}

#[test]
fn a_duplicate_is_shown_once_and_the_faster_copy_counts_r58() {
    let twice = fault("twice", "kind = \"duplicate\"\nrate = \"100%\"\nat = \"5m\"");
    let road = "presence = \"online\"\n[delivery.fcm]\nlatency = { median = \"4s\", p95 = \"20s\" }\nloss = \"0%\"\ncapacity = \"none\"\n";
    let schedule = sends("schedule = { from = \"4m\", every = \"2m\", count = 2 }");
    let (_, results) = run(&androids(4_000, &(road.to_owned() + &schedule + &twice)));
    for (message, share) in [(0, 0.5), (1, 0.75)] {
        let accepted = u64::from(4 + 2 * message) * MINUTE_MS;
        let times = shown_at(&results, message);
        assert_eq!(times.len(), 4_000, "each phone shows it");
        let fast = times.iter().filter(|at| **at - accepted <= 4_000).count();
        // Half of single copies arrive within the median; of two copies, the faster one does in three cases of four.
        assert_share(&format!("message {message} within the median"), fast, 4_000, share);
    }
    let cells = || results.counts.cells();
    assert_eq!(cells().map(|cell| cell.station(Station::Shown)).sum::<u64>(), 8_000);
    assert_eq!(cells().map(|cell| cell.latency.len()).sum::<u64>(), 8_000);
    assert_eq!(results.counts.faults[0].touched, 4_000);
}

#[test]
fn a_ramp_grows_evenly() {
    let rising = fault("rising", "kind = \"loss\"\nrate = \"100%\"\nat = \"10m\"\nramp = \"40m\"");
    let schedule = sends("schedule = { from = \"10m\", every = \"2m\", count = 21 }");
    let (_, results) = run(&androids(2_000, &(ONLINE.to_owned() + &schedule + &rising)));
    let devices = by_device(&results);
    let mut table = String::new();
    for message in 0..21 {
        let lost = devices.iter().filter(|fates| is_lost(fates[message])).count();
        writeln!(table, "{message}: {lost}").expect("a string takes all");
        assert_share(&table, lost, 2_000, message as f64 / 20.0);
    }
}

#[test]
fn at_normal_priority_a_locked_phone_waits_for_its_window_r55() {
    let run_with = |locked: &str, priority: &str| {
        let road = format!(
            "presence = \"online\"\nlocked = \"{locked}\"\n[delivery.fcm]\nlatency = \"1s\"\nloss = \"0%\"\n\
             capacity = \"none\"\ndoze = \"light\"\npriority = \"{priority}\"\n"
        );
        shown_at(&run(&androids(2_000, &(road + &sends("at = \"10m\"")))).1, 0)
    };
    let at_once = vec![10 * MINUTE_MS + 1_000; 2_000];
    assert_eq!(run_with("100%", "high"), at_once, "high priority wakes it");
    assert_eq!(run_with("0%", "normal"), at_once, "a phone in use does not doze");
    // Light maintenance windows are 5 to 15 minutes apart: one in each ten minutes, somewhere in the first five.
    let times = run_with("100%", "normal");
    assert_eq!(times.len(), 2_000, "nothing is lost by waiting");
    let waits: Vec<u64> = times.iter().map(|at| at - 10 * MINUTE_MS).collect();
    assert!(waits.iter().all(|wait| *wait <= 15 * MINUTE_MS + 1_000), "the next window is at most 15 minutes away");
    let half = waits.iter().filter(|wait| **wait <= 150_000).count();
    assert_share("within half of the first five minutes", half, waits.len(), 0.5);
    let first = waits.iter().filter(|wait| **wait <= 5 * MINUTE_MS + 1_000).count();
    assert!(first > 1_970, "{first} of 2,000 found the first window");
}
