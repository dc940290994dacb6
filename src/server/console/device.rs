//! One device: its traits in words, its quota of ten, its journeys, and the action that sends it a custom notification. Must not
//! judge a send: the tenant does.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::form::PostedForm;
use super::parts::{bar, error_summary, hidden, name, select};
use super::phrase::Phrase;
use super::send::{Draft, accounts, key, refusal, sent_as};
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::words;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::limits::DEVICE_MESSAGES_PER_HOUR;
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;
use crate::rules::timeline::posting::Recipients;
use crate::server::control::access::SendNote;
use crate::server::control::devices;

/// Journeys that are listed, the latest.
const JOURNEYS: usize = 50;

/// Which journeys.
#[derive(Debug, Deserialize)]
pub(super) struct Until {
    until: Option<u32>,
}

/// The device.
pub(super) async fn one(
    visit: Visit,
    Path((_, device)): Path<(String, String)>,
    Query(until): Query<Until>,
) -> Response {
    let page = page(&visit, &device, until.until).await;
    visit.answer(page)
}

/// The links between the pages of a device.
pub(super) fn crumbs(visit: &Visit, device: DeviceIx) -> Markup {
    html! {
        a href=(visit.to("/devices")) { (visit.say(Phrase::Devices)) } " › "
        a href=(visit.to_device(device, "")) { (name(&visit.world().fleet.device_name(device), 60)) }
    }
}

