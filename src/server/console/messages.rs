//! The messages of a tenant: the list, a message with what has become of it, and the phones behind each cause. Must not count a
//! pair: the actors have counted, or the history is recomputed.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use strum::VariantArray as _;

use super::parts::{bar, name, pager, query};
use super::phrase::{CountedThing, Phrase};
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::words;
use crate::host::Posted;
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::Station;
use crate::rules::timeline::posting::Recipients;
use crate::server::control::Problem;
use crate::server::control::messages::{CauseCount, MessageView, views};

/// Messages of a page.
const PAGE: u32 = 25;
/// Phones of a page.
const PHONES: usize = 50;

/// Which page of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<u32>,
}

/// Whether the message was sent just now.
#[derive(Debug, Deserialize)]
pub(super) struct JustSent {
    created: Option<String>,
}

/// Which phones.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Which {
    station: Option<String>,
    cause: Option<String>,
    form: Option<String>,
    after: Option<u32>,
}

/// The latest messages before one, the latest first, and whether there are more.
async fn latest(visit: &Visit, before: Option<u32>, many: u32) -> Result<(Vec<MessageView>, bool), Problem> {
    let (posted, goes_on): (Vec<Posted>, bool) = visit.handle.host.log(|log| {
        let end = before.unwrap_or(u32::MAX).min(log.messages());
        let from = end.saturating_sub(many);
        let posted = log.from(MessageIx(from)).take_while(|posted| posted.message.0 < end).collect();
        (posted, from > 0)
    });
    let mut found = views(&visit.handle, &posted).await?;
    found.reverse();
    Ok((found, goes_on))
}

/// The latest messages, for the overview.
pub(super) async fn brief(visit: &Visit, many: usize) -> Result<Markup, Problem> {
    let (found, _) = latest(visit, None, many as u32).await?;
    Ok(table(visit, &found))
}

/// The list.
pub(super) async fn list(visit: Visit, Query(which): Query<Before>) -> Response {
    let before = which.before;
    visit.follow(move |visit| async move { list_page(&visit, before).await }).await
}

async fn list_page(visit: &Visit, before: Option<u32>) -> Page {
    let (found, goes_on) = latest(visit, before, PAGE).await?;
    let next = found.last().filter(|_| goes_on).map(|last| visit.to(&format!("/messages?before={}", last.id)));
    let first = before.map(|_| visit.to("/messages"));
    let news =
        visit.counted(CountedThing::Messages, u64::from(visit.handle.host.log(crate::host::MessageLog::messages)));
    let body = html! {
        p.lead { (visit.say(Phrase::MessagesLead)) }
        div #list data-live { (table(visit, &found)) }
        (pager(visit, first, next))
    };
    Ok(PageContent::new(ConsoleSection::Messages, visit.say(Phrase::Messages), body).live(news))
}

fn table(visit: &Visit, found: &[MessageView]) -> Markup {
    html! {
        @if found.is_empty() { p.quiet { (visit.say(Phrase::NoMessages)) " " a href=(visit.to("/send")) { (visit.say(Phrase::SendOne)) } } }
        @else { div.scroll tabindex="0" role="group" aria-label=(visit.say(Phrase::Messages)) { table {
            thead { tr {
                th scope="col" { (visit.say(Phrase::Message)) }
                th scope="col" { (visit.say(Phrase::To)) }
                th scope="col" { (visit.say(Phrase::Accepted)) }
                th.right scope="col" { (visit.say(Phrase::Pairs)) }
                th.right scope="col" { (visit.say(Phrase::ShownPairs)) }
                th.drawn scope="col" { span.unseen { (visit.say(Phrase::Bar)) } }
            } }
            tbody { @for message in found {
                @let shown = message.stations.get(Station::Shown.name()).copied().unwrap_or(0);
                tr {
                    th scope="row" { a href=(visit.to(&format!("/messages/{}", message.id))) { (visit.say(Phrase::Message)) " " (message.id) } }
                    td { (recipients(visit, message)) }
                    td { (visit.moment(message.accepted_at_ms)) }
                    td.right { (visit.language.count(message.pairs)) }
                    td.right { (visit.language.share(shown, message.pairs)) }
                    td.drawn { (bar(shown, message.pairs, "shown")) }
                }
            } }
        } } }
    }
}

fn recipients(visit: &Visit, message: &MessageView) -> Markup {
    let device = message.device.and_then(|id| visit.handle.graph_ids.find_device(id));
    let groups = message.groups.iter().filter_map(|id| visit.handle.graph_ids.find_group(*id));
    let groups: Vec<_> = groups.map(|group| visit.world().groups[group.at()].name.clone()).collect();
    html! {
        @if let Some(device) = device { (name(&visit.world().fleet.device_name(device), 60)) }
        @else {
            @for (at, group) in groups.iter().take(3).enumerate() { @if at > 0 { ", " } (name(group, 40)) }
            @if groups.len() > 3 { " +" (groups.len() - 3) }
        }
    }
}

