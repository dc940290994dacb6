//! Everything that says who may do what at a server, read from the files that the command line names: the signing key,
//! clients and passwords, trusted issuers, tokens of the control API. Read at the start and again at a reload. Must not
//! answer requests.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::private_file::{self, FileContent};
use super::state::StateDir;
use crate::cli::args::serve_args::ServeArgs;
use crate::rules::model::world::World;
use crate::server::identity::{Clients, ControlTokens, SigningKey, Trust, TrustPlan};

/// Who may do what.
pub(super) struct AccessFiles {
    /// The key that signs tokens.
    pub(super) key: SigningKey,
    /// The list of clients, if the command line names one.
    pub(super) clients: Option<Clients>,
    pub(super) trusts: Vec<Trust>,
    pub(super) control: ControlTokens,
    /// Where the tokens of the control API come from, for people.
    pub(super) control_from: String,
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
        let (control, control_from) = control(args, state)?;
        Ok(Self { key: state.signing_key()?, clients, trusts, control, control_from })
    }
}

/// The tokens of the control API, and where they come from.
fn control(args: &ServeArgs, state: &StateDir) -> anyhow::Result<(ControlTokens, String)> {
    let parse = |text: &str, path: &Path| {
        let tokens = ControlTokens::from_text(text).with_context(|| path.display().to_string())?;
        Ok::<_, anyhow::Error>((tokens, format!("token in {}", path.display())))
    };
    match (&args.control_token, &args.control_token_file) {
        (Some(token), _) => Ok((ControlTokens::one(token)?, "the token that was given".to_owned())),
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
