//! What `serve` opens: each tenant's engine and Graph API, from its world and from the files that the command line
//! names. Must not answer requests.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use uuid::Uuid;

use crate::clock::Clock;
use crate::host::{HostOptions, HostedTenant};
use crate::metrics::{Board, Meters};
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::server::graph::{GraphIds, GraphTenant, GraphTenantOptions, SignIn, Tenants, Throttling};
use crate::server::identity::{Clients, Grants, Issuer, SigningKey, Trust, TrustPlan};
use crate::server::odata::Strictness;

use super::greeting;
use super::sign_in::sign_in;
use super::state::StateDir;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::terminal::writer::Terminal;

/// The application that may request tokens when no list of clients is given.
const BUILT_IN_CLIENT: &str = "00000000-0000-4000-8000-000000000001";

/// Everything that is read before a tenant starts.
pub(super) struct Opening<'a> {
    args: &'a ServeArgs,
    key: SigningKey,
    clients: Option<Clients>,
    trusts: Vec<Trust>,
    sign_in: SignIn,
    tenants: Vec<(Arc<World>, Arc<Meters>)>,
}

impl<'a> Opening<'a> {
    /// Reads the files that the command line names.
    ///
    /// # Errors
    /// The first invalid file, with its name.
    pub(crate) fn read(args: &'a ServeArgs, worlds: Vec<World>, state: &StateDir) -> anyhow::Result<Self> {
        let meters_of = if worlds.len() == 1 { Meters::new } else { Meters::of_tenant };
        let tenants: Vec<_> = worlds
            .into_iter()
            .map(|world| {
                let meters = Arc::new(meters_of(&world, args.resident_actors_max));
                (Arc::new(world), meters)
            })
            .collect();
        let names: Vec<&str> = tenants.iter().map(|(world, _)| world.name.as_str()).collect();
        let clients = args.clients.as_deref().map(|path| clients(path, &names)).transpose()?;
        let trusts = args.trust_issuers.iter().map(|path| trust(path, &names)).collect::<Result<Vec<_>, _>>()?;
        let twin = |at: usize| trusts[..at].iter().any(|known: &Trust| known.issuer() == trusts[at].issuer());
        if let Some(at) = (0..trusts.len()).find(|at| twin(*at)) {
            bail!("{}: the issuer `{}` is given twice", args.trust_issuers[at].display(), trusts[at].issuer());
        }
        let worlds: Vec<_> = tenants.iter().map(|(world, _)| Arc::clone(world)).collect();
        let sign_in = sign_in(args, &worlds, clients.as_ref())?;
        Ok(Self { args, key: state.signing_key()?, clients, trusts, sign_in, tenants })
    }

    /// The meters of all tenants.
    pub(crate) fn meters(&self) -> Vec<Arc<Meters>> {
        self.tenants.iter().map(|(_, meters)| Arc::clone(meters)).collect()
    }

    /// Opens every tenant, and prints its first lines.
    ///
    /// # Errors
    /// If an engine cannot start.
    pub(crate) async fn open(self, board: Arc<Board>, terminal: Terminal) -> anyhow::Result<Tenants> {
        let mut graph_tenants = Vec::with_capacity(self.tenants.len());
        for (world, meters) in &self.tenants {
            graph_tenants.push(Arc::new(self.graph_tenant(world, meters, terminal).await?));
        }
        Ok(Tenants::new(graph_tenants, self.trusts, Some(board))?.signing_in(self.sign_in))
    }

    async fn graph_tenant(
        &self,
        world: &Arc<World>,
        meters: &Arc<Meters>,
        terminal: Terminal,
    ) -> anyhow::Result<GraphTenant> {
        let args = self.args;
        let options = HostOptions {
            shards: args.shards,
            resident_actors_max: args.resident_actors_max,
            keep_fates: false,
            meters: Some(Arc::clone(meters)),
        };
        // On a worker thread of the runtime, so that a signal is seen meanwhile.
        let host = tokio::spawn(HostedTenant::start(Arc::clone(world), Clock::start(args.speed), options));
        let host = host.await.context("opening a tenant panicked")??;
        let graph_ids = Arc::new(GraphIds::new(world));
        let issuer = Issuer::new(self.key.clone(), graph_ids.tenant()).of_domain(&world.domain);
        let (clients, secret) = match &self.clients {
            Some(clients) => (clients.of_tenant(&world.name), None),
            None => {
                let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                (Clients::built_in(BUILT_IN_CLIENT, &secret), Some(secret))
            }
        };
        let grants = match args.send_permissions.as_slice() {
            [] => Grants::default(),
            given => Grants::sending_by(given.to_vec()),
        };
        let throttling = if args.request_limits { Throttling::On } else { Throttling::Off };
        let strictness = if args.lenient_queries { Strictness::Lenient } else { Strictness::AsGraph };
        let graph_tenant =
            GraphTenant::new(GraphTenantOptions { host, graph_ids, issuer, clients, grants, throttling, strictness });
        terminal.notes(&greeting::who(&graph_tenant, &speed(args.speed)));
        if let Some(secret) = secret {
            // The secret is printed once and stored nowhere.
            terminal.note(&format!(
                "client {BUILT_IN_CLIENT} · secret {secret} (new at every start; --clients for your own)"
            ));
        }
        Ok(graph_tenant)
    }
}

/// A list of clients; the tenants that it names must exist.
fn clients(path: &Path, names: &[&str]) -> anyhow::Result<Clients> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let beside = |name: &str| {
        let path = path.parent().unwrap_or(Path::new("")).join(name);
        fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let clients = Clients::from_json(&text, &beside).with_context(|| path.display().to_string())?;
    all_here(path, clients.tenants(), names)?;
    Ok(clients)
}

/// A foreign issuer with its keys, whose file is relative to the issuer's.
fn trust(path: &Path, names: &[&str]) -> anyhow::Result<Trust> {
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let plan = TrustPlan::from_json(&read(path)?).with_context(|| path.display().to_string())?;
    all_here(path, plan.tenants(), names)?;
    let keys = path.parent().unwrap_or(Path::new("")).join(&plan.jwks_file);
    plan.with_keys(&read(&keys)?).with_context(|| keys.display().to_string())
}

/// Checks that every tenant that a file names is served.
fn all_here<'n>(path: &Path, mut named: impl Iterator<Item = &'n str>, names: &[&str]) -> anyhow::Result<()> {
    match named.find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => bail!("{}: no tenant is called `{name}` here; there are {}", path.display(), names.join(", ")),
    }
}

fn speed(speed: ModelSpeed) -> String {
    match speed {
        ModelSpeed::Max => "max".to_owned(),
        ModelSpeed::Times(thousandths) if thousandths % 1_000 == 0 => (thousandths / 1_000).to_string(),
        ModelSpeed::Times(thousandths) => format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000),
    }
}
