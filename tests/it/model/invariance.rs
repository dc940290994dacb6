//! Risk: an input changes random draws that it has nothing to do with, or a fault without effect changes something.

use crate::fixtures::drivers::{folded, world};
use crate::fixtures::generated::scenario;
use crate::model::determinism::assert_same;

#[test]
fn loss_and_duplicates_at_rate_0_and_a_delay_of_0_ms_change_nothing() {
    let idle = "[[fault]]\nname = \"idle\"\nmay_touch_nothing = true\nat = \"0s\"\n";
    for number in 0..40 {
        let text = scenario(number);
        let plain = folded(&world(&text));
        for kind in [
            "kind = \"loss\"\nrate = 0",
            "kind = \"loss\"\nrate = 0\ncorrelation = \"5m\"",
            "kind = \"duplicate\"\nrate = 0",
            "kind = \"delay\"\ndelay = \"0ms\"",
        ] {
            let text = format!("{text}\n{idle}{kind}\n");
            let other = folded(&world(&text));
            assert_eq!(plain.digest(), other.digest(), "{kind} in\n{text}");
            assert_eq!(plain.fates, other.fates);
        }
    }
}

/// Three sends that share no quota, no store and no capacity, on phones that are unreliable in every way.
fn three_sends(middle: &str) -> String {
    let head = "schema = 1\nname = \"three\"\nseed = 5\nduration = \"3h\"\n[fleet]\nusers = 400\n\
                [delivery.apns]\nstored = 100\n[delivery.fcm]\nstored = 100\ncapacity = \"none\"\n\
                [[fault]]\nname = \"loss\"\nkind = \"loss\"\nat = \"0s\"\nrate = 0.2\n\
                [[fault]]\nname = \"twice\"\nkind = \"duplicate\"\nat = \"0s\"\nrate = 0.5\n";
    let send = |name: &str, at: &str| {
        format!(
            "[[send]]\nname = \"{name}\"\nat = \"{at}\"\nto = {{ groups = [\"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n"
        )
    };
    let middle = if middle.is_empty() { String::new() } else { send("second", middle) };
    format!("{head}{}{middle}{}", send("first", "10m"), send("third", "20m"))
}

#[test]
fn removing_a_send_changes_no_other_sends_fates() {
    let (with, without) = (world(&three_sends("15m")), world(&three_sends("")));
    let (all, fewer) = (folded(&with), folded(&without));
    for name in ["first", "third"] {
        let fates = |world: &reveille::rules::model::world::World, results: &crate::fixtures::drivers::Results| {
            let message = results.entry(world, name).expect("it was sent").outcome.expect("it was accepted");
            let of_it = results.fates.iter().filter(|((of, _), _)| *of == message);
            of_it.map(|((_, device), fate)| (*device, *fate)).collect::<Vec<_>>()
        };
        assert_eq!(fates(&with, &all), fates(&without, &fewer), "{name}");
    }
}

#[test]
fn the_same_text_is_the_same_run() {
    for number in 0..20 {
        let world_once = world(&scenario(number));
        let again = folded(&world(&scenario(number)));
        assert_same(number, &world_once, "twice", &folded(&world_once), &again);
    }
}
