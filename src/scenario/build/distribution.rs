//! Distributions in a scenario's notation, to tables of quantiles. Must not draw.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::rules::base::chance::Ratio;
use crate::rules::base::distribution::Dist;
use crate::rules::population::presence::PresenceGaps;

use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::diagnostics::limits::{QUANTILES_MAX, TABLES_MAX};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::values;
use crate::scenario::text::view::View;

/// Makes distributions, each table once.
#[derive(Debug, Default)]
pub(crate) struct Distributions {
    lognormal: BTreeMap<(u64, u64), Dist>,
    gaps: BTreeMap<(Ratio, u64), PresenceGaps>,
    made: usize,
}

/// Median and p95, in ms, of the default lognormal distributions: APNs, FCM, the directory's lag, attention.
const USUAL: [(u64, u64); 4] = [(600, 2_000), (1_500, 6_000), (300_000, 7_200_000), (600_000, 28_800_000)];

/// Their tables, each made once in a process: nearly every scenario has them, and they are most of the work of a check.
static MADE: [OnceLock<Dist>; 4] = [const { OnceLock::new() }; 4];

const FORMS: &str = "write \"2s\", { median, p95 }, { mean, kind = \"exponential\" }, { quantiles } or { from, to }";

impl Distributions {
    /// A lognormal distribution by median and p95, `0 < median <= p95`.
    pub(crate) fn lognormal(&mut self, median_ms: u64, p95_ms: u64) -> Dist {
        let make = || match USUAL.iter().position(|usual| *usual == (median_ms, p95_ms)) {
            Some(at) => MADE[at].get_or_init(|| Dist::lognormal(median_ms, p95_ms)).clone(),
            None => Dist::lognormal(median_ms, p95_ms),
        };
        self.lognormal.entry((median_ms, p95_ms)).or_insert_with(make).clone()
    }

    /// Gaps of exponential length; `None`, and reported once, when there are too many different tables.
    pub(crate) fn gaps(
        &mut self,
        offline: Ratio,
        gap_ms: u64,
        place: SourceSpan,
        out: &mut Diagnostics,
    ) -> Option<PresenceGaps> {
        if !self.gaps.contains_key(&(offline, gap_ms)) && !self.room(place, out) {
            return None;
        }
        Some(self.gaps.entry((offline, gap_ms)).or_insert_with(|| PresenceGaps::exponential(offline, gap_ms)).clone())
    }

    /// Counts one more table; too many are reported once.
    fn room(&mut self, place: SourceSpan, out: &mut Diagnostics) -> bool {
        self.made += 1;
        if self.made == TABLES_MAX + 1 {
            let found = Diagnostic::new(Code::TooMuch, place, "more than 1,000 different distributions");
            out.report(found.help("give cohorts and devices the same ones"));
        }
        self.made <= TABLES_MAX
    }

    /// The distribution of a key: a duration or a table.
    pub(crate) fn read(&mut self, table: View<'_>, key: &str, out: &mut Diagnostics) -> Option<Dist> {
        if let Some(fixed) = table.duration(key) {
            return Some(Dist::Fixed(fixed.value));
        }
        self.read_table(table.table(key)?, out)
    }

