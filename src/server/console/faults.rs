//! The faults of a tenant on an axis of time: those in force and to come, how to stop one, and a form to start one that is made
//! from the schema of scenarios. Must not judge a fault: `scenario` does.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::fault_form::{self, FaultKeys};
use super::form::PostedForm;
use super::parts::{error_summary, hidden, name, short};
use super::phrase::Phrase;
use super::router::see;
use super::visit::{ConsoleSection, Page, PageContent, Visit};
use super::words;
use crate::rules::base::time::SimTime;
use crate::server::control::Problem;
use crate::server::control::faults::{FaultView, views};

/// How much of the past and of the time to come the axis shows, in ms.
const PAST_MS: u64 = 2 * 3_600_000;
const FUTURE_MS: u64 = 6 * 3_600_000;
/// Windows of a fault that are drawn, at most; more would be one block.
const WINDOWS_MAX: usize = 200;

/// The kind of fault that the form is for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kind {
    kind: Option<String>,
}

/// A kind in words.
pub(super) fn kind(visit: &Visit, kind: &str) -> &'static str {
    words::fault_kind(visit.language, kind)
}

/// The list.
pub(super) async fn list(visit: Visit, Query(kind): Query<Kind>) -> Response {
    visit
        .follow(move |visit| {
            let kind = kind.kind.clone();
            async move { page(&visit, kind.as_deref(), &PostedForm::default(), Vec::new()).await }
        })
        .await
}

async fn page(visit: &Visit, kind: Option<&str>, filled: &PostedForm, errors: Vec<(&'static str, String)>) -> Page {
    let faults = views(&visit.handle).await?;
    let in_force: Vec<_> = faults.iter().filter(|fault| fault.active).map(|fault| short(&fault.name, 40)).collect();
    let news = format!(
        "{}: {}",
        visit.say(Phrase::FaultsInForce),
        if in_force.is_empty() { "0".to_owned() } else { in_force.join(", ") }
    );
    let body = html! {
        (error_summary(visit, &errors))
        div #list data-live { (table(visit, &faults).await?) }
        // The form stays as it is while the list follows.
        @if visit.may_operate() && !visit.is_live {
            section #new aria-labelledby="new-title" {
                h2 #new-title { (visit.say(Phrase::StartFault)) }
                (fault_form::markup(visit, &FaultKeys::of_schema(), kind, filled))
            }
        }
    };
    let content = PageContent::new(ConsoleSection::Faults, visit.say(Phrase::Faults), body).live(news);
    Ok(if errors.is_empty() { content } else { content.invalid() })
}

async fn table(visit: &Visit, faults: &[FaultView]) -> Result<Markup, Problem> {
    let (world, _) = visit.handle.host.faults().await?;
    let now = visit.handle.host.now().ms();
    let (from, to) = (now.saturating_sub(PAST_MS), now + FUTURE_MS);
    let axis = |fault: usize| {
        let windows = world.faults.get(fault).map(|fault| {
            let seen = fault.windows(SimTime(to)).filter(|window| window.to.ms() > from);
            seen.take(WINDOWS_MAX)
                .map(|window| (window.from.ms().max(from), window.to.ms().min(to)))
                .collect::<Vec<_>>()
        });
        let place = |at: u64| (at - from) as f64 / (to - from) as f64 * 600.0;
        html! {
            svg.axis viewBox="0 0 600 16" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect.track y="7" width="600" height="2" {}
                @for (begin, end) in windows.unwrap_or_default() {
                    rect.fault x=(format!("{:.1}", place(begin))) y="3" width=(format!("{:.1}", (place(end) - place(begin)).max(2.0))) height="10" rx="2" {}
                }
                rect.now x=(format!("{:.1}", place(now))) width="2" height="16" {}
            }
        }
    };
    Ok(html! {
        @if faults.is_empty() { p.quiet { (visit.say(Phrase::NoFaultsAtAll)) } }
        @else { div.scroll tabindex="0" role="group" aria-label=(visit.say(Phrase::Faults)) { table {
            thead { tr { th scope="col" { (visit.say(Phrase::Fault)) } th scope="col" { (visit.say(Phrase::State)) }
                th.drawn scope="col" { (visit.say(Phrase::AxisOfTime)) } th.right scope="col" { (visit.say(Phrase::Touched)) } th scope="col" { (visit.say(Phrase::Action)) } } }
            tbody { @for (at, fault) in faults.iter().enumerate() { tr {
                th scope="row" { (name(&fault.name, 80)) span.quiet { " · " (kind(visit, fault.kind)) }
                    @if fault.by_hand { span.quiet { " · " (visit.say(Phrase::ByHand)) } } }
                td { (state(visit, fault, now)) }
                td.drawn { (axis(at)) }
                td.right { (visit.language.count(fault.touched)) }
                td { @if fault.active && visit.may_operate() {
                    form method="post" action=(visit.to("/faults/stop")) { (hidden("name", &fault.name))
                        button #{ "stop-" (at) } type="submit" aria-label={ (visit.say(Phrase::Stop)) (visit.language.colon()) (short(&fault.name, 80)) } { (visit.say(Phrase::Stop)) } }
                } @else { "–" } }
            } } }
        } } }
    })
}

/// When a fault is in force, in words.
fn state(visit: &Visit, fault: &FaultView, now: u64) -> Markup {
    let until = fault.lasts_ms.filter(|_| fault.every_ms.is_none()).map(|lasts| fault.at_ms + lasts);
    html! {
        @if fault.active {
            span.pill.stopped { (visit.say(Phrase::InForce)) }
            @if let Some(until) = until { " " (visit.say(Phrase::UntilWord)) " " (visit.moment(until)) }
        } @else if let Some(stopped) = fault.stopped_at_ms {
            (visit.say(Phrase::StoppedAt)) " " (visit.moment(stopped))
        } @else if fault.at_ms > now {
            (visit.say(Phrase::BeginsAt)) " " (visit.moment(fault.at_ms))
        } @else if let Some(every) = fault.every_ms {
            (visit.say(Phrase::ComesAgain)) " " (visit.language.span(every))
        } @else { (visit.say(Phrase::OverWord)) }
    }
}

/// Starts a fault.
pub(super) async fn start(visit: Visit, form: PostedForm) -> Response {
    let table = fault_form::table(&FaultKeys::of_schema(), &form);
    let started = visit.handle.host.start_fault(&table.to_string()).await.map_err(Problem::from);
    match started {
        Ok(_) => see(&visit.to("/faults")).into_response(),
        Err(problem) => {
            let status = problem.status();
            let errors = vec![("name", short(problem.message(), 1_000))];
            let page = page(&visit, form.text("kind"), &form, errors).await;
            visit.answer(page.map(|content| PageContent { status, ..content }))
        }
    }
}

/// Stops a fault.
pub(super) async fn stop(visit: Visit, Path(_): Path<String>, form: PostedForm) -> Response {
    let stopped = visit.handle.host.stop_fault(form.text("name").unwrap_or("")).await.map_err(Problem::from);
    match stopped {
        Ok(_) => see(&visit.to("/faults")).into_response(),
        Err(problem) => visit.answer(Err(problem)),
    }
}
