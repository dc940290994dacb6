//! The subject of a client's certificate as one line (RFC 4514), as the transport says it to a service. Must not be taken
//! from a certificate that was not verified, or from a header.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::{AttributeTypeAndValue, RelativeDistinguishedName};

/// Characters of a subject, at most: it is a member of a line of the audit log.
const CHARACTERS_MAX: usize = 256;

/// Names of attributes: those of RFC 4514, and the one of addresses, as OpenSSL writes it.
const NAMES: [(&str, &str); 10] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// An extension of every request of a client that gave a certificate, which was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSubject(Arc<str>);

impl std::fmt::Display for ClientSubject {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl ClientSubject {
    /// Of a verified certificate in DER. One without a subject is named by its SHA-256.
    pub fn of_certificate(der: &[u8]) -> Self {
        let subject = X509Certificate::from_der(der).ok().map(|(_, certificate)| {
            let mut names: Vec<String> = certificate.subject().iter_rdn().map(relative).collect();
            // RFC 4514 begins with the last one, which is the most specific.
            names.reverse();
            names.join(",")
        });
        let subject = subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| {
            let mut thumbprint = "sha256:".to_owned();
            write_hex(&mut thumbprint, &Sha256::digest(der));
            thumbprint
        });
        let cut: String = subject.chars().take(CHARACTERS_MAX).collect();
        Self(cut.into())
    }
}

fn relative(name: &RelativeDistinguishedName<'_>) -> String {
    name.iter().map(attribute).collect::<Vec<_>>().join("+")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    let name = NAMES.into_iter().find(|(known, _)| *known == id).map(|(_, name)| name);
    match (name, attribute.as_str()) {
        (Some(name), Ok(value)) => format!("{name}={}", escaped(value)),
        _ => {
            let mut text = format!("{}=#", name.unwrap_or(&id));
            write_hex(&mut text, attribute.as_slice());
            text
        }
    }
}

/// A value of which no part can be taken for another attribute.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', c]),
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            '#' if at == 0 => text.push_str("\\#"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    write!(text, "\\{byte:02X}").expect("a string takes all");
                }
            }
            c => text.push(c),
        }
    }
    text
}

fn write_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    fn certificate(names: &[(DnType, &str)]) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in names {
            params.distinguished_name.push(kind.clone(), *value);
        }
        let key = KeyPair::generate().expect("there is randomness");
        params.self_signed(&key).expect("it is complete").der().to_vec()
    }

    #[test]
    fn a_subject_is_written_so_that_no_value_looks_like_another_attribute() {
        let der = certificate(&[
            (DnType::OrganizationName, "Example, Inc."),
            (DnType::OrganizationalUnitName, " #a+b "),
            (DnType::CommonName, "ops,O=Other\n"),
        ]);
        let subject = ClientSubject::of_certificate(&der);
        assert_eq!(subject.to_string(), "CN=ops\\,O=Other\\0A,OU=\\ #a\\+b\\ ,O=Example\\, Inc.");
        let other = certificate(&[(DnType::CustomDnType(vec![2, 5, 4, 5]), "x")]);
        assert_eq!(ClientSubject::of_certificate(&other).to_string(), "2.5.4.5=#78");
    }

    #[test]
    fn a_certificate_without_a_subject_is_named_by_its_hash_and_a_long_one_is_cut() {
        let nameless = ClientSubject::of_certificate(&certificate(&[])).to_string();
        assert!(nameless.starts_with("sha256:") && nameless.len() == 71, "{nameless}");
        let long = certificate(&[(DnType::CommonName, &"x".repeat(1_000))]);
        assert_eq!(ClientSubject::of_certificate(&long).to_string().len(), CHARACTERS_MAX);
    }
}
