//! The tenants of a server, and which of them a token opens. A token must not reveal anything about other tenants.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use dashmap::DashMap;
use uuid::Uuid;

use super::answer::Ids;
use super::authority::SignIn;
use super::tenant::GraphTenant;
use crate::metrics::{Board, RouteLabel as HttpRoute, SignInOutcome, Status};
use crate::server::audit::{AuditEntry, AuditEvent, AuditLog};
use crate::server::http::Budgets;
use crate::server::identity::{Bearer, Checked, Claimed, Clients, Denial, Distrust, FailureKey, Trust};

/// Checked tokens that are cached, at most, so that a frequent one is not checked again; above the limit, all are
/// checked anew.
const TOKENS_KEPT_MAX: usize = 10_000;

/// Why these tenants cannot be served together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantsError {
    /// There are none.
    #[error("a server has at least one tenant")]
    None,
    /// Two have the same id.
    #[error("two of them are the tenant `{name}`")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// The tenants of a server and the foreign issuers that they trust.
#[derive(Debug)]
pub struct Tenants {
    /// In the given order.
    all: Vec<Arc<GraphTenant>>,
    places: HashMap<Uuid, usize>,
    trusts: RwLock<Arc<Vec<Trust>>>,
    board: Option<Arc<Board>>,
    sign_in: SignIn,
    trusted: DashMap<String, Admitted>,
    /// How often clients, keys and issuers were read anew: a token that was checked before is checked again.
    epoch: AtomicU64,
    audit: AuditLog,
    budgets: Arc<Budgets>,
}

/// A request's tenant and bearer, from a trusted token.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// The tenant that the token opens.
    pub(crate) graph_tenant: Arc<GraphTenant>,
    /// The bearer of the token.
    pub(crate) bearer: Arc<Bearer>,
    /// When the token expires, in Unix seconds.
    expires: u64,
    /// The epoch in which it was checked.
    epoch: u64,
}

impl Admitted {
    fn new(graph_tenant: &Arc<GraphTenant>, checked: Checked, epoch: u64) -> Self {
        let (graph_tenant, bearer) = (Arc::clone(graph_tenant), Arc::new(checked.bearer));
        Self { graph_tenant, bearer, expires: checked.expires, epoch }
    }
}

impl Tenants {
    /// The tenants of a server and the foreign issuers whose tokens open them; requests are counted on the board, if
    /// there is one.
    ///
    /// # Errors
    /// See [`TenantsError`].
    pub fn new(
        all: Vec<Arc<GraphTenant>>,
        trusts: Vec<Trust>,
        board: Option<Arc<Board>>,
    ) -> Result<Self, TenantsError> {
        if all.is_empty() {
            return Err(TenantsError::None);
        }
        let mut places = HashMap::new();
        for (at, graph_tenant) in all.iter().enumerate() {
            if places.insert(graph_tenant.id(), at).is_some() {
                return Err(TenantsError::Twice { name: graph_tenant.name().to_owned() });
            }
        }
        let (trusts, sign_in) = (RwLock::new(Arc::new(trusts)), SignIn::default());
        let (trusted, epoch, audit) = (DashMap::new(), AtomicU64::new(0), AuditLog::off());
        Ok(Self { all, places, trusts, board, sign_in, trusted, epoch, audit, budgets: Arc::default() })
    }

    /// Records sign-ins in this log.
    #[must_use]
    pub fn recorded_in(self, audit: AuditLog) -> Self {
        Self { audit, ..self }
    }

