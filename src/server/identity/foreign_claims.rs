//! The claims of a foreign token, under the names that issuers use. Must contain data only.

use uuid::Uuid;

use super::bearer::Bearer;
use super::error::Distrust;

/// The claims of a foreign token that are used.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct ForeignClaims {
    pub(crate) exp: u64,
    #[serde(default)]
    pub(crate) tid: Option<Uuid>,
    #[serde(default, alias = "azp", alias = "client_id")]
    appid: Option<String>,
    #[serde(default)]
    idtyp: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    upn: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default, alias = "scope")]
    scp: Option<String>,
}

impl ForeignClaims {
    /// The bearer of the token: an account if it has delegated permissions (`scp`) or is marked as one, otherwise an
    /// application.
    pub(crate) fn bearer(self) -> Result<Bearer, Distrust> {
        let app = self.appid.unwrap_or_default();
        let name = self.preferred_username.or(self.upn);
        let is_account = match self.idtyp.as_deref() {
            Some("user") => true,
            Some("app") if self.scp.is_none() => false,
            None => self.scp.is_some(),
            _ => return Err(Distrust::Claims),
        };
        if !is_account {
            return Ok(Bearer::App { app, permissions: self.roles });
        }
        let permissions = self.scp.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Ok(Bearer::Account { name: name.ok_or(Distrust::Claims)?, permissions, app })
    }
}
