//! What the authority of a server knows besides its tenants: their domains, who signs in without being asked, and the codes that
//! wait. Answers nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::{Challenge, Pending, Presented, Scopes, SignedIn, find_account};

/// How long a code holds, in seconds; Microsoft's holds as long.
const CODE_SECONDS: u64 = 600;
/// How long a device code holds, in seconds; Microsoft's holds as long.
pub(super) const DEVICE_SECONDS: u64 = 900;
/// Codes of each kind that wait at once. Each takes a few KB at most; the oldest makes room.
const CODES_MAX: usize = 4_096;

/// How people sign in at a server.
#[derive(Debug)]
pub struct SignIn {
    /// Names of tenants with their domains.
    domains: Vec<(String, String)>,
    /// The account that signs in wherever a person would be asked.
    auto_consent: Option<String>,
    codes: Mutex<Pending<Code>>,
    devices: Mutex<Pending<DeviceSignIn>>,
    presented: Mutex<Presented>,
}

/// A code that waits to be redeemed.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) tenant: Uuid,
    pub(super) signed_in: SignedIn,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) nonce: Option<String>,
    pub(super) is_redeemed: bool,
}

/// A device that waits for its user.
#[derive(Debug)]
pub(super) struct DeviceSignIn {
    pub(super) tenant: Uuid,
    pub(super) client: String,
    pub(super) scopes: Scopes,
    pub(super) user_code: String,
    pub(super) state: DeviceSignInState,
}

/// How far a device has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DeviceSignInState {
    Waiting,
    Declined,
    Confirmed { account: String },
    Redeemed,
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new(Vec::new(), None)
    }
}

impl SignIn {
    /// With the domains of tenants, by their names, and the account that signs in without being asked.
    pub fn new(domains: Vec<(String, String)>, auto_consent: Option<String>) -> Self {
        Self {
            domains,
            auto_consent,
            codes: Mutex::new(Pending::new(CODE_SECONDS, CODES_MAX)),
            devices: Mutex::new(Pending::new(DEVICE_SECONDS, CODES_MAX)),
            presented: Mutex::default(),
        }
    }

    pub(super) fn codes(&self) -> MutexGuard<'_, Pending<Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn devices(&self) -> MutexGuard<'_, Pending<DeviceSignIn>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn presented(&self) -> MutexGuard<'_, Presented> {
        self.presented.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The domains of a tenant.
    fn domains_of(&self, graph_tenant: &GraphTenant) -> Vec<String> {
        let own = self.domains.iter().filter(|(tenant, _)| tenant == graph_tenant.name());
        own.map(|(_, domain)| domain.clone()).collect()
    }

    /// The account of a tenant that is meant.
    pub(super) fn account<'f>(&self, graph_tenant: &'f GraphTenant, given: &str) -> Option<&'f str> {
        find_account(&accounts(graph_tenant), &self.domains_of(graph_tenant), given)
    }

    /// The account that signs in without being asked.
    pub(super) fn auto_consent<'f>(&self, graph_tenant: &'f GraphTenant) -> Option<&'f str> {
        self.account(graph_tenant, self.auto_consent.as_deref()?)
    }

    /// The name of the tenant that a domain belongs to, by the command line.
    pub(crate) fn tenant_of_domain(&self, domain: &str) -> Option<&str> {
        let (tenant, _) = self.domains.iter().find(|(_, known)| known.eq_ignore_ascii_case(domain))?;
        Some(tenant)
    }
}

/// The accounts of a tenant, the administrator first.
pub(super) fn accounts(graph_tenant: &GraphTenant) -> impl Iterator<Item = &str> + Clone {
    graph_tenant.world().accounts.iter().map(|account| account.name.as_str())
}
