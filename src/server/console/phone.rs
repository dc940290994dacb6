//! The phone of a device as its user sees it now, what is not on it, and why. Must not decide what a phone shows: the form of
//! each notification says it.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use super::device::crumbs;
use super::form::PostedForm;
use super::messages::number;
use super::parts::{hidden, lines, name, short};
use super::phrase::{CountedThing, Phrase};
use super::router::see;
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::words;
use crate::outcome::explain::steps::StepLine;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::service::journey::{Form, Station};
use crate::server::control::Problem;
use crate::server::control::devices::{self, NotificationView};

/// Messages that are not on the phone and are listed, the latest.
const ABSENT_MAX: usize = 30;

/// The places of a phone where a notification can be, from the front to the back.
const PLACES: [(Phrase, &[Form]); 4] = [
    (Phrase::LockScreen, &[Form::LockFull, Form::LockHidden]),
    (Phrase::Banners, &[Form::Banner, Form::Stub]),
    (Phrase::NotificationCentre, &[Form::NotificationCentre]),
    (Phrase::InTheApp, &[Form::InApp]),
];

/// The phone.
pub(super) async fn show(visit: Visit, Path((_, device)): Path<(String, String)>) -> Response {
    visit
        .follow(move |visit| {
            let device = device.clone();
            async move { page(&visit, &device).await }
        })
        .await
}

async fn page(visit: &Visit, device: &str) -> Page {
    let device = visit.handle.device(device)?;
    let state = devices::state(&visit.handle, device).await?;
    let screen = on_screen(visit, device).await?;
    let news = visit.counted(CountedThing::Notifications, screen.len() as u64);
    let absent = if visit.is_live { None } else { Some(absent(visit, device).await?) };
    let body = html! {
        div.columns.phone-page {
            section aria-labelledby="screen" {
                h2.unseen #screen { (visit.say(Phrase::Screen)) }
                div #phone data-live { (handset(visit, device, &screen)) }
            }
            div {
                section aria-labelledby="on-its-way" {
                    h2 #on-its-way { (visit.say(Phrase::OnItsWay)) }
                    div #waiting data-live {
                        @if state.waiting.is_empty() { p.quiet { (visit.say(Phrase::NothingWaits)) } }
                        @else { ul.plain { @for waits in &state.waiting {
                            li { a href=(visit.to_device(device, &format!("/why/{}", waits.message))) { (visit.say(Phrase::Message)) " " (waits.message) }
                                (visit.language.colon()) (words::wait_word(visit.language, waits.cause)) }
                        } } }
                    }
                }
                @if let Some(absent) = absent { (absent) }
            }
        }
    };
    let title = format!("{}{}{}", visit.say(Phrase::ThePhone), visit.language.colon(), short(&state.device.name, 80));
    Ok(PageContent::new(ConsoleSection::Devices, title, body).live(news).below(crumbs(visit, device)))
}

/// What is on the phone now, the latest first.
async fn on_screen(visit: &Visit, device: DeviceIx) -> Result<Vec<NotificationView>, Problem> {
    let shown = visit.handle.host.screen(device).await?;
    let mut screen: Vec<NotificationView> = shown
        .into_iter()
        .map(|(shown, text)| NotificationView {
            message: shown.message.0,
            form: shown.form.name().to_owned(),
            title: text.title,
            body: text.body,
            shown_at_ms: shown.shown_at.ms(),
            dismissed_at_ms: None,
        })
        .collect();
    screen.reverse();
    Ok(screen)
}

fn handset(visit: &Visit, device: DeviceIx, screen: &[NotificationView]) -> Markup {
    html! {
        div.phone {
            p.phone-clock aria-hidden="true" { (visit.moment(visit.handle.host.now().ms())) }
            @if screen.is_empty() { p.empty { (visit.say(Phrase::NothingOnPhone)) } }
            @for (place, forms) in PLACES {
                @let here: Vec<_> = screen.iter().filter(|shown| forms.iter().any(|form| form.name() == shown.form)).collect();
                @if !here.is_empty() {
                    h3 { (visit.say(place)) }
                    ul.notes { @for shown in here { li.note { (note(visit, device, shown)) } } }
                }
            }
        }
    }
}

fn note(visit: &Visit, device: DeviceIx, shown: &NotificationView) -> Markup {
    html! {
        p.note-head { span.app-mark aria-hidden="true" {} "Company Portal" span.note-time { (visit.moment(shown.shown_at_ms)) } }
        @match (&shown.title, &shown.body) {
            (Some(title), body) => {
                p.note-title { (lines(title)) }
                @if let Some(body) = body { p.note-body { (lines(body)) } }
                @else { p.note-body.quiet { (visit.say(Phrase::ContentHidden)) } }
            }
            (None, _) => { p.note-body.quiet { (visit.say(Phrase::TextNotKept)) } }
        }
        div.note-foot {
            a href=(visit.to_device(device, &format!("/why/{}", shown.message))) { (visit.say(Phrase::Message)) " " (shown.message) }
            @if visit.may_operate() {
                form method="post" action=(visit.to_device(device, "/phone/dismiss")) {
                    (hidden("message", &shown.message.to_string()))
                    button.quiet #{ "dismiss-" (shown.message) } type="submit" aria-label={ (visit.say(Phrase::Dismiss)) (visit.language.colon()) (visit.say(Phrase::Message)) " " (shown.message) } {
                        (visit.say(Phrase::Dismiss))
                    }
                }
            }
        }
    }
}

