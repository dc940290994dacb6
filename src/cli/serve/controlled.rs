//! Starts the control API of a server: its token, its listener, and the lines about them. Must only wire.

use std::sync::Arc;

use crate::host::HostedTenant;
use crate::server::control::{self, Control};
use crate::server::graph::GraphIds;
use crate::server::http::{Budgets, HostNames, ListenerOptions, ListenerUse, Server};

use super::state::StateDir;
use crate::cli::args::serve_args::ServeArgs;

/// A running control API.
pub(super) struct Controlled {
    control: Arc<Control>,
    server: Server,
    /// Where its token is stored.
    token: String,
}

impl Controlled {
    /// Starts the control API of these tenants, inside a runtime.
    ///
    /// # Errors
    /// If there is no token, or the address cannot be listened on.
    pub(crate) fn start(
        args: &ServeArgs,
        state: &StateDir,
        tenants: impl IntoIterator<Item = (HostedTenant, Arc<GraphIds>)>,
        (hosts, budgets): (HostNames, Arc<Budgets>),
    ) -> anyhow::Result<Self> {
        let (token, source) = match &args.control_token {
            Some(token) => (token.clone(), "the token that was given".to_owned()),
            None => {
                let (token, path) = state.control_token()?;
                (token, format!("token in {}", path.display()))
            }
        };
        let control = Arc::new(Control::new(tenants, token).within(Arc::clone(&budgets)));
        let options = ListenerOptions { used_for: ListenerUse::Control, tls: None, hosts, budgets };
        let server = Server::start(control::service(Arc::clone(&control)), args.control_listen.address, &options)?;
        Ok(Self { control, server, token: source })
    }

    /// The line that says where it listens.
    pub(crate) fn line(&self) -> String {
        format!("control at http://{}/_reveille/ · {}", self.server.address(), self.token)
    }

    /// Ends event streams, and waits for answers under way.
    pub(crate) async fn stop(self) {
        self.control.close();
        self.server.stop().await;
    }
}
