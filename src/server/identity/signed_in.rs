//! The tokens of a signed-in person that are not for Graph: the id token for the client, and the refresh token for this
//! authority. Both are signed by the tenant's issuer and name their audience, so that neither can be used as another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::account::principal_name;
use super::bearer::id_of;
use super::denial::Denial;
use super::error::IdentityError;
use super::issuer::{Issuer, TOKEN_SECONDS};
use super::scope::Scopes;

/// The audience of a refresh token.
const REFRESH_AUDIENCE: &str = "urn:reveille:refresh-token";
/// How long a refresh token is valid, in seconds: 90 days, as Microsoft's.
const REFRESH_SECONDS: u64 = 90 * 86_400;

/// Which account signed in, at which client, with which scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The account.
    pub account: String,
    /// The client.
    pub client: String,
    /// The requested scopes.
    pub scopes: Scopes,
}

/// The claims of a refresh token.
#[derive(Serialize, Deserialize)]
struct RefreshClaims {
    aud: String,
    iss: String,
    iat: u64,
    exp: u64,
    tid: Uuid,
    jti: Uuid,
    #[serde(flatten)]
    signed_in: SignedIn,
}

impl Issuer {
    /// The ids of the account and the tenant, in the encoding that libraries parse.
    pub fn client_info(&self, account: &str) -> String {
        let ids = json!({ "uid": id_of(self.tenant(), "account", account), "utid": self.tenant() });
        URL_SAFE_NO_PAD.encode(ids.to_string())
    }

    /// An id token for the client at which an account signed in; `issuer` is the authority's name in its discovery
    /// document.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn id_token(
        &self,
        signed_in: &SignedIn,
        issuer: &str,
        nonce: Option<&str>,
        now: u64,
    ) -> Result<String, IdentityError> {
        let SignedIn { account, client, scopes } = signed_in;
        let tenant = self.tenant();
        let mut claims = json!({
            "aud": client,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "oid": id_of(tenant, "account", account),
            "sub": id_of(tenant, "subject", &format!("{client}/{account}")),
            "tid": tenant,
            "ver": "2.0",
        });
        if scopes.has("profile") {
            claims["name"] = json!(account);
            claims["preferred_username"] = json!(principal_name(account, self.domain()));
        }
        if scopes.has("email") {
            claims["email"] = json!(principal_name(account, self.domain()));
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.sign_any(&claims)
    }

    /// A refresh token; `id` makes it unique.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub fn refresh_token(&self, signed_in: &SignedIn, id: Uuid, now: u64) -> Result<String, IdentityError> {
        self.sign_any(&RefreshClaims {
            aud: REFRESH_AUDIENCE.to_owned(),
            iss: self.name(),
            iat: now,
            exp: now + REFRESH_SECONDS,
            tid: self.tenant(),
            jti: id,
            signed_in: signed_in.clone(),
        })
    }

    /// The sign-in of a refresh token that a client presents at `now`.
    ///
    /// # Errors
    /// [`Denial::InvalidGrant`] or [`Denial::Expired`].
    pub fn signed_in(&self, refresh_token: &str, client: &str, now: u64) -> Result<SignedIn, Denial> {
        let invalid = || Denial::InvalidGrant("refresh_token");
        let claims: RefreshClaims =
            self.read_any(refresh_token, REFRESH_AUDIENCE, now).map_err(|_: ErrorKind| invalid())?;
        if claims.tid != self.tenant() || claims.signed_in.client != client {
            return Err(invalid());
        }
        if claims.exp <= now {
            return Err(Denial::Expired);
        }
        Ok(claims.signed_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::identity::{Bearer, Distrust, SigningKey};

    const NOW: u64 = 1_800_000_000;

    fn issuer(tenant: &str) -> Issuer {
        let pem = SigningKey::generate_pem().expect("there is randomness");
        Issuer::new(SigningKey::from_pem(&pem).expect("it is a key"), Issuer::tenant_id(tenant))
    }

    fn ann(client: &str) -> SignedIn {
        let scopes = Scopes::parse("openid profile offline_access User.Read", "http://x").expect("it parses");
        SignedIn { account: "ann".to_owned(), client: client.to_owned(), scopes }
    }

    #[test]
    fn a_refresh_token_is_for_its_client_its_tenant_and_its_time() {
        let ours = issuer("a");
        let token = ours.refresh_token(&ann("app"), Uuid::new_v4(), NOW).expect("it signs");
        assert_eq!(ours.signed_in(&token, "app", NOW + 1), Ok(ann("app")));
        assert_eq!(ours.signed_in(&token, "other", NOW), Err(Denial::InvalidGrant("refresh_token")));
        assert_eq!(ours.signed_in(&token, "app", NOW + REFRESH_SECONDS), Err(Denial::Expired));
        assert_eq!(issuer("a").signed_in(&token, "app", NOW), Err(Denial::InvalidGrant("refresh_token")));
        for rubbish in ["", "x", "a.b.c", &token[1..]] {
            assert_eq!(ours.signed_in(rubbish, "app", NOW), Err(Denial::InvalidGrant("refresh_token")), "{rubbish}");
        }
    }

    #[test]
    fn no_token_can_be_used_as_another() {
        let ours = issuer("a");
        let refresh = ours.refresh_token(&ann("app"), Uuid::new_v4(), NOW).expect("it signs");
        let id = ours.id_token(&ann("app"), "https://x", Some("n"), NOW).expect("it signs");
        let access = Bearer::Account { name: "ann".to_owned(), permissions: Vec::new(), app: "app".to_owned() };
        let access = ours.issue(&access, NOW).expect("it signs");
        for token in [&id, &access] {
            assert_eq!(ours.signed_in(token, "app", NOW), Err(Denial::InvalidGrant("refresh_token")));
        }
        for token in [&refresh, &id] {
            assert!(matches!(ours.check(token), Err(Distrust::Audience | Distrust::Claims)), "{:?}", ours.check(token));
        }
    }
}
