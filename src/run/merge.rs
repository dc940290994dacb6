//! Adds the parts of a forecast to the whole, one after another, or names the part that does not fit. Must not hold
//! more than the sum and one part, or open a file.

use std::collections::BTreeMap;

use super::part::{Contents, Part, PartError, PartFacts, PartLabel};
use super::part_check::check;
use super::partition::Shard;
use crate::engine::{Restarts, RunTotals};
use crate::outcome::record::finished::Finished;
use crate::outcome::record::outcome::Driver;
use crate::outcome::summing::RunFacts;
use crate::outcome::words::count;
use crate::rules::base::visible::one_line;
use crate::rules::model::world::World;
use crate::scenario::{Overrides, Source, load, shown};

/// Missing shards that are listed one by one; a longer list is of no use.
const MISSING_LISTED_MAX: usize = 20;

/// Why parts do not make a whole; every variant names the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// A file is no part.
    #[error("{file} is {error}", file = one_line(.file), error = describe(.error))]
    Unusable {
        /// Its name.
        file: String,
        /// Why.
        error: PartError,
    },
    /// A part of another forecast.
    #[error(
        "{file} is of another {what}: {got}, expected {expected} as in {first}; merge the parts of one forecast only",
        file = one_line(.file), got = shown(.got), expected = shown(.expected), first = one_line(.first)
    )]
    Another {
        /// Its name.
        file: String,
        /// What differs.
        what: &'static str,
        /// Its value.
        got: String,
        /// The first file's value.
        expected: String,
        /// The first file.
        first: String,
    },
    /// A part that is incomplete because it was interrupted.
    #[error(
        "{file} was interrupted after {done} of {devices} devices, expected all: make it again with `{again}`",
        file = one_line(.file), again = one_line(.again), done = count(*.done), devices = count(*.devices)
    )]
    Interrupted {
        /// Its name.
        file: String,
        /// Devices done.
        done: u64,
        /// Devices of the shard.
        devices: u64,
        /// The command that makes it.
        again: String,
    },
    /// One shard in two files.
    #[error(
        "{second} is shard {shard} again, which {first} is already: give each shard once",
        second = one_line(.second), first = one_line(.first)
    )]
    Twice {
        /// The shard.
        shard: Shard,
        /// One file.
        first: String,
        /// The other file.
        second: String,
    },
    /// Shards without a file.
    #[error(
        "{missing} of {of} missing: make it with `{again}`, and give all files together", again = one_line(.again)
    )]
    Missing {
        /// The missing shards, as text.
        missing: String,
        /// The number of shards.
        of: u32,
        /// The command that makes the first of them.
        again: String,
    },
    /// A part with facts that differ from those common to all parts.
    #[error(
        "{file} does not fit {first}: {what} differ, which are the same in all parts of a forecast; make both again",
        file = one_line(.file), first = one_line(.first)
    )]
    Unfit {
        /// Its name.
        file: String,
        /// The first file.
        first: String,
        /// What differs.
        what: &'static str,
    },
    /// A part with counts that are impossible in any forecast.
    #[error("{file} says what no part of a forecast can say: {what} do not add up; make it again", file = one_line(.file))]
    Sums {
        /// Its name.
        file: String,
        /// The counts.
        what: &'static str,
    },
    /// A part whose scenario does not fit its totals.
    #[error(
        "{file} carries a scenario that does not give its fleet: make it again with this version of reveille",
        file = one_line(.file)
    )]
    Scenario {
        /// Its name.
        file: String,
    },
    /// No part at all.
    #[error("no part to merge")]
    Nothing,
}

/// The text of a part error after "is": those that do not begin with a noun get one.
fn describe(error: &PartError) -> String {
    match error {
        PartError::NotAPart | PartError::Version(_) | PartError::ModelVersion(_) | PartError::Length { .. } => {
            error.to_string()
        }
        PartError::Format(_) => format!("of {error}"),
        PartError::Corrupted { .. } | PartError::Contents(_) => format!("not as it was written: {error}"),
    }
}

/// The sum so far.
#[derive(Debug, Default)]
pub struct Merge {
    sum: Option<Sum>,
    /// The file of each shard.
    files: BTreeMap<u32, String>,
}

#[derive(Debug)]
struct Sum {
    /// The first file, its label, and the world of its scenario.
    file: String,
    label: PartLabel,
    world: World,
    contents: Contents,
    /// The command of the lowest shard so far: those of others may name the scenario by another path.
    replay_of: u32,
}

/// A whole forecast from its parts.
#[derive(Debug)]
pub struct Merged {
    /// The forecast world.
    pub world: World,
    /// Its result; its wall time is the sum of the parts'.
    pub finished: Finished,
    /// The facts of the whole, instead of those of one run.
    pub facts: RunFacts,
    /// What is needed to write the whole as one part.
    pub part: PartFacts,
}

