//! The address at the other end of a connection, as the transport says it to a service. Must not be taken from a header,
//! which any client can write.

use std::net::{IpAddr, Ipv6Addr};

use super::failure_limits::FailureKey;

/// An extension of every request that a listener passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Peer(pub IpAddr);

/// The bits of an IPv6 address that one customer of a network has for itself.
const OWN_BITS: u32 = 64;

impl Peer {
    /// What counts as one peer: an IPv4 address, or a network of IPv6 addresses.
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                Ipv6Addr::from_bits(address.to_bits() >> (128 - OWN_BITS) << (128 - OWN_BITS)).into()
            }
            address @ IpAddr::V4(_) => address,
        }
    }

    /// The key of its failures. This machine has none: all of its programs would be slowed down for one of them.
    pub fn failure_key(self) -> Option<FailureKey> {
        (!self.0.to_canonical().is_loopback()).then(|| FailureKey::Peer(self.network()))
    }
}
