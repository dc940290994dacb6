//! What a token says, in Microsoft's words. Trusts nothing of it.

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize as _;
use uuid::Uuid;

/// The audience of every token.
pub const AUDIENCE: &str = "https://graph.microsoft.com";

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claims {
    /// Its audience: [`AUDIENCE`], or the id of Graph.
    pub aud: String,
    /// Who issued it; it names the tenant.
    pub iss: String,
    /// When, in Unix seconds.
    pub iat: u64,
    /// From when on it holds, in Unix seconds.
    pub nbf: u64,
    /// Until when, in Unix seconds.
    pub exp: u64,
    /// The tenant.
    pub tid: Uuid,
    /// The application that calls.
    pub appid: String,
    /// The same, as newer readers look for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// Who is signed in, or the application itself.
    pub oid: Uuid,
    /// The same: a token of Microsoft's has another id here for each application, which nothing reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Uuid>,
    /// `user` for a delegated token, `app` for an application's.
    pub idtyp: String,
    /// The name of the account, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The name of the account that is signed in; absent from an application's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// What the application may do by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What the application may do for who is signed in, with blanks between.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scp: String,
    /// The version of the token's form.
    pub ver: String,
}

/// What a token says of itself before anybody checked it: good for choosing the key to check it by, and for nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Claimed {
    /// Who would have issued it.
    #[serde(rename = "iss", deserialize_with = "text")]
    pub issuer: Option<String>,
    /// The tenant that it would be of.
    #[serde(rename = "tid", deserialize_with = "id")]
    pub tenant: Option<Uuid>,
}

impl Claimed {
    /// What this token says; nothing if it is none.
    pub fn by(token: &str) -> Self {
        insecure_decode_claims(token).unwrap_or_default()
    }
}

/// A text; whatever else stands there is nothing.
fn text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(serde_json::Value::deserialize(from)?.as_str().map(str::to_owned))
}

/// An id; whatever else stands there is nothing.
fn id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    Ok(text(from)?.and_then(|text| Uuid::try_parse(&text).ok()))
}
