//! Applications that may ask for tokens by a secret. Only hashes of secrets are kept; a secret itself passes through once.

use sha2::{Digest as _, Sha256};

use super::bearer::Bearer;
use super::error::IdentityError;
use super::grant::PERMISSIONS;

/// Characters of a secret: so many random ones cannot be guessed, and then a plain hash keeps them safe.
pub const SECRET_CHARACTERS_MIN: usize = 32;

/// An application with a secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id, as it gives it.
    pub client_id: String,
    /// SHA-256 of its secret, in 64 hexadecimal digits.
    pub secret_sha256: String,
    /// What it may do; a word of [`PERMISSIONS`] each.
    pub permissions: Vec<String>,
    /// The names of the tenants that know it; all of the server's if there are none.
    #[serde(default)]
    pub tenants: Vec<String>,
}

/// Every application with a secret.
#[derive(Clone, Debug, Default)]
pub struct Clients(Vec<Client>);

impl Clients {
    /// A list in JSON.
    ///
    /// # Errors
    /// [`IdentityError::Clients`], or [`IdentityError::Client`] for the first that is wrong.
    pub fn from_json(text: &str) -> Result<Self, IdentityError> {
        let clients: Vec<Client> = serde_json::from_str(text)?;
        for (at, client) in clients.iter().enumerate() {
            let wrong = |what: String| Err(IdentityError::Client { client: client.client_id.clone(), what });
            if client.client_id.is_empty() {
                return wrong(format!("number {} has an empty client_id", at + 1));
            }
            if clients[..at].iter().any(|other| other.client_id == client.client_id) {
                return wrong("it stands there twice".to_owned());
            }
            if client.secret_sha256.len() != 64 || !client.secret_sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return wrong("secret_sha256 has 64 hexadecimal digits: printf %s SECRET | sha256sum".to_owned());
            }
            if let Some(unknown) = client.permissions.iter().find(|word| !PERMISSIONS.contains(&word.as_str())) {
                return wrong(format!("no permission is called `{unknown}`; there are {}", PERMISSIONS.join(", ")));
            }
        }
        Ok(Self(clients))
    }

    /// One application with all permissions, and the secret that it will give.
    pub fn one(client_id: &str, secret: &str) -> Self {
        let permissions = PERMISSIONS.iter().map(|word| (*word).to_owned()).collect();
        Self(vec![Client {
            client_id: client_id.to_owned(),
            secret_sha256: hash(secret),
            permissions,
            tenants: Vec::new(),
        }])
    }

    /// Those that a tenant knows.
    #[must_use]
    pub fn of_tenant(&self, name: &str) -> Self {
        let knows = |client: &&Client| client.tenants.is_empty() || client.tenants.iter().any(|known| known == name);
        Self(self.0.iter().filter(knows).cloned().collect())
    }

    /// The names of tenants that stand in it.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|client| client.tenants.iter().map(String::as_str))
    }

    /// The application that these belong to.
    pub fn known(&self, client_id: &str, secret: &str) -> Option<Bearer> {
        let given = hash(secret);
        let client = self.0.iter().find(|client| client.client_id == client_id)?;
        // Hashes are compared, not secrets: how long it takes tells nothing about either.
        let is_it =
            secret.chars().count() >= SECRET_CHARACTERS_MIN && client.secret_sha256.eq_ignore_ascii_case(&given);
        is_it.then(|| Bearer::App { app: client.client_id.clone(), permissions: client.permissions.clone() })
    }
}

fn hash(secret: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(secret.as_bytes()) {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_wrong_is_told_so() {
        for (text, said) in [
            ("{}", "not a list"),
            (r#"[{"client_id":"a","secret_sha256":"00","permissions":[]}]"#, "64 hexadecimal digits"),
            (r#"[{"client_id":"a","secret":"x","permissions":[]}]"#, "unknown field"),
            (
                r#"[{"client_id":"a","secret_sha256":"0000000000000000000000000000000000000000000000000000000000000000","permissions":["All"]}]"#,
                "no permission is called `All`",
            ),
        ] {
            let error = Clients::from_json(text).expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_short_secret_is_never_right() {
        let (short, long) = ("0123456789", "0123456789012345678901234567890123456789");
        assert!(Clients::one("a", short).known("a", short).is_none());
        let clients = Clients::one("a", long);
        assert!(clients.known("a", long).is_some());
        assert!(clients.known("a", &long[1..]).is_none());
        assert!(clients.known("b", long).is_none());
    }
}
