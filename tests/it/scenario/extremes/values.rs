//! Values at the edges of each kind of number, inside and outside, as TOML writes them. Must not place them.

use super::grammar::Kind;

/// Values around every limit that a duration has somewhere, and around the limits of 32 and 64 bits.
const DURATIONS: [&str; 28] = [
    "0s",
    "0d0h0m0s0ms",
    "1ms",
    "2ms",
    "999ms",
    "1s",
    "59s999ms",
    "1m",
    "1m1ms",
    "1h",
    "86399999ms",
    "1d",
    "28d",
    "49d17h2m47s295ms",
    "49d17h2m47s296ms",
    "365d",
    "366d",
    "366d1ms",
    "36525d",
    "36525d1ms",
    "106751991167d",
    "9223372036854775807ms",
    "18446744073709551615ms",
    "18446744073709551616ms",
    "99999999999999999999d",
    "-1s",
    "1.5s",
    "",
];

const RATIOS: [&str; 18] = [
    "0",
    "1",
    "0.0",
    "1.0",
    "\"0%\"",
    "\"100%\"",
    "0.000000001",
    "0.999999999",
    "1e-9",
    "1e-10",
    "1.000000001",
    "\"100.0000001%\"",
    "-0.000000001",
    "2",
    "18446744073709551616",
    "1e300",
    "nan",
    "-inf",
];

const RATES: [&str; 14] = [
    "0/s",
    "0/h",
    "1/h",
    "1/min",
    "1/s",
    "999/s",
    "1000000000/h",
    "1000000000/s",
    "1000000001/s",
    "18446744073709551615/s",
    "18446744073709551616/h",
    "-1/s",
    "0.5/s",
    "/s",
];

const SPEEDS: [&str; 10] =
    ["0", "0.0001", "0.001", "1", "1000000", "1000000.001", "-1", "\"max\"", "18446744073709551616", "inf"];

const TIMES: [&str; 7] = ["00:00", "00:00:01", "02:30", "23:59", "23:59:59", "24:00", "-1:00"];

const MOMENTS: [&str; 9] = [
    "0000-01-01T00:00:00Z",
    "0000-01-01T00:00:00+23:59",
    "1970-01-01T00:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T00:59:59.999Z",
    "9999-12-30T22:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T23:59:59-23:59",
    "2026-01-05",
];

const CHECKS: [&str; 16] = [
    ">= 0.000000001",
    "<= 0.999999999",
    "> 0",
    "< 0",
    "== 18446744073709551615",
    "<= 18446744073709551616",
    "< 1e300",
    "!= -1",
    "in [0, 1]",
    "in [1, 0]",
    "p(0.0000001) < 1ms",
    "p(100) <= 36525d",
    "p(101) <= 1s",
    "max < 36525d1ms",
    "avg > 0s",
    "min >= 1ms",
];

/// Every value of a kind.
pub(crate) fn values(kind: Kind) -> Vec<String> {
    let quoted = |texts: &[&str]| texts.iter().map(|text| format!("\"{text}\"")).collect();
    let plain = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    match kind {
        Kind::Duration => quoted(&DURATIONS),
        Kind::Ratio => plain(&RATIOS),
        Kind::Rate => quoted(&RATES),
        Kind::Speed => plain(&SPEEDS),
        Kind::TimeOfDay => quoted(&TIMES),
        Kind::Moment => plain(&MOMENTS),
        Kind::Check => quoted(&CHECKS),
        Kind::Whole { least, most } => whole(least, most),
    }
}

fn whole(least: i128, most: i128) -> Vec<String> {
    let limits = [0, least, most, i128::from(u32::MAX), i128::from(i64::MAX), i128::from(u64::MAX)];
    let around = limits.into_iter().flat_map(|limit| [limit - 1, limit, limit + 1]);
    let mut all: Vec<i128> = around.chain([i128::from(i64::MIN), 100, 1_000]).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|number| number.to_string()).collect()
}

/// Keys of tables whose keys are free: numbers of devices, and shares.
pub(crate) const KEYS: [&str; 12] =
    ["0", "1", "100", "101", "4294967296", "0%", "100%", "0.999999999", "1e-9", "1e-10", "-1", "nan"];
