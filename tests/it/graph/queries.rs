//! Risk: a query that Graph refuses is answered, or one that Graph answers is refused.

use serde_json::{Value, json};

use crate::fixtures::caller::{Reply, Served, TENANT};

/// A path with encoded spaces and quotes.
fn encoded(path: &str) -> String {
    path.replace(' ', "%20").replace('"', "%22")
}

fn names(reply: &Reply) -> Vec<String> {
    let list = reply.json();
    let list = list["value"].as_array().unwrap_or_else(|| panic!("no list in {list}"));
    list.iter().filter_map(|one| one["displayName"].as_str()).map(str::to_owned).collect()
}

const SORTING: &str = "Sorting not supported for current query.";
const REFERENCE: &str = "The specified filter to the reference property query is currently not supported.";
const SEARCHING: &str = "Request with $search query parameter only works through MSGraph with a special request header: \
                         'ConsistencyLevel: eventual'";

/// Queries that the directory answers as advanced queries only, with its message otherwise.
const ADVANCED: [(&str, &str); 22] = [
    ("users?$filter=accountEnabled ne true", "Filter operator 'NotEqualsMatch' is not supported."),
    (
        "users?$filter=not startswith(displayName,'a')",
        "Operator 'not' is not supported because the required parameters",
    ),
    ("users?$filter=not(displayName eq 'ann')", "Operator 'not' is not supported because the required parameters"),
    ("users?$filter=endsWith(mail,'x')", "Operator 'endsWith' is not supported because the required parameters"),
    ("users?$filter=endsWith(userPrincipalName,'x')", "Operator 'endsWith' is not supported"),
    (
        "users?$filter=companyName eq 'x'",
        "Unsupported or invalid query filter clause specified for property 'companyName' of resource 'User'.",
    ),
    ("users?$filter=officeLocation eq 'x'", "clause specified for property 'officeLocation' of resource 'User'."),
    ("users?$filter=startswith(mobilePhone,'25')", "clause specified for property 'mobilePhone' of resource 'User'."),
    ("users?$filter=mail eq null", "clause specified for property 'mail' of resource 'User'."),
    (
        "users?$filter=assignedLicenses/$count eq 0",
        "clause specified for property 'assignedLicenses' of resource 'User'.",
    ),
    ("users?$filter=proxyAddresses/any(p:endsWith(p,'x'))", "Operator 'endsWith' is not supported"),
    (
        "users?$filter=onPremisesExtensionAttributes/extensionAttribute1 eq 'x'",
        "property 'onPremisesExtensionAttributes' of resource 'User'.",
    ),
    ("users?$filter=startswith(displayName,'a')&$orderby=displayName", SORTING),
    ("users?$orderby=createdDateTime", SORTING),
    ("groups?$filter=securityEnabled eq true&$orderby=displayName", SORTING),
    ("groups?$filter=description eq 'x'", "clause specified for property 'description' of resource 'Group'."),
    ("devices?$orderby=displayName", SORTING),
    ("devices?$filter=isManaged ne true", "Filter operator 'NotEqualsMatch' is not supported."),
    ("groups/GROUP/members?$filter=displayName eq 'ann'", REFERENCE),
    ("groups/GROUP/transitiveMembers/microsoft.graph.user?$filter=startswith(displayName,'a')", REFERENCE),
    ("users/USER/memberOf?$filter=displayName eq 'north'", REFERENCE),
    ("groups/GROUP/transitiveMembers/microsoft.graph.group", "Invalid search request."),
];

#[test]
fn advanced_queries_want_the_header_and_the_count() {
    let served = Served::start("graph_advanced", Some(TENANT), &[]);
    let token = served.account("administrator");
    let group = served.id(&token, "groups", "displayName", "north");
    let user = served.id(&token, "users", "displayName", "ann");
    for edition in ["v1.0", "beta"] {
        for (path, said) in ADVANCED {
            let path = encoded(&format!("/{edition}/{path}").replace("GROUP", &group).replace("USER", &user));
            let mark = if path.contains('?') { '&' } else { '?' };
            let counted = format!("{path}{mark}$count=true");
            for reply in [served.get(&token, &path), served.get(&token, &counted), served.eventually(&token, &path)] {
                let reply = reply.is(400);
                assert_eq!(reply.code(), "Request_UnsupportedQuery", "{path}");
                assert!(reply.text.contains(said), "{path}: {}", reply.text);
            }
            let answered = served.eventually(&token, &counted).is(200).json();
            assert!(answered["@odata.count"].is_u64(), "{path}: {answered}");
        }
    }
}

