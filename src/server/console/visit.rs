//! A request of a page: whose, in which language, of which tenant; and its answer, as a page or as a stream of what changes on
//! it. Must not know what a page shows.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::Markup;
use uuid::Uuid;

use super::frame;
use super::language::Language;
use super::live;
use super::phrase::{CountedThing, Phrase};
use super::router::BASE;
use super::session::cookie;
use super::state::Console;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::server::control::{Problem, TenantHandle};
use crate::server::identity::{ControlHolder, ControlRole};

/// The cookie of the language.
pub(super) const LANGUAGE_COOKIE: &str = "reveille-language";

/// A request of a page of one tenant.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) console: Arc<Console>,
    pub(super) handle: TenantHandle,
    pub(super) language: Language,
    pub(super) holder: ControlHolder,
    /// The page with its query.
    pub(super) address: String,
    /// Only what changes by itself is wanted: the rest of the page stays as it is.
    pub(super) is_live: bool,
}

/// A part of the console, as the navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub(super) enum ConsoleSection {
    Overview,
    Send,
    Messages,
    Devices,
    Faults,
    Scenario,
}

/// What a page shows.
#[derive(Debug)]
pub(super) struct PageContent {
    pub(super) section: ConsoleSection,
    pub(super) title: String,
    /// The pages that it is below; nothing for a page of the navigation.
    pub(super) crumbs: Option<Markup>,
    pub(super) body: Markup,
    pub(super) status: StatusCode,
    /// What a screen reader is told when it is different from before; nothing on pages that do not change by themselves.
    pub(super) news: Option<String>,
}

/// A page, or why it cannot be shown.
pub(super) type Page = Result<PageContent, Problem>;

impl PageContent {
    pub(super) fn new(section: ConsoleSection, title: impl Into<String>, body: Markup) -> Self {
        Self { section, title: title.into(), crumbs: None, body, status: StatusCode::OK, news: None }
    }

    /// The same below these pages.
    pub(super) fn below(self, crumbs: Markup) -> Self {
        Self { crumbs: Some(crumbs), ..self }
    }

    /// The same as a page that follows what happens.
    pub(super) fn live(self, news: String) -> Self {
        Self { news: Some(news), ..self }
    }

    /// The same for a form that has to be corrected.
    pub(super) fn invalid(self) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, ..self }
    }
}

impl Visit {
    pub(super) const fn say(&self, phrase: Phrase) -> &'static str {
        self.language.say(phrase)
    }

    /// So many things, in words.
    pub(super) fn counted(&self, things: CountedThing, number: u64) -> String {
        self.language.counted(things, number)
    }

    pub(super) fn world(&self) -> &World {
        self.handle.host.world()
    }

    /// A moment in the scenario's local time.
    pub(super) fn moment(&self, at_ms: u64) -> String {
        self.language.moment(self.world(), SimTime(at_ms))
    }

    /// The address of a page of this tenant.
    pub(super) fn to(&self, page: &str) -> String {
        format!("{BASE}/{}{page}", self.handle.graph_ids.tenant())
    }

    pub(super) fn to_device(&self, device: DeviceIx, page: &str) -> String {
        self.to(&format!("/devices/{}{page}", self.handle.graph_ids.device(device)))
    }

    /// May its holder change something?
    pub(super) fn may_operate(&self) -> bool {
        self.holder.role.permits(ControlRole::Operate)
    }

    /// The answer with this page.
    pub(super) fn answer(&self, page: Page) -> Response {
        match page {
            Ok(content) => frame::page(self, &content),
            Err(problem) => frame::problem(self, &problem),
        }
    }

    /// The answer with this page, or what changes on it as long as the browser listens.
    pub(super) async fn follow<Made: Future<Output = Page> + Send + 'static>(
        self,
        make: impl Fn(Arc<Self>) -> Made + Send + 'static,
    ) -> Response {
        if self.is_live {
            return live::stream(self, make);
        }
        let visit = Arc::new(self);
        let page = make(Arc::clone(&visit)).await;
        visit.answer(page)
    }
}

/// The language of a request: the one that was chosen, or the one that the browser wants.
pub(super) fn language_of(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(|code| code.parse().ok());
    chosen.unwrap_or_else(|| Language::wanted(headers))
}

impl FromRequestParts<Arc<Console>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Response> {
        let language = language_of(&parts.headers);
        let refuse = |status: StatusCode, why: &str| frame::bare(language, status, Phrase::CannotBeShown, why);
        let Some(holder) = parts.extensions.get::<ControlHolder>().cloned() else {
            return Err(StatusCode::UNAUTHORIZED.into_response());
        };
        let path = RawPathParams::from_request_parts(parts, console).await;
        let path = path.map_err(|wrong| refuse(StatusCode::BAD_REQUEST, &wrong.to_string()))?;
        let tenant = path.iter().find(|(name, _)| *name == "tenant").and_then(|(_, id)| Uuid::try_parse(id).ok());
        let Some(tenant) = tenant else {
            return Err(refuse(StatusCode::NOT_FOUND, language.say(Phrase::NoSuchPage)));
        };
        let handle = console.control.ready(Some(&tenant.to_string())).map_err(|problem| {
            let why = if problem.status() == StatusCode::NOT_FOUND {
                language.say(Phrase::NoSuchTenant)
            } else {
                problem.message()
            };
            refuse(problem.status(), why)
        })?;
        let address = parts.uri.path_and_query().map_or(BASE, |address| address.as_str()).to_owned();
        let is_live = parts.headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
        Ok(Self { console: Arc::clone(console), handle, language, holder, address, is_live })
    }
}
