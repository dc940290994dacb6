//! A whole web configuration: the text of a file to a checked value, or to an error with its line, its key and the
//! remedy. No key is ignored. Must not read a file that it names.

use super::error::WebConfigError;
use super::tls_section::{self, PemSource, TlsSection};
use super::yaml::{self, YamlEntry, YamlNode, YamlValue};
use crate::server::identity::PasswordList;

/// The sections of the format.
const SECTIONS: [&str; 4] = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];
/// The keys of `http_server_config`.
const HTTP_KEYS: [&str; 2] = ["http2", "headers"];

/// What the listener of a web configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebConfigUse {
    /// The metrics.
    Metrics,
    /// The control API, whose tokens say which person or program calls: it takes no passwords beside them.
    Control,
}

/// A web configuration, checked.
#[derive(Debug, Default)]
pub struct WebConfig {
    /// TLS; without it the listener is plain.
    pub tls: Option<TlsSection>,
    /// The users that are admitted; with none, every request is.
    pub users: PasswordList,
}

impl WebConfig {
    /// Parses the text of a file; an empty one configures nothing, as in Prometheus.
    ///
    /// # Errors
    /// See [`WebConfigError`]: the first that is wrong.
    pub fn parse(text: &str, used_for: WebConfigUse) -> Result<Self, WebConfigError> {
        let mut config = Self::default();
        for entry in map(&yaml::parse(text)?, "a web configuration")? {
            let inner = || map(&entry.node, &entry.key);
            match entry.key.as_str() {
                "tls_server_config" => config.tls = tls_section::section(entry.line, inner()?)?,
                "http_server_config" => inner()?.iter().try_for_each(of_http)?,
                "basic_auth_users" => {
                    let users = inner()?;
                    if used_for == WebConfigUse::Control && !users.is_empty() {
                        let remedy = "is not for the control API, whose tokens say which person or program calls: remove it, and see \
                                      --control-token-file";
                        return Err(unsupported(entry, "", remedy));
                    }
                    users.iter().try_for_each(|user| add(&mut config.users, user))?;
                }
                "rate_limit" if inner()?.is_empty() => {}
                "rate_limit" => {
                    let remedy = "is not followed: the budgets of this server bound what requests use; remove it";
                    return Err(unsupported(entry, "", remedy));
                }
                unknown => return Err(WebConfigError::unknown(entry.line, "", unknown, &SECTIONS)),
            }
        }
        Ok(config)
    }

    /// Has its text a hash of a password or a private key in it?
    pub fn has_secrets(&self) -> bool {
        let has_key = self.tls.as_ref().is_some_and(|tls| matches!(tls.key, PemSource::Inline(_)));
        has_key || !self.users.is_empty()
    }
}

/// Adds a user of `basic_auth_users`.
fn add(users: &mut PasswordList, entry: &YamlEntry) -> Result<(), WebConfigError> {
    let hash = match &entry.node.value {
        YamlValue::Text(hash) => Some(hash.as_str()),
        YamlValue::Null | YamlValue::List(_) | YamlValue::Map(_) => None,
    };
    let user = || entry.key.escape_debug().to_string();
    users.add(&entry.key, hash).map_err(|reason| WebConfigError::User { line: entry.line, user: user(), reason })
}

