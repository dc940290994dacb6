//! A certificate of our own, for TLS on machines that nobody else vouches for. Makes it; keeps it nowhere.

use rcgen::{CertificateParams, DnType, KeyPair};

use super::error::IdentityError;

/// A certificate and its private key, both in PEM.
#[derive(Clone)]
pub struct Certificate {
    /// What clients are told to trust.
    pub certificate_pem: String,
    /// What only the server knows.
    pub key_pem: String,
}

/// A certificate for these names and addresses that vouches for itself.
///
/// # Errors
/// [`IdentityError::Certificate`] if a name cannot stand in one.
pub fn certificate(names: &[String]) -> Result<Certificate, IdentityError> {
    let key = KeyPair::generate()?;
    let mut wanted = CertificateParams::new(names)?;
    wanted.distinguished_name.push(DnType::CommonName, "Reveille");
    let made = wanted.self_signed(&key)?;
    Ok(Certificate { certificate_pem: made.pem(), key_pem: key.serialize_pem() })
}
