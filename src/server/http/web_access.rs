//! What a web configuration gives a listener while it runs: TLS and passwords, replaced together. Must not touch files.

use super::basic_auth::BasicAuth;
use super::origin::Scheme;
use super::tls::Tls;
use crate::server::identity::PasswordList;

/// TLS and passwords of a listener; clones share them, so that replacing them in one replaces them in all.
#[derive(Clone, Debug)]
pub struct WebAccess {
    tls: Option<Tls>,
    basic_auth: BasicAuth,
}

/// A listener has TLS, and its new web configuration has none, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsSwitch {
    /// It would lose TLS.
    #[error("it has no tls_server_config any more, and a listener keeps TLS while it runs: start the server again")]
    Off,
    /// It would get TLS.
    #[error("it has tls_server_config now, and a listener without TLS gets none while it runs: start the server again")]
    On,
}

impl Default for WebAccess {
    /// Without TLS, for every request.
    fn default() -> Self {
        Self::new(None, PasswordList::default())
    }
}

impl WebAccess {
    /// With this TLS, for these users.
    pub fn new(tls: Option<Tls>, users: PasswordList) -> Self {
        Self { tls, basic_auth: BasicAuth::new(users) }
    }

    /// The scheme by which the listener is reached.
    pub const fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::Https } else { Scheme::Http }
    }

    /// Its TLS.
    pub const fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Its passwords.
    pub(crate) const fn basic_auth(&self) -> &BasicAuth {
        &self.basic_auth
    }

    /// Checks that another one can take its place while the listener runs.
    ///
    /// # Errors
    /// See [`TlsSwitch`].
    pub const fn check_replacement(&self, other: &Self) -> Result<(), TlsSwitch> {
        match (self.tls.is_some(), other.tls.is_some()) {
            (true, false) => Err(TlsSwitch::Off),
            (false, true) => Err(TlsSwitch::On),
            (true, true) | (false, false) => Ok(()),
        }
    }

    /// Uses the TLS and the passwords of another one, which [`Self::check_replacement`] has accepted: passwords from the
    /// next request on, TLS from the next handshake on.
    pub fn replace(&self, other: &Self) {
        if let (Some(tls), Some(other)) = (&self.tls, &other.tls) {
            tls.replace(other);
        }
        self.basic_auth.replace(&other.basic_auth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::identity::LocalCa;

    #[test]
    fn tls_is_neither_switched_on_nor_off_while_a_listener_runs() {
        let names = ["localhost".to_owned()];
        let ca = LocalCa::generate(&names, 1_790_000_000).expect("there is randomness");
        let made = ca.sign(&names, 1_790_000_000).expect("the name is right");
        let tls = Tls::from_pem(&made.chain_pem, &made.key_pem).expect("both belong together");
        let (secure, plain) = (WebAccess::new(Some(tls), PasswordList::default()), WebAccess::default());
        assert_eq!((secure.scheme(), plain.scheme()), (Scheme::Https, Scheme::Http));
        assert_eq!(secure.check_replacement(&plain), Err(TlsSwitch::Off));
        assert_eq!(plain.check_replacement(&secure), Err(TlsSwitch::On));
        assert_eq!((secure.check_replacement(&secure), plain.check_replacement(&plain)), (Ok(()), Ok(())));
    }
}
