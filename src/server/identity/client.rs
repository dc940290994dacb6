//! Applications that sign in, and accounts that have a password. Only hashes of secrets are kept; a secret itself is
//! read once and hashed.

use uuid::Uuid;

use super::bearer::Bearer;
use super::client_file::{AccountEntry, ClientEntry, ClientFile};
use super::client_key::ClientKey;
use super::error::IdentityError;
use super::grant::PERMISSIONS;
use super::redirect;
use super::scope::{GRAPH_ID, is_permission};
use super::secret::SecretHash;

/// Microsoft's own public clients that every tenant has, whose ids appear in scripts and libraries.
const WELL_KNOWN: [(&str, &str); 4] = [
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI"),
    ("1950a258-227b-4e31-a9cf-719717acbc30", "Microsoft Azure PowerShell"),
    ("14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools"),
    ("d1ddf0e4-d672-4dae-b554-9d5bdfd93547", "Microsoft Intune PowerShell"),
];
/// The redirect URIs of the well-known clients, beside loopback addresses.
const WELL_KNOWN_REDIRECTS: [&str; 2] =
    ["urn:ietf:wg:oauth:2.0:oob", "https://login.microsoftonline.com/common/oauth2/nativeclient"];

/// An application that signs in.
#[derive(Clone, Debug)]
pub struct Client {
    id: String,
    name: String,
    secret: Option<SecretHash>,
    keys: Vec<ClientKey>,
    redirect_uris: Vec<String>,
    permissions: Vec<String>,
    delegated: Option<Vec<String>>,
    tenants: Vec<String>,
}

/// An account that has a password.
#[derive(Clone, Debug)]
struct Password {
    account: String,
    hash: SecretHash,
    tenants: Vec<String>,
}

/// Every application that signs in, and every account that has a password.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    clients: Vec<Client>,
    passwords: Vec<Password>,
}

impl Client {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// It runs where users can read a secret, and so has none.
    pub fn is_public(&self) -> bool {
        self.secret.is_none() && self.keys.is_empty()
    }

    /// The hash of its secret, if it has one.
    pub fn secret(&self) -> Option<&SecretHash> {
        self.secret.as_ref()
    }

    /// The keys by which it signs assertions.
    pub(crate) fn keys(&self) -> &[ClientKey] {
        &self.keys
    }

    /// May a code be sent to this redirect URI?
    pub fn may_redirect_to(&self, uri: &str) -> bool {
        redirect::is_allowed(uri, &self.redirect_uris, self.is_public())
    }

    /// The registered redirect URIs.
    pub fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Its delegated permissions; `None` for any.
    pub fn delegated(&self) -> Option<&[String]> {
        self.delegated.as_deref()
    }

    /// The application as the bearer of its own token.
    pub fn bearer(&self) -> Bearer {
        Bearer::App { app: self.id.clone(), permissions: self.permissions.clone() }
    }

    fn read(entry: ClientEntry, file: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let ClientEntry { client_id, name, secret_sha256, secret_argon2id, certificates, public, .. } = entry;
        let ClientEntry { redirect_uris, permissions, delegated, tenants, .. } = entry;
        if client_id.eq_ignore_ascii_case(GRAPH_ID) || client_id.contains("://") {
            return Err("a client_id is no resource's id and no address".to_owned());
        }
        let secret = match (secret_sha256, secret_argon2id) {
            (None, None) => None,
            (Some(digits), None) => {
                let wrong = "secret_sha256 has 64 hexadecimal digits: printf %s SECRET | sha256sum";
                Some(SecretHash::Random(SecretHash::sha256_digits(&digits).ok_or(wrong)?))
            }
            (None, Some(text)) => Some(SecretHash::argon2id(&text).map_err(|what| format!("secret_argon2id {what}"))?),
            (Some(_), Some(_)) => return Err(TWO_HASHES.to_owned()),
        };
        if let Some(unknown) = permissions.iter().find(|word| !PERMISSIONS.contains(&word.as_str())) {
            return Err(format!("no permission is called `{unknown}`; there are {}", PERMISSIONS.join(", ")));
        }
        if let Some(wrong) = delegated.iter().flatten().find(|word| !is_permission(word) || *word == ".default") {
            return Err(format!("`{wrong}` in delegated is no permission, such as User.Read"));
        }
        if let Some(wrong) = redirect_uris.iter().find(|uri| !redirect::can_be_registered(uri)) {
            return Err(format!(
                "`{wrong}` in redirect_uris is no address of a program: https://…, http://localhost…, app://…"
            ));
        }
        let pem = |text: &String| if text.contains("-----BEGIN") { Ok(text.clone()) } else { file(text) };
        let keys =
            certificates.iter().map(|text| ClientKey::from_pem(&pem(text)?)).collect::<Result<Vec<_>, String>>()?;
        let has_proof = secret.is_some() || !keys.is_empty();
        if has_proof == public {
            return Err("either secret_sha256, secret_argon2id or certificates says how it proves who it is, or \"public\": true that it \
                        does not"
                .to_owned());
        }
        if public && !permissions.is_empty() {
            return Err(
                "a public client does nothing by itself: delegated lists what it may do for an account".to_owned()
            );
        }
        let name = name.unwrap_or_else(|| client_id.clone());
        Ok(Self { id: client_id, name, secret, keys, redirect_uris, permissions, delegated, tenants })
    }
}

