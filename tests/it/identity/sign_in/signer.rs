//! A client that signs assertions with the key of its certificate. Must sign invalid claims too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm};
use reveille::clock::unix_ms;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A key that signs only the tests' tokens.
const RSA: &str = include_str!("../trust/rsa.pem");

pub(super) struct Signer {
    pub(super) key: EncodingKey,
    /// In PEM.
    pub(super) certificate: String,
    pub(super) sha1: String,
    pub(super) sha256: String,
}

impl Signer {
    /// A signer with the RSA key of these tests.
    pub(super) fn rsa() -> Self {
        let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).expect("it is a key");
        Self::new(key, RSA, &PKCS_RSA_SHA256, |_| {})
    }

    /// A signer with a new key on the curve P-256.
    pub(super) fn p256() -> Self {
        let pem = KeyPair::generate().expect("there is randomness").serialize_pem();
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("it is a key");
        Self::new(key, &pem, &PKCS_ECDSA_P256_SHA256, |_| {})
    }

    /// A signer with the RSA key of these tests, and a certificate that expired long ago.
    pub(super) fn expired() -> Self {
        let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).expect("it is a key");
        Self::new(key, RSA, &PKCS_RSA_SHA256, |wanted| wanted.not_after = rcgen::date_time_ymd(2020, 1, 1))
    }

    fn new(
        key: EncodingKey,
        pem: &str,
        algorithm: &'static SignatureAlgorithm,
        change: impl Fn(&mut CertificateParams),
    ) -> Self {
        let pair = KeyPair::from_pem_and_sign_algo(pem, algorithm).expect("it is a key");
        let mut wanted = CertificateParams::new(Vec::new()).expect("it has no names");
        change(&mut wanted);
        let made = wanted.self_signed(&pair).expect("it signs");
        let (sha1, sha256) = (Sha1::digest(made.der()), Sha256::digest(made.der()));
        let [sha1, sha256] = [URL_SAFE_NO_PAD.encode(sha1), URL_SAFE_NO_PAD.encode(sha256)];
        Self { key, certificate: made.pem(), sha1, sha256 }
    }

    /// The header that libraries write.
    pub(super) fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        header.x5t_s256 = Some(self.sha256.clone());
        header
    }

    pub(super) fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).expect("it signs")
    }

    /// An assertion as libraries make it.
    pub(super) fn assertion(&self, client: &str, audience: &str) -> String {
        self.sign(&self.header(Algorithm::PS256), &claims(client, audience))
    }
}

/// The claims of an assertion.
pub(super) fn claims(client: &str, audience: &str) -> Value {
    let now = unix_ms() / 1_000;
    json!({ "iss": client, "sub": client, "aud": audience, "nbf": now, "exp": now + 600, "jti": Uuid::new_v4() })
}