#[test]
fn what_works_by_default_works_without_a_header() {
    let served = Served::start("graph_plain", Some(TENANT), &[]);
    let token = served.account("administrator");
    for (path, expected) in [
        ("users?$filter=displayName eq 'ANN'", vec!["ann"]),
        ("users?$filter=startswith(displayName,'a') or startswith(userPrincipalName,'bob')", vec!["ann", "bob"]),
        ("users?$filter=displayName in ('ann','bob')", vec!["ann", "bob"]),
        ("users?$filter=accountEnabled eq false", vec![]),
        ("users?$filter=userType eq 'Member' and displayName ge 'b'", vec!["bob", "cid@small.example"]),
        ("users?$filter=createdDateTime le 2026-01-05T06:00:00Z and displayName eq 'ann'", vec!["ann"]),
        (
            "users?$filter=assignedLicenses/any(l:l/skuId eq 061f9ace-7d42-4136-88ac-31dc755f143f) and displayName eq 'ann'",
            vec!["ann"],
        ),
        ("users?$filter=proxyAddresses/any(p:startswith(p,'smtp:bob'))", vec!["bob"]),
        (
            "users?$filter=identities/any(i:i/issuer eq 'small.example' and i/signInType eq 'userPrincipalName')",
            vec!["cid@small.example"],
        ),
        ("users?$orderby=displayName desc&$top=1", vec!["cid@small.example"]),
        ("users?$orderby=userPrincipalName&$top=1", vec!["ann"]),
        ("groups?$filter=groupTypes/any(c:c eq 'Unified')", vec![]),
        ("groups?$filter=securityEnabled eq true and startswith(displayName,'no')", vec!["north"]),
        ("groups?$orderby=displayName&$top=2", vec!["All users", "far south"]),
        (
            "devices?$filter=operatingSystem eq 'Windows' and isManaged eq true",
            vec!["11111111-2222-4333-8444-555555555555"],
        ),
        ("devices?$filter=startswith(displayName,'bob-p')", vec!["bob-phone"]),
        ("users?$count=true&$top=1&$select=displayName", vec!["ann"]),
    ] {
        let reply = served.get(&token, &encoded(&format!("/v1.0/{path}"))).is(200);
        assert_eq!(names(&reply), expected, "{path}");
        assert_eq!(reply.json()["@odata.count"], Value::Null, "the count is passed over without the header: {path}");
        // A query that works by default works as an advanced query too.
        assert_eq!(names(&served.eventually(&token, &encoded(&format!("/v1.0/{path}"))).is(200)), expected, "{path}");
    }
    let counted = served.eventually(&token, "/v1.0/users?$count=true&$top=1").is(200).json();
    assert_eq!(counted["@odata.count"], 3);
    let link = counted["@odata.nextLink"].as_str().expect("there are more").to_owned();
    let path =
        link.strip_prefix(&format!("http://{}", served.address)).expect("it is an address of this server").to_owned();
    assert_eq!(names(&served.eventually(&token, &path).is(200)), ["bob"]);
}