/// Checks a key of `http_server_config`: this server speaks HTTP/1.1 and sets its headers itself.
fn of_http(entry: &YamlEntry) -> Result<(), WebConfigError> {
    let section = "http_server_config.";
    match (entry.key.as_str(), &entry.node.value) {
        ("http2" | "headers", YamlValue::Null) => Ok(()),
        ("http2", YamlValue::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(()),
        ("http2", YamlValue::Text(text)) if text.eq_ignore_ascii_case("true") => Err(unsupported(
            entry,
            section,
            "is not what this server speaks: it has HTTP/1.1 alone; write false, or remove it",
        )),
        ("http2", _) => {
            let key = format!("{section}{}", entry.key);
            Err(WebConfigError::WrongValue { line: entry.line, key, expected: "true or false".to_owned() })
        }
        ("headers", YamlValue::Map(headers)) if headers.is_empty() => Ok(()),
        ("headers", _) => {
            let remedy = "cannot be chosen: every answer has X-Content-Type-Options, and with TLS Strict-Transport-Security; remove it";
            Err(unsupported(entry, section, remedy))
        }
        (unknown, _) => Err(WebConfigError::unknown(entry.line, section, unknown, &HTTP_KEYS)),
    }
}

fn unsupported(entry: &YamlEntry, section: &str, remedy: &'static str) -> WebConfigError {
    WebConfigError::Unsupported { line: entry.line, key: format!("{section}{}", entry.key), remedy }
}

/// The keys below a value; nothing has none.
fn map<'y>(node: &'y YamlNode, name: &str) -> Result<&'y [YamlEntry], WebConfigError> {
    match &node.value {
        YamlValue::Map(entries) => Ok(entries),
        YamlValue::Null => Ok(&[]),
        YamlValue::Text(_) | YamlValue::List(_) => Err(WebConfigError::WrongValue {
            line: node.line,
            key: name.to_owned(),
            expected: "a list of keys, each with its value".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `htpasswd -nbBC 10 prometheus secret`
    const USERS: &str =
        "basic_auth_users:\n  prometheus: $2y$10$DDgNzzxWvokkLANfhnM7m.wDJjtbQdMc.sLt5OgM9QrTJky3Q0Pgy\n";

    fn error(text: &str) -> String {
        WebConfig::parse(text, WebConfigUse::Metrics).map(drop).expect_err(text).to_string()
    }

    #[test]
    fn sections_may_be_left_out_and_say_whether_the_file_is_a_secret() {
        let of = |text: &str| WebConfig::parse(text, WebConfigUse::Metrics).unwrap_or_else(|error| panic!("{error}"));
        for nothing in ["", "---\n", "tls_server_config:\nbasic_auth_users:\nhttp_server_config:\nrate_limit:\n"] {
            let config = of(nothing);
            assert!(config.tls.is_none() && config.users.is_empty() && !config.has_secrets(), "{nothing}");
        }
        let files =
            "tls_server_config: { cert_file: a, key_file: b }\nhttp_server_config: { http2: false, headers: {} }\n";
        assert!(of(files).tls.is_some() && !of(files).has_secrets());
        assert!(of(USERS).has_secrets() && of(&format!("{files}{USERS}")).users.has("prometheus"));
        assert!(of("tls_server_config: { cert_file: a, key: b }").has_secrets());
    }

    #[test]
    fn what_is_not_followed_is_refused_by_line_and_key() {
        for (text, said) in [
            (
                "http_server_config:\n  http2: true\n",
                "line 2: `http_server_config.http2` is not what this server speaks",
            ),
            ("http_server_config:\n  http2: maybe\n", "line 2: `http_server_config.http2` is true or false"),
            (
                "http_server_config:\n  headers:\n    X-Frame-Options: deny\n",
                "line 2: `http_server_config.headers` cannot be chosen",
            ),
            ("http_server_config:\n  htp2: false\n", "did you mean `http2`?"),
            ("\nrate_limit:\n  burst: 1\n", "line 2: `rate_limit` is not followed"),
            (
                "tls_config:\n  cert_file: a\n",
                "line 1: `tls_config` is no key of a web configuration: there are tls_server_config",
            ),
            ("tls_server_confg: {}\n", "did you mean `tls_server_config`?"),
            (
                "basic_auth_users:\n  ann: secret\n",
                "line 2: `basic_auth_users`: the user `ann` has no hash of bcrypt: `htpasswd -nBC 10 NAME`",
            ),
            ("basic_auth_users:\n  \"a\\nb\": [x]\n", "the user `a\\nb` has a colon or a control character"),
            ("basic_auth_users: [a]\n", "line 1: `basic_auth_users` is a list of keys"),
            ("text\n", "line 1: `a web configuration` is a list of keys"),
        ] {
            assert!(error(text).contains(said), "{text}: {}", error(text));
        }
    }

    #[test]
    fn the_control_api_takes_no_passwords() {
        let refused = WebConfig::parse(USERS, WebConfigUse::Control).map(drop).expect_err("it has tokens").to_string();
        assert!(refused.starts_with("line 1: `basic_auth_users` is not for the control API"), "{refused}");
        assert!(refused.contains("--control-token-file"), "{refused}");
        assert!(WebConfig::parse("basic_auth_users: {}\n", WebConfigUse::Control).is_ok());
    }
}
