//! What changes on a page, as server-sent events: the parts of the page that follow what happens, at most once a second, and
//! only if they are different. Must not make a page: it asks for it again.

use std::collections::hash_map::DefaultHasher;
use std::convert::Infallible;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::frame;
use super::visit::{Page, Visit};
use crate::clock::{Stopwatch, after, within};
use crate::server::http::BudgetShare;

/// Wall time between two looks, at least.
const PERIOD: Duration = Duration::from_secs(1);
/// Wall time without a change after which a comment shows that the connection is alive.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// Wall time after which a stream ends; the browser asks again, and must still be signed in.
const STREAM_MAX: Duration = Duration::from_mins(10);
/// Wall time after which a browser asks again, in ms.
const RETRY: Duration = Duration::from_secs(3);

struct Follower<Make> {
    visit: Arc<Visit>,
    make: Make,
    watch: Stopwatch,
    told_ms: u64,
    /// What the page depends on, as it was at the last look.
    state: Option<[u64; 3]>,
    /// The hash of what was told last.
    told: Option<u64>,
    _share: BudgetShare,
}

/// The stream of a page.
pub(super) fn stream<Made: Future<Output = Page> + Send + 'static>(
    visit: Visit,
    make: impl Fn(Arc<Visit>) -> Made + Send + 'static,
) -> Response {
    let Ok(share) = visit.handle.budgets.event_streams.take(1) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let visit = Arc::new(visit);
    let watch = Stopwatch::start();
    let follower = Follower { visit, make, watch, told_ms: 0, state: None, told: None, _share: share };
    let events = futures_util::stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    Sse::new(events).into_response()
}

impl<Made: Future<Output = Page>, Make: Fn(Arc<Visit>) -> Made> Follower<Make> {
    /// The next event; `None` when the stream ends.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if self.visit.handle.closing.is_cancelled() || self.watch.ms() >= STREAM_MAX.as_millis() as u64 {
                return None;
            }
            // The first look is at once; its page may differ from the one that the browser has.
            if self.told.is_some() {
                let closing = self.visit.handle.closing.clone();
                within(PERIOD, closing.cancelled()).await;
            }
            if let Some(event) = self.look().await {
                self.told_ms = self.watch.ms();
                return Some(event);
            }
            if self.watch.ms() - self.told_ms >= SILENCE_MAX.as_millis() as u64 {
                self.told_ms = self.watch.ms();
                return Some(sse::Event::default().comment(""));
            }
        }
    }

    /// The page, if it is different from what was told last.
    async fn look(&mut self) -> Option<sse::Event> {
        let host = &self.visit.handle.host;
        // While the clock stands still and nothing is noted, nothing is different.
        let state = [host.events().last(), host.now().ms(), host.clock().times()];
        if self.state == Some(state) && self.told.is_some() {
            return None;
        }
        let page = (self.make)(Arc::clone(&self.visit)).await;
        self.state = Some(state);
        let (html, news) = match &page {
            Ok(content) => (frame::live(&self.visit, content).into_string(), content.news.clone().unwrap_or_default()),
            // A page that is gone, such as after a reset: the browser loads it again and says so.
            Err(_) => {
                after(PERIOD).await;
                return Some(sse::Event::default().event("gone").data("gone"));
            }
        };
        let mut hasher = DefaultHasher::new();
        html.hash(&mut hasher);
        let told = Some(hasher.finish());
        if self.told == told {
            return None;
        }
        self.told = told;
        let data = json!({ "html": html, "news": news }).to_string();
        Some(sse::Event::default().retry(RETRY).event("page").data(data))
    }
}
