//! The Graph API of one tenant: its state. Must not know sockets.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use uuid::Uuid;

use super::call::Call;
use super::error::GraphError;
use super::ids::GraphIds;
use super::record;
use super::route::{Method, Who};
use super::scene::{Scene, Synced};
use crate::clock::Stopwatch;
use crate::host::{HostedTenant, PostingVerdict};
use crate::rules::base::ids::{DeviceIx, UserIx};
use crate::rules::model::world::World;
use crate::rules::service::request_limit::{RequestEffect, RequestLimits};
use crate::rules::timeline::posting::Posting;
use crate::server::audit::AuditLog;
use crate::server::identity::{Bearer, Clients, Grants, Issuer};
use crate::server::odata::Strictness;

/// What the Graph API of a tenant is made from.
#[derive(Debug)]
pub struct GraphTenantOptions {
    /// The hosted tenant.
    pub host: HostedTenant,
    /// The ids of its objects.
    pub graph_ids: Arc<GraphIds>,
    /// The issuer of its tokens.
    pub issuer: Issuer,
    /// Applications that may request tokens.
    pub clients: Clients,
    /// Which permissions are enough for which operation.
    pub grants: Grants,
    /// Whether the documented request limits apply.
    pub throttling: Throttling,
    /// Whether the directory refuses the queries that Graph refuses.
    pub strictness: Strictness,
}

/// Whether requests are limited as Graph documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttling {
    /// They are limited.
    On,
    /// They are not limited.
    Off,
}

/// The Graph API of one tenant.
#[derive(Debug)]
pub struct GraphTenant {
    pub(crate) host: HostedTenant,
    pub(crate) graph_ids: Arc<GraphIds>,
    pub(crate) issuer: Issuer,
    clients: RwLock<Arc<Clients>>,
    pub(crate) grants: Grants,
    /// Requests by second since the start, if they are limited.
    limits: Option<(Stopwatch, Mutex<RequestLimits>)>,
    pub(crate) strictness: Strictness,
    synced: Synced,
    audit: AuditLog,
}

impl GraphTenant {
    /// The Graph API of a hosted tenant.
    pub fn new(options: GraphTenantOptions) -> Self {
        let GraphTenantOptions { host, graph_ids, issuer, clients, grants, throttling, strictness } = options;
        let limits = (throttling == Throttling::On).then(|| (Stopwatch::start(), Mutex::default()));
        let clients = RwLock::new(Arc::new(clients));
        Self {
            host,
            graph_ids,
            issuer,
            clients,
            grants,
            limits,
            strictness,
            synced: Arc::default(),
            audit: AuditLog::off(),
        }
    }

    /// Records what is done in this log.
    #[must_use]
    pub fn recorded_in(self, audit: AuditLog) -> Self {
        Self { audit, ..self }
    }

    /// The record of what is done.
    pub(crate) const fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// The tenant's id.
    pub fn id(&self) -> Uuid {
        self.graph_ids.tenant()
    }

    /// The tenant's name, which is its scenario's name.
    pub fn name(&self) -> &str {
        &self.host.world().name
    }

    /// Applications that may request tokens, and passwords of accounts.
    pub(crate) fn clients(&self) -> Arc<Clients> {
        Arc::clone(&self.clients.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces them.
    pub(crate) fn replace_clients(&self, clients: Clients) {
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(clients);
    }

    /// Its world.
    pub fn world(&self) -> &Arc<World> {
        self.host.world()
    }

    /// The hosted tenant.
    pub fn host(&self) -> &HostedTenant {
        &self.host
    }

    /// The ids of its objects.
    pub fn graph_ids(&self) -> &Arc<GraphIds> {
        &self.graph_ids
    }

    /// The world at the present model time.
    pub(crate) fn scene(&self) -> Scene {
        Scene {
            world: self.host.world().clone(),
            graph_ids: self.graph_ids.clone(),
            now: self.host.clock().now(),
            era: self.host.era(),
            synced: self.synced.clone(),
            snapshot: None,
        }
    }

    /// Checks the request limits.
    pub(crate) fn admit(&self, call: &Call) -> Result<(), GraphError> {
        let Some((watch, limits)) = self.limits.as_ref().filter(|_| call.route.is_of_intune()) else { return Ok(()) };
        let effect = match call.route.method() {
            Method::Get => RequestEffect::Read,
            Method::Post => RequestEffect::Write,
        };
        let second = watch.us() / 1_000_000;
        let mut limits = limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.take(call.bearer.app(), effect, second).map_err(|retry_after| GraphError::Throttled { retry_after })
    }

    /// Posts messages to the tenant on behalf of a request.
    pub(crate) async fn post(&self, call: &Call, postings: Vec<Posting>) -> Result<Vec<PostingVerdict>, GraphError> {
        record::targets(self, call, &postings);
        let verdicts = self.host.post(postings, call.ids.client_request()).await?;
        record::verdicts(call, &verdicts);
        Ok(verdicts)
    }

    /// The user that is meant; `None` for a signed-in account that is not a user of the fleet.
    pub(crate) fn user(&self, bearer: &Bearer, who: &Who) -> Result<Option<UserIx>, GraphError> {
        match (who, bearer) {
            (Who::Named(key), _) => {
                let found = self.graph_ids.find_user(key);
                found.map(Some).ok_or_else(|| GraphError::NotFound { what: key.clone() })
            }
            (Who::Me, Bearer::Account { name, .. }) => {
                Ok(self.graph_ids.find_user(name).or_else(|| self.host.world().fleet.find_user(name)))
            }
            (Who::Me, Bearer::App { .. }) => {
                Err(GraphError::bad("/me request is only valid with delegated authentication flow."))
            }
        }
    }

    /// The device with this id, if it belongs to the given user.
    pub(crate) fn device(&self, bearer: &Bearer, who: Option<&Who>, id: Uuid) -> Result<DeviceIx, GraphError> {
        let missing = || GraphError::NotFound { what: id.to_string() };
        let found = self.graph_ids.find_device(id);
        let Some(who) = who else { return found.ok_or_else(missing) };
        let user = self.user(bearer, who)?.ok_or_else(missing)?;
        found.filter(|device| self.host.world().fleet.user_of(*device) == Some(user)).ok_or_else(missing)
    }

    /// Records that the device was asked to check in.
    pub(crate) fn told_to_sync(&self, device: DeviceIx) {
        self.synced.insert(device, (self.host.era(), self.host.clock().now()));
    }
}
