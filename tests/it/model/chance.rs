//! Risk: draws that are biased, or that depend on each other.

use reveille::rules::base::chance::{Chance, Purpose, Ratio};
use reveille::rules::base::ids::Key;

const PURPOSES: [Purpose; 5] =
    [Purpose::Pair, Purpose::Latency, Purpose::FaultLoss, Purpose::Presence, Purpose::Traits];

/// χ² of `counts` against equal shares, less its mean, in standard deviations of the χ² distribution.
fn deviation(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    let chi: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    let freedom = (counts.len() - 1) as f64;
    (chi - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn draws_are_uniform_for_every_purpose_and_lane() {
    let chance = Chance::new(656);
    for purpose in PURPOSES {
        for lane in 0..4 {
            let mut counts = [0; 256];
            for device in 0..400_u64 {
                for message in 0..500_u64 {
                    let block = chance.block(purpose, Key::of("device", &device.to_string()), Key(message));
                    counts[(block[lane] >> 24) as usize] += 1;
                }
            }
            let deviation = deviation(&counts);
            assert!(deviation.abs() < 5.0, "{purpose:?} lane {lane}: {deviation} standard deviations");
        }
    }
}

/// Neighbours in one coordinate, all else equal: their draws fill a 16 × 16 square evenly.
fn assert_independent(what: &str, pair: impl Fn(u64) -> (u32, u32)) {
    let mut counts = [0; 256];
    for at in 0..200_000 {
        let (one, other) = pair(at);
        counts[(one >> 28 << 4 | other >> 28) as usize] += 1;
    }
    let deviation = deviation(&counts);
    assert!(deviation.abs() < 5.0, "{what}: {deviation} standard deviations");
}

#[test]
fn draws_are_independent_across_purposes_devices_messages_lanes_and_seeds() {
    let (chance, other) = (Chance::new(1), Chance::new(2));
    let draw = |purpose, device, message| chance.draw(purpose, Key(device), Key(message));
    assert_independent("purposes", |at| (draw(Purpose::Pair, at, 7), draw(Purpose::Latency, at, 7)));
    assert_independent("devices", |at| (draw(Purpose::Pair, at, 7), draw(Purpose::Pair, at + 1, 7)));
    assert_independent("messages", |at| (draw(Purpose::Pair, 7, at), draw(Purpose::Pair, 7, at + 1)));
    assert_independent("device and message", |at| (draw(Purpose::Pair, at, 7), draw(Purpose::Pair, 7, at)));
    assert_independent("seeds", |at| (draw(Purpose::Pair, at, 7), other.draw(Purpose::Pair, Key(at), Key(7))));
    assert_independent("lanes", |at| {
        let block = chance.block(Purpose::Pair, Key(at), Key(7));
        (block[0], block[1])
    });
    assert_independent("again", |at| {
        let key = Key::of("message", &at.to_string());
        (chance.draw(Purpose::Latency, Key(7), key), chance.draw(Purpose::Latency, Key(7), key.again(1)))
    });
}

#[test]
fn a_ratio_hits_as_often_as_it_says() {
    let chance = Chance::new(3);
    for percent in [1, 30, 50, 99] {
        let ratio = Ratio::percent(percent);
        let hits = (0..100_000).filter(|at| ratio.hits(chance.draw(Purpose::Pair, Key(*at), Key(1)))).count() as f64;
        let p = f64::from(percent) / 100.0;
        let deviation = (hits - 100_000.0 * p) / (100_000.0 * p * (1.0 - p)).sqrt();
        assert!(deviation.abs() < 5.0, "{percent} %: {deviation} standard deviations");
    }
}
