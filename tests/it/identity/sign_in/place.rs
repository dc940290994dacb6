//! A server with clients of every kind, and forms for its authority. Must not judge answers beyond their form.

use serde_json::{Value, json};

use super::signer::Signer;
use crate::fixtures::caller::{Reply, Served, TENANT};
use crate::fixtures::program::Folder;

pub(super) const SECRET: &str = "0123456789012345678901234567890123456789";
pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const SCOPE: &str = "https://graph.microsoft.com/.default";
pub(super) const LOCAL: &str = "http://localhost:50000";

/// A server with one tenant, or two, and its clients.
pub(super) struct Place {
    pub(super) served: Served,
    pub(super) signer: Signer,
    /// The id of the first tenant.
    pub(super) tenant: String,
}

impl Place {
    pub(super) fn start(name: &str, more: &[&str]) -> Self {
        Self::serving(name, &[("scenario.toml", TENANT)], more)
    }

    pub(super) fn serving(name: &str, scenarios: &[(&str, &str)], more: &[&str]) -> Self {
        let folder = Folder::new(&format!("{name}_source"));
        let signer = Signer::rsa();
        folder.write("nightly.pem", &signer.certificate);
        folder.write("clients.json", &clients().to_string());
        let path = folder.path().join("clients.json");
        let arguments = [&["--clients", path.to_str().expect("a path")], more].concat();
        let served = Served::several(name, scenarios, &arguments);
        Self { served, signer, tenant: reveille::server::identity::Issuer::tenant_id("small").to_string() }
    }

    /// Posts a form to an endpoint of the tenant `small`.
    pub(super) fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_to(&format!("/small/{endpoint}"), fields)
    }

    pub(super) fn post_to(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        self.served.send("POST", path, &headers, query(fields).as_bytes())
    }

    pub(super) fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.post("oauth2/v2.0/token", fields)
    }

    pub(super) fn open(&self, endpoint: &str, fields: &[(&str, &str)]) -> Reply {
        self.served.send("GET", &format!("/small/{endpoint}?{}", query(fields)), &[], b"")
    }

    /// The address of an endpoint, as an assertion names it.
    pub(super) fn address(&self, endpoint: &str) -> String {
        format!("http://{}/small/{endpoint}", self.served.address)
    }

    /// The token is accepted for reading.
    #[track_caller]
    pub(super) fn reads(&self, answer: &Value) {
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("no token in {answer}"));
        self.served.get(token, "/v1.0/users").is(200);
    }
}

/// A query or a form.
pub(super) fn query(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The fields with some of them changed; an empty value removes one.
pub(super) fn with<'f>(fields: &[(&'f str, &'f str)], changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let kept = fields.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

/// Checks a refusal of the authority: the OAuth error, its code, and the ids of the request.
#[track_caller]
pub(super) fn refused(reply: &Reply, status: u16, error: &str, code: u64) {
    let told = reply.clone().is(status).json();
    assert_eq!((told["error"].as_str(), told["error_codes"][0].as_u64()), (Some(error), Some(code)), "{told}");
    let description = told["error_description"].as_str().expect("a description");
    let trace = told["trace_id"].as_str().expect("a trace");
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
    assert!(description.contains(&format!("Trace ID: {trace} Correlation ID: ")), "{description}");
    assert_eq!(reply.header("request-id"), Some(trace));
    assert!(reply.header("cache-control") == Some("no-store") && told["timestamp"].is_string(), "{reply:?}");
    for secret in [SECRET, PASSWORD] {
        assert!(!reply.text.contains(secret), "a secret is not given back: {}", reply.text);
    }
}

/// The claims of a token.
#[track_caller]
pub(super) fn claims(token: &Value) -> Value {
    use base64::Engine as _;
    let token = token.as_str().unwrap_or_else(|| panic!("no token: {token}"));
    let part = token.split('.').nth(1).expect("a token has three parts");
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).expect("it is base64url");
    serde_json::from_slice(&text).expect("it is JSON")
}

/// One client of every kind, and an account with a password.
fn clients() -> Value {
    // printf %s … | sha256sum
    let secret = "fb526cd4ad0ec978c1a9e78f7c0728711139978424d618eb228be59e21188970";
    let password = "c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a";
    json!({
        "clients": [
            { "client_id": "nightly", "secret_sha256": secret, "certificates": ["nightly.pem"], "permissions": ["User.Read.All"] },
            { "client_id": "web", "name": "The <web>", "secret_sha256": secret, "redirect_uris": ["https://app.example/cb?x=1", "http://localhost/cb"] },
            { "client_id": "public", "public": true, "redirect_uris": ["app://cb"] },
            { "client_id": "narrow", "public": true, "delegated": ["User.Read.All"] },
        ],
        "accounts": [{ "name": "desk", "password_sha256": password }],
    })
}
