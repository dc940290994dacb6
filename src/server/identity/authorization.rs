//! A request for a code, as the authorize endpoint takes it. Errors found before the redirect URI is known to be the
//! client's must only be shown on a page. Must not choose an account.

use super::client::Client;
use super::denial::Denial;
use super::fields::Fields;
use super::pkce::Challenge;
use super::scope::{Resource, Scopes, Version};

/// Characters of `state`, at most; those of the libraries have some hundreds.
const STATE_CHARACTERS_MAX: usize = 4_096;
/// Characters of `nonce`, at most.
const NONCE_CHARACTERS_MAX: usize = 512;

/// How an answer is sent to the redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query.
    Query,
    /// In the fragment.
    Fragment,
    /// In a form that the browser posts.
    FormPost,
}

/// Whether a person is asked before a code is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Yes, unless the request names the account.
    IfNeeded,
    /// Yes, in any case.
    Always,
    /// No.
    Never,
}

/// Where an answer is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    /// The redirect URI, which is registered for the client.
    pub uri: String,
    /// How it is sent.
    pub mode: ResponseMode,
    /// The `state` of the request, returned unchanged.
    pub state: Option<String>,
}

/// A request for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Where its answer is sent.
    pub return_to: ReturnTo,
    /// The requested scopes.
    pub scopes: Scopes,
    /// The challenge that the code is bound to.
    pub challenge: Option<Challenge>,
    /// The `nonce` to repeat in the id token.
    pub nonce: Option<String>,
    /// Whether a person is asked.
    pub prompt: Prompt,
    /// The account that is expected to sign in.
    pub login_hint: Option<String>,
}

/// Why no code is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationRefusal {
    /// Shown on a page: the address may not be the client's.
    Page(Denial),
    /// Sent to the client.
    Client(ReturnTo, Denial),
}

impl From<Denial> for AuthorizationRefusal {
    fn from(denial: Denial) -> Self {
        Self::Page(denial)
    }
}

impl Authorization {
    /// Reads a request of a client.
    ///
    /// # Errors
    /// The first error, and where to report it.
    pub fn read(
        fields: &Fields,
        client: &Client,
        version: Version,
        origin: &str,
    ) -> Result<Self, AuthorizationRefusal> {
        let return_to = ReturnTo::read(fields, client)?;
        let refusal = |denial| AuthorizationRefusal::Client(return_to.clone(), denial);
        match fields.get("response_type") {
            Some("code") => {}
            Some(other) => return Err(refusal(Denial::ResponseType(Denial::shown(other)))),
            None => return Err(refusal(Denial::Missing("response_type"))),
        }
        if !matches!(fields.get("response_mode"), None | Some("query" | "fragment" | "form_post")) {
            return Err(refusal(Denial::Malformed("response_mode is query, fragment or form_post")));
        }
        let scopes = match Scopes::read(fields, version, origin).map_err(&refusal)? {
            Some(scopes) => scopes,
            // The first edition may name the resource only when the code is redeemed.
            None if version == Version::V1 => Scopes::first_edition(Resource::Address),
            None => return Err(refusal(Denial::Missing("scope"))),
        };
        scopes.granted(client.delegated()).map_err(&refusal)?;
        let challenge = Challenge::read(fields).map_err(&refusal)?;
        let prompt = match fields.get("prompt") {
            None => Prompt::IfNeeded,
            Some("none") => Prompt::Never,
            // `consent` and `admin_consent` ask a person to agree; the account page serves for that too.
            Some("login" | "select_account" | "consent" | "admin_consent" | "refresh_session" | "create") => {
                Prompt::Always
            }
            Some(_) => return Err(refusal(Denial::Malformed("prompt is none, login, consent or select_account"))),
        };
        let nonce = fields.get("nonce").map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.chars().count() > NONCE_CHARACTERS_MAX) {
            return Err(refusal(Denial::Malformed("nonce is too long")));
        }
        let login_hint = fields.get("login_hint").map(str::to_owned);
        Ok(Self { return_to, scopes, challenge, nonce, prompt, login_hint })
    }
}

