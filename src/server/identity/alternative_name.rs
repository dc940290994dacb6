//! The alternative names of a client's certificate. Must not be asked of a certificate that was not verified.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// Has a certificate in DER one of these names? Names are compared as they are written, addresses by their value.
pub fn has_alternative_name(certificate: &[u8], allowed: &[String]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    names.value.general_names.iter().any(|name| match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            allowed.iter().any(|allowed| allowed == name)
        }
        GeneralName::IPAddress(octets) => allowed.iter().any(|allowed| match allowed.parse() {
            Ok(IpAddr::V4(address)) => *octets == address.octets(),
            Ok(IpAddr::V6(address)) => *octets == address.octets(),
            Err(_) => false,
        }),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    fn certificate(names: Vec<SanType>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "cn.test");
        params.subject_alt_names = names;
        let key = KeyPair::generate().expect("there is randomness");
        params.self_signed(&key).expect("it is complete").der().to_vec()
    }

    #[test]
    fn a_certificate_is_admitted_by_any_of_its_alternative_names_and_not_by_its_subject() {
        let text = |text: &str| text.try_into().expect("it is ASCII");
        let named = certificate(vec![
            SanType::DnsName(text("ops.test")),
            SanType::Rfc822Name(text("ops@example.test")),
            SanType::URI(text("spiffe://example.test/ops")),
            SanType::IpAddress("10.0.0.1".parse().expect("an address")),
            SanType::IpAddress("::1".parse().expect("an address")),
        ]);
        let has = |name: &str| has_alternative_name(&named, &["other.test".to_owned(), name.to_owned()]);
        for name in ["ops.test", "ops@example.test", "spiffe://example.test/ops", "10.0.0.1", "0:0::1"] {
            assert!(has(name), "{name}");
        }
        for name in ["cn.test", "test", "*.test", "OPS.TEST", "10.0.0.2", "", "spiffe://example.test"] {
            assert!(!has(name), "{name}");
        }
        assert!(
            !has_alternative_name(&certificate(Vec::new()), &["cn.test".to_owned()])
                && !has_alternative_name(b"x", &["x".to_owned()])
        );
    }
}
