//! The store of a server: opened before its tenants, closed after them. Must not know what is stored.

use std::sync::Arc;

use crate::host::KeptTenant;
use crate::metrics::Board;
use crate::outcome::MODEL_VERSION;
use crate::rules::base::visible;
use crate::rules::model::world::World;
use crate::rules::timeline::restart_clock::RestartClock;
use crate::server::graph::Tenants;
use crate::server::identity::Issuer;
use crate::store::{Store, StoreError, TenantIdentity, TenantStore};

use super::tenant::ServedWorld;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, caution};

/// The store, and what of it each tenant has.
#[derive(Debug)]
pub(super) struct Storing {
    store: Store,
    tenants: Vec<TenantStore>,
    clock: RestartClock,
}

impl Storing {
    /// Opens the store, if one is wanted.
    ///
    /// # Errors
    /// Why it cannot be used; nothing on disk has changed.
    pub(super) fn open(
        args: &ServeArgs,
        worlds: &[ServedWorld],
        board: &mut Board,
    ) -> Result<Option<Self>, StoreError> {
        let Some(folder) = &args.store else { return Ok(None) };
        let identities: Vec<TenantIdentity> = worlds.iter().map(identity).collect();
        let (store, tenants) = Store::open(folder, &identities, Some(board.store()))?;
        Ok(Some(Self { store, tenants, clock: args.clock_on_restart.into() }))
    }

    /// What is stored of each tenant, in order. Tells which texts are gone.
    ///
    /// # Errors
    /// What is damaged.
    pub(super) fn read<'w>(
        &self,
        worlds: impl IntoIterator<Item = &'w Arc<World>>,
    ) -> Result<Vec<KeptTenant>, StoreError> {
        let read = |(store, world): (&TenantStore, &'w Arc<World>)| {
            let kept = KeptTenant::read(store.clone(), world, self.clock)?;
            let losses = kept.text_losses();
            if losses.total() > 0 {
                caution(&format!("--store: `{}`: {losses}; all else is there", visible::one_line(&world.name)));
            }
            Ok(kept)
        };
        self.tenants.iter().zip(worlds).map(read).collect()
    }

    /// Waits until the store has failed.
    pub(super) async fn failed(&self) -> StoreError {
        let mut failures = self.store.failures();
        // The store has the sender.
        let _ = failures.wait_for(|failed| *failed).await;
        self.store.failure().unwrap_or(StoreError::Closed)
    }

    /// Has every tenant's clock stored, and closes the store.
    ///
    /// # Errors
    /// The exit of a server whose store has failed, which is printed.
    pub(super) async fn close(self, tenants: &Tenants, terminal: Terminal) -> Result<(), Exit> {
        for graph_tenant in tenants.all() {
            // A tenant whose engine has failed gives no answer; what was answered is stored.
            let _ = graph_tenant.host().store_clock().await;
        }
        let closed = tokio::task::spawn_blocking(|| self.store.close()).await;
        closed.unwrap_or(Err(StoreError::Closed)).map_err(|error| {
            terminal.error(&format!("--store: {error}"));
            Exit::Fault
        })
    }
}

/// The identity of a tenant's inputs.
fn identity(ServedWorld { world, scenario }: &ServedWorld) -> TenantIdentity {
    TenantIdentity {
        id: Issuer::tenant_id(&world.name),
        name: world.name.clone(),
        scenario_hash: world.scenario_hash.clone(),
        scenario: scenario.clone(),
        seed: world.chance.seed(),
        model_version: MODEL_VERSION,
    }
}
