//! Risk: a foreign issuer is trusted for more than configured, or an attacker can impersonate it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reveille::clock::unix_ms;
use reveille::server::identity::{Bearer, Checked, Distrust, Issuer, SigningKey, Trust, TrustPlan};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::Folder;

/// A key that signs only these tests' tokens.
const RSA: &str = include_str!("trust/rsa.pem");
const ISSUER: &str = "https://login.example/acme";
const AUDIENCE: &str = "https://graph.example";
/// Two users of the issuer, by the ids that it assigned.
const ADA: &str = "auth0|5f7c8ec7c33c6c004bbafe82";
const DESK: &str = "Zx6uY1nqkq1qZ0h4yQx3";
const TID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(RSA.as_bytes()).expect("it is a key")
}

/// A key's public half, under this id.
fn public(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut public = Jwk::from_encoding_key(key, algorithm).expect("it has a public half");
    public.common.key_id = Some(id.to_owned());
    serde_json::to_value(public).expect("it is JSON")
}

fn key_set() -> String {
    json!({ "keys": [public(&rsa(), Algorithm::RS256, "one")] }).to_string()
}

fn plan() -> Value {
    json!({
        "issuer": ISSUER,
        "audiences": [AUDIENCE, "00000003-0000-0000-c000-000000000000"],
        "jwks_file": "keys.json",
        "tenants": { TID: "small" },
        "accounts": { ADA: "administrator", DESK: "desk" },
    })
}

fn trust_with(keys: &str) -> Trust {
    TrustPlan::from_json(&plan().to_string()).expect("it is a plan").with_keys(keys).expect("it is a key set")
}

fn claims() -> Value {
    let now = unix_ms() / 1_000;
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": now + 600, "nbf": now - 1, "tid": TID,
        "appid": "script", "idtyp": "app", "roles": ["User.Read.All"],
    })
}

fn header(algorithm: Algorithm, id: &str) -> Header {
    Header { kid: Some(id.to_owned()), ..Header::new(algorithm) }
}

fn signed(claims: &Value) -> String {
    encode(&header(Algorithm::RS256, "one"), claims, &rsa()).expect("it signs")
}

