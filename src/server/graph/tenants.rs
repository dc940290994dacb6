//! The tenants of a server, and which of them a token opens. A token must not reveal anything about other tenants.

use std::collections::HashMap;
use std::sync::Arc;

use dashmap::DashMap;
use uuid::Uuid;

use super::authority::SignIn;
use super::tenant::GraphTenant;
use crate::metrics::{Board, RouteLabel as HttpRoute, Status};
use crate::server::http::Budgets;
use crate::server::identity::{Bearer, Checked, Claimed, Denial, Distrust, Trust};

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
    trusts: Vec<Trust>,
    board: Option<Arc<Board>>,
    sign_in: SignIn,
    trusted: DashMap<String, Admitted>,
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
}

impl Admitted {
    fn new(graph_tenant: &Arc<GraphTenant>, checked: Checked) -> Self {
        Self { graph_tenant: Arc::clone(graph_tenant), bearer: Arc::new(checked.bearer), expires: checked.expires }
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
        Ok(Self {
            all,
            places,
            trusts,
            board,
            sign_in: SignIn::default(),
            trusted: DashMap::new(),
            budgets: Arc::default(),
        })
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
        let claimed = Claimed::by(token);
        let foreign = self.trusts.iter().find(|trust| claimed.issuer.as_deref() == Some(trust.issuer()));
        if let Some(trust) = foreign {
            let (tenant, checked) = trust.check(token)?;
            let graph_tenant =
                self.all.iter().find(|graph_tenant| graph_tenant.name() == tenant).ok_or(Distrust::Issuer)?;
            return Ok(Admitted::new(graph_tenant, checked));
        }
        // A token of an unknown tenant is checked like any other, so that a forged one does not reveal which tenants
        // exist.
        let graph_tenant = claimed.tenant.and_then(|id| self.find(id)).unwrap_or(&self.all[0]);
        Ok(Admitted::new(graph_tenant, graph_tenant.issuer.check(token)?))
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, route: HttpRoute, status: u16, took_us: u64) {
        if let Some(board) = &self.board {
            board.answered(route, Status::of(status), took_us);
        }
    }
}
