//! Models of devices: a cohort's shares, or a named device's certainties. Must not count devices.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::rules::base::chance::Ratio;
use crate::rules::base::distribution::Dist;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::Zone;
use crate::rules::population::asleep::Asleep;
use crate::rules::population::presence::Presence;
use crate::rules::population::traits::{App, Attention, Doze, Enrollment, LockScreen, Model};

use super::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::{self, View};

/// The platform of a word.
pub(crate) fn platform(word: &str) -> Option<Platform> {
    Platform::VARIANTS.iter().copied().find(|platform| platform.name() == word)
}

fn enrollment(word: &str) -> Option<Enrollment> {
    Some(match word {
        "personal_work_profile" => Enrollment::PersonalWorkProfile,
        "fully_managed" => Enrollment::FullyManaged,
        "corporate_work_profile" => Enrollment::CorporateWorkProfile,
        "dedicated" => Enrollment::Dedicated,
        "aosp" => Enrollment::Aosp,
        _ => return None,
    })
}

fn app(word: &str) -> Option<App> {
    Some(match word {
        "company_portal" => App::CompanyPortal,
        "intune" => App::Intune,
        "both" => App::Both,
        "none" => App::None,
        _ => return None,
    })
}

fn lock_screen(word: &str) -> Option<LockScreen> {
    Some(match word {
        "full" => LockScreen::Full,
        "hidden" => LockScreen::Hidden,
        "off" => LockScreen::Off,
        _ => return None,
    })
}

/// The way of dozing of a word.
pub(crate) fn doze(word: &str) -> Option<Doze> {
    Some(match word {
        "off" => Doze::Off,
        "light" => Doze::Light,
        "deep" => Doze::Deep,
        _ => return None,
    })
}

/// The labels of a table.
pub(crate) fn labels(table: View<'_>, key: &str) -> BTreeMap<String, String> {
    let entries = table.table(key).map(|labels| labels.table.entries.iter());
    let text = |(label, entry): (&String, &crate::scenario::text::document::Entry)| {
        Some((label.clone(), entry.node.as_text()?.to_owned()))
    };
    entries.into_iter().flatten().filter_map(text).collect()
}

/// A cohort of a platform with the default shares.
pub(crate) fn cohort_default(name: &str, platform: Platform, zone: Zone, build: &mut Build) -> Model {
    let android = |percent| if platform == Platform::Android { Ratio::percent(percent) } else { Ratio::NEVER };
    let gaps = build.distributions.gaps(Ratio::percent(15), 3_600_000, SourceSpan::default(), &mut build.out);
    Model {
        cohort: name.to_owned(),
        platform,
        labels: BTreeMap::new(),
        zone,
        enrolled: Ratio::ALWAYS,
        enrolled_by_another: Ratio::NEVER,
        enrollment: vec![(Enrollment::PersonalWorkProfile, Ratio::ALWAYS)],
        app: vec![
            (App::CompanyPortal, Ratio::percent(92)),
            (App::Intune, Ratio::percent(5)),
            (App::None, Ratio::percent(3)),
        ],
        app_outdated: android(5),
        push_permission: Ratio::percent(90),
        play_services: android(5).complement(),
        force_stopped: android(1),
        battery_restricted: android(3),
        notification_access: android(10),
        lock_screen: vec![
            (LockScreen::Full, Ratio::percent(50)),
            (LockScreen::Hidden, Ratio::percent(40)),
            (LockScreen::Off, Ratio::percent(10)),
        ],
        locked: Ratio::percent(70),
        foreground: Ratio::percent(1),
        presence: gaps.map_or(Presence::Online, |day| Presence::Gaps { day, night: None }),
        attention: Attention {
            never: Ratio::percent(10),
            after: build.distributions.lognormal(600_000, 8 * 3_600_000),
            asleep: None,
        },
        doze: if platform == Platform::Android { Doze::Light } else { Doze::Off },
    }
}

/// A named device of a platform, with certain values for the keys left out.
pub(crate) fn named_default(platform: Platform, zone: Zone) -> Model {
    Model {
        cohort: "named".to_owned(),
        platform,
        labels: BTreeMap::new(),
        zone,
        enrolled: Ratio::ALWAYS,
        enrolled_by_another: Ratio::NEVER,
        enrollment: vec![(Enrollment::PersonalWorkProfile, Ratio::ALWAYS)],
        app: vec![(App::CompanyPortal, Ratio::ALWAYS)],
        app_outdated: Ratio::NEVER,
        push_permission: Ratio::ALWAYS,
        play_services: Ratio::ALWAYS,
        force_stopped: Ratio::NEVER,
        battery_restricted: Ratio::NEVER,
        notification_access: Ratio::NEVER,
        lock_screen: vec![(LockScreen::Full, Ratio::ALWAYS)],
        locked: Ratio::NEVER,
        foreground: Ratio::NEVER,
        presence: Presence::Online,
        attention: Attention { never: Ratio::ALWAYS, after: Dist::Fixed(0), asleep: None },
        doze: Doze::Off,
    }
}

/// Applies the values of a table over those that a model has.
pub(crate) fn apply(model: &mut Model, table: View<'_>, build: &mut Build) {
    model.labels.extend(labels(table, "labels"));
    let ratios: [(&str, &mut Ratio); 10] = [
        ("enrolled", &mut model.enrolled),
        ("enrolled_by_another", &mut model.enrolled_by_another),
        ("app_outdated", &mut model.app_outdated),
        ("push_permission", &mut model.push_permission),
        ("play_services", &mut model.play_services),
        ("force_stopped", &mut model.force_stopped),
        ("battery_restricted", &mut model.battery_restricted),
        ("notification_access", &mut model.notification_access),
        ("locked", &mut model.locked),
        ("foreground", &mut model.foreground),
    ];
    for (key, field) in ratios {
        if let Some(ratio) = table.ratio(key) {
            *field = ratio.value;
        }
    }
    if let Some(weights) = weights(table, "enrollment", enrollment, build) {
        model.enrollment = weights;
    }
    if let Some(weights) = weights(table, "app", app, build) {
        model.app = weights;
    }
    if let Some(weights) = weights(table, "lock_screen", lock_screen, build) {
        model.lock_screen = weights;
    }
    if let Some(presence) = presence(table, build) {
        model.presence = presence;
    }
    if let Some(attention) = attention(table, build) {
        model.attention = attention;
    }
}

