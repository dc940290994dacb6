//! Admits the requests of a listener by the names and passwords of its web configuration (RFC 7617). A slow hash is
//! computed on another thread, one at a time, and not for a peer that has failed often. Must not answer a request.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::budget::Budget;
use super::limits::QUEUED_PASSWORDS_MAX;
use super::work::WorkPool;
use crate::clock::Stopwatch;
use crate::server::identity::{FailureKey, FailureLimits, PasswordList, Peer, QuickAnswer};

/// Passwords of a listener; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct BasicAuth(Arc<Admission>);

#[derive(Debug)]
struct Admission {
    users: RwLock<Arc<PasswordList>>,
    /// A thread of its own: lists of the Graph API must not keep a scrape waiting.
    work: WorkPool,
    /// Wrong passwords by second since the start.
    failures: Mutex<FailureLimits>,
    watch: Stopwatch,
}

/// Why a request is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unadmitted {
    /// It has no name with its password.
    Unauthorized,
    /// Its peer has failed often: nothing was compared, and it may try again after so many seconds.
    Slowed(u64),
    /// Too many passwords are being compared.
    Busy,
}

impl BasicAuth {
    /// For these users.
    pub(super) fn new(users: PasswordList) -> Self {
        Self(Arc::new(Admission {
            users: RwLock::new(Arc::new(users)),
            work: WorkPool::new(1, Budget::new(QUEUED_PASSWORDS_MAX, None)),
            failures: Mutex::default(),
            watch: Stopwatch::start(),
        }))
    }

    /// Takes the users of another one from now on. Failures stay.
    pub(super) fn replace(&self, other: &Self) {
        let users = other.users();
        *self.0.users.write().unwrap_or_else(PoisonError::into_inner) = users;
    }

    /// Is a request of this peer with these headers admitted?
    pub(crate) async fn admit(&self, peer: Option<Peer>, headers: &HeaderMap) -> Result<(), Unadmitted> {
        let users = self.users();
        if users.is_empty() {
            return Ok(());
        }
        // A request without a password is how a browser begins, and no guess.
        let (name, password) = credentials(headers).ok_or(Unadmitted::Unauthorized)?;
        // Before what was found right is looked at: a guesser would otherwise learn of a right guess without a limit.
        if let Some(seconds) = self.0.wait(peer) {
            return Err(Unadmitted::Slowed(seconds));
        }
        if users.quick(&name, &password) == QuickAnswer::Right {
            return Ok(());
        }
        let admission = Arc::clone(&self.0);
        // A failure counts also where its client does not wait for the answer.
        let compare = move |_: &_| {
            let is_right = users.is_password(&name, &password);
            if !is_right {
                admission.failed(peer, users.has(&name).then_some(name.as_str()));
            }
            is_right
        };
        match self.0.work.run(compare).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Unadmitted::Unauthorized),
            Err(_) => Err(Unadmitted::Busy),
        }
    }

    fn users(&self) -> Arc<PasswordList> {
        Arc::clone(&self.0.users.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Admission {
    /// The seconds after which a peer may try again, if it may not now.
    fn wait(&self, peer: Option<Peer>) -> Option<u64> {
        let key = peer.and_then(Peer::failure_key)?;
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).wait(&key, self.second())
    }

    /// Counts a wrong password and logs it, unless many were logged already. `user` is a name that is listed: another
    /// one may be a password in the wrong field.
    fn failed(&self, peer: Option<Peer>, user: Option<&str>) {
        let (second, logged) = (self.second(), FailureKey::Tokens(peer));
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = peer.and_then(Peer::failure_key) {
            failures.failed(key, second);
        }
        let is_logged = failures.wait(&logged, second).is_none();
        if is_logged {
            failures.failed(logged, second);
        }
        drop(failures);
        if is_logged {
            let peer = peer.map(|peer| peer.0.to_string());
            tracing::warn!(peer, user, "a wrong password");
        }
    }

    fn second(&self) -> u64 {
        self.watch.us() / 1_000_000
    }
}

/// The name and the password of a request.
fn credentials(headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let written = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = written.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&decoded[..colon]).ok()?.to_owned();
    Some((name, decoded[colon + 1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    use crate::server::http::{WebConfig, WebConfigUse};

    fn headers(authorization: &str) -> HeaderMap {
        [(AUTHORIZATION, HeaderValue::from_str(authorization).expect("it is a header"))].into_iter().collect()
    }

    fn with(name: &str, password: &str) -> HeaderMap {
        headers(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
    }

    fn ann() -> BasicAuth {
        // `htpasswd -nbBC 10 ann right:word`
        let text = "basic_auth_users: { ann: $2y$10$4tW9WPYsghB3oq/VITG78ua7MS2J.U77iRiBlfcaE.lwr4uaH7Sxq }";
        BasicAuth::new(WebConfig::parse(text, WebConfigUse::Metrics).unwrap_or_else(|error| panic!("{error}")).users)
    }

    #[test]
    fn a_header_is_read_as_rfc_7617_says_and_nothing_else_is() {
        let read = |text: &str| credentials(&headers(text));
        assert_eq!(read("Basic YTpiOmM="), Some(("a".to_owned(), b"b:c".to_vec())));
        assert_eq!(read("bAsIc  YTo="), Some(("a".to_owned(), Vec::new())));
        for wrong in ["", "Basic", "Basic ", "Basic !", "Basic YQ==", "Bearer YTpi", "YTpi", "Basic /zpi"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(credentials(&HeaderMap::new()), None);
    }

    #[tokio::test]
    async fn only_a_listed_name_with_its_password_is_admitted() {
        let auth = ann();
        let asks = async |headers: HeaderMap| auth.admit(None, &headers).await;
        for _ in 0..2 {
            assert_eq!(asks(with("ann", "right:word")).await, Ok(()));
        }
        for (name, password) in [("ann", "wrong"), ("ann", ""), ("bob", "right:word"), ("", "")] {
            assert_eq!(asks(with(name, password)).await, Err(Unadmitted::Unauthorized), "{name} {password}");
        }
        assert_eq!(asks(HeaderMap::new()).await, Err(Unadmitted::Unauthorized));
        auth.replace(&BasicAuth::new(PasswordList::default()));
        assert_eq!(asks(HeaderMap::new()).await, Ok(()), "without users every request is admitted");
        auth.replace(&ann());
        assert_eq!(asks(HeaderMap::new()).await, Err(Unadmitted::Unauthorized));
    }

    #[tokio::test]
    async fn a_peer_that_fails_often_is_slowed_and_this_machine_is_not() {
        let auth = ann();
        let [guesser, other, own] =
            ["192.0.2.1", "192.0.2.2", "127.0.0.1"].map(|address| Some(Peer(address.parse().expect("an address"))));
        // Sixty slow hashes take seconds: failures are counted as they would be.
        for peer in [guesser, own] {
            (0..60).for_each(|_| auth.0.failed(peer, None));
        }
        let asks = async |peer| auth.admit(peer, &with("ann", "right:word")).await;
        assert!(matches!(asks(guesser).await, Err(Unadmitted::Slowed(1..=3))), "a right one is not compared either");
        assert_eq!((asks(other).await, asks(own).await), (Ok(()), Ok(())));
        assert_eq!(auth.admit(guesser, &HeaderMap::new()).await, Err(Unadmitted::Unauthorized));
        assert!(matches!(asks(guesser).await, Err(Unadmitted::Slowed(_))), "nor one that was found right");
    }
}
