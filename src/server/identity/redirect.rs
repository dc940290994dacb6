//! Where codes may be sent: to a registered address, compared exactly, or to a loopback address for a program that has
//! no secret. Must not send anything.

/// Characters of an address, at most.
const CHARACTERS_MAX: usize = 2_048;
/// Schemes that execute or display content instead of reaching a program.
const BARRED_SCHEMES: [&str; 6] = ["javascript", "data", "vbscript", "file", "blob", "about"];
/// Loopback hosts, as they are written in an address.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// May it be registered? Without TLS, only a loopback address may.
pub(crate) fn can_be_registered(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"'<>\\^`{|}".contains(&byte));
    let scheme = scheme.to_ascii_lowercase();
    let fits = match scheme.as_str() {
        "http" => loopback(uri).is_some(),
        "https" => rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '@', ':'])),
        other => !BARRED_SCHEMES.contains(&other) && !rest.is_empty(),
    };
    is_scheme && plain && fits && uri.len() <= CHARACTERS_MAX
}

/// May a code be sent there? A loopback address may have any port, since programs use a free one; for a public client,
/// one without a path need not be registered.
pub(crate) fn is_allowed(uri: &str, registered: &[String], is_public: bool) -> bool {
    if registered.iter().any(|known| known == uri) {
        return true;
    }
    let Some(here) = loopback(uri) else { return false };
    let is_registered = registered.iter().filter_map(|known| loopback(known)).any(|known| known == here);
    is_registered || is_public && matches!(here.1, "" | "/")
}

/// Host and path of a loopback address, without its port.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = LOOPBACK.into_iter().find(|host| rest.starts_with(host))?;
    let rest = &rest[host.len()..];
    let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_number = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = |text: &str| {
        let digits = text.strip_prefix(':').filter(is_number);
        digits.is_some_and(|digits| digits.parse::<u16>().is_ok_and(|port| port > 0))
    };
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"'<>\\^`{|}".contains(&byte));
    ((port.is_empty() || is_port(port)) && plain).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_client_may_always_listen_on_this_machine() {
        for uri in [
            "http://localhost",
            "http://localhost/",
            "http://localhost:8400",
            "http://127.0.0.1:1/",
            "http://[::1]:65535",
        ] {
            assert!(is_allowed(uri, &[], true), "{uri}");
            assert!(!is_allowed(uri, &[], false), "{uri}");
        }
        for uri in [
            "http://localhost/path",
            "http://localhost.evil.example",
            "http://localhost:8400@evil.example/",
            "http://localhost:80:80/",
            "http://localhost:0",
            "http://localhost:65536",
            "http://localhost:+80",
            "http://localhost/#x",
            "http://LOCALHOST@evil.example",
            "https://localhost",
            "http://evil.example",
            "//evil.example",
            "",
        ] {
            assert!(!is_allowed(uri, &[], true), "{uri}");
        }
    }

    #[test]
    fn any_other_address_is_the_registered_one_letter_by_letter() {
        let registered = ["https://app.example/cb".to_owned(), "http://localhost/cb".to_owned()];
        for uri in ["https://app.example/cb", "http://localhost/cb", "http://localhost:5000/cb"] {
            assert!(is_allowed(uri, &registered, false), "{uri}");
        }
        for uri in [
            "https://app.example/cb/",
            "https://app.example/cb?x",
            "https://app.example/CB",
            "https://app.example/cb/../other",
            "https://app.example.evil.example/cb",
            "http://app.example/cb",
            "http://127.0.0.1/cb",
            "http://localhost/cb/x",
        ] {
            assert!(!is_allowed(uri, &registered, false), "{uri}");
        }
    }

    #[test]
    fn an_invalid_redirect_address_cannot_be_registered() {
        for uri in ["https://app.example/cb", "http://localhost:5000/cb", "msal123://auth", "urn:ietf:wg:oauth:2.0:oob"]
        {
            assert!(can_be_registered(uri), "{uri}");
        }
        for uri in [
            "javascript:alert(1)",
            "JavaScript://x",
            "data:text/html,x",
            "http://app.example/cb",
            "https://",
            "https:///x",
            "https://app.example/#x",
            "https://app.example/a b",
            "https://app.example/\r\nx",
            "app.example",
            "",
        ] {
            assert!(!can_be_registered(uri), "{uri}");
        }
    }
}
