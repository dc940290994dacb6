//! Local time: the start, time zones (daylight saving included) and times of day. Must not read a clock.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, civil};
use toml::value::{Datetime, Offset};

use crate::rules::base::local_time::{LeftOut, NextLocal};
use crate::rules::base::time::{SimTime, Zone};

use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, nearest, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::values::duration_text;
use crate::scenario::text::document::DocumentValue;
use crate::scenario::text::view::{Spot, View};

/// The default start, 2026-01-05T06:00:00Z, in Unix ms: a Monday morning.
const START_DEFAULT_MS: i64 = 1_767_592_800_000;

/// Replaces an invalid duration while the rest is checked, in ms: a day.
const HORIZON_UNKNOWN_MS: u64 = 86_400_000;

/// The start of the model and its local time.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    /// Model time zero, in Unix ms.
    pub(crate) start_unix_ms: i64,
    /// The end of the run.
    pub(crate) horizon: SimTime,
    /// The scenario's local time.
    pub(crate) zone: Zone,
    /// The name of its time zone.
    pub(crate) zone_name: String,
    database: TimeZoneDatabase,
}

impl Times {
    /// Reads `start`, `timezone` and `duration`.
    pub(crate) fn read(root: View<'_>, out: &mut Diagnostics) -> Self {
        let database = TimeZoneDatabase::bundled();
        let duration = root.duration("duration").filter(|duration| duration.value > 0);
        let horizon = duration.map_or(HORIZON_UNKNOWN_MS, |duration| {
            if duration.value > crate::scenario::diagnostics::limits::RUN_MAX_MS {
                let found = Diagnostic::new(Code::TooMuch, duration.place, "a run of more than a year");
                out.report(found.help("a run lasts at most 366 days"));
            }
            duration.value.min(crate::scenario::diagnostics::limits::RUN_MAX_MS)
        });
        let mut times = Self {
            start_unix_ms: START_DEFAULT_MS,
            horizon: SimTime(horizon),
            zone: Zone::fixed(0),
            zone_name: root.text("timezone").map_or("UTC", |name| name.value).to_owned(),
            database,
        };
        let zone = root.text("timezone").map_or(Some(TimeZone::UTC), |name| times.time_zone(name, out));
        let zone = zone.unwrap_or(TimeZone::UTC);
        if let Some(node) = root.node("start")
            && let DocumentValue::Moment(moment) = node.value
        {
            match unix_ms(moment, &zone) {
                Some(ms) => times.start_unix_ms = ms,
                None => start_unreadable(node.place, out),
            }
        }
        times.zone = times.transitions(&zone);
        times
    }

    /// The local time that a table's `timezone` names, or the scenario's.
    pub(crate) fn zone_of(&self, table: View<'_>, out: &mut Diagnostics) -> Zone {
        let zone = table.text("timezone").and_then(|name| self.time_zone(name, out));
        zone.map_or_else(|| self.zone.clone(), |zone| self.transitions(&zone))
    }

    fn time_zone(&self, name: Spot<&str>, out: &mut Diagnostics) -> Option<TimeZone> {
        if matches!(name.value, "UTC" | "Z") {
            return Some(TimeZone::UTC);
        }
        let fixed = offset_seconds(name.value).and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok());
        let found = fixed.map(jiff::tz::Offset::to_time_zone).or_else(|| self.database.get(name.value).ok());
        if found.is_none() {
            // A full list of problems does not need the long search for a remedy.
            let names = (!out.full()).then(|| self.database.available());
            let known: Vec<String> = names.into_iter().flatten().map(|known| known.to_string()).collect();
            let known = known.iter().map(String::as_str);
            let near = known.clone().find(|known| is_city_of(name.value, known)).or_else(|| nearest(name.value, known));
            let message = format!("no time zone is called `{}`", shown(name.value));
            let help = near.map_or_else(
                || "write \"UTC\", an offset such as \"+01:00\", or a name such as \"Europe/Paris\"".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            out.report(Diagnostic::new(Code::UnknownName, name.place, message).help(help));
        }
        found
    }

    /// The offsets of a zone over the run.
    fn transitions(&self, zone: &TimeZone) -> Zone {
        let Ok(start) = Timestamp::from_millisecond(self.start_unix_ms) else { return Zone::fixed(self.start_unix_ms) };
        let local = |offset: jiff::tz::Offset| self.start_unix_ms + i64::from(offset.seconds()) * 1_000;
        let mut offsets = vec![(SimTime::ZERO, local(zone.to_offset(start)))];
        for change in zone.following(start) {
            let Ok(at) = u64::try_from(change.timestamp().as_millisecond() - self.start_unix_ms) else { continue };
            if at >= self.horizon.0 {
                break;
            }
            offsets.push((SimTime(at), local(change.offset())));
        }
        Zone { offsets }
    }

