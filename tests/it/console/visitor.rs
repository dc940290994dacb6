//! A browser of the console without a screen: it keeps the cookie, follows what it is told to follow, and sends forms as a browser
//! does. Must not judge answers.

use crate::control::hand::{Hand, TENANT, TOKEN};
use crate::fixtures::caller::{Reply, Served};

/// The address of the console.
pub(crate) const BASE: &str = "/_reveille/console";

/// A visitor who is signed in.
pub(crate) struct Visitor {
    pub(crate) hand: Hand,
    pub(crate) cookie: String,
    /// The address of the tenant's pages.
    pub(crate) home: String,
}

impl Visitor {
    pub(crate) fn start(name: &str) -> Self {
        Self::with(name, TENANT, &["--control-token", TOKEN], TOKEN)
    }

    /// A visitor with this token, of a server with this scenario.
    pub(crate) fn with(name: &str, scenario: &str, more: &[&str], token: &str) -> Self {
        let arguments = [&["--speed", "0.001"], more].concat();
        Self::of(Hand::of(Served::start(name, Some(scenario), &arguments)), token)
    }

    pub(crate) fn of(hand: Hand, token: &str) -> Self {
        let reply = sign_in(&hand, token).is(303);
        let cookie = reply.header("set-cookie").expect("a session").split(';').next().expect("a cookie").to_owned();
        let mut visitor = Self { hand, cookie, home: String::new() };
        let home = visitor.get_at(&format!("{BASE}/")).is(303);
        home.header("location").expect("the tenant").trim_end_matches('/').clone_into(&mut visitor.home);
        visitor
    }

    /// A page of the tenant.
    pub(crate) fn get(&self, page: &str) -> Reply {
        self.get_at(&format!("{}{page}", self.home))
    }

    pub(crate) fn get_at(&self, path: &str) -> Reply {
        self.hand.send("GET", path, &[("Cookie", &self.cookie), ("Accept", "text/html")], b"")
    }

    /// Sends a form of the tenant's pages.
    pub(crate) fn post(&self, page: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_with(page, fields, &[("Sec-Fetch-Site", "same-origin")])
    }

    pub(crate) fn post_with(&self, page: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let path = format!("{}{page}", self.home);
        let more = [("Cookie", self.cookie.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        self.hand.send("POST", &path, &[headers, &more].concat(), form(fields).as_bytes())
    }

    /// The id of a group of the tenant, by its name.
    pub(crate) fn group(&self, name: &str) -> String {
        self.hand.served.id(&self.hand.admin, "groups", "displayName", name)
    }
}

/// The fields of a form as a browser writes them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&encoded(name));
        out.push('=');
        out.push_str(&encoded(value));
    }
    out
}

fn encoded(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// Signs in by a token.
pub(crate) fn sign_in(hand: &Hand, token: &str) -> Reply {
    let headers = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")];
    hand.send("POST", &format!("{BASE}/sign-in"), &headers, form(&[("token", token)]).as_bytes())
}

/// The value of a hidden field of a page.
pub(crate) fn hidden<'p>(page: &'p str, field: &str) -> &'p str {
    let begin = format!("<input type=\"hidden\" name=\"{field}\" value=\"");
    page.split(&begin).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {field} in {page}"))
}