#[test]
fn the_directory_refuses_some_questions_however_they_are_asked() {
    let served = Served::start("graph_refused", Some(TENANT), &[]);
    let token = served.account("administrator");
    let unsupported = "Unsupported or invalid query filter clause specified for property";
    for (path, code, said) in [
        ("users?$filter=contains(displayName,'n')&$count=true", "Request_UnsupportedQuery", unsupported),
        ("users?$filter=displayName gt 'a'&$count=true", "Request_UnsupportedQuery", unsupported),
        (
            "users?$filter=aboutMe eq 'x'&$count=true",
            "Request_UnsupportedQuery",
            "property 'aboutMe' of resource 'User'.",
        ),
        ("users?$filter=endsWith(displayName,'n')&$count=true", "Request_UnsupportedQuery", unsupported),
        (
            "groups?$filter=createdDateTime ge 2021-11-01&$count=true",
            "Request_UnsupportedQuery",
            "property 'createdDateTime' of resource 'Group'.",
        ),
        (
            "devices?$filter=model eq 'x'&$count=true",
            "Request_UnsupportedQuery",
            "property 'model' of resource 'Device'.",
        ),
        ("users?$orderby=mail&$count=true", "Request_UnsupportedQuery", "Unsupported sort property 'mail' for 'User'."),
        ("users?$skip=10", "Request_BadRequest", "'$skip' is not supported by the service."),
        ("users?$top=1000", "BadRequest", "1 to 999"),
        (
            "users?$filter=shoeSize eq 44",
            "BadRequest",
            "Invalid filter clause: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
        ),
        (
            "users?$select=shoeSize",
            "BadRequest",
            "Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
        ),
        (
            "users?$orderby=shoeSize",
            "BadRequest",
            "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
        ),
        (
            "users?$filter=accountEnabled eq 'true'",
            "BadRequest",
            "A binary operator with incompatible types was detected. Found operand types 'Edm.Boolean' and 'Edm.String' for operator kind 'Equal'.",
        ),
        (
            "users?$filter=displayName eq true",
            "BadRequest",
            "Found operand types 'Edm.String' and 'Edm.Boolean' for operator kind 'Equal'.",
        ),
        ("users?$search=\"aboutMe:x\"", "Request_UnsupportedQuery", "property 'aboutMe' of resource 'User'."),
        ("users?$search=ann", "BadRequest", "expected a clause in double quotes"),
        ("users?$expand=manager", "BadRequest", "`manager` cannot be expanded here"),
        (
            "users?$expand=memberOf&$count=true",
            "Request_UnsupportedQuery",
            "$expand is not currently supported with advanced queries.",
        ),
    ] {
        let reply = served.eventually(&token, &encoded(&format!("/v1.0/{path}"))).is(400);
        assert_eq!(reply.code(), code, "{path}");
        assert!(reply.text.contains(said), "{path}: {}", reply.text);
    }
    for path in ["users/$count", "groups/$count", "devices/$count", "organization/$count"] {
        let reply = served.get(&token, &format!("/v1.0/{path}")).is(400);
        assert_eq!(reply.code(), "Request_BadRequest", "{path}");
        assert!(reply.text.contains("$count is not currently supported."), "{}", reply.text);
        served.eventually(&token, &format!("/v1.0/{path}")).is(200);
    }
    let count = "/v1.0/users/$count?$filter=displayName%20ne%20'ann'";
    assert_eq!(served.eventually(&token, count).is(200).text, "2", "a count needs no $count=true");
}

#[test]
fn words_are_searched_with_the_header() {
    let more = "\n[[user]]\nname = \"Ann Marie OneVideo\"\n[[group]]\nname = \"Kiosk-Berlin 42\"\nusers = []\n";
    let served = Served::start("graph_search", Some(&format!("{TENANT}{more}")), &[]);
    let token = served.account("administrator");
    for (path, expected) in [
        ("users?$search=\"displayName:ann\"", vec!["ann", "Ann Marie OneVideo"]),
        ("users?$search=\"displayName:video\"", vec!["Ann Marie OneVideo"]),
        ("users?$search=\"displayName:mar ann\"", vec!["Ann Marie OneVideo"]),
        ("users?$search=\"displayName:nn\"", vec![]),
        ("users?$search=\"mail:bob@\" OR \"displayName:marie\"", vec!["bob", "Ann Marie OneVideo"]),
        ("users?$search=\"mail:small\"", vec![]),
        (
            "users?$search=(\"displayName:ann\" OR \"displayName:bob\") AND \"displayName:one\"",
            vec!["Ann Marie OneVideo"],
        ),
        (
            "users?$search=\"displayName:ann\"&$filter=startswith(displayName,'Ann M')&$count=true",
            vec!["Ann Marie OneVideo"],
        ),
        ("users?$search=\"displayName:ann\"&$orderby=displayName desc&$count=true", vec!["Ann Marie OneVideo", "ann"]),
        ("groups?$search=\"displayName:berlin\"", vec!["Kiosk-Berlin 42"]),
        ("groups?$search=\"displayName:42\"", vec!["Kiosk-Berlin 42"]),
        ("devices?$search=\"displayName:phone\"", vec!["ann-phone", "bob-phone", "bob-old-phone"]),
    ] {
        let path = encoded(&format!("/v1.0/{path}"));
        assert_eq!(names(&served.eventually(&token, &path).is(200)), expected, "{path}");
        let reply = served.get(&token, &path).is(400);
        assert!(reply.code() == "Request_UnsupportedQuery" && reply.text.contains(SEARCHING), "{}", reply.text);
    }
    let count = served.eventually(&token, &encoded("/v1.0/users/$count?$search=\"displayName:ann\"")).is(200);
    assert_eq!(count.text, "2");
}

