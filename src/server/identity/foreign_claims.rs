//! The claims of a foreign token, under the names that issuers use, and who bears it. A name that a user can change must
//! not decide which account it is.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::bearer::Bearer;
use super::error::Distrust;

/// The claim that names the user of a foreign token: one that the issuer assigns once and no user can change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectClaim {
    /// `sub`, which every issuer has (RFC 9068).
    #[default]
    Sub,
    /// `oid`, the id of the object at Entra ID; its `sub` differs from application to application.
    Oid,
}

/// The claims of a foreign token that are used. Issuers write the same thing under several names, and some write it
/// under two at once, so each name is a field of its own.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct ForeignClaims {
    pub(crate) exp: u64,
    #[serde(default)]
    pub(crate) tid: Option<Uuid>,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    appid: Option<String>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    idtyp: Option<String>,
    #[serde(default)]
    preferred_username: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    upn: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scp: Option<ScopeWords>,
    #[serde(default)]
    scope: Option<ScopeWords>,
}

/// Scopes, separated by spaces (RFC 8693) or as a list.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(untagged)]
enum ScopeWords {
    Text(String),
    List(Vec<String>),
}

impl ScopeWords {
    fn words(self) -> Vec<String> {
        match self {
            Self::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
            Self::List(words) => words,
        }
    }
}

impl ForeignClaims {
    /// The bearer of the token: an account if it has delegated permissions (`scp` or `scope`) or is marked as one,
    /// otherwise an application. The account is the one that `accounts` has for the value of the claim `subject`.
    ///
    /// # Errors
    /// [`Distrust::Claims`] if the token does not say which of the two it is, or has no subject;
    /// [`Distrust::Account`] if its subject is not listed.
    pub(crate) fn bearer(self, subject: SubjectClaim, accounts: &BTreeMap<String, String>) -> Result<Bearer, Distrust> {
        let has_name = self.preferred_username.is_some() || self.upn.is_some();
        let scopes = self.scp.or(self.scope);
        let is_account = match self.idtyp.as_deref() {
            Some("user") => true,
            Some("app") if scopes.is_none() => false,
            // A user's id token can have roles too: it must not pass as an application's token.
            None if scopes.is_none() && has_name => return Err(Distrust::Claims),
            None => scopes.is_some(),
            _ => return Err(Distrust::Claims),
        };
        let app = self.appid.or(self.azp).or(self.client_id).unwrap_or_default();
        if !is_account {
            return Ok(Bearer::App { app, permissions: self.roles });
        }
        let found = match subject {
            SubjectClaim::Sub => self.sub,
            SubjectClaim::Oid => self.oid,
        };
        let found = found.filter(|subject| !subject.is_empty()).ok_or(Distrust::Claims)?;
        let name = accounts.get(&found).cloned().ok_or(Distrust::Account)?;
        Ok(Bearer::Account { name, permissions: scopes.map(ScopeWords::words).unwrap_or_default(), app })
    }
}
