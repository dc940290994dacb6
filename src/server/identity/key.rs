//! The key that signs tokens: ES256, generated or read from PEM. Its public half goes into the key set. Must not sign
//! anything itself.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use super::error::IdentityError;

/// The algorithm of every token, and the only accepted one.
pub(crate) const ALGORITHM: Algorithm = Algorithm::ES256;

/// A private key on the curve P-256, ready to sign and to check.
#[derive(Clone)]
pub struct SigningKey {
    pub(crate) signs: EncodingKey,
    pub(crate) checks: DecodingKey,
    public: Jwk,
}

impl std::fmt::Debug for SigningKey {
    /// Omits the key.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SigningKey").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new key, as PEM.
    ///
    /// # Errors
    /// [`IdentityError::Certificate`] if the system has no randomness.
    pub fn generate_pem() -> Result<String, IdentityError> {
        Ok(rcgen::KeyPair::generate()?.serialize_pem())
    }

    /// The key in a PEM.
    ///
    /// # Errors
    /// [`IdentityError::Key`].
    pub fn from_pem(pem: &str) -> Result<Self, IdentityError> {
        let wrong = |error: jsonwebtoken::errors::Error| IdentityError::Key(error.to_string());
        let signs = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(wrong)?;
        let mut public = Jwk::from_encoding_key(&signs, ALGORITHM).map_err(wrong)?;
        public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256).map_err(wrong)?);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let checks = DecodingKey::from_jwk(&public).map_err(wrong)?;
        Ok(Self { signs, checks, public })
    }

    /// Its id: the thumbprint of its public half.
    pub fn id(&self) -> &str {
        self.public.common.key_id.as_deref().expect("it is given when the key is read")
    }

    /// The key set that holds its public half.
    pub fn key_set(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }
}
