//! A scenario as TOML, as a user would write it: keys with default values are omitted now and then.

use std::fmt::Write;

use super::model::{
    ALL_USERS, Change, ChangeKind, Device, Fault, FaultKind, Gateway, GatewayName, Members, Ms, Presence, Scenario,
    Scope, Send, Target, Times,
};

type Out<'a> = &'a mut String;

macro_rules! line {
    ($out:expr, $($what:tt)*) => { writeln!($out, $($what)*).expect("a string takes any text") };
}

/// A user without devices, who has enrolled those of others.
const ENROLLER: &str = "enroller";

fn list(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}

fn numbered(letter: char, numbers: &[u32]) -> String {
    list(numbers.iter().map(|number| format!("{letter}{number}")))
}

fn group_name(group: usize) -> String {
    if group == ALL_USERS { "All users".to_owned() } else { format!("g{group}") }
}

fn group_names(groups: &[usize]) -> String {
    list(groups.iter().map(|group| group_name(*group)))
}

/// The whole file.
pub(crate) fn text(scenario: &Scenario) -> String {
    let mut text = String::new();
    let out = &mut text;
    head(scenario, out);
    for user in 0..scenario.users {
        line!(out, "[[user]]\nname = \"u{user}\"");
    }
    line!(out, "[[user]]\nname = \"{ENROLLER}\"");
    scenario.devices.iter().for_each(|device| write_device(device, out));
    for (at, group) in scenario.groups.iter().enumerate() {
        line!(out, "[[group]]\nname = \"g{at}\"");
        match &group.users {
            Members::All => line!(out, "users = \"all\""),
            Members::Of(users) => line!(out, "users = {}", numbered('u', users)),
        }
        line!(out, "groups = {}", group_names(&group.groups));
        if !group.devices.is_empty() {
            line!(out, "devices = {}", numbered('d', &group.devices));
        }
    }
    for (at, account) in scenario.accounts.iter().enumerate() {
        line!(out, "[[account]]\nname = \"a{at}\"");
        line!(out, "permissions = {}", list(account.permissions.iter().map(ToString::to_string)));
        if let Some(role) = account.role {
            line!(out, "role = \"{role}\"");
        }
        if let Some(groups) = &account.scope_groups {
            line!(out, "scope_groups = {}", group_names(groups));
        }
    }
    scenario.changes.iter().for_each(|change| write_change(change, out));
    scenario.sends.iter().for_each(|send| write_send(send, out));
    scenario.faults.iter().for_each(|fault| write_fault(fault, out));
    text
}

fn head(scenario: &Scenario, out: Out<'_>) {
    let edition = if scenario.is_2025 { "intune-2025" } else { "intune-2019" };
    let zone = scenario.zone_minutes;
    let sign = if zone < 0 { '-' } else { '+' };
    line!(out, "schema = 1\nname = \"differential-{}\"\nseed = {0}", scenario.number);
    line!(out, "duration = \"{}ms\"\nprofile = \"{edition}\"", scenario.duration);
    line!(out, "start = 2026-01-05T06:{:02}:00Z", scenario.start_minutes);
    line!(out, "timezone = \"{sign}{:02}:{:02}\"", zone.abs() / 60, zone.abs() % 60);
    let service = &scenario.service;
    line!(out, "[service]");
    for (is_other, key, usual, other) in [
        (service.blank_text_accepted, "blank_text", "refused", "accepted"),
        (service.slot_for_each_group, "group_slots", "message", "group"),
        (service.clock_hours, "quota_hour", "sliding", "clock"),
        (service.hint_withheld, "retry_hint", "told", "withheld"),
        (service.group_messages_count, "device_quota", "single", "all"),
        (service.refused_counted, "refused_attempt", "free", "counted"),
    ] {
        line!(out, "{key} = \"{}\"", if is_other { other } else { usual });
    }
    line!(out, "[fleet]\nusers = 0");
    write_gateway("apns", &scenario.apns, out);
    write_gateway("fcm", &scenario.fcm, out);
    if scenario.number.is_multiple_of(3) {
        // Phones that do not doze do not wait for a maintenance window (R55).
        line!(out, "priority = \"normal\"\ndoze = \"off\"");
    }
    line!(out, "[directory]\nlag = \"{}ms\"\ncatch_up = \"{}ms\"", scenario.lag, scenario.catch_up);
}

