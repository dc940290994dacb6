//! What libraries request before a sign-in, and how a tenant is named.

use serde_json::Value;

use super::place::{Place, SCOPE, SECRET, refused};
use crate::fixtures::caller::{Reply, Served, TENANT};
use crate::fixtures::program::Folder;

fn document(served: &Served, path: &str) -> Reply {
    served.send("GET", path, &[], b"")
}

#[test]
fn the_document_has_what_libraries_read_on_the_authoritys_own_origin() {
    let place = Place::start("sign_in_discovery", &["--tenant-domain", "small=Contoso.example"]);
    let (served, id) = (&place.served, &place.tenant);
    let origin = format!("http://{}", served.address);
    for tenant in [id.as_str(), "small", "contoso.example", "CONTOSO.EXAMPLE", "common", "organizations"] {
        for (path, oauth2, issuer) in
            [("v2.0/", "oauth2/v2.0", format!("{origin}/{id}/v2.0")), ("", "oauth2", format!("{origin}/{id}/"))]
        {
            let found = document(served, &format!("/{tenant}/{path}.well-known/openid-configuration")).is(200).json();
            assert_eq!(found["issuer"], issuer);
            for (member, end) in [
                ("authorization_endpoint", "authorize"),
                ("token_endpoint", "token"),
                ("device_authorization_endpoint", "devicecode"),
                ("end_session_endpoint", "logout"),
            ] {
                assert_eq!(found[member], format!("{origin}/{id}/{oauth2}/{end}"), "{tenant} {member}");
            }
            for member in [
                "response_types_supported",
                "response_modes_supported",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
                "token_endpoint_auth_methods_supported",
                "scopes_supported",
                "claims_supported",
            ] {
                assert!(found[member].as_array().is_some_and(|list| !list.is_empty()), "{member}: {found}");
            }
            let keys = found["jwks_uri"]
                .as_str()
                .and_then(|keys| keys.strip_prefix(&origin))
                .expect("the key set has the server's origin");
            assert_eq!(document(served, keys).is(200).json()["keys"][0]["kty"], "EC");
        }
    }
    document(served, "/small/oauth2/v2.0/logout?post_logout_redirect_uri=https://evil.example").is(200);
    document(served, "/common/oauth2/nativeclient?code=x").is(200);
    let realm = document(served, "/common/UserRealm/ann%40contoso.example?api-version=1.0").is(200).json();
    assert_eq!(
        (realm["account_type"].as_str(), realm["domain_name"].as_str()),
        (Some("Managed"), Some("contoso.example"))
    );
}

#[test]
fn an_instance_is_this_server_or_one_of_microsofts() {
    let place = Place::start("sign_in_instance", &[]);
    let ask = |endpoint: &str| {
        document(
            &place.served,
            &format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}"),
        )
    };
    let own = &place.served.address;
    for (endpoint, found) in [
        (format!("http://{own}/small/oauth2/v2.0/authorize"), format!("http://{own}/small/")),
        (
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize".to_owned(),
            "https://login.microsoftonline.com/common/".to_owned(),
        ),
    ] {
        let told = ask(&endpoint).is(200).json();
        assert_eq!(told["tenant_discovery_endpoint"], format!("{found}v2.0/.well-known/openid-configuration"));
        let aliases: Vec<&Value> = told["metadata"]
            .as_array()
            .expect("a list")
            .iter()
            .flat_map(|cloud| cloud["aliases"].as_array().expect("aliases"))
            .collect();
        assert!(
            aliases.iter().any(|alias| *alias == own)
                && aliases.iter().any(|alias| *alias == "login.microsoftonline.com")
        );
    }
    for endpoint in [
        "https://evil.example/common/oauth2/v2.0/authorize",
        "x",
        "ftp://login.microsoftonline.com/common",
        "https://login.microsoftonline.com@evil.example/x",
    ] {
        refused(&ask(endpoint), 400, "invalid_instance", 50_049);
    }
    refused(&ask(""), 400, "invalid_request", 900_144);
}