/// Why an entry with both hashes is refused.
const TWO_HASHES: &str = "one hash is enough: SHA-256 of a random secret, or Argon2id of one that a person chose";

impl Password {
    fn read(entry: AccountEntry) -> Result<Self, String> {
        let AccountEntry { name, password_sha256, password_argon2id, tenants } = entry;
        let hash = match (password_sha256, password_argon2id) {
            (Some(digits), None) => {
                let wrong = "password_sha256 has 64 hexadecimal digits: better use password_argon2id, which `reveille hash` makes";
                SecretHash::Quick(SecretHash::sha256_digits(&digits).ok_or(wrong)?)
            }
            (None, Some(text)) => SecretHash::argon2id(&text).map_err(|what| format!("password_argon2id {what}"))?,
            (None, None) => return Err("password_argon2id is missing: `reveille hash` makes one".to_owned()),
            (Some(_), Some(_)) => return Err(TWO_HASHES.to_owned()),
        };
        Ok(Self { account: name, hash, tenants })
    }
}

impl Clients {
    /// A list in JSON; `file` reads the certificates that it names.
    ///
    /// # Errors
    /// [`IdentityError::Clients`], [`IdentityError::Client`] or [`IdentityError::Account`] for the first error.
    pub fn from_json(text: &str, file: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, IdentityError> {
        let read = ClientFile::from_json(text)?;
        let mut found = Self::default();
        for (at, entry) in read.clients.into_iter().enumerate() {
            let id = entry.client_id.clone();
            let wrong = |what: String| IdentityError::Client { client: id.clone(), what };
            if id.is_empty() {
                return Err(wrong(format!("number {} has an empty client_id", at + 1)));
            }
            if found.find(&id).is_some() {
                return Err(wrong("it stands there twice".to_owned()));
            }
            found.clients.push(Client::read(entry, file).map_err(wrong)?);
        }
        for entry in read.accounts {
            let account = entry.name.clone();
            let wrong = |what: String| IdentityError::Account { account: account.clone(), what };
            found.passwords.push(Password::read(entry).map_err(wrong)?);
        }
        Ok(found)
    }

    /// The id of a tenant's built-in application. Each tenant has another one, so that an id never names two secrets.
    pub fn built_in_id(tenant: Uuid) -> Uuid {
        Uuid::new_v5(&tenant, b"client")
    }

    /// One application that has all permissions and this secret, beside Microsoft's public ones.
    pub fn built_in(client_id: &str, secret: &str) -> Self {
        let client = |id: &str, name: &str| Client {
            id: id.to_owned(),
            name: name.to_owned(),
            secret: None,
            keys: Vec::new(),
            redirect_uris: WELL_KNOWN_REDIRECTS.map(str::to_owned).to_vec(),
            permissions: Vec::new(),
            delegated: None,
            tenants: Vec::new(),
        };
        let mut clients = WELL_KNOWN.map(|(id, name)| client(id, name)).to_vec();
        let permissions = PERMISSIONS.iter().map(|word| (*word).to_owned()).collect();
        let secret = Some(SecretHash::of_random(secret));
        clients.push(Client { secret, permissions, redirect_uris: Vec::new(), ..client(client_id, "Reveille") });
        Self { clients, passwords: Vec::new() }
    }

    /// The clients and accounts that a tenant has.
    #[must_use]
    pub fn of_tenant(&self, name: &str) -> Self {
        let knows = |tenants: &[String]| tenants.is_empty() || tenants.iter().any(|known| known == name);
        Self {
            clients: self.clients.iter().filter(|client| knows(&client.tenants)).cloned().collect(),
            passwords: self.passwords.iter().filter(|password| knows(&password.tenants)).cloned().collect(),
        }
    }

    /// The names of the tenants that it mentions.
    pub fn tenants(&self) -> impl Iterator<Item = &str> {
        let of_clients = self.clients.iter().flat_map(|client| &client.tenants);
        of_clients.chain(self.passwords.iter().flat_map(|password| &password.tenants)).map(String::as_str)
    }

    /// The accounts that have a password, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.passwords.iter().map(|password| password.account.as_str())
    }

