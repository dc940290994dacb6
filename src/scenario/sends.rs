//! Sends: what is sent, when, to whom, by whom. What the service will refuse is worth a warning, and still sent.

use std::collections::BTreeSet;

use crate::rules::chance::Chance;
use crate::rules::ids::{AccountIx, DeviceIx, GroupIx, Key};
use crate::rules::limits::{BODY_CHARACTERS_MAX, GROUPS_PER_MESSAGE_MAX, TITLE_CHARACTERS_MAX};
use crate::rules::service::{BlankText, CharacterCount, Service};
use crate::rules::world::{Send, Target};

use super::build::Build;
use super::diagnostic::{Code, Diagnostic};
use super::fleet::Roster;
use super::groups;
use super::limits::{MESSAGES_MAX, OCCURRENCES_MAX};
use super::names::Names;
use super::schedule::{self, Owner};
use super::view::View;
use super::zone::Times;

/// What sends refer to.
pub(crate) struct Around<'a> {
    /// Users and devices.
    pub(crate) roster: &'a Roster,
    /// Names of groups.
    pub(crate) groups: &'a Names,
    /// Names of accounts.
    pub(crate) accounts: &'a Names,
    /// Times of the run.
    pub(crate) times: &'a Times,
    /// All chance.
    pub(crate) chance: &'a Chance,
    /// What is assumed of the service.
    pub(crate) service: &'a Service,
}

/// Reads every send.
pub(crate) fn sends(tables: &[View<'_>], around: &Around<'_>, build: &mut Build) -> Vec<Send> {
    let mut messages_left = MESSAGES_MAX;
    let mut sends = Vec::with_capacity(tables.len());
    for table in tables {
        if build.is_stopped() {
            break;
        }
        sends.push(send(*table, around, &mut messages_left, build));
    }
    sends
}

fn send(table: View<'_>, around: &Around<'_>, messages_left: &mut usize, build: &mut Build) -> Send {
    let name = table.text("name").map_or("", |name| name.value);
    let target = target(table, name, around, *messages_left, build);
    let each = if let Target::Devices { devices, .. } = &target { devices.len().max(1) } else { 1 };
    let key = Key::of("arrivals", name);
    let owner = Owner { key, wanted: None, limit: OCCURRENCES_MAX, chance: around.chance };
    let mut times = schedule::times(table, &owner, around.times, build);
    // What has no time counts once, so that faulty sends to many devices are bounded too.
    let left = times.len().max(1).checked_mul(each).and_then(|messages| messages_left.checked_sub(messages));
    if left.is_none() {
        let found = Diagnostic::new(Code::TooMuch, table.place, "more than 100,000,000 messages in one scenario");
        build.report(found.help("a send to single devices is one message a device and occurrence"));
        times.clear();
    }
    *messages_left = left.unwrap_or(0);
    let account = table.text("as").and_then(|account| around.accounts.find(account, &mut build.out));
    let retries = table.table("on_refusal").and_then(|refusal| refusal.whole("retry_after"));
    text(table, "title", TITLE_CHARACTERS_MAX, around.service, build);
    text(table, "body", BODY_CHARACTERS_MAX, around.service, build);
    let written = |key: &str| table.text(key).map_or("", |text| text.value).to_owned();
    Send {
        name: name.to_owned(),
        key: Key::of("send", name),
        times,
        target,
        account: AccountIx(account.unwrap_or(0)),
        retries: retries.map_or(0, |retries| u32::try_from(retries.value).unwrap_or(0)),
        title: written("title"),
        body: written("body"),
        expiry_ms: table.duration("expiry").map(|expiry| expiry.value),
    }
}

/// R1–R5: warns of a text that the service refuses.
fn text(table: View<'_>, key: &str, limit: usize, service: &Service, build: &mut Build) {
    let Some(text) = table.text(key) else { return };
    let count = match service.characters {
        CharacterCount::Utf16 => text.value.encode_utf16().count(),
        CharacterCount::Scalar => text.value.chars().count(),
    };
    let message = if text.value.trim().is_empty() && service.blank_text == BlankText::Refused {
        format!("an empty {key}: the service will refuse it")
    } else if count > limit {
        format!("a {key} of {count} characters: the service takes at most {limit} and will refuse it")
    } else {
        return;
    };
    build.report(Diagnostic::new(Code::WillBeRefused, text.place, message));
}

fn target(table: View<'_>, name: &str, around: &Around<'_>, messages_left: usize, build: &mut Build) -> Target {
    let nobody = Target::Groups(Vec::new());
    let Some(to) = table.table("to") else { return nobody };
    if to.count_of(&["groups", "device", "devices"]) != 1 {
        let found =
            Diagnostic::new(Code::Conflict, to.place, "`to` names exactly one of `groups`, `device` and `devices`");
        build.report(
            found.help("write { groups = [\"All users\"] }, { device = \"…\" } or { devices = { sample = 10 } }"),
        );
        return nobody;
    }
    if let Some(names) = to.names("groups") {
        if names.is_empty() {
            let found = Diagnostic::new(Code::BadValue, to.place_of("groups"), "an empty list of groups");
            build.report(found.help("a message addresses at least one; \"All users\" is built in"));
        }
        let found: Vec<GroupIx> =
            names.into_iter().filter_map(|group| around.groups.find(group, &mut build.out)).map(GroupIx).collect();
        let different = found.iter().collect::<BTreeSet<_>>().len();
        if different > GROUPS_PER_MESSAGE_MAX {
            let message = format!("a message to {different} groups: the service takes at most 25 and will refuse it");
            build.report(Diagnostic::new(Code::WillBeRefused, to.place_of("groups"), message));
        }
        return Target::Groups(found);
    }
    if let Some(device) = to.text("device") {
        let Some(ix) = around.roster.device(device, build) else { return nobody };
        let platform = around.roster.fleet.traits(ix).platform;
        if platform.gateway().is_none() {
            let message = format!("a message to a {} device: the service will refuse it", platform.name());
            build.report(Diagnostic::new(Code::WillBeRefused, device.place, message));
        }
        return Target::Devices { devices: vec![ix], listed: true };
    }
    let key = Key::of("send sample", name);
    let errors = build.out.errors();
    let found = groups::devices(to, "devices", around.roster, messages_left, (key, around.chance), build);
    let unique: BTreeSet<DeviceIx> = found.unwrap_or_default().into_iter().collect();
    if unique.is_empty() && build.out.errors() == errors {
        build.report(Diagnostic::new(Code::BadValue, to.place_of("devices"), "no device at all"));
    }
    Target::Devices { devices: unique.into_iter().collect(), listed: false }
}
