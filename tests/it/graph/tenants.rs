//! Risk: a tenant learns of another one on the same server: by an id, a filter, a batch, a page, or the words of an
//! error.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::fixtures::caller::{Reply, Served, TENANT};
use crate::fixtures::program::{Folder, end_of, get};
use crate::monitoring::exposition::parsed;
use crate::monitoring::prometheus::server::tool;

const SEND: &str = "sendCustomNotificationToCompanyPortal";
/// An id that does not exist.
const UNKNOWN: &str = "01234567-89ab-4def-8123-456789abcdef";

/// A tenant beside the small one, with other people.
pub(crate) fn neighbour() -> String {
    let names = [("small", "large"), ("ann", "zoe"), ("bob", "yan"), ("cid", "xia"), ("north", "west")];
    let mut text = TENANT.replace("11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa");
    for (ours, theirs) in names {
        text = text.replace(ours, theirs);
    }
    text
}

fn both(name: &str, more: &[&str]) -> (Served, String, String) {
    let served = Served::several(name, &[("small.toml", TENANT), ("large.toml", &neighbour())], more);
    let (mine, theirs) =
        (served.account("administrator"), served.token(&["--as", "administrator", "--scenario", "large.toml"]));
    (served, mine, theirs)
}

fn text() -> Value {
    json!({ "notificationTitle": "t", "notificationBody": "b" })
}

/// The whole answer, without what differs from one request to the next and without the requested id.
fn said(reply: &Reply, id: &str) -> (u16, Vec<(String, String)>, String) {
    let request = reply.header("request-id").expect("every answer has its id").to_owned();
    let dateless = |text: &str| match text.split_once("\"date\":\"") {
        Some((before, rest)) => format!("{before}{}", rest.split_once('"').expect("a date ends").1),
        None => text.to_owned(),
    };
    let plain = |text: &str| dateless(&text.replace(&request, "REQUEST").replace(id, "ID"));
    let names = ["request-id", "client-request-id", "date", "content-length"];
    let headers = reply.headers.iter().filter(|(name, _)| !names.contains(&name.to_lowercase().as_str()));
    (reply.status, headers.cloned().collect(), plain(&reply.text))
}

#[test]
fn what_is_anothers_is_answered_like_what_is_nowhere() {
    let (served, mine, theirs) = both("graph_tenants_ids", &[]);
    let id = |list: &str, field: &str, name: &str| served.id(&theirs, list, field, name);
    let device = id("deviceManagement/managedDevices", "deviceName", "zoe-phone");
    let user = id("users", "userPrincipalName", "zoe@reveille.example");
    let group = id("groups", "displayName", "west");
    let imported = "66666666-7777-4888-8999-aaaaaaaaaaaa";
    let own_user = served.id(&mine, "users", "userPrincipalName", "ann@reveille.example");
    let mut asked = 0;
    let mut same = |method: &str, path: &str, body: Option<&str>, id: &str| {
        let ask = |id: &str| {
            let body = body.map(|body| body.replace("ID", id));
            served.ask(&mine, method, &path.replace("ID", id), body.as_deref())
        };
        let unknown = if id.contains('@') { "intern@reveille.example" } else { UNKNOWN };
        let (found, missing) = (ask(id), ask(unknown));
        assert_eq!(said(&found, id), said(&missing, unknown), "{method} {path}");
        assert!(
            found.status == 404
                || body.is_some_and(|body| body.contains("actionName") || body.contains("requests"))
                || path.contains("filter"),
            "{method} {path}: {}",
            found.status
        );
        for name in ["zoe", "yan", "xia", "west", "large"] {
            assert!(!found.text.replace(id, "").contains(name), "{path}: {}", found.text);
        }
        asked += 1;
    };
    let message = text().to_string();
    for device in [device.as_str(), imported] {
        for edition in ["v1.0", "beta"] {
            same("GET", &format!("/{edition}/deviceManagement/managedDevices/ID"), None, device);
            same("POST", &format!("/{edition}/deviceManagement/managedDevices/ID/syncDevice"), None, device);
            same("GET", &format!("/{edition}/deviceManagement/managedDevices?$filter=id%20eq%20'ID'"), None, device);
        }
        same("POST", &format!("/beta/deviceManagement/managedDevices/ID/{SEND}"), Some(&message), device);
        same("POST", &format!("/beta/deviceManagement/comanagedDevices/ID/{SEND}"), Some(&message), device);
        same("POST", &format!("/beta/users/{own_user}/managedDevices/ID/{SEND}"), Some(&message), device);
        same("GET", &format!("/beta/users/{own_user}/managedDevices/ID"), None, device);
        let bulk = r#"{"actionName":"customTextNotification","deviceIds":["ID"],"notificationTitle":"t","notificationBody":"b"}"#;
        same("POST", "/beta/deviceManagement/managedDevices/executeAction", Some(bulk), device);
        let batch = r#"{"requests":[{"id":"1","method":"GET","url":"/deviceManagement/managedDevices/ID"}]}"#;
        same("POST", "/v1.0/$batch", Some(batch), device);
    }
    let registered = id("devices", "displayName", "zoe-phone");
    same("GET", "/v1.0/devices/ID", None, &registered);
    same("GET", "/v1.0/devices/ID/registeredOwners", None, &registered);
    same("GET", "/v1.0/devices(deviceId='ID')", None, &registered);
    for user in [user.as_str(), "zoe@reveille.example"] {
        same("GET", "/v1.0/users/ID/memberOf", None, user);
        same("GET", "/v1.0/users/ID", None, user);
        same("GET", "/v1.0/users/ID/managedDevices", None, user);
        same("GET", "/v1.0/users?$filter=userPrincipalName%20eq%20'ID'", None, user);
        same("POST", &format!("/beta/users/ID/managedDevices/{device}/{SEND}"), Some(&message), user);
    }
    for path in [
        "groups/ID",
        "groups/ID/members",
        "groups/ID/transitiveMembers",
        "groups/ID/members/$count?ConsistencyLevel=eventual",
    ] {
        same("GET", &format!("/v1.0/{path}"), None, &group);
    }
    let to_group = r#"{"groupsToNotify":["ID"],"notificationTitle":"t","notificationBody":"b"}"#;
    same("POST", &format!("/beta/deviceManagement/{SEND}"), Some(to_group), &group);
    assert!(asked > 30);
}

