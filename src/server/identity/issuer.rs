//! Issues and checks the tokens of one tenant: signature, algorithm, issuer, audience, expiry and not-before. Must not
//! read a clock for issuing; the library reads one for checking.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::account::principal_name;
use super::bearer::{Bearer, id_of};
use super::claims::Claims;
use super::error::{Distrust, IdentityError};
use super::key::ALGORITHM;
use super::key_ring::{CheckingKey, KeyRing};
use super::scope::Resource;
use crate::rules::service::access::DOMAIN;

/// The prefix of the name of every issuer of this program. It is not an address: a server may run anywhere.
const OURS: &str = "https://sts.reveille.example/";
/// How long a token is valid, in seconds: the shortest lifetime of Microsoft's.
pub const TOKEN_SECONDS: u64 = 3_600;
/// How long a token that a person makes may be valid, in seconds, at most: a year. A single token cannot be withdrawn.
pub const TOKEN_SECONDS_MAX: u64 = 366 * 24 * 3_600;
/// How far the clocks of two machines may differ, in seconds.
pub(crate) const LEEWAY_SECONDS: u64 = 5;

/// A token that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its bearer.
    pub bearer: Bearer,
    /// When it expires, in Unix seconds.
    pub expires: u64,
    /// The client that got it from the token endpoint: the token is good while it is registered. `None` for a token of
    /// `reveille token` or of a foreign issuer.
    pub client: Option<String>,
}

/// How a client proved who it is, as in the claim `azpacr` of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// It did not: it is public.
    Public,
    /// By a secret.
    Secret,
    /// By an assertion.
    Certificate,
}

impl ClientProof {
    const fn claim(self) -> &'static str {
        match self {
            Self::Public => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// The issuer of a tenant's tokens.
#[derive(Clone, Debug)]
pub struct Issuer {
    keys: KeyRing,
    tenant: Uuid,
    domain: String,
    validation: Validation,
}

impl Issuer {
    /// The issuer of a tenant, with these keys.
    pub fn new(keys: impl Into<KeyRing>, tenant: Uuid) -> Self {
        let mut validation = Validation::new(ALGORITHM);
        validation.set_audience(&[Resource::Address, Resource::Id].map(Resource::audience));
        validation.set_issuer(&[Self::name_of(tenant)]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        Self { keys: keys.into(), tenant, domain: DOMAIN.to_owned(), validation }
    }

    /// The same issuer for a tenant of this domain.
    #[must_use]
    pub fn of_domain(self, domain: &str) -> Self {
        Self { domain: domain.to_owned(), ..self }
    }

    /// The tenant's domain.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// The id of the tenant of this name; the same in every run.
    pub fn tenant_id(name: &str) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("https://reveille.example/tenants/{name}").as_bytes())
    }

    /// The tenant's id.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// Its name in tokens. It is not an address: a server may run anywhere, and its tokens belong to the tenant.
    pub fn name(&self) -> String {
        Self::name_of(self.tenant)
    }

    fn name_of(tenant: Uuid) -> String {
        format!("{OURS}{tenant}/v2.0")
    }

    /// Could an issuer of this program have this name?
    pub fn is_ours(name: &str) -> bool {
        name.starts_with(OURS)
    }

    /// The public keys that check its tokens.
    pub fn key_set(&self) -> JwkSet {
        self.keys.key_set()
    }

    /// A token for `bearer`, issued at `now`, in Unix seconds; it is valid for [`TOKEN_SECONDS`].
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn issue(&self, bearer: &Bearer, now: u64) -> Result<String, IdentityError> {
        self.sign(&self.claims(bearer, now))
    }

    /// The same, valid for so many seconds, at most [`TOKEN_SECONDS_MAX`].
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn issue_lasting(&self, bearer: &Bearer, seconds: u64, now: u64) -> Result<String, IdentityError> {
        self.sign(&Claims { exp: now + seconds.min(TOKEN_SECONDS_MAX), ..self.claims(bearer, now) })
    }

    /// A token for `bearer` from the token endpoint, whose audience is the name of Graph that the request used, for a
    /// client that proved who it is.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn issue_for(
        &self,
        bearer: &Bearer,
        resource: Resource,
        proof: ClientProof,
        now: u64,
    ) -> Result<String, IdentityError> {
        let azpacr = Some(proof.claim().to_owned());
        self.sign(&Claims { aud: resource.audience().to_owned(), azpacr, ..self.claims(bearer, now) })
    }

