//! The address at the other end of a connection, as the transport says it to a service. Must not be taken from a header,
//! which any client can write.

use std::net::IpAddr;

use super::failure_limits::FailureKey;

/// An extension of every request that a listener passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The key of its failures. This machine has none: all of its programs would be slowed down for one of them.
    pub fn failure_key(self) -> Option<FailureKey> {
        (!self.0.to_canonical().is_loopback()).then(|| FailureKey::peer(self.0))
    }
}
