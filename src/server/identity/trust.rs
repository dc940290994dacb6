//! A foreign issuer whose tokens are accepted: its public keys, the audiences of its tokens, and the tenant that they
//! open. Every key has one algorithm, which the token must not choose. Must not fetch anything.

use std::collections::BTreeMap;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use uuid::Uuid;

use super::error::{Distrust, IdentityError};
use super::foreign_claims::{ForeignClaims, SubjectClaim};
use super::foreign_key::{ForeignKey, foreign_keys};
use super::issuer::{Checked, Issuer, LEEWAY_SECONDS, distrust};

/// A foreign issuer as it is written in a file.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustPlan {
    /// Its name, as in the claim `iss` of its tokens.
    pub issuer: String,
    /// The accepted audiences (`aud`); a token needs one of them.
    pub audiences: Vec<String>,
    /// The file of its key set, relative to this file.
    pub jwks_file: String,
    /// The name of the tenant that all its tokens open.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Or the tenant that a token opens, by its claim `tid`.
    #[serde(default)]
    pub tenants: BTreeMap<Uuid, String>,
    /// The claim that names the user of a token.
    #[serde(default)]
    pub subject: SubjectClaim,
    /// Accounts of the tenant, by the value of that claim; a token of an unlisted user is refused.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
}

impl TrustPlan {
    /// Parses a file's text.
    ///
    /// # Errors
    /// [`IdentityError::Trust`].
    pub fn from_json(text: &str) -> Result<Self, IdentityError> {
        let plan: Self = crate::json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if plan.issuer.is_empty() || Issuer::is_ours(&plan.issuer) {
            return Err(wrong("issuer names a foreign issuer, as in the claim iss of its tokens".to_owned()));
        }
        if plan.audiences.is_empty() {
            return Err(wrong("audiences names at least one, as in the claim aud of its tokens".to_owned()));
        }
        if plan.tenant.is_some() != plan.tenants.is_empty() {
            return Err(wrong("either tenant or tenants says which tenant a token opens".to_owned()));
        }
        Ok(plan)
    }

    /// The names of the tenants that it mentions.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        self.tenant.iter().chain(self.tenants.values()).map(String::as_str)
    }

    /// The accounts that its users are.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.values().map(String::as_str)
    }

    /// Adds the key set from its file.
    ///
    /// # Errors
    /// [`IdentityError::Trust`] if a key is secret, private or weak, or no key is usable.
    pub fn with_keys(self, key_set: &str) -> Result<Trust, IdentityError> {
        Ok(Trust { keys: foreign_keys(key_set)?, plan: self })
    }
}

/// A foreign issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct Trust {
    plan: TrustPlan,
    keys: Vec<ForeignKey>,
}

impl Trust {
    /// Its name.
    pub fn issuer(&self) -> &str {
        &self.plan.issuer
    }

    /// Checks a token and names the tenant that it opens.
    ///
    /// # Errors
    /// The first reason not to trust it.
    pub fn check(&self, token: &str) -> Result<(&str, Checked), Distrust> {
        let header = decode_header(token).map_err(|_| Distrust::Signature)?;
        // No critical header (`crit`) is supported, and an unsupported one must not be ignored (RFC 7515).
        if header.crit.is_some() {
            return Err(Distrust::Signature);
        }
        let key = self.key(header.kid.as_deref()).ok_or(Distrust::Signature)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_audience(&self.plan.audiences);
        validation.set_issuer(&[&self.plan.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        let read = decode::<ForeignClaims>(token, &key.checks, &validation);
        let claims = read.map_err(|error: jsonwebtoken::errors::Error| match error.kind() {
            ErrorKind::InvalidAlgorithm => Distrust::Signature,
            kind => distrust(kind),
        })?;
        let claims = claims.claims;
        let by_id = || claims.tid.and_then(|id| self.plan.tenants.get(&id));
        let tenant = self.plan.tenant.as_ref().or_else(by_id).ok_or(Distrust::Issuer)?;
        let expires = claims.exp;
        let bearer = claims.bearer(self.plan.subject, &self.plan.accounts)?;
        Ok((tenant, Checked { bearer, expires, client: None }))
    }

    /// The key that a token names; a token that names none is checked with the only key, if there is just one.
    fn key(&self, id: Option<&str>) -> Option<&ForeignKey> {
        match id {
            Some(id) => self.keys.iter().find(|key| key.id.as_deref() == Some(id)),
            None => self.keys.first().filter(|_| self.keys.len() == 1),
        }
    }
}

pub(crate) fn wrong(what: String) -> IdentityError {
    IdentityError::Trust(what)
}
