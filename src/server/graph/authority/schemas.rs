//! The schemas of the authority's requests and answers, for the `OpenAPI` document.

use serde_json::{Value, json};

/// The accepted grant types.
const GRANT_TYPES: [&str; 5] = [
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
];

/// All schemas, by name.
pub(crate) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let whole = json!({ "type": "integer", "minimum": 0 });
    // The first edition writes numbers as strings.
    let number = json!({ "type": ["integer", "string"] });
    json!({
        "credentials": {
            "type": "object",
            "required": ["grant_type", "client_id"],
            "properties": {
                "grant_type": { "enum": GRANT_TYPES },
                "client_id": text,
                "client_secret": text,
                "client_assertion_type": { "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" },
                "client_assertion": text,
                "scope": text,
                "resource": text,
                "code": text,
                "redirect_uri": text,
                "code_verifier": text,
                "device_code": text,
                "refresh_token": text,
                "username": text,
                "password": text,
            },
        },
        "token": {
            "type": "object",
            "required": ["token_type", "expires_in", "ext_expires_in", "access_token"],
            "properties": {
                "token_type": { "const": "Bearer" },
                "expires_in": number,
                "ext_expires_in": number,
                "access_token": text,
                "scope": text,
                "resource": text,
                "id_token": text,
                "refresh_token": text,
                "client_info": text,
            },
        },
        "deviceRequest": {
            "type": "object",
            "required": ["client_id"],
            "properties": { "client_id": text, "scope": text, "resource": text },
        },
        "deviceCode": all_of(&json!({
            "user_code": text, "device_code": text, "expires_in": number, "interval": number, "message": text,
        })),
        "discovery": all_of(&json!({
            "issuer": text,
            "authorization_endpoint": text,
            "token_endpoint": text,
            "device_authorization_endpoint": text,
            "end_session_endpoint": text,
            "jwks_uri": text,
            "response_types_supported": texts,
            "subject_types_supported": texts,
            "id_token_signing_alg_values_supported": texts,
        })),
        "instance": all_of(&json!({ "tenant_discovery_endpoint": text, "api-version": text, "metadata": { "type": "array", "items": { "type": "object" } } })),
        "userRealm": all_of(&json!({ "ver": text, "account_type": { "const": "Managed" }, "domain_name": text })),
        "keys": all_of(&json!({ "keys": { "type": "array", "items": { "type": "object" } } })),
        "denial": all_of(&json!({
            "error": text,
            "error_description": text,
            "error_codes": { "type": "array", "items": whole },
            "timestamp": text,
            "trace_id": text,
            "correlation_id": text,
        })),
    })
}

/// An object schema that requires all of these properties.
fn all_of(properties: &Value) -> Value {
    let names = properties.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
    json!({ "type": "object", "required": names, "properties": properties })
}