    /// A distribution from its table.
    fn read_table(&mut self, table: View<'_>, out: &mut Diagnostics) -> Option<Dist> {
        let forms: [(&str, &[&str]); 4] = [
            ("lognormal", &["median", "p95"]),
            ("exponential", &["mean"]),
            ("quantiles", &["quantiles"]),
            ("uniform", &["from", "to"]),
        ];
        let named: Vec<_> = forms.iter().filter(|(_, keys)| table.first_of(keys).is_some()).collect();
        let [(form, keys)] = named.as_slice() else {
            let message = if named.is_empty() { "an empty distribution" } else { "two distributions in one" };
            out.report(Diagnostic::new(Code::Conflict, table.place, message).help(FORMS));
            return None;
        };
        if let Some(kind) = table.text("kind").filter(|kind| kind.value != *form) {
            let message = format!("`kind` is {}, but its keys are those of another distribution", kind.value);
            out.report(Diagnostic::new(Code::Conflict, kind.place, message).help(FORMS));
        }
        for key in keys.iter().filter(|key| !table.has(key)) {
            let message = format!("this distribution needs `{key}`");
            out.report(Diagnostic::new(Code::MissingKey, table.place, message).help(FORMS));
        }
        if *form != "lognormal" && !self.room(table.place, out) {
            return None;
        }
        match *form {
            "lognormal" => {
                let (median, p95) = (table.duration("median")?, table.duration("p95")?);
                self.checked_lognormal(median.value, p95.value, p95.place, out)
            }
            "exponential" => {
                let mean = table.duration("mean")?;
                if mean.value == 0 {
                    out.report(
                        Diagnostic::new(Code::BadValue, mean.place, "a mean of zero")
                            .help("write \"0s\" instead of the table"),
                    );
                    return None;
                }
                Some(Dist::exponential(mean.value))
            }
            "quantiles" => quantiles(table.table("quantiles")?, out),
            _ => {
                let (from, to) = (table.duration("from")?, table.duration("to")?);
                if from.value > to.value {
                    out.report(Diagnostic::new(Code::BadValue, to.place, "`to` is less than `from`"));
                    return None;
                }
                Some(Dist::uniform(from.value, to.value))
            }
        }
    }

    /// A lognormal distribution whose two quantiles are still to be compared.
    pub(crate) fn checked_lognormal(
        &mut self,
        median_ms: u64,
        p95_ms: u64,
        place: SourceSpan,
        out: &mut Diagnostics,
    ) -> Option<Dist> {
        if median_ms == 0 || p95_ms < median_ms {
            let found = Diagnostic::new(Code::BadValue, place, "a lognormal distribution has 0 < median <= p95");
            out.report(found);
            return None;
        }
        if !self.lognormal.contains_key(&(median_ms, p95_ms)) && !self.room(place, out) {
            return None;
        }
        Some(self.lognormal(median_ms, p95_ms))
    }
}

fn quantiles(table: View<'_>, out: &mut Diagnostics) -> Option<Dist> {
    let mut points: Vec<(u32, u64, SourceSpan)> = Vec::new();
    let mut sound = true;
    for (share, entry) in table.table.entries.iter().take(QUANTILES_MAX + 1) {
        match (values::ratio(share), entry.node.as_text().and_then(|text| values::duration_ms(text).ok())) {
            (Ok(share), Some(ms)) => points.push((share.billionths(), ms, entry.key_place)),
            (Err(wrong), _) => {
                let found =
                    Diagnostic::new(Code::BadValue, entry.key_place, format!("a quantile's key is {}", wrong.message));
                out.report(found.help("write shares as keys: { \"0.5\" = \"1s\", \"0.99\" = \"9s\" }"));
                sound = false;
            }
            (Ok(_), None) => sound = false,
        }
    }
    if table.table.entries.len() > QUANTILES_MAX {
        out.report(Diagnostic::new(Code::TooMuch, table.place, "more than 1,000 quantiles"));
        return None;
    }
    if points.is_empty() && sound {
        out.report(Diagnostic::new(Code::BadValue, table.place, "no quantile"));
    }
    points.sort_unstable_by_key(|(share, ms, _)| (*share, *ms));
    for pair in points.windows(2) {
        if pair[0].0 == pair[1].0 || pair[0].1 > pair[1].1 {
            let message =
                if pair[0].0 == pair[1].0 { "a quantile given twice" } else { "a quantile less than the one before" };
            out.report(Diagnostic::new(Code::BadValue, pair[1].2, message));
            sound = false;
        }
    }
    let points: Vec<(u32, u64)> = points.into_iter().map(|(share, ms, _)| (share, ms)).collect();
    (sound && !points.is_empty()).then(|| Dist::from_quantiles(&points))
}
