//! The claims of a token, under Microsoft's names. Must not be trusted before the signature is checked.

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize as _;
use uuid::Uuid;

/// The audience of every token.
pub const AUDIENCE: &str = "https://graph.microsoft.com";

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claims {
    /// Its audience: [`AUDIENCE`], or the application id of Graph.
    pub aud: String,
    /// Its issuer, whose name contains the tenant.
    pub iss: String,
    /// When it was issued, in Unix seconds.
    pub iat: u64,
    /// When it becomes valid, in Unix seconds.
    pub nbf: u64,
    /// When it expires, in Unix seconds.
    pub exp: u64,
    /// The tenant.
    pub tid: Uuid,
    /// The id of the application that calls.
    pub appid: String,
    /// The same id under its newer name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// How the client proved who it is; only tokens of the token endpoint have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azpacr: Option<String>,
    /// The id of the account that is signed in, or of the application.
    pub oid: Uuid,
    /// The same id. Microsoft uses a different one for each application; no reader needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Uuid>,
    /// `user` for a delegated token, `app` for an application token.
    pub idtyp: String,
    /// The display name of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The name of the account that is signed in; absent from an application token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The application permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The delegated permissions, separated by spaces.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scp: String,
    /// The version of the token format.
    pub ver: String,
}

/// What an unchecked token claims. It must be used only to choose the key that checks the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Claimed {
    /// The claimed issuer.
    #[serde(rename = "iss", deserialize_with = "text")]
    pub issuer: Option<String>,
    /// The claimed tenant.
    #[serde(rename = "tid", deserialize_with = "id")]
    pub tenant: Option<Uuid>,
}

impl Claimed {
    /// The claims of this text; none if it is not a token.
    pub fn by(token: &str) -> Self {
        insecure_decode_claims(token).unwrap_or_default()
    }
}

/// A string; any other value counts as absent.
fn text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(serde_json::Value::deserialize(from)?.as_str().map(str::to_owned))
}

/// An id; any other value counts as absent.
fn id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    Ok(text(from)?.and_then(|text| Uuid::try_parse(&text).ok()))
}