    /// The record of sign-ins.
    pub(crate) const fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// Replaces the clients of every tenant and the trusted issuers, after the keys. Every token is checked anew, so that
    /// those of removed clients, issuers and keys end.
    pub fn replace(&self, clients: Option<&Clients>, trusts: Vec<Trust>) {
        for graph_tenant in &self.all {
            if let Some(clients) = clients {
                graph_tenant.replace_clients(clients.of_tenant(graph_tenant.name()));
            }
        }
        *self.trusts.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trusts);
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.trusted.clear();
    }

    /// Adds the authority's state: domains, and accounts that sign in without a person.
    #[must_use]
    pub fn signing_in(self, sign_in: SignIn) -> Self {
        Self { sign_in, ..self }
    }

    /// Uses these budgets instead of some of its own.
    #[must_use]
    pub fn within(self, budgets: Arc<Budgets>) -> Self {
        Self { budgets, ..self }
    }

    /// The budgets of its requests.
    pub(crate) const fn budgets(&self) -> &Arc<Budgets> {
        &self.budgets
    }

    /// The tenant of this id, name or domain; `common` and `organizations` mean the only tenant, if there is just one.
    ///
    /// # Errors
    /// [`Denial::NoTenant`], [`Denial::WhichTenant`] or [`Denial::Consumers`].
    pub(crate) fn find_named(&self, key: &str) -> Result<&Arc<GraphTenant>, Denial> {
        match key.to_ascii_lowercase().as_str() {
            "common" | "organizations" => match self.all() {
                [only] => Ok(only),
                several => Err(Denial::WhichTenant(several.len())),
            },
            "consumers" => Err(Denial::Consumers),
            domain => {
                let by_domain = || self.called(self.sign_in.tenant_of_domain(domain)?);
                self.called(key).or_else(by_domain).ok_or_else(|| Denial::NoTenant(Denial::shown(key)))
            }
        }
    }

    pub(crate) const fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// Every tenant, in the given order.
    pub fn all(&self) -> &[Arc<GraphTenant>] {
        &self.all
    }

    /// The tenant with this id.
    pub fn find(&self, id: Uuid) -> Option<&Arc<GraphTenant>> {
        self.places.get(&id).map(|at| &self.all[*at])
    }

    /// The tenant with this id or name, as it is written in the address of a token endpoint.
    pub fn called(&self, key: &str) -> Option<&Arc<GraphTenant>> {
        let by_id = Uuid::try_parse(key).ok().and_then(|id| self.find(id));
        by_id.or_else(|| self.all.iter().find(|graph_tenant| graph_tenant.name() == key))
    }

    /// Checks a token and finds its tenant, at `now` in Unix seconds.
    pub(crate) fn admit(&self, token: &str, now: u64) -> Result<Admitted, Distrust> {
        if let Some(known) = self.trusted.get(token)
            && known.expires > now
            && known.epoch == self.epoch.load(Ordering::Acquire)
        {
            return Ok(known.clone());
        }
        let admitted = self.check(token)?;
        if self.trusted.len() >= TOKENS_KEPT_MAX {
            self.trusted.clear();
        }
        self.trusted.insert(token.to_owned(), admitted.clone());
        Ok(admitted)
    }

    fn check(&self, token: &str) -> Result<Admitted, Distrust> {
        // Read first: what is replaced meanwhile makes this check outdated.
        let epoch = self.epoch.load(Ordering::Acquire);
        let trusts = Arc::clone(&self.trusts.read().unwrap_or_else(PoisonError::into_inner));
        let claimed = Claimed::by(token);
        let foreign = trusts.iter().find(|trust| claimed.issuer.as_deref() == Some(trust.issuer()));
        if let Some(trust) = foreign {
            let (tenant, checked) = trust.check(token)?;
            let graph_tenant =
                self.all.iter().find(|graph_tenant| graph_tenant.name() == tenant).ok_or(Distrust::Issuer)?;
            return Ok(Admitted::new(graph_tenant, checked, epoch));
        }
        // A token of an unknown tenant is checked like any other, so that a forged one does not reveal which tenants
        // exist.
        let graph_tenant = claimed.tenant.and_then(|id| self.find(id)).unwrap_or(&self.all[0]);
        let checked = graph_tenant.issuer.check(token)?;
        if checked.client.as_deref().is_some_and(|client| graph_tenant.clients().find(client).is_none()) {
            return Err(Distrust::Client);
        }
        Ok(Admitted::new(graph_tenant, checked, epoch))
    }

    /// Records that a token was not trusted. A request without one is no attempt, and a flood must not push the record out
    /// of its files.
    pub(crate) fn token_refused(&self, ids: &Ids, distrust: Distrust) {
        let key = FailureKey::Tokens(ids.peer);
        if !self.audit.is_on() || distrust == Distrust::Missing || self.sign_in.may_try(&key).is_err() {
            return;
        }
        self.sign_in.failed(key);
        let entry = AuditEntry {
            request_id: Some(ids.request),
            client_request_id: ids.own(),
            peer: ids.peer,
            ..AuditEntry::new(AuditEvent::TokenRefused)
        };
        self.audit.record(&entry.refused(distrust.name()));
    }

    /// Counts a judged sign-in.
    pub(crate) fn signed_in(&self, outcome: SignInOutcome) {
        if let Some(board) = &self.board {
            board.signed_in(outcome);
        }
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, route: HttpRoute, status: u16, took_us: u64) {
        if let Some(board) = &self.board {
            board.answered(route, Status::of(status), took_us);
        }
    }
}
