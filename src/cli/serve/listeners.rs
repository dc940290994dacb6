//! The listeners of the Graph API: without TLS, with TLS, and as a proxy for Microsoft's host names; their certificate,
//! and the lines about them. Must only wire.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::clock::{after, unix_ms};
use crate::server::graph::{self, MICROSOFT_HOSTS, Tenants};
use crate::server::http::{
    Budgets, Forwarded, HostNames, LinkOrigins, ListenerOptions, ListenerUse, Proxy, PublicUrl, Scheme, Server, Tls,
};

use super::certificates::Certificates;
use super::state::StateDir;
use super::trust;
use super::web_files::WebFiles;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::terminal::writer::Terminal;

/// How often a server checks whether its certificate is still valid.
const RENEWAL_PERIOD: Duration = Duration::from_hours(1);
/// Names and addresses by which every machine reaches itself.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Running listeners.
pub(super) struct Listeners {
    plain: Server,
    secure: Option<Server>,
    proxy: Option<Server>,
    renewal: Option<JoinHandle<()>>,
    ca: Option<Ca>,
    public: Option<PublicUrl>,
}

/// The local CA of these listeners.
struct Ca {
    path: PathBuf,
    is_new: bool,
}

impl Listeners {
    /// Starts the listeners of the Graph API, inside a runtime.
    ///
    /// # Errors
    /// If there is no usable certificate, or an address cannot be listened on.
    pub(crate) fn start(
        args: &ServeArgs,
        (state, web): (&StateDir, &WebFiles),
        tenants: &Arc<Tenants>,
        (hosts, budgets): (HostNames, Arc<Budgets>),
        terminal: Terminal,
    ) -> anyhow::Result<Self> {
        let given = web.graph.as_ref();
        let is_local = args.intercept.is_some() || (args.tls_listen.is_some() && given.is_none());
        let local = is_local.then(|| Local::of(args, state)).transpose()?;
        let service = |origins| graph::service(Arc::clone(tenants), origins);
        let links = |scheme| match &args.public_url {
            Some(url) => LinkOrigins::public(url),
            None if args.trust_forwarded => LinkOrigins::per_request(scheme, Forwarded::Trusted),
            None => LinkOrigins::per_request(scheme, Forwarded::Ignored),
        };
        // Behind a proxy that says the host itself, `Host` is whatever that proxy calls this server.
        let hosts = if args.trust_forwarded { HostNames::any() } else { hosts };
        let options = |tls| ListenerOptions {
            used_for: ListenerUse::Graph,
            tls,
            hosts: hosts.clone(),
            budgets: Arc::clone(&budgets),
        };
        let plain = Server::start(service(links(Scheme::Http)), args.listen.address, &options(None))?;
        let secure = args.tls_listen.as_ref().map(|listen| {
            let tls = given.or(local.as_ref().map(|local| &local.tls)).expect("a listener with TLS has one");
            Server::start(service(links(Scheme::Https)), listen.address, &options(Some(tls.clone())))
        });
        let secure = secure.transpose()?;
        let proxy = args.intercept.as_ref().map(|listen| {
            let tls = local.as_ref().expect("a proxy has one").tls.clone();
            let services = MICROSOFT_HOSTS.map(|host| (host, service(LinkOrigins::host(host))));
            let proxy = Proxy::new(services, tls, args.intercept_others.into());
            Server::proxy(proxy, listen.address, &options(None))
        });
        let proxy = proxy.transpose()?;
        let (ca, renewal) = match local {
            None => (None, None),
            Some(Local { certificates, tls, is_ca_new }) => {
                let path = certificates.ca_path();
                (Some(Ca { path, is_new: is_ca_new }), Some(tokio::spawn(renew(certificates, tls, terminal))))
            }
        };
        Ok(Self { plain, secure, proxy, renewal, ca, public: args.public_url.clone() })
    }

