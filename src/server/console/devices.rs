//! The devices of a tenant: a search that stays quick with a million of them. Must not judge a device.

use axum::extract::Query;
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use strum::VariantArray as _;
use uuid::Uuid;

use super::parts::{name, pager, query, select};
use super::phrase::{CountedThing, Phrase};
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::words;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::Platform;
use crate::rules::model::world::World;
use crate::server::http::Cancelled;

/// Devices of a page.
const PAGE: usize = 50;
/// Devices whose names one request looks at: tens of milliseconds. A link goes on behind them.
const LOOKED_AT_MAX: u32 = 100_000;

/// Characters that are searched for, at most.
const WORDS_MAX: usize = 200;

/// What is searched for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DeviceSearch {
    q: Option<String>,
    platform: Option<String>,
    from: Option<u32>,
}

/// What a search has found, and the device with which it goes on.
struct Found {
    devices: Vec<DeviceIx>,
    next: Option<u32>,
}

/// The list.
pub(super) async fn list(visit: Visit, Query(search): Query<DeviceSearch>) -> Response {
    let page = page(&visit, search).await;
    visit.answer(page)
}

async fn page(visit: &Visit, search: DeviceSearch) -> Page {
    let words = search.q.as_deref().unwrap_or("").trim().chars().take(WORDS_MAX).collect::<String>();
    let platform = search
        .platform
        .as_deref()
        .and_then(|name| Platform::VARIANTS.iter().copied().find(|known| known.name() == name));
    let from = search.from.unwrap_or(0);
    let exact = exactly(visit, &words).filter(|_| from == 0);
    let found = match exact {
        Some(device) => Found { devices: vec![device], next: None },
        None => {
            let (world, wanted) = (visit.handle.host.world().clone(), words.to_lowercase());
            let work = move |cancelled: &Cancelled| look(&world, &wanted, platform, from, cancelled);
            visit.handle.budgets.work.run(work).await?
        }
    };
    let address = |from: Option<u32>| {
        let part = |name: &str, value: &str| {
            if value.is_empty() { String::new() } else { format!("&{name}={}", query(value)) }
        };
        let from = from.map(|from| format!("&from={from}")).unwrap_or_default();
        let parts = format!("{}{}{from}", part("q", &words), part("platform", platform.map_or("", Platform::name)));
        visit.to(&format!("/devices?{}", parts.trim_start_matches('&')))
    };
    let platforms =
        Platform::VARIANTS.iter().map(|platform| (platform.name().to_owned(), words::platform(*platform).to_owned()));
    let platforms: Vec<_> =
        std::iter::once((String::new(), visit.say(Phrase::AllPlatforms).to_owned())).chain(platforms).collect();
    let world = visit.world();
    let body = html! {
        p.lead { (visit.counted(CountedThing::Devices, u64::from(world.fleet.devices()))) }
        form.search role="search" method="get" action=(visit.to("/devices")) {
            div.field { label for="q" { (visit.say(Phrase::SearchDevices)) } input type="search" id="q" name="q" value=(words) dir="auto"; }
            (select("platform", visit.say(Phrase::Platform), &platforms, platform.map_or("", Platform::name)))
            button type="submit" { (visit.say(Phrase::Search)) }
        }
        @if found.devices.is_empty() { p.quiet role="status" { (visit.say(if found.next.is_some() { Phrase::NoneSoFar } else { Phrase::NoDevices })) } }
        @else { div.scroll tabindex="0" role="group" aria-label=(visit.say(Phrase::Devices)) { table {
            thead { tr { th scope="col" { (visit.say(Phrase::Device)) } th scope="col" { (visit.say(Phrase::User)) }
                th scope="col" { (visit.say(Phrase::Platform)) } th scope="col" { (visit.say(Phrase::Cohort)) } } }
            tbody { @for device in &found.devices {
                @let stratum = &world.fleet.strata()[world.fleet.traits(*device).stratum.at()];
                tr { th scope="row" { a href=(visit.to_device(*device, "")) { (name(&world.fleet.device_name(*device), 80)) } }
                    td { @if let Some(user) = world.fleet.user_of(*device) { (name(&world.fleet.user_name(user), 80)) } @else { "–" } }
                    td { (words::platform(stratum.platform)) }
                    td { (name(&stratum.cohort, 60)) } }
            } }
        } } }
        (pager(visit, (from > 0).then(|| address(None)), found.next.map(|next| address(Some(next)))))
    };
    Ok(PageContent::new(ConsoleSection::Devices, visit.say(Phrase::Devices), body))
}

/// The device with this id or name.
fn exactly(visit: &Visit, words: &str) -> Option<DeviceIx> {
    let by_id = Uuid::try_parse(words).ok().and_then(|id| visit.handle.graph_ids.find_device(id));
    by_id.or_else(|| visit.world().fleet.find_device(words))
}

/// The devices from this one on with these words in their name or their user's.
fn look(world: &World, words: &str, platform: Option<Platform>, from: u32, cancelled: &Cancelled) -> Found {
    let fleet = &world.fleet;
    let (all, mut devices) = (fleet.devices(), Vec::new());
    let to = all.min(from.saturating_add(LOOKED_AT_MAX));
    for device in (from..to).map(DeviceIx) {
        if devices.len() == PAGE {
            return Found { devices, next: Some(device.0) };
        }
        if device.0.is_multiple_of(1 << 10) && cancelled.is_set() {
            break;
        }
        let has = |name: &str| words.is_empty() || name.to_lowercase().contains(words);
        let is_one =
            has(&fleet.device_name(device)) || fleet.user_of(device).is_some_and(|user| has(&fleet.user_name(user)));
        if is_one && platform.is_none_or(|platform| fleet.model(fleet.model_of(device)).platform == platform) {
            devices.push(device);
        }
    }
    Found { devices, next: (to < all).then_some(to) }
}
