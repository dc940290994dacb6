//! `--vary`: a key of a scenario and its values, one after the other. Reads them only; whether a scenario is valid with
//! each of them is checked when it is loaded.

use super::between::{StepKind, between};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, shown};
use crate::scenario::diagnostics::limits::VARY_STEPS_MAX;
use crate::scenario::diagnostics::source::{Source, SourceSpan};
use crate::scenario::grammar::keys::SCENARIO;
use crate::scenario::grammar::parts::Shape;
use crate::scenario::text::set::{self, PathStep};

/// The default number of steps: both ends, the middle, and one between each.
const STEPS_USUAL: u64 = 5;

const HELP: &str =
    "write --vary path.of.keys=first..last, such as --vary delivery.fcm.loss=0..30%; /9 behind it makes nine steps";

/// A key and its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    key: String,
    values: Vec<String>,
}

impl Axis {
    /// Reads `path.of.keys=first..last`, optionally followed by `/9` for nine values instead of five. They are evenly
    /// spaced in their own kind: durations, whole numbers, ratios or rates.
    ///
    /// # Errors
    /// The problem, and the nearest known key for an unknown one.
    pub fn read(text: &str) -> Result<Self, Diagnostics> {
        let mut out = Diagnostics::default();
        let source = out.add_source(Source::new("--vary", text));
        read(text, source).map_err(|found| {
            out.report(found);
            out
        })
    }

    /// The key, as a path that `--set` takes.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The values, in order; at least two and at most [`VARY_STEPS_MAX`].
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The argument of `--set` for a value of this axis.
    pub fn set(&self, value: &str) -> String {
        format!("{}={value}", self.key)
    }
}

/// A part of the text, with its place.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    place: SourceSpan,
}

impl Part<'_> {
    /// The bytes from `start` to `end` of this part.
    fn slice(self, start: usize, end: usize) -> Self {
        let place = SourceSpan { start: self.place.start + start, end: self.place.start + end, ..self.place };
        Self { text: &self.text[start..end], place }
    }

    /// Without white space around it, and without quotation marks around that.
    fn bare(self) -> Self {
        let inner = self.text.trim();
        let start = self.text.len() - self.text.trim_start().len();
        let bare = self.slice(start, start + inner.len());
        match inner.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => bare.slice(1, 1 + quoted.len()),
            None => bare,
        }
    }
}

fn read(text: &str, source: usize) -> Result<Axis, Diagnostic> {
    let whole = Part { text, place: SourceSpan { source, start: 0, end: text.len() } };
    let malformed = || Diagnostic::new(Code::BadSet, whole.place, "this is not `path=first..last`").help(HELP);
    let (path, value_at) = set::steps(text, source).ok_or_else(malformed)?;
    let shape = set::shape_at(&SCENARIO, &path)?;
    let last_key = path.last().expect("a path has a key");
    if let [PathStep { place, .. }] = path.as_slice()
        && last_key.name == "seed"
    {
        let found = Diagnostic::new(Code::BadSet, *place, "seeds have a range of their own");
        return Err(found.help("write --seeds 1..20"));
    }
    let kinds: Vec<StepKind> = shape.alternatives().iter().filter_map(StepKind::of).collect();
    if kinds.is_empty() {
        return Err(no_steps_between(last_key, shape));
    }
    let (first, last, steps) = parts(whole.slice(value_at, text.len()))?;
    let kind = common_kind(&kinds, first, last)?;
    let values = between(kind, first.text, last.text, steps).expect("both have been read as this kind");
    Ok(Axis { key: text[..value_at - 1].trim().to_owned(), values })
}

fn no_steps_between(key: &PathStep, shape: &Shape) -> Diagnostic {
    let message = format!("`{}` has no values between two others", shown(&key.name));
    Diagnostic::new(Code::BadSet, key.place, message)
        .label(format!("it is {}", shape.describe()))
        .help("durations, whole numbers, ratios and rates can be varied")
}

/// The first value, the last, and how many steps.
fn parts(range: Part<'_>) -> Result<(Part<'_>, Part<'_>, u64), Diagnostic> {
    let wrong = |place, message: String| Err(Diagnostic::new(Code::BadSet, place, message).help(HELP));
    let Some(dots) = range.text.find("..") else {
        return wrong(range.place, "one value where a range is expected".to_owned());
    };
    let (first, rest) = (range.slice(0, dots), range.slice(dots + 2, range.text.len()));
    // A rate has a slash too, but never a number after it.
    let number = |slash: usize| rest.slice(slash + 1, rest.text.len()).bare();
    let is_number = |part: &Part<'_>| !part.text.is_empty() && part.text.bytes().all(|byte| byte.is_ascii_digit());
    let steps = rest.text.rfind('/').map(|slash| (slash, number(slash))).filter(|(_, part)| is_number(part));
    let (last, steps) = match steps {
        None => (rest, STEPS_USUAL),
        Some((slash, written)) => match written.text.parse().unwrap_or(u64::MAX) {
            0..2 => return wrong(written.place, format!("{} steps, where at least 2 are expected", written.text)),
            steps if steps > VARY_STEPS_MAX => {
                return wrong(written.place, format!("{} steps, of at most {VARY_STEPS_MAX}", shown(written.text)));
            }
            steps => (rest.slice(0, slash), steps),
        },
    };
    let (first, last) = (first.bare(), last.bare());
    match [first, last].into_iter().find(|part| part.text.is_empty()) {
        Some(_) => wrong(range.place, "a range without both its ends".to_owned()),
        None => Ok((first, last, steps)),
    }
}

