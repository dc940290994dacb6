//! The file of clients as it is written: a list of applications, or an object that has accounts with passwords as well. Only
//! shapes; what is wrong with them, `client` says.

use crate::json::{self, JsonError};

/// An application.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientEntry {
    /// Its id, as it gives it.
    pub(crate) client_id: String,
    /// Its name, for people.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// SHA-256 of its secret, in 64 hexadecimal digits.
    #[serde(default)]
    pub(crate) secret_sha256: Option<String>,
    /// Certificates by which it signs assertions: PEM, or files of it.
    #[serde(default)]
    pub(crate) certificates: Vec<String>,
    /// It has no secret, since it runs where everybody could read one.
    #[serde(default)]
    pub(crate) public: bool,
    /// Where codes may be sent.
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
    /// What it may do by itself.
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    /// What it may do for an account; anything if it is not given.
    #[serde(default)]
    pub(crate) delegated: Option<Vec<String>>,
    /// The names of the tenants that know it; all of the server's if there are none.
    #[serde(default)]
    pub(crate) tenants: Vec<String>,
}

/// An account that signs in by a password.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountEntry {
    /// Its name in the scenario.
    pub(crate) name: String,
    /// SHA-256 of its password, in 64 hexadecimal digits.
    pub(crate) password_sha256: String,
    /// The names of the tenants whose account it is; all of the server's if there are none.
    #[serde(default)]
    pub(crate) tenants: Vec<String>,
}

/// Both forms of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientFile {
    pub(crate) clients: Vec<ClientEntry>,
    pub(crate) accounts: Vec<AccountEntry>,
}

/// The form that is an object.
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
