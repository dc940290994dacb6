//! Signing in and out, the choice of the language, and where the console begins. Must not keep a token.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::html;
use serde::Deserialize;

use super::form::PostedForm;
use super::frame;
use super::language::Language;
use super::parts::{hidden, name};
use super::phrase::Phrase;
use super::router::BASE;
use super::session::set_session;
use super::state::Console;
use super::visit::{LANGUAGE_COOKIE, language_of};
use crate::server::audit::{AuditEntry, AuditEvent, AuditOutcome};
use crate::server::http::Scheme;
use crate::server::identity::{ControlTokenHash, FailureKey, Peer};

/// How long the choice of a language is kept, in seconds: a year.
const LANGUAGE_SECONDS: u32 = 31_536_000;

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    next: Option<String>,
    back: Option<String>,
}

/// An address of the console; its beginning, if it is none.
fn inside(address: Option<String>) -> String {
    let is_inside =
        |address: &String| address.starts_with(&format!("{BASE}/")) && !address.contains(['\\', '\r', '\n']);
    address.filter(is_inside).unwrap_or_else(|| format!("{BASE}/"))
}

fn go(to: &str) -> Response {
    let to = if to.is_ascii() { to } else { BASE };
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// The page with the one field.
pub(super) async fn ask(headers: HeaderMap, Query(onward): Query<Onward>) -> Response {
    page(language_of(&headers), &inside(onward.next), None)
}

fn page(language: Language, next: &str, error: Option<Phrase>) -> Response {
    let status = if error.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let body = html! {
        p { (language.say(Phrase::SignInWhy)) }
        form.card method="post" action={ (BASE) "/sign-in" } {
            (hidden("next", next))
            div.field.wrong[error.is_some()] {
                label for="token" { (language.say(Phrase::ControlToken)) }
                @if let Some(error) = error { p.error #token-error role="alert" { (language.say(error)) } }
                input #token type="password" name="token" autocomplete="current-password" required autofocus
                    aria-invalid=[error.map(|_| "true")]
                    aria-describedby=(if error.is_some() { "token-error token-help" } else { "token-help" });
                p.help #token-help { (language.say(Phrase::TokenHelp)) }
            }
            button.primary type="submit" { (language.say(Phrase::SignIn)) }
        }
    };
    frame::alone(language, status, language.say(Phrase::SignInTitle), &body)
}

/// Signs in by a token.
pub(super) async fn sign_in(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (headers, peer) = (request.headers().clone(), request.extensions().get::<Peer>().copied());
    let language = language_of(&headers);
    let form = match PostedForm::read(&console, request).await {
        Ok(form) => form,
        Err(problem) => return frame::bare(language, problem.status(), Phrase::CannotBeShown, problem.message()),
    };
    let (next, token) = (inside(form.text("next").map(str::to_owned)), form.text("token").unwrap_or("").trim());
    let token = ControlTokenHash::of(token);
    let tokens = console.control.tokens();
    let Some(holder) = tokens.holder_of(&token) else {
        if console.control.may_record_refusal(FailureKey::Tokens(peer)) {
            let entry = AuditEntry { peer, status: Some(401), ..AuditEntry::new(AuditEvent::Control) };
            console.control.audit().record(&signed_in(entry).refused("unauthorized"));
        }
        return page(language, &next, Some(Phrase::WrongToken));
    };
    let entry = AuditEntry {
        peer,
        operator: Some(holder.name.clone()),
        role: Some(holder.role.name()),
        status: Some(303),
        ..AuditEntry::new(AuditEvent::Control)
    };
    console.control.audit().record(&AuditEntry { outcome: AuditOutcome::Done, ..signed_in(entry) });
    with_session(&console, &headers, token, &next)
}

/// Signs in by a link that was printed.
pub(super) async fn enter(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Response {
    match console.sessions.take_link(&link) {
        Some(token) => with_session(&console, &headers, token, &format!("{BASE}/")),
        None => page(language_of(&headers), &format!("{BASE}/"), Some(Phrase::LinkUsed)),
    }
}

fn signed_in(mut entry: AuditEntry) -> AuditEntry {
    entry.set_path(&format!("{BASE}/sign-in"));
    entry
}

fn with_session(console: &Console, headers: &HeaderMap, token: ControlTokenHash, next: &str) -> Response {
    let secret = console.sessions.begin(token);
    let set = set_session(headers, Some(&secret), console.scheme == Scheme::Https);
    let mut response = go(next);
    response.headers_mut().insert(SET_COOKIE, set.parse().expect("it is visible ASCII"));
    response
}

/// Signs out.
pub(super) async fn sign_out(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    console.sessions.end(&headers);
    let mut response = go(&format!("{BASE}/sign-in"));
    let set = set_session(&headers, None, console.scheme == Scheme::Https);
    response.headers_mut().insert(SET_COOKIE, set.parse().expect("it is visible ASCII"));
    response
}

/// Chooses a language.
pub(super) async fn language(Path(code): Path<String>, Query(onward): Query<Onward>) -> Response {
    let mut response = go(&inside(onward.back));
    if let Ok(language) = code.parse::<Language>() {
        let set = format!(
            "{LANGUAGE_COOKIE}={}; Path={BASE}; SameSite=Strict; HttpOnly; Max-Age={LANGUAGE_SECONDS}",
            language.code()
        );
        response.headers_mut().insert(SET_COOKIE, set.parse().expect("it is visible ASCII"));
    }
    response
}

/// Where the console begins: the only tenant, or the list of them.
pub(super) async fn home(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let tenants: Vec<_> = console.control.handles().collect();
    if let [only] = tenants.as_slice() {
        return go(&format!("{BASE}/{}/", only.graph_ids.tenant()));
    }
    let language = language_of(&headers);
    let body = html! {
        ul.cards { @for tenant in tenants {
            li { a href={ (BASE) "/" (tenant.graph_ids.tenant()) "/" } { (name(&tenant.host.world().name, 80)) } }
        } }
    };
    frame::alone(language, StatusCode::OK, language.say(Phrase::Tenants), &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_site_is_not_followed() {
        let base = format!("{BASE}/");
        for outside in
            ["https://evil.test/", "//evil.test/", "/\\evil.test", "/_reveille/live", "/_reveille/consoles/", ""]
        {
            assert_eq!(inside(Some(outside.to_owned())), base, "{outside}");
        }
        let page = format!("{BASE}/x/devices?q=a");
        assert_eq!(inside(Some(page.clone())), page);
    }
}