    /// The application with this id.
    pub fn find(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id.eq_ignore_ascii_case(client_id))
    }

    /// The hash of the account's password, if it has one.
    pub fn password(&self, account: &str) -> Option<&SecretHash> {
        self.passwords.iter().find(|known| known.account == account).map(|known| &known.hash)
    }

    /// A hash that stands for the password of an account without one: comparing takes as long, so that the time of a
    /// refusal does not reveal which accounts have a password.
    pub fn decoy(&self) -> Option<&SecretHash> {
        self.passwords.iter().map(|known| &known.hash).max_by_key(|hash| hash.is_slow())
    }

    /// Accounts whose passwords are kept as a hash that is quick to guess from.
    pub fn quickly_guessed(&self) -> impl Iterator<Item = &str> {
        let quick = self.passwords.iter().filter(|known| !known.hash.is_slow());
        quick.map(|known| known.account.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

    fn read(text: &str) -> Result<Clients, IdentityError> {
        Clients::from_json(&text.replace("HASH", HASH), &|name| Err(format!("cannot read {name}")))
    }

    #[test]
    fn an_invalid_list_is_refused_with_the_reason() {
        for (text, said) in [
            ("{}", "not a list"),
            (r#"[{"client_id":"a","secret_sha256":"00","permissions":[]}]"#, "64 hexadecimal digits"),
            (r#"[{"client_id":"a","secret":"x","permissions":[]}]"#, "`[0]`: there is no member `secret` here"),
            (r#"[{"client_id":"a","secret_sha256":"HASH","permissions":["All"]}]"#, "no permission is called `All`"),
            (r#"[{"client_id":"a","permissions":[]}]"#, "either secret_sha256, secret_argon2id or certificates"),
            (
                r#"[{"client_id":"a","secret_sha256":"HASH","public":true}]"#,
                "either secret_sha256, secret_argon2id or certificates",
            ),
            (r#"[{"client_id":"a","public":true,"permissions":["User.Read.All"]}]"#, "does nothing by itself"),
            (r#"[{"client_id":"a","public":true},{"client_id":"A","public":true}]"#, "stands there twice"),
            (r#"[{"client_id":"a","certificates":["a.pem"]}]"#, "cannot read a.pem"),
            (r#"[{"client_id":"a","certificates":["-----BEGIN X-----"]}]"#, "-----BEGIN CERTIFICATE-----"),
            (r#"[{"client_id":"a","public":true,"redirect_uris":["javascript:alert(1)"]}]"#, "no address of a program"),
            (r#"[{"client_id":"a","public":true,"delegated":["x y"]}]"#, "no permission, such as User.Read"),
            (r#"[{"client_id":"00000003-0000-0000-C000-000000000000","public":true}]"#, "no resource's id"),
            (r#"{"clients":[],"accounts":[{"name":"a","password_sha256":"x"}]}"#, "account `a`"),
            (r#"{"clients":[],"accounts":[{"name":"a"}]}"#, "password_argon2id is missing"),
            (r#"{"clients":[],"accounts":[{"name":"a","password_argon2id":"x"}]}"#, "password_argon2id is no hash"),
            (r#"[{"client_id":"a","secret_argon2id":"x"}]"#, "secret_argon2id is no hash of Argon2id"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_secret_is_kept_as_either_hash_and_not_as_both() {
        let slow = SecretHash::hash_chosen("correct horse").expect("it is long enough");
        let clients = read(&format!(r#"[{{"client_id":"a","secret_argon2id":"{slow}"}}]"#)).expect("it parses");
        let secret = clients.find("A").and_then(Client::secret).expect("it has one");
        assert!(secret.is_slow() && secret.is_of("correct horse") && clients.find("b").is_none());
        for text in [
            format!(r#"[{{"client_id":"a","secret_argon2id":"{slow}","secret_sha256":"HASH"}}]"#),
            format!(
                r#"{{"clients":[],"accounts":[{{"name":"a","password_argon2id":"{slow}","password_sha256":"HASH"}}]}}"#
            ),
        ] {
            assert!(read(&text).expect_err(&text).to_string().contains("one hash is enough"), "{text}");
        }
    }

    #[test]
    fn an_account_without_a_password_cannot_give_the_right_one() {
        // printf %s secret | sha256sum
        let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
        let clients = read(&format!(
            r#"{{"clients":[],"accounts":[{{"name":"ann","password_sha256":"{hash}","tenants":["small"]}}]}}"#
        ))
        .expect("it parses");
        let small = clients.of_tenant("small");
        let ann = small.password("ann").expect("she has one");
        assert!(ann.is_of("secret") && !ann.is_of("") && !ann.is_slow() && small.quickly_guessed().eq(["ann"]));
        assert!(small.password("bob").is_none() && small.decoy() == Some(ann));
        assert!(clients.of_tenant("large").password("ann").is_none());
    }
}
