//! The frame of every page: head, navigation, what is wrong with the tenant; and pages that only say why there is none. Must
//! not know the content of a page.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};
use strum::VariantArray as _;

use super::assets;
use super::language::Language;
use super::parts::{name, short};
use super::phrase::Phrase;
use super::router::BASE;
use super::visit::{ConsoleSection, PageContent, Visit};
use crate::server::control::Problem;

impl ConsoleSection {
    /// Its address within a tenant, and its name.
    const fn entry(self) -> (&'static str, Phrase) {
        match self {
            Self::Overview => ("/", Phrase::Overview),
            Self::Send => ("/send", Phrase::SendNotifications),
            Self::Messages => ("/messages", Phrase::Messages),
            Self::Devices => ("/devices", Phrase::Devices),
            Self::Faults => ("/faults", Phrase::Faults),
            Self::Scenario => ("/scenario", Phrase::Scenario),
        }
    }
}

/// A page of a tenant.
pub(super) fn page(visit: &Visit, content: &PageContent) -> Response {
    let language = visit.language;
    let title = format!("{} · {} · Reveille", content.title, short(&visit.world().name, 60));
    let body = html! {
        a.skip href="#main" { (visit.say(Phrase::SkipToContent)) }
        header.top {
            p.brand { a href=(visit.to("/")) { "Reveille" } }
            (tenants(visit))
            (clock(visit))
            @if content.news.is_some() {
                button #pause type="button" hidden data-pause=(visit.say(Phrase::PauseUpdates)) data-resume=(visit.say(Phrase::ResumeUpdates)) {
                    (visit.say(Phrase::PauseUpdates))
                }
            }
            div.end {
                (languages(language, &visit.address))
                form method="post" action={ (BASE) "/sign-out" } {
                    span.holder { (visit.holder.name) }
                    button.quiet type="submit" { (visit.say(Phrase::SignOut)) }
                }
            }
        }
        div.shell {
            nav.side aria-label=(visit.say(Phrase::MainNavigation)) {
                ul {
                    @for section in ConsoleSection::VARIANTS {
                        @let (page, phrase) = section.entry();
                        li { a href=(visit.to(page)) aria-current=[(*section == content.section).then_some("page")] { (visit.say(phrase)) } }
                    }
                }
            }
            main #main tabindex="-1" data-live=[content.news.is_some().then_some("on")]
                data-lost=(visit.say(Phrase::ConnectionLost)) data-back=(visit.say(Phrase::ConnectionBack)) {
                (trouble(visit))
                @if !visit.may_operate() { p.banner.info { (visit.say(Phrase::ReadOnlyBanner)) } }
                @if let Some(crumbs) = &content.crumbs { nav.crumbs aria-label=(visit.say(Phrase::Crumbs)) { (crumbs) } }
                h1 { (content.title) }
                (content.body)
            }
        }
        p #news.unseen role="status" aria-live="polite" {}
    };
    answer(content.status, &document(language, &title, &body))
}

/// What a browser puts into the page that it has: the parts that follow what happens.
pub(super) fn live(visit: &Visit, content: &PageContent) -> Markup {
    html! { (clock(visit)) (content.body) }
}

/// A page of a tenant that cannot be shown.
pub(super) fn problem(visit: &Visit, problem: &Problem) -> Response {
    let is_gone = problem.status() == StatusCode::NOT_FOUND;
    let title = if is_gone { Phrase::NotThere } else { Phrase::CannotBeShown };
    let body = html! {
        @if is_gone { p { (visit.say(Phrase::NotThereWhy)) } }
        p.detail lang="en" { (name(problem.message(), 2_000)) }
        p { a href=(visit.address) { (visit.say(Phrase::TryAgain)) } " · " a href=(visit.to("/")) { (visit.say(Phrase::ToOverview)) } }
    };
    let content = PageContent::new(ConsoleSection::Overview, visit.say(title), body);
    page(visit, &PageContent { status: problem.status(), ..content })
}

