//! Risk: a script selects a property that Graph documents, and is refused or gets another type.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fixtures::caller::{Served, TENANT};

/// The reference's row about a property.
struct Row {
    of: String,
    name: String,
    kind: String,
    editions: &'static [&'static str],
    written: String,
}

/// Every property of the reference, which is generated from the tables in the code.
fn rows() -> Vec<Row> {
    let (mut found, mut of) = (Vec::new(), String::new());
    for line in reveille::server::graph::reference().lines() {
        if let Some(name) = line.strip_prefix("### ") {
            name.clone_into(&mut of);
        }
        let Some(cells) = line.strip_prefix("| `") else { continue };
        let cells: Vec<&str> = cells.split(" | ").collect();
        let editions: &[&str] = match cells[2] {
            "both" => &["v1.0", "beta"],
            "beta" => &["beta"],
            "v1.0" => &["v1.0"],
            other => panic!("{other} is no edition"),
        };
        found.push(Row {
            of: of.clone(),
            name: cells[0].trim_end_matches('`').to_owned(),
            kind: cells[1].to_owned(),
            editions,
            written: cells[3].to_owned(),
        });
    }
    assert!(found.len() > 300, "{} properties", found.len());
    found
}

const LISTS: [(&str, &str); 5] = [
    ("managedDevice", "deviceManagement/managedDevices"),
    ("user", "users"),
    ("group", "groups"),
    ("device", "devices"),
    ("organization", "organization"),
];

fn is_of_kind(value: &Value, kind: &str) -> bool {
    match kind {
        kind if kind.ends_with(" collection") => value.is_array(),
        "String" => value.is_string() || value.is_null(),
        "Boolean" => value.is_boolean() || value.is_null(),
        "integer" => value.is_i64() || value.is_null(),
        "DateTimeOffset" => value.is_null() || value.as_str().is_some_and(|text| text.ends_with('Z')),
        kind if kind.starts_with("one of ") => value.is_string() || value.is_null(),
        _ => value.is_object() || value.is_null(),
    }
}

