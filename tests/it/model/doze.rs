//! Risk: a dozing phone gets messages of normal priority at other times than its maintenance windows allow (R55).

use reveille::rules::service::journey::Journey;

use crate::fixtures::drivers::{acted, folded, world};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// A message every quarter of an hour to locked phones that doze, and nothing that delays it otherwise.
fn scenario(doze: &str) -> String {
    format!(
        "schema = 1\nname = \"doze\"\nduration = \"3d\"\n\
         delivery.fcm = {{ priority = \"normal\", doze = \"{doze}\", latency = \"1s\", loss = 0, capacity = \"none\" }}\n\
         [fleet]\nusers = 40\ncohort = [{{ name = \"a\", share = 1, platform = \"android\", locked = 1, presence = \"online\", \
         app = \"company_portal\", push_permission = 1, play_services = 1, force_stopped = 0, battery_restricted = 0 }}]\n\
         [[send]]\nname = \"news\"\nschedule = {{ every = \"15m\", count = 200 }}\nto = {{ groups = [\"All users\"] }}\n\
         title = \"t\"\nbody = \"b\"\n"
    )
}

/// The times from acceptance to display, ascending, in ms.
fn waits(doze: &str) -> Vec<u64> {
    let world = world(&scenario(doze));
    let results = folded(&world);
    assert_eq!(results.digest(), acted(&world).digest());
    let mut waits: Vec<u64> = results
        .fates
        .iter()
        .filter(|(_, fate)| matches!(fate.journey, Journey::Shown(_)))
        .map(|((message, _), fate)| fate.at.since(results.counts.messages[message].message.accepted_at))
        .collect();
    waits.sort_unstable();
    assert!(waits.len() > 900, "the tenant accepts 25 an hour, and 40 phones show them");
    waits
}

#[test]
fn windows_are_as_far_apart_as_the_way_of_dozing_says_r55() {
    for (doze, least, most) in [("light", 5 * MINUTE_MS, 15 * MINUTE_MS), ("deep", HOUR_MS, 6 * HOUR_MS)] {
        let waits = waits(doze);
        let (longest, median) = (waits[waits.len() - 1], waits[waits.len() / 2]);
        assert!(longest <= most + 1_000, "{doze}: a wait of {longest} ms");
        assert!(
            longest > most * 9 / 10,
            "{doze}: windows are up to {most} ms apart, and the longest wait is {longest}"
        );
        assert!(median > least / 2 && median < most / 2, "{doze}: half wait for {median} ms");
    }
    assert_eq!(waits("off").last(), Some(&1_000), "without dozing the way takes a second");
}