async fn page(visit: &Visit, device: &str, until: Option<u32>) -> Page {
    let device = visit.handle.device(device)?;
    let quota = visit.handle.host.device_quota(device).await?;
    let state = devices::state(&visit.handle, device).await?;
    let mut journeys = visit.handle.recall_devices(vec![device], move |recall| recall.device(device)).await?;
    journeys.retain(|(message, _)| until.is_none_or(|until| message.0 < until));
    journeys.reverse();
    let goes_on = journeys.len() > JOURNEYS;
    journeys.truncate(JOURNEYS);
    let next =
        journeys.last().filter(|_| goes_on).map(|(last, _)| visit.to_device(device, &format!("?until={}", last.0)));
    let most = DEVICE_MESSAGES_PER_HOUR as u64;
    let language = visit.language;
    let body = html! {
        p.actions {
            a.button.primary href=(visit.to_device(device, "/send")) { (visit.say(Phrase::SendCustomNotification)) }
            a.button href=(visit.to_device(device, "/phone")) { (visit.say(Phrase::ThePhone)) }
        }
        div.columns {
            section aria-labelledby="traits" { h2 #traits { (visit.say(Phrase::Traits)) } (traits(visit, device, &state.device)) }
            section aria-labelledby="now" {
                h2 #now { (visit.say(Phrase::Now)) }
                dl.tiles {
                    div { dt { (visit.say(Phrase::DeviceQuota)) } dd { span.figure { (language.count(quota.remaining as u64)) " / " (language.count(most)) }
                        (bar(quota.remaining as u64, most, "shown"))
                        @if quota.remaining == 0 { span.more { (visit.say(Phrase::NextSlot)) " " (visit.moment(quota.next_slot.ms())) } } } }
                    div { dt { (visit.say(Phrase::OnScreen)) } dd { span.figure { (language.count(state.notifications as u64)) } } }
                    div { dt { (visit.say(Phrase::OnItsWay)) } dd { span.figure { (language.count(state.waiting.len() as u64)) } } }
                }
            }
        }
        section aria-labelledby="journeys" {
            h2 #journeys { (visit.say(Phrase::Journeys)) }
            @if journeys.is_empty() { p.quiet { (visit.say(Phrase::NoJourneys)) } }
            @else { div.scroll tabindex="0" role="group" aria-labelledby="journeys" { table {
                thead { tr { th scope="col" { (visit.say(Phrase::Message)) } th scope="col" { (visit.say(Phrase::WhatBecame)) }
                    th scope="col" { (visit.say(Phrase::Since)) } th scope="col" { (visit.say(Phrase::Why)) } } }
                tbody { @for (message, line) in &journeys {
                    @let station = words::station_of(&line.station);
                    tr { th scope="row" { a href=(visit.to(&format!("/messages/{}", message.0))) { (visit.say(Phrase::Message)) " " (message.0) } }
                        td { (words::station_mark(station)) (words::outcome(language, station, line.cause.as_deref(), line.form.as_deref()))
                            @if line.dismissed_at_ms.is_some() { " · " (visit.say(Phrase::DismissedWord)) } }
                        td { (visit.moment(line.at_ms)) }
                        td { a href=(visit.to_device(device, &format!("/why/{}", message.0))) { (visit.say(Phrase::WhyLink)) } } }
                } }
            } } }
            (super::parts::pager(visit, until.map(|_| visit.to_device(device, "")), next))
        }
    };
    let crumbs = html! { a href=(visit.to("/devices")) { (visit.say(Phrase::Devices)) } };
    Ok(PageContent::new(ConsoleSection::Devices, super::parts::short(&state.device.name, 120), body).below(crumbs))
}

/// What a device is, in words.
fn traits(visit: &Visit, device: DeviceIx, view: &devices::DeviceView) -> Markup {
    let traits = visit.world().fleet.traits(device);
    let (is_android, language) = (traits.platform == Platform::Android, visit.language);
    let yes = |is: bool, one: Phrase, other: Phrase| visit.say(if is { one } else { other });
    html! {
        dl.facts {
            div { dt { (visit.say(Phrase::User)) } dd { @if let Some(user) = &view.user { (name(user, 80)) } @else { "–" } } }
            div { dt { (visit.say(Phrase::Platform)) } dd { (words::platform(traits.platform))
                @if let Some(gateway) = traits.platform.gateway() { " · " (words::gateway(gateway)) } } }
            div { dt { (visit.say(Phrase::Cohort)) } dd { (name(&view.cohort, 80)) } }
            @for (label, value) in &view.labels { div { dt { (name(label, 60)) } dd { (name(value, 80)) } } }
            div { dt { (visit.say(Phrase::Enrolment)) } dd {
                (yes(traits.enrolled, Phrase::Enrolled, Phrase::NotEnrolled))
                @if traits.enrolled_by_another { ", " (visit.say(Phrase::ByAnother)) }
                @if is_android { " · " (words::enrollment(language, traits.enrollment)) } } }
            div { dt { (visit.say(Phrase::App)) } dd { (words::app(language, traits.app))
                @if traits.app_outdated && is_android && visit.world().profile == Profile::Intune2025 { ", " (visit.say(Phrase::Outdated)) } } }
            div { dt { (visit.say(Phrase::Notifications)) } dd { (yes(traits.push_permission, Phrase::Allowed, Phrase::Forbidden)) } }
            div { dt { (visit.say(Phrase::LockScreen)) } dd { (words::lock_screen(language, traits.lock_screen)) } }
            @if is_android {
                div { dt { "Play Services" } dd { (yes(traits.play_services, Phrase::There, Phrase::Missing)) } }
                div { dt { (visit.say(Phrase::ForceStopped)) } dd { (yes(traits.force_stopped, Phrase::Yes, Phrase::No)) } }
                div { dt { (visit.say(Phrase::OtherAppsRead)) } dd { (yes(traits.notification_access, Phrase::Yes, Phrase::No)) } }
            }
            div { dt { (visit.say(Phrase::IdInGraph)) } dd.hash { (view.id) } }
        }
        p.help { (visit.say(Phrase::TraitsAtStart)) }
    }
}

/// The form of the action.
pub(super) async fn form(visit: Visit, Path((_, device)): Path<(String, String)>) -> Response {
    let page = form_page(&visit, &device, &Draft::default(), &[]);
    visit.answer(page)
}

fn form_page(visit: &Visit, device: &str, draft: &Draft, errors: &[(&'static str, String)]) -> Page {
    let device = visit.handle.device(device)?;
    let is_invalid = !errors.is_empty();
    let body = html! {
        (error_summary(visit, errors))
        p.lead { (visit.say(Phrase::DeviceSendLead)) }
        form.card method="post" action=(visit.to_device(device, "/send")) {
            (hidden("key", &Uuid::new_v4().to_string()))
            (select("account", visit.say(Phrase::SendAs), &accounts(visit), &draft.account))
            (draft.fields(visit, errors))
            @if visit.may_operate() { p.actions { button.primary type="submit" { (visit.say(Phrase::Send)) }
                a.button href=(visit.to_device(device, "")) { (visit.say(Phrase::Cancel)) } } }
            @else { p.help { (visit.say(Phrase::ReadOnly)) } }
        }
    };
    let content = PageContent::new(ConsoleSection::Devices, visit.say(Phrase::SendCustomNotification), body);
    let content = content.below(crumbs(visit, device));
    Ok(if is_invalid { content.invalid() } else { content })
}

/// Sends the notification.
pub(super) async fn send(visit: Visit, Path((_, device)): Path<(String, String)>, form: PostedForm) -> Response {
    let draft = Draft::of(&form);
    let done = async {
        let device = visit.handle.device(&device)?;
        let posting = draft.posting(&visit, Recipients::Device(device))?;
        Ok::<_, crate::server::control::Problem>((device, sent_as(&visit, posting, key(&form)?).await))
    };
    let (to, sent) = match done.await {
        Ok(done) => done,
        Err(problem) => return visit.answer(Err(problem)),
    };
    let note = |message: Option<MessageIx>| SendNote {
        account: draft.account_name(&visit),
        recipients: vec![visit.handle.graph_ids.device(to)],
        message: message.map(|message| message.0),
    };
    let (page, message) = match sent {
        Ok(message) => (Ok(confirmed(&visit, to, &draft, message)), Some(message)),
        Err(error) => {
            let status = error.status();
            let (field, text) = refusal(&visit, &error);
            let page = form_page(&visit, &device, &draft, &[(field, text)]);
            (page.map(|content| PageContent { status, ..content }), None)
        }
    };
    let mut response = visit.answer(page);
    response.extensions_mut().insert(note(message));
    response
}

/// The confirmation, which shows the text that was sent (R7).
fn confirmed(visit: &Visit, device: DeviceIx, draft: &Draft, message: MessageIx) -> PageContent {
    let body = html! {
        div.banner.good role="status" {
            p { strong { (visit.say(Phrase::NotificationSent)) } }
            p { strong { (super::parts::lines(&draft.title)) } }
            p { (super::parts::lines(&draft.body)) }
        }
        p.lead { (visit.say(Phrase::BesideIntune)) }
        p.actions {
            a.button.primary href=(visit.to_device(device, "/phone")) { (visit.say(Phrase::ThePhone)) }
            a.button href=(visit.to(&format!("/messages/{}", message.0))) { (visit.say(Phrase::Message)) " " (message.0) }
        }
    };
    let content = PageContent::new(ConsoleSection::Devices, visit.say(Phrase::SendCustomNotification), body);
    content.below(crumbs(visit, device))
}
