//! Sends: text, times, recipients and account. A send that the service will refuse gets a warning, and is still sent.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::rules::base::chance::Chance;
use crate::rules::base::ids::{AccountIx, DeviceIx, GroupIx, Key};
use crate::rules::base::limits::{BODY_CHARACTERS_MAX, GROUPS_PER_MESSAGE_MAX, TITLE_CHARACTERS_MAX};
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::service::readings::{BlankText, CharacterCount, Service};

use super::builder::Build;
use super::fleet::Roster;
use super::groups;
use super::names::{Names, small};
use super::schedule::{self, Owner};
use super::zone::Times;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::diagnostics::limits::{ALL_OCCURRENCES_MAX, MESSAGES_MAX, OCCURRENCES_MAX};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::{Spot, View};

/// What sends refer to.
pub(crate) struct SendRefs<'a> {
    /// Users and devices.
    pub(crate) roster: &'a Roster,
    /// Names of groups.
    pub(crate) groups: &'a Names,
    /// Names of accounts.
    pub(crate) accounts: &'a Names,
    /// Times of the run.
    pub(crate) times: &'a Times,
    /// The generator of all draws.
    pub(crate) chance: &'a Chance,
    /// The assumed behaviour of the service.
    pub(crate) service: &'a Service,
}

const LEFT_HELP: &str = "a scenario has at most 100,000,000 messages, one a device and occurrence, and its sends at most 10,000,000 occurrences";

/// The keys of an address, of which it has exactly one.
const RECIPIENTS: [&str; 4] = ["groups", "site", "device", "devices"];

/// The messages and occurrences left to the sends that are not read yet.
struct Left {
    messages: usize,
    occurrences: usize,
}

/// The names of sends: those of their tables, and those of the sends made of one table.
#[derive(Debug)]
pub(crate) struct SendNames {
    names: Names,
    /// By index of a name: the sends that it stands for.
    ranges: Vec<Range<u32>>,
}

impl SendNames {
    /// The sends of a name; an unknown one is reported with the nearest.
    pub(crate) fn find(&self, name: Spot<&str>, out: &mut Diagnostics) -> Option<Range<u32>> {
        self.names.find(name, out).map(|at| self.ranges[at as usize].clone())
    }
}

/// Reads every send; one with `zone = "each"` becomes several.
pub(crate) fn sends(
    tables: &[View<'_>],
    around: &SendRefs<'_>,
    build: &mut Build,
) -> (Vec<(SendPlan, SourceSpan)>, SendNames) {
    let mut left = Left { messages: MESSAGES_MAX, occurrences: ALL_OCCURRENCES_MAX };
    let mut names = SendNames { names: Names::of("send", tables, &[], &mut build.out), ranges: Vec::new() };
    let (mut sends, mut parts) = (Vec::with_capacity(tables.len()), Vec::new());
    for table in tables {
        if build.is_stopped() {
            break;
        }
        let first = small(sends.len());
        match zones(*table, around, build) {
            None => sends.push((send(*table, None, around, &mut left, build), when(*table))),
            Some(zones) => {
                for zone in &zones {
                    parts.push((small(sends.len()), table.place));
                    sends.push((send(*table, Some(zone), around, &mut left, build), when(*table)));
                }
            }
        }
        names.ranges.push(first..small(sends.len()));
    }
    for (at, place) in parts {
        let name = Spot { value: sends[at as usize].0.name.as_str(), place };
        names.names.add(name, small(names.ranges.len()), &mut build.out);
        names.ranges.push(at..at + 1);
    }
    (sends, names)
}

/// The place that says when a send is sent.
fn when(table: View<'_>) -> SourceSpan {
    table.first_of(&["at", "schedule"]).map_or(table.place, |key| table.place_of(key))
}

/// The sites of one time zone that a send addresses.
struct ZoneOfSend {
    name: String,
    zone: Zone,
    at: SimTime,
    groups: Vec<GroupIx>,
}

/// The time zones of the sites that a send with `zone = "each"` addresses, in the order of their moments, or `None` for
/// any other send.
fn zones(table: View<'_>, around: &SendRefs<'_>, build: &mut Build) -> Option<Vec<ZoneOfSend>> {
    let when = table.table("at").filter(|when| when.has("zone"))?;
    if when.has("timezone") {
        build.conflict(when.place_of("timezone"), "`timezone` does not go with `zone`");
    }
    let to = table.table("to").filter(|to| to.count_of(&RECIPIENTS) == 1)?;
    if !to.has("site") {
        let found = Diagnostic::new(Code::Conflict, when.place_of("zone"), "each time zone, but of no sites");
        build.report(found.help("write to = { site = \"all\" }, or a list of sites: their zones are meant"));
        return None;
    }
    let local = when.time_of_day("local")?;
    let mut zones: BTreeMap<&str, ZoneOfSend> = BTreeMap::new();
    for site in around.roster.sites.addressed(to, "site", build) {
        let group = around.groups.get(&site.name).map(GroupIx);
        let zone = match zones.entry(&site.zone_name) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let Some(at) = Times::next_local(&site.zone, local, &mut build.out) else { continue };
                if at >= around.times.horizon {
                    schedule::never(Spot { value: at, place: local.place }, Some(when), around.times, build);
                    continue;
                }
                new.insert(ZoneOfSend { name: site.zone_name.clone(), zone: site.zone.clone(), at, groups: Vec::new() })
            }
        };
        zone.groups.extend(group);
    }
    let mut zones: Vec<ZoneOfSend> = zones.into_values().collect();
    zones.sort_by_key(|zone| zone.at);
    Some(zones)
}

