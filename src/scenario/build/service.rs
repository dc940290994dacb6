//! `[service]`: the scenario's choices among undocumented behaviours of the service. Must not judge them.

use crate::rules::base::limits::QUOTA_WINDOW_MS;
use crate::rules::service::quota::Hour;
use crate::rules::service::readings::{
    BlankText, CharacterCount, DeviceQuota, GroupSlots, RefusedAttempts, RetryHint, Service,
};

use super::builder::Build;
use crate::scenario::grammar::keys::SERVICE;
use crate::scenario::text::view::View;

/// Reads `[service]` of a run that begins at `start_unix_ms`. Every value is an assumption, chosen or default, and
/// recorded as one.
pub(crate) fn service(root: View<'_>, start_unix_ms: i64, build: &mut Build) -> Service {
    let table = root.table("service");
    build.assume("service", &[table], &SERVICE);
    let Some(table) = table else { return Service::default() };
    build.chosen("service", table, &SERVICE);
    let is = |key: &str, word: &str| table.text(key).is_some_and(|chosen| chosen.value == word);
    let mut service = Service::default();
    if is("character", "scalar") {
        service.characters = CharacterCount::Scalar;
    }
    if is("blank_text", "accepted") {
        service.blank_text = BlankText::Accepted;
    }
    if is("group_slots", "group") {
        service.group_slots = GroupSlots::Group;
    }
    if is("device_quota", "all") {
        service.device_quota = DeviceQuota::All;
    }
    if is("quota_hour", "clock") {
        let hour_ms = i64::try_from(QUOTA_WINDOW_MS).expect("an hour is short");
        service.hour = Hour::Clock { begun_ms: start_unix_ms.rem_euclid(hour_ms).unsigned_abs() };
    }
    if is("refused_attempt", "counted") {
        service.refused_attempts = RefusedAttempts::Counted;
    }
    if is("retry_hint", "withheld") {
        service.retry_hint = RetryHint::Withheld;
    }
    service
}
