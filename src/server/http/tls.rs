//! The server's side of TLS: a certificate chain and its key, both from PEM, which can be replaced while connections go
//! on. Must not touch files.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Why a certificate chain and a key cannot be used together.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The chain is not valid PEM.
    #[error("it is no PEM: {0}")]
    Chain(#[source] PemError),
    /// The PEM contains no certificate.
    #[error("there is no certificate in it: it has to hold `-----BEGIN CERTIFICATE-----`, the server's own first")]
    NoCertificate,
    /// A certificate cannot be parsed.
    #[error("its first certificate cannot be used: {0}")]
    Certificate(#[source] rustls::Error),
    /// The key is encrypted.
    #[error(
        "the key is encrypted, and there is no way to say its passphrase: decrypt it with `openssl pkey -in FILE -out PLAIN.key`"
    )]
    EncryptedKey,
    /// There is no private key.
    #[error("there is no private key in it: it has to hold `-----BEGIN PRIVATE KEY-----` or the older RSA or EC form")]
    NoKey,
    /// The key cannot be parsed.
    #[error("its private key cannot be used: {0}")]
    Key(#[source] rustls::Error),
    /// The key is not valid PEM.
    #[error("it is no PEM: {0}")]
    KeyPem(#[source] PemError),
    /// The key belongs to another certificate.
    #[error("the private key is not the one of the certificate: both have to be made together")]
    Mismatch,
    /// The TLS library rejects the settings.
    #[error(transparent)]
    Settings(rustls::Error),
}

impl TlsError {
    /// Is the error about the key's file rather than the chain's?
    pub const fn is_of_key(&self) -> bool {
        match self {
            Self::EncryptedKey | Self::NoKey | Self::Key(_) | Self::KeyPem(_) | Self::Mismatch => true,
            Self::Chain(_) | Self::NoCertificate | Self::Certificate(_) | Self::Settings(_) => false,
        }
    }
}

/// A certificate chain and its key, ready for use; clones share them, so replacing them in one replaces them in all.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Tls")
    }
}

/// The certificate of the next handshake, whatever name the client asks for.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// From a chain and a private key, both in PEM.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown(RwLock::new(Arc::new(certified(chain, key)?))));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Settings)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), shown })
    }

    /// Uses another chain from the next handshake on; existing connections are not affected.
    ///
    /// # Errors
    /// See [`TlsError`]; the former chain stays in use.
    pub fn replace(&self, chain: &str, key: &str) -> Result<(), TlsError> {
        let certified = Arc::new(certified(chain, key)?);
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(())
    }

    /// A connection after its handshake, or `None` if the client does not trust the certificate or does not speak TLS.
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> Option<TlsStream<S>> {
        self.acceptor.accept(stream).await.ok()
    }
}

fn certified(chain: &str, key: &str) -> Result<CertifiedKey, TlsError> {
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(TlsError::Chain)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = private_key(key)?;
    let key = ring::sign::any_supported_type(&key).map_err(TlsError::Key)?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Ok(()) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(_)) => Err(TlsError::Mismatch),
        Err(error) => Err(TlsError::Certificate(error)),
    }
}

fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
    // OpenSSL encrypts keys in two formats, both inside PEM.
    if pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(TlsError::EncryptedKey);
    }
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| match error {
        PemError::NoItemsFound => TlsError::NoKey,
        error => TlsError::KeyPem(error),
    })
}