fn checked(token: &str) -> Result<(String, Bearer), Distrust> {
    let trust = trust_with(&key_set());
    trust.check(token).map(|(tenant, Checked { bearer, .. })| (tenant.to_owned(), bearer))
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

/// The claims of a user with this `sub`, with delegated permissions.
fn of_user(sub: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("claims").retain(|name, _| name != "roles" && name != "idtyp");
    claims["scp"] = json!("User.Read Group.Read.All");
    claims["sub"] = json!(sub);
    claims
}

#[test]
fn a_foreign_token_opens_its_tenant_for_the_account_or_application_it_names() {
    let app = Bearer::App { app: "script".to_owned(), permissions: vec!["User.Read.All".to_owned()] };
    assert_eq!(checked(&signed(&claims())), Ok(("small".to_owned(), app)));
    for (user, name) in [(ADA, "administrator"), (DESK, "desk")] {
        let permissions = ["User.Read", "Group.Read.All"].map(str::to_owned).to_vec();
        let bearer = Bearer::Account { name: name.to_owned(), permissions, app: "script".to_owned() };
        assert_eq!(checked(&signed(&of_user(user))), Ok(("small".to_owned(), bearer)));
    }
    let pem = SigningKey::generate_pem().expect("there is randomness");
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("it is a key");
    let trust = trust_with(&json!({ "keys": [public(&key, Algorithm::ES256, "p256")] }).to_string());
    let token = encode(&header(Algorithm::ES256, "p256"), &claims(), &key).expect("it signs");
    assert!(trust.check(&token).is_ok());
    let unnamed = encode(&Header::new(Algorithm::ES256), &claims(), &key).expect("it signs");
    assert!(trust.check(&unnamed).is_ok(), "the only key is meant");
}

#[test]
fn a_name_that_its_user_can_change_decides_nothing() {
    let names = ["administrator", "Administrator", "administrator@reveille.example", "desk", ADA];
    for name in names {
        for sub in [json!("someone-else"), json!(""), json!(name.to_lowercase() + " "), Value::Null] {
            let mut claims = of_user("x");
            for claim in ["preferred_username", "upn", "name", "email", "unique_name", "oid"] {
                claims[claim] = json!(name);
            }
            claims["sub"] = sub.clone();
            let refused = checked(&signed(&claims)).expect_err(name);
            let is_missing = sub.as_str().is_none_or(str::is_empty);
            assert_eq!(refused, if is_missing { Distrust::Claims } else { Distrust::Account }, "{name} {sub}");
        }
    }
    // A user's id token has the roles of the user, and is no token of an application.
    let mut id_token = claims();
    id_token.as_object_mut().expect("claims").remove("idtyp");
    assert!(matches!(checked(&signed(&id_token)), Ok((_, Bearer::App { .. }))), "an application has no user name");
    for claim in ["preferred_username", "upn"] {
        let mut id_token = id_token.clone();
        id_token[claim] = json!("ada@acme.example");
        assert_eq!(checked(&signed(&id_token)), Err(Distrust::Claims), "{claim}");
    }
}

#[test]
fn the_claim_that_names_a_user_is_configured() {
    let mut by_oid = plan();
    by_oid["subject"] = json!("oid");
    let trust = TrustPlan::from_json(&by_oid.to_string()).expect("a plan").with_keys(&key_set()).expect("a key set");
    let mut claims = of_user("pairwise");
    assert_eq!(trust.check(&signed(&claims)), Err(Distrust::Claims), "it has no oid");
    claims["oid"] = json!(DESK);
    let (_, Checked { bearer, .. }) = trust.check(&signed(&claims)).expect("it is listed");
    assert!(matches!(bearer, Bearer::Account { name, .. } if name == "desk"));
    claims["oid"] = json!("unlisted");
    claims["sub"] = json!(DESK);
    assert_eq!(trust.check(&signed(&claims)), Err(Distrust::Account), "the other claim does not count");
}

#[test]
fn one_thing_under_two_names_is_read() {
    let scopes = |scp: Value, scope: Value| {
        let mut claims = of_user(DESK);
        (claims["scp"], claims["scope"]) = (scp, scope);
        (claims["azp"], claims["client_id"], claims["appid"]) = (json!("script"), json!("script"), Value::Null);
        match checked(&signed(&claims)).expect("it is trusted").1 {
            Bearer::Account { permissions, app, .. } => (permissions, app),
            other @ Bearer::App { .. } => panic!("{other:?}"),
        }
    };
    let read = (vec!["User.Read".to_owned()], "script".to_owned());
    for (scp, scope) in [
        (json!("User.Read"), json!("User.Read")),
        (json!("User.Read"), json!("openid profile")),
        (json!("User.Read"), Value::Null),
        (Value::Null, json!("User.Read")),
        (json!(["User.Read"]), json!("User.Read")),
    ] {
        assert_eq!(scopes(scp, scope), read);
    }
    for (appid, azp, client_id, app) in [
        (json!("one"), json!("two"), json!("three"), "one"),
        (Value::Null, json!("two"), json!("three"), "two"),
        (Value::Null, Value::Null, json!("three"), "three"),
    ] {
        let mut claims = claims();
        (claims["appid"], claims["azp"], claims["client_id"]) = (appid, azp, client_id);
        assert_eq!(checked(&signed(&claims)).expect("it is trusted").1.app(), app);
    }
}

#[test]
fn its_time_audience_issuer_and_tenant_are_checked() {
    let now = unix_ms() / 1_000;
    for (name, value, distrust) in [
        ("exp", json!(now - 60), Distrust::Expired),
        ("nbf", json!(now + 60), Distrust::TooEarly),
        ("aud", json!("https://else.example"), Distrust::Audience),
        ("aud", json!(["https://else.example"]), Distrust::Audience),
        ("iss", json!("https://login.example/other"), Distrust::Issuer),
        ("tid", json!("00000000-0000-4000-8000-000000000000"), Distrust::Issuer),
        ("tid", Value::Null, Distrust::Issuer),
        ("scp", json!("User.Read"), Distrust::Claims),
        ("idtyp", json!("user"), Distrust::Claims),
        ("idtyp", json!("device"), Distrust::Claims),
    ] {
        assert_eq!(checked(&signed(&with(name, value.clone()))), Err(distrust), "{name} {value}");
    }
    for name in ["exp", "aud", "iss"] {
        for value in [Value::Null, json!({}), json!(true)] {
            assert!(checked(&signed(&with(name, value.clone()))).is_err(), "{name} {value}");
        }
        let mut claims = claims();
        claims.as_object_mut().expect("claims").remove(name);
        assert!(checked(&signed(&claims)).is_err(), "{name}");
    }
    assert!(checked(&signed(&with("aud", json!(["https://else.example", AUDIENCE])))).is_ok());
}

#[test]
fn the_foreign_issuer_cannot_be_impersonated() {
    let token = signed(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let encoded = |header: Value| URL_SAFE_NO_PAD.encode(header.to_string());
    for algorithm in ["none", "None", "nOnE"] {
        let header = encoded(json!({ "alg": algorithm, "typ": "JWT", "kid": "one" }));
        for signature in ["", parts[2]] {
            assert_eq!(checked(&format!("{header}.{}.{signature}", parts[1])), Err(Distrust::Signature));
        }
    }
    // The public key, in every encoding, as the secret of an HMAC.
    let set: Value = serde_json::from_str(&key_set()).expect("it is JSON");
    let key = &set["keys"][0];
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().expect("it has one")).expect("base64");
    for secret in [modulus, key.to_string().into_bytes(), set.to_string().into_bytes(), Vec::new()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let forged = encode(&header(algorithm, "one"), &claims(), &EncodingKey::from_secret(&secret));
            assert_eq!(checked(&forged.expect("it signs")), Err(Distrust::Signature), "{algorithm:?}");
        }
    }
    // The right key with an algorithm that is not its own.
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let other = encode(&header(algorithm, "one"), &claims(), &rsa()).expect("it signs");
        assert_eq!(checked(&other), Err(Distrust::Signature), "{algorithm:?}");
    }
    // A key that the token contains, or says where to fetch.
    let pem = SigningKey::generate_pem().expect("there is randomness");
    let own = EncodingKey::from_ec_pem(pem.as_bytes()).expect("it is a key");
    let brought = Header {
        jwk: Some(Jwk::from_encoding_key(&own, Algorithm::ES256).expect("it has a public half")),
        jku: Some("http://127.0.0.1:9/keys".to_owned()),
        ..header(Algorithm::ES256, "one")
    };
    let forged = encode(&brought, &claims(), &own).expect("it signs");
    assert_eq!(checked(&forged), Err(Distrust::Signature));
    for id in ["two", "", "ONE"] {
        let other = encode(&header(Algorithm::RS256, id), &claims(), &rsa()).expect("it signs");
        assert_eq!(checked(&other), Err(Distrust::Signature), "{id}");
    }
    let demanding = Header { crit: Some(vec!["exp".to_owned()]), ..header(Algorithm::RS256, "one") };
    let demanding = encode(&demanding, &claims(), &rsa()).expect("it signs");
    assert_eq!(checked(&demanding), Err(Distrust::Signature));
    // Two keys, and a token that names neither.
    let both = json!({ "keys": [public(&own, Algorithm::ES256, "two"), public(&rsa(), Algorithm::RS256, "one")] });
    let unnamed = encode(&Header::new(Algorithm::RS256), &claims(), &rsa()).expect("it signs");
    assert_eq!(trust_with(&both.to_string()).check(&unnamed), Err(Distrust::Signature));
    for rubbish in ["", "x", "a.b.c", "..", &"A".repeat(100_000)] {
        assert!(checked(rubbish).is_err());
    }
}

