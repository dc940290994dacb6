//! Errors of keys, clients and tokens. Must not be shown to a caller word for word, except [`Distrust`].

/// Why a key or a list of clients cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// It is not a PEM private key on the curve P-256.
    #[error("not a private key of P-256 in PKCS#8 PEM: {0}")]
    Key(String),
    /// A certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The stored files of the local CA cannot be parsed, or do not belong together.
    #[error("not a certificate authority of ours: {0}")]
    LocalCa(&'static str),
    /// A token could not be signed.
    #[error("the token could not be signed: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// The list of clients cannot be parsed.
    #[error("not a list of clients: {0}")]
    Clients(#[from] crate::json::JsonError),
    /// A foreign issuer, or its key set, is wrong.
    #[error("not an issuer to trust: {0}")]
    Trust(String),
    /// A secret cannot be hashed.
    #[error("{0}")]
    Secret(String),
    /// A list of tokens of the control API is wrong.
    #[error("not a list of control tokens: {0}")]
    ControlTokens(String),
    /// A client is wrong.
    #[error("client `{client}`: {what}")]
    Client {
        /// Which client.
        client: String,
        /// What is wrong with it.
        what: String,
    },
    /// The password of an account is wrong.
    #[error("account `{account}`: {what}")]
    Account {
        /// Which account.
        account: String,
        /// What is wrong with it.
        what: String,
    },
}

/// Why a token is not trusted; each is answered with 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Distrust {
    /// There is no token.
    #[error("Access token is empty.")]
    Missing,
    /// It is not a token.
    #[error("CompactToken parsing failed: the access token is not a JSON Web Token.")]
    Shape,
    /// It has no signature, another issuer's signature, or another algorithm.
    #[error("Access token validation failure. Invalid signature.")]
    Signature,
    /// It has expired.
    #[error("Lifetime validation failed, the token is expired.")]
    Expired,
    /// It is not valid yet.
    #[error("Lifetime validation failed, the token is not valid yet.")]
    TooEarly,
    /// Its audience is another one.
    #[error("Access token validation failure. Invalid audience.")]
    Audience,
    /// It belongs to another tenant or another issuer.
    #[error("Access token validation failure. Invalid issuer.")]
    Issuer,
    /// Its user is none of the accounts that the server knows of this issuer.
    #[error("Access token validation failure. The user is no account of this tenant.")]
    Account,
    /// The client that got it is registered no more.
    #[error("Access token validation failure. The application is not registered any more.")]
    Client,
    /// A claim is missing or makes no sense.
    #[error("Access token validation failure. A claim is missing or malformed.")]
    Claims,
}

impl Distrust {
    /// Its word in the audit log.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}