#[test]
fn a_tenant_that_is_not_named_or_not_there_is_said_to_be_so() {
    let large = TENANT.replace("\"small\"", "\"large\"");
    let scenarios = [("small.toml", TENANT), ("large.toml", large.as_str())];
    let place = Place::serving("sign_in_tenants", &scenarios, &["--tenant-domain", "large=big.example"]);
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "nightly"), ("client_secret", SECRET), ("scope", SCOPE)];
    let ask = |tenant: &str| place.post_to(&format!("/{tenant}/oauth2/v2.0/token"), &fields);
    ask("big.example").is(200);
    refused(&ask("nowhere"), 400, "invalid_request", 90_002);
    refused(&ask("consumers"), 400, "invalid_request", 9_002_346);
    for tenant in ["common", "organizations"] {
        let reply = ask(tenant);
        refused(&reply, 400, "invalid_request", 50_059);
        assert!(reply.text.contains("this server has 2 tenants"), "{}", reply.text);
    }
    // A program that requests a token never gets an error in Graph's format.
    for (path, status, code) in [
        ("/small/oauth2/nothing", 404, 90_013),
        ("/small/oauth2/v3.0/token", 404, 90_013),
        ("/common/nothing", 404, 90_013),
        ("/nowhere/oauth2/v2.0/devicecode", 400, 90_002),
    ] {
        refused(&place.post_to(path, &[]), status, "invalid_request", code);
    }
    let headers = [("Content-Length", "0")];
    let bytes = format!(
        "POST /anything HTTP/1.1\r\nHost: login.microsoftonline.com\r\nConnection: close\r\n{}: {}\r\n\r\n",
        headers[0].0, headers[0].1
    );
    refused(&place.served.raw(bytes.as_bytes()), 404, "invalid_request", 90_013);
}

#[test]
fn a_scenario_names_the_domain_of_its_tenant() {
    let text = TENANT.replace("name = \"small\"", "name = \"small\"\ndomain = \"Fabrikam.example\"");
    let served = Served::start("sign_in_domain", Some(&text), &[]);
    let document = served.send("GET", "/fabrikam.example/v2.0/.well-known/openid-configuration", &[], b"").is(200);
    assert!(document.json()["token_endpoint"].is_string(), "{}", document.text);
    let token = served.account("administrator");
    let user = served.get(&token, "/v1.0/users/ann@fabrikam.example").is(200).json();
    assert_eq!(user["userPrincipalName"], "ann@fabrikam.example");
    let domains = served.get(&token, "/v1.0/organization?$select=verifiedDomains").is(200).json();
    assert_eq!(domains["value"][0]["verifiedDomains"][0]["name"], "fabrikam.example");
    let wrong = text.replace("Fabrikam.example", "fabrikam");
    served.folder.write("wrong.toml", &wrong);
    let said = served.folder.run(&["check", "wrong.toml"]).exits(2);
    assert!(said.err.contains("`domain` is not a domain name"), "{}", said.err);
    let other = text.replace("\"small\"", "\"large\"");
    served.folder.write("large.toml", &other);
    let both = ["serve", "--state", "state", "--scenario", "scenario.toml", "--scenario", "large.toml"];
    let said = served.folder.run(&both).exits(2);
    assert!(said.err.contains("fabrikam.example is the domain of both `small` and `large`"), "{}", said.err);
}

#[test]
fn names_on_the_command_line_are_checked_before_anything_is_served() {
    let folder = Folder::new("sign_in_flags");
    folder.write("small.toml", TENANT);
    folder.write("large.toml", &TENANT.replace("\"small\"", "\"large\""));
    folder.write("clients.json", r#"{"clients":[],"accounts":[{"name":"intern","password_sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}"#);
    let refused = |more: &[&str], said: &str| {
        let all =
            [&["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "small.toml"], more].concat();
        let told = folder.run(&all).exits(2).err;
        assert!(told.contains(said), "{told}");
    };
    refused(&["--auto-consent=intern"], "has no account `intern`; there are administrator, desk");
    refused(&["--clients", "clients.json"], "has no account `intern` to have a password");
    refused(&["--tenant-domain", "medium=x.example"], "no tenant is called `medium`");
    refused(&["--tenant-domain", "x.example,small=x.example"], "given twice");
    refused(&["--tenant-domain", "localhost"], "a domain is a name such as contoso.example");
    refused(&["--scenario", "large.toml", "--tenant-domain", "x.example"], "there are several tenants");
}
