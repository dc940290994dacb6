//! Broadcasts, against a bare program in ractor: to phones with resident actors, and to phones mostly without.

use crate::{apart, bare, engine};

/// Phones in a broadcast.
const PHONES: u32 = 20_000;
/// Timed broadcasts, after one that is not timed.
const ROUNDS: u32 = 24;
/// Resident actors where few phones have some.
const FEW_ACTORS: u32 = 2_000;
/// Processes of each contender, alternating; the median counts.
const RUNS: usize = 7;

/// One contender in one of the comparisons.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    is_bare: bool,
    is_cold: bool,
    has_starts: bool,
}

impl Contender {
    /// Its name as the task of a process.
    fn task(self) -> String {
        let Self { is_bare, is_cold, has_starts } = self;
        format!("broadcasts {is_bare} {is_cold} {has_starts}")
    }

    /// The contender that a process was started for.
    pub(crate) fn of(task: &str) -> Option<Self> {
        let all = [false, true].into_iter().flat_map(|is_bare| {
            let contests = [(false, false), (false, true), (true, false), (true, true)];
            contests.map(|(is_cold, has_starts)| Self { is_bare, is_cold, has_starts })
        });
        all.into_iter().find(|contender| contender.task() == task)
    }

    /// Prints the time of a delivery, in ns.
    pub(crate) fn measure(self) {
        let took = match self {
            Self { is_bare: true, is_cold: false, has_starts } => bare::warm(PHONES, ROUNDS, has_starts),
            Self { is_bare: true, is_cold: true, has_starts } => bare::cold(PHONES, ROUNDS, has_starts),
            Self { is_bare: false, is_cold, has_starts } => {
                let room = if is_cold { FEW_ACTORS } else { PHONES * 2 + 2 };
                engine::broadcasts(PHONES, ROUNDS, room, has_starts)
            }
        };
        println!("{}", took.as_nanos() / u128::from(PHONES * ROUNDS));
    }
}

/// To phones with resident actors.
pub(crate) fn print_warm() {
    print("warm", false);
}

/// To phones without.
pub(crate) fn print_cold() {
    print("cold", true);
}

fn print(part: &str, is_cold: bool) {
    for has_starts in [false, true] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            for (is_bare, took) in [(false, &mut ours), (true, &mut bare)] {
                let contender = Contender { is_bare, is_cold, has_starts };
                took.push(apart::figures(&contender.task())[0] as f64 / 1e3);
            }
        }
        ours.sort_unstable_by(f64::total_cmp);
        bare.sort_unstable_by(f64::total_cmp);
        let middle = RUNS / 2;
        println!(
            "{part:8} {:.2} µs a delivery in {} ({:.2} to {:.2}; {:.0} a second), bare ractor {:.2} µs ({:.2} to {:.2}): \
             {:.2} of its speed",
            ours[middle],
            if has_starts { "two turns" } else { "one turn" },
            ours[0],
            ours[RUNS - 1],
            1e6 / ours[middle],
            bare[middle],
            bare[0],
            bare[RUNS - 1],
            bare[middle] / ours[middle]
        );
    }
}
