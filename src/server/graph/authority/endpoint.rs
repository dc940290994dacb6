//! Which endpoint of the authority a path means, and which methods it accepts. Must not answer requests.

use percent_encoding::percent_decode_str;

use crate::metrics::RouteLabel as HttpRoute;
use crate::server::identity::Version;

/// Host names of Microsoft's authorities. Any path on them is the authority's.
pub(super) const AUTHORITY_HOSTS: [&str; 6] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.chinacloudapi.cn",
];
/// Words that are accepted in place of a tenant.
const TENANT_WORDS: [&str; 3] = ["common", "organizations", "consumers"];

/// An endpoint of the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Issues tokens.
    Token(Version),
    /// Asks a person to sign in.
    Authorize(Version),
    /// Issues a code to enter on another device.
    DeviceCode(Version),
    /// Where that code is entered.
    DeviceAuth,
    /// Where a native program is sent at the end of a sign-in.
    NativeClient,
    /// Ends a session; the server keeps none.
    Logout,
    /// The discovery document.
    Discovery(Version),
    /// The key set.
    Keys,
    /// Which hosts are the same authority.
    Instance,
    /// How a user signs in.
    UserRealm,
    /// An unknown endpoint.
    Unknown,
}

/// An endpoint at a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The tenant as it is written in the path.
    pub(crate) tenant: String,
    pub(crate) endpoint: Endpoint,
    /// The path after the endpoint.
    pub(super) rest: String,
}

impl Endpoint {
    /// The accepted methods.
    pub(super) const fn methods(self) -> &'static str {
        match self {
            Self::Token(_) | Self::DeviceCode(_) => "POST",
            Self::Authorize(_) | Self::DeviceAuth | Self::Logout => "GET, POST",
            Self::NativeClient | Self::Discovery(_) | Self::Keys | Self::Instance | Self::UserRealm | Self::Unknown => {
                "GET"
            }
        }
    }

    /// Does it take proofs or codes, which can be guessed?
    pub(super) const fn is_sign_in(self) -> bool {
        matches!(self, Self::Token(_) | Self::Authorize(_) | Self::DeviceCode(_) | Self::DeviceAuth)
    }

    /// Is it a page for people?
    pub(super) const fn is_page(self) -> bool {
        matches!(self, Self::Authorize(_) | Self::DeviceAuth | Self::NativeClient | Self::Logout)
    }

    /// The route that it is counted under.
    pub(crate) const fn counted(self) -> HttpRoute {
        match self {
            Self::Token(_) | Self::Authorize(_) | Self::DeviceCode(_) | Self::DeviceAuth => HttpRoute::Token,
            Self::NativeClient | Self::Logout | Self::Discovery(_) | Self::Keys | Self::Instance | Self::UserRealm => {
                HttpRoute::Discovery
            }
            Self::Unknown => HttpRoute::Other,
        }
    }
}

/// The endpoint of a path, if it belongs to the authority; `origin` is the origin of the request.
pub(crate) fn read(origin: &str, path: &str) -> Option<Address> {
    let host = origin.split("://").nth(1).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let is_authority = AUTHORITY_HOSTS.iter().any(|known| host.eq_ignore_ascii_case(known));
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = path.trim_matches('/');
    let (tenant, rest) = path.split_once('/').unwrap_or((path, ""));
    let lower = rest.to_ascii_lowercase();
    let words: Vec<&str> = lower.split('/').filter(|word| !word.is_empty()).collect();
    if tenant.eq_ignore_ascii_case("devicelogin") && words.is_empty() {
        return Some(Address { tenant: "common".to_owned(), endpoint: Endpoint::DeviceAuth, rest: String::new() });
    }
    let is_edition = ["v1.0", "beta"].iter().any(|edition| tenant.eq_ignore_ascii_case(edition));
    if is_edition && !is_authority {
        return None;
    }
    let endpoint = match words.as_slice() {
        ["oauth2", "v2.0", "token"] => Endpoint::Token(Version::V2),
        ["oauth2", "token"] => Endpoint::Token(Version::V1),
        ["oauth2", "v2.0", "authorize"] => Endpoint::Authorize(Version::V2),
        ["oauth2", "authorize"] => Endpoint::Authorize(Version::V1),
        ["oauth2", "v2.0", "devicecode"] => Endpoint::DeviceCode(Version::V2),
        ["oauth2", "devicecode"] => Endpoint::DeviceCode(Version::V1),
        ["oauth2", "deviceauth"] | ["oauth2", "v2.0", "deviceauth"] => Endpoint::DeviceAuth,
        ["oauth2", "nativeclient"] => Endpoint::NativeClient,
        ["oauth2", "logout"] | ["oauth2", "v2.0", "logout"] => Endpoint::Logout,
        ["v2.0", ".well-known", "openid-configuration"] => Endpoint::Discovery(Version::V2),
        [".well-known", "openid-configuration"] => Endpoint::Discovery(Version::V1),
        ["discovery", "v2.0", "keys"] | ["discovery", "keys"] => Endpoint::Keys,
        ["discovery", "instance"] => Endpoint::Instance,
        ["userrealm", _] => Endpoint::UserRealm,
        ["oauth2" | "discovery" | ".well-known", ..] => Endpoint::Unknown,
        _ if is_authority || TENANT_WORDS.iter().any(|word| tenant.eq_ignore_ascii_case(word)) => Endpoint::Unknown,
        _ => return None,
    };
    let last = rest.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    Some(Address { tenant: decode(tenant), endpoint, rest: decode(last) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_has_its_paths_and_graph_keeps_its_own() {
        let endpoint = |origin: &str, path: &str| read(origin, path).map(|address| address.endpoint);
        let here = |path: &str| endpoint("http://127.0.0.1:8080", path);
        assert_eq!(here("/small/oauth2/v2.0/token"), Some(Endpoint::Token(Version::V2)));
        assert_eq!(here("//small/OAuth2/Token/"), Some(Endpoint::Token(Version::V1)));
        assert_eq!(here("/small/oauth2/tokens"), Some(Endpoint::Unknown));
        assert_eq!(here("/common/UserRealm/a%40b"), Some(Endpoint::UserRealm));
        assert_eq!(here("/common/nothing"), Some(Endpoint::Unknown));
        assert_eq!(here("/devicelogin"), Some(Endpoint::DeviceAuth));
        for path in ["/v1.0/users", "/beta/oauth2/token", "/v1.0/discovery/x", "/", "", "/small/users", "/v2.0/users"] {
            assert_eq!(here(path), None, "{path}");
        }
        for path in ["/", "/v1.0/users", "/anything/at/all"] {
            assert_eq!(endpoint("https://login.microsoftonline.com", path), Some(Endpoint::Unknown), "{path}");
        }
        assert_eq!(read("http://x", "/my%20tenant/oauth2/token").expect("it is one").tenant, "my tenant");
        assert_eq!(read("http://x", "/common/userrealm/a%40b").expect("it is one").rest, "a@b");
    }
}
