//! Risk: a program reads something different than from Microsoft Graph: lists, pages, filters, members.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixtures::caller::{Served, TENANT};

fn names(list: &Value, field: &str) -> Vec<String> {
    let list = list["value"].as_array().unwrap_or_else(|| panic!("no list in {list}"));
    list.iter().map(|one| one[field].as_str().unwrap_or_else(|| panic!("no {field} in {one}")).to_owned()).collect()
}

/// Follows every link of a list, as an SDK does.
fn all_pages(served: &Served, token: &str, first: &str, field: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut next) = (Vec::new(), 0, Some(first.to_owned()));
    while let Some(path) = next {
        let page = served.get(token, &path).is(200).json();
        found.extend(names(&page, field));
        pages += 1;
        let link = page["@odata.nextLink"].as_str();
        let ours = format!("http://{}", served.address);
        next = link.map(|link| link.strip_prefix(&ours).expect("a link is absolute, and leads here").to_owned());
    }
    (found, pages)
}

#[test]
fn pages_together_are_the_whole_list_once() {
    let served = Served::start("graph_pages", None, &[]);
    let token = served.account("administrator");
    for (list, field, size) in [("users", "id", 7), ("deviceManagement/managedDevices", "id", 50), ("groups", "id", 2)]
    {
        let count: usize =
            served.eventually(&token, &format!("/v1.0/{list}/$count")).is(200).text.parse().expect("a number");
        for query in ["", "&$orderby=displayName%20desc", "&$count=true"] {
            let query =
                if list.starts_with("device") { query.replace("displayName", "model") } else { query.to_owned() };
            let first = format!("/v1.0/{list}?$top={size}&$select=id{query}");
            let (found, pages) = all_pages(&served, &token, &first, field);
            assert_eq!(found.len(), count, "{first}");
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), count, "{first}");
            assert_eq!(pages, count.div_ceil(size), "{first}");
        }
    }
    let page = served.get(&token, "/v1.0/users").is(200).json();
    assert_eq!(names(&page, "id").len(), 100, "a hundred people fit on the first page");
    assert_eq!(page["@odata.nextLink"], Value::Null);
    let page = served.get(&token, "/v1.0/deviceManagement/managedDevices?$count=true&$top=3").is(200).json();
    assert_eq!(
        page["@odata.count"].as_u64(),
        served.get(&token, "/v1.0/deviceManagement/managedDevices/$count").text.parse().ok()
    );
    for wrong in
        ["$top=0", "$top=1001", "$skiptoken=xyz", "$skip=x", "$search=%22x%22", "$filter=foo%20eq%201", "$wat=1"]
    {
        let reply = served.get(&token, &format!("/v1.0/deviceManagement/managedDevices?{wrong}")).is(400);
        assert_eq!(reply.code(), "BadRequest", "{wrong}");
    }
    served.get(&token, "/v1.0/users?$top=1000").is(400);
}

#[test]
fn devices_are_found_by_what_they_are() {
    let served = Served::start("graph_filters", Some(TENANT), &[]);
    let token = served.account("administrator");
    for (filter, expected) in [
        ("operatingSystem eq 'iOS'", vec!["ann-phone"]),
        ("operatingSystem eq 'ios' or operatingSystem eq 'iPadOS'", vec!["ann-phone", "cid-tablet"]),
        ("startswith(deviceName,'ann')", vec!["ann-phone", "ann-mac"]),
        ("contains(deviceName,'phone') and not startswith(deviceName,'bob')", vec!["ann-phone"]),
        ("endswith(userPrincipalName,'small.example')", vec!["cid-tablet", "11111111-2222-4333-8444-555555555555"]),
        ("managedDeviceOwnerType eq 'personal'", vec!["ann-phone"]),
        ("enrolledDateTime gt 2026-01-06", vec![]),
        ("id eq '11111111-2222-4333-8444-555555555555'", vec!["11111111-2222-4333-8444-555555555555"]),
        ("userPrincipalName eq 'ANN@reveille.example' and operatingSystem ne 'macOS'", vec!["ann-phone"]),
    ] {
        let encoded = filter.replace(' ', "%20");
        let list =
            served.get(&token, &format!("/beta/deviceManagement/managedDevices?$filter={encoded}")).is(200).json();
        assert_eq!(names(&list, "deviceName"), expected, "{filter}");
    }
    let reply = served.get(&token, "/beta/deviceManagement/managedDevices?$filter=deviceName%20eq%20ann").is(400);
    let said = "Invalid filter clause: Could not find a property named 'ann' on type 'microsoft.graph.managedDevice'.";
    assert!(reply.text.contains(said), "{}", reply.text);
    let reply = served.get(&token, "/beta/deviceManagement/managedDevices?$filter=deviceName%20eq").is(400);
    assert!(reply.text.contains("at position 13"), "{}", reply.text);
}

