//! The overview of a tenant: the clock with its controls, pairs by station, the quota, gateways, faults in force, what was sent
//! last. Must not count anything itself.

use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use strum::VariantArray as _;

use super::form::PostedForm;
use super::messages::brief;
use super::parts::{bar, error_summary, name, select, short, tile};
use super::phrase::{CountedThing, Phrase};
use super::router::see;
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::{faults, words};
use crate::outcome::MODEL_VERSION;
use crate::rules::base::limits::GROUP_MESSAGES_PER_HOUR;
use crate::rules::base::platform::GatewayName;
use crate::rules::faults::fault::Fault;
use crate::rules::service::journey::Station;
use crate::server::control::faults::views as fault_views;
use crate::server::control::state::Snapshot;
use crate::server::control::time::{Jump, JumpGoal, change_speed, go};
use crate::server::control::{Problem, state};

/// Speeds to choose from, in model seconds a second.
const SPEEDS: [&str; 6] = ["1", "10", "60", "600", "3600", "86400"];
/// Spans to jump by, as they are written in scenarios.
const SPANS: [&str; 6] = ["1m", "15m", "1h", "4h", "1d", "7d"];
/// Messages that are listed.
const MESSAGES: usize = 5;

/// The page.
pub(super) async fn show(visit: Visit) -> Response {
    visit.follow(|visit| async move { page(&visit, None).await }).await
}

async fn page(visit: &Visit, wrong: Option<&Problem>) -> Page {
    let counts = state::counted(&visit.handle).await?;
    let in_force: Vec<_> = fault_views(&visit.handle).await?.into_iter().filter(|fault| fault.active).collect();
    let (world, _) = visit.handle.host.faults().await?;
    let (_, down) = Fault::standing(&world.faults, visit.handle.host.now());
    let latest = brief(visit, MESSAGES).await?;
    let (shown, waiting) = (station(&counts, Station::Shown), station(&counts, Station::Waiting));
    let news = format!(
        "{}, {}: {}, {}: {}",
        visit.counted(CountedThing::Messages, u64::from(counts.messages)),
        visit.say(Phrase::StationShown),
        visit.language.count(shown),
        visit.say(Phrase::StationWaiting),
        visit.language.count(waiting)
    );
    let body = html! {
        @if let Some(problem) = wrong { (error_summary(visit, &[("clock-controls", short(problem.message(), 500))])) }
        div #tiles data-live { (tiles(visit, &counts)) }
        (controls(visit))
        div.columns {
            section aria-labelledby="pairs" {
                h2 #pairs { (visit.say(Phrase::PairsNow)) }
                div #stations data-live { (stations(visit, &counts)) }
            }
            div {
                section aria-labelledby="gateways" {
                    h2 #gateways { (visit.say(Phrase::Gateways)) }
                    div #gateway-list data-live { (gateways(visit, &counts, down)) }
                }
                section aria-labelledby="in-force" {
                    h2 #in-force { (visit.say(Phrase::FaultsInForce)) }
                    div #fault-list data-live {
                        @if in_force.is_empty() { p.quiet { (visit.say(Phrase::NoFaults)) } }
                        @else { ul.plain { @for fault in &in_force {
                            li { a href=(visit.to("/faults")) { (name(&fault.name, 80)) } " · " (faults::kind(visit, fault.kind)) }
                        } } }
                    }
                }
            }
        }
        section aria-labelledby="latest" {
            h2 #latest { (visit.say(Phrase::LatestMessages)) }
            div #latest-list data-live { (latest) }
        }
        (trust(visit, &counts))
    };
    Ok(PageContent::new(ConsoleSection::Overview, visit.say(Phrase::Overview), body).live(news))
}

fn station(counts: &Snapshot, station: Station) -> u64 {
    counts.stations.get(station.name()).map_or(0, |pairs| (*pairs).max(0).unsigned_abs())
}

fn tiles(visit: &Visit, counts: &Snapshot) -> Markup {
    let count = |number: u64| html! { (visit.language.count(number)) };
    let all: u64 = Station::VARIANTS.iter().map(|known| station(counts, *known)).sum();
    let (left, most) = (counts.group_quota_remaining as u64, GROUP_MESSAGES_PER_HOUR as u64);
    let next = html! { @if left == 0 { span.more { (visit.say(Phrase::NextSlot)) " " (visit.moment(counts.group_quota_next_slot_ms)) } } };
    html! {
        dl.tiles {
            (tile(visit.say(Phrase::Messages), &count(u64::from(counts.messages)), &html! {}))
            (tile(visit.say(Phrase::Pairs), &count(all), &html! {}))
            (tile(visit.say(Phrase::Reach), &html! { (visit.language.share(station(counts, Station::Shown), all)) }, &html! {}))
            (tile(visit.say(Phrase::GroupQuota), &html! { (visit.language.count(left)) " / " (visit.language.count(most)) },
                &html! { (bar(left, most, "shown")) (next) }))
        }
    }
}

