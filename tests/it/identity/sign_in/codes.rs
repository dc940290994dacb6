//! A code for an account: who gets it, where it is sent, and that it can be redeemed once, by the program that
//! requested it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::place::{LOCAL, Place, SECRET, claims, refused, with};
use crate::fixtures::caller::Reply;

const VERIFIER: &str = "a-verifier-that-has-forty-three-characters-or-more";
const AUTHORIZE: &str = "oauth2/v2.0/authorize";
const GOOD: [(&str, &str); 6] = [
    ("client_id", "public"),
    ("response_type", "code"),
    ("redirect_uri", LOCAL),
    ("scope", "openid profile offline_access User.Read.All"),
    ("state", "s&t=\"<"),
    ("login_hint", "administrator"),
];

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

/// The parameters of an answer to the client.
#[track_caller]
fn returned(reply: &Reply, to: &str) -> Vec<(String, String)> {
    let location = reply.clone().is(302).header("location").expect("the redirect has an address").to_owned();
    let answer = location.strip_prefix(to).unwrap_or_else(|| panic!("{location} is not at {to}"));
    form_urlencoded::parse(&answer.as_bytes()[1..]).into_owned().collect()
}

#[track_caller]
fn one<'p>(answer: &'p [(String, String)], name: &str) -> &'p str {
    let found = answer.iter().find(|(known, _)| known == name);
    found.map_or_else(|| panic!("no {name} in {answer:?}"), |(_, value)| value.as_str())
}

fn redeem(place: &Place, code: &str, changes: &[(&str, &str)]) -> Reply {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "public"),
        ("redirect_uri", LOCAL),
        ("code_verifier", VERIFIER),
        ("client_info", "1"),
        ("code", code),
    ];
    place.token(&with(&fields, changes))
}

#[test]
fn a_code_is_redeemed_once_by_the_program_that_asked_for_it() {
    let place = Place::start("sign_in_code", &[]);
    let challenge = challenge();
    let asks = with(&GOOD, &[("code_challenge", &challenge), ("code_challenge_method", "S256"), ("nonce", "n")]);
    let answer = returned(&place.open(AUTHORIZE, &asks), LOCAL);
    assert_eq!(one(&answer, "state"), "s&t=\"<");
    let code = one(&answer, "code");
    for (changes, status, error, number) in [
        (&[("code_verifier", "another-verifier-that-has-forty-three-characters")][..], 400, "invalid_grant", 501_481),
        (&[("code_verifier", "")], 400, "invalid_grant", 501_481),
        (&[("code_verifier", challenge.as_str())], 400, "invalid_grant", 501_481),
        (&[("redirect_uri", "http://localhost:50001")], 400, "invalid_grant", 500_112),
        (&[("redirect_uri", "")], 400, "invalid_request", 900_144),
        (&[("client_id", "narrow")], 400, "invalid_grant", 70_000),
        (&[("client_id", "web"), ("client_secret", SECRET)], 400, "invalid_grant", 70_000),
        (&[("client_id", "web")], 401, "invalid_client", 7_000_218),
        (&[("client_secret", SECRET)], 401, "invalid_client", 700_025),
        (&[("code", "1.unknown")], 400, "invalid_grant", 70_000),
        (&[("code", "")], 400, "invalid_request", 900_144),
    ] {
        refused(&redeem(&place, code, changes), status, error, number);
    }
    let tokens = redeem(&place, code, &[]).is(200).json();
    place.reads(&tokens);
    refused(&redeem(&place, code, &[]), 400, "invalid_grant", 54_005);
    assert_eq!(tokens["scope"], "User.Read.All openid profile");
    let (access, id) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!((&access["scp"], &access["idtyp"]), (&json!("User.Read.All openid profile"), &json!("user")));
    assert_eq!(
        (&id["aud"], &id["nonce"], &id["tid"], &id["oid"]),
        (&json!("public"), &json!("n"), &json!(place.tenant), &access["oid"])
    );
    assert_eq!(id["preferred_username"], "administrator@reveille.example");
    assert_eq!(id["iss"], format!("http://{}/{}/v2.0", place.served.address, place.tenant));
    let info = URL_SAFE_NO_PAD.decode(tokens["client_info"].as_str().expect("it was asked for")).expect("base64url");
    let info: serde_json::Value = serde_json::from_slice(&info).expect("it is JSON");
    assert_eq!((&info["uid"], &info["utid"]), (&id["oid"], &id["tid"]));
    // Tokens for the client or for the authority are not accepted by Graph.
    for token in ["id_token", "refresh_token"] {
        place.served.get(tokens[token].as_str().expect("a token"), "/v1.0/users").is(401);
    }
}