    /// A time of an `at` or `from`: a duration since the start, or the next such local time.
    pub(crate) fn at(&self, table: View<'_>, key: &str, out: &mut Diagnostics) -> Option<Spot<SimTime>> {
        if let Some(at) = table.duration(key) {
            return Some(Spot { value: SimTime(at.value), place: at.place });
        }
        let when = table.table(key)?;
        let local = when.time_of_day("local")?;
        let found = Self::next_local(&self.zone_of(when, out), local, out);
        found.map(|value| Spot { value, place: table.place_of(key) })
    }

    /// The next such local time of a zone.
    pub(crate) fn next_local(zone: &Zone, local: Spot<u32>, out: &mut Diagnostics) -> Option<SimTime> {
        let found = zone.next_local(SimTime::ZERO, local.value);
        match found {
            None => out.report(Diagnostic::new(Code::Never, local.place, "no day of this run has such a local time")),
            Some(NextLocal { at, left_out: Some(left_out) }) => out.report(tell_left_out(left_out, at, local.place)),
            Some(NextLocal { left_out: None, .. }) => {}
        }
        found.map(|found| found.at)
    }
}

/// The warning about a skipped local time, with the time that replaces it.
fn tell_left_out(left_out: LeftOut, at: SimTime, place: SourceSpan) -> Diagnostic {
    let text = |local_ms: i64, format: &str| {
        Timestamp::from_millisecond(local_ms).map_or_else(|_| String::new(), |local| local.strftime(format).to_string())
    };
    let LeftOut { wanted, before, after } = left_out;
    let message = format!("no clock shows {}: daylight saving leaves it out", text(wanted, "%H:%M on %Y-%m-%d"));
    let goes = text(after, "%H:%M");
    Diagnostic::new(Code::LeftOut, place, message)
        .label(format!("it goes at {goes} instead, {} after the start", duration_text(at.ms())))
        .help(format!("the clock is put forward from {} to {goes} that day", text(before, "%H:%M")))
}

/// Whether a zone is called after this city.
fn is_city_of(city: &str, zone: &str) -> bool {
    let last = zone.rsplit('/').next().unwrap_or_default();
    last.len() < zone.len() && last.eq_ignore_ascii_case(&city.replace(' ', "_"))
}

fn start_unreadable(place: SourceSpan, out: &mut Diagnostics) {
    let found = Diagnostic::new(Code::BadValue, place, "`start` is not a moment of the calendar");
    out.report(found.help("write date, time and offset: 2026-01-05T06:00:00Z"));
}

/// Unix ms of a TOML date and time; without an offset it is local time.
fn unix_ms(moment: Datetime, zone: &TimeZone) -> Option<i64> {
    let (date, time) = (moment.date?, moment.time?);
    let narrow = |number: u8| i8::try_from(number).ok();
    let nanosecond = i32::try_from(time.nanosecond.unwrap_or(0)).ok()?;
    let local = civil::DateTime::new(
        i16::try_from(date.year).ok()?,
        narrow(date.month)?,
        narrow(date.day)?,
        narrow(time.hour)?,
        narrow(time.minute)?,
        narrow(time.second.unwrap_or(0))?,
        nanosecond,
    )
    .ok()?;
    let zone = match moment.offset {
        None => zone.clone(),
        Some(Offset::Z) => TimeZone::UTC,
        Some(Offset::Custom { minutes }) => {
            jiff::tz::Offset::from_seconds(i32::from(minutes) * 60).ok()?.to_time_zone()
        }
    };
    zone.to_timestamp(local).ok().map(Timestamp::as_millisecond)
}

/// `+01:00` or `-0330` as seconds.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "00"),
    };
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i32>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours <= 25 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_with_and_without_a_colon() {
        assert_eq!(offset_seconds("+01:00"), Some(3_600));
        assert_eq!(offset_seconds("-0330"), Some(-12_600));
        assert_eq!(offset_seconds("+5"), None);
        assert_eq!(offset_seconds("Europe/Paris"), None);
        assert_eq!(offset_seconds("+é1"), None);
    }
}
