//! How a client's assertion is checked: its claims, its signature, and its validity.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use reveille::clock::unix_ms;
use reveille::server::identity::{Assertion, Clients, Denial};
use serde_json::{Value, json};

use super::signer::{Signer, claims};

const AUDIENCE: &str = "https://login.example/small/oauth2/v2.0/token";

fn now() -> u64 {
    unix_ms() / 1_000
}

fn clients(signer: &Signer) -> Clients {
    let list = json!([{ "client_id": "nightly", "certificates": ["nightly.pem"], "permissions": [] }]);
    Clients::from_json(&list.to_string(), &|_| Ok(signer.certificate.clone())).expect("they parse")
}

fn check(signer: &Signer, token: &str, at: u64) -> Result<Assertion, Denial> {
    let clients = clients(signer);
    let audiences = [AUDIENCE, "https://login.example/small/v2.0"].map(str::to_owned);
    Assertion::check(token, clients.find("nightly").expect("it is there"), &audiences, at)
}

fn with(name: &str, value: Value) -> Value {
    let mut all = claims("nightly", AUDIENCE);
    all[name] = value;
    all
}

#[test]
fn an_assertion_is_taken_by_either_thumbprint_and_every_algorithm_of_its_key() {
    let (rsa, p256) = (Signer::rsa(), Signer::p256());
    for (signer, algorithm) in [(&rsa, Algorithm::RS256), (&rsa, Algorithm::PS256), (&p256, Algorithm::ES256)] {
        let by_sha256 = signer.header(algorithm);
        let mut by_sha1 = Header::new(algorithm);
        by_sha1.x5t = Some(format!("{}=", signer.sha1));
        let mut by_both = by_sha256.clone();
        by_both.x5t = Some(signer.sha1.replace('-', "+").replace('_', "/"));
        for header in [by_sha256, by_sha1, by_both] {
            let claims = claims("nightly", AUDIENCE);
            let assertion = check(signer, &signer.sign(&header, &claims), now()).expect("it is good");
            assert_eq!(Some(assertion.id.as_str()), claims["jti"].as_str());
        }
    }
}

#[test]
fn what_an_assertion_says_is_checked() {
    let signer = Signer::rsa();
    let of = |claims: &Value| check(&signer, &signer.sign(&signer.header(Algorithm::RS256), claims), now());
    for (name, value) in [
        ("aud", json!("https://LOGIN.example/small/v2.0/")),
        ("aud", json!(["https://else.example", AUDIENCE])),
        ("exp", json!(now() as f64 + 600.25)),
        ("nbf", json!(now() as f64 - 0.5)),
    ] {
        assert!(of(&with(name, value.clone())).is_ok(), "{name} {value}");
    }
    let mut without_id = with("x", json!(1));
    without_id.as_object_mut().expect("claims").remove("jti");
    assert!(of(&without_id).is_ok_and(|assertion| assertion.id.starts_with("ey")));
    for (name, value, denial) in [
        ("iss", json!("other"), Denial::AssertionClient),
        ("sub", json!("other"), Denial::AssertionClient),
        ("aud", json!("https://login.example/large/oauth2/v2.0/token"), Denial::AssertionAudience),
        ("aud", json!("https://graph.microsoft.com"), Denial::AssertionAudience),
        ("aud", json!([]), Denial::AssertionAudience),
        ("exp", json!(now() - 60), Denial::AssertionTime),
        ("exp", json!(now() + 90_000), Denial::AssertionTime),
        ("exp", json!(u64::MAX), Denial::AssertionTime),
        ("nbf", json!(now() + 60), Denial::AssertionTime),
    ] {
        assert_eq!(of(&with(name, value.clone())), Err(denial), "{name} {value}");
    }
    for (name, value) in [
        ("exp", Value::Null),
        ("exp", json!("soon")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("sub", Value::Null),
        ("aud", json!(7)),
        ("jti", json!(7)),
        ("nbf", json!(-5)),
    ] {
        assert!(matches!(of(&with(name, value.clone())), Err(Denial::AssertionShape(_))), "{name} {value}");
    }
}

#[test]
fn only_the_registered_key_signs() {
    let (ours, theirs) = (Signer::rsa(), Signer::p256());
    let good = claims("nightly", AUDIENCE);
    let refused = |token: &str| check(&ours, token, now()).expect_err("it is refused");
    // Another key under the right name, another name, and a key under a wrong type.
    assert_eq!(refused(&theirs.sign(&ours.header(Algorithm::ES256), &good)), Denial::AssertionSignature);
    assert_eq!(refused(&theirs.sign(&theirs.header(Algorithm::ES256), &good)), Denial::AssertionSignature);
    assert_eq!(refused(&ours.sign(&ours.header(Algorithm::RS512), &good)), Denial::AssertionSignature);
    let secrets = [ours.certificate.as_bytes(), ours.sha256.as_bytes(), b""];
    for secret in secrets {
        let forged =
            encode(&ours.header(Algorithm::HS256), &good, &EncodingKey::from_secret(secret)).expect("it signs");
        assert_eq!(refused(&forged), Denial::AssertionSignature);
    }
    assert!(matches!(refused(&ours.sign(&Header::new(Algorithm::RS256), &good)), Denial::AssertionShape(_)));
    let mut other_sha1 = ours.header(Algorithm::RS256);
    other_sha1.x5t = Some(theirs.sha1.clone());
    assert_eq!(refused(&ours.sign(&other_sha1, &good)), Denial::AssertionSignature);
    let mut critical = ours.header(Algorithm::RS256);
    critical.crit = Some(vec!["exp".to_owned()]);
    assert!(check(&ours, &ours.sign(&critical, &good), now()).is_err());
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    for rubbish in ["", "x", "a.b.c", "..", unsigned, &"A".repeat(100_000)] {
        assert!(matches!(refused(rubbish), Denial::AssertionShape(_)), "{}", rubbish.len());
    }
    let late = Signer::expired();
    let token = late.sign(&late.header(Algorithm::RS256), &good);
    assert_eq!(check(&late, &token, now()), Err(Denial::AssertionTime), "the certificate ended");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_assertion_is_never_accepted(at in any::<prop::sample::Index>(), by in 1_u8..64) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let signer = Signer::p256();
        let good = signer.sign(&signer.header(Algorithm::ES256), &claims("nightly", AUDIENCE));
        prop_assert!(check(&signer, &good, now()).is_ok());
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        let digit = ALPHABET.iter().position(|digit| *digit == bytes[at]);
        bytes[at] = digit.map_or(b'A', |digit| ALPHABET[(digit + usize::from(by)) % 64]);
        let changed = String::from_utf8(bytes).expect("it is ASCII");
        prop_assert!(check(&signer, &changed, now()).is_err(), "{} {}", at, changed);
    }

    #[test]
    fn an_assertion_is_valid_between_its_times(nbf in 0_u64..2_000, length in 0_u64..2_000, at in 0_u64..4_000) {
        let signer = Signer::p256();
        let start = now();
        let mut claims = claims("nightly", AUDIENCE);
        claims["nbf"] = json!(start + nbf);
        claims["exp"] = json!(start + nbf + length);
        let token = signer.sign(&signer.header(Algorithm::ES256), &claims);
        // Clocks may differ by five seconds.
        let holds = at + 5 >= nbf && at < nbf + length + 5;
        prop_assert_eq!(check(&signer, &token, start + at).is_ok(), holds);
    }
}
