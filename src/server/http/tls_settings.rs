//! What a listener with TLS is made from, all of it texts in PEM: a chain, its key, and the authorities of its clients.
//! Must not touch files.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientCertVerifierBuilder, VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::named_clients::NamedClients;

/// Which certificates a listener asks clients for. One that is given is always verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates<Authorities> {
    /// It asks for none.
    NotAsked,
    /// A client may have one of these authorities.
    IfGiven(Authorities),
    /// A client must have one of these authorities.
    Required(Authorities),
}

/// The versions of TLS that a listener speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2 alone.
    Only12,
    /// 1.3 alone.
    Only13,
}

/// The settings of a listener.
#[derive(Clone, Copy)]
pub struct TlsSettings<'p> {
    /// The certificates that clients see, the server's own first.
    pub chain: &'p str,
    /// The private key of the first certificate.
    pub key: &'p str,
    /// What clients are asked for, with the certificates of the authorities.
    pub clients: ClientCertificates<&'p str>,
    /// The alternative names of which a client's certificate must have one; with none, every verified one is admitted.
    pub allowed_names: &'p [String],
    /// The versions that it speaks.
    pub versions: TlsVersions,
}

/// Why settings cannot be used.
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
    /// The clients' authorities are not valid PEM.
    #[error("it is no PEM: {0}")]
    AuthoritiesPem(#[source] PemError),
    /// There is no authority among the clients' authorities.
    #[error("there is no certificate in it: it has to hold `-----BEGIN CERTIFICATE-----` of each authority of clients")]
    NoAuthority,
    /// One of the clients' authorities cannot be used.
    #[error("its certificate number {number} cannot be the authority of clients: {reason}")]
    Authority {
        /// Its place, from 1.
        number: usize,
        /// The library's error.
        reason: rustls::Error,
    },
    /// The clients' authorities cannot be used together.
    #[error("its certificates cannot be the authorities of clients: {0}")]
    Authorities(#[source] VerifierBuilderError),
    /// The TLS library rejects the settings.
    #[error(transparent)]
    Settings(rustls::Error),
}

/// The text that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsPart {
    /// The certificate chain, or all of the settings.
    Chain,
    /// The private key.
    Key,
    /// The authorities of clients.
    Authorities,
}

impl TlsError {
    /// The text that it is about.
    pub const fn part(&self) -> TlsPart {
        match self {
            Self::EncryptedKey | Self::NoKey | Self::Key(_) | Self::KeyPem(_) | Self::Mismatch => TlsPart::Key,
            Self::Chain(_) | Self::NoCertificate | Self::Certificate(_) | Self::Settings(_) => TlsPart::Chain,
            Self::AuthoritiesPem(_) | Self::NoAuthority | Self::Authority { .. } | Self::Authorities(_) => {
                TlsPart::Authorities
            }
        }
    }
}

/// The versions that this server speaks.
static VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];

impl TlsVersions {
    /// The same for the library.
    fn supported(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Both => &VERSIONS,
            Self::Only12 => &VERSIONS[1..],
            Self::Only13 => &VERSIONS[..1],
        }
    }
}

impl TlsSettings<'_> {
    /// The same for the library.
    pub(super) fn config(&self) -> Result<ServerConfig, TlsError> {
        let certified = certified(self.chain, self.key)?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.versions.supported())
            .map_err(TlsError::Settings)?;
        let verifier = match self.clients {
            ClientCertificates::NotAsked => None,
            ClientCertificates::IfGiven(authorities) => {
                Some(verifier(authorities, provider)?.allow_unauthenticated().build().map_err(TlsError::Authorities)?)
            }
            ClientCertificates::Required(authorities) => {
                Some(verifier(authorities, provider)?.build().map_err(TlsError::Authorities)?)
            }
        };
        let builder = match verifier {
            None => builder.with_no_client_auth(),
            Some(verifier) if self.allowed_names.is_empty() => builder.with_client_cert_verifier(verifier),
            Some(verifier) => {
                let named = NamedClients::new(verifier, self.allowed_names.to_vec());
                builder.with_client_cert_verifier(Arc::new(named))
            }
        };
        Ok(builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified))))
    }
}

/// What verifies clients' certificates by these authorities.
fn verifier(authorities: &str, provider: Arc<CryptoProvider>) -> Result<ClientCertVerifierBuilder, TlsError> {
    let mut roots = RootCertStore::empty();
    for (at, authority) in CertificateDer::pem_slice_iter(authorities.as_bytes()).enumerate() {
        let authority = authority.map_err(TlsError::AuthoritiesPem)?;
        roots.add(authority).map_err(|reason| TlsError::Authority { number: at + 1, reason })?;
    }
    if roots.is_empty() {
        return Err(TlsError::NoAuthority);
    }
    Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider))
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
