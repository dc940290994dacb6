//! A client's assertion: a token that the client signs with its certificate's key instead of sending a secret. Whether
//! it was presented before is checked by `replay`.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;

use super::client::Client;
use super::denial::Denial;
use super::issuer::LEEWAY_SECONDS;

/// How far in the future an assertion may expire, in seconds; those of the libraries expire after ten minutes.
const AHEAD_SECONDS_MAX: u64 = 86_400;
/// Bytes of an assertion, at most; one with a chain of certificates in its header has about half as many.
const BYTES_MAX: usize = 16_384;

/// The value of `client_assertion_type` for a JSON Web Token (RFC 7523).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A valid assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Its id; the whole assertion if it has none.
    pub id: String,
    /// When it expires, in Unix seconds.
    pub expires: u64,
}

/// Its claims.
#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    #[serde(deserialize_with = "seconds")]
    exp: u64,
    #[serde(default, deserialize_with = "some_seconds")]
    nbf: Option<u64>,
    #[serde(default)]
    jti: Option<String>,
}

/// One audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Unix seconds; MSAL for Python writes fractions of them, which RFC 7519 allows.
fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    let whole = number.as_u64().or_else(|| format!("{:.0}", number.as_f64()?.floor()).parse().ok());
    whole.ok_or_else(|| serde::de::Error::custom("a time is in seconds and not before 1970"))
}

fn some_seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    seconds(from).map(Some)
}

impl Assertion {
    /// Checks an assertion of a client, at `now` in Unix seconds; it is meant for one of these audiences.
    ///
    /// # Errors
    /// The first reason not to take it.
    pub fn check(token: &str, client: &Client, audiences: &[String], now: u64) -> Result<Self, Denial> {
        if token.len() > BYTES_MAX {
            return Err(Denial::AssertionShape("it is too long"));
        }
        let Ok(header) = decode_header(token) else {
            return Err(Denial::AssertionShape("it is no signed JSON Web Token"));
        };
        // No critical header (`crit`) is supported, and an unsupported one must not be ignored (RFC 7515).
        if header.crit.is_some() {
            return Err(Denial::AssertionShape("its header demands an extension"));
        }
        if header.x5t.is_none() && header.x5t_s256.is_none() {
            return Err(Denial::AssertionShape("its header has neither x5t nor x5t#S256"));
        }
        let named =
            |key: &&super::client_key::ClientKey| key.is_named(header.x5t.as_deref(), header.x5t_s256.as_deref());
        let key = client.keys().iter().find(named).ok_or(Denial::AssertionSignature)?;
        if !key.algorithms.contains(&header.alg) {
            return Err(Denial::AssertionSignature);
        }
        let signed_now = now.cast_signed();
        if signed_now < key.not_before || signed_now > key.not_after {
            return Err(Denial::AssertionTime);
        }
        // Times and audiences are compared below, with `now` and `audiences`.
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_required_spec_claims::<&str>(&[]);
        let read = decode::<AssertionClaims>(token, &key.checks, &validation);
        let claims = read.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Denial::AssertionSignature,
            _ => Denial::AssertionShape("a claim is missing or malformed: iss, sub, aud and exp are needed"),
        })?;
        let claims = claims.claims;
        if claims.iss != client.id() || claims.sub != client.id() {
            return Err(Denial::AssertionClient);
        }
        let is_ours = |aud: &String| {
            let plain = aud.trim_end_matches('/');
            audiences.iter().any(|ours| ours.eq_ignore_ascii_case(plain))
        };
        let is_for_us = match &claims.aud {
            OneOrMany::One(audience) => is_ours(audience),
            OneOrMany::Many(audiences) => audiences.iter().any(is_ours),
        };
        if !is_for_us {
            return Err(Denial::AssertionAudience);
        }
        let is_early = claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY_SECONDS);
        if is_early || claims.exp.saturating_add(LEEWAY_SECONDS) <= now || claims.exp > now + AHEAD_SECONDS_MAX {
            return Err(Denial::AssertionTime);
        }
        Ok(Self { id: claims.jti.unwrap_or_else(|| token.to_owned()), expires: claims.exp + LEEWAY_SECONDS })
    }
}