#[test]
fn a_list_holds_the_tenants_own_entities_and_rejects_a_page_link_of_another() {
    let (served, mine, theirs) = both("graph_tenants_lists", &[]);
    for (list, own, other) in [
        ("deviceManagement/managedDevices", "ann-phone", "zoe-phone"),
        ("users", "ann@", "zoe@"),
        ("groups", "north", "west"),
        ("devices", "ann-phone", "zoe-phone"),
        ("organization", "small", "large"),
        ("me", "administrator", "zoe"),
    ] {
        let found = served.get(&mine, &format!("/v1.0/{list}")).is(200).text;
        assert!(found.contains(own) && !found.contains(other), "{found}");
        let found = served.get(&theirs, &format!("/v1.0/{list}")).is(200).text;
        assert!(found.contains(other) != (list == "me") && !found.contains(own) || list == "me", "{found}");
    }
    let first = served.get(&theirs, "/v1.0/users?$top=1").is(200).json();
    let next = first["@odata.nextLink"].as_str().expect("there are more").to_owned();
    let path = next.strip_prefix(&format!("http://{}", served.address)).expect("it is an address of this server");
    let found = served.get(&mine, path).is(200).text;
    assert!(found.contains("bob@") && !found.contains("yan@"), "a place in a list is a number: {found}");
}

#[test]
fn one_tenants_quota_does_not_affect_another_r40() {
    let (served, mine, theirs) = both("graph_tenants_quota", &[]);
    let send = |token: &str, name: &str| {
        let mut body = text();
        body["groupsToNotify"] = json!([served.id(token, "groups", "displayName", name)]);
        served.post(token, &format!("/beta/deviceManagement/{SEND}"), &body)
    };
    for _ in 0..25 {
        send(&theirs, "west").is(204);
    }
    send(&theirs, "west").is(429);
    send(&mine, "north").is(204);
}