fn write_gateway(name: &str, gateway: &Gateway, out: Out<'_>) {
    line!(out, "[delivery.{name}]\nlatency = \"{}ms\"\nloss = {}", gateway.latency, u8::from(gateway.loses_all));
    match gateway.capacity {
        Some(rate) => line!(out, "capacity = \"{}/{}\"", rate.count, rate.per),
        None => line!(out, "capacity = \"none\""),
    }
    line!(out, "stored = {}\nexpiry = \"{}ms\"\nretry = \"{}ms\"", gateway.stored, gateway.expiry, gateway.retry);
}

fn write_device(device: &Device, out: Out<'_>) {
    line!(out, "[[device]]\nname = \"d{}\"\nplatform = \"{}\"", device.id, device.platform.name());
    if let Some(user) = device.user {
        line!(out, "user = \"u{user}\"");
    }
    line!(out, "labels = {{ region = \"{}\" }}", region(device.region));
    if device.enrolled_by_another {
        line!(out, "enrolled_by = \"{ENROLLER}\"");
    }
    let app = match (device.company_portal, device.intune) {
        (true, true) => "both",
        (true, false) => "company_portal",
        (false, true) => "intune",
        (false, false) => "none",
    };
    line!(out, "enrollment = \"{}\"\napp = \"{app}\"\nlock_screen = \"{}\"", device.enrollment, device.lock_screen);
    for (key, value, usual) in [
        ("enrolled", device.enrolled, true),
        ("app_outdated", device.app_outdated, false),
        ("push_permission", device.push_permission, true),
        ("play_services", device.play_services, true),
        ("force_stopped", device.force_stopped, false),
        ("battery_restricted", device.battery_restricted, false),
        ("notification_access", device.notification_access, false),
        ("locked", device.locked, false),
        ("foreground", device.foreground, false),
    ] {
        if value != usual {
            line!(out, "{key} = {value}");
        }
    }
    match device.presence {
        Presence::Online => line!(out, "presence = \"online\""),
        Presence::Offline => line!(out, "presence = {{ offline = 1 }}"),
        Presence::Night { from, to, inverted } => {
            let (day, night) = if inverted { (1, 0) } else { (0, 1) };
            let [from, to] = [from, to].map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
            line!(
                out,
                "presence = {{ offline = {day}, night = {{ from = \"{from}\", to = \"{to}\", offline = {night} }} }}"
            );
        }
    }
    if let Some(attention) = device.attention {
        line!(out, "attention = \"{attention}ms\"");
    }
}

const fn region(region: u8) -> &'static str {
    if region == 0 { "north" } else { "south" }
}

fn write_times(times: Times, out: Out<'_>) {
    match times {
        Times::At(at) => line!(out, "at = \"{at}ms\""),
        Times::Every { from, every, count } => {
            line!(out, "schedule = {{ from = \"{from}ms\", every = \"{every}ms\", count = {count} }}");
        }
    }
}

fn write_change(change: &Change, out: Out<'_>) {
    let kind = match change.kind {
        ChangeKind::Join => "join",
        ChangeKind::Leave => "leave",
        ChangeKind::Enroll => "enroll",
        ChangeKind::Unenroll => "unenroll",
        ChangeKind::InstallApp => "install_app",
        ChangeKind::RemoveApp => "remove_app",
        ChangeKind::UpdateApp => "update_app",
        ChangeKind::OpenApp => "open_app",
        ChangeKind::GrantPermission => "grant_permission",
        ChangeKind::RevokePermission => "revoke_permission",
    };
    line!(out, "[[change]]\nname = \"k{}\"\nkind = \"{kind}\"", change.id);
    write_times(change.times, out);
    if matches!(change.kind, ChangeKind::Join | ChangeKind::Leave) {
        line!(out, "group = \"g{}\"", change.group);
    }
    if change.devices.is_empty() {
        line!(out, "users = {}", numbered('u', &change.users));
    } else {
        line!(out, "devices = {}", numbered('d', &change.devices));
    }
}

