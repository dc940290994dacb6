//! Names with bcrypt hashes of their passwords, as a web configuration lists them, and whether a password is right. Must
//! not keep a password, or take long where it does not say so.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bcrypt::HashParts;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

/// The cost of a hash, at least: OWASP's smallest recommendation, and what the format's documentation uses.
const COST_MIN: u32 = 10;
/// The cost of a hash, at most: one takes a second, and they are computed one after another.
const COST_MAX: u32 = 14;
/// Users of a list, at most: for more of them the format's own documentation recommends client certificates.
const USERS_MAX: usize = 100;
/// What makes a hash that is accepted.
const REMEDY: &str = "`htpasswd -nBC 10 NAME` makes one";
/// A salt and a hash that are no password's: a name that is not listed takes as long to compare.
const NO_PASSWORD: &str = ".....................................................";

/// The users of a listener; without one every request is admitted.
pub struct PasswordList {
    users: HashMap<String, ListedUser>,
    /// The cost of the most expensive hash.
    cost: u32,
    /// Makes what is kept of right passwords useless elsewhere.
    salt: [u8; 16],
}

struct ListedUser {
    hash: String,
    /// The salted digest of the password that was found right, so that not every scrape costs a slow hash.
    right: Mutex<Option<[u8; 32]>>,
}

/// What is known of a password without a slow hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuickAnswer {
    /// It was found right before.
    Right,
    /// It has to be compared.
    Unknown,
}

impl Default for PasswordList {
    /// Without a user.
    fn default() -> Self {
        Self { users: HashMap::new(), cost: COST_MIN, salt: *Uuid::new_v4().as_bytes() }
    }
}

impl std::fmt::Debug for PasswordList {
    /// Omits the hashes.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_set().entries(self.users.keys()).finish()
    }
}

impl PasswordList {
    /// Adds a user with a hash in bcrypt's own format.
    ///
    /// # Errors
    /// What is wrong with the name or the hash, without the hash, and the remedy.
    pub fn add(&mut self, name: &str, hash: Option<&str>) -> Result<(), String> {
        if name.contains(':') || name.chars().any(char::is_control) {
            return Err("has a colon or a control character, which no client can send".to_owned());
        }
        if self.users.len() >= USERS_MAX {
            return Err(format!("is one of more than {USERS_MAX}: give clients certificates instead"));
        }
        let hash = hash.ok_or_else(no_hash)?;
        self.cost = self.cost.max(cost_of(hash)?);
        self.users.insert(name.to_owned(), ListedUser { hash: hash.to_owned(), right: Mutex::default() });
        Ok(())
    }

    /// Are there none, so that every request is admitted?
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Is this name listed?
    pub fn has(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    /// Was this password found right before?
    pub fn quick(&self, name: &str, password: &[u8]) -> QuickAnswer {
        let known = self.users.get(name);
        let known = known.and_then(|user| *user.right.lock().unwrap_or_else(PoisonError::into_inner));
        let is_right = known.is_some_and(|known| known.ct_eq(&self.digest(name, password)).into());
        if is_right { QuickAnswer::Right } else { QuickAnswer::Unknown }
    }

    /// Is this the user's password? It takes tens of milliseconds: call it on a thread that may block. A right one is
    /// remembered.
    pub fn is_password(&self, name: &str, password: &[u8]) -> bool {
        let user = self.users.get(name);
        // Time does not tell which names are listed.
        let hash = user.map_or_else(|| self.decoy(), |user| user.hash.clone());
        let is_equal = bcrypt::verify(password, &hash).unwrap_or(false);
        let Some(user) = user.filter(|_| is_equal) else { return false };
        *user.right.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.digest(name, password));
        true
    }

    /// A hash that no password has, as expensive as the most expensive one.
    fn decoy(&self) -> String {
        format!("$2b${:02}${NO_PASSWORD}", self.cost)
    }

    /// A digest by which a password is recognized while this value lives.
    fn digest(&self, name: &str, password: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(self.salt);
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(name.as_bytes());
        digest.update(password);
        digest.finalize().into()
    }
}

