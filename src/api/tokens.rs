//! Where tokens come from: the token endpoint, the discovery document and the key set, in Microsoft's words. Checks secrets,
//! keeps none.

use std::borrow::Cow;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::tenants::Tenants;
use crate::identity::TOKEN_SECONDS;

/// One of the three addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Desk {
    /// `oauth2/v2.0/token`, which takes a form.
    Token,
    /// `v2.0/.well-known/openid-configuration`.
    Discovery,
    /// `discovery/v2.0/keys`.
    Keys,
}

/// The tenant and the address of a path, if it is one of the three.
pub(crate) fn read(path: &str) -> Option<(&str, Desk)> {
    let (tenant, rest) = path.trim_start_matches('/').split_once('/')?;
    let desk = match rest.trim_end_matches('/').to_ascii_lowercase().as_str() {
        "oauth2/v2.0/token" => Desk::Token,
        "v2.0/.well-known/openid-configuration" => Desk::Discovery,
        "discovery/v2.0/keys" => Desk::Keys,
        _ => return None,
    };
    Some((tenant, desk))
}

/// Why no token is given, as the authority says it.
#[derive(Clone, Copy, Debug)]
enum Denial {
    Tenant,
    Grant,
    Form,
    Scope,
    Client,
}

impl Denial {
    const fn words(self) -> (StatusCode, &'static str, u32, &'static str) {
        match self {
            Self::Tenant => (StatusCode::BAD_REQUEST, "invalid_request", 90_002, "There is no such tenant here."),
            Self::Grant => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", 70_003, "Only client_credentials are taken here.")
            }
            Self::Form => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                900_144,
                "client_id, client_secret and scope are needed, each once.",
            ),
            Self::Scope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                1_002_012,
                "The scope of client credentials is https://graph.microsoft.com/.default.",
            ),
            Self::Client => {
                (StatusCode::UNAUTHORIZED, "invalid_client", 7_000_215, "Invalid client id or client secret provided.")
            }
        }
    }

    fn said(self) -> (StatusCode, Value) {
        let (status, error, code, words) = self.words();
        let description = format!("AADSTS{code}: {words}");
        (status, json!({ "error": error, "error_description": description, "error_codes": [code] }))
    }
}

/// The document about a tenant, or its keys.
pub(crate) fn document(tenants: &Tenants, tenant: &str, desk: Desk, origin: &str) -> (StatusCode, Value) {
    let Some(face) = tenants.called(tenant) else { return Denial::Tenant.said() };
    let id = face.id();
    if desk == Desk::Keys {
        return (StatusCode::OK, json!(face.issuer.key_set()));
    }
    let document = json!({
        "issuer": face.issuer.name(),
        "token_endpoint": format!("{origin}/{id}/oauth2/v2.0/token"),
        "jwks_uri": format!("{origin}/{id}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["https://graph.microsoft.com/.default"],
    });
    (StatusCode::OK, document)
}

/// A token for a client, if it gives its secret; `now` in Unix seconds.
pub(crate) fn token(
    tenants: &Tenants,
    tenant: &str,
    form: &[u8],
    basic: Option<&str>,
    now: u64,
) -> (StatusCode, Value) {
    match issue(tenants, tenant, form, basic, now) {
        Err(denial) => denial.said(),
        Ok(token) => {
            let answer = json!({
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS - 1,
                "ext_expires_in": TOKEN_SECONDS - 1,
                "access_token": token,
            });
            (StatusCode::OK, answer)
        }
    }
}

fn issue(tenants: &Tenants, tenant: &str, form: &[u8], basic: Option<&str>, now: u64) -> Result<String, Denial> {
    let face = tenants.called(tenant).ok_or(Denial::Tenant)?;
    let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let field = |name: &str| -> Result<Option<&str>, Denial> {
        let mut found = fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Denial::Form),
        }
    };
    if field("grant_type")? != Some("client_credentials") {
        return Err(Denial::Grant);
    }
    let in_header = basic.map(|header| credentials(header).ok_or(Denial::Client)).transpose()?;
    let (client, secret) = match in_header {
        Some(both) => both,
        None => match (field("client_id")?, field("client_secret")?) {
            (Some(client), Some(secret)) => (client.to_owned(), secret.to_owned()),
            _ => return Err(Denial::Form),
        },
    };
    if !field("scope")?.ok_or(Denial::Form)?.split_whitespace().any(|scope| scope.ends_with("/.default")) {
        return Err(Denial::Scope);
    }
    let bearer = face.clients.known(&client, &secret).ok_or(Denial::Client)?;
    // A key that was read signs.
    face.issuer.issue(&bearer, now).map_err(|_| Denial::Client)
}

/// Client and secret of a header for basic authentication.
fn credentials(header: &str) -> Option<(String, String)> {
    let encoded = header.strip_prefix("Basic ").or_else(|| header.strip_prefix("basic "))?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
    Some((decoded(client)?, decoded(secret)?))
}
