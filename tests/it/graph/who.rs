//! Risk: a caller does what it may not, or learns what it may not.

use serde_json::json;

use crate::fixtures::caller::{Served, TENANT};

const SEND: &str = "sendCustomNotificationToCompanyPortal";

fn text() -> serde_json::Value {
    json!({ "notificationTitle": "t", "notificationBody": "b" })
}

#[test]
fn without_a_trusted_token_nothing_is_told() {
    let served = Served::start("graph_strangers", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let other = Served::start("graph_strangers_other", None, &[]).account("administrator");
    let parts: Vec<&str> = admin.split('.').collect();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    for (what, token) in
        [("none", ""), ("rubbish", "x.y.z"), ("another server's", other.as_str()), ("unsigned", &unsigned)]
    {
        for path in ["/v1.0/users", "/v1.0/nowhere", "/beta/deviceManagement/managedDevices"] {
            let reply = served.get(token, path).is(401);
            assert_eq!(reply.code(), "InvalidAuthenticationToken", "{what}");
            assert!(reply.header("www-authenticate").is_some_and(|how| how.starts_with("Bearer")), "{what}");
            assert!(!reply.text.contains("ann"), "{what}: {}", reply.text);
        }
        served.post(token, &format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}"), &text()).is(401);
    }
    served.send("GET", "/v1.0/users", &[("Authorization", "Basic abc")], b"").is(401);
    for _ in 0..10 {
        served.post(&admin, &format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}"), &text()).is(204);
    }
}

#[test]
fn an_application_does_what_its_token_grants_r16() {
    let served = Served::start("graph_apps", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let send = format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}");
    let with = |permission: &str| served.token(&["--app", "script", "--permission", permission]);
    for permission in [
        "DeviceManagementManagedDevices.ReadWrite.All",
        "DeviceManagementConfiguration.ReadWrite.All",
        "DeviceManagementServiceConfig.ReadWrite.All",
    ] {
        served.post(&with(permission), &send, &text()).is(204);
    }
    let reader = with("DeviceManagementManagedDevices.Read.All");
    let reply = served.post(&reader, &send, &text()).is(403);
    assert_eq!(reply.code(), "Forbidden");
    assert!(
        reply.text.contains("DeviceManagementConfiguration.ReadWrite.All"),
        "it says what is missing: {}",
        reply.text
    );
    served.get(&reader, "/v1.0/deviceManagement/managedDevices").is(200);
    assert_eq!(served.get(&reader, "/v1.0/users").is(403).code(), "Authorization_RequestDenied");
    assert_eq!(served.get(&reader, "/v1.0/groups").is(403).code(), "Authorization_RequestDenied");
    let bulk = json!({ "actionName": "customTextNotification", "deviceIds": [phone], "notificationTitle": "t", "notificationBody": "b" });
    let path = "/beta/deviceManagement/managedDevices/executeAction";
    served.post(&with("DeviceManagementManagedDevices.ReadWrite.All"), path, &bulk).is(403);
    served.post(&with("DeviceManagementManagedDevices.PrivilegedOperations.All"), path, &bulk).is(200);
}

#[test]
fn the_permission_for_sending_can_be_configured() {
    let served = Served::start("graph_grants", Some(TENANT), &["--send-permission", "User.Read"]);
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let send = format!("/beta/deviceManagement/managedDevices/{phone}/{SEND}");
    served.post(&served.token(&["--app", "a", "--permission", "User.Read"]), &send, &text()).is(204);
    let usual = served.token(&["--app", "a", "--permission", "DeviceManagementManagedDevices.ReadWrite.All"]);
    served.post(&usual, &send, &text()).is(403);
}

#[test]
fn an_account_does_what_both_permit_r10_r16() {
    let served = Served::start("graph_accounts", Some(TENANT), &[]);
    let admin = served.account("administrator");
    let phone = |name: &str| served.id(&admin, "deviceManagement/managedDevices", "deviceName", name);
    let group = served.id(&admin, "groups", "displayName", "north");
    let send = |token: &str, device: &str| {
        served.post(token, &format!("/beta/deviceManagement/managedDevices/{device}/{SEND}"), &text())
    };
    let to_group = |token: &str| {
        let mut body = text();
        body["groupsToNotify"] = json!([group]);
        served.post(token, &format!("/beta/deviceManagement/{SEND}"), &body)
    };
    let (desk, publisher, north) = (served.account("desk"), served.account("publisher"), served.account("north-desk"));
    send(&desk, &phone("bob-phone")).is(204);
    assert_eq!(to_group(&desk).is(403).code(), "Forbidden");
    to_group(&publisher).is(204);
    assert_eq!(send(&publisher, &phone("bob-phone")).is(403).code(), "Forbidden");
    served.get(&publisher, "/v1.0/deviceManagement/managedDevices").is(403);
    served.get(&publisher, "/v1.0/groups").is(200);
    send(&north, &phone("ann-phone")).is(204);
    let outside = send(&north, &phone("bob-phone")).is(403);
    assert!(outside.text.contains("scope groups"), "{}", outside.text);
    let narrow = served.token(&["--as", "administrator", "--permission", "User.Read.All"]);
    send(&narrow, &phone("ann-phone")).is(403);
    // A caller that may not send learns only that, whether or not the device exists and whatever the text is.
    let unknown = "01234567-89ab-cdef-0123-456789abcdef";
    assert_eq!(send(&publisher, unknown).is(403).code(), "Forbidden");
    served.folder.run(&["token", "--state", "state", "--as", "intern"]).exits(2);
}

#[test]
fn a_client_gets_a_token_for_its_secret() {
    let served = Served::start("graph_clients", Some(TENANT), &[]);
    let tenant = reveille::server::identity::Issuer::tenant_id("small").to_string();
    let client = &served.client;
    let scope = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let ask = |tenant: &str, form: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        served.send("POST", &format!("/{tenant}/oauth2/v2.0/token"), &headers, form.as_bytes())
    };
    let form =
        |secret: &str| format!("grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={scope}");
    let answer = ask(&tenant, &form(&served.secret)).is(200).json();
    assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_u64()), (Some("Bearer"), Some(3_599)));
    served.get(answer["access_token"].as_str().expect("a token"), "/v1.0/users").is(200);
    for (form, status, error) in [
        (form("wrong-wrong-wrong-wrong-wrong-wrong-wrong"), 401, "invalid_client"),
        (form(""), 401, "invalid_client"),
        (form(&served.secret).replace("client_credentials", "implicit"), 400, "unsupported_grant_type"),
        (form(&served.secret).replace(".default", "User.Read"), 400, "invalid_scope"),
        (format!("{}&client_id=x", form(&served.secret)), 400, "invalid_request"),
        (String::new(), 400, "invalid_request"),
    ] {
        let reply = ask(&tenant, &form).is(status).json();
        assert_eq!(reply["error"], error);
        assert!(reply["error_description"].as_str().is_some_and(|text| text.starts_with("AADSTS")), "{reply}");
        assert!(!reply.to_string().contains("wrong-wrong"), "a secret is not given back");
    }
    ask("another", &form(&served.secret)).is(400);
    let document =
        served.send("GET", &format!("/{tenant}/v2.0/.well-known/openid-configuration"), &[], b"").is(200).json();
    let keys = document["jwks_uri"].as_str().expect("an address").strip_prefix(&format!("http://{}", served.address));
    let keys = served.send("GET", keys.expect("the key set has the server's origin"), &[], b"").is(200).json();
    assert_eq!((keys["keys"][0]["kty"].as_str(), keys["keys"][0]["d"].as_str()), (Some("EC"), None));
    assert!(
        document["token_endpoint"].as_str().expect("an address").ends_with(&format!("/{tenant}/oauth2/v2.0/token"))
    );
}

