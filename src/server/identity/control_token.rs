//! The tokens of the control API: whose they are, and what each may do. Only their hashes are kept. Must not judge a
//! request.

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::error::IdentityError;
use super::secret::SecretHash;

/// Characters of a token, at least: this many random ones cannot be guessed.
pub const CONTROL_TOKEN_CHARACTERS_MIN: usize = 16;
/// Characters of a holder's name, at most; it is a word in the audit log.
const NAME_CHARACTERS_MAX: usize = 64;
/// Tokens of a server, at most: each is compared with every request's.
const TOKENS_MAX: usize = 1_000;
/// The name of the holder where a file has one token and no names.
const ONLY_HOLDER: &str = "operator";

/// What a token of the control API permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ControlRole {
    /// To look at everything and change nothing.
    Read,
    /// Everything.
    Operate,
}

impl ControlRole {
    /// Its name.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Does it permit what that role permits?
    pub const fn permits(self, needed: Self) -> bool {
        matches!((self, needed), (Self::Operate, _) | (Self::Read, Self::Read))
    }
}

/// The holder of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlHolder {
    /// The person or program.
    pub name: String,
    /// What it may do.
    pub role: ControlRole,
}

/// The hash of a token, by which a session is of its holder for as long as the server has the token.
#[derive(Clone, Copy)]
pub(crate) struct ControlTokenHash([u8; 32]);

impl std::fmt::Debug for ControlTokenHash {
    /// Omits the hash.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ControlTokenHash")
    }
}

impl ControlTokenHash {
    /// That of a token as it was given.
    pub(crate) fn of(given: &str) -> Self {
        Self(Sha256::digest(given.as_bytes()).into())
    }
}

/// The tokens of a server.
#[derive(Clone)]
pub struct ControlTokens(Vec<([u8; 32], ControlHolder)>);

impl std::fmt::Debug for ControlTokens {
    /// Omits the hashes.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(_, holder)| holder)).finish()
    }
}

/// A token as it is written in a file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEntry {
    name: String,
    role: ControlRole,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    token_sha256: Option<String>,
}

impl ControlTokens {
    /// One token that permits everything.
    ///
    /// # Errors
    /// [`IdentityError::ControlTokens`] if it can be guessed, or cannot be sent in a header.
    pub fn one(token: &str) -> Result<Self, IdentityError> {
        let hash = hash(token).map_err(IdentityError::ControlTokens)?;
        Ok(Self(vec![(hash, ControlHolder { name: ONLY_HOLDER.to_owned(), role: ControlRole::Operate })]))
    }

    /// A file: one token, or a list in JSON, each with a name and a role.
    ///
    /// # Errors
    /// [`IdentityError::ControlTokens`] for the first that is wrong.
    pub fn from_text(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        if !text.starts_with('[') {
            return Self::one(text);
        }
        let wrong = |what: String| IdentityError::ControlTokens(what);
        let entries: Vec<TokenEntry> = crate::json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if entries.is_empty() || entries.len() > TOKENS_MAX {
            return Err(wrong(format!("a list has 1 to {TOKENS_MAX} tokens")));
        }
        let mut tokens: Vec<([u8; 32], ControlHolder)> = Vec::with_capacity(entries.len());
        for (at, TokenEntry { name, role, token, token_sha256 }) in entries.into_iter().enumerate() {
            let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_word || name.len() > NAME_CHARACTERS_MAX {
                return Err(wrong(format!(
                    "number {}: a name has at most {NAME_CHARACTERS_MAX} characters of ASCII and no space",
                    at + 1
                )));
            }
            let hash = match (token, token_sha256) {
                (Some(token), None) => hash(&token),
                (None, Some(digits)) => SecretHash::sha256_digits(&digits)
                    .ok_or_else(|| "token_sha256 has 64 hexadecimal digits: printf %s TOKEN | sha256sum".to_owned()),
                _ => Err("either token or token_sha256 says what it is".to_owned()),
            };
            let hash = hash.map_err(|what| wrong(format!("`{name}`: {what}")))?;
            if tokens.iter().any(|(known, holder)| holder.name == name || *known == hash) {
                return Err(wrong(format!("`{name}`: the name or the token stands there twice")));
            }
            tokens.push((hash, ControlHolder { name, role }));
        }
        Ok(Self(tokens))
    }