impl Merge {
    /// Adds the part of a file.
    ///
    /// # Errors
    /// [`MergeError`] if it is no part, or not of the same forecast as the files before.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), MergeError> {
        let Part { label, contents } =
            Part::from_bytes(bytes).map_err(|error| MergeError::Unusable { file: file.to_owned(), error })?;
        if let Some(sum) = &self.sum {
            sum.check_label(file, &label)?;
        }
        if let Some(first) = self.files.get(&label.shard.number()) {
            return Err(MergeError::Twice { shard: label.shard, first: first.clone(), second: file.to_owned() });
        }
        if label.interrupted {
            return Err(MergeError::Interrupted {
                file: file.to_owned(),
                done: label.devices_done,
                devices: label.shard.devices(label.devices).len() as u64,
                again: contents.replay.of_shard(label.seed, label.shard),
            });
        }
        self.files.insert(label.shard.number(), file.to_owned());
        match &mut self.sum {
            Some(sum) => sum.add(file, &label, contents),
            None => {
                self.sum = Some(Sum::first(file, label, contents)?);
                Ok(())
            }
        }
    }

    /// The whole, if all parts are present.
    ///
    /// # Errors
    /// [`MergeError::Missing`] if some are not.
    pub fn finish(self) -> Result<Merged, MergeError> {
        let Sum { label, world, contents, .. } = self.sum.ok_or(MergeError::Nothing)?;
        let of = label.shard.of();
        let mut missing = (1..=of).filter(|number| !self.files.contains_key(number));
        if let Some(first) = missing.next() {
            let shard = Shard::new(first, of).expect("it is one of them");
            let missing = listed(std::iter::once(first).chain(missing));
            return Err(MergeError::Missing { missing, of, again: contents.replay.of_shard(label.seed, shard) });
        }
        let Contents { scenario, replay, wall_ms, peak_rss_bytes, agenda, changes_slowed, pairs_sent, counts } =
            contents;
        let totals = RunTotals {
            counts,
            pairs_sent,
            changes_slowed,
            struck: None,
            lag: Vec::new(),
            restarts: Restarts::default(),
            fates: None,
        };
        let devices_done = Some(u64::from(label.devices));
        let finished = Finished { agenda, totals, interrupted_at: None, devices_done, wall_ms, late_sends: 0 };
        let facts = RunFacts::of(&finished, Driver::Forecast, peak_rss_bytes, replay.command("forecast", label.seed));
        Ok(Merged { world, finished, facts, part: PartFacts { scenario, replay, peak_rss_bytes } })
    }
}

impl Sum {
    fn first(file: &str, label: PartLabel, contents: Contents) -> Result<Self, MergeError> {
        let wrong = || MergeError::Scenario { file: file.to_owned() };
        let source = Source::new(file, contents.scenario.clone());
        let loaded = load(&source, &mut |_| Err("a part has no includes".to_owned()), &Overrides::default());
        let mut world = loaded.map_err(|_| wrong())?.world;
        // The texts of messages are masked in a part, and the hash covers them.
        world.scenario_hash.clone_from(&label.scenario_hash);
        let same = world.fleet.devices() == label.devices
            && world.chance.seed() == label.seed
            && world.name == label.scenario
            && world.profile.name() == label.profile
            && contents.changes_slowed.len() == world.faults.len()
            && contents.agenda.fits(&world)
            && contents.counts.fits(&world);
        if !same {
            return Err(wrong());
        }
        check(&world, &label, &contents).map_err(|what| MergeError::Sums { file: file.to_owned(), what })?;
        let replay_of = label.shard.number();
        Ok(Self { file: file.to_owned(), label, world, contents, replay_of })
    }

    /// Checks by its label whether it is a part of the same forecast.
    fn check_label(&self, file: &str, label: &PartLabel) -> Result<(), MergeError> {
        let (first, other) = (facts(&self.label), facts(label));
        match first.into_iter().zip(other).find(|(first, other)| first != other) {
            None => Ok(()),
            Some(((what, expected), (_, got))) => {
                Err(MergeError::Another { file: file.to_owned(), what, got, expected, first: self.file.clone() })
            }
        }
    }

    fn add(&mut self, file: &str, label: &PartLabel, contents: Contents) -> Result<(), MergeError> {
        let unfit = |what| MergeError::Unfit { file: file.to_owned(), first: self.file.clone(), what };
        if !self.contents.agenda.says_the_same(&contents.agenda) {
            return Err(unfit("messages and quotas"));
        }
        if self.contents.changes_slowed != contents.changes_slowed {
            return Err(unfit("changes of the directory"));
        }
        if self.contents.scenario != contents.scenario || !contents.counts.fits(&self.world) {
            return Err(unfit("scenarios"));
        }
        check(&self.world, label, &contents).map_err(|what| MergeError::Sums { file: file.to_owned(), what })?;
        let sum = &mut self.contents;
        sum.counts.merge(contents.counts);
        // Bounded by the devices of the shards, which follow one another, times the messages: below 2^63.
        sum.pairs_sent += contents.pairs_sent;
        sum.wall_ms = sum.wall_ms.saturating_add(contents.wall_ms);
        sum.peak_rss_bytes = sum.peak_rss_bytes.max(contents.peak_rss_bytes);
        if label.shard.number() < self.replay_of {
            self.replay_of = label.shard.number();
            sum.replay = contents.replay;
        }
        Ok(())
    }
}

/// What the labels of one forecast have in common, the most helpful first.
fn facts(label: &PartLabel) -> [(&'static str, String); 6] {
    [
        ("scenario", label.scenario.clone()),
        ("profile", label.profile.clone()),
        ("scenario hash", label.scenario_hash.clone()),
        ("seed", label.seed.to_string()),
        ("number of devices", label.devices.to_string()),
        ("number of shards", label.shard.of().to_string()),
    ]
}

/// `shard 2 is`, `shards 2, 3 and 5 are`.
fn listed(numbers: impl Iterator<Item = u32>) -> String {
    let numbers: Vec<u32> = numbers.collect();
    let words = |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match numbers.as_slice() {
        [one] => format!("shard {one}"),
        [rest @ .., last] if rest.len() < MISSING_LISTED_MAX => format!("shards {} and {last}", words(rest)),
        all => {
            let (shown, more) = all.split_at(MISSING_LISTED_MAX);
            format!("shards {} and {} more", words(shown), count(more.len() as u64))
        }
    }
}