/// A message.
pub(super) async fn one(
    visit: Visit,
    Path((_, message)): Path<(String, String)>,
    Query(shown): Query<JustSent>,
) -> Response {
    let is_new = shown.created.is_some();
    visit
        .follow(move |visit| {
            let message = message.clone();
            async move { message_page(&visit, number(&message)?, is_new).await }
        })
        .await
}

/// The number of a message in an address.
pub(super) fn number(message: &str) -> Result<u32, Problem> {
    message.parse().map_err(|_| Problem::not_found("a message has a number"))
}

async fn message_page(visit: &Visit, message: u32, is_new: bool) -> Page {
    let posted = visit.handle.posted(message).await?;
    let found = views(&visit.handle, std::slice::from_ref(&posted)).await?;
    let found = found.first().ok_or_else(|| Problem::not_found("there is no such message"))?;
    let shown = found.stations.get(Station::Shown.name()).copied().unwrap_or(0);
    let classes = if visit.is_live { None } else { Some(classes(visit, &posted).await?) };
    let language = visit.language;
    let is_settled = visit.say(if found.settled { Phrase::Settled } else { Phrase::UnderWay });
    let news = format!("{} {}, {is_settled}", language.share(shown, found.pairs), visit.say(Phrase::StationShown));
    let title = format!("{} {message}", visit.say(Phrase::Message));
    let body = html! {
        @if is_new {
            div.banner.good role="status" { p { strong { (visit.say(Phrase::NotificationSent)) } } p { (visit.say(Phrase::BesideIntune)) } }
        }
        dl.facts {
            div { dt { (visit.say(Phrase::To)) } dd { (recipients(visit, found)) } }
            div { dt { (visit.say(Phrase::SentAs)) } dd { (name(&found.account, 80)) } }
            div { dt { (visit.say(Phrase::Accepted)) } dd { (visit.moment(found.accepted_at_ms)) } }
            @if let Some(request) = &found.client_request_id { div { dt { "client-request-id" } dd.hash { (name(request, 80)) } } }
        }
        div #reach data-live {
            dl.tiles {
                div { dt { (visit.say(Phrase::Reach)) } dd { span.figure { (language.share(shown, found.pairs)) } (bar(shown, found.pairs, "shown")) } }
                div { dt { (visit.say(Phrase::Audience)) } dd { span.figure { (language.count(found.pairs)) } } }
                div { dt { (visit.say(Phrase::Dismissed)) } dd { span.figure { (language.count(found.dismissed)) } } }
                div { dt { (visit.say(Phrase::Exposed)) } dd { span.figure { (language.count(found.exposed)) } } }
                div { dt { (visit.say(Phrase::State)) } dd { span.figure.word { (is_settled) } } }
            }
        }
        section aria-labelledby="causes" {
            h2 #causes { (visit.say(Phrase::CausesRanked)) }
            p.lead { (visit.say(Phrase::CausesLead)) }
            div #cause-list data-live { (causes(visit, found)) }
        }
        @if let Some(classes) = classes { (classes) }
    };
    let crumbs = html! { a href=(visit.to("/messages")) { (visit.say(Phrase::Messages)) } };
    Ok(PageContent::new(ConsoleSection::Messages, title, body).live(news).below(crumbs))
}

fn causes(visit: &Visit, message: &MessageView) -> Markup {
    let mut ranked: Vec<&CauseCount> = message.causes.iter().collect();
    ranked.sort_by_key(|cause| std::cmp::Reverse(cause.pairs));
    html! {
        table.counts {
            thead { tr { th scope="col" { (visit.say(Phrase::WhatBecame)) } th.right scope="col" { (visit.say(Phrase::Pairs)) }
                th.right scope="col" { (visit.say(Phrase::Share)) } th.drawn scope="col" { span.unseen { (visit.say(Phrase::Bar)) } } } }
            tbody { @for cause in ranked {
                @let station = words::station_of(cause.station);
                @let phones = format!("/messages/{}/phones?station={}{}{}", message.id, cause.station,
                    cause.cause.as_ref().map(|cause| format!("&cause={}", query(cause))).unwrap_or_default(),
                    cause.form.map(|form| format!("&form={form}")).unwrap_or_default());
                tr {
                    th scope="row" { a href=(visit.to(&phones)) { (words::station_mark(station))
                        (words::journey(visit.language, station, cause.cause.as_deref(), cause.form)) } }
                    td.right { (visit.language.count(cause.pairs)) }
                    td.right { (visit.language.share(cause.pairs, message.pairs)) }
                    td.drawn { (bar(cause.pairs, message.pairs, cause.station)) }
                }
            } }
        }
    }
}

