//! What is wrong with a web configuration: the line, the key and the remedy. Must not have a secret in it.

/// Differing characters up to which a known name is suggested for an unknown one: one third of it.
const NEAR_SHARE: usize = 3;

/// Why a web configuration is not used. The file is named by its reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebConfigError {
    /// It is no YAML, or uses a part of YAML that is not needed here.
    #[error("line {line}: {reason}")]
    Yaml {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The format has no such key.
    #[error("line {line}: `{key}` is no key of a web configuration: {remedy}")]
    UnknownKey {
        /// The line, from 1.
        line: usize,
        /// The key, with those above it.
        key: String,
        /// The nearest key, or all.
        remedy: String,
    },
    /// A key stands there twice.
    #[error("line {line}: `{key}` stands here a second time: remove one")]
    SecondKey {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// The format has this key, and this server does not do what it says.
    #[error("line {line}: `{key}` {remedy}")]
    Unsupported {
        /// The line, from 1.
        line: usize,
        /// The key, with those above it.
        key: String,
        /// Why, and what to do.
        remedy: &'static str,
    },
    /// A value is not one of those that the key takes.
    #[error("line {line}: `{key}` is {expected}")]
    WrongValue {
        /// The line, from 1.
        line: usize,
        /// The key, with those above it.
        key: String,
        /// What it takes.
        expected: String,
    },
    /// A key is missing that another one needs.
    #[error("line {line}: `{key}` is missing: {remedy}")]
    MissingKey {
        /// The line of the section, from 1.
        line: usize,
        /// The key, with those above it.
        key: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A user's name or hash cannot be used.
    #[error("line {line}: `basic_auth_users`: the user `{user}` {reason}")]
    User {
        /// The line, from 1.
        line: usize,
        /// The user's name.
        user: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl WebConfigError {
    /// A key that the format does not have among `known`; `section` is what stands before it.
    pub(super) fn unknown(line: usize, section: &str, key: &str, known: &[&str]) -> Self {
        let key = key.chars().take(100).collect::<String>();
        let distance = |known: &&str| strsim::osa_distance(&key.to_lowercase(), known);
        let nearest = known.iter().copied().min_by_key(distance);
        let near = nearest.filter(|known| distance(known) <= (known.len() / NEAR_SHARE).max(1));
        let remedy = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        Self::UnknownKey { line, key: format!("{section}{}", key.escape_debug()), remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest_or_with_all() {
        let said = |key: &str| WebConfigError::unknown(3, "tls.", key, &["cert_file", "key_file"]).to_string();
        assert_eq!(
            said("cert_fiel"),
            "line 3: `tls.cert_fiel` is no key of a web configuration: did you mean `cert_file`?"
        );
        assert!(said("CertFile").contains("did you mean `cert_file`?"));
        assert!(said("x\u{1b}[31m").ends_with("there are cert_file, key_file") && !said("x\u{1b}").contains('\u{1b}'));
    }
}