fn send(
    table: View<'_>,
    zone: Option<&ZoneOfSend>,
    around: &SendRefs<'_>,
    left: &mut Left,
    build: &mut Build,
) -> SendPlan {
    let table_name = table.text("name").map_or("", |name| name.value);
    let name = zone.map_or_else(|| table_name.to_owned(), |zone| format!("{table_name}:{}", zone.name));
    let name = name.as_str();
    let target = match zone {
        Some(zone) => to_groups(table.table("to").map_or(table, |to| to), "site", zone.groups.clone(), build),
        None => target(table, name, around, left.messages, build),
    };
    let each = if let Target::Devices { devices, .. } = &target { devices.len().max(1) } else { 1 };
    let key = Key::of("arrivals", name);
    // No more times are made than messages are left: the product is checked before it is built.
    let most = left.occurrences.min(left.messages / each);
    let remedy = if most < OCCURRENCES_MAX { LEFT_HELP } else { schedule::FEWER };
    let owner = Owner { key, wanted: None, limit: OCCURRENCES_MAX.min(most), remedy, chance: around.chance };
    let mut times = match zone {
        Some(zone) => vec![zone.at],
        None => schedule::times(table, &owner, around.times, build),
    };
    let own_zone = match zone {
        Some(zone) => Some(zone.zone.clone()),
        // A time zone that is not known has been reported with the times, of which there are none then.
        None if times.is_empty() => None,
        None => {
            table.table("at").filter(|when| when.has("timezone")).map(|when| around.times.zone_of(when, &mut build.out))
        }
    };
    // A send without times counts once, so that faulty sends to many devices are limited too.
    let occurrences = times.len().max(1);
    let messages = occurrences.checked_mul(each).and_then(|messages| left.messages.checked_sub(messages));
    if messages.is_none() {
        let found = Diagnostic::new(Code::TooMuch, table.place, "more than 100,000,000 messages in one scenario");
        build.report(found.help(LEFT_HELP));
        times.clear();
    }
    *left = Left { messages: messages.unwrap_or(0), occurrences: left.occurrences.saturating_sub(occurrences) };
    let account = table.text("as").and_then(|account| around.accounts.find(account, &mut build.out));
    let retries = table.table("on_refusal").and_then(|refusal| refusal.whole("retry_after"));
    text(table, "title", TITLE_CHARACTERS_MAX, around.service, build);
    text(table, "body", BODY_CHARACTERS_MAX, around.service, build);
    let written = |key: &str| table.text(key).map_or("", |text| text.value).to_owned();
    SendPlan {
        name: name.to_owned(),
        key: Key::of("send", name),
        times,
        zone: own_zone,
        target,
        account: AccountIx(account.unwrap_or(0)),
        retries: retries.map_or(0, |retries| u32::try_from(retries.value).unwrap_or(0)),
        title: written("title"),
        body: written("body"),
        expiry_ms: table.duration("expiry").map(|expiry| expiry.value),
    }
}

/// A message to these groups, which `key` gives; too many are warned of.
fn to_groups(to: View<'_>, key: &str, groups: Vec<GroupIx>, build: &mut Build) -> Target {
    let different = groups.iter().collect::<BTreeSet<_>>().len();
    if different > GROUPS_PER_MESSAGE_MAX {
        let message = format!("a message to {different} groups: the service takes at most 25 and will refuse it");
        build.report(Diagnostic::new(Code::WillBeRefused, to.place_of(key), message));
    }
    Target::Groups(groups)
}

/// R1–R5: warns of a text that the service will refuse.
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

fn target(table: View<'_>, name: &str, around: &SendRefs<'_>, messages_left: usize, build: &mut Build) -> Target {
    let no_target = Target::Groups(Vec::new());
    let Some(to) = table.table("to") else { return no_target };
    if to.count_of(&RECIPIENTS) != 1 {
        let message = "`to` names exactly one of `groups`, `site`, `device` and `devices`";
        let remedy =
            "write { groups = [\"All users\"] }, { site = \"…\" }, { device = \"…\" } or { devices = { sample = 10 } }";
        build.report(Diagnostic::new(Code::Conflict, to.place, message).help(remedy));
        return no_target;
    }
    if to.has("site") {
        let sites = around.roster.sites.addressed(to, "site", build);
        let groups = sites.into_iter().filter_map(|site| around.groups.get(&site.name)).map(GroupIx).collect();
        return to_groups(to, "site", groups, build);
    }
    if let Some(names) = to.names("groups") {
        if names.is_empty() {
            let found = Diagnostic::new(Code::BadValue, to.place_of("groups"), "an empty list of groups");
            build.report(found.help("a message addresses at least one; \"All users\" is built in"));
        }
        let found: Vec<GroupIx> =
            names.into_iter().filter_map(|group| around.groups.find(group, &mut build.out)).map(GroupIx).collect();
        return to_groups(to, "groups", found, build);
    }
    if let Some(device) = to.text("device") {
        let Some(ix) = around.roster.device(device, build) else { return no_target };
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
    let mut devices: Vec<DeviceIx> = found.unwrap_or_default();
    devices.sort_unstable();
    devices.dedup();
    let is_told = build.is_fleet_unknown || to.is_refused("devices") || build.out.errors() > errors;
    if devices.is_empty() && !is_told {
        build.report(Diagnostic::new(Code::BadValue, to.place_of("devices"), "no device at all"));
    }
    Target::Devices { devices, listed: false }
}
