//! Pages for people: choosing an account, entering a device code, errors. Every text must be escaped; the only script
//! is the one that submits an answer, which a button can do too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

/// The style sheet of every page.
const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;line-height:1.5}\
    li{margin:.5rem 0}a,button{font-size:1rem}code{overflow-wrap:anywhere}";
/// The only script: it submits an answer.
const SUBMIT: &str = "document.forms[0].submit()";

/// A page, and what its content security policy allows.
pub(super) struct HtmlPage {
    pub(super) markup: Markup,
    /// The target of its form, as a source in the policy.
    form_action: Option<String>,
    submits: bool,
}

/// An account on a page, and the link that chooses it.
pub(super) struct Choice<'a> {
    pub(super) account: &'a str,
    pub(super) link: String,
}

impl HtmlPage {
    /// Its content security policy.
    pub(super) fn policy(&self) -> String {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        let (style, action) = (hash(STYLE), self.form_action.as_deref().unwrap_or("'none'"));
        let script = if self.submits { format!("; script-src {}", hash(SUBMIT)) } else { String::new() };
        format!(
            "default-src 'none'; style-src {style}{script}; form-action {action}; base-uri 'none'; frame-ancestors 'none'"
        )
    }

    fn plain(title: &str, content: &Markup) -> Self {
        Self { markup: document(title, content), form_action: None, submits: false }
    }
}

fn document(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { h1 { (title) } (content) }
        }
    }
}

/// The page that asks which account signs in at a client.
pub(super) fn accounts(
    client: &str,
    tenant: &str,
    scopes: &[String],
    choices: &[Choice<'_>],
    decline: &str,
) -> HtmlPage {
    HtmlPage::plain(
        "Pick an account",
        &html! {
            p { "Sign in to " strong { (client) } " as an account of the tenant " strong { (tenant) } ". No password is needed here." }
            p { "It asks for: " (scopes.join(", ")) }
            ul { @for choice in choices { li { a href=(choice.link) { (choice.account) } } } }
            p { a href=(decline) { "Cancel" } }
        },
    )
}

/// An answer that is sent to the client in a form.
pub(super) fn form_post(to: &str, answer: &[(&str, &str)]) -> HtmlPage {
    let markup = document(
        "Signing in",
        &html! {
            form method="post" action=(to) {
                @for (name, value) in answer { input type="hidden" name=(name) value=(value); }
                button type="submit" { "Continue" }
            }
            script { (PreEscaped(SUBMIT)) }
        },
    );
    HtmlPage { markup, form_action: Some(source(to)), submits: true }
}

/// The page on which a device code is entered.
pub(super) fn device_code(path: &str, wrong: bool) -> HtmlPage {
    let markup = document(
        "Enter the code",
        &html! {
            @if wrong { p { strong { "That code is not valid or has expired." } } }
            form method="get" action=(path) {
                label { "Code shown by your device or program: " input name="user_code" autocomplete="off" required; }
                button type="submit" { "Next" }
            }
        },
    );
    HtmlPage { markup, form_action: Some("'self'".to_owned()), submits: false }
}

/// The page that asks which account signs in on a device.
pub(super) fn device_accounts(path: &str, user_code: &str, client: &str, accounts: &[&str]) -> HtmlPage {
    let markup = document(
        "Pick an account",
        &html! {
            p { "Sign in to " strong { (client) } " on the device that shows the code " code { (user_code) } "." }
            form method="post" action=(path) {
                input type="hidden" name="user_code" value=(user_code);
                ul { @for account in accounts { li { button type="submit" name="account" value=(account) { (account) } } } }
                button type="submit" name="decline" value="1" { "Cancel" }
            }
        },
    );
    HtmlPage { markup, form_action: Some("'self'".to_owned()), submits: false }
}

/// A page that says that nothing is left to do.
pub(super) fn done(title: &str) -> HtmlPage {
    HtmlPage::plain(title, &html! { p { "You may close this window." } })
}

/// A page that says what went wrong.
pub(super) fn denied(text: &str) -> HtmlPage {
    HtmlPage::plain("Sorry, but we're having trouble signing you in", &html! { p { code { (text) } } })
}

/// The origin of an address, as a source in a policy.
fn source(address: &str) -> String {
    let (scheme, rest) = address.split_once(':').unwrap_or((address, ""));
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    // A policy cannot contain an IPv6 address.
    if !host.is_empty() && host.bytes().all(plain) { format!("{scheme}://{host}") } else { format!("{scheme}:") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "\"><script>alert(1)</script>";

    #[test]
    fn no_text_of_a_request_is_mark_up() {
        let choice = Choice { account: EVIL, link: EVIL.to_owned() };
        for page in [
            accounts(EVIL, EVIL, &[EVIL.to_owned()], &[choice], EVIL),
            device_accounts(EVIL, EVIL, EVIL, &[EVIL]),
            device_code(EVIL, true),
            denied(EVIL),
        ] {
            let text = page.markup.0.as_str();
            assert!(!text.contains("<script") && text.contains("&lt;script"), "{text}");
            assert!(
                page.policy().starts_with("default-src 'none'; style-src 'sha256-")
                    && !page.policy().contains("script-src")
            );
        }
        let page = form_post("https://app.example/cb", &[("state", EVIL)]);
        assert_eq!(page.markup.0.matches("<script").count(), 1);
        assert!(page.policy().contains("form-action https://app.example;"), "{}", page.policy());
    }

    #[test]
    fn a_policy_names_where_a_form_goes() {
        for (address, named) in [
            ("https://app.example/cb?x", "https://app.example"),
            ("http://localhost:5000", "http://localhost:5000"),
            ("http://[::1]:5000/", "http:"),
            ("msal123://auth", "msal123://auth"),
            ("urn:ietf:wg:oauth:2.0:oob", "urn:"),
            ("https://a;script-src x/", "https:"),
        ] {
            assert_eq!(source(address), named);
        }
    }
}
