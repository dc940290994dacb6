//! The authority's state for all tenants of a server: their domains, the account that signs in without asking, and
//! pending codes. Must not answer requests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::slow_checks::SlowChecks;
use crate::clock::Stopwatch;
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::{
    Challenge, Denial, FailureKey, FailureLimits, Pending, Presented, Scopes, SignedIn, find_account,
};

/// How long a code is valid, in seconds; the same as Microsoft's.
const CODE_SECONDS: u64 = 600;
/// How long a device code is valid, in seconds; the same as Microsoft's.
pub(super) const DEVICE_SECONDS: u64 = 900;
/// Pending codes of each kind, at most. Each takes a few KB; at the limit the oldest is dropped.
const CODES_MAX: usize = 4_096;

/// How people sign in at a server.
#[derive(Debug)]
pub struct SignIn {
    /// Names of tenants, each with a domain.
    domains: Vec<(String, String)>,
    /// The account that signs in without a person.
    auto_consent: Option<String>,
    codes: Mutex<Pending<AuthorizationCode>>,
    devices: Mutex<Pending<DeviceSignIn>>,
    presented: Mutex<Presented>,
    slow_checks: SlowChecks,
    /// Failed sign-ins by second since the start.
    failures: Mutex<FailureLimits>,
    watch: Stopwatch,
}

/// An issued code.
#[derive(Debug)]
pub(super) struct AuthorizationCode {
    pub(super) tenant: Uuid,
    pub(super) signed_in: SignedIn,
    pub(super) redirect_uri: String,
    pub(super) challenge: Option<Challenge>,
    pub(super) nonce: Option<String>,
    pub(super) is_redeemed: bool,
}

/// A device that waits for its user to confirm.
#[derive(Debug)]
pub(super) struct DeviceSignIn {
    pub(super) tenant: Uuid,
    pub(super) client: String,
    pub(super) scopes: Scopes,
    pub(super) user_code: String,
    pub(super) state: DeviceSignInState,
}

/// The progress of a device's sign-in.
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
    /// From the domains of tenants, by name, and the account that signs in without a person.
    pub fn new(domains: Vec<(String, String)>, auto_consent: Option<String>) -> Self {
        Self {
            domains,
            auto_consent,
            codes: Mutex::new(Pending::new(CODE_SECONDS, CODES_MAX)),
            devices: Mutex::new(Pending::new(DEVICE_SECONDS, CODES_MAX)),
            presented: Mutex::default(),
            slow_checks: SlowChecks::default(),
            failures: Mutex::default(),
            watch: Stopwatch::start(),
        }
    }

    pub(super) fn codes(&self) -> MutexGuard<'_, Pending<AuthorizationCode>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn devices(&self) -> MutexGuard<'_, Pending<DeviceSignIn>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn presented(&self) -> MutexGuard<'_, Presented> {
        self.presented.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) const fn slow_checks(&self) -> &SlowChecks {
        &self.slow_checks
    }

    /// May this one try to sign in now?
    ///
    /// # Errors
    /// [`Denial::TooManyFailures`].
    pub(crate) fn may_try(&self, key: &FailureKey) -> Result<(), Denial> {
        let wait = self.failures().wait(key, self.second());
        wait.map_or(Ok(()), |seconds| Err(Denial::TooManyFailures(seconds)))
    }

    /// Records a failure.
    pub(crate) fn failed(&self, key: FailureKey) {
        self.failures().failed(key, self.second());
    }

    fn failures(&self) -> MutexGuard<'_, FailureLimits> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn second(&self) -> u64 {
        self.watch.us() / 1_000_000
    }

    /// The domains of a tenant.
    fn domains_of(&self, graph_tenant: &GraphTenant) -> Vec<String> {
        let own = self.domains.iter().filter(|(tenant, _)| tenant == graph_tenant.name());
        own.map(|(_, domain)| domain.clone()).collect()
    }

    /// The account of a tenant that a given name means.
    pub(super) fn account<'f>(&self, graph_tenant: &'f GraphTenant, given: &str) -> Option<&'f str> {
        find_account(&accounts(graph_tenant), &self.domains_of(graph_tenant), given)
    }

    /// The account that signs in without a person.
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