    /// The holder of a token. All hashes are compared, each in constant time.
    pub fn holder(&self, given: &str) -> Option<&ControlHolder> {
        self.holder_of(&ControlTokenHash::of(given))
    }

    /// The hash of the first token that permits everything.
    pub(crate) fn first_operator(&self) -> Option<ControlTokenHash> {
        let operator = self.0.iter().find(|(_, holder)| holder.role == ControlRole::Operate);
        operator.map(|(hash, _)| ControlTokenHash(*hash))
    }

    /// The holder of the token with this hash, compared likewise.
    pub(crate) fn holder_of(&self, given: &ControlTokenHash) -> Option<&ControlHolder> {
        let mut found = None;
        for (known, holder) in &self.0 {
            let is_equal: Choice = known.ct_eq(&given.0);
            if is_equal.into() {
                found = Some(holder);
            }
        }
        found
    }
}

/// The hash of a token that cannot be guessed, and that is valid in a header.
fn hash(token: &str) -> Result<[u8; 32], String> {
    if token.len() < CONTROL_TOKEN_CHARACTERS_MIN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!(
            "a token has at least {CONTROL_TOKEN_CHARACTERS_MIN} characters, letters, digits and signs of ASCII without spaces: \
             openssl rand -hex 16"
        ));
    }
    Ok(Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "0123456789abcdef";
    const BOB: &str = "fedcba9876543210";

    #[test]
    fn a_token_is_its_holders_with_a_role() {
        // printf %s fedcba9876543210 | sha256sum
        let digest = "3465f6e6975baa864ca957f0914ecda9bf7eb601ac31ac20a5dc3d329279a843";
        let list = format!(
            r#"[{{"name":"ann","role":"operate","token":"{ANN}"}},{{"name":"bob","role":"read","token_sha256":"{digest}"}}]"#
        );
        let tokens = ControlTokens::from_text(&list).expect("it is a list");
        let holder = |token: &str| tokens.holder(token).map(|holder| (holder.name.as_str(), holder.role));
        assert_eq!(holder(ANN), Some(("ann", ControlRole::Operate)));
        assert_eq!(holder(BOB), Some(("bob", ControlRole::Read)));
        for wrong in ["", &ANN[1..], digest, "0123456789abcdeF"] {
            assert_eq!(holder(wrong), None, "{wrong}");
        }
        assert!(!format!("{tokens:?}").contains(&digest[..8]));
        let only = ControlTokens::from_text(&format!("{ANN}\n")).expect("it is one");
        assert_eq!(
            only.holder(ANN).map(|holder| (holder.name.as_str(), holder.role)),
            Some(("operator", ControlRole::Operate))
        );
        assert!(ControlRole::Operate.permits(ControlRole::Read) && !ControlRole::Read.permits(ControlRole::Operate));
    }

    #[test]
    fn a_list_that_is_wrong_is_refused_with_the_remedy() {
        let entry =
            |name: &str, role: &str, token: &str| format!(r#"{{"name":"{name}","role":"{role}","token":"{token}"}}"#);
        for (text, said) in [
            ("short".to_owned(), "openssl rand -hex 16"),
            ("with a space in it".to_owned(), "without spaces"),
            ("[]".to_owned(), "1 to 1000"),
            (format!("[{}]", entry("ann", "operate", "short")), "`ann`: a token has at least 16"),
            (format!("[{}]", entry("ann", "admin", ANN)), "unknown variant `admin`"),
            (format!("[{}]", entry("", "read", ANN)), "number 1: a name"),
            (format!("[{},{}]", entry("ann", "read", ANN), entry("ann", "read", BOB)), "stands there twice"),
            (format!("[{},{}]", entry("ann", "read", ANN), entry("bob", "operate", ANN)), "stands there twice"),
            (r#"[{"name":"ann","role":"read"}]"#.to_owned(), "either token or token_sha256"),
            (r#"[{"name":"ann","role":"read","token_sha256":"x"}]"#.to_owned(), "64 hexadecimal digits"),
            (r#"[{"name":"ann","role":"read","secret":"x"}]"#.to_owned(), "no member `secret`"),
        ] {
            let error = ControlTokens::from_text(&text).expect_err(&text).to_string();
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains(ANN), "{error}");
        }
    }
}