#[test]
fn intune_takes_what_the_directory_does_not() {
    let served = Served::start("graph_intune", Some(TENANT), &[]);
    let token = served.account("administrator");
    let list = "/v1.0/deviceManagement/managedDevices";
    for (query, expected) in [
        ("$filter=contains(deviceName,'phone') and operatingSystem ne 'iOS'&$orderby=deviceName", vec!["bob-phone"]),
        (
            "$filter=not endswith(deviceName,'phone') and isEncrypted eq true&$orderby=deviceName desc&$top=1",
            vec!["cid-tablet"],
        ),
        ("$orderby=deviceName&$skip=2&$top=1", vec!["ann-phone"]),
        ("$skip=3", vec!["cid-tablet", "11111111-2222-4333-8444-555555555555"]),
        ("$skip=2&$top=1&$filter=contains(deviceName,'-')", vec!["bob-phone"]),
        ("$count=true&$top=1", vec!["ann-phone"]),
    ] {
        let reply = served.get(&token, &encoded(&format!("{list}?{query}"))).is(200).json();
        let found: Vec<&str> =
            reply["value"].as_array().expect("a list").iter().filter_map(|one| one["deviceName"].as_str()).collect();
        assert_eq!(found, expected, "{query}");
    }
    // Skipped entities are not skipped again on the next page.
    let page = served.get(&token, &format!("{list}?$skip=1&$top=2")).is(200).json();
    let link = page["@odata.nextLink"].as_str().expect("there are more").to_owned();
    let path =
        link.strip_prefix(&format!("http://{}", served.address)).expect("it is an address of this server").to_owned();
    let next = served.get(&token, &path).is(200).json();
    assert_eq!(next["value"][0]["deviceName"], "cid-tablet");
    served.get(&token, &format!("{list}/$count")).is(200);
    let reply = served.get(&token, &encoded(&format!("{list}?$filter=deviceType eq 'desktop'"))).is(400);
    assert!(reply.text.contains("Could not find a property named 'deviceType'"), "{}", reply.text);
}

#[test]
fn a_batch_says_it_for_each_of_its_requests() {
    let served = Served::start("graph_batch_header", Some(TENANT), &[]);
    let token = served.account("administrator");
    let part =
        |id: &str, headers: Value| json!({ "id": id, "method": "GET", "url": "/users/$count", "headers": headers });
    let batch = json!({ "requests": [part("1", json!({})), part("2", json!({ "consistencylevel": "eventual" }))] });
    let answer = served.post(&token, "/v1.0/$batch", &batch).is(200).json();
    let statuses: Vec<u64> =
        answer["responses"].as_array().expect("answers").iter().filter_map(|one| one["status"].as_u64()).collect();
    assert_eq!(statuses, [400, 200]);
    assert_eq!(answer["responses"][1]["body"], "3");
}

#[test]
fn a_lenient_server_answers_what_it_can() {
    let served = Served::start("graph_lenient", Some(TENANT), &["--lenient-queries"]);
    let token = served.account("administrator");
    assert_eq!(served.get(&token, "/v1.0/users/$count").is(200).text, "3");
    for (path, expected) in [
        ("users?$filter=contains(displayName,'n') and mail ne null&$orderby=displayName", vec!["ann"]),
        ("users?$search=\"displayName:bo\"", vec!["bob"]),
        ("groups?$filter=displayName gt 'north'", vec!["south"]),
    ] {
        assert_eq!(names(&served.get(&token, &encoded(&format!("/v1.0/{path}"))).is(200)), expected, "{path}");
    }
    assert_eq!(served.get(&token, "/v1.0/users?$count=true").is(200).json()["@odata.count"], 3);
}
