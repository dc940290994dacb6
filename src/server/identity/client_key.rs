//! A client's certificate: the key that checks its assertions, and the two thumbprints that name it. Must not trust
//! anything else in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// Bits of an RSA key, at least; shorter ones can be broken.
const RSA_BITS_MIN: usize = 2_048;

/// A key that checks assertions of one client.
#[derive(Clone)]
pub(crate) struct ClientKey {
    /// The SHA-1 and the SHA-256 of the certificate, in base64url.
    pub(crate) thumbprints: [String; 2],
    /// The algorithms that it may sign with.
    pub(crate) algorithms: &'static [Algorithm],
    pub(crate) checks: DecodingKey,
    /// The validity of the certificate, in Unix seconds.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ClientKey").field("thumbprints", &self.thumbprints).finish_non_exhaustive()
    }
}

impl ClientKey {
    /// The first certificate of a PEM.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, String> {
        let found = Pem::iter_from_buffer(pem.as_bytes()).flatten().find(|part| part.label == "CERTIFICATE");
        let found = found.ok_or("a certificate is PEM text or a file of it: -----BEGIN CERTIFICATE-----")?;
        let (_, certificate) = X509Certificate::from_der(&found.contents)
            .map_err(|error| format!("its certificate does not read: {error}"))?;
        let subject = certificate.public_key();
        let key = subject.parsed().map_err(|error| format!("the key of its certificate does not read: {error}"))?;
        let curve = subject.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
        let is_p256 = subject.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(OID_EC_P256);
        let (algorithms, checks): (&[Algorithm], _) = match key {
            PublicKey::RSA(key) if key.key_size() >= RSA_BITS_MIN => {
                (&[Algorithm::RS256, Algorithm::PS256], DecodingKey::from_rsa_raw_components(key.modulus, key.exponent))
            }
            PublicKey::RSA(_) => return Err(format!("the RSA key of a certificate has at least {RSA_BITS_MIN} bits")),
            PublicKey::EC(point) if is_p256 => (&[Algorithm::ES256], DecodingKey::from_ec_der(point.data())),
            _ => return Err("a certificate has an RSA key, or one on the curve P-256".to_owned()),
        };
        let thumbprints = [
            URL_SAFE_NO_PAD.encode(Sha1::digest(&found.contents)),
            URL_SAFE_NO_PAD.encode(Sha256::digest(&found.contents)),
        ];
        let valid = certificate.validity();
        let (not_before, not_after) = (valid.not_before.timestamp(), valid.not_after.timestamp());
        Ok(Self { thumbprints, algorithms, checks, not_before, not_after })
    }

    /// Is this its SHA-1 (`x5t`) or SHA-256 (`x5t#S256`) thumbprint? Either alphabet of base64 is accepted, with or
    /// without padding.
    pub(crate) fn is_named(&self, x5t: Option<&str>, x5t_s256: Option<&str>) -> bool {
        let is = |given: &str, known: &str| given.trim_end_matches('=').replace('+', "-").replace('/', "_") == known;
        let [sha1, sha256] = &self.thumbprints;
        let fits = |given: Option<&str>, known: &str| given.is_none_or(|given| is(given, known));
        (x5t.is_some() || x5t_s256.is_some()) && fits(x5t, sha1) && fits(x5t_s256, sha256)
    }
}