/// The controls of the clock.
fn controls(visit: &Visit) -> Markup {
    let host = &visit.handle.host;
    let is_stopped = host.clock().is_stopped();
    let speeds: Vec<_> = SPEEDS.iter().map(|speed| ((*speed).to_owned(), format!("×{speed}"))).collect();
    let now = super::frame::speed(host.clock().times());
    let spans: Vec<_> = SPANS.iter().map(|span| ((*span).to_owned(), words::span_word(visit.language, span))).collect();
    html! {
        @if visit.may_operate() {
            section.controls #clock-controls aria-label=(visit.say(Phrase::ClockControls)) {
                form method="post" action=(visit.to("/clock")) {
                    @if is_stopped {
                        input type="hidden" name="speed" value="1";
                        button type="submit" name="do" value="speed" { (visit.say(Phrase::GoOn)) }
                    } @else {
                        button type="submit" name="do" value="pause" { (visit.say(Phrase::PauseClock)) }
                    }
                }
                form method="post" action=(visit.to("/clock")) {
                    (select("speed", visit.say(Phrase::Speed), &speeds, &now))
                    button type="submit" name="do" value="speed" { (visit.say(Phrase::Set)) }
                }
                form method="post" action=(visit.to("/clock")) {
                    (select("by", visit.say(Phrase::JumpBy), &spans, "1h"))
                    button type="submit" name="do" value="by" { (visit.say(Phrase::Jump)) }
                    button type="submit" name="do" value="settled" { (visit.say(Phrase::JumpSettled)) }
                }
            }
        }
    }
}

/// Pauses the clock, sets its speed or lets it jump.
pub(super) async fn clock(visit: Visit, form: PostedForm) -> Response {
    let handle = &visit.handle;
    let done = match (form.text("do"), form.filled("speed"), form.filled("by")) {
        (Some("pause"), ..) => change_speed(handle, 0.0).await,
        (Some("speed"), Some(speed), _) => match speed.parse::<f64>() {
            Ok(speed) => change_speed(handle, speed).await,
            Err(_) => Err(Problem::bad("`speed` is a number")),
        },
        (Some("by"), _, Some(by)) => go(handle, &Jump { by: Some(by.to_owned()), ..Jump::default() }).await,
        (Some("settled"), ..) => {
            let until = Some(JumpGoal::Settled);
            go(handle, &Jump { until, ..Jump::default() }).await
        }
        _ => Err(Problem::bad("the form says neither a speed nor a jump: load the page again")),
    };
    match done {
        Ok(()) => see(&visit.to("/")).into_response(),
        Err(problem) => {
            let status = problem.status();
            visit.answer(page(&visit, Some(&problem)).await.map(|content| PageContent { status, ..content }))
        }
    }
}

fn stations(visit: &Visit, counts: &Snapshot) -> Markup {
    let all: u64 = Station::VARIANTS.iter().map(|known| station(counts, *known)).sum();
    html! {
        table.counts {
            thead { tr { th scope="col" { (visit.say(Phrase::Station)) } th.right scope="col" { (visit.say(Phrase::Pairs)) }
                th.right scope="col" { (visit.say(Phrase::Share)) } th.drawn scope="col" { span.unseen { (visit.say(Phrase::Bar)) } } } }
            tbody { @for known in Station::VARIANTS.iter().rev() {
                @let pairs = station(counts, *known);
                tr {
                    th scope="row" { (words::station_mark(*known)) (words::station(visit.language, *known)) }
                    td.right { (visit.language.count(pairs)) }
                    td.right { (visit.language.share(pairs, all)) }
                    td.drawn { (bar(pairs, all, known.name())) }
                }
            } }
        }
    }
}

fn gateways(visit: &Visit, counts: &Snapshot, down: [bool; 2]) -> Markup {
    let waits: Vec<_> = counts.waiting.iter().filter(|(_, pairs)| **pairs > 0).collect();
    html! {
        ul.plain { @for gateway in GatewayName::VARIANTS {
            li { strong { (words::gateway(*gateway)) } " · "
                @if down[*gateway as usize] { span.pill.stopped { (visit.say(Phrase::GatewayDown)) } }
                @else { (visit.say(Phrase::GatewayUp)) } }
        } }
        @if !waits.is_empty() {
            h3 { (visit.say(Phrase::WaitingFor)) }
            ul.plain { @for (cause, pairs) in waits {
                li { (words::wait_word(visit.language, cause)) (visit.language.colon()) (visit.language.count(pairs.unsigned_abs())) }
            } }
        }
    }
}

/// What the figures rest on.
fn trust(visit: &Visit, counts: &Snapshot) -> Markup {
    let world = visit.world();
    let devices = visit.counted(CountedThing::Devices, u64::from(counts.devices));
    html! {
        footer.trust {
            (name(&world.name, 80)) " · " (world.profile.name()) " · " (visit.say(Phrase::Seed)) " " (world.chance.seed()) " · "
            (visit.say(Phrase::Model)) " " (MODEL_VERSION) " · " (devices) " · "
            span.hash { (world.scenario_hash) }
        }
    }
}