/// Why the pairs belong to the message.
async fn classes(visit: &Visit, posted: &Posted) -> Result<Markup, Problem> {
    if matches!(posted.recipients, Recipients::Device(_)) {
        return Ok(html! {});
    }
    let message = posted.message;
    let counts = visit.handle.recall_devices(Vec::new(), move |recall| recall.classes(message)).await?;
    let all: u64 = counts.iter().sum();
    Ok(html! {
        section aria-labelledby="classes" {
            h2 #classes { (visit.say(Phrase::AudienceClasses)) }
            table.counts {
                thead { tr { th scope="col" { (visit.say(Phrase::Audience)) } th.right scope="col" { (visit.say(Phrase::Pairs)) }
                    th.right scope="col" { (visit.say(Phrase::Share)) } } }
                tbody { @for class in AudienceClass::VARIANTS.iter().rev() {
                    @let pairs = counts[*class as usize];
                    tr { th scope="row" { (words::class(visit.language, *class)) }
                        td.right { (visit.language.count(pairs)) } td.right { (visit.language.share(pairs, all)) } }
                } }
            }
        }
    })
}

/// The phones of a message with one cause.
pub(super) async fn phones(
    visit: Visit,
    Path((_, message)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Response {
    let page = phones_page(&visit, &message, which).await;
    visit.answer(page)
}

async fn phones_page(visit: &Visit, message: &str, which: Which) -> Page {
    let posted = visit.handle.posted(number(message)?).await?;
    let message = posted.message;
    let (from, wanted) = (DeviceIx(which.after.map_or(0, |after| after.saturating_add(1))), which.clone());
    let mut found = visit
        .handle
        .recall_message(posted, (from, usize::MAX), move |recall| {
            recall.message_where(message, from, PHONES + 1, |line| {
                let is = |given: &Option<String>, known: Option<&str>| {
                    given.as_deref().is_none_or(|given| known == Some(given))
                };
                is(&wanted.station, Some(&line.station))
                    && is(&wanted.cause, line.cause.as_deref())
                    && is(&wanted.form, line.form.as_deref())
            })
        })
        .await?;
    let goes_on = found.len() > PHONES;
    found.truncate(PHONES);
    let station = which.station.as_deref().map_or(Station::Waiting, words::station_of);
    let what = words::journey(visit.language, station, which.cause.as_deref(), which.form.as_deref());
    let address = |after: Option<u32>| {
        let part = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("&{name}={}", query(value))).unwrap_or_default()
        };
        let parts = [("station", &which.station), ("cause", &which.cause), ("form", &which.form)];
        let parts: String = parts.iter().map(|(name, value)| part(name, value)).collect();
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        visit.to(&format!("/messages/{}/phones?{}", message.0, format!("{parts}{after}").trim_start_matches('&')))
    };
    let next = found.last().filter(|_| goes_on).map(|(device, _)| address(Some(device.0)));
    let body = html! {
        p.lead { (what) }
        @if found.is_empty() { p.quiet { (visit.say(Phrase::NoPhones)) } }
        @else { div.scroll tabindex="0" role="group" aria-label=(visit.say(Phrase::Phones)) { table {
            thead { tr { th scope="col" { (visit.say(Phrase::Device)) } th scope="col" { (visit.say(Phrase::Since)) } th scope="col" { (visit.say(Phrase::Why)) } } }
            tbody { @for (device, line) in &found {
                tr { th scope="row" { a href=(visit.to_device(*device, "")) { (name(&visit.world().fleet.device_name(*device), 80)) } }
                    td { (visit.moment(line.at_ms)) }
                    td { a href=(visit.to_device(*device, &format!("/why/{}", message.0))) { (visit.say(Phrase::WhyLink)) } } }
            } }
        } } }
        (pager(visit, which.after.map(|_| address(None)), next))
    };
    let title = format!("{} {} · {}", visit.say(Phrase::Message), message.0, visit.say(Phrase::Phones));
    let crumbs = html! { a href=(visit.to("/messages")) { (visit.say(Phrase::Messages)) } " › "
    a href=(visit.to(&format!("/messages/{}", message.0))) { (visit.say(Phrase::Message)) " " (message.0) } };
    Ok(PageContent::new(ConsoleSection::Messages, title, body).below(crumbs))
}