#[test]
fn a_token_opens_one_tenant_and_a_client_signs_in_at_its_listed_tenants() {
    let folder = Folder::new("graph_tenants_clients_source");
    let hash = "fb526cd4ad0ec978c1a9e78f7c0728711139978424d618eb228be59e21188970";
    let client = |id: &str, more: &str| {
        format!(r#"{{"client_id":"{id}","secret_sha256":"{hash}","permissions":["User.Read.All"]{more}}}"#)
    };
    let list = format!("[{},{}]", client("everywhere", ""), client("at-large", r#","tenants":["large"]"#));
    folder.write("clients.json", &list);
    let path = folder.path().join("clients.json");
    let (served, ..) = both("graph_tenants_clients", &["--clients", path.to_str().expect("a path")]);
    let ask = |tenant: &str, client: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let form = format!(
            "grant_type=client_credentials&client_id={client}&client_secret=0123456789012345678901234567890123456789&scope=https://graph.microsoft.com/.default"
        );
        served.send("POST", &format!("/{tenant}/oauth2/v2.0/token"), &headers, form.as_bytes())
    };
    let token = ask("large", "at-large").is(200).json()["access_token"].as_str().expect("a token").to_owned();
    assert!(served.get(&token, "/v1.0/users").is(200).text.contains("zoe@"));
    let refused = |client: &str| {
        let told = ask("small", client).is(400).json();
        let words = told["error_description"].as_str().and_then(|text| text.split(" Trace ID").next()).expect("words");
        (told["error"].clone(), words.replace(client, "CLIENT"))
    };
    assert_eq!(refused("at-large"), refused("intern"));
    ask("small", "everywhere").is(200);
    // A token signed with the server's key for a tenant that it does not host, and a tenant's token with another's name
    // in it.
    let gone = served.folder.run(&["token", "--state", "state", "--as", "administrator"]).exits(0).out;
    assert_eq!(served.get(gone.trim(), "/v1.0/users").is(401).code(), "InvalidAuthenticationToken");
    folder.write("clients.json", &list.replace("large", "huge"));
    folder.write("small.toml", TENANT);
    let arguments = ["serve", "--state", "state", "--scenario", "small.toml", "--clients", "clients.json"];
    let said = folder.run(&arguments).exits(2);
    assert!(said.err.contains("no tenant is called `huge`"), "{}", said.err);
}

#[test]
fn two_scenarios_of_one_tenant_are_refused() {
    let folder = Folder::new("graph_tenants_twins");
    folder.write("a.toml", TENANT);
    folder.write("b.toml", &TENANT.replace("ann", "zoe"));
    let arguments =
        ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "a.toml", "--scenario", "b.toml"];
    let said = folder.run(&arguments).exits(2);
    assert!(said.err.contains("a.toml and b.toml are both the tenant `small`"), "{}", said.err);
}

#[test]
fn several_tenants_have_their_names_in_the_metrics() {
    let (served, mine, theirs) = both("graph_tenants_metrics", &[]);
    let phone = |token: &str, name: &str| served.id(token, "deviceManagement/managedDevices", "deviceName", name);
    for (token, name, count) in [(&mine, "ann-phone", 2), (&theirs, "zoe-phone", 3)] {
        let id = phone(token, name);
        for _ in 0..count {
            served.post(token, &format!("/beta/deviceManagement/managedDevices/{id}/{SEND}"), &text()).is(204);
        }
    }
    let page = crate::fixtures::program::look("what was sent is counted", || {
        let page = get(&served.metrics, "/metrics");
        page.contains("kind=\"device\",tenant=\"large\"} 3\n").then_some(page)
    });
    let series = parsed(&page);
    let label =
        |labels: &[(String, String)]| labels.iter().find(|(name, _)| name == "tenant").map(|(_, value)| value.clone());
    let mut seen = [0, 0];
    for (name, labels) in series.keys() {
        let of_server = [
            "reveille_http_",
            "reveille_budget_",
            "process_",
            "reveille_build_info",
            "reveille_sign_ins_",
            "reveille_audit_",
        ];
        let of_server = of_server.iter().any(|beginning| name.starts_with(beginning));
        match label(labels).as_deref() {
            Some("small") => seen[0] += 1,
            Some("large") => seen[1] += 1,
            other => assert!(other.is_none() && of_server, "{name} {labels:?}"),
        }
    }
    assert!(seen[0] > 200 && seen[0] == seen[1], "{seen:?}");
    let accepted = |tenant: &str| {
        let wanted = |labels: &[(String, String)]| label(labels).as_deref() == Some(tenant);
        series
            .iter()
            .filter(|((name, labels), _)| name == "reveille_messages_accepted_total" && wanted(labels))
            .map(|(_, value)| *value)
            .sum::<f64>()
    };
    assert!((accepted("small") - 2.0).abs() < 0.1 && (accepted("large") - 3.0).abs() < 0.1, "{page}");
    served.folder.write("page.txt", &page);
    let page = fs::File::open(served.folder.path().join("page.txt")).expect("it was written");
    let said = end_of(Command::new(tool("promtool")).args(["check", "metrics"]).stdin(Stdio::from(page))).exits(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""), "not even a hint");
}
