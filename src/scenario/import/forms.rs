//! Values of columns in Graph's form: codes become words, ids lower case, moments and sizes Graph's.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::columns::{Column, ColumnForm};
use super::export::DeviceField;
use super::words;

/// Formats of dates without a zone, which are taken as UTC.
const DATES: [&str; 3] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%m/%d/%Y %I:%M:%S %p"];
/// Bytes of a MiB.
const MEBIBYTE: u64 = 1 << 20;

/// A value of a column in Graph's form; `None` if it is empty.
pub(crate) fn of_graph(column: Column, value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    Some(match (column.field, column.form) {
        (Some(DeviceField::Id | DeviceField::UserId), _) => id(value),
        (Some(DeviceField::Agent), _) => words::agent_word(value).to_owned(),
        (Some(DeviceField::Enrollment), _) => words::enrollment_word(value).to_owned(),
        (Some(DeviceField::Owner), _) => words::owner_word(value).to_owned(),
        (_, ColumnForm::Moment) => moment(value)?,
        (_, ColumnForm::Flag) => flag(value)?.to_owned(),
        (_, ColumnForm::Mebibytes) => value.parse::<u64>().ok()?.checked_mul(MEBIBYTE)?.to_string(),
        (_, ColumnForm::Plain) => value.to_owned(),
    })
}

/// Whether the localised value of a field is more precise than its code: how Android is enrolled, or what an unknown
/// number means.
pub(crate) fn says_more(field: DeviceField, base: &str, localised: &str) -> bool {
    let is_number = !base.is_empty() && base.bytes().all(|byte| byte.is_ascii_digit());
    is_number || (field == DeviceField::System && !base.contains('(') && localised.contains('('))
}

/// A GUID in lower case, without braces; any other id unchanged.
pub(crate) fn id(value: &str) -> String {
    let bare = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(value);
    let is_guid = bare.len() == 36
        && bare.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_guid { bare.to_ascii_lowercase() } else { value.to_owned() }
}

fn moment(value: &str) -> Option<String> {
    if value.parse::<jiff::Timestamp>().is_ok() {
        return Some(value.to_owned());
    }
    let civil = DATES.iter().find_map(|form| DateTime::strptime(form, value).ok())?;
    Some(TimeZone::UTC.to_timestamp(civil).ok()?.to_string())
}

fn flag(value: &str) -> Option<&'static str> {
    Some(match words::letters(value).as_str() {
        "true" | "yes" | "oui" | "ja" | "si" | "1" => "true",
        "false" | "no" | "non" | "nein" | "0" => "false",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_graph_has_them() {
        for (title, value, wanted) in [
            ("Device ID", "{9E1D77B0-0007-4C3A-8F20-2B6E4D9C5A07}", Some("9e1d77b0-0007-4c3a-8f20-2b6e4d9c5a07")),
            ("Device ID", "Phone-A", Some("Phone-A")),
            ("OwnerType", "1", Some("company")),
            ("ManagementAgents", "2", Some("mdm")),
            ("Last check-in", "2026-01-04 17:20:11.0000000", Some("2026-01-04T17:20:11Z")),
            ("Last check-in", "1/4/2026 5:20:11 PM", Some("2026-01-04T17:20:11Z")),
            ("enrolledDateTime", "2025-03-04T08:12:00Z", Some("2025-03-04T08:12:00Z")),
            ("enrolledDateTime", "yesterday", None),
            ("Encrypted", "Yes", Some("true")),
            ("isEncrypted", "False", Some("false")),
            ("Total storage", "65536", Some("68719476736")),
            ("totalStorageSpaceInBytes", "68719476736", Some("68719476736")),
            ("Total storage", "64 GB", None),
            ("Device name", "", None),
        ] {
            let column = Column::of(title).expect("it is known");
            assert_eq!(of_graph(column, value).as_deref(), wanted, "{title}: {value}");
        }
    }
}