/// A page without a tenant.
pub(super) fn bare(language: Language, status: StatusCode, title: Phrase, why: &str) -> Response {
    let body = html! {
        p { (name(why, 2_000)) }
        p { a href={ (BASE) "/" } { (language.say(Phrase::ToStart)) } }
    };
    alone(language, status, language.say(title), &body)
}

/// A page with nothing but its content.
pub(super) fn alone(language: Language, status: StatusCode, title: &str, content: &Markup) -> Response {
    let body = html! {
        header.top { p.brand { "Reveille" } div.end { (languages(language, &format!("{BASE}/"))) } }
        main.alone #main { h1 { (title) } (content) }
    };
    answer(status, &document(language, &format!("{title} · Reveille"), &body))
}

fn answer(status: StatusCode, page: &Markup) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page.0.clone()).into_response()
}

fn document(language: Language, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(assets::ICON);
                link rel="stylesheet" href=(assets::style_path());
                script src=(assets::script_path()) defer {}
            }
            body { (body) }
        }
    }
}

fn tenants(visit: &Visit) -> Markup {
    let handles = visit.console.control.handles();
    let others: Vec<_> = handles.map(|handle| (handle.graph_ids.tenant(), handle.host.world().name.clone())).collect();
    let here = visit.handle.graph_ids.tenant();
    html! {
        @if others.len() == 1 {
            p.tenant { (name(&visit.world().name, 40)) }
        } @else {
            details.tenant {
                summary { span.unseen { (visit.say(Phrase::Tenant)) " " } (name(&visit.world().name, 40)) }
                ul { @for (id, tenant) in &others {
                    li { a href={ (BASE) "/" (id) "/" } aria-current=[(*id == here).then_some("true")] { (name(tenant, 40)) } }
                } }
            }
        }
    }
}

/// Model time, and how fast it goes.
fn clock(visit: &Visit) -> Markup {
    let host = &visit.handle.host;
    let (at, times) = (visit.moment(host.now().ms()), host.clock().times());
    html! {
        p.clock #clock data-live {
            span.unseen { (visit.say(Phrase::ModelTime)) " " }
            time { (at) } " "
            @if times == 0 { span.pill.stopped { (visit.say(Phrase::Paused)) } }
            @else { span.pill { "×" (visit.language.decimal(&speed(times))) } }
        }
    }
}

/// A speed in thousandths as a number.
pub(super) fn speed(times: u64) -> String {
    let text = format!("{:.3}", times as f64 / 1_000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Bytes of an address that a choice of the language comes back to, at most.
const BACK_BYTES_MAX: usize = 1_000;

fn languages(here: Language, address: &str) -> Markup {
    let start = format!("{BASE}/");
    let address = if address.len() <= BACK_BYTES_MAX { address } else { &start };
    let back = form_urlencoded::byte_serialize(address.as_bytes()).collect::<String>();
    html! {
        ul.languages aria-label="Language · Langue" {
            @for language in Language::VARIANTS {
                li { a href={ (BASE) "/language/" (language.code()) "?back=" (back) } lang=(language.code())
                    aria-current=[(*language == here).then_some("true")] { (language.name()) } }
            }
        }
    }
}

/// What is wrong with the tenant, with the remedy.
fn trouble(visit: &Visit) -> Markup {
    let host = &visit.handle.host;
    let failed = host.failure().map(|error| (Phrase::EngineFailed, error.to_string()));
    let failed = failed.or_else(|| host.store_failure().map(|error| (Phrase::StoreFailed, error.to_string())));
    let is_over = host.now() >= visit.world().horizon;
    html! {
        @if let Some((what, why)) = failed {
            div.banner.bad role="alert" { p { strong { (visit.say(what)) } } p.detail lang="en" { (name(&why, 500)) } }
        } @else if is_over {
            p.banner.bad role="alert" { (visit.say(Phrase::TimeIsOver)) }
        }
    }
}
