//! The limits of a scenario, each with its unit and its reason. Numbers only; the checks are in the files of their
//! subjects.

/// Bytes of one file: a named fleet of 100,000 devices takes a quarter of it.
pub const FILE_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Bytes of all files of one scenario together, so that includes cannot multiply [`FILE_BYTES_MAX`].
pub const TOTAL_BYTES_MAX: usize = 4 * FILE_BYTES_MAX;
/// Files of one scenario; more is a mistake in a generator of files.
pub const FILES_MAX: usize = 256;
/// Files inside one another; deeper nesting hides where a value comes from.
pub const INCLUDE_DEPTH_MAX: usize = 16;
/// Diagnostics that are kept; more are of no use, and a hostile file could make millions.
pub const DIAGNOSTICS_MAX: usize = 200;
/// Candidates that the search for the nearest name looks at, so that a large fleet does not slow a typing error down.
pub(crate) const CANDIDATES_MAX: usize = 1_000;
/// Longest name or word that the search for the nearest one compares, in bytes.
pub(crate) const CANDIDATE_BYTES_MAX: usize = 64;
/// Longest duration of anything, in ms: a hundred years, far past any run and far from overflow.
pub const DURATION_MAX_MS: u64 = 36_525 * 24 * 3_600_000;
/// Longest run, in ms: a leap year; reports hold a series by the model minute.
pub const RUN_MAX_MS: u64 = 366 * 24 * 3_600_000;
/// Messages that a scenario may ask for (a send to single devices counts one a device): a flood of a quarter of an hour
/// at 100,000 a second. Actors remember few of them; a forecast plans all, in some 350 bytes each.
pub const MESSAGES_MAX: usize = 100_000_000;
/// Occurrences of one send: 8 MB of times.
pub const OCCURRENCES_MAX: usize = 1_000_000;
/// Occurrences of all sends together: 80 MB of times.
pub const ALL_OCCURRENCES_MAX: usize = 10_000_000;
/// All messages to as many devices as have an index: no scenario that passes its check has more pairs than a 64-bit
/// counter.
const _: () = assert!(MESSAGES_MAX as u128 * u32::MAX as u128 <= u64::MAX as u128);
/// Steps of all directory changes together.
pub const CHANGE_STEPS_MAX: usize = 10_000_000;
/// Windows of force of one fault with `every`, within the run: state machines walk them.
pub const FAULT_WINDOWS_MAX: u64 = 100_000;
/// Windows of force of all faults together, within the run: ten faults as long as [`FAULT_WINDOWS_MAX`] lets them be.
/// Walks over several faults at once look at the windows of each.
pub const ALL_FAULT_WINDOWS_MAX: u64 = 1_000_000;
/// Bytes of a fault that is started by hand: a server keeps them for its history.
pub const FAULT_BYTES_MAX: usize = 65_536;
/// Longest stall, in ms of model time: a stalled actor keeps the end of the run waiting.
pub const STALL_MAX_MS: u64 = 60_000;
/// Windows of reach that reports tell: each is a column of their tables.
pub const WINDOWS_MAX: usize = 8;
/// Cohorts; each holds tables of quantiles.
pub const COHORTS_MAX: usize = 256;
/// Sites; each has a group, and is a row of every report.
pub const SITES_MAX: usize = 256;
/// Different (cohort, platform, labels): reports are divided by them.
pub const STRATA_MAX: usize = 1_024;
/// Devices of one generated user.
pub const DEVICES_PER_USER_MAX: u64 = 100;
/// Messages that a gateway may store for one phone: each is an entry in memory.
pub const STORED_MAX: u64 = 10_000;
/// Users that all groups together are drawn from or list by range: each is a draw and four bytes.
pub const MEMBERS_MAX: u64 = 200_000_000;
/// Users or devices that all samples of a scenario draw together, those that take everything left out: each is a place
/// in a shuffle and in a sorted list, some 100 ns and up to 12 bytes.
pub const SAMPLED_MAX: u64 = 10_000_000;
/// Different tables of quantiles: each takes 16 kB and some milliseconds to make.
pub const TABLES_MAX: usize = 1_000;
/// Quantiles that a distribution is given by; the table made from them has 2,048.
pub const QUANTILES_MAX: usize = 1_000;
/// Number in a rate, per its unit of time: beyond it, sums of units could overflow over a run.
pub const RATE_MAX: u64 = 1_000_000_000;
/// Shortest mean gap of presence, in ms: a day of gaps is drawn at once.
pub const GAP_MIN_MS: u64 = 1_000;
/// Shard actors; more than any computer has cores.
pub const SHARDS_MAX: u64 = 1_024;
/// Expectations, those made by `by` included: each walks the totals once.
pub const EXPECTATIONS_MAX: usize = 1_000;
/// Model seconds per second that can still be stored in thousandths.
pub const SPEED_MAX: u64 = 1_000_000;
/// Steps of one `--vary`: each is a whole forecast, and a line of a table for people.
pub const VARY_STEPS_MAX: u64 = 100;
/// Bytes of a value that a message repeats; the rest is cut off.
pub(crate) const SHOWN_BYTES_MAX: usize = 60;