fn write_send(send: &Send, out: Out<'_>) {
    line!(out, "[[send]]\nname = \"s{}\"\ntitle = \"{}\"\nbody = \"{}\"", send.id, send.title, send.body);
    write_times(send.times, out);
    match &send.target {
        Target::Groups(groups) => line!(out, "to = {{ groups = {} }}", group_names(groups)),
        Target::Device(device) => line!(out, "to = {{ device = \"d{device}\" }}"),
        Target::Devices(devices) => line!(out, "to = {{ devices = {} }}", numbered('d', devices)),
    }
    if let Some(account) = send.account {
        line!(out, "as = \"a{account}\"");
    }
    if send.retries > 0 {
        line!(out, "on_refusal = {{ retry_after = {} }}", send.retries);
    }
    if let Some(expiry) = send.expiry {
        line!(out, "expiry = \"{expiry}ms\"");
    }
}

fn write_fault(fault: &Fault, out: Out<'_>) {
    line!(out, "[[fault]]\nname = \"f{}\"\nkind = \"{}\"\nmay_touch_nothing = true", fault.id, fault.kind_name());
    match fault.after {
        Some(other) => line!(out, "after = \"f{other}\""),
        None => line!(out, "at = \"{}ms\"", fault.at),
    }
    let span = |out: Out<'_>, key: &str, value: Option<Ms>| {
        if let Some(value) = value {
            line!(out, "{key} = \"{value}ms\"");
        }
    };
    span(out, "for", fault.length);
    span(out, "every", fault.every);
    span(out, "ramp", fault.ramp.then_some(1));
    // Bursts make no difference to a loss of everything, or of nothing.
    span(out, "correlation", Some(300_000).filter(|_| fault.id == 2 && matches!(fault.kind, FaultKind::Loss { .. })));
    match fault.kind {
        FaultKind::Hold => line!(out, "mode = \"hold\""),
        FaultKind::Refuse => line!(out, "mode = \"refuse\""),
        FaultKind::Loss { all } | FaultKind::Duplicate { all } => line!(out, "rate = {}", u8::from(all)),
        FaultKind::Delay(delay) | FaultKind::DirectoryLag(delay) => line!(out, "delay = \"{delay}ms\""),
        FaultKind::Throttle(rate) => line!(out, "rate = \"{}/{}\"", rate.count, rate.per),
        FaultKind::Offline | FaultKind::PlayServicesDown | FaultKind::PermissionRevoked | FaultKind::AppRemoved => {}
    }
    write_scope(&fault.scope, out);
}

fn write_scope(scope: &Scope, out: Out<'_>) {
    let mut parts = Vec::new();
    if let Some(platform) = scope.platform {
        parts.push(format!("platform = \"{}\"", platform.name()));
    }
    if let Some(number) = scope.region {
        parts.push(format!("labels = {{ region = \"{}\" }}", region(number)));
    }
    if let Some(gateway) = scope.gateway {
        let name = if gateway == GatewayName::Apns { "apns" } else { "fcm" };
        parts.push(format!("gateway = \"{name}\""));
    }
    if let Some(devices) = &scope.devices {
        parts.push(format!("devices = {}", numbered('d', devices)));
    }
    if let Some(all) = scope.pick {
        parts.push(format!("pick = {}", u8::from(all)));
    }
    if !parts.is_empty() {
        line!(out, "scope = {{ {} }}", parts.join(", "));
    }
}