impl ReturnTo {
    fn read(fields: &Fields, client: &Client) -> Result<Self, Denial> {
        let uri = match (fields.get("redirect_uri"), client.redirect_uris()) {
            (Some(uri), _) => uri.to_owned(),
            (None, [only]) => only.clone(),
            (None, _) => return Err(Denial::NoRedirectUri),
        };
        if !client.may_redirect_to(&uri) {
            return Err(Denial::RedirectUri(Denial::shown(&uri)));
        }
        let mode = match fields.get("response_mode") {
            Some("fragment") => ResponseMode::Fragment,
            Some("form_post") => ResponseMode::FormPost,
            _ => ResponseMode::Query,
        };
        let state = fields.get("state").map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.chars().count() > STATE_CHARACTERS_MAX) {
            return Err(Denial::Malformed("state is too long"));
        }
        Ok(Self { uri, mode, state })
    }

    /// The address with the answer in its query or its fragment.
    pub fn with(&self, answer: &[(&str, &str)]) -> String {
        let answer = form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        let join = match self.mode {
            ResponseMode::Fragment => '#',
            ResponseMode::Query | ResponseMode::FormPost if self.uri.contains('?') => '&',
            ResponseMode::Query | ResponseMode::FormPost => '?',
        };
        format!("{}{join}{answer}", self.uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::identity::Clients;

    const GOOD: &str = "response_type=code&redirect_uri=http://localhost:5000&scope=User.Read&state=s%26t";

    fn read(text: &str) -> Result<Authorization, AuthorizationRefusal> {
        let clients = Clients::from_json(
            r#"[{"client_id":"a","public":true,"delegated":["User.Read"],"redirect_uris":["https://app.example/cb?x=1","app://cb"]}]"#,
            &|_| Err(String::new()),
        );
        let fields = Fields::parse(text.as_bytes()).expect("they parse");
        let clients = clients.expect("they parse");
        Authorization::read(&fields, clients.find("a").expect("it is there"), Version::V2, "http://x")
    }

    #[test]
    fn an_answer_goes_to_the_requested_and_registered_address() {
        let authorization = read(GOOD).expect("it is good");
        assert_eq!(
            authorization.return_to.with(&[("code", "1 2"), ("state", "s&t")]),
            "http://localhost:5000?code=1+2&state=s%26t"
        );
        let authorization =
            read(&GOOD.replace("http://localhost:5000", "https://app.example/cb?x%3D1")).expect("it is good");
        assert_eq!(authorization.return_to.with(&[("code", "1")]), "https://app.example/cb?x=1&code=1");
        let authorization = read(&format!("{GOOD}&response_mode=fragment")).expect("it is good");
        assert_eq!(authorization.return_to.with(&[("code", "1")]), "http://localhost:5000#code=1");
    }

    #[test]
    fn nothing_is_sent_to_an_address_that_is_not_the_clients() {
        for (from, to) in [
            ("http://localhost:5000", "https://evil.example/"),
            ("http://localhost:5000", "https://app.example/cb"),
            ("&redirect_uri=http://localhost:5000", ""),
        ] {
            assert!(matches!(read(&GOOD.replace(from, to)), Err(AuthorizationRefusal::Page(_))), "{to}");
        }
    }

    #[test]
    fn other_errors_are_sent_to_the_client() {
        for (from, to, error) in [
            ("=code", "=token", "unsupported_response_type"),
            ("response_type=code&", "", "invalid_request"),
            ("&scope=User.Read", "", "invalid_request"),
            ("User.Read", "Group.Read.All", "invalid_grant"),
            ("User.Read", "https://vault.azure.net/.default", "invalid_resource"),
            ("state", "response_mode=web&state", "invalid_request"),
            ("state", "prompt=maybe&state", "invalid_request"),
            ("state", "code_challenge=x&state", "invalid_request"),
        ] {
            let Err(AuthorizationRefusal::Client(to, denial)) = read(&GOOD.replace(from, to)) else {
                panic!("{from} {to}")
            };
            assert_eq!((denial.error(), to.state.as_deref()), (error, Some("s&t")));
        }
    }
}