    /// The base URL of the Graph API without TLS.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.plain.address())
    }

    /// The base URL of the Graph API with TLS, if it listens with TLS: by the name that every certificate has.
    pub(super) fn secure_base(&self) -> Option<String> {
        self.secure.as_ref().map(|secure| format!("https://localhost:{}", secure.address().port()))
    }

    /// The address of the proxy, if there is one.
    pub(super) fn proxy(&self) -> Option<String> {
        self.proxy.as_ref().map(|proxy| format!("http://{}", reached(proxy.address())))
    }

    /// What clients of these listeners trust: the local CA.
    pub(super) fn authority(&self) -> Option<&Path> {
        self.ca.as_ref().map(|ca| ca.path.as_path())
    }

    /// Prints how clients trust the local CA, if there is one: in full when it is new, or when clients have to be
    /// configured for a proxy anyway.
    pub(super) fn tell_of_trust(&self, terminal: Terminal) {
        let Some(Ca { path, is_new }) = &self.ca else { return };
        terminal.note(&format!("certificate authority {}", path.display()));
        let proxy = self.proxy();
        if *is_new || proxy.is_some() {
            terminal.notes(&trust::lines(path, proxy.as_deref()));
        } else {
            terminal.note(&format!("  {}", trust::short(path)));
        }
    }

    /// Prints where they listen, except for the last line, which [`ReadyDocument::tell`](super::ready::ReadyDocument::tell) prints.
    pub(crate) fn tell(&self, args: &ServeArgs, terminal: Terminal) {
        if let (Some(proxy), Some(asked)) = (self.proxy(), &args.intercept) {
            let hosts = MICROSOFT_HOSTS.join(", ");
            terminal.address(&format!("intercepting {hosts} at {proxy}"), asked.address);
        }
        if let Some(public) = &self.public {
            terminal.note(&format!("links begin with {public}/"));
        }
        if let (Some(secure), Some(asked)) = (self.secure_base(), &args.tls_listen) {
            terminal.address(&format!("Graph at {secure}/"), asked.address);
        }
    }

    /// Accepts no more connections, and waits for answers under way.
    pub(crate) async fn stop(self) {
        if let Some(renewal) = self.renewal {
            renewal.abort();
        }
        let stop = |server: Option<Server>| async {
            if let Some(server) = server {
                server.stop().await;
            }
        };
        tokio::join!(self.plain.stop(), stop(self.secure), stop(self.proxy));
    }
}

/// An address by which this machine reaches a listener that may listen on every interface.
fn reached(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => {}
        IpAddr::V4(_) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(_) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
    }
    address
}

/// A certificate of the local CA that is in use.
struct Local {
    certificates: Certificates,
    tls: Tls,
    is_ca_new: bool,
}

impl Local {
    fn of(args: &ServeArgs, state: &StateDir) -> anyhow::Result<Self> {
        let written = args.tls_listen.as_ref().and_then(|listen| listen.name());
        let public = args.public_url.as_ref().map(PublicUrl::host);
        let names = OWN_NAMES.into_iter().chain(MICROSOFT_HOSTS).chain(written).chain(public);
        let certificates = Certificates::new(state.path(), names.map(str::to_owned));
        let current = certificates.current(unix_ms() / 1_000)?;
        let tls = Tls::from_pem(&current.certificate.chain_pem, &current.certificate.key_pem)?;
        Ok(Self { certificates, tls, is_ca_new: current.is_ca_new })
    }
}

/// Replaces the certificate when it is about to expire.
async fn renew(certificates: Certificates, tls: Tls, terminal: Terminal) {
    loop {
        after(RENEWAL_PERIOD).await;
        let renewed = certificates.current(unix_ms() / 1_000).and_then(|current| {
            tls.replace(&Tls::from_pem(&current.certificate.chain_pem, &current.certificate.key_pem)?);
            Ok(current.is_ca_new)
        });
        match renewed {
            Ok(false) => {}
            Ok(true) => {
                terminal.note(&format!("a new certificate authority {}: trust it", certificates.ca_path().display()));
            }
            Err(error) => terminal.error(&format!("the certificate cannot be renewed: {error:#}")),
        }
    }
}
