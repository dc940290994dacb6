//! What libraries request before a sign-in: the discovery document, the key set, the authority's host names, and how a
//! user signs in. Every address has the origin of the request.

use serde_json::{Value, json};

use super::endpoint::AUTHORITY_HOSTS;
use super::request::Request;
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::{Denial, Version};

/// The hosts of Microsoft's public cloud.
const PUBLIC_CLOUD: [&str; 4] =
    ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];

/// The issuer name of a tenant's authority, as in its id tokens.
pub(super) fn issuer(graph_tenant: &GraphTenant, version: Version, origin: &str) -> String {
    match version {
        Version::V1 => format!("{origin}/{}/", graph_tenant.id()),
        Version::V2 => format!("{origin}/{}/v2.0", graph_tenant.id()),
    }
}

/// The discovery document of a tenant.
pub(super) fn document(graph_tenant: &GraphTenant, version: Version, origin: &str) -> Value {
    let tenant = format!("{origin}/{}", graph_tenant.id());
    let oauth2 = match version {
        Version::V1 => format!("{tenant}/oauth2"),
        Version::V2 => format!("{tenant}/oauth2/v2.0"),
    };
    let keys = match version {
        Version::V1 => format!("{tenant}/discovery/keys"),
        Version::V2 => format!("{tenant}/discovery/v2.0/keys"),
    };
    json!({
        "issuer": issuer(graph_tenant, version, origin),
        "authorization_endpoint": format!("{oauth2}/authorize"),
        "token_endpoint": format!("{oauth2}/token"),
        "device_authorization_endpoint": format!("{oauth2}/devicecode"),
        "end_session_endpoint": format!("{oauth2}/logout"),
        "jwks_uri": keys,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "password",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "code_challenge_methods_supported": ["S256", "plain"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "name", "oid", "tid", "ver", "preferred_username", "email",
        ],
        "request_uri_parameter_supported": false,
        "http_logout_supported": false,
        "frontchannel_logout_supported": false,
        "tenant_region_scope": "NA",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })
}

/// Which hosts are the same authority, for a library that checks this before it trusts one.
pub(super) fn instance(request: &Request<'_>) -> Result<Value, Denial> {
    let fields = request.query()?;
    let endpoint = fields.need("authorization_endpoint")?;
    let (scheme, rest) = endpoint.split_once("://").ok_or(Denial::Instance)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let ours = request.origin.split("://").nth(1).unwrap_or_default();
    let is_known =
        host.eq_ignore_ascii_case(ours) || AUTHORITY_HOSTS.iter().any(|known| host.eq_ignore_ascii_case(known));
    let tenant = path.split('/').next().filter(|tenant| !tenant.is_empty());
    let plain = |tenant: &&str| tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte));
    let tenant = tenant.filter(plain).unwrap_or("common");
    if !is_known || !matches!(scheme, "http" | "https") {
        return Err(Denial::Instance);
    }
    let cloud =
        json!({ "preferred_network": PUBLIC_CLOUD[0], "preferred_cache": PUBLIC_CLOUD[1], "aliases": PUBLIC_CLOUD });
    let mut metadata = vec![cloud];
    if !PUBLIC_CLOUD.iter().any(|known| ours.eq_ignore_ascii_case(known)) {
        metadata.push(json!({ "preferred_network": ours, "preferred_cache": ours, "aliases": [ours] }));
    }
    Ok(json!({
        "tenant_discovery_endpoint": format!("{scheme}://{host}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": metadata,
    }))
}

/// How a user signs in: always here, never at another authority.
pub(super) fn user_realm(user: &str) -> Value {
    let (_, domain) = user.rsplit_once('@').unwrap_or(("", user));
    json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    })
}
