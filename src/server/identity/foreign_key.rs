//! The public keys of a foreign issuer, from its key set. Secret, private and weak keys are refused by name; keys that
//! are not for signatures are skipped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::error::IdentityError;
use super::trust::wrong;

/// Bits of an RSA key, at least; shorter ones can be broken.
const RSA_BITS_MIN: usize = 2_048;

/// A key that checks signatures of one algorithm.
#[derive(Clone)]
pub(crate) struct ForeignKey {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    pub(crate) checks: DecodingKey,
}

impl std::fmt::Debug for ForeignKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, algorithm, .. } = self;
        out.debug_struct("ForeignKey").field("id", id).field("algorithm", algorithm).finish_non_exhaustive()
    }
}

/// The keys of a key set that check signatures.
///
/// # Errors
/// [`IdentityError::Trust`] for the first key that must not be in a public key set, or if no key is usable.
pub(crate) fn foreign_keys(text: &str) -> Result<Vec<ForeignKey>, IdentityError> {
    let set: Value = serde_json::from_str(text).map_err(|error| wrong(format!("the key set is not JSON: {error}")))?;
    let listed = set["keys"].as_array().ok_or_else(|| wrong("the key set has no list `keys`".to_owned()))?;
    let mut keys: Vec<ForeignKey> = Vec::new();
    for (at, key) in listed.iter().enumerate() {
        let name = key["kid"].as_str().map_or_else(|| format!("key {}", at + 1), |id| format!("key `{id}`"));
        let Some(key) = foreign_key(key).map_err(|what| wrong(format!("{name}: {what}")))? else { continue };
        if key.id.is_some() && keys.iter().any(|known| known.id == key.id) {
            return Err(wrong(format!("{name} stands there twice")));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        let what = "the key set has no key that checks signatures of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA";
        return Err(wrong(what.to_owned()));
    }
    Ok(keys)
}

/// One key; `None` if it serves another purpose.
fn foreign_key(key: &Value) -> Result<Option<ForeignKey>, String> {
    if key["kty"] == "oct" {
        return Err("it is a shared secret, and a server that checks with it could also sign with it".to_owned());
    }
    if !key["d"].is_null() {
        return Err("it is a private key, which only the issuer may have".to_owned());
    }
    let Ok(key) = serde_json::from_value::<Jwk>(key.clone()) else { return Ok(None) };
    if key.common.public_key_use.as_ref().is_some_and(|used| *used != PublicKeyUse::Signature) {
        return Ok(None);
    }
    let Some(algorithm) = algorithm(&key) else { return Ok(None) };
    if let AlgorithmParameters::RSA(parameters) = &key.algorithm {
        let modulus = URL_SAFE_NO_PAD.decode(&parameters.n).map_err(|_| "its n is not base64url".to_owned())?;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        if (modulus.len() - zeros) * 8 < RSA_BITS_MIN {
            return Err(format!("an RSA key has at least {RSA_BITS_MIN} bits"));
        }
    }
    let checks = DecodingKey::from_jwk(&key).map_err(|error| error.to_string())?;
    Ok(Some(ForeignKey { id: key.common.key_id, algorithm, checks }))
}

/// The one algorithm of a key: the one that it names, or the usual one of its type.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let usual = match &key.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(on) if on.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::EllipticCurve(on) if on.curve == EllipticCurve::P384 => Algorithm::ES384,
        AlgorithmParameters::OctetKeyPair(on) if on.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let Some(named) = key.common.key_algorithm else { return Some(usual) };
    let (named, of_rsa) = match named {
        KeyAlgorithm::RS256 => (Algorithm::RS256, true),
        KeyAlgorithm::RS384 => (Algorithm::RS384, true),
        KeyAlgorithm::RS512 => (Algorithm::RS512, true),
        KeyAlgorithm::PS256 => (Algorithm::PS256, true),
        KeyAlgorithm::PS384 => (Algorithm::PS384, true),
        KeyAlgorithm::PS512 => (Algorithm::PS512, true),
        KeyAlgorithm::ES256 => (Algorithm::ES256, false),
        KeyAlgorithm::ES384 => (Algorithm::ES384, false),
        KeyAlgorithm::EdDSA => (Algorithm::EdDSA, false),
        _ => return None,
    };
    // An RSA key may have one of six algorithms; every other type has one.
    (usual == named || usual == Algorithm::RS256 && of_rsa).then_some(named)
}
