//! Risk: a secret or a password is guessed, or guessing takes the machine.

use std::fs::File;

use serde_json::json;

use super::secured::lines;
use crate::fixtures::caller::{Reply, Served, TENANT};
use crate::fixtures::program::{Folder, end_of, get, program};

const SECRET: &str = "chosen by a person";
const PASSWORD: &str = "correct horse battery staple";
/// Wrong guesses of a client or an account before it is slowed down.
const BURST: usize = 20;

/// What `reveille hash` prints for a secret on standard input.
fn hashed(folder: &Folder, secret: &str) -> String {
    folder.write("secret", secret);
    let mut command = program(folder.path(), &["hash"]);
    command.stdin(File::open(folder.path().join("secret")).expect("it was written"));
    end_of(&mut command).exits(0).out.trim().to_owned()
}

/// A server with two clients and two accounts, whose secrets people chose.
fn served(name: &str, more: &[&str]) -> Served {
    let source = Folder::new(&format!("{name}_source"));
    let (secret, password) = (hashed(&source, SECRET), hashed(&source, &format!("{PASSWORD}\n")));
    let list = json!({
        "clients": [
            { "client_id": "one", "secret_argon2id": secret, "permissions": ["User.Read.All"] },
            { "client_id": "two", "secret_argon2id": secret, "permissions": ["User.Read.All"] },
            { "client_id": "public", "public": true },
        ],
        "accounts": [
            { "name": "desk", "password_argon2id": password },
            { "name": "ann", "password_argon2id": password },
        ],
    });
    source.write("clients.json", &list.to_string());
    let path = source.path().join("clients.json");
    Served::start(name, Some(TENANT), &[&["--clients", path.to_str().expect("a path")], more].concat())
}

fn token(served: &Served, fields: &[(&str, &str)]) -> Reply {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    served.send("POST", "/small/oauth2/v2.0/token", &headers, form.as_bytes())
}

fn by_secret(served: &Served, client: &str, secret: &str) -> Reply {
    let scope = ("scope", "https://graph.microsoft.com/.default");
    token(served, &[("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret), scope])
}

fn by_password(served: &Served, account: &str, password: &str) -> Reply {
    let who = [("grant_type", "password"), ("client_id", "public"), ("username", account), ("password", password)];
    token(served, &[&who[..], &[("scope", "User.Read")]].concat())
}

#[test]
fn what_people_chose_signs_in_by_a_slow_hash() {
    let served = served("security_slow", &[]);
    by_secret(&served, "one", SECRET).is(200);
    by_secret(&served, "one", "chosen by another person").is(401);
    by_secret(&served, "one", "").is(401);
    by_password(&served, "desk", PASSWORD).is(200);
    for (account, password) in [("desk", "x"), ("administrator", PASSWORD), ("intern", PASSWORD)] {
        assert_eq!(by_password(&served, account, password).is(400).json()["error_codes"], json!([50_126]), "{account}");
    }
    assert!(!served.running.said.contains("password_sha256"), "{}", served.running.said);
    let folder = Folder::new("security_hash");
    folder.write("secret", "1234567");
    let mut command = program(folder.path(), &["hash"]);
    command.stdin(File::open(folder.path().join("secret")).expect("it was written"));
    let ended = end_of(&mut command).exits(2);
    assert!(ended.err.contains("at least 8 characters") && !ended.err.contains("1234567"), "{}", ended.err);
}

#[test]
fn guesses_are_slowed_for_each_client_and_each_account() {
    let served = served("security_guesses", &["--audit-log", "audit.log"]);
    for _ in 0..BURST {
        by_secret(&served, "one", "a wrong guess").is(401);
        by_password(&served, "desk", "a wrong guess").is(400);
    }
    // The right one is not checked either: a refusal must not say that it is right.
    for reply in [
        by_secret(&served, "one", "a wrong guess"),
        by_secret(&served, "one", SECRET),
        by_password(&served, "desk", PASSWORD),
        by_password(&served, "DESK@reveille.example", "a wrong guess"),
    ] {
        let reply = reply.is(429);
        let seconds: u64 = reply.header("retry-after").and_then(|wait| wait.parse().ok()).expect("it says when");
        assert!((1..=3).contains(&seconds), "{seconds}");
        assert_eq!(reply.json()["error_codes"], json!([50_053]));
    }
    by_secret(&served, "two", SECRET).is(200);
    by_password(&served, "ann", PASSWORD).is(200);
    let page = get(&served.metrics, "/metrics");
    for (outcome, count) in [("issued", 2), ("refused", 2 * BURST), ("slowed", 4)] {
        let series = format!("reveille_sign_ins_total{{outcome=\"{outcome}\"}} {count}");
        assert!(page.contains(&series), "{series}: {page}");
    }
    let recorded = lines(&served.folder.read("audit.log"));
    let sign_ins: Vec<_> = recorded.iter().filter(|line| line["event"] == "sign_in").collect();
    assert_eq!(sign_ins.len(), 2 + 2 * BURST, "a flood does not fill the record");
    let refused = sign_ins[0];
    assert_eq!(
        (&refused["client"], &refused["reason"], &refused["outcome"]),
        (&json!("one"), &json!("7000215"), &json!("refused"))
    );
}

#[test]
fn only_offered_scopes_get_tokens() {
    let served = served("security_scopes", &[]);
    let asks = |scope: &str| {
        let who = [("grant_type", "password"), ("client_id", "public"), ("username", "desk"), ("password", PASSWORD)];
        token(&served, &[&who[..], &[("scope", scope)]].concat())
    };
    assert_eq!(asks("Mail.Send User.Read").is(200).json()["scope"], "User.Read");
    let refused = asks("Mail.Send").is(400).json();
    assert_eq!((&refused["error"], &refused["error_codes"]), (&json!("invalid_scope"), &json!([650_053])));
}
