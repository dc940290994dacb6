//! Risk: a caller is let in that should not be, or a token with changed claims is accepted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reveille::clock::unix_ms;
use reveille::server::identity::{Bearer, Claims, Distrust, Issuer, SigningKey};
use serde_json::Value;
use uuid::Uuid;

use crate::fixtures::program::Folder;

fn issuer(tenant: &str) -> Issuer {
    let pem = SigningKey::generate_pem().expect("there is randomness");
    Issuer::new(SigningKey::from_pem(&pem).expect("it is a key"), Issuer::tenant_id(tenant))
}

fn now() -> u64 {
    unix_ms() / 1_000
}

fn account() -> Bearer {
    Bearer::Account { name: "ann".to_owned(), permissions: vec!["User.Read".to_owned()], app: "app".to_owned() }
}

fn checked_after(change: impl FnOnce(&mut Claims)) -> Result<Bearer, Distrust> {
    let issuer = issuer("a");
    let mut claims = issuer.claims(&account(), now());
    change(&mut claims);
    issuer.check(&issuer.sign(&claims).expect("it signs")).map(|checked| checked.bearer)
}

#[test]
fn a_checked_token_names_the_bearer_that_it_was_issued_to() {
    let issuer = issuer("a");
    let app = Bearer::App { app: "x".to_owned(), permissions: vec!["User.Read.All".to_owned()] };
    for bearer in [account(), app] {
        let token = issuer.issue(&bearer, now()).expect("it signs");
        let checked = issuer.check(&token).expect("the issuer accepts its own token");
        assert_eq!(checked.bearer, bearer);
        assert!(checked.expires > now() + 3_000);
    }
}

#[test]
fn its_time_its_audience_its_issuer_and_its_tenant_are_checked() {
    assert_eq!(checked_after(|_| {}), Ok(account()));
    assert_eq!(checked_after(|claims| claims.exp = now() - 60), Err(Distrust::Expired));
    assert_eq!(checked_after(|claims| claims.nbf = now() + 60), Err(Distrust::TooEarly));
    assert_eq!(checked_after(|claims| claims.aud = "https://example.org".to_owned()), Err(Distrust::Audience));
    assert_eq!(checked_after(|claims| claims.iss = "https://example.org".to_owned()), Err(Distrust::Issuer));
    assert_eq!(checked_after(|claims| claims.tid = Uuid::nil()), Err(Distrust::Issuer));
    assert_eq!(checked_after(|claims| claims.idtyp = "app".to_owned()), Err(Distrust::Claims));
    assert_eq!(checked_after(|claims| claims.preferred_username = None), Err(Distrust::Claims));
}

#[test]
fn a_token_of_another_tenant_is_refused_even_with_the_same_key() {
    let pem = SigningKey::generate_pem().expect("there is randomness");
    let of = |tenant| Issuer::new(SigningKey::from_pem(&pem).expect("it is a key"), Issuer::tenant_id(tenant));
    let token = of("b").issue(&account(), now()).expect("it signs");
    assert_eq!(of("a").check(&token), Err(Distrust::Issuer));
}

#[test]
fn a_token_that_another_key_signed_is_refused() {
    let (ours, theirs) = (issuer("a"), issuer("a"));
    let token = theirs.issue(&account(), now()).expect("it signs");
    assert_eq!(ours.check(&token), Err(Distrust::Signature));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let issuer = issuer("a");
    let token = issuer.issue(&account(), now()).expect("it signs");
    let parts: Vec<&str> = token.split('.').collect();
    for algorithm in ["none", "None", "NONE", "nOnE"] {
        let header = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}"));
        for signature in ["", parts[2]] {
            let forged = format!("{header}.{}.{signature}", parts[1]);
            assert_eq!(issuer.check(&forged), Err(Distrust::Signature), "{algorithm} {signature}");
        }
    }
    assert_eq!(issuer.check(&format!("{}.{}.", parts[0], parts[1])), Err(Distrust::Signature));
    assert_eq!(issuer.check(&format!("{}.{}", parts[0], parts[1])), Err(Distrust::Shape));
}