/// A word, or shares by word.
fn weights<T>(table: View<'_>, key: &str, read: fn(&str) -> Option<T>, build: &mut Build) -> Option<Vec<(T, Ratio)>> {
    if let Some(word) = table.text(key) {
        return Some(vec![(read(word.value)?, Ratio::ALWAYS)]);
    }
    let shares = table.table(key)?;
    check_shares(key, shares, build);
    let entries = shares.table.entries.iter();
    Some(entries.filter_map(|(word, entry)| Some((read(word)?, view::ratio(&entry.node)?))).collect())
}

/// Shares are weights: they must not all be 0, and it is worth a warning if they do not add up to 1.
pub(crate) fn check_shares(key: &str, shares: View<'_>, build: &mut Build) {
    let total = shares.table.entries.values().filter_map(|entry| view::ratio(&entry.node));
    check_total(key, total.map(|share| u64::from(share.billionths())).sum(), shares, build);
}

/// The same for a sum of billionths.
pub(crate) fn check_total(key: &str, total: u64, place: View<'_>, build: &mut Build) {
    const WHOLE: u64 = 1_000_000_000;
    if total == 0 {
        build.report(Diagnostic::new(Code::BadValue, place.place, format!("all shares of `{key}` are 0")));
    } else if total.abs_diff(WHOLE) > WHOLE / 1_000 {
        let (whole, thousandths) = (total / WHOLE, total % WHOLE / 1_000_000);
        let message = format!("the shares of `{key}` add up to {whole}.{thousandths:03}, not 1");
        build.report(Diagnostic::new(Code::Weights, place.place, message).help("they are taken as weights"));
    }
}

/// Phones that are switched off, or without a network, more often and longer at night.
fn day_and_night(table: View<'_>, build: &mut Build) -> Option<Presence> {
    const HOUR_MS: u32 = 3_600_000;
    let assumed = "offline 15%, gaps of 1h; from 23:00 to 07:00 offline 40%, gaps of 4h";
    build.assumptions.insert("presence.day_and_night".to_owned(), assumed.to_owned());
    let place = table.place_of("presence");
    let mut gaps = |percent, gap_ms: u32| {
        build.distributions.gaps(Ratio::percent(percent), u64::from(gap_ms), place, &mut build.out)
    };
    let night = (23 * HOUR_MS, 7 * HOUR_MS, gaps(40, 4 * HOUR_MS)?);
    Some(Presence::Gaps { day: gaps(15, HOUR_MS)?, night: Some(night) })
}

fn presence(table: View<'_>, build: &mut Build) -> Option<Presence> {
    match table.text("presence").map(|word| word.value) {
        Some("day_and_night") => return day_and_night(table, build),
        Some(_) => return Some(Presence::Online),
        None => {}
    }
    let day = table.table("presence")?;
    let gap_ms = day.duration("gap").map_or(3_600_000, |gap| gap.value);
    let mut gaps = |view: View<'_>, gap_ms| {
        build.distributions.gaps(view.ratio("offline")?.value, gap_ms, view.place, &mut build.out)
    };
    let night = day.table("night").and_then(|night| {
        let night_gap_ms = night.duration("gap").map_or(gap_ms, |gap| gap.value);
        let (from, to) = (night.time_of_day("from")?.value, night.time_of_day("to")?.value);
        Some((from, to, gaps(night, night_gap_ms)?))
    });
    Some(Presence::Gaps { day: gaps(day, gap_ms)?, night })
}

fn attention(table: View<'_>, build: &mut Build) -> Option<Attention> {
    if let Some(after) = table.duration("attention") {
        return Some(Attention { never: Ratio::NEVER, after: Dist::Fixed(after.value), asleep: None });
    }
    if table.text("attention").is_some() {
        return Some(Attention { never: Ratio::ALWAYS, after: Dist::Fixed(0), asleep: None });
    }
    let inner = table.table("attention")?;
    let never = inner.ratio("never").map_or(Ratio::NEVER, |never| never.value);
    let quantiles = inner.count_of(&["median", "p95"]);
    let after = match (inner.has("after"), quantiles) {
        (true, 0) => build.distributions.read(inner, "after", &mut build.out)?,
        (false, 2) => {
            let (median, p95) = (inner.duration("median")?, inner.duration("p95")?);
            build.distributions.checked_lognormal(median.value, p95.value, p95.place, &mut build.out)?
        }
        (false, 0) if inner.has("never") || inner.has("asleep") => {
            build.distributions.lognormal(600_000, 8 * 3_600_000)
        }
        _ => {
            build.conflict(inner.place, "attention takes either `median` and `p95`, or `after`");
            return None;
        }
    };
    let asleep = inner.table("asleep").and_then(|hours| {
        let (from, to) = (hours.time_of_day("from")?, hours.time_of_day("to")?);
        if from.value == to.value {
            let found = Diagnostic::new(Code::BadValue, to.place, "`from` and `to` are the same time");
            build.report(found.help("leave `asleep` out for people who never sleep"));
            return None;
        }
        Some(Asleep { from_ms: from.value, to_ms: to.value })
    });
    Some(Attention { never, after, asleep })
}
