//! A server certificate as it is stored: its names, its expiry and its issuer. Must not make certificates or touch
//! files.

use std::net::IpAddr;

use rcgen::{KeyPair, PublicKeyData as _};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::{Pem, parse_x509_pem};

/// A server certificate followed by the CA's, and its private key, both in PEM.
#[derive(Clone)]
pub struct ServerCertificate {
    /// The chain that clients see, the server's own certificate first.
    pub chain_pem: String,
    /// The server's private key.
    pub key_pem: String,
}

impl ServerCertificate {
    /// May it still be used: is it issued by this CA for all these names and this key, already valid, and valid until
    /// `until`? Times are in Unix seconds.
    pub(super) fn serves(&self, ca: &X509Certificate<'_>, names: &[String], now: u64, until: u64) -> bool {
        let Some(pem) = read_pem(&self.chain_pem) else { return false };
        let Ok(leaf) = pem.parse_x509() else { return false };
        let signed =
            leaf.issuer().as_raw() == ca.subject().as_raw() && leaf.verify_signature(Some(ca.public_key())).is_ok();
        signed && lasts(&leaf, now, until) && is_key_of(&leaf, &self.key_pem) && has_names(&leaf, names)
    }
}

/// The first certificate of a text.
pub(super) fn read_pem(text: &str) -> Option<Pem> {
    parse_x509_pem(text.as_bytes()).ok().map(|(_, pem)| pem).filter(|pem| pem.label == "CERTIFICATE")
}

/// Is a certificate valid from `now` until `until`, in Unix seconds?
pub(super) fn lasts(certificate: &X509Certificate<'_>, now: u64, until: u64) -> bool {
    let validity = certificate.validity();
    let end = u64::try_from(validity.not_after.timestamp()).unwrap_or(0);
    validity.not_before.timestamp() <= now.cast_signed() && end >= until
}

/// Does the private key belong to the certificate?
pub(super) fn is_key_of(certificate: &X509Certificate<'_>, key_pem: &str) -> bool {
    KeyPair::from_pem(key_pem).is_ok_and(|key| key.subject_public_key_info() == certificate.public_key().raw)
}

fn has_names(leaf: &X509Certificate<'_>, names: &[String]) -> bool {
    let Ok(Some(known)) = leaf.subject_alternative_name() else { return false };
    let has = |name: &String| {
        known.value.general_names.iter().any(|known| match (known, name.parse::<IpAddr>()) {
            (GeneralName::IPAddress(known), Ok(IpAddr::V4(address))) => *known == address.octets(),
            (GeneralName::IPAddress(known), Ok(IpAddr::V6(address))) => *known == address.octets(),
            (GeneralName::DNSName(known), Err(_)) => known.eq_ignore_ascii_case(name),
            _ => false,
        })
    };
    names.iter().all(has)
}