#[test]
fn a_device_has_the_fields_that_scripts_read() {
    let served = Served::start("graph_fields", Some(TENANT), &[]);
    let token = served.account("administrator");
    let id = served.id(&token, "deviceManagement/managedDevices", "deviceName", "bob-phone");
    let one =
        |edition: &str| served.get(&token, &format!("/{edition}/deviceManagement/managedDevices/{id}")).is(200).json();
    let (beta, v1) = (one("beta"), one("v1.0"));
    for field in [
        "id",
        "userId",
        "userPrincipalName",
        "deviceName",
        "operatingSystem",
        "osVersion",
        "managedDeviceOwnerType",
        "managementState",
        "managementAgent",
        "deviceRegistrationState",
        "deviceEnrollmentType",
        "complianceState",
        "enrolledDateTime",
        "lastSyncDateTime",
        "serialNumber",
        "model",
        "manufacturer",
    ] {
        assert!(beta[field].is_string() && v1[field].is_string(), "{field}: {beta}");
    }
    assert_eq!(beta["deviceEnrollmentType"], "androidEnterpriseFullyManaged");
    assert_eq!(v1["deviceEnrollmentType"], "userEnrollment");
    assert_eq!(beta["enrolledByUserPrincipalName"], "bob@reveille.example");
    assert_eq!(v1["enrolledByUserPrincipalName"], Value::Null);
    let some =
        served.get(&token, &format!("/beta/deviceManagement/managedDevices/{id}?$select=id,osversion")).is(200).json();
    let members: Vec<&String> = some.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["@odata.context", "id", "osVersion"]);
    let own = "11111111-2222-4333-8444-555555555555";
    let kept = served.get(&token, &format!("/v1.0/deviceManagement/managedDevices/{own}")).is(200).json();
    assert_eq!(kept["operatingSystem"], "Windows", "an id that a device came with is its id");
}

#[test]
fn users_groups_and_members_are_the_directorys() {
    let served = Served::start("graph_members", Some(TENANT), &[]);
    let token = served.account("administrator");
    let south = served.id(&token, "groups", "displayName", "south");
    let get = |path: &str| served.get(&token, path).is(200).json();
    let direct = get(&format!("/v1.0/groups/{south}/members"));
    assert_eq!(names(&direct, "displayName"), ["far south", "bob"]);
    assert_eq!(names(&direct, "@odata.type"), ["#microsoft.graph.group", "#microsoft.graph.user"]);
    let users = get(&format!("/v1.0/groups/{south}/transitiveMembers/microsoft.graph.user"));
    assert_eq!(names(&users, "displayName"), ["bob", "cid@small.example"]);
    let groups = format!("/v1.0/groups/{south}/transitiveMembers/microsoft.graph.group");
    assert!(served.get(&token, &groups).is(400).text.contains("Invalid search request."));
    let groups = served.eventually(&token, &format!("{groups}?$count=true")).is(200).json();
    assert_eq!(names(&groups, "displayName"), ["far south"]);
    let count = format!("/v1.0/groups/{south}/transitiveMembers/graph.user/$count");
    assert_eq!(served.get(&token, &count).is(400).code(), "Request_BadRequest");
    let count = served.eventually(&token, &count).is(200);
    assert_eq!((count.text.as_str(), count.header("content-type")), ("2", Some("text/plain")));
    assert_eq!(get("/v1.0/users/CID@small.example")["displayName"], "cid@small.example");
    let ann = get("/v1.0/users/ann@reveille.example");
    let id = ann["id"].as_str().expect("an id");
    assert_eq!(get(&format!("/v1.0/users/{id}")), ann);
    let own = get(&format!("/v1.0/users('{id}')/managedDevices"));
    assert_eq!(names(&own, "deviceName"), ["ann-phone", "ann-mac"]);
    assert_eq!(get("/v1.0/me")["displayName"], "administrator");
    assert_eq!(names(&get("/v1.0/me/managedDevices"), "deviceName"), Vec::<String>::new());
    assert_eq!(served.get(&token, "/v1.0/users/intern@x.example").is(404).code(), "Request_ResourceNotFound");
    let app = served.token(&["--app", "script"]);
    served.get(&app, "/v1.0/me").is(400);
}

#[test]
fn intune_sees_changes_of_the_directory_later_r36() {
    let lag = "[directory]\nlag = \"1h\"\n[[change]]\nname = \"leaves\"\nkind = \"leave\"\ngroup = \"north\"\nusers = [\"ann\"]\nat = \"0s\"\n[[change]]\nname = \"gone\"\nkind = \"unenroll\"\ndevices = [\"ann-phone\"]\nat = \"0s\"\n";
    let served = Served::start("graph_lag", Some(&format!("{TENANT}{lag}")), &["--speed", "400"]);
    let token = served.account("administrator");
    let north = served.id(&token, "groups", "displayName", "north");
    let members = served.eventually(&token, &format!("/v1.0/groups/{north}/members/$count")).is(200).text;
    assert_eq!(members, "0", "the directory is up to date");
    let path = "/v1.0/deviceManagement/managedDevices?$filter=deviceName%20eq%20'ann-phone'";
    let seen = || names(&served.get(&token, path).is(200).json(), "deviceName").len();
    assert_eq!(seen(), 1, "Intune is not");
    crate::fixtures::program::look("the device is gone from Intune", || (seen() == 0).then_some(()));
}
