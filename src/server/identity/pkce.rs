//! The proof key of a code (PKCE, RFC 7636): redeeming a code takes a secret of the program that requested it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::denial::Denial;
use super::fields::Fields;

/// The challenge that a code is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The SHA-256 of the verifier in base64url, or the verifier itself.
    value: String,
    is_hashed: bool,
}

impl Challenge {
    /// The challenge of a request, if it has one.
    ///
    /// # Errors
    /// [`Denial::Malformed`].
    pub fn read(fields: &Fields) -> Result<Option<Self>, Denial> {
        let Some(value) = fields.get("code_challenge") else {
            let alone = fields.get("code_challenge_method").is_some();
            return if alone { Err(Denial::Malformed("code_challenge is missing")) } else { Ok(None) };
        };
        let is_hashed = match fields.get("code_challenge_method") {
            Some("S256") => true,
            Some("plain") | None => false,
            Some(_) => return Err(Denial::Malformed("code_challenge_method is S256 or plain")),
        };
        if !is_verifier(value) {
            return Err(Denial::Malformed("code_challenge has 43 to 128 letters, digits and -._~"));
        }
        Ok(Some(Self { value: value.to_owned(), is_hashed }))
    }

    /// Does the verifier match the challenge? A code without a challenge must be redeemed without a verifier.
    ///
    /// # Errors
    /// [`Denial::Verifier`].
    pub fn check(challenge: Option<&Self>, verifier: Option<&str>) -> Result<(), Denial> {
        let fits = match (challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) if is_verifier(verifier) => {
                let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
                challenge.value == if challenge.is_hashed { hashed.as_str() } else { verifier }
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(Denial::Verifier) }
    }
}

fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    // From appendix B of RFC 7636.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(text: &str) -> Result<Option<Challenge>, Denial> {
        Challenge::read(&Fields::parse(text.as_bytes()).expect("they parse"))
    }

    #[test]
    fn a_verifier_fits_its_challenge_and_no_other() {
        let hashed = read(&format!("code_challenge={CHALLENGE}&code_challenge_method=S256")).expect("it parses");
        assert_eq!(Challenge::check(hashed.as_ref(), Some(VERIFIER)), Ok(()));
        let plain = read(&format!("code_challenge={VERIFIER}")).expect("it parses");
        assert_eq!(Challenge::check(plain.as_ref(), Some(VERIFIER)), Ok(()));
        assert_eq!(Challenge::check(None, None), Ok(()));
        for (challenge, verifier) in [
            (hashed.as_ref(), Some(CHALLENGE)),
            (hashed.as_ref(), None),
            (hashed.as_ref(), Some("")),
            (plain.as_ref(), Some(CHALLENGE)),
            (None, Some(VERIFIER)),
        ] {
            assert_eq!(Challenge::check(challenge, verifier), Err(Denial::Verifier), "{challenge:?} {verifier:?}");
        }
    }

    #[test]
    fn an_invalid_challenge_is_refused() {
        for wrong in [
            "code_challenge=short",
            "code_challenge_method=S256",
            &format!("code_challenge={CHALLENGE}&code_challenge_method=S512"),
        ] {
            assert!(matches!(read(wrong), Err(Denial::Malformed(_))), "{wrong}");
        }
        assert_eq!(read("a=b"), Ok(None));
    }
}
