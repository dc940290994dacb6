//! Who is signed in at the console: sessions behind a cookie, and links that sign in once. All of it is in memory, bounded
//! in number and in time. Must not hold a token: a session has its hash.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::router::BASE;
use crate::clock::Stopwatch;
use crate::server::identity::ControlTokenHash;

/// Sessions at once; beyond that the one that was used least recently ends.
const SESSIONS_MAX: usize = 256;
/// Seconds that a session may be unused: a working day.
const UNUSED_SECONDS_MAX: u64 = 8 * 3_600;
/// Seconds of a session in all.
const SESSION_SECONDS_MAX: u64 = 24 * 3_600;
/// Seconds for which a link that was printed signs in.
const LINK_SECONDS_MAX: u64 = 900;
/// The beginning of the name of the cookie; the port follows, because browsers share cookies among the ports of a host.
const COOKIE_NAME: &str = "reveille-console";

/// The sessions of a console.
#[derive(Debug)]
pub(super) struct Sessions {
    watch: Stopwatch,
    open: Mutex<OpenSessions>,
}

#[derive(Debug, Default)]
struct OpenSessions {
    /// By the hash of what the cookie has.
    sessions: HashMap<[u8; 32], Session>,
    /// By the hash of what the link has.
    links: HashMap<[u8; 32], Session>,
}

#[derive(Debug)]
struct Session {
    token: ControlTokenHash,
    begun_s: u64,
    used_s: u64,
}

impl Session {
    const fn is_over(&self, now_s: u64) -> bool {
        now_s - self.begun_s >= SESSION_SECONDS_MAX || now_s - self.used_s >= UNUSED_SECONDS_MAX
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A secret that cannot be guessed: 244 random bits.
fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { watch: Stopwatch::start(), open: Mutex::default() }
    }

    fn open(&self) -> (MutexGuard<'_, OpenSessions>, u64) {
        (self.open.lock().unwrap_or_else(PoisonError::into_inner), self.watch.us() / 1_000_000)
    }

    /// Begins a session of a token's holder; returns what its cookie has.
    pub(super) fn begin(&self, token: ControlTokenHash) -> String {
        let secret = secret();
        let (mut open, now_s) = self.open();
        open.sessions.retain(|_, session| !session.is_over(now_s));
        if open.sessions.len() >= SESSIONS_MAX {
            let oldest = open.sessions.iter().min_by_key(|(_, session)| session.used_s).map(|(key, _)| *key);
            oldest.and_then(|key| open.sessions.remove(&key));
        }
        open.sessions.insert(hash(&secret), Session { token, begun_s: now_s, used_s: now_s });
        secret
    }

    /// The token of the session whose cookie comes with a request.
    pub(super) fn token(&self, headers: &HeaderMap) -> Option<ControlTokenHash> {
        let key = hash(&cookie(headers, &cookie_name(headers))?);
        let (mut open, now_s) = self.open();
        let session = open.sessions.get_mut(&key).filter(|session| !session.is_over(now_s))?;
        session.used_s = now_s;
        Some(session.token)
    }

    /// Ends the session whose cookie comes with a request.
    pub(super) fn end(&self, headers: &HeaderMap) {
        if let Some(secret) = cookie(headers, &cookie_name(headers)) {
            self.open().0.sessions.remove(&hash(&secret));
        }
    }

    /// What a link has that signs in once as the holder of this token.
    pub(super) fn link(&self, token: ControlTokenHash) -> String {
        let secret = secret();
        let (mut open, now_s) = self.open();
        open.links.insert(hash(&secret), Session { token, begun_s: now_s, used_s: now_s });
        secret
    }

    /// Uses a link up.
    pub(super) fn take_link(&self, secret: &str) -> Option<ControlTokenHash> {
        let (mut open, now_s) = self.open();
        let link = open.links.remove(&hash(secret))?;
        (now_s - link.begun_s < LINK_SECONDS_MAX).then_some(link.token)
    }
}

/// The name of the session's cookie at the host that a request names.
fn cookie_name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    match port.parse::<u16>() {
        Ok(port) => format!("{COOKIE_NAME}-{port}"),
        Err(_) => COOKIE_NAME.to_owned(),
    }
}

/// A cookie of a request.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// The header that sets the session's cookie, or removes it without a secret.
pub(super) fn set_session(headers: &HeaderMap, secret: Option<&str>, is_secure: bool) -> String {
    let (name, secure) = (cookie_name(headers), if is_secure { "; Secure" } else { "" });
    let age = secret.map_or(0, |_| SESSION_SECONDS_MAX);
    let value = secret.unwrap_or("");
    format!("{name}={value}; Path={BASE}; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, cookies: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("it is a header"));
        headers.insert(COOKIE, cookies.parse().expect("it is a header"));
        headers
    }

    #[test]
    fn a_session_is_of_its_cookie_and_port_until_it_is_ended() {
        let (sessions, token) = (Sessions::new(), ControlTokenHash::of("0123456789abcdef"));
        let secret = sessions.begin(token);
        let right = headers("localhost:81", &format!("a=b; reveille-console-81={secret}"));
        assert!(sessions.token(&right).is_some());
        for (host, name) in [("localhost:82", "reveille-console-82"), ("localhost:82", "reveille-console-81")] {
            let is_there = sessions.token(&headers(host, &format!("{name}={secret}"))).is_some();
            assert_eq!(is_there, name.ends_with("82"), "{host} {name}");
        }
        assert!(sessions.token(&headers("localhost:81", "reveille-console-81=")).is_none());
        let set = set_session(&right, Some(&secret), true);
        assert!(set.starts_with("reveille-console-81=") && set.contains("; HttpOnly; SameSite=Strict;"), "{set}");
        sessions.end(&right);
        assert!(sessions.token(&right).is_none());
    }

    #[test]
    fn sessions_are_bounded_and_a_link_works_once() {
        let (sessions, token) = (Sessions::new(), ControlTokenHash::of("0123456789abcdef"));
        for _ in 0..SESSIONS_MAX + 10 {
            sessions.begin(token);
        }
        assert_eq!(sessions.open().0.sessions.len(), SESSIONS_MAX);
        let link = sessions.link(token);
        assert!(sessions.take_link("x").is_none());
        assert!(sessions.take_link(&link).is_some());
        assert!(sessions.take_link(&link).is_none());
    }
}
