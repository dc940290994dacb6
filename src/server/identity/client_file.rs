//! The format of the file of clients: a list of applications, or an object that also has accounts with passwords. Must
//! describe shapes only; `client` checks the values.

use crate::json::{self, JsonError};

/// An application.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientEntry {
    /// Its id, as it sends it.
    pub(crate) client_id: String,
    /// Its name, for people.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// SHA-256 of its random secret, in 64 hexadecimal digits.
    #[serde(default)]
    pub(crate) secret_sha256: Option<String>,
    /// Argon2id of its secret that a person chose, in the PHC format.
    #[serde(default)]
    pub(crate) secret_argon2id: Option<String>,
    /// Certificates whose keys sign its assertions: PEM, or names of PEM files.
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
    /// It has no secret, since it runs where users can read one.
    #[serde(default)]
    pub(crate) public: bool,
    /// The registered redirect URIs.
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
    /// Its application permissions.
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    /// Its delegated permissions; any if absent.
    #[serde(default)]
    pub(crate) delegated: Option<Vec<String>>,
    /// The names of the tenants that have it; all of the server's if empty.
    #[serde(default)]
    pub(crate) tenants: Vec<String>,
}

/// An account that signs in by a password.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountEntry {
    /// Its name in the scenario.
    pub(crate) name: String,
    /// SHA-256 of its password, in 64 hexadecimal digits: of older versions.
    #[serde(default)]
    pub(crate) password_sha256: Option<String>,
    /// Argon2id of its password, in the PHC format.
    #[serde(default)]
    pub(crate) password_argon2id: Option<String>,
    /// The names of the tenants that have the account; all of the server's if empty.
    #[serde(default)]
    pub(crate) tenants: Vec<String>,
}

/// Both forms of the file, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientFile {
    pub(crate) clients: Vec<ClientEntry>,
    pub(crate) accounts: Vec<AccountEntry>,
}

/// The form as an object.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    clients: Vec<ClientEntry>,
    #[serde(default)]
    accounts: Vec<AccountEntry>,
}

impl ClientFile {
    /// Reads either form.
    ///
    /// # Errors
    /// See [`JsonError`].
    pub(crate) fn from_json(text: &str) -> Result<Self, JsonError> {
        if text.trim_start().starts_with('[') {
            return Ok(Self { clients: json::from_str(text)?, accounts: Vec::new() });
        }
        let Whole { clients, accounts } = json::from_str(text)?;
        Ok(Self { clients, accounts })
    }
}
