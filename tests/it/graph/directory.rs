//! Risk: a script that uses the directory's devices, memberships and owners gets different ones than from Graph, or
//! none.

use serde_json::{Value, json};

use crate::fixtures::caller::{Served, TENANT};

const SEND: &str = "sendCustomNotificationToCompanyPortal";
const KIOSKS: &str = "\n[[group]]\nname = \"kiosks\"\ndevices = [\"ann-phone\", \"bob-old-phone\"]\ngroups = [\"lobby\"]\n\
                      [[group]]\nname = \"lobby\"\ndevices = [\"bob-phone\"]\nusers = [\"bob\"]\n";

fn started(name: &str) -> (Served, String) {
    let served = Served::start(name, Some(&format!("{TENANT}{KIOSKS}")), &[]);
    let token = served.account("administrator");
    (served, token)
}

fn texts(list: &Value, field: &str) -> Vec<String> {
    let list = list["value"].as_array().unwrap_or_else(|| panic!("no list in {list}"));
    list.iter().map(|one| one[field].as_str().unwrap_or_else(|| panic!("no {field} in {one}")).to_owned()).collect()
}

#[test]
fn a_group_of_devices_is_notified_as_scripts_do_it() {
    let (served, token) = started("graph_group_of_devices");
    let group = served.id(&token, "groups", "displayName", "kiosks");
    let members = format!("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.device?$select=deviceId,displayName");
    let members = served.get(&token, &members).is(200).json();
    assert_eq!(texts(&members, "displayName"), ["ann-phone", "bob-phone", "bob-old-phone"]);
    let mut sent = Vec::new();
    for id in texts(&members, "deviceId") {
        let path = format!(
            "/beta/deviceManagement/managedDevices?$filter=azureADDeviceId%20eq%20'{id}'&$select=id,deviceName"
        );
        let found = served.get(&token, &path).is(200).json();
        for device in found["value"].as_array().expect("a list") {
            let path =
                format!("/beta/deviceManagement/managedDevices/{}/{SEND}", device["id"].as_str().expect("an id"));
            served.post(&token, &path, &json!({ "notificationTitle": "t", "notificationBody": "b" })).is(204);
            sent.push(device["deviceName"].as_str().expect("a name").to_owned());
        }
    }
    assert_eq!(sent, ["ann-phone", "bob-phone"], "a device that is not enrolled is no managed one");
    // Devices in a group are not members that a message to the group reaches.
    let body = json!({ "groupsToNotify": [group], "notificationTitle": "t", "notificationBody": "b" });
    served.post(&token, &format!("/beta/deviceManagement/{SEND}"), &body).is(204);
}

