//! Hashes of secrets. A random secret cannot be guessed, so that a quick hash of it is enough; a secret that a person
//! chose is guessed from lists, so that its hash is slow. A secret itself must not be kept.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::error::IdentityError;

/// Characters of a random secret, at least: this many cannot be guessed, so an unsalted hash is safe.
pub const SECRET_CHARACTERS_MIN: usize = 32;
/// Characters of a secret that a person chooses, at least: the least of NIST SP 800-63B and of Entra ID.
pub const CHOSEN_CHARACTERS_MIN: usize = 8;
/// Bytes of a secret that are hashed, at most: a longer one is not right, whatever it is.
const SECRET_BYTES_MAX: usize = 1_024;
/// KiB of memory of a slow hash, at least: OWASP's smallest recommendation.
const MEMORY_KIB_MIN: u32 = 7_168;
/// KiB of memory of a slow hash, at most: two are computed at once, so that sign-ins take 128 MiB at most.
const MEMORY_KIB_MAX: u32 = 65_536;
/// Passes of a slow hash, at most: more take seconds.
const PASSES_MAX: u32 = 10;
/// Lanes of a slow hash, at most; they are computed one after another.
const LANES_MAX: u32 = 4;

/// The hash of a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretHash {
    /// SHA-256 of a random secret.
    Random([u8; 32]),
    /// Argon2id of a secret that a person chose, in the PHC format, which has its parameters and its salt.
    Chosen(String),
    /// SHA-256 of a secret that a person chose. It is accepted in files of older versions.
    Quick([u8; 32]),
}

impl std::fmt::Debug for SecretHash {
    /// Omits the hash, from which a chosen secret can be guessed.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Random(_) => "SecretHash::Random",
            Self::Chosen(_) => "SecretHash::Chosen",
            Self::Quick(_) => "SecretHash::Quick",
        })
    }
}

impl SecretHash {
    /// The hash of a random secret.
    pub fn of_random(secret: &str) -> Self {
        Self::Random(sha256(secret))
    }

    /// A SHA-256 of 64 hexadecimal digits.
    pub(crate) fn sha256_digits(text: &str) -> Option<[u8; 32]> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(bytes)
    }

    /// A hash in the PHC format of Argon2id, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// What is wrong with it: another algorithm, or parameters that are too weak or too expensive.
    pub(crate) fn argon2id(text: &str) -> Result<Self, String> {
        let remedy = "`reveille hash` makes one from a secret on standard input";
        let hash = PasswordHash::new(text).map_err(|error| format!("is no hash of Argon2id ({error}): {remedy}"))?;
        if hash.algorithm != Algorithm::Argon2id.ident() {
            return Err(format!("is a hash of `{}`, not of argon2id: {remedy}", hash.algorithm));
        }
        if hash.version != Some(Version::V0x13.into()) || hash.salt.is_none() || hash.hash.is_none() {
            return Err(format!("has no version 19, no salt or no hash: {remedy}"));
        }
        let parameters =
            Params::try_from(&hash).map_err(|error| format!("has wrong parameters ({error}): {remedy}"))?;
        let (memory, passes, lanes) = (parameters.m_cost(), parameters.t_cost(), parameters.p_cost());
        if !(MEMORY_KIB_MIN..=MEMORY_KIB_MAX).contains(&memory) || passes > PASSES_MAX || lanes > LANES_MAX {
            return Err(format!(
                "takes m={memory},t={passes},p={lanes}: m is from {MEMORY_KIB_MIN} to {MEMORY_KIB_MAX}, t at most {PASSES_MAX}, p at most \
                 {LANES_MAX}"
            ));
        }
        Ok(Self::Chosen(text.to_owned()))
    }

    /// The hash of a secret that a person chose, as it is written into a file.
    ///
    /// # Errors
    /// [`IdentityError::Secret`] if it is too short or too long, or the system has no randomness.
    pub fn hash_chosen(secret: &str) -> Result<String, IdentityError> {
        if secret.chars().count() < CHOSEN_CHARACTERS_MIN || secret.len() > SECRET_BYTES_MAX {
            return Err(IdentityError::Secret(format!(
                "a secret has at least {CHOSEN_CHARACTERS_MIN} characters and at most {SECRET_BYTES_MAX} bytes"
            )));
        }
        let hash = Argon2::default().hash_password(secret.as_bytes());
        Ok(hash.map_err(|error| IdentityError::Secret(error.to_string()))?.to_string())
    }

    /// Does comparing with it take tens of milliseconds and megabytes?
    pub fn is_slow(&self) -> bool {
        matches!(self, Self::Chosen(_))
    }

    /// Is this the secret? Hashes are compared in constant time. Where [`Self::is_slow`], call it on a thread that may
    /// block.
    pub fn is_of(&self, secret: &str) -> bool {
        if secret.len() > SECRET_BYTES_MAX {
            return false;
        }
        match self {
            Self::Random(known) => {
                let is_equal: bool = sha256(secret).ct_eq(known).into();
                is_equal && secret.chars().count() >= SECRET_CHARACTERS_MIN
            }
            Self::Quick(known) => sha256(secret).ct_eq(known).into(),
            Self::Chosen(known) => {
                let known = PasswordHash::new(known).expect("it was parsed when it was read");
                Argon2::default().verify_password(secret.as_bytes(), &known).is_ok()
            }
        }
    }
}

fn sha256(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_secret_is_kept_as_argon2id_with_a_salt_of_its_own() {
        let secret = "correct horse battery staple";
        let [one, two] = [(); 2].map(|()| SecretHash::hash_chosen(secret).expect("it is long enough"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != two, "{one} {two}");
        let hash = SecretHash::argon2id(&one).expect("it is one");
        assert!(hash.is_slow() && hash.is_of(secret) && !hash.is_of("correct horse battery stable"));
        assert!(!hash.is_of("") && !hash.is_of(&secret.repeat(100)));
        assert!(SecretHash::hash_chosen("1234567").is_err() && SecretHash::hash_chosen(&"x".repeat(1_025)).is_err());
        assert_eq!(format!("{hash:?}"), "SecretHash::Chosen");
    }

    #[test]
    fn a_hash_that_is_weak_or_expensive_or_another_is_refused_with_the_remedy() {
        let good = SecretHash::hash_chosen("correct horse").expect("it is long enough");
        let with = |from: &str, to: &str| good.replace(from, to);
        for (text, said) in [
            ("x".to_owned(), "`reveille hash` makes one"),
            (String::new(), "`reveille hash` makes one"),
            (with("argon2id", "argon2i"), "a hash of `argon2i`"),
            (with("v=19", "v=16"), "no version 19"),
            (with("m=19456", "m=64"), "m is from 7168 to 65536"),
            (with("m=19456", "m=4000000"), "m is from 7168 to 65536"),
            (with("t=2", "t=4000"), "t at most 10"),
            (with("p=1", "p=200"), "p at most 4"),
            (good[..good.rfind('$').expect("it has parts")].to_owned(), "no hash"),
        ] {
            let error = SecretHash::argon2id(&text).expect_err(&text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_random_secret_is_long() {
        let long = "0123456789012345678901234567890123456789";
        assert!(SecretHash::of_random(long).is_of(long) && !SecretHash::of_random(long).is_of(&long[1..]));
        assert!(!SecretHash::of_random("0123456789").is_of("0123456789"), "a short secret is never right");
    }
}
