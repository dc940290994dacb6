//! The tenants of the control API, and which of them a request means. Also the page size of lists.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::problem::Problem;
use super::reload::{ReloadRequest, ReloadRequests};
use crate::clock::Stopwatch;
use crate::host::{HostError, HostedTenant, Past, Posted, Recall};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::server::audit::AuditLog;
use crate::server::graph::GraphIds;
use crate::server::http::Budgets;
use crate::server::identity::{ControlTokens, FailureKey, FailureLimits};

/// The query option that names a tenant.
pub(crate) const TENANT: &str = "tenant";
/// Entries of a page, by default and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1_000;

/// The control API of one or several tenants.
#[derive(Debug)]
pub struct Control {
    handles: BTreeMap<Uuid, TenantHandle>,
    tokens: RwLock<Arc<ControlTokens>>,
    audit: AuditLog,
    /// Refused requests by second since the start, of which the first are recorded.
    refusals: Mutex<FailureLimits>,
    watch: Stopwatch,
    /// Where requests to reload go, if files are read anew.
    reloads: Option<mpsc::Sender<ReloadRequest>>,
    /// Becomes true when the API closes, which ends event streams.
    closing: CancellationToken,
    budgets: Arc<Budgets>,
}

/// A tenant that can be controlled.
#[derive(Clone, Debug)]
pub(crate) struct TenantHandle {
    pub(crate) host: HostedTenant,
    pub(crate) graph_ids: Arc<GraphIds>,
    pub(crate) closing: CancellationToken,
    pub(crate) budgets: Arc<Budgets>,
}

impl Control {
    /// The control API of these tenants, for clients that have one of the tokens.
    pub fn new(tenants: impl IntoIterator<Item = (HostedTenant, Arc<GraphIds>)>, tokens: ControlTokens) -> Self {
        let (closing, budgets) = (CancellationToken::new(), Arc::<Budgets>::default());
        let handles = tenants.into_iter().map(|(host, graph_ids)| {
            let tenant = graph_ids.tenant();
            (tenant, TenantHandle { host, graph_ids, closing: closing.clone(), budgets: Arc::clone(&budgets) })
        });
        Self {
            handles: handles.collect(),
            tokens: RwLock::new(Arc::new(tokens)),
            audit: AuditLog::off(),
            refusals: Mutex::default(),
            watch: Stopwatch::start(),
            reloads: None,
            closing,
            budgets,
        }
    }

    /// Uses these budgets instead of some of its own.
    #[must_use]
    pub fn within(mut self, budgets: Arc<Budgets>) -> Self {
        for handle in self.handles.values_mut() {
            handle.budgets = Arc::clone(&budgets);
        }
        Self { budgets, ..self }
    }

    /// The budgets of its requests.
    pub(crate) const fn budgets(&self) -> &Arc<Budgets> {
        &self.budgets
    }

    /// Records actions in this log.
    #[must_use]
    pub fn recorded_in(self, audit: AuditLog) -> Self {
        Self { audit, ..self }
    }

    /// Passes requests to reload on.
    #[must_use]
    pub fn reloading(self) -> (Self, ReloadRequests) {
        let (sender, requests) = ReloadRequests::new();
        (Self { reloads: Some(sender), ..self }, requests)
    }

    /// Where requests to reload go.
    pub(crate) const fn reloads(&self) -> Option<&mpsc::Sender<ReloadRequest>> {
        self.reloads.as_ref()
    }

