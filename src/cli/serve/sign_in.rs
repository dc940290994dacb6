//! How people sign in at a server, from the command line: domains of tenants, and the account that signs in without a
//! person. Checks names against the tenants. Must not answer requests.

use std::sync::Arc;

use anyhow::bail;

use crate::cli::args::serve_args::ServeArgs;
use crate::rules::model::world::World;
use crate::rules::service::access::DOMAIN;
use crate::server::graph::SignIn;
use crate::server::identity::find_account;

/// The authority's state.
///
/// # Errors
/// For an unknown tenant or account, or a domain of two tenants.
pub(crate) fn sign_in(args: &ServeArgs, worlds: &[Arc<World>]) -> anyhow::Result<SignIn> {
    let domains = domains(args, worlds)?;
    let auto_consent = args.auto_consent.clone().filter(|account| !account.is_empty());
    for world in worlds {
        let accounts = || world.accounts.iter().map(|account| account.name.as_str());
        let known = || accounts().collect::<Vec<_>>().join(", ");
        let own = domains.iter().filter(|(tenant, _)| *tenant == world.name).map(|(_, domain)| domain.clone());
        let own: Vec<String> = own.collect();
        if let Some(account) = &auto_consent
            && find_account(&accounts(), &own, account).is_none()
        {
            bail!("--auto-consent: `{}` has no account `{account}`; there are {}", world.name, known());
        }
    }
    Ok(SignIn::new(domains, auto_consent))
}

/// Domains with the names of their tenants.
fn domains(args: &ServeArgs, worlds: &[Arc<World>]) -> anyhow::Result<Vec<(String, String)>> {
    let own = worlds.iter().filter(|world| world.domain != DOMAIN);
    let mut found: Vec<(String, String)> = own.map(|world| (world.name.clone(), world.domain.clone())).collect();
    for (at, (tenant, domain)) in found.iter().enumerate() {
        if let Some((other, _)) = found[..at].iter().find(|(_, known)| known == domain) {
            bail!(
                "{domain} is the domain of both `{other}` and `{tenant}`: give one of the scenarios another `domain`"
            );
        }
    }
    for (tenant, domain) in &args.tenant_domains {
        let tenant = match (tenant, worlds) {
            (Some(name), worlds) if worlds.iter().any(|world| world.name == *name) => name,
            (Some(name), _) => bail!("--tenant-domain: no tenant is called `{name}` here"),
            (None, [only]) => &only.name,
            (None, _) => bail!("--tenant-domain {domain}: say whose it is, NAME={domain}: there are several tenants"),
        };
        if found.iter().any(|(_, known)| known == domain) {
            bail!("--tenant-domain: {domain} is given twice");
        }
        found.push((tenant.clone(), domain.clone()));
    }
    Ok(found)
}