#[test]
fn a_device_has_three_ids_and_is_found_by_each() {
    let (served, token) = started("graph_device_ids");
    let get = |path: &str| served.get(&token, path).is(200).json();
    let managed = served.id(&token, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let managed = get(&format!("/v1.0/deviceManagement/managedDevices/{managed}"));
    let device_id = managed["azureADDeviceId"].as_str().expect("an id").to_owned();
    let id = served.id(&token, "devices", "deviceId", &device_id);
    let device = get(&format!("/v1.0/devices/{id}"));
    assert_eq!(device, get(&format!("/v1.0/devices(deviceId='{device_id}')")));
    assert_eq!(
        (device["displayName"].as_str(), device["deviceId"].as_str()),
        (Some("ann-phone"), Some(device_id.as_str()))
    );
    assert!(managed["id"] != device["id"] && device["id"] != device["deviceId"] && managed["id"] != device["deviceId"]);
    assert_eq!(device["isManaged"], true);
    assert_eq!(get("/v1.0/devices?$filter=displayName%20eq%20'bob-old-phone'")["value"][0]["isManaged"], false);
    assert_eq!(served.eventually(&token, "/v1.0/devices/$count").is(200).text, "6", "enrolled or not");
    assert_eq!(texts(&get(&format!("/v1.0/devices/{id}/registeredOwners")), "displayName"), ["ann"]);
    let users = get(&format!("/v1.0/devices(deviceId='{device_id}')/registeredUsers/microsoft.graph.user"));
    assert_eq!(texts(&users, "userPrincipalName"), ["ann@reveille.example"]);
    assert_eq!(texts(&get(&format!("/v1.0/devices/{id}/memberOf")), "displayName"), ["kiosks"]);
    let managed = managed["id"].as_str().expect("an id");
    assert_eq!(texts(&get(&format!("/v1.0/deviceManagement/managedDevices/{managed}/users")), "displayName"), ["ann"]);
    for missing in [managed, "01234567-89ab-cdef-0123-456789abcdef", "ann-phone"] {
        assert_eq!(served.get(&token, &format!("/v1.0/devices/{missing}")).is(404).code(), "Request_ResourceNotFound");
    }
}

#[test]
fn memberships_go_up_and_members_down() {
    let (served, token) = started("graph_memberships");
    let get = |path: &str| served.get(&token, &format!("/v1.0/{path}")).is(200).json();
    let of = |path: &str| texts(&get(path), "displayName");
    assert_eq!(of("users/bob@reveille.example/memberOf"), ["All users", "south", "lobby"]);
    assert_eq!(
        of("users/bob@reveille.example/transitiveMemberOf/microsoft.graph.group"),
        ["All users", "south", "kiosks", "lobby"]
    );
    assert_eq!(of("users/cid@small.example/transitiveMemberOf"), ["All users", "south", "far south"]);
    assert_eq!(of("users/bob@reveille.example/memberOf/microsoft.graph.directoryRole"), Vec::<String>::new());
    assert_eq!(of("me/memberOf"), Vec::<String>::new(), "an account that is only one is in no group");
    let (kiosks, lobby) =
        (served.id(&token, "groups", "displayName", "kiosks"), served.id(&token, "groups", "displayName", "lobby"));
    assert_eq!(of(&format!("groups/{lobby}/memberOf")), ["kiosks"]);
    let direct = get(&format!("groups/{kiosks}/members"));
    assert_eq!(
        texts(&direct, "@odata.type"),
        ["#microsoft.graph.group", "#microsoft.graph.device", "#microsoft.graph.device"]
    );
    assert_eq!(texts(&direct, "displayName"), ["lobby", "ann-phone", "bob-old-phone"]);
    let some = get(&format!("groups/{kiosks}/transitiveMembers?$select=id,displayName,userPrincipalName,deviceId"));
    assert_eq!(texts(&some, "displayName"), ["lobby", "bob", "ann-phone", "bob-phone", "bob-old-phone"]);
    assert!(some["value"][1]["userPrincipalName"].is_string() && some["value"][2]["deviceId"].is_string(), "{some}");
    let count = format!("/v1.0/groups/{kiosks}/transitiveMembers/microsoft.graph.device/$count");
    assert_eq!(served.eventually(&token, &count).is(200).text, "3");
    assert_eq!(served.get(&token, &format!("{count}?ConsistencyLevel=eventual")).is(200).text, "3");
    assert_eq!(of("users/bob@reveille.example/ownedDevices"), ["bob-phone", "bob-old-phone"]);
    assert_eq!(
        of("users/bob@reveille.example/registeredDevices/microsoft.graph.device"),
        ["bob-phone", "bob-old-phone"]
    );
    let ann = served.account("ann");
    let mine = served.get(&ann, "/v1.0/me/memberOf").is(200).json();
    assert_eq!(texts(&mine, "displayName"), ["All users", "north"]);
}

#[test]
fn links_are_written_where_they_are_expanded() {
    let (served, token) = started("graph_expand");
    let get = |path: &str| served.get(&token, &format!("/v1.0/{path}")).is(200).json();
    let groups = get("groups?$expand=members($select=id,displayName)&$filter=displayName%20eq%20'kiosks'");
    let members = groups["value"][0]["members"].as_array().expect("they are expanded");
    let names: Vec<&str> = members.iter().filter_map(|one| one["displayName"].as_str()).collect();
    assert_eq!(names, ["lobby", "ann-phone", "bob-old-phone"]);
    assert!(members.iter().all(|one| one["mail"].is_null() && one["@odata.type"].is_string()), "{members:?}");
    let user = get("users/bob@reveille.example?$expand=memberOf&$select=displayName");
    assert_eq!(user["memberOf"].as_array().map(Vec::len), Some(3));
    assert_eq!(user["memberOf"][0]["displayName"], "All users");
    let everyone = get("groups?$expand=members&$filter=displayName%20eq%20'All%20users'");
    assert_eq!(everyone["value"][0]["members"].as_array().map(Vec::len), Some(3), "as many as there are, up to 20");
    let devices = get("deviceManagement/managedDevices?$expand=users&$filter=deviceName%20eq%20'ann-phone'");
    assert_eq!(devices["value"][0]["users"][0]["displayName"], "ann");
    let device = get("devices?$expand=registeredOwners&$filter=displayName%20eq%20'ann-phone'");
    assert_eq!(device["value"][0]["registeredOwners"][0]["displayName"], "ann");
    for wrong in
        ["deviceManagement/managedDevices?$expand=detectedApps", "groups?$expand=owners", "users?$expand=displayName"]
    {
        served.get(&token, &format!("/v1.0/{wrong}")).is(400);
    }
}

#[test]
fn the_organisation_and_the_overview_say_who_and_how_many() {
    let (served, token) = started("graph_organization");
    let get = |path: &str| served.get(&token, &format!("/v1.0/{path}")).is(200).json();
    let all = get("organization");
    let one = &all["value"][0];
    assert_eq!(one["displayName"], "small");
    assert_eq!(one["verifiedDomains"][0]["name"], "reveille.example");
    let id = one["id"].as_str().expect("an id");
    assert_eq!(get(&format!("organization/{id}"))["displayName"], "small");
    served.get(&token, "/v1.0/organization/01234567-89ab-cdef-0123-456789abcdef").is(404);
    let overview = get("deviceManagement/managedDeviceOverview");
    assert_eq!(overview["enrolledDeviceCount"], 5);
    let systems = &overview["deviceOperatingSystemSummary"];
    assert_eq!((systems["iosCount"].as_u64(), systems["androidCount"].as_u64()), (Some(2), Some(1)));
    assert_eq!((systems["macOSCount"].as_u64(), systems["windowsCount"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn comanaged_devices_and_a_users_own_take_every_action() {
    let (served, token) = started("graph_comanaged");
    let all = served.get(&token, "/beta/deviceManagement/comanagedDevices").is(200).json();
    assert_eq!(texts(&all, "deviceName").len(), 5);
    let phone = served.id(&token, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let bobs = served.id(&token, "deviceManagement/managedDevices", "deviceName", "bob-phone");
    let path = format!("/beta/deviceManagement/comanagedDevices/{phone}");
    assert_eq!(served.get(&token, &path).is(200).json()["deviceName"], "ann-phone");
    served.post(&token, &format!("{path}/syncDevice"), &json!({})).is(204);
    let action = json!({ "actionName": "customTextNotification", "deviceIds": [phone, bobs], "notificationTitle": "t", "notificationBody": "b" });
    let result = |path: &str| served.post(&token, path, &action).is(200).json();
    let comanaged = result("/beta/deviceManagement/comanagedDevices/executeAction");
    assert_eq!(comanaged["successfulDeviceIds"], json!([phone, bobs]));
    let of_user = result("/beta/users/ann@reveille.example/managedDevices/executeAction");
    assert_eq!(of_user["successfulDeviceIds"], json!([phone]), "only the user's own");
    assert_eq!(of_user["notFoundDeviceIds"], json!([bobs]));
    for (path, segment) in [
        ("deviceManagement/comanagedDevices", "comanagedDevices"),
        ("deviceManagement/managedDevices/ID/foo", "foo"),
        ("users/ann@reveille.example/messages", "messages"),
    ] {
        let reply = served.get(&token, &format!("/v1.0/{}", path.replace("ID", &phone))).is(400);
        assert!(reply.text.contains(&format!("Resource not found for the segment '{segment}'.")), "{}", reply.text);
    }
}

#[test]
fn each_part_of_the_directory_has_its_permission() {
    let (served, token) = started("graph_directory_grants");
    let device = served.id(&token, "devices", "displayName", "ann-phone");
    for (path, enough, other) in [
        ("devices".to_owned(), "Device.Read.All", "User.Read.All"),
        (format!("devices/{device}/registeredOwners"), "Directory.Read.All", "Group.Read.All"),
        ("organization".to_owned(), "Organization.Read.All", "Device.Read.All"),
        ("users/ann@reveille.example/memberOf".to_owned(), "GroupMember.Read.All", "Organization.Read.All"),
        ("users/ann@reveille.example/ownedDevices".to_owned(), "Directory.Read.All", "GroupMember.Read.All"),
        ("groups".to_owned(), "Group.Read.All", "Device.Read.All"),
    ] {
        let with = |permission: &str| served.token(&["--app", "script", "--permission", permission]);
        served.get(&with(enough), &format!("/v1.0/{path}")).is(200);
        let reply = served.get(&with(other), &format!("/v1.0/{path}")).is(403);
        assert_eq!(reply.code(), "Authorization_RequestDenied", "{path}");
    }
}

/// What `Download users` of Entra tells of two users.
const USERS: &str = "\n[[directory.users]]\nexport = \"\"\"\nuserPrincipalName,id,department,usageLocation,country,officeLocation,city\n\
                     ada@small.example,b1a7c9d0-00aa-4e1f-8c55-000000000001,Finance,FR,France,Opéra,Paris\n\
                     eve@small.example,b1a7c9d0-00aa-4e1f-8c55-000000000002,,,,,\n\"\"\"\n";

#[test]
fn a_user_shows_what_the_export_tells() {
    let served = Served::start("graph_exported_users", Some(&format!("{TENANT}{USERS}")), &[]);
    let token = served.account("administrator");
    let select = "$select=department,officeLocation,city,country,usageLocation";
    let user = |name: &str| {
        let user = served.get(&token, &format!("/v1.0/users/{name}?{select}")).is(200).json();
        ["department", "officeLocation", "city", "country", "usageLocation"].map(|name| user[name].clone())
    };
    assert_eq!(user("ada@small.example"), ["Finance", "Opéra", "Paris", "France", "FR"].map(Value::from));
    let untold = [Value::Null, Value::Null, Value::Null, Value::Null, json!("US")];
    assert_eq!(user("eve@small.example"), untold, "a licence needs a usage location");
    let finance = served.get(&token, "/v1.0/users?$filter=department%20eq%20'Finance'&$select=userPrincipalName");
    assert_eq!(texts(&finance.is(200).json(), "userPrincipalName"), ["ada@small.example"]);
}