/// What is not on the phone, each with the way to the reason.
async fn absent(visit: &Visit, device: DeviceIx) -> Result<Markup, Problem> {
    let mut journeys = visit.handle.recall_devices(vec![device], move |recall| recall.device(device)).await?;
    journeys.retain(|(_, line)| line.station != Station::Shown.name() || line.dismissed_at_ms.is_some());
    journeys.retain(|(_, line)| line.station != Station::Waiting.name());
    journeys.reverse();
    journeys.truncate(ABSENT_MAX);
    Ok(html! {
        section aria-labelledby="absent" {
            h2 #absent { (visit.say(Phrase::NotOnPhone)) }
            @if journeys.is_empty() { p.quiet { (visit.say(Phrase::NothingAbsent)) } }
            @else { ul.absent { @for (message, line) in &journeys {
                @let station = words::station_of(&line.station);
                li {
                    p { strong { (visit.say(Phrase::Message)) " " (message.0) } (visit.language.colon()) (words::station_mark(station))
                        @if line.dismissed_at_ms.is_some() { (visit.say(Phrase::DismissedWord)) }
                        @else { (words::outcome(visit.language, station, line.cause.as_deref(), line.form.as_deref())) } }
                    p { a href=(visit.to_device(device, &format!("/why/{}", message.0))) {
                        (visit.say(if station == Station::Shown { Phrase::WhyLink } else { Phrase::WhySilent })) " " span.unseen { (visit.say(Phrase::Message)) " " (message.0) } } }
                }
            } } }
        }
    })
}

/// Dismisses a notification.
pub(super) async fn dismiss(visit: Visit, Path((_, device)): Path<(String, String)>, form: PostedForm) -> Response {
    let done = async {
        let device = visit.handle.device(&device)?;
        let message = number(form.text("message").unwrap_or(""))?;
        let gone =
            Problem::not_found("the message is not on this phone any more: it was dismissed, or the tenant was reset");
        visit.handle.host.dismiss(device, MessageIx(message)).await?.ok_or(gone)?;
        Ok::<_, Problem>(device)
    };
    match done.await {
        Ok(device) => see(&visit.to_device(device, "/phone")).into_response(),
        Err(problem) => visit.answer(Err(problem)),
    }
}

/// Why a message is on the phone, or is not.
pub(super) async fn why(visit: Visit, Path((_, device, message)): Path<(String, String, String)>) -> Response {
    let page = why_page(&visit, &device, &message).await;
    visit.answer(page)
}

async fn why_page(visit: &Visit, device: &str, message: &str) -> Page {
    let (device, message) = (visit.handle.device(device)?, number(message)?);
    let posted = visit.handle.posted(message).await?;
    let devices = [Some(device), posted.recipients.device()].into_iter().flatten().collect();
    let found = visit.handle.recall_devices(devices, move |recall| recall.explain(&posted, device)).await?;
    let found = found.ok_or_else(|| Problem::not_found("there is no such message"))?;
    let language = visit.language;
    let end = found.pair.as_ref().map(|pair| (words::station_of(&pair.station), pair));
    let body = html! {
        @match end {
            Some((station, pair)) => {
                p.verdict { (words::station_mark(station)) strong { (words::outcome(language, station, pair.cause.as_deref(), pair.form.as_deref())) }
                    " · " (visit.moment(pair.at_ms)) }
                p.lead { (words::remedy(language, station, pair.cause.as_deref())) }
            }
            None => { p.verdict { strong { (visit.say(Phrase::NotInAudience)) } } }
        }
        ol.timeline { @for step in &found.steps { li { (step_line(visit, step)) } } }
        p.actions { a.button href=(visit.to_device(device, "/phone")) { (visit.say(Phrase::ThePhone)) }
            a.button href=(visit.to(&format!("/messages/{message}"))) { (visit.say(Phrase::Message)) " " (message) } }
    };
    let title =
        format!("{} {message}{}{}", visit.say(Phrase::WhyMessage), language.colon(), short(&found.device.name, 60));
    Ok(PageContent::new(ConsoleSection::Devices, title, body).below(crumbs(visit, device)))
}

fn step_line(visit: &Visit, step: &StepLine) -> Markup {
    let language = visit.language;
    html! {
        p.step-time { time { (visit.moment(step.at_ms)) }
            @if let Some(since) = step.since_accepted_ms { " · +" (language.span(since)) } }
        p.step-what { strong { (words::step(language, &step.what)) } }
        @if let Some(draw) = step.draw { (drawn(visit, draw, step.threshold)) }
        @if !step.faults.is_empty() {
            p.step-fault { (visit.say(Phrase::Faults)) (language.colon()) @for (at, fault) in step.faults.iter().enumerate() { @if at > 0 { ", " } (name(fault, 80)) } }
        }
        p.detail lang="en" { (name(&step.text, 600)) }
    }
}

/// A draw against its threshold, as a scale from 0 to 100.
fn drawn(visit: &Visit, draw: u32, threshold: Option<u64>) -> Markup {
    let share = |number: u64| number as f64 / (f64::from(u32::MAX) + 1.0);
    // As explanations write it: what is not reached is not written.
    let (drew, language) = ((share(u64::from(draw)) * 1_000.0).floor() / 1_000.0, visit.language);
    html! {
        p.step-draw {
            (visit.say(Phrase::Drew)) " " (language.per_cent(drew))
            @if let Some(threshold) = threshold { " · " (visit.say(Phrase::HappensBelow)) " " (language.per_cent(share(threshold))) }
        }
        @if let Some(threshold) = threshold {
            svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect.track width="100" height="8" rx="1" {}
                rect.lost width=(format!("{:.2}", (share(threshold) * 100.0).max(0.3))) height="8" rx="1" {}
                rect.middle x=(format!("{:.2}", drew * 100.0)) width="0.8" height="8" {}
            }
        }
    }
}