#[test]
fn clients_come_from_a_list_of_hashes() {
    let folder = crate::fixtures::program::Folder::new("graph_client_list_source");
    // printf %s 0123456789012345678901234567890123456789 | sha256sum
    let list = r#"[{"client_id":"nightly","secret_sha256":"HASH","permissions":["User.Read.All"]}]"#;
    let path = folder.path().join("clients.json");
    folder.write("clients.json", list);
    let said =
        folder.run(&["serve", "--state", "state", "--clients", "clients.json", "--listen", "127.0.0.1:0"]).exits(2);
    assert!(said.err.contains("64 hexadecimal digits"), "{}", said.err);
    let hash = "fb526cd4ad0ec978c1a9e78f7c0728711139978424d618eb228be59e21188970";
    folder.write("clients.json", &list.replace("HASH", hash));
    let served = Served::start("graph_client_list", Some(TENANT), &["--clients", path.to_str().expect("a path")]);
    let form = "grant_type=client_credentials&client_id=nightly&client_secret=0123456789012345678901234567890123456789&scope=https://graph.microsoft.com/.default";
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let ask = |form: &str| served.send("POST", "/small/oauth2/v2.0/token", &headers, form.as_bytes());
    let token = ask(form).is(200).json()["access_token"].as_str().expect("a token").to_owned();
    served.get(&token, "/v1.0/users").is(200);
    served.get(&token, "/v1.0/groups").is(403);
    ask(&form.replace("nightly", "daily")).is(400);
    ask(&form.replace("012345", "012344")).is(401);
}
