//! Properties that directory objects share: names, ids, creation times. They are derived from the name, so that they
//! never change.

use jiff::Timestamp;
use uuid::Uuid;

use crate::server::odata::Value;

/// The greatest age of an object when the model begins, in ms.
const CREATED_BEFORE_MS: u64 = 1_200 * 24 * 3_600_000;

/// A moment as Graph writes it, in whole seconds.
pub(super) fn moment(unix_ms: i64) -> Value {
    Timestamp::from_second(unix_ms.div_euclid(1_000)).map_or(Value::Null, Value::Moment)
}

/// When an object was created: before the model began, derived from its id.
pub(super) fn created(id: Uuid, start_unix_ms: i64) -> Value {
    let (first, second) = id.as_u64_pair();
    moment(start_unix_ms - ((first ^ second) % CREATED_BEFORE_MS).cast_signed())
}

/// The security identifier of an object, which the directory derives from its id.
pub(super) fn security_identifier(id: Uuid) -> Value {
    let (a, b, c, rest) = id.as_fields();
    let words = [
        a,
        u32::from(b) | u32::from(c) << 16,
        u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]),
        u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]),
    ];
    Value::Text(words.iter().fold("S-1-12-1".to_owned(), |sum, word| format!("{sum}-{word}")))
}

/// The part of a name before the domain, without characters that a mail address cannot have.
pub(super) fn mail_nickname(name: &str) -> Value {
    let local = name.split('@').next().unwrap_or(name);
    Value::Text(local.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_')).collect())
}

/// Fifteen attributes, all null.
pub(super) fn extension_attributes() -> Value {
    const NAMES: [&str; 15] = [
        "extensionAttribute1",
        "extensionAttribute2",
        "extensionAttribute3",
        "extensionAttribute4",
        "extensionAttribute5",
        "extensionAttribute6",
        "extensionAttribute7",
        "extensionAttribute8",
        "extensionAttribute9",
        "extensionAttribute10",
        "extensionAttribute11",
        "extensionAttribute12",
        "extensionAttribute13",
        "extensionAttribute14",
        "extensionAttribute15",
    ];
    Value::Record(NAMES.iter().map(|name| (*name, Value::Null)).collect())
}