/// The common kind of both ends.
fn common_kind(kinds: &[StepKind], first: Part<'_>, last: Part<'_>) -> Result<StepKind, Diagnostic> {
    let of = |part: Part<'_>| kinds.iter().copied().find(|kind| kind.read(part.text).is_ok());
    if let Some(kind) = kinds.iter().copied().find(|kind| [first, last].iter().all(|end| kind.read(end.text).is_ok())) {
        return Ok(kind);
    }
    if let Some(end) = [first, last].into_iter().find(|end| of(*end).is_none()) {
        let expected: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let why = kinds[0].read(end.text).expect_err("it is of none of these kinds");
        // No duration is a bare number: the missing unit is the more helpful message.
        let other = [StepKind::Duration, StepKind::Ratio, StepKind::Rate]
            .into_iter()
            .find(|kind| kind.read(end.text).is_ok() && end.text.parse::<f64>().is_err());
        let message = match (kinds, other) {
            (_, Some(other)) => other.name().to_owned(),
            ([_], None) => why.message.to_owned(),
            (_, None) => format!("neither {}", expected.join(" nor ")),
        };
        let found = Diagnostic::new(Code::BadValue, end.place, format!("`{}` is {message}", shown(end.text)));
        return Err(found.label(format!("expected {}", expected.join(" or "))).help(why.help));
    }
    let kind = |part| of(part).expect("each is of some kind").name();
    let message = format!("`{}` is {} and `{}` is {}", shown(first.text), kind(first), shown(last.text), kind(last));
    Err(Diagnostic::new(Code::BadValue, last.place, message).help("write both ends of a range in one kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        Axis::read(text).unwrap_or_else(|found| panic!("{text}: {found}")).values
    }

    fn wrong(text: &str) -> String {
        Axis::read(text).expect_err(text).to_string()
    }

    #[test]
    fn takes_any_path_of_set_and_five_steps_or_as_many_as_are_asked_for() {
        assert_eq!(values("fault.fcm-north.for=10m..2h"), ["10m", "37m30s", "1h5m", "1h32m30s", "2h"]);
        assert_eq!(values("delivery.fcm.loss = 0 .. 30% / 3"), ["0%", "15%", "30%"]);
        assert_eq!(values("fault.\"a.b\".rate=\"100/s\"..\"1000/s\"/4"), ["100/s", "400/s", "700/s", "1000/s"]);
        assert_eq!(values("fault.x.rate=0..1/3"), ["0", "0.5", "1"], "of a ratio or a rate, it is a ratio");
        assert_eq!(values("fleet.cohort.\"a = b\".presence.offline=0.1..0.2/2"), ["0.1", "0.2"]);
        assert_eq!(values("delivery.apns.latency.quantiles.\"0.5\"=1s..2s/2"), ["1s", "2s"]);
        let axis = Axis::read("fleet.users=1000..5000").expect("an axis");
        assert_eq!((axis.key(), axis.set("2000").as_str()), ("fleet.users", "fleet.users=2000"));
    }

    #[test]
    fn says_what_was_got_and_what_is_expected() {
        for (text, words) in [
            ("fleet.usres=1..2", "did you mean `users`?"),
            ("fleet.users", "this is not `path=first..last`"),
            ("fleet.users=5", "one value where a range is expected"),
            ("fleet.users=5..", "without both its ends"),
            ("fleet.users=..5", "without both its ends"),
            ("fleet.users=1..5/1", "1 steps, where at least 2 are expected"),
            ("fleet.users=1..5/101", "101 steps, of at most 100"),
            ("fleet.users=1..5/99999999999999999999999", "of at most 100"),
            ("fleet.users=1..5/x", "`5/x` is not a whole number"),
            ("fleet.users=1..10%", "`10%` is a ratio"),
            ("fault.x.for=10m..30%", "`30%` is a ratio"),
            ("fault.x.for=10..30m", "`10` is a duration without a unit"),
            ("fault.x.rate=5%..100/s", "`5%` is a ratio and `100/s` is a rate"),
            ("fault.x.rate=5%..soon", "`soon` is neither a ratio nor a rate"),
            ("send.x.title=a..b", "`title` has no values between two others"),
            ("send.x.body=1..2", "`body` has no values between two others"),
            ("fleet=1..2", "`fleet` has no values between two others"),
            ("fault.x=1..2", "which fault, and which of its keys?"),
            ("duration.x=1m..2m", "`duration` has no keys inside"),
            ("seed=1..5", "write --seeds 1..20"),
            ("", "this is not"),
        ] {
            let found = wrong(text);
            assert!(found.contains(words), "{text} does not say `{words}`:\n{found}");
            assert!(found.contains("--vary:1:"), "{found}");
        }
    }
}
