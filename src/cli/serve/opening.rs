//! What `serve` opens: each tenant's engine and Graph API, from its world and from the files of `access`. Must not answer
//! requests.

use std::sync::Arc;

use anyhow::Context as _;

use crate::clock::Clock;
use crate::host::{HostOptions, HostedTenant, KeptTenant};
use crate::metrics::{Board, Meters};
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::server::audit::AuditLog;
use crate::server::graph::{GraphIds, GraphTenant, GraphTenantOptions, SignIn, Tenants, Throttling};
use crate::server::identity::{Clients, Grants, Issuer, KeyRing};
use crate::server::odata::Strictness;

use super::access::{AccessFiles, BuiltInClient};
use super::greeting;
use super::sign_in::sign_in;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::terminal::writer::Terminal;

/// Everything that is known before a tenant starts.
pub(super) struct Opening<'a> {
    args: &'a ServeArgs,
    keys: KeyRing,
    access: &'a AccessFiles,
    sign_in: SignIn,
    tenants: Vec<(Arc<World>, Arc<Meters>)>,
}

impl<'a> Opening<'a> {
    /// Checks what the command line says of people who sign in.
    ///
    /// # Errors
    /// The first name that does not exist.
    pub(crate) fn new(args: &'a ServeArgs, worlds: &[Arc<World>], access: &'a AccessFiles) -> anyhow::Result<Self> {
        let meters_of = if worlds.len() == 1 { Meters::new } else { Meters::of_tenant };
        let tenants = worlds
            .iter()
            .map(|world| (Arc::clone(world), Arc::new(meters_of(world, args.resident_actors_max))))
            .collect();
        Ok(Self { args, keys: access.key.clone().into(), access, sign_in: sign_in(args, worlds)?, tenants })
    }

    /// The keys of all tenants.
    pub(crate) fn keys(&self) -> KeyRing {
        self.keys.clone()
    }

    /// The meters of all tenants.
    pub(crate) fn meters(&self) -> Vec<Arc<Meters>> {
        self.tenants.iter().map(|(_, meters)| Arc::clone(meters)).collect()
    }

    /// Opens every tenant, and prints its first lines.
    ///
    /// # Errors
    /// If an engine cannot start.
    pub(crate) async fn open(
        self,
        board: Arc<Board>,
        audit: &AuditLog,
        kept: Vec<KeptTenant>,
        terminal: Terminal,
    ) -> anyhow::Result<Tenants> {
        let mut graph_tenants = Vec::with_capacity(self.tenants.len());
        let mut kept = kept.into_iter();
        for (at, (world, meters)) in self.tenants.iter().enumerate() {
            let graph_tenant =
                self.graph_tenant((world, meters), self.access.built_in.get(at), kept.next(), terminal).await?;
            graph_tenants.push(Arc::new(graph_tenant.recorded_in(audit.clone())));
        }
        let tenants = Tenants::new(graph_tenants, self.access.trusts.clone(), Some(board))?;
        Ok(tenants.signing_in(self.sign_in).recorded_in(audit.clone()))
    }

    async fn graph_tenant(
        &self,
        (world, meters): (&Arc<World>, &Arc<Meters>),
        built_in: Option<&BuiltInClient>,
        kept: Option<KeptTenant>,
        terminal: Terminal,
    ) -> anyhow::Result<GraphTenant> {
        let args = self.args;
        let options = HostOptions {
            shards: args.shards,
            resident_actors_max: args.resident_actors_max,
            keep_fates: false,
            meters: Some(Arc::clone(meters)),
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        // On a worker thread of the runtime, so that a signal is seen meanwhile.
        let (world_of_host, clock) = (Arc::clone(world), Clock::start(args.start_speed()));
        let host = tokio::spawn(async move {
            match kept {
                Some(kept) => HostedTenant::start_stored(world_of_host, clock, options, kept).await,
                None => HostedTenant::start(world_of_host, clock, options).await,
            }
        });
        let host = host.await.context("opening a tenant panicked")??;
        let graph_ids = Arc::new(GraphIds::new(world));
        let issuer = Issuer::new(self.keys.clone(), graph_ids.tenant()).of_domain(&world.domain);
        let of_list = || self.access.clients.as_ref().map(|list| list.of_tenant(&world.name)).unwrap_or_default();
        let clients = built_in.map_or_else(of_list, |client| Clients::built_in(&client.id, &client.secret));
        let grants = match args.send_permissions.as_slice() {
            [] => Grants::default(),
            given => Grants::sending_by(given.to_vec()),
        };
        let throttling = if args.request_limits { Throttling::On } else { Throttling::Off };
        let strictness = if args.lenient_queries { Strictness::Lenient } else { Strictness::AsGraph };
        let graph_tenant =
            GraphTenant::new(GraphTenantOptions { host, graph_ids, issuer, clients, grants, throttling, strictness });
        terminal.notes(&greeting::who(&graph_tenant, &speed(args.start_speed())));
        if let Some(BuiltInClient { id, secret_file, .. }) = built_in {
            terminal.note(&format!("client {id} · secret in {} (--clients for your own)", secret_file.display()));
        }
        Ok(graph_tenant)
    }
}

fn speed(speed: ModelSpeed) -> String {
    match speed {
        ModelSpeed::Max => "max".to_owned(),
        ModelSpeed::Times(thousandths) if thousandths % 1_000 == 0 => (thousandths / 1_000).to_string(),
        ModelSpeed::Times(thousandths) => format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000),
    }
}