#[test]
fn a_code_is_sent_to_an_address_of_the_client_and_nowhere_else() {
    let place = Place::start("sign_in_redirect", &[]);
    let asks = |changes: &[(&str, &str)]| place.open(AUTHORIZE, &with(&GOOD, changes));
    for (client, uri) in
        [("public", "app://cb"), ("web", "https://app.example/cb?x=1"), ("web", "http://localhost:61000/cb")]
    {
        one(&returned(&asks(&[("client_id", client), ("redirect_uri", uri)]), uri), "code");
    }
    for (client, uri) in [
        ("public", "https://evil.example"),
        ("public", "http://localhost:50000/path"),
        ("public", "http://localhost.evil.example"),
        ("public", "javascript:alert(1)"),
        ("public", "https://app.example/cb?x=1"),
        ("public", "app://cb/"),
        ("web", "http://localhost:50000"),
        ("web", "https://app.example/cb"),
        ("web", "https://app.example/cb?x=1&y=\"><script>"),
        ("intern", LOCAL),
        ("", LOCAL),
        ("web", ""),
    ] {
        let page = asks(&[("client_id", client), ("redirect_uri", uri)]).is(400);
        assert_eq!((page.header("location"), page.header("content-type")), (None, Some("text/html; charset=utf-8")));
        assert!(
            page.text.contains("AADSTS") && !page.text.contains("<script") && !page.text.contains("href"),
            "{}",
            page.text
        );
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    }
    for (changes, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("scope", "https://vault.azure.net/.default")], "invalid_resource"),
        (&[("scope", "")], "invalid_request"),
        (&[("code_challenge", "x")], "invalid_request"),
        (&[("client_id", "narrow"), ("scope", "Group.Read.All")], "invalid_grant"),
        (&[("prompt", "none"), ("login_hint", "")], "login_required"),
        (&[("prompt", "none"), ("login_hint", "intern")], "login_required"),
        (&[("reveille_decline", "1")], "access_denied"),
    ] {
        let answer = returned(&asks(changes), LOCAL);
        assert_eq!((one(&answer, "error"), one(&answer, "state")), (error, "s&t=\"<"), "{answer:?}");
    }
    // A repeated parameter is ambiguous, so there is no redirect.
    place.open(AUTHORIZE, &[&GOOD[..], &[("redirect_uri", "app://cb")]].concat()).is(400);
}

#[test]
fn an_answer_returns_in_the_requested_response_mode() {
    let place = Place::start("sign_in_modes", &[]);
    let asks = |changes: &[(&str, &str)]| place.open(AUTHORIZE, &with(&GOOD, changes));
    let fragment = asks(&[("response_mode", "fragment")]).is(302);
    assert!(
        fragment.header("location").is_some_and(|to| to.starts_with("http://localhost:50000#code=")),
        "{fragment:?}"
    );
    let page =
        asks(&[("response_mode", "form_post"), ("client_id", "web"), ("redirect_uri", "https://app.example/cb?x=1")])
            .is(200);
    assert!(page.text.contains(r#"<form method="post" action="https://app.example/cb?x=1">"#), "{}", page.text);
    assert!(page.text.contains(r#"name="state" value="s&amp;t=&quot;&lt;""#), "{}", page.text);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'sha256-") && policy.contains("form-action https://app.example;"), "{policy}");
    assert!(page.text.contains("<button"), "without a script there is a button");
}

#[test]
fn a_person_picks_an_account_if_the_request_names_none() {
    let place = Place::start("sign_in_page", &[]);
    for changes in [&[("login_hint", "")][..], &[("login_hint", "intern")], &[("prompt", "select_account")]] {
        let page = place
            .open(
                AUTHORIZE,
                &with(&with(&GOOD, changes), &[("client_id", "web"), ("redirect_uri", "http://localhost/cb")]),
            )
            .is(200);
        assert!(
            page.text.contains("The &lt;web&gt;") && page.text.contains("<a href=") && !page.text.contains("<script"),
            "{}",
            page.text
        );
        for account in ["administrator", "desk", "north-desk", "publisher", "ann"] {
            assert!(page.text.contains(&format!(">{account}</a>")), "{account}: {}", page.text);
        }
        let (link, _) = page.text.split_once("\">north-desk</a>").expect("it is there");
        let link = link.rsplit('"').next().expect("a link").replace("&amp;", "&");
        let answer = returned(&place.served.send("GET", &link, &[], b""), "http://localhost/cb");
        let changes = [
            ("client_id", "web"),
            ("client_secret", SECRET),
            ("redirect_uri", "http://localhost/cb"),
            ("code_verifier", ""),
        ];
        let tokens = redeem(&place, one(&answer, "code"), &changes).is(200).json();
        assert_eq!(claims(&tokens["access_token"])["preferred_username"], "north-desk");
    }
    place.open(AUTHORIZE, &with(&GOOD, &[("reveille_account", "intern")])).is(400);
    let posted = place.post(AUTHORIZE, &GOOD);
    one(&returned(&posted, LOCAL), "code");
}

#[test]
fn auto_consent_signs_in_without_a_person() {
    let place = Place::start("sign_in_auto", &["--auto-consent=desk"]);
    for (changes, account) in [
        (&[("login_hint", "")][..], "desk"),
        (&[("login_hint", ""), ("prompt", "none")], "desk"),
        (&[("login_hint", ""), ("prompt", "login")], "desk"),
        (&[], "administrator"),
    ] {
        let answer = returned(&place.open(AUTHORIZE, &with(&GOOD, changes)), LOCAL);
        let tokens = redeem(&place, one(&answer, "code"), &[("code_verifier", "")]).is(200).json();
        assert_eq!(claims(&tokens["access_token"])["preferred_username"], account);
    }
}