    /// Takes other tokens from now on.
    pub fn replace_tokens(&self, tokens: ControlTokens) {
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tokens);
    }

    /// Ends all event streams.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// The tokens that it takes now.
    pub(crate) fn tokens(&self) -> Arc<ControlTokens> {
        Arc::clone(&self.tokens.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The record of actions.
    pub(crate) const fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// May a refusal of this peer be recorded? Not many in a short time.
    pub(crate) fn may_record_refusal(&self, peer: FailureKey) -> bool {
        let second = self.watch.us() / 1_000_000;
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let is_few = refusals.wait(&peer, second).is_none();
        if is_few {
            refusals.failed(peer, second);
        }
        is_few
    }

    /// Every tenant.
    pub(crate) fn handles(&self) -> impl Iterator<Item = &TenantHandle> {
        self.handles.values()
    }

    /// The tenant with this id or name, or the only one, if it takes requests.
    pub(crate) fn ready(&self, tenant: Option<&str>) -> Result<TenantHandle, Problem> {
        let handle = self.handle(tenant)?;
        match handle.host.recovering() {
            Some((done, all)) => Err(HostError::Recovering { done, all }.into()),
            None => Ok(handle),
        }
    }

    fn handle(&self, tenant: Option<&str>) -> Result<TenantHandle, Problem> {
        let mut handles = self.handles.values();
        match (tenant, handles.next(), handles.next()) {
            (None, Some(only), None) => Ok(only.clone()),
            (None, ..) => Err(Problem::bad(
                "there are several tenants: say which with `?tenant=` and its id or name; /_reveille/tenants lists them",
            )),
            (Some(tenant), ..) => {
                let by_id = Uuid::try_parse(tenant).ok().and_then(|tenant| self.handles.get(&tenant));
                let by_name = || self.handles.values().find(|handle| handle.host.world().name == tenant);
                let found = by_id.or_else(by_name);
                found
                    .cloned()
                    .ok_or_else(|| Problem::not_found("there is no such tenant: /_reveille/tenants lists them"))
            }
        }
    }
}

impl FromRequestParts<Arc<Control>> for TenantHandle {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, control: &Arc<Control>) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or("");
        let tenant = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == TENANT);
        control.ready(tenant.as_ref().map(|(_, tenant)| tenant.as_ref()))
    }
}

impl TenantHandle {
    /// The device with this Graph id, or this name in the scenario.
    pub(crate) fn device(&self, key: &str) -> Result<DeviceIx, Problem> {
        let by_id = Uuid::try_parse(key).ok().and_then(|id| self.graph_ids.find_device(id));
        by_id
            .or_else(|| self.host.world().fleet.find_device(key))
            .ok_or_else(|| Problem::not_found("there is no such device: /_reveille/devices lists them"))
    }

    /// An accepted message that can still be found.
    pub(crate) async fn posted(&self, message: u32) -> Result<Posted, Problem> {
        let found = self.posted_from(MessageIx(message), 1).await?;
        found.into_iter().find(|posted| posted.message.0 == message).ok_or_else(no_message)
    }

    /// Accepted messages from this one on, at most `max`: those that memory has dropped are read from the store, if there is one.
    pub(crate) async fn posted_from(&self, from: MessageIx, max: usize) -> Result<Vec<Posted>, Problem> {
        if self.host.has_in_memory(from) {
            return Ok(self.host.log(|log| log.from(from).take(max).collect()));
        }
        let mut past = self.host.past().await;
        Ok(self.budgets.work.run(move |_| past.messages(from, max)).await??)
    }

    /// Recomputes the journeys of these devices on a thread for such work, and runs a query on them.
    pub(crate) async fn recall_devices<T: Send + 'static>(
        &self,
        devices: Vec<DeviceIx>,
        ask: impl FnOnce(Recall) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.recall(move |past, stop| Recall::of_devices(past, devices, stop), ask).await
    }

    /// The same for the journeys of a message, on its devices from this one on, at most `max`.
    pub(crate) async fn recall_message<T: Send + 'static>(
        &self,
        posted: Posted,
        (from, max): (DeviceIx, usize),
        ask: impl FnOnce(Recall) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.recall(move |past, stop| Recall::of_message(past, &posted, from, max, stop), ask).await
    }

    async fn recall<T: Send + 'static>(
        &self,
        recall: impl FnOnce(&mut Past, &CancellationToken) -> Result<Option<Recall>, HostError> + Send + 'static,
        ask: impl FnOnce(Recall) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let mut past = self.host.past().await;
        let recalled = self.budgets.work.run(move |cancelled| Ok(recall(&mut past, cancelled.token())?.map(ask)));
        let recalled: Result<Option<T>, HostError> = recalled.await?;
        recalled?.ok_or_else(Problem::client_gone)
    }
}

/// The answer to a request for a message that is not stored.
pub(crate) fn no_message() -> Problem {
    Problem::not_found("there is no such message, or it is forgotten: /_reveille/messages lists them")
}

/// A page of at most `limit` entries, from `limit + 1` that were looked up; and the last one's key, unless it ends the
/// list.
pub(crate) fn page<Entry, Key>(
    mut entries: Vec<Entry>,
    limit: usize,
    key: impl Fn(&Entry) -> Key,
) -> (Vec<Entry>, Option<Key>) {
    let goes_on = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| goes_on).map(key);
    (entries, next)
}

/// The number of entries on a page.
pub(crate) fn page_size(limit: Option<usize>) -> Result<usize, Problem> {
    match limit.unwrap_or(PAGE) {
        limit @ 1..=PAGE_MAX => Ok(limit),
        _ => Err(Problem::bad(format!("`limit` is from 1 to {PAGE_MAX}"))),
    }
}
