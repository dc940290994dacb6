//! The server's side of TLS while it runs: settings that can be replaced while connections go on, and what is known of
//! a client after its handshake. Must not touch files.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use super::tls_settings::{ClientCertificates, TlsError, TlsSettings, TlsVersions};
use crate::server::identity::ClientSubject;

/// TLS of a listener, ready for use; clones share it, so replacing it in one replaces it in all.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl std::fmt::Debug for Tls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Tls")
    }
}

impl Tls {
    /// From these settings.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn new(settings: &TlsSettings<'_>) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(settings.config()?)))))
    }

    /// From a chain and a private key, both in PEM; clients are asked for no certificate.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, TlsError> {
        let (clients, versions) = (ClientCertificates::NotAsked, TlsVersions::Both);
        Self::new(&TlsSettings { chain, key, clients, allowed_names: &[], versions })
    }

    /// Uses the settings of another one from the next handshake on. Existing connections are not affected; none of their
    /// sessions is resumed, because what a client had to prove may have changed.
    pub fn replace(&self, other: &Self) {
        let other = other.current();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other;
    }

    /// A connection after its handshake, or `None` if the client does not trust the certificate, has none that it needs,
    /// or does not speak TLS.
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<TlsStream<S>> {
        TlsAcceptor::from(self.current()).accept(stream).await.ok()
    }

    fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The subject of the client's certificate, which was verified in the handshake; `None` if it gave none.
pub(super) fn subject_of<S>(stream: &TlsStream<S>) -> Option<ClientSubject> {
    let (_, connection) = stream.get_ref();
    connection.peer_certificates()?.first().map(|certificate| ClientSubject::of_certificate(certificate))
}
