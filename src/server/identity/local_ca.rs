//! A certificate authority of this machine, which clients are configured to trust once; it signs the servers'
//! certificates (RFC 5280). It is constrained to names that a test server may have, so that a stolen key is of little
//! use. Must not store anything or read a clock.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints,
};
use time::OffsetDateTime;
use uuid::Uuid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::certificate::{ServerCertificate, is_key_of, lasts, read_pem};
use super::error::IdentityError;

/// A day, in seconds.
const DAY: u64 = 86_400;
/// How far back the validity of a certificate begins, in seconds: a client's clock may be slow.
const BACKDATED: u64 = 3_600;
/// How long the CA is valid, in seconds, and how much of that must be left to sign another server certificate.
const CA_LASTS: u64 = 3_652 * DAY;
const CA_LEFT_MIN: u64 = 2 * CERTIFICATE_LASTS;
/// How long a server certificate is valid, in seconds: Apple's platforms accept at most 398 days from a public CA.
const CERTIFICATE_LASTS: u64 = 90 * DAY;
/// How much of that must be left, in seconds; otherwise a new one is issued.
const CERTIFICATE_LEFT_MIN: u64 = 30 * DAY;
/// Names that every local CA may sign for: this machine by definition, and names reserved for tests (RFC 6761).
const DOMAINS: [&str; 2] = ["localhost", "test"];
/// Addresses that every local CA may sign for: loopback and private ones, each with its prefix length.
const SUBNETS: [(IpAddr, u8); 6] = [
    (v4([127, 0, 0, 0]), 8),
    (v4([10, 0, 0, 0]), 8),
    (v4([172, 16, 0, 0]), 12),
    (v4([192, 168, 0, 0]), 16),
    (v6(0, 1), 128),
    (v6(0xfd00, 0), 8),
];

const fn v4(octets: [u8; 4]) -> IpAddr {
    IpAddr::V4(std::net::Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]))
}

const fn v6(first: u16, last: u16) -> IpAddr {
    IpAddr::V6(std::net::Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last))
}

/// The CA's certificate and its private key, both in PEM.
#[derive(Clone)]
pub struct LocalCa {
    /// The certificate that clients trust.
    pub certificate_pem: String,
    /// The signing key.
    pub key_pem: String,
}

impl LocalCa {
    /// A new CA, which may also sign for these names; `now` in Unix seconds.
    ///
    /// # Errors
    /// [`IdentityError::Certificate`] if a name cannot appear in a certificate.
    pub fn generate(names: &[String], now: u64) -> Result<Self, IdentityError> {
        let key = KeyPair::generate()?;
        let mut wanted = lasting(CertificateParams::default(), now, CA_LASTS);
        // A client that compares names would take two CAs of one name for the same.
        let nonce = Uuid::new_v4().simple().to_string();
        wanted.distinguished_name.push(DnType::CommonName, format!("Reveille local CA {}", &nonce[..8]));
        wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        wanted.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted(names), excluded_subtrees: Vec::new() });
        let made = wanted.self_signed(&key)?;
        Ok(Self { certificate_pem: made.pem(), key_pem: key.serialize_pem() })
    }

    /// May it sign a certificate for these names at `now`, in Unix seconds? If not, a new CA is needed.
    ///
    /// # Errors
    /// [`IdentityError::LocalCa`] if it cannot be parsed, or the key does not belong to it.
    pub fn may_sign(&self, names: &[String], now: u64) -> Result<bool, IdentityError> {
        self.read(|ca| {
            let may = match ca.name_constraints() {
                Ok(Some(constraints)) => {
                    let permitted = constraints.value.permitted_subtrees.iter().flatten();
                    let bases: Vec<_> = permitted.map(|subtree| &subtree.base).collect();
                    names.iter().all(|name| is_within(&bases, name))
                }
                _ => false,
            };
            may && lasts(ca, now, now + CA_LEFT_MIN)
        })
    }

    /// A certificate for these names; `now` in Unix seconds.
    ///
    /// # Errors
    /// [`IdentityError::Certificate`] if a name cannot appear in a certificate.
    pub fn sign(&self, names: &[String], now: u64) -> Result<ServerCertificate, IdentityError> {
        let issuer = Issuer::from_ca_cert_pem(&self.certificate_pem, KeyPair::from_pem(&self.key_pem)?)?;
        // Every certificate gets a new key: its serial number is derived from the key and must be unique.
        let key = KeyPair::generate()?;
        let mut wanted = lasting(CertificateParams::new(names)?, now, CERTIFICATE_LASTS);
        wanted.distinguished_name.push(DnType::CommonName, "Reveille");
        wanted.is_ca = IsCa::ExplicitNoCa;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.use_authority_key_identifier_extension = true;
        let made = wanted.signed_by(&key, &issuer)?;
        Ok(ServerCertificate { chain_pem: made.pem() + &self.certificate_pem, key_pem: key.serialize_pem() })
    }

    /// May a stored certificate still be used for these names at `now`, in Unix seconds?
    ///
    /// # Errors
    /// [`IdentityError::LocalCa`] if the CA cannot be parsed.
    pub fn is_current(&self, kept: &ServerCertificate, names: &[String], now: u64) -> Result<bool, IdentityError> {
        self.read(|ca| {
            kept.chain_pem.ends_with(&self.certificate_pem) && kept.serves(ca, names, now, now + CERTIFICATE_LEFT_MIN)
        })
    }

    fn read<T>(&self, question: impl FnOnce(&X509Certificate<'_>) -> T) -> Result<T, IdentityError> {
        let pem = read_pem(&self.certificate_pem).ok_or(IdentityError::LocalCa("there is no certificate in PEM"))?;
        let ca = pem.parse_x509().map_err(|_| IdentityError::LocalCa("its certificate does not read"))?;
        if !ca.is_ca() {
            return Err(IdentityError::LocalCa("its certificate is not one of an authority"));
        }
        if !is_key_of(&ca, &self.key_pem) {
            return Err(IdentityError::LocalCa("its private key is not the one of its certificate"));
        }
        Ok(question(&ca))
    }
}

