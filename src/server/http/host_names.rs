//! Whether a request is meant for this server: its `Host`. A page of any site can reach a loopback listener by a name
//! that its owner points there (DNS rebinding), so such a listener answers to known names only. Must not resolve names.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::{Request, StatusCode, Version};

/// The names by which clients may call a listener.
#[derive(Clone, Debug, Default)]
pub struct HostNames(Names);

#[derive(Clone, Debug)]
enum Names {
    Any,
    These(Arc<[String]>),
}

impl Default for Names {
    fn default() -> Self {
        Self::These(Arc::default())
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HostNameError {
    /// There is no `Host`, or more than one.
    #[error("a request has exactly one Host header")]
    NotOne,
    /// It is not a host and a port.
    #[error("the Host header is not a name or an address, with or without a port")]
    Malformed,
    /// It is not a name of this server.
    #[error(
        "this server listens on this machine alone and does not answer to the name `{0}`: call it by localhost or by its \
         address, or start it with --host-name {0}"
    )]
    Unknown(String),
}

impl HostNameError {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::NotOne | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unknown(_) => StatusCode::MISDIRECTED_REQUEST,
        }
    }
}

impl HostNames {
    /// Every name: a proxy in front decides which.
    pub const fn any() -> Self {
        Self(Names::Any)
    }

    /// These names, beside `localhost` and addresses of this machine alone.
    pub fn known(names: impl IntoIterator<Item = String>) -> Self {
        Self(Names::These(names.into_iter().map(|name| name.to_ascii_lowercase()).collect()))
    }

    /// The names for a listener on this address: every name, if others reach it too.
    pub(super) fn at(self, address: SocketAddr) -> Self {
        if address.ip().to_canonical().is_loopback() { self } else { Self::any() }
    }

    /// Checks the host of a request.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), HostNameError> {
        let mut written = request.headers().get_all(HOST).iter();
        let host = match (written.next(), written.next()) {
            (Some(host), None) => host.to_str().map_err(|_| HostNameError::Malformed)?,
            // HTTP/1.0 has no such header, and no browser speaks it.
            (None, None) if request.version() == Version::HTTP_10 => return Ok(()),
            _ => return Err(HostNameError::NotOne),
        };
        let hosts = [Some(name_of(host)?), request.uri().authority().map(name)];
        for host in hosts.into_iter().flatten() {
            if !self.has(&host) {
                return Err(HostNameError::Unknown(host));
            }
        }
        Ok(())
    }

    fn has(&self, host: &str) -> bool {
        let Names::These(names) = &self.0 else { return true };
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
            || names.iter().any(|name| name == host)
    }
}

/// The name or address of a `Host`, without its port.
fn name_of(host: &str) -> Result<String, HostNameError> {
    let authority: Authority = host.parse().map_err(|_| HostNameError::Malformed)?;
    // The `http` crate drops a port that is out of range, and takes a user before the host.
    let has_port = !authority.as_str().ends_with(authority.host());
    if authority.host().is_empty() || host.contains('@') || (has_port && authority.port_u16().is_none()) {
        return Err(HostNameError::Malformed);
    }
    Ok(name(&authority))
}

fn name(authority: &Authority) -> String {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Is the host one that browsers keep for this machine? A rule of transport security for it would hold for every other
/// program of the machine too.
pub(super) fn is_of_this_machine<B>(request: &Request<B>) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).and_then(|host| name_of(host).ok());
    host.is_none_or(|host| HostNames::default().has(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &HostNames, version: Version, hosts: &[&str], uri: &str) -> Result<(), HostNameError> {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        names.check(&request.body(()).expect("it is a request"))
    }

    #[test]
    fn a_loopback_listener_answers_to_its_names_only() {
        let names = HostNames::known(["Graph.Microsoft.com".to_owned(), "dev.example.test".to_owned()]);
        let one = |host: &str| check(&names, Version::HTTP_11, &[host], "/");
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "app.localhost",
            "127.0.0.1:1",
            "127.8.9.10",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "graph.microsoft.com",
            "graph.microsoft.com.:443",
            "Dev.example.test",
        ] {
            assert_eq!(one(host), Ok(()), "{host}");
        }
        for host in ["evil.test", "evil.test:8080", "127.0.0.1.evil.test", "localhost.evil.test", "10.0.0.1", "0.0.0.0"]
        {
            assert!(matches!(one(host), Err(HostNameError::Unknown(_))), "{host}");
        }
        for host in ["", ":80", "a b", "user@localhost", "localhost:70000", "localhost/x", "[::1", "http://localhost"] {
            assert_eq!(one(host), Err(HostNameError::Malformed), "{host}");
        }
        let absolute = |uri: &str| check(&names, Version::HTTP_11, &["localhost"], uri);
        assert_eq!(absolute("http://localhost/x"), Ok(()));
        assert_eq!(absolute("http://evil.test/x"), Err(HostNameError::Unknown("evil.test".to_owned())));
    }

    #[test]
    fn a_host_that_is_missing_or_doubled_is_refused_by_every_listener() {
        for names in [HostNames::any(), HostNames::default()] {
            let of = |version, hosts: &[&str]| check(&names, version, hosts, "/");
            assert_eq!(of(Version::HTTP_11, &[]), Err(HostNameError::NotOne));
            assert_eq!(of(Version::HTTP_11, &["localhost", "localhost"]), Err(HostNameError::NotOne));
            assert_eq!(of(Version::HTTP_10, &[]), Ok(()));
        }
        assert_eq!(check(&HostNames::any(), Version::HTTP_11, &["evil.test"], "/"), Ok(()));
        let open = HostNames::default().at(([0, 0, 0, 0], 80).into());
        assert_eq!(check(&open, Version::HTTP_11, &["server.example.test"], "/"), Ok(()));
    }
}