#[test]
fn every_property_is_selected_by_its_name_in_its_editions() {
    let served = Served::start("graph_properties", Some(TENANT), &[]);
    let token = served.account("administrator");
    let rows = rows();
    for (of, list) in LISTS {
        for edition in ["v1.0", "beta"] {
            let known: Vec<&Row> = rows.iter().filter(|row| row.of == of && row.editions.contains(&edition)).collect();
            let names: Vec<&str> = known.iter().map(|row| row.name.as_str()).collect();
            let path = format!("/{edition}/{list}?$top=2&$select={}", names.join(","));
            let page = served.get(&token, &path).is(200).json();
            let ids: Vec<&str> =
                page["value"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
            let one = format!("/{edition}/{list}/{}?$select={}", ids[0], names.join(","));
            let one = served.get(&token, &one).is(200).json();
            for entity in page["value"].as_array().expect("a list").iter().chain([&one]) {
                for row in &known {
                    let value = entity.get(&row.name).unwrap_or_else(|| panic!("{edition} {of}: no {}", row.name));
                    assert!(is_of_kind(value, &row.kind), "{edition} {of}: {} is {value}, a {}", row.name, row.kind);
                }
                assert!(entity.as_object().expect("an object").len() <= known.len() + 1, "and no other: {entity}");
            }
            // A property of the other edition only is refused in Graph's words.
            for row in rows.iter().filter(|row| row.of == of && !row.editions.contains(&edition)) {
                let reply = served.get(&token, &format!("/{edition}/{list}?$select={}", row.name)).is(400);
                let said = format!("Could not find a property named '{}' on type 'microsoft.graph.{of}'.", row.name);
                assert!(reply.code() == "BadRequest" && reply.text.contains(&said), "{}", reply.text);
            }
        }
    }
}

#[test]
fn without_a_selection_entities_have_what_graph_returns() {
    let served = Served::start("graph_defaults", Some(TENANT), &[]);
    let token = served.account("administrator");
    let rows = rows();
    for (of, list) in LISTS {
        for edition in ["v1.0", "beta"] {
            let page = served.get(&token, &format!("/{edition}/{list}?$top=1")).is(200).json();
            let written: BTreeSet<&str> =
                page["value"][0].as_object().expect("an object").keys().map(String::as_str).collect();
            let is_default = |row: &&Row| match row.written.as_str() {
                "if selected" => false,
                "by default in beta" => edition == "beta",
                _ => true,
            };
            let here = rows.iter().filter(|row| row.of == of && row.editions.contains(&edition));
            let wanted: BTreeSet<&str> = here.filter(is_default).map(|row| row.name.as_str()).collect();
            assert_eq!(written, wanted, "{edition} {of}");
        }
    }
    let user = served.get(&token, "/v1.0/users/ann@reveille.example").is(200).json();
    let user: BTreeSet<&str> = user.as_object().expect("an object").keys().map(String::as_str).collect();
    let graphs = [
        "@odata.context",
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ];
    assert_eq!(user, graphs.into_iter().collect());
    let me = served.get(&token, "/v1.0/me?$select=accountEnabled,userType").is(200).json();
    assert_eq!((me["accountEnabled"].as_bool(), me["userType"].as_str()), (Some(true), Some("Member")));
}

#[test]
fn what_is_made_up_is_plausible_and_stays_as_it_is() {
    let served = Served::start("graph_made_up", Some(TENANT), &[]);
    let token = served.account("administrator");
    let select = "deviceName,imei,phoneNumber,totalStorageSpaceInBytes,freeStorageSpaceInBytes,deviceType,jailBroken,\
                  managedDeviceName,azureADDeviceId,managementCertificateExpirationDate,enrolledDateTime";
    let list = format!("/beta/deviceManagement/managedDevices?$select={select}");
    let page = served.get(&token, &list).is(200).json();
    let again = served.get(&token, &list).is(200).json();
    assert_eq!(page, again);
    for device in page["value"].as_array().expect("a list") {
        let kind = device["deviceType"].as_str().expect("a type");
        let is_phone = matches!(kind, "iPhone" | "androidEnterprise" | "androidForWork");
        let imei = device["imei"].as_str();
        assert_eq!(imei.is_some(), is_phone, "{device}");
        if let Some(imei) = imei {
            let digits = imei.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
            let sum: u32 =
                digits.map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
            assert!(imei.len() == 15 && sum.is_multiple_of(10), "{imei} has a check digit");
        }
        let bytes = |name: &str| device[name].as_i64().expect("a number");
        assert!((1..bytes("totalStorageSpaceInBytes")).contains(&bytes("freeStorageSpaceInBytes")), "{device}");
        let text = |name: &str| device[name].as_str().expect("a text");
        assert!(text("enrolledDateTime") < text("managementCertificateExpirationDate"), "{device}");
    }
    for (filter, expected) in [
        ("deviceType eq 'desktop'", vec!["11111111-2222-4333-8444-555555555555"]),
        ("deviceType eq 'iPhone' and jailBroken eq 'False'", vec!["ann-phone"]),
        ("isEncrypted eq false", vec![]),
        ("totalStorageSpaceInBytes gt 1 and deviceName eq 'bob-phone'", vec!["bob-phone"]),
        ("contains(managedDeviceName,'iPhone')", vec!["ann-phone"]),
        ("imei eq null and operatingSystem eq 'iPadOS'", vec!["cid-tablet"]),
        ("roleScopeTagIds/any(t:t eq '0') and startswith(deviceName,'cid')", vec!["cid-tablet"]),
    ] {
        let path = format!("/beta/deviceManagement/managedDevices?$filter={}", filter.replace(' ', "%20"));
        let found = served.get(&token, &path).is(200).json();
        let found: Vec<&str> =
            found["value"].as_array().expect("a list").iter().filter_map(|one| one["deviceName"].as_str()).collect();
        assert_eq!(found, expected, "{filter}");
    }
}

#[test]
fn some_values_are_told_of_one_device_by_name_only() {
    let served = Served::start("graph_alone", Some(TENANT), &[]);
    let token = served.account("administrator");
    let id = served.id(&token, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let get = |path: &str| served.get(&token, &format!("/beta/deviceManagement/managedDevices{path}")).is(200).json();
    assert!(get(&format!("/{id}?$select=udid"))["udid"].is_string());
    assert!(get(&format!("/{id}"))["udid"].is_null(), "it is not selected");
    assert!(get("?$select=udid")["value"][0]["udid"].is_null(), "it is a list");
    assert_eq!(get(&format!("/{id}"))["physicalMemoryInBytes"], 0);
    let hardware = get(&format!("/{id}?$select=hardwareInformation,serialNumber"));
    assert_eq!(hardware["hardwareInformation"]["serialNumber"], hardware["serialNumber"]);
}
