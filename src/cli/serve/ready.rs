//! What a server that is ready tells: the lines with its addresses, the same as fields of the log, and the file of
//! `--ready-file`. Must not contain a secret: it says where one is kept.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;
use uuid::Uuid;

use super::access::{AccessFiles, BuiltInClient};
use super::greeting;
use crate::cli::process::atomic_file::AtomicFile;
use crate::cli::terminal::log::{ADDRESSES, LogFormat, PEOPLE};
use crate::cli::terminal::writer::Terminal;
use crate::rules::base::visible;
use crate::server::graph::GraphTenant;

/// The version of the file's form. Members may be added within one version.
const SCHEMA: u32 = 1;

/// The content of the file.
#[derive(Debug, Serialize)]
pub(super) struct ReadyDocument {
    schema: u32,
    version: &'static str,
    /// The process, which a test ends by SIGTERM.
    pid: u32,
    #[serde(flatten)]
    pub(super) addresses: ReadyAddresses,
    /// The file of the control tokens; null where the command line gives one.
    control_token_file: Option<PathBuf>,
    /// The folder of keys and secrets.
    state: PathBuf,
    /// The tenants, in the order of the command line.
    tenants: Vec<ReadyTenant>,
}

/// A tenant, as a test begins with it.
#[derive(Debug, Serialize)]
pub(super) struct ReadyTenant {
    id: Uuid,
    name: String,
    /// Two of its devices that take messages, by their ids in Graph; fewer if there are fewer.
    devices: Vec<Uuid>,
    /// The built-in client; null with `--clients`.
    client_id: Option<String>,
    client_secret_file: Option<PathBuf>,
}

/// Where a running server listens, and what clients trust.
#[derive(Debug, Serialize)]
pub(super) struct ReadyAddresses {
    /// The Graph API without TLS: what stands for `https://graph.microsoft.com`, without a slash at its end.
    pub(super) graph: String,
    /// The same with TLS, by `localhost`; null without `--tls-listen`.
    pub(super) graph_tls: Option<String>,
    /// The proxy of `--intercept`; null without it.
    pub(super) proxy: Option<String>,
    /// The control API up to `/_reveille`.
    pub(super) control: String,
    /// The page of metrics.
    pub(super) metrics: String,
    /// What clients trust: the local certificate authority, or the file of `--tls-cert`; null without TLS.
    pub(super) certificate: Option<PathBuf>,
}

impl ReadyDocument {
    /// The document of a server with these tenants.
    ///
    /// # Errors
    /// If a path cannot be made absolute, because the working folder is gone.
    pub(super) fn new<'t>(
        mut addresses: ReadyAddresses,
        access: &AccessFiles,
        state: &Path,
        tenants: impl IntoIterator<Item = &'t GraphTenant>,
    ) -> anyhow::Result<Self> {
        addresses.certificate = addresses.certificate.as_deref().map(absolute).transpose()?;
        let tenants = tenants.into_iter().enumerate();
        let tenants = tenants.map(|(at, tenant)| ReadyTenant::new(tenant, access.built_in.get(at)));
        Ok(Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            addresses,
            control_token_file: access.control_file.as_deref().map(absolute).transpose()?,
            state: absolute(state)?,
            tenants: tenants.collect::<Result<_, _>>()?,
        })
    }

    /// Prints the line that says that the server is ready, the last one. In the JSON log it has the document as fields, and one
    /// line before it for each tenant.
    pub(super) fn tell(&self, asked: SocketAddr, terminal: Terminal) {
        if terminal.log == LogFormat::Json && !terminal.quiet {
            self.tenants.iter().for_each(ReadyTenant::log);
        }
        if !terminal.tells(asked) {
            return;
        }
        let addresses = &self.addresses;
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let (certificate, control_token_file) = (path(&addresses.certificate), path(&self.control_token_file));
        tracing::info!(
            target: ADDRESSES, version = self.version, pid = self.pid, graph = addresses.graph,
            graph_tls = addresses.graph_tls, proxy = addresses.proxy, control = addresses.control, metrics = addresses.metrics, certificate,
            control_token_file, state = %self.state.display(), "Graph at {}/ until Ctrl-C", addresses.graph
        );
    }
}

impl ReadyTenant {
    /// Logs its members as fields.
    fn log(&self) {
        let devices: Vec<String> = self.devices.iter().map(Uuid::to_string).collect();
        let client_secret_file = self.client_secret_file.as_ref().map(|path| path.display().to_string());
        let name = visible::one_line(&self.name);
        tracing::info!(
            target: PEOPLE, tenant = %self.id, tenant_name = self.name, devices = devices.join(" "),
            client_id = self.client_id, client_secret_file, "tenant {name} is ready"
        );
    }

    fn new(tenant: &GraphTenant, client: Option<&BuiltInClient>) -> anyhow::Result<Self> {
        let devices = greeting::two_devices(tenant.world());
        Ok(Self {
            id: tenant.id(),
            name: tenant.name().to_owned(),
            devices: devices.into_iter().map(|device| tenant.graph_ids().device(device)).collect(),
            client_id: client.map(|client| client.id.clone()),
            client_secret_file: client.map(|client| absolute(&client.secret_file)).transpose()?,
        })
    }
}

/// The path from the root: a reader may work in another folder.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot say where {} is", path.display()))
}

/// A ready file; it is removed with this value, if it is still the one that was written.
#[derive(Debug)]
pub(super) struct ReadyFile {
    path: PathBuf,
    written: Vec<u8>,
}

impl ReadyFile {
    /// Removes a file of an earlier server, which may have been killed: its reader would use addresses of no server.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    pub(super) fn remove_old(path: &Path) -> anyhow::Result<()> {
        let is_file = fs::metadata(path).is_ok_and(|about| about.is_file());
        if is_file {
            fs::remove_file(path).with_context(|| format!("cannot remove the old {}", path.display()))
        } else {
            Ok(())
        }
    }

    /// Writes the file in one step: it is there with all its content, or it is not there.
    ///
    /// # Errors
    /// If it cannot be written, with its name.
    pub(super) fn write(path: &Path, document: &ReadyDocument) -> anyhow::Result<Self> {
        let mut written = serde_json::to_vec_pretty(document).context("a path is no UTF-8")?;
        written.push(b'\n');
        let mut file = AtomicFile::begin(&path.to_string_lossy())?;
        file.write(&written)?;
        file.finish()?;
        Ok(Self { path: path.to_owned(), written })
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // Another server may have written it meanwhile, and it may be gone: there is nothing to remove then.
        let is_own = self.path.is_file() && fs::read(&self.path).is_ok_and(|found| found == self.written);
        if is_own && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the ready file cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_another_server_wrote_stays() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("ready.json");
        let own = ReadyFile { path: path.clone(), written: b"own".to_vec() };
        fs::write(&path, "another").expect("it can be written");
        drop(own);
        assert!(path.exists());
        let own = ReadyFile { path: path.clone(), written: b"another".to_vec() };
        drop(own);
        assert!(!path.exists());
        ReadyFile::remove_old(&path).expect("there is none");
    }
}
