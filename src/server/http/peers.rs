//! The connections of a kind of listener: how many there are in all and of each address. Must not open or close one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::budget::{Budget, BudgetShare, Exhausted};
use crate::server::identity::Peer;

/// A budget of connections, and the part of it that one address may use.
#[derive(Debug)]
pub(crate) struct Connections {
    all: Budget,
    peer_max: u64,
    by_peer: Mutex<HashMap<IpAddr, u64>>,
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(super) struct CountedConnection {
    connections: Arc<Connections>,
    peer: IpAddr,
    _share: BudgetShare,
}

impl Connections {
    pub(super) fn new(all: Budget, peer_max: u64) -> Self {
        Self { all, peer_max, by_peer: Mutex::default() }
    }

    /// Counts one more connection of this address.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<CountedConnection, Exhausted> {
        let peer = Peer(address).network();
        let share = self.all.take(1)?;
        let mut by_peer = self.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_peer.entry(peer).or_default();
        if *count >= self.peer_max {
            self.all.refused();
            return Err(Exhausted);
        }
        *count += 1;
        Ok(CountedConnection { connections: Arc::clone(self), peer, _share: share })
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let mut by_peer = self.connections.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_peer.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                by_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_connections_to_others() {
        let connections = Arc::new(Connections::new(Budget::new(4, None), 3));
        let admit = |address: &str| connections.admit(address.parse().expect("it is an address"));
        let mut open: Vec<CountedConnection> = (0..3).map(|_| admit("192.0.2.1").expect("it fits")).collect();
        assert_eq!(admit("192.0.2.1").map(drop), Err(Exhausted));
        assert_eq!(admit("::ffff:192.0.2.1").map(drop), Err(Exhausted), "it is the same address");
        open.push(admit("192.0.2.2").expect("it fits"));
        assert_eq!(admit("192.0.2.3").map(drop), Err(Exhausted));
        open.clear();
        assert!(connections.all.used() == 0 && connections.by_peer.lock().expect("no test panics").is_empty());
        let _open: Vec<CountedConnection> =
            (1..4).map(|host| admit(&format!("2001:db8::{host}")).expect("it fits")).collect();
        assert_eq!(admit("2001:db8::ffff:1").map(drop), Err(Exhausted), "one network is one peer");
        assert!(admit("2001:db8:0:1::1").is_ok());
    }
}
