//! Authenticates the client of a token request: by a secret in the form or in a header, by an assertion, or without
//! either if it is public. Must store nothing but which assertions were presented.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::attempt::SignInAttempt;
use super::request::Request;
use super::sign_in::SignIn;
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::{ASSERTION_TYPE, Assertion, Client, ClientProof, Clients, Denial, FailureKey, Fields};

/// The context of a client's authentication.
pub(super) struct ProofPlace<'a> {
    pub(super) graph_tenant: &'a GraphTenant,
    /// The tenant's clients when the request came.
    pub(super) clients: Arc<Clients>,
    pub(super) attempt: &'a SignInAttempt,
    pub(super) sign_in: &'a SignIn,
    /// The tenant as it is written in the path.
    pub(super) tenant: &'a str,
    pub(super) request: &'a Request<'a>,
}

/// The credential that a client shows.
enum Shown<'a> {
    Nothing,
    Secret(&'a str),
    Assertion(&'a str),
}

/// A client that proved who it is, or is public.
pub(super) struct ProvenClient<'c> {
    pub(super) client: &'c Client,
    pub(super) proof: ClientProof,
}

impl ProofPlace<'_> {
    /// The client with this id.
    ///
    /// # Errors
    /// [`Denial::NoClient`].
    pub(super) fn registered(&self, id: &str) -> Result<&Client, Denial> {
        let client = self.clients.find(id).ok_or_else(|| Denial::NoClient(Denial::shown(id)))?;
        self.attempt.of_client(client.id());
        Ok(client)
    }

    /// The authenticated client. `used` is what an assertion is used for, if the request could be repeated.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub(super) async fn client(&self, fields: &Fields, used: Option<&str>) -> Result<ProvenClient<'_>, Denial> {
        let header = self.request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
        let basic = header.filter(|header| header.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
        let basic = basic
            .map(|header| credentials(&header[6..]).ok_or(Denial::Malformed("the header Authorization does not read")))
            .transpose()?;
        let id = match (&basic, fields.get("client_id")) {
            (Some((id, _)), None) => id.as_str(),
            (Some((id, _)), Some(given)) if !id.eq_ignore_ascii_case(given) => {
                return Err(Denial::Malformed("two client ids are given"));
            }
            (_, Some(id)) => id,
            (None, None) => return Err(Denial::Missing("client_id")),
        };
        let client = self.registered(id)?;
        let shown = shown(fields, basic.as_ref())?;
        if !matches!(shown, Shown::Nothing) {
            self.sign_in.may_try(&FailureKey::Client(self.graph_tenant.id(), client.id().to_owned()))?;
        }
        let proof = match (shown, client.is_public()) {
            (Shown::Nothing, true) => ClientProof::Public,
            (Shown::Nothing, false) => return Err(Denial::NoProof),
            (_, true) => return Err(Denial::PublicProof),
            (Shown::Secret(secret), false) => {
                let is_right = match client.secret() {
                    Some(hash) => self.sign_in.slow_checks().is_of(hash, secret).await?,
                    None => false,
                };
                if !is_right {
                    return Err(Denial::Secret(client.id().to_owned()));
                }
                ClientProof::Secret
            }
            (Shown::Assertion(token), false) => {
                let now = self.request.now;
                let assertion = Assertion::check(token, client, &self.audiences(), now)?;
                self.sign_in.presented().take(client.id(), token, &assertion, used, now)?;
                ClientProof::Certificate
            }
        };
        Ok(ProvenClient { client, proof })
    }

    /// The audiences that an assertion may have: this tenant's token endpoint, its issuer, its authority.
    fn audiences(&self) -> Vec<String> {
        let id = self.graph_tenant.id().to_string();
        let ends = ["/oauth2/v2.0/token", "/oauth2/token", "/v2.0", ""];
        let each = |tenant: &str| ends.map(|end| format!("{}/{tenant}{end}", self.request.origin));
        [self.tenant, &id].into_iter().flat_map(each).collect()
    }
}

/// The credential of a client, at most one.
fn shown<'a>(fields: &'a Fields, basic: Option<&'a (String, String)>) -> Result<Shown<'a>, Denial> {
    let in_header = basic.map(|(_, secret)| secret.as_str()).filter(|secret| !secret.is_empty());
    match (in_header, fields.get("client_secret"), fields.get("client_assertion")) {
        (None, None, None) if fields.get("client_assertion_type").is_some() => Err(Denial::Missing("client_assertion")),
        (None, None, None) => Ok(Shown::Nothing),
        (Some(secret), None, None) | (None, Some(secret), None) => Ok(Shown::Secret(secret)),
        (None, None, Some(token)) => match fields.need("client_assertion_type")? {
            ASSERTION_TYPE => Ok(Shown::Assertion(token)),
            _ => Err(Denial::Malformed(
                "client_assertion_type is urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )),
        },
        _ => Err(Denial::Malformed("the client proves who it is in more than one way")),
    }
}

/// Client id and secret of a basic authentication header.
fn credentials(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
    Some((decoded(client)?, decoded(secret)?))
}