#[test]
fn our_public_key_is_no_secret_to_sign_with() {
    let issuer = issuer("a");
    let claims = issuer.claims(&account(), now());
    let set = serde_json::to_value(issuer.key_set()).expect("a key set is JSON");
    let key = &set["keys"][0];
    let point = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().expect("a coordinate")).expect("base64");
    let raw = [vec![4], point("x"), point("y")].concat();
    let secrets = [raw, serde_json::to_vec(key).expect("it is JSON"), point("x"), Vec::new()];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            header.kid = key["kid"].as_str().map(str::to_owned);
            let forged = encode(&header, &claims, &EncodingKey::from_secret(&secret)).expect("it signs");
            assert_eq!(issuer.check(&forged), Err(Distrust::Signature), "{algorithm:?}");
        }
    }
}

#[test]
fn a_token_that_was_changed_is_refused() {
    let issuer = issuer("a");
    let token = issuer.issue(&account(), now()).expect("it signs");
    let mut claims = issuer.claims(&account(), now());
    claims.preferred_username = Some("administrator".to_owned());
    let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).expect("it is JSON"));
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(issuer.check(&format!("{}.{body}.{}", parts[0], parts[2])), Err(Distrust::Signature));
    for rubbish in ["", "x", "a.b.c", "..", "é.é.é", &"A".repeat(100_000)] {
        assert!(issuer.check(rubbish).is_err(), "{}", rubbish.len());
    }
}

#[test]
fn a_claim_of_the_wrong_type_does_not_count_as_absent() {
    // Signed with the right key, as a faulty issuer would.
    let pem = SigningKey::generate_pem().expect("there is randomness");
    let issuer = Issuer::new(SigningKey::from_pem(&pem).expect("it is a key"), Issuer::tenant_id("a"));
    let claims = serde_json::to_value(issuer.claims(&account(), now())).expect("it is JSON");
    for name in ["exp", "nbf", "aud", "iss", "tid"] {
        for value in [serde_json::json!("tomorrow"), serde_json::Value::Null, serde_json::json!([])] {
            let mut changed = claims.clone();
            changed[name] = value;
            let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("it is a key");
            let token = encode(&Header::new(Algorithm::ES256), &changed, &key).expect("it signs");
            assert!(issuer.check(&token).is_err(), "{name} {}", changed[name]);
        }
    }
}

#[test]
fn a_private_key_is_neither_in_debug_output_nor_in_the_key_set() {
    let pem = SigningKey::generate_pem().expect("there is randomness");
    let key = SigningKey::from_pem(&pem).expect("it is a key");
    let secret = pem.lines().nth(1).expect("a PEM has lines");
    assert!(!format!("{key:?}").contains(secret));
    let set = serde_json::to_string(&key.key_set()).expect("it is JSON");
    assert!(!set.contains("\"d\""), "{set}");
    assert!(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").is_err());
}

#[test]
fn a_token_is_of_a_key_that_a_server_has_made_and_lasts_as_long_as_it_says() {
    let folder = Folder::new("token_state");
    let ask = |more: &[&str]| folder.run(&[&["token", "--as", "administrator", "--state", "state"], more].concat());
    let refused = ask(&[]).exits(2);
    assert!(refused.err.contains("state is not there: start `reveille serve --state state` first"), "{}", refused.err);
    assert!(!folder.path().join("state").exists(), "nothing is made");
    let mut running = folder.start(&["serve", "--state", "state", "--listen", "127.0.0.1:0"]);
    running.wait_for("Graph at http://");
    for (expires, seconds) in [
        (&[][..], 3_600),
        (&["--expires", "8h"], 28_800),
        (&["--expires", "1s"], 1),
        (&["--expires", "366d"], 31_622_400),
    ] {
        let token = ask(expires).exits(0).out;
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("it is a JWT")).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let lasts = claims["exp"].as_u64().zip(claims["iat"].as_u64()).map(|(until, from)| until - from);
        assert_eq!(lasts, Some(seconds), "{expires:?}");
    }
    for wrong in ["0s", "367d", "500ms", "8", "soon"] {
        ask(&["--expires", wrong]).exits(2);
    }
    std::fs::remove_file(folder.path().join("state/signing-key.pem")).expect("it was made");
    let refused = ask(&[]).exits(2);
    assert!(refused.err.contains("state/signing-key.pem is not there: start"), "{}", refused.err);
    assert!(!folder.path().join("state/signing-key.pem").exists());
}