fn no_hash() -> String {
    format!("has no hash of bcrypt: {REMEDY}")
}

/// The cost of a hash that can be used.
fn cost_of(hash: &str) -> Result<u32, String> {
    let parts: HashParts = hash.parse().map_err(|_| no_hash())?;
    if hash.starts_with("$2x$") {
        return Err(format!("has a hash of the defective variant $2x$: {REMEDY}"));
    }
    match parts.get_cost() {
        cost @ COST_MIN..=COST_MAX => Ok(cost),
        cost => Err(format!("has a hash of cost {cost}: it is from {COST_MIN} to {COST_MAX}, and {REMEDY}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `htpasswd -nbBC 10 prometheus secret`
    const HASH: &str = "$2y$10$DDgNzzxWvokkLANfhnM7m.wDJjtbQdMc.sLt5OgM9QrTJky3Q0Pgy";

    fn of(users: &[(&str, &str)]) -> PasswordList {
        let mut list = PasswordList::default();
        for (name, hash) in users {
            list.add(name, Some(hash)).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        list
    }

    #[test]
    fn a_right_password_is_remembered_and_nothing_else_is() {
        let users = of(&[("ann", HASH), ("bob", HASH)]);
        assert_eq!(users.quick("ann", b"secret"), QuickAnswer::Unknown);
        assert!(users.is_password("ann", b"secret"));
        assert_eq!(users.quick("ann", b"secret"), QuickAnswer::Right);
        for (name, password) in [("ann", "Secret"), ("ann", ""), ("bob", "secret"), ("cid", "secret")] {
            assert_eq!(users.quick(name, password.as_bytes()), QuickAnswer::Unknown, "{name} {password}");
        }
        for (name, password) in [("ann", "Secret"), ("ann", ""), ("cid", "secret"), ("", "")] {
            assert!(!users.is_password(name, password.as_bytes()), "{name} {password}");
        }
        assert_eq!(users.quick("ann", b"secret"), QuickAnswer::Right, "a wrong one is not remembered");
        assert!(!format!("{users:?}").contains("$2"), "{users:?}");
    }

    #[test]
    fn an_unlisted_name_costs_what_the_most_expensive_listed_one_does() {
        let users = of(&[("ann", HASH), ("bob", &HASH.replace("$10$", "$12$"))]);
        let decoy: HashParts = users.decoy().parse().expect("it is a hash");
        assert_eq!(decoy.get_cost(), 12);
        assert!(PasswordList::default().is_empty() && users.has("bob") && !users.has("cid"));
    }

    #[test]
    fn a_name_or_a_hash_that_cannot_be_used_is_refused_and_not_repeated() {
        let changed = |from: &str, to: &str| Some(HASH.replace(from, to));
        for (name, hash, said) in [
            ("ann", Some("secret".to_owned()), "has no hash of bcrypt: `htpasswd -nBC 10 NAME`"),
            ("ann", None, "has no hash of bcrypt"),
            ("ann", Some(HASH[..59].to_owned()), "has no hash of bcrypt"),
            ("ann", changed("$2y$", "$2x$"), "the defective variant"),
            ("ann", changed("$10$", "$05$"), "has a hash of cost 5: it is from 10 to 14"),
            ("ann", changed("$10$", "$31$"), "has a hash of cost 31"),
            ("a:b", changed("", ""), "has a colon"),
            ("a\nb", changed("", ""), "has a colon or a control character"),
        ] {
            let error = PasswordList::default().add(name, hash.as_deref()).expect_err(said);
            assert!(error.contains(said) && !error.contains("secret") && !error.contains("$2y"), "{hash:?}: {error}");
        }
        let mut many = PasswordList::default();
        let added = (0..=USERS_MAX).map(|user| many.add(&user.to_string(), Some(HASH)));
        let added: Vec<_> = added.collect();
        assert!(added[..USERS_MAX].iter().all(Result::is_ok));
        assert!(added[USERS_MAX].clone().expect_err("too many").contains("give clients certificates"));
    }
}
