//! Parses the address of a listener: an address or a name, and a port. Must not open anything.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};

/// A resolved address, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    /// The address to listen on; of several addresses of a name the first IPv4 one, otherwise the first.
    pub(crate) address: SocketAddr,
    /// The name or address before the port, in lower case and without brackets; empty for every interface.
    pub(crate) host: String,
}

impl Listen {
    /// Can only this machine reach it?
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.ip().to_canonical().is_loopback()
    }

    /// A name by which clients reach it, if it was written; there is none for every interface.
    pub(crate) fn name(&self) -> Option<&str> {
        let is_any = self.host.is_empty() || self.host.parse().is_ok_and(|address: IpAddr| address.is_unspecified());
        (!is_any).then_some(&self.host)
    }
}

/// Parses `ADDRESS:PORT`, `NAME:PORT`, `PORT`, which is this machine alone, or `:PORT`, which is every IPv4 interface.
pub(crate) fn listen(text: &str) -> Result<Listen, String> {
    let wrong = || {
        "an address and a port, such as localhost:8080, 127.0.0.1:8080, [::1]:8080, 8080 for this machine alone, or :8080 for \
         every interface"
            .to_owned()
    };
    if let Ok(port) = text.parse::<u16>() {
        return Ok(Listen { address: (Ipv4Addr::LOCALHOST, port).into(), host: Ipv4Addr::LOCALHOST.to_string() });
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    // Without brackets, the end of an IPv6 address is ambiguous.
    if bare.is_none() && host.contains(':') {
        return Err(wrong());
    }
    let host = bare.unwrap_or(host).to_ascii_lowercase();
    if host.is_empty() {
        return Ok(Listen { address: (Ipv4Addr::UNSPECIFIED, port).into(), host });
    }
    let found = (host.as_str(), port).to_socket_addrs();
    let found: Vec<SocketAddr> = found.map_err(|error| format!("`{host}` cannot be looked up: {error}"))?.collect();
    let address = found.iter().find(|address| address.is_ipv4()).or(found.first()).copied();
    Ok(Listen { address: address.ok_or_else(|| format!("`{host}` has no address"))?, host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_every_interface_are_understood() {
        for (text, address, name, is_loopback) in [
            ("127.0.0.1:8080", "127.0.0.1:8080", Some("127.0.0.1"), true),
            ("LocalHost:8080", "127.0.0.1:8080", Some("localhost"), true),
            ("[::1]:0", "[::1]:0", Some("::1"), true),
            (":8080", "0.0.0.0:8080", None, false),
            ("8080", "127.0.0.1:8080", Some("127.0.0.1"), true),
            ("0.0.0.0:1", "0.0.0.0:1", None, false),
            ("[::]:1", "[::]:1", None, false),
            ("192.0.2.1:443", "192.0.2.1:443", Some("192.0.2.1"), false),
        ] {
            let listen = listen(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (listen.address.to_string().as_str(), listen.name(), listen.is_loopback()),
                (address, name, is_loopback)
            );
        }
        for wrong in ["", "80800", "localhost", "localhost:", "localhost:70000", "::1:80", "127.0.0.1:-1", "[::1:80"] {
            assert!(listen(wrong).expect_err(wrong).contains("localhost:8080"), "{wrong}");
        }
        assert!(listen("no-such-host.invalid:1").expect_err("there is none").contains("no-such-host.invalid"));
    }
}
