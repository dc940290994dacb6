//! The scheme and authority that links in answers begin with. Headers set by clients must not be used unless the
//! operator allows it.

use std::sync::Arc;

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderName, Uri};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The scheme of the listener that received a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    pub(super) const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// They are ignored: any client can send them.
    Ignored,
    /// They are read: a proxy in front sets them.
    Trusted,
}

/// The address by which clients reach the server, independent of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: Arc<str>,
    host: String,
}

impl PublicUrl {
    /// Parses it.
    ///
    /// # Errors
    /// A sentence for people that says which form is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "a URL such as https://graph.example.test or https://example.test:8443/reveille".to_owned();
        let url: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else { return Err(wrong()) };
        let is_plain = !authority.host().is_empty() && !authority.as_str().contains('@') && url.query().is_none();
        // The `http` crate silently drops a port that is out of range, so the end of the text is compared instead.
        let has_port = !authority.as_str().ends_with(authority.host());
        if !matches!(scheme, "http" | "https")
            || !is_plain
            || text.contains('#')
            || (has_port && authority.port_u16().is_none())
        {
            return Err(wrong());
        }
        let path = url.path().trim_end_matches('/');
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        Ok(Self { url: format!("{scheme}://{authority}{path}").into(), host })
    }

    /// Its host: a name or an address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.url)
    }
}

/// How the origin of links is chosen for a listener.
#[derive(Clone, Debug)]
pub struct LinkOrigins {
    fixed: Option<Arc<str>>,
    scheme: Scheme,
    forwarded: Forwarded,
}

impl LinkOrigins {
    /// From each request.
    pub const fn per_request(scheme: Scheme, forwarded: Forwarded) -> Self {
        Self { fixed: None, scheme, forwarded }
    }

    /// Always this URL.
    pub fn public(url: &PublicUrl) -> Self {
        Self { fixed: Some(Arc::clone(&url.url)), scheme: Scheme::Https, forwarded: Forwarded::Ignored }
    }

    /// Always this host name, with TLS on its default port.
    pub fn host(name: &str) -> Self {
        Self { fixed: Some(format!("https://{name}").into()), scheme: Scheme::Https, forwarded: Forwarded::Ignored }
    }

    /// The origin of links in the answer to this request.
    pub(crate) fn of(&self, parts: &Parts) -> Arc<str> {
        if let Some(fixed) = &self.fixed {
            return Arc::clone(fixed);
        }
        let forwarded = |name| match self.forwarded {
            Forwarded::Ignored => None,
            // In a chain of proxies, the first entry is the host that the client addressed.
            Forwarded::Trusted => parts.headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim),
        };
        let scheme = match forwarded(FORWARDED_PROTO) {
            Some(proto) if proto.eq_ignore_ascii_case("https") => Scheme::Https,
            Some(proto) if proto.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => self.scheme,
        };
        let plain = |host: &&str| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
        };
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| parts.uri.authority().map(Authority::as_str));
        let host = forwarded(FORWARDED_HOST).filter(plain).or_else(|| host.filter(plain)).unwrap_or("localhost");
        format!("{}://{host}", scheme.name()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn of(origins: &LinkOrigins, headers: &[(&str, &str)]) -> String {
        let mut request = Request::builder().uri("/v1.0/users");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("it is a request").into_parts();
        origins.of(&parts).to_string()
    }

    #[test]
    fn headers_of_a_proxy_are_used_only_if_trusted() {
        let ignored = LinkOrigins::per_request(Scheme::Http, Forwarded::Ignored);
        let trusted = LinkOrigins::per_request(Scheme::Http, Forwarded::Trusted);
        let headers =
            [("host", "10.0.0.1:8080"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "graph.example.test")];
        assert_eq!(of(&ignored, &headers), "http://10.0.0.1:8080");
        assert_eq!(of(&trusted, &headers), "https://graph.example.test");
        assert_eq!(of(&trusted, &headers[..2]), "https://10.0.0.1:8080");
        assert_eq!(of(&trusted, &headers[..1]), "http://10.0.0.1:8080");
        let chain = [("x-forwarded-proto", "HTTPS, http"), ("x-forwarded-host", "a.test:8443, b.test")];
        assert_eq!(of(&trusted, &chain), "https://a.test:8443");
        for wrong in ["a.test/evil", "", "a b", "user@a.test", "<script>"] {
            let headers = [("host", "b.test"), ("x-forwarded-proto", "ftp"), ("x-forwarded-host", wrong)];
            assert_eq!(of(&trusted, &headers), "http://b.test", "{wrong}");
        }
    }

    #[test]
    fn a_public_url_is_the_beginning_of_every_link() {
        let url = PublicUrl::parse("https://Example.test:8443/reveille/").expect("it is a URL");
        assert_eq!(url.host(), "example.test");
        let headers = [("host", "x"), ("x-forwarded-host", "y")];
        assert_eq!(of(&LinkOrigins::public(&url), &headers), "https://Example.test:8443/reveille");
        assert_eq!(PublicUrl::parse("http://[::1]:80").expect("it is a URL").host(), "::1");
        for wrong in [
            "",
            "example.test",
            "/x",
            "ftp://x",
            "https://",
            "https://u@x",
            "https://x/?a",
            "https://x/#a",
            "https://x:99999",
            "https://x:",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
