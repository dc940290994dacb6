//! Everything that says who may do what at a server, read from the files that the command line names: the signing key,
//! clients and passwords, trusted issuers, tokens of the control API. Read at the start and again at a reload. Must not
//! answer requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::private_file::{self, FileContent};
use super::state::StateDir;
use crate::cli::args::serve_args::ServeArgs;
use crate::rules::model::world::World;
use crate::server::identity::{Clients, ControlTokens, Issuer, SigningKey, Trust, TrustPlan};

/// Who may do what.
pub(super) struct AccessFiles {
    /// The key that signs tokens.
    pub(super) key: SigningKey,
    /// The list of clients, if the command line names one.
    pub(super) clients: Option<Clients>,
    pub(super) trusts: Vec<Trust>,
    /// The built-in client of each tenant, in the order of the tenants; none if the command line names a list.
    pub(super) built_in: Vec<BuiltInClient>,
    pub(super) control: ControlTokens,
    /// The file of the tokens of the control API; `None` if the command line gives one.
    pub(super) control_file: Option<PathBuf>,
}

/// The application of a tenant for which no list of clients is given.
pub(super) struct BuiltInClient {
    /// Its id.
    pub(super) id: String,
    pub(super) secret: String,
    /// Where its secret is kept. This may be told, the secret must not.
    pub(super) secret_file: PathBuf,
}

impl AccessFiles {
    /// Reads all files.
    ///
    /// # Errors
    /// The first that is invalid, with its name.
    pub(super) fn read(args: &ServeArgs, worlds: &[Arc<World>], state: &StateDir) -> anyhow::Result<Self> {
        let clients = args.clients.as_deref().map(|path| clients(path, worlds)).transpose()?;
        let trusts = args.trust_issuers.iter().map(|path| trust(path, worlds)).collect::<Result<Vec<_>, _>>()?;
        let twin = |at: usize| trusts[..at].iter().any(|known: &Trust| known.issuer() == trusts[at].issuer());
        if let Some(at) = (0..trusts.len()).find(|at| twin(*at)) {
            bail!("{}: the issuer `{}` is given twice", args.trust_issuers[at].display(), trusts[at].issuer());
        }
        let built_in = |world: &Arc<World>| built_in(world, state);
        let own_worlds = if clients.is_some() { &[] } else { worlds };
        let built_in = own_worlds.iter().map(built_in).collect::<Result<_, _>>()?;
        let (control, control_file) = control(args, state)?;
        Ok(Self { key: state.signing_key()?, clients, trusts, built_in, control, control_file })
    }

    /// Where the tokens of the control API are, for people.
    pub(super) fn control_place(&self) -> String {
        let given = || "the token that was given".to_owned();
        self.control_file.as_ref().map_or_else(given, |path| format!("token in {}", path.display()))
    }
}

/// The built-in client of a tenant.
fn built_in(world: &World, state: &StateDir) -> anyhow::Result<BuiltInClient> {
    let tenant = Issuer::tenant_id(&world.name);
    let (secret, secret_file) = state.client_secret(tenant)?;
    Ok(BuiltInClient { id: Clients::built_in_id(tenant).to_string(), secret, secret_file })
}

/// The tokens of the control API, and their file.
fn control(args: &ServeArgs, state: &StateDir) -> anyhow::Result<(ControlTokens, Option<PathBuf>)> {
    let parse = |text: &str, path: &Path| {
        let tokens = ControlTokens::from_text(text).with_context(|| path.display().to_string())?;
        Ok::<_, anyhow::Error>((tokens, Some(path.to_owned())))
    };
    match (&args.control_token, &args.control_token_file) {
        (Some(token), _) => Ok((ControlTokens::one(token)?, None)),
        (None, Some(path)) => parse(&private_file::read(path, FileContent::Secret)?, path),
        (None, None) => {
            let (text, path) = state.control_token()?;
            parse(&text, &path).context("remove it to have a new one made")
        }
    }
}

/// A list of clients; the tenants and the accounts that it names must exist.
fn clients(path: &Path, worlds: &[Arc<World>]) -> anyhow::Result<Clients> {
    let text = private_file::read(path, FileContent::Configuration)?;
    let beside = |name: &str| {
        let path = path.parent().unwrap_or(Path::new("")).join(name);
        private_file::read(&path, FileContent::Configuration).map_err(|error| format!("{error:#}"))
    };
    let clients = Clients::from_json(&text, &beside).with_context(|| path.display().to_string())?;
    all_here(path, clients.tenants(), worlds)?;
    for world in worlds {
        let own = clients.of_tenant(&world.name);
        if let Some(unknown) = own.accounts().find(|name| !has_account(world, name)) {
            bail!(
                "--clients: `{}` has no account `{unknown}` to have a password; there are {}",
                world.name,
                accounts(world)
            );
        }
    }
    Ok(clients)
}

/// A foreign issuer with its keys, whose file is relative to the issuer's.
fn trust(path: &Path, worlds: &[Arc<World>]) -> anyhow::Result<Trust> {
    let read = |path: &Path| private_file::read(path, FileContent::Configuration);
    let plan = TrustPlan::from_json(&read(path)?).with_context(|| path.display().to_string())?;
    all_here(path, plan.tenants(), worlds)?;
    for world in worlds.iter().filter(|world| plan.tenants().any(|name| name == world.name)) {
        if let Some(unknown) = plan.accounts().find(|name| !has_account(world, name)) {
            bail!("{}: `{}` has no account `{unknown}`; there are {}", path.display(), world.name, accounts(world));
        }
    }
    let keys = path.parent().unwrap_or(Path::new("")).join(&plan.jwks_file);
    plan.with_keys(&read(&keys)?).with_context(|| keys.display().to_string())
}

/// Checks that every tenant that a file names is served.
fn all_here<'n>(path: &Path, mut named: impl Iterator<Item = &'n str>, worlds: &[Arc<World>]) -> anyhow::Result<()> {
    let Some(unknown) = named.find(|name| worlds.iter().all(|world| world.name != *name)) else { return Ok(()) };
    let known: Vec<&str> = worlds.iter().map(|world| world.name.as_str()).collect();
    bail!("{}: no tenant is called `{unknown}` here; there are {}", path.display(), known.join(", "))
}

fn has_account(world: &World, name: &str) -> bool {
    world.accounts.iter().any(|account| account.name == name)
}

/// The accounts of a tenant, for people.
fn accounts(world: &World) -> String {
    world.accounts.iter().map(|account| account.name.as_str()).collect::<Vec<_>>().join(", ")
}
