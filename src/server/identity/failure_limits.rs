//! How often sign-ins may fail: a few at once, and then one in a while, for each client, account and peer. What fails
//! more often is refused unchecked for a time. Memory is bounded. Time is an argument.

use std::collections::HashMap;
use std::net::IpAddr;

use uuid::Uuid;

use super::peer::Peer;

/// Seconds that one failure costs: a guesser gets 20 guesses a minute, 29,000 a day.
const FAILURE_SECONDS: u64 = 3;
/// Failures at once of one client or one account: people mistype, and programs try again a few times.
const KNOWN_BURST: u64 = 20;
/// Failures at once of one peer, which may be a proxy with many clients behind it.
const PEER_BURST: u64 = 60;
/// Keys that are remembered, at most; each takes some 100 bytes. Beyond it the one that is due first is forgotten.
const KEYS_MAX: usize = 4_096;

/// Whose failures are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FailureKey {
    /// A registered client of a tenant.
    Client(Uuid, String),
    /// An account of a tenant.
    Account(Uuid, String),
    /// The address of a peer; of IPv6 its network of 64 bits, which one machine has for itself.
    Peer(IpAddr),
    /// Refused tokens of a peer, which are recorded while they are few.
    Tokens(Option<Peer>),
}

impl FailureKey {
    const fn burst(&self) -> u64 {
        match self {
            Self::Client(..) | Self::Account(..) => KNOWN_BURST,
            Self::Peer(_) | Self::Tokens(_) => PEER_BURST,
        }
    }
}

/// Failures, each key as the second at which its last failure is paid off.
#[derive(Debug, Default)]
pub struct FailureLimits(HashMap<FailureKey, u64>);

impl FailureLimits {
    /// The seconds after which a key may try again, at `now` in seconds; `None` if it may try now.
    pub fn wait(&self, key: &FailureKey, now: u64) -> Option<u64> {
        let paid_off = self.0.get(key)?;
        let wait = paid_off.saturating_sub(now).saturating_sub((key.burst() - 1) * FAILURE_SECONDS);
        (wait > 0).then_some(wait)
    }

    /// Records a failure.
    pub fn failed(&mut self, key: FailureKey, now: u64) {
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&key) {
            self.0.retain(|_, paid_off| *paid_off > now);
            let first = self.0.iter().min_by_key(|(_, paid_off)| **paid_off).map(|(key, _)| key.clone());
            if let Some(first) = first.filter(|_| self.0.len() >= KEYS_MAX) {
                self.0.remove(&first);
            }
        }
        let paid_off = self.0.entry(key).or_default();
        *paid_off = (*paid_off).max(now) + FAILURE_SECONDS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> FailureKey {
        FailureKey::Client(Uuid::nil(), id.to_owned())
    }

    #[test]
    fn a_guesser_gets_a_few_tries_at_once_and_then_one_in_a_while() {
        let mut limits = FailureLimits::default();
        let tries = |limits: &mut FailureLimits, from: u64, to: u64| {
            let mut tried = 0;
            for now in from..to {
                while limits.wait(&client("a"), now).is_none() {
                    limits.failed(client("a"), now);
                    tried += 1;
                }
            }
            tried
        };
        assert_eq!(tries(&mut limits, 100, 101), KNOWN_BURST);
        assert_eq!(limits.wait(&client("a"), 100), Some(FAILURE_SECONDS));
        assert_eq!(limits.wait(&client("b"), 100), None, "another client is not slowed");
        assert_eq!(tries(&mut limits, 101, 101 + 600), 600 / FAILURE_SECONDS);
        assert_eq!(tries(&mut limits, 10_000, 10_001), KNOWN_BURST, "a pause pays off");
    }

    #[test]
    fn a_machine_has_no_new_address_of_ipv6_for_each_guess() {
        let key = |text: &str| Peer(text.parse().expect("an address")).failure_key();
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered_longest() {
        let mut limits = FailureLimits::default();
        for _ in 0..KNOWN_BURST {
            limits.failed(client("worst"), 0);
        }
        for at in 0..3 * KEYS_MAX {
            limits.failed(client(&at.to_string()), 1);
        }
        assert_eq!(limits.0.len(), KEYS_MAX);
        assert!(limits.wait(&client("worst"), 0).is_some());
        limits.failed(client("later"), 1_000);
        assert_eq!(limits.0.len(), 1, "what is paid off is forgotten");
    }
}
