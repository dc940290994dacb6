//! Starts the control API of a server and its console: their token, their listener, and the lines about them. Must only wire.

use std::sync::Arc;

use uuid::Uuid;

use crate::host::HostedTenant;
use crate::server::audit::AuditLog;
use crate::server::console::{self, Console};
use crate::server::control::{self, Control, ReloadRequests};
use crate::server::graph::GraphIds;
use crate::server::http::{Budgets, HostNames, ListenerOptions, ListenerUse, Server};

use super::access::AccessFiles;
use super::web_files::WebFiles;
use crate::cli::args::serve_args::ServeArgs;

/// A running control API.
pub(super) struct Controlled {
    control: Arc<Control>,
    console: Arc<Console>,
    server: Server,
    /// Where its token is stored, for people.
    token: String,
    reloads: Option<ReloadRequests>,
}

impl Controlled {
    /// Starts the control API of these tenants, inside a runtime.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub(crate) fn start(
        args: &ServeArgs,
        (access, web): (&AccessFiles, &WebFiles),
        audit: &AuditLog,
        (tenants, scenarios): (impl IntoIterator<Item = (HostedTenant, Arc<GraphIds>)>, Vec<(Uuid, String)>),
        (hosts, budgets): (HostNames, Arc<Budgets>),
    ) -> anyhow::Result<Self> {
        let (control, reloads) = Control::new(tenants, access.control.clone()).reloading();
        let control = Arc::new(control.recorded_in(audit.clone()).within(Arc::clone(&budgets)));
        let tls = web.control.tls().cloned();
        let options = ListenerOptions { used_for: ListenerUse::Control, tls, hosts, budgets };
        let console = Arc::new(Console::new(Arc::clone(&control), web.control.scheme(), scenarios));
        let service = control::service(Arc::clone(&control)).merge(console::service(Arc::clone(&console)));
        let server = Server::start(service, args.control_listen.address, &options)?;
        Ok(Self { control, console, server, token: access.control_place(), reloads: Some(reloads) })
    }

    /// The API itself.
    pub(super) fn control(&self) -> Arc<Control> {
        Arc::clone(&self.control)
    }

    /// Its requests to reload; they are taken once.
    pub(super) fn take_reloads(&mut self) -> ReloadRequests {
        self.reloads.take().expect("they are taken once")
    }

    /// The line that says where it listens.
    pub(crate) fn line(&self) -> String {
        format!("control at {}/ · {}", self.base(), self.token)
    }

    /// The line that says where the console is.
    pub(super) fn console_line(&self) -> String {
        format!("console at {}/console/", self.base())
    }

    /// The line with a link that signs in once, for the person at the terminal; `None` if no token permits everything.
    pub(super) fn sign_in_line(&self) -> Option<String> {
        let path = self.console.sign_in_path()?;
        Some(format!("sign in once, within 15 minutes: {}{path}", self.server.origin()))
    }

    /// Its address up to `/_reveille`.
    pub(super) fn base(&self) -> String {
        format!("{}/_reveille", self.server.origin())
    }

    /// Ends event streams, and waits for answers under way.
    pub(crate) async fn stop(self) {
        self.control.close();
        self.server.stop().await;
    }
}