fn lasting(mut wanted: CertificateParams, now: u64, seconds: u64) -> CertificateParams {
    let at =
        |unix: u64| OffsetDateTime::from_unix_timestamp(unix.cast_signed()).expect("it is within ten thousand years");
    (wanted.not_before, wanted.not_after) = (at(now.saturating_sub(BACKDATED)), at(now + seconds - BACKDATED));
    wanted
}

/// The names and addresses that a new CA may sign for.
fn permitted(names: &[String]) -> Vec<GeneralSubtree> {
    let mut permitted: Vec<GeneralSubtree> =
        DOMAINS.map(|name| GeneralSubtree::DnsName(name.to_owned())).into_iter().collect();
    let subnet = |(address, prefix)| GeneralSubtree::IpAddress(subnet(address, prefix));
    permitted.extend(SUBNETS.map(subnet));
    for name in names {
        permitted.push(match name.parse::<IpAddr>() {
            Ok(address @ IpAddr::V4(_)) => subnet((address, 32)),
            Ok(address @ IpAddr::V6(_)) => subnet((address, 128)),
            Err(_) => GeneralSubtree::DnsName(name.clone()),
        });
    }
    let mut known = Vec::with_capacity(permitted.len());
    permitted.retain(|subtree| {
        !known.contains(subtree) && {
            known.push(subtree.clone());
            true
        }
    });
    permitted
}

fn subnet(address: IpAddr, prefix: u8) -> CidrSubnet {
    match address {
        IpAddr::V4(address) => CidrSubnet::V4(address.octets(), mask(prefix)),
        IpAddr::V6(address) => CidrSubnet::V6(address.octets(), mask(prefix)),
    }
}

/// The mask of a prefix: as many ones as its length, then zeros.
fn mask<const N: usize>(prefix: u8) -> [u8; N] {
    std::array::from_fn(|at| {
        let ones = usize::from(prefix).saturating_sub(8 * at).min(8);
        (0xff00_u16 >> ones).to_be_bytes()[1]
    })
}

