//! Web configurations and the files that they name: certificates, private keys, authorities of clients. Read at the start
//! and again at a reload. Must not answer requests.

use std::path::Path;

use anyhow::Context as _;

use super::private_file::{self, FileContent};
use crate::cli::args::serve_args::ServeArgs;
use crate::server::http::{
    ClientCertificates, PemSource, Tls, TlsError, TlsPart, TlsSection, TlsSettings, WebAccess, WebConfig, WebConfigUse,
};

/// What the files of a server say of TLS and passwords, listener by listener.
#[derive(Debug)]
pub(super) struct WebFiles {
    pub(super) metrics: WebAccess,
    pub(super) control: WebAccess,
    /// The certificate of `--tls-cert` for the Graph API, if it is given.
    pub(super) graph: Option<Tls>,
}

impl WebFiles {
    /// Reads all files.
    ///
    /// # Errors
    /// The first that is invalid, with its name.
    pub(super) fn read(args: &ServeArgs) -> anyhow::Result<Self> {
        let graph = args.tls_cert.as_deref().zip(args.tls_key.as_deref());
        Ok(Self {
            metrics: read(args.metrics_web_config.as_deref(), WebConfigUse::Metrics)?,
            control: read(args.control_web_config.as_deref(), WebConfigUse::Control)?,
            graph: graph.map(|(chain, key)| given(chain, key)).transpose()?,
        })
    }

    /// Checks that files that were read later can take the place of these.
    ///
    /// # Errors
    /// That TLS would be switched on or off, with the file.
    pub(super) fn check_replacement(&self, args: &ServeArgs, later: &Self) -> anyhow::Result<()> {
        let metrics = (&self.metrics, &later.metrics, &args.metrics_web_config);
        let control = (&self.control, &later.control, &args.control_web_config);
        for (now, later, path) in [metrics, control] {
            let path = path.as_deref().unwrap_or(Path::new(""));
            now.check_replacement(later).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// Uses those that were read later.
    pub(super) fn replace(&self, later: &Self) {
        self.metrics.replace(&later.metrics);
        self.control.replace(&later.control);
        if let (Some(now), Some(later)) = (&self.graph, &later.graph) {
            now.replace(later);
        }
    }
}

/// A web configuration with the files that it names; without one there is neither TLS nor a password.
///
/// # Errors
/// What is wrong with one of the files, with its name.
pub(crate) fn read(path: Option<&Path>, used_for: WebConfigUse) -> anyhow::Result<WebAccess> {
    let Some(path) = path else { return Ok(WebAccess::default()) };
    let config = private_file::read_judged(path, |text| {
        let config = WebConfig::parse(text, used_for).with_context(|| path.display().to_string())?;
        let content = if config.has_secrets() { FileContent::Secret } else { FileContent::Configuration };
        Ok((config, content))
    })?;
    let tls = config.tls.as_ref().map(|section| tls(path, section)).transpose()?;
    Ok(WebAccess::new(tls, config.users))
}

/// The certificate that the command line names, from its files.
fn given(chain_path: &Path, key_path: &Path) -> anyhow::Result<Tls> {
    let chain = private_file::read(chain_path, FileContent::Configuration)?;
    let key = private_file::read(key_path, FileContent::Secret)?;
    Tls::from_pem(&chain, &key).map_err(|error| {
        let path = if error.part() == TlsPart::Key { key_path } else { chain_path };
        anyhow::Error::new(error).context(format!("cannot use {}", path.display()))
    })
}

/// The TLS of a section, whose files are relative to the folder of the web configuration.
fn tls(config: &Path, section: &TlsSection) -> anyhow::Result<Tls> {
    let folder = config.parent().unwrap_or(Path::new(""));
    let text = |source: &PemSource, content| match source {
        PemSource::Inline(text) => Ok(text.clone()),
        PemSource::File(file) => private_file::read(&folder.join(file), content),
    };
    let chain = text(&section.chain, FileContent::Configuration)?;
    let key = text(&section.key, FileContent::Secret)?;
    let (authorities_from, authorities) = match &section.clients {
        ClientCertificates::NotAsked => (None, String::new()),
        ClientCertificates::IfGiven(source) | ClientCertificates::Required(source) => {
            (Some(source), text(source, FileContent::Configuration)?)
        }
    };
    let clients = match section.clients {
        ClientCertificates::NotAsked => ClientCertificates::NotAsked,
        ClientCertificates::IfGiven(_) => ClientCertificates::IfGiven(authorities.as_str()),
        ClientCertificates::Required(_) => ClientCertificates::Required(authorities.as_str()),
    };
    let settings = TlsSettings {
        chain: &chain,
        key: &key,
        clients,
        allowed_names: &section.allowed_names,
        versions: section.versions,
    };
    Tls::new(&settings).map_err(|error: TlsError| {
        let source = match error.part() {
            TlsPart::Chain => Some(&section.chain),
            TlsPart::Key => Some(&section.key),
            TlsPart::Authorities => authorities_from,
        };
        let path = match source {
            Some(PemSource::File(file)) => folder.join(file),
            Some(PemSource::Inline(_)) | None => config.to_owned(),
        };
        anyhow::Error::new(error).context(format!("cannot use {}", path.display()))
    })
}
