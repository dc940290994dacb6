//! The bearer of a checked token: an account or an application. Must contain data only; `grant` and the rules of the
//! service decide what it may do.

use uuid::Uuid;

use super::claims::Claims;
use super::error::Distrust;

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// An application on behalf of an account that is signed in (a delegated token): both are checked.
    Account {
        /// The account's name.
        name: String,
        /// What the application may do on its behalf.
        permissions: Vec<String>,
        /// The application.
        app: String,
    },
    /// An application by itself: judged by its own permissions (R16).
    App {
        /// The application.
        app: String,
        /// The application permissions that it was granted.
        permissions: Vec<String>,
    },
}

impl Bearer {
    /// The subject of the claims.
    pub(crate) fn of(claims: Claims) -> Result<Self, Distrust> {
        let Claims { idtyp, preferred_username, roles, scp, appid, .. } = claims;
        match (idtyp.as_str(), preferred_username) {
            ("user", Some(name)) => {
                let permissions = scp.split_whitespace().map(str::to_owned).collect();
                Ok(Self::Account { name, permissions, app: appid })
            }
            ("app", None) => Ok(Self::App { app: appid, permissions: roles }),
            _ => Err(Distrust::Claims),
        }
    }

    /// The application that calls.
    pub fn app(&self) -> &str {
        let (Self::Account { app, .. } | Self::App { app, .. }) = self;
        app
    }

    /// The permissions that the application was granted.
    pub fn permissions(&self) -> &[String] {
        let (Self::Account { permissions, .. } | Self::App { permissions, .. }) = self;
        permissions
    }
}

/// The id of an object of a tenant, from its kind and its name: the same in every run.
pub fn id_of(tenant: Uuid, kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&tenant, format!("{kind}/{name}").as_bytes())
}