#[test]
fn a_key_set_that_cannot_be_trusted_is_refused_by_name() {
    let good = public(&rsa(), Algorithm::RS256, "one");
    let changed = |name: &str, value: Value| {
        let mut key = good.clone();
        key[name] = value;
        json!({ "keys": [key] }).to_string()
    };
    let weak = URL_SAFE_NO_PAD.encode([0xff; 128]);
    for (keys, said) in [
        ("nothing".to_owned(), "not JSON"),
        ("{}".to_owned(), "no list `keys`"),
        (r#"{"keys":[]}"#.to_owned(), "no key that checks"),
        (r#"{"keys":[{"kty":"oct","k":"AAAA","kid":"s"}]}"#.to_owned(), "key `s`: it is a shared secret"),
        (changed("d", json!("AAAA")), "key `one`: it is a private key"),
        (changed("n", json!(weak)), "at least 2048 bits"),
        (changed("use", json!("enc")), "no key that checks"),
        (changed("alg", json!("RSA-OAEP")), "no key that checks"),
        (changed("alg", json!("ES256")), "no key that checks"),
        (json!({ "keys": [good, good] }).to_string(), "key `one` stands there twice"),
    ] {
        let plan = TrustPlan::from_json(&plan().to_string()).expect("it is a plan");
        let error = plan.with_keys(&keys).expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    }
    let ours =
        Issuer::new(SigningKey::from_pem(&SigningKey::generate_pem().expect("random")).expect("a key"), Uuid::nil());
    for (name, value, said) in [
        ("issuer", json!(""), "issuer names a foreign issuer"),
        ("issuer", json!(ours.name()), "issuer names a foreign issuer"),
        ("audiences", json!([]), "audiences names at least one"),
        ("tenant", json!("small"), "either tenant or tenants"),
        ("tenants", json!({}), "either tenant or tenants"),
        ("tenants", json!({ "small": "small" }), "UUID"),
        ("subject", json!("email"), "unknown variant `email`"),
        ("secret", json!("x"), "there is no member `secret` here"),
    ] {
        let mut plan = plan();
        plan[name] = value;
        let error = TrustPlan::from_json(&plan.to_string()).expect_err(said).to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_server_accepts_foreign_tokens_for_the_configured_tenant_only() {
    let source = Folder::new("trust_source");
    source.write("keys.json", &key_set());
    source.write("acme.json", &plan().to_string());
    let path = source.path().join("acme.json");
    let other = TENANT.replace("\"small\"", "\"large\"").replace("ann", "zoe");
    let scenarios = [("large.toml", other.as_str()), ("small.toml", TENANT)];
    let served = Served::several("trust_served", &scenarios, &["--trust-issuer", path.to_str().expect("a path")]);
    let users = served.get(&signed(&claims()), "/v1.0/users").is(200).text;
    assert!(users.contains("ann@") && !users.contains("zoe@"), "{users}");
    served.get(&signed(&claims()), "/v1.0/groups").is(403);
    let ours = reveille::server::identity::Issuer::tenant_id("large");
    let refused = [
        with("iss", json!(format!("https://sts.reveille.example/{ours}/v2.0"))),
        with("tid", json!(ours)),
        with("aud", json!("https://graph.microsoft.com")),
        with("exp", json!(1)),
    ];
    for claims in refused {
        let reply = served.get(&signed(&claims), "/v1.0/users").is(401);
        assert_eq!(reply.code(), "InvalidAuthenticationToken", "{claims}");
    }
    source.write("small.toml", TENANT);
    let mut elsewhere = plan();
    elsewhere["tenants"][TID] = json!("huge");
    source.write("elsewhere.json", &elsewhere.to_string());
    let mut unknown = plan();
    unknown["accounts"][DESK] = json!("root");
    source.write("unknown.json", &unknown.to_string());
    for (files, said) in [
        (&["elsewhere.json"][..], "elsewhere.json: no tenant is called `huge` here; there are small"),
        (&["acme.json", "acme.json"], "is given twice"),
        (&["keys.json"], "keys.json: not an issuer to trust"),
        (&["nowhere.json"], "cannot read nowhere.json"),
        (&["unknown.json"], "unknown.json: `small` has no account `root`; there are administrator, desk"),
    ] {
        let mut arguments = vec!["serve", "--state", "state", "--scenario", "small.toml"];
        for file in files {
            arguments.extend(["--trust-issuer", file]);
        }
        let ended = source.run(&arguments).exits(2);
        assert!(ended.err.contains(said), "{}", ended.err);
    }
}