/// Is a name within one of the subtrees?
fn is_within(permitted: &[&GeneralName<'_>], name: &str) -> bool {
    let octets = name.parse::<IpAddr>().map(|address| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    });
    permitted.iter().any(|base| match (base, &octets) {
        (GeneralName::DNSName(base), Err(_)) => {
            let rest = name.len().checked_sub(base.len()).filter(|at| name.is_char_boundary(*at));
            rest.is_some_and(|at| name[at..].eq_ignore_ascii_case(base) && (at == 0 || name[..at].ends_with('.')))
        }
        (GeneralName::IPAddress(base), Ok(octets)) => {
            let (network, mask) = base.split_at(base.len() / 2);
            network.len() == octets.len()
                && octets.iter().zip(mask).zip(network).all(|((octet, mask), network)| octet & mask == *network)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn usual() -> Vec<String> {
        names(&["localhost", "127.0.0.1", "::1", "graph.microsoft.com"])
    }

    #[test]
    fn a_certificate_is_shown_until_a_month_before_its_end() {
        let ca = LocalCa::generate(&usual(), NOW).expect("there is randomness");
        let kept = ca.sign(&usual(), NOW).expect("the names are right");
        let is_current = |names: &[String], now| ca.is_current(&kept, names, now).expect("the CA parses");
        assert!(is_current(&usual(), NOW) && is_current(&usual(), NOW + 59 * DAY) && is_current(&usual()[..1], NOW));
        assert!(!is_current(&usual(), NOW + 61 * DAY), "its end is near");
        assert!(!is_current(&usual(), NOW - 2 * BACKDATED), "it has not begun");
        assert!(!is_current(&names(&["localhost", "other.test"]), NOW), "a name is missing");
        let other = LocalCa::generate(&usual(), NOW).expect("there is randomness");
        assert!(!other.is_current(&kept, &usual(), NOW).expect("the CA parses"), "another CA signed it");
        let mixed = ServerCertificate { key_pem: ca.key_pem.clone(), ..kept.clone() };
        assert!(!ca.is_current(&mixed, &usual(), NOW).expect("the CA parses"), "the key is another");
        for chain_pem in ["", "x", &ca.certificate_pem] {
            let broken = ServerCertificate { chain_pem: chain_pem.to_owned(), key_pem: kept.key_pem.clone() };
            assert!(!ca.is_current(&broken, &usual(), NOW).expect("the CA parses"));
        }
    }

    #[test]
    fn a_ca_signs_for_what_it_is_permitted_and_not_past_its_end() {
        let ca = LocalCa::generate(&names(&["graph.microsoft.com", "reveille", "203.0.113.7", "2001:db8::1"]), NOW);
        let ca = ca.expect("there is randomness");
        let may = |name: &str, now| ca.may_sign(&names(&[name]), now).expect("it parses");
        for name in [
            "localhost",
            "a.localhost",
            "x.test",
            "Graph.Microsoft.com",
            "reveille",
            "127.0.0.1",
            "127.8.9.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "203.0.113.7",
            "::1",
            "fd12::1",
            "2001:db8::1",
        ] {
            assert!(may(name, NOW), "{name}");
        }
        for name in [
            "microsoft.com",
            "evilgraph.microsoft.com",
            "contest",
            "203.0.113.8",
            "172.32.0.1",
            "::2",
            "2001:db8::2",
            "é",
        ] {
            assert!(!may(name, NOW), "{name}");
        }
        assert!(may("localhost", NOW + 3_400 * DAY) && !may("localhost", NOW + 3_500 * DAY));
    }

    #[test]
    fn an_invalid_ca_is_refused() {
        let ca = LocalCa::generate(&usual(), NOW).expect("there is randomness");
        let other = LocalCa::generate(&usual(), NOW).expect("there is randomness");
        let leaf = ca.sign(&usual(), NOW).expect("the names are right");
        for (certificate_pem, key_pem) in [
            (String::new(), ca.key_pem.clone()),
            (ca.certificate_pem.clone(), String::new()),
            (ca.certificate_pem.clone(), other.key_pem.clone()),
            (leaf.chain_pem.clone(), leaf.key_pem.clone()),
            (ca.certificate_pem.replace("MII", "MIJ"), ca.key_pem.clone()),
        ] {
            assert!(LocalCa { certificate_pem, key_pem }.may_sign(&usual(), NOW).is_err());
        }
        assert!(ca.sign(&names(&["not a name é"]), NOW).is_err());
    }
}
