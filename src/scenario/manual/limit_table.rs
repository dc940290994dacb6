//! The limits of a scenario as one table, for the reference page and the JSON Schema, from the constants that the checks
//! use. Must not check anything.

use crate::rules::base::limits::{
    BODY_CHARACTERS_MAX, DEVICES_MAX, FAULTS_MAX, GROUPS_PER_MESSAGE_MAX, MESSAGES_LISTED_MAX, TITLE_CHARACTERS_MAX,
};
use crate::rules::base::visible::count;
use crate::scenario::diagnostics::limits::{
    ALL_FAULT_WINDOWS_MAX, ALL_OCCURRENCES_MAX, CHANGE_STEPS_MAX, COHORTS_MAX, DEVICES_PER_USER_MAX, DURATION_MAX_MS,
    EXPECTATIONS_MAX, FAULT_WINDOWS_MAX, FILE_BYTES_MAX, FILES_MAX, GAP_MIN_MS, INCLUDE_DEPTH_MAX, MEMBERS_MAX,
    MESSAGES_MAX, OCCURRENCES_MAX, QUANTILES_MAX, RATE_MAX, RUN_MAX_MS, SAMPLED_MAX, SHARDS_MAX, SITES_MAX, SPEED_MAX,
    STALL_MAX_MS, STORED_MAX, STRATA_MAX, TABLES_MAX, TOTAL_BYTES_MAX, VARY_STEPS_MAX, WINDOWS_MAX,
};

const DAY_MS: u64 = 86_400_000;
const MEBIBYTE: usize = 1 << 20;

/// A limit: of what, how much in its unit, the unit, and the reason.
type LimitRow = (&'static str, u64, &'static str, &'static str);

/// Every limit of a scenario, the largest things first.
fn limits() -> Vec<LimitRow> {
    let size = |number: usize| number as u64;
    vec![
        ("one run", RUN_MAX_MS / DAY_MS, "days", "reports hold a series by the minute"),
        ("any duration", DURATION_MAX_MS / DAY_MS, "days", "a hundred years"),
        ("devices", DEVICES_MAX, "", "the largest forecast that is promised"),
        ("devices of a generated user", DEVICES_PER_USER_MAX, "", ""),
        ("cohorts", size(COHORTS_MAX), "", "each holds tables of quantiles"),
        ("sites", size(SITES_MAX), "", "each is a group, and a row of every report"),
        ("combinations of cohort, platform and labels", size(STRATA_MAX), "", "reports are divided by them"),
        ("users that all groups draw or list by range", MEMBERS_MAX, "", "each is a draw and four bytes"),
        ("users or devices that all samples draw", SAMPLED_MAX, "", "each is a place in a shuffle"),
        (
            "messages",
            size(MESSAGES_MAX),
            "",
            "a send to single devices counts one a device; a forecast plans all of them",
        ),
        ("occurrences of one send", size(OCCURRENCES_MAX), "", "8 MB of times"),
        ("occurrences of all sends", size(ALL_OCCURRENCES_MAX), "", "80 MB of times"),
        ("messages that a report lists one by one", MESSAGES_LISTED_MAX, "", "more are summarised for each send"),
        ("characters of a title", size(TITLE_CHARACTERS_MAX), "", "the service's own limit"),
        ("characters of a body", size(BODY_CHARACTERS_MAX), "", "the service's own limit"),
        ("groups of one message", size(GROUPS_PER_MESSAGE_MAX), "", "the service's own limit"),
        ("steps of all changes", size(CHANGE_STEPS_MAX), "", ""),
        ("faults", size(FAULTS_MAX), "", "the faults of a device are one set of 128 bits"),
        ("windows of one fault with `every`", FAULT_WINDOWS_MAX, "", "state machines walk them"),
        ("windows of all faults", ALL_FAULT_WINDOWS_MAX, "", "walks over several faults look at those of each"),
        ("a stall", STALL_MAX_MS / 1_000, "seconds", "a stalled actor keeps the end of the run waiting"),
        ("expectations, with those of `by`", size(EXPECTATIONS_MAX), "", "each walks the totals once"),
        ("windows of reach", size(WINDOWS_MAX), "", "each is a column of the tables"),
        ("messages that a gateway stores for a phone", STORED_MAX, "", "each is an entry in memory"),
        ("different tables of quantiles", size(TABLES_MAX), "", "each takes 16 kB"),
        ("quantiles of one distribution", size(QUANTILES_MAX), "", "the table made of them has 2,048"),
        ("the number in a rate", RATE_MAX, "per unit of time", "sums of units must not overflow"),
        ("model seconds per second", SPEED_MAX, "", "stored in thousandths"),
        ("shards", SHARDS_MAX, "", "more than a computer has cores"),
        ("values of `--vary`", VARY_STEPS_MAX, "", "each is a whole forecast"),
        ("one file", size(FILE_BYTES_MAX / MEBIBYTE), "MiB", "a named fleet of 100,000 devices takes a quarter of it"),
        (
            "all files of a scenario",
            size(TOTAL_BYTES_MAX / MEBIBYTE),
            "MiB",
            "includes must not multiply the limit of one",
        ),
        ("files of a scenario", size(FILES_MAX), "", ""),
        ("files inside one another", size(INCLUDE_DEPTH_MAX), "", "deeper nesting hides where a value comes from"),
    ]
}

/// Entries that a list of such tables has at most, by the noun of its grammar.
pub(super) fn entries_max(noun: &str) -> Option<usize> {
    match noun {
        "cohort" => Some(COHORTS_MAX),
        "site" => Some(SITES_MAX),
        "fault" => Some(FAULTS_MAX),
        "expectation" => Some(EXPECTATIONS_MAX),
        _ => None,
    }
}

/// The limits as a section of the reference page.
pub(super) fn section() -> String {
    let row = |(what, most, unit, why): LimitRow| {
        let most = format!("{} {unit}", count(most));
        format!("| {what} | {} | {why} |\n", most.trim_end())
    };
    let rows: String = limits().into_iter().map(row).collect();
    format!(
        "\n## Limits\n\nWhat is beyond them is an error that names the place. The least of anything is 0, except the mean gap of \
         presence, which is\nat least {} s: a day of gaps is drawn at once.\n\n| of | at most | reason |\n|---|---:|---|\n{rows}",
        GAP_MIN_MS / 1_000
    )
}

/// The limits as a sentence for the JSON Schema, which has a keyword for few of them.
pub(super) fn sentence() -> String {
    let one = |(what, most, unit, _): LimitRow| format!("{what} {} {unit}", count(most)).trim_end().to_owned();
    format!("At most: {}.", limits().into_iter().map(one).collect::<Vec<_>>().join("; "))
}
