//! The answer with tokens, in the format of both editions of the token endpoint. Must not decide whether to issue them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::discovery::issuer;
use super::proof::{ProofPlace, ProvenClient};
use crate::server::identity::{Bearer, ClientProof, Denial, IdentityError, Resource, SignedIn, TOKEN_SECONDS, Version};

/// Tokens for an account that signed in at a client.
pub(super) struct Delegated<'a> {
    pub(super) signed_in: SignedIn,
    pub(super) proven: ProvenClient<'a>,
    pub(super) nonce: Option<String>,
    /// Whether `client_info` is requested.
    pub(super) with_client_info: bool,
}

impl ProofPlace<'_> {
    /// A token for an application by itself.
    pub(super) fn of_application(
        &self,
        bearer: &Bearer,
        resource: Resource,
        proof: ClientProof,
        version: Version,
    ) -> Result<Value, Denial> {
        let now = self.request.now;
        let token = self.graph_tenant.issuer.issue_for(bearer, resource, proof, now).map_err(unsigned)?;
        Ok(self.answer(&token, resource, version))
    }

    /// Tokens for an account that signed in.
    pub(super) fn of_account(&self, delegated: Delegated<'_>, version: Version) -> Result<Value, Denial> {
        let Delegated { signed_in, proven: ProvenClient { client, proof }, nonce, with_client_info } = delegated;
        let (now, issuing, scopes) = (self.request.now, &self.graph_tenant.issuer, &signed_in.scopes);
        let permissions = scopes.granted(client.delegated())?;
        let granted = scopes.granted_text(&permissions);
        let bearer = Bearer::Account { name: signed_in.account.clone(), permissions, app: client.id().to_owned() };
        let token = issuing.issue_for(&bearer, scopes.resource, proof, now).map_err(unsigned)?;
        let mut answer = self.answer(&token, scopes.resource, version);
        answer["scope"] = json!(granted);
        if scopes.has("offline_access") {
            let refresh = issuing.refresh_token(&signed_in, Uuid::new_v4(), now).map_err(unsigned)?;
            answer["refresh_token"] = json!(refresh);
        }
        if scopes.has("openid") {
            let issuer = issuer(self.graph_tenant, version, self.request.origin);
            let id = issuing.id_token(&signed_in, &issuer, nonce.as_deref(), now).map_err(unsigned)?;
            answer["id_token"] = json!(id);
        }
        if with_client_info {
            answer["client_info"] = json!(issuing.client_info(&signed_in.account));
        }
        Ok(answer)
    }

    fn answer(&self, token: &str, resource: Resource, version: Version) -> Value {
        let seconds = TOKEN_SECONDS - 1;
        match version {
            Version::V2 => json!({
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": token,
            }),
            // The first edition writes numbers as strings.
            Version::V1 => json!({
                "token_type": "Bearer",
                "expires_in": seconds.to_string(),
                "ext_expires_in": seconds.to_string(),
                "expires_on": (self.request.now + TOKEN_SECONDS).to_string(),
                "not_before": self.request.now.to_string(),
                "resource": resource.audience(),
                "access_token": token,
            }),
        }
    }
}

/// Signing with a parsed key should not fail; if it does, the client may retry.
fn unsigned(_: IdentityError) -> Denial {
    Denial::Busy
}