    /// The claims of a token for `bearer`.
    pub fn claims(&self, bearer: &Bearer, now: u64) -> Claims {
        let (idtyp, name, roles, scp, oid) = match bearer {
            Bearer::Account { name, permissions, .. } => {
                ("user", Some(name.clone()), Vec::new(), permissions.join(" "), id_of(self.tenant, "account", name))
            }
            Bearer::App { app, permissions } => {
                ("app", None, permissions.clone(), String::new(), id_of(self.tenant, "app", app))
            }
        };
        let upn = name.as_deref().map(|name| principal_name(name, &self.domain));
        Claims {
            aud: Resource::Address.audience().to_owned(),
            iss: self.name(),
            iat: now,
            nbf: now,
            exp: now + TOKEN_SECONDS,
            tid: self.tenant,
            appid: bearer.app().to_owned(),
            azp: Some(bearer.app().to_owned()),
            azpacr: None,
            oid,
            sub: Some(oid),
            idtyp: idtyp.to_owned(),
            name: name.clone(),
            upn,
            preferred_username: name,
            roles,
            scp,
            ver: "2.0".to_owned(),
        }
    }

    /// Signs the given claims.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn sign(&self, claims: &Claims) -> Result<String, IdentityError> {
        self.sign_any(claims)
    }

    /// Signs claims of a token that is not for Graph.
    pub(crate) fn sign_any(&self, claims: &impl Serialize) -> Result<String, IdentityError> {
        let key = self.keys.signing();
        let mut header = Header::new(ALGORITHM);
        header.kid = Some(key.id().to_owned());
        Ok(encode(&header, claims, &key.signs)?)
    }

    /// Reads a token that [`Self::sign_any`] signed for an audience at `now`; the caller checks the expiry.
    pub(crate) fn read_any<T: DeserializeOwned>(&self, token: &str, audience: &str, now: u64) -> Result<T, ErrorKind> {
        let CheckingKey { key, until } = self.checking(token);
        if until.is_some_and(|until| until < now) {
            return Err(ErrorKind::InvalidSignature);
        }
        let mut validation = self.validation.clone();
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
        validation.validate_exp = false;
        let read = decode::<T>(token, &key.checks, &validation);
        read.map(|read| read.claims).map_err(|error| error.kind().clone())
    }

    /// Checks a token.
    ///
    /// # Errors
    /// The first reason not to trust it.
    pub fn check(&self, token: &str) -> Result<Checked, Distrust> {
        if decode_header(token).is_err() {
            // The library has no algorithm `none` and cannot parse such a header, so it is reported as a missing
            // signature.
            return Err(if token.split('.').count() == 3 { Distrust::Signature } else { Distrust::Shape });
        }
        let CheckingKey { key, until } = self.checking(token);
        let read = decode::<Claims>(token, &key.checks, &self.validation);
        let claims = read.map_err(|error| distrust(error.kind()))?.claims;
        if claims.tid != self.tenant {
            return Err(Distrust::Issuer);
        }
        let expires = claims.exp;
        if until.is_some_and(|until| until < expires) {
            return Err(Distrust::Signature);
        }
        let client = claims.azpacr.is_some().then(|| claims.appid.clone());
        Ok(Checked { bearer: Bearer::of(claims)?, expires, client })
    }

    fn checking(&self, token: &str) -> CheckingKey {
        let id = decode_header(token).ok().and_then(|header| header.kid);
        self.keys.checking(id.as_deref())
    }
}

pub(crate) fn distrust(kind: &ErrorKind) -> Distrust {
    match kind {
        ErrorKind::ExpiredSignature => Distrust::Expired,
        ErrorKind::ImmatureSignature => Distrust::TooEarly,
        ErrorKind::InvalidAudience => Distrust::Audience,
        ErrorKind::InvalidIssuer => Distrust::Issuer,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => Distrust::Claims,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Utf8(_) => Distrust::Shape,
        // For any other error of the library, the token cannot be shown to be from this issuer.
        _ => Distrust::Signature,
    }
}
