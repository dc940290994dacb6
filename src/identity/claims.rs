//! What a token says, in Microsoft's words. Only data.

use uuid::Uuid;

/// Whom every token is for.
pub const AUDIENCE: &str = "https://graph.microsoft.com";

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claims {
    /// Whom it is for: [`AUDIENCE`].
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
    /// Who is signed in, or the application itself.
    pub oid: Uuid,
    /// `user` for a delegated token, `app` for an application's.
    pub idtyp: String,
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
