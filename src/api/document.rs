//! The `OpenAPI` document of the Graph face: every path that is served, in its usual spelling, with the fields that the lists really
//! have. Answers nothing.

use serde_json::{Map, Value, json};

use super::group::GROUP;
use super::managed_device;
use super::route::Edition;
use super::user::USER;
use crate::odata::{Field, Kind};

/// The path of the actions of a device, after the device.
const SEND: &str = "/sendCustomNotificationToCompanyPortal";
/// Options of a list; one entity takes `$select` alone.
const LIST_OPTIONS: [&str; 6] = ["$filter", "$select", "$orderby", "$top", "$count", "$skiptoken"];

/// What a path is answered with.
#[derive(Clone, Copy)]
enum Answer {
    /// Nothing but a status.
    Done,
    /// A page of these.
    Page(&'static str),
    /// One of these.
    One(&'static str),
    /// How many there are, as a text.
    Count,
}

/// What a request brings along.
#[derive(Clone, Copy)]
enum Brings {
    Nothing,
    Body(&'static str),
}

/// The document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for edition in [Edition::V1, Edition::Beta] {
        for (path, answer) in reads() {
            let operation = operation(edition, path, Brings::Nothing, answer);
            paths.insert(format!("/{}{path}", edition.name()), json!({ "get": operation }));
        }
        for device in ["/deviceManagement/managedDevices/{id}", "/users/{user}/managedDevices/{id}"] {
            let path = format!("{device}/syncDevice");
            let operation = operation(edition, &path, Brings::Nothing, Answer::Done);
            paths.insert(format!("/{}{path}", edition.name()), json!({ "post": operation }));
        }
        let path = format!("/{}/$batch", edition.name());
        paths.insert(
            path,
            json!({ "post": operation(edition, "/$batch", Brings::Body("batch"), Answer::One("batchAnswer")) }),
        );
    }
    for (path, body, answer) in actions() {
        let operation = operation(Edition::Beta, &path, Brings::Body(body), answer);
        paths.insert(format!("/beta{path}"), json!({ "post": operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Reveille: the Graph face",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The part of Microsoft Graph that sends custom notifications. Paths are taken in any letter case, \
                            and keys in parentheses too.",
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": schemas(),
        },
    })
}

fn reads() -> Vec<(&'static str, Answer)> {
    vec![
        ("/deviceManagement/managedDevices", Answer::Page("managedDevice")),
        ("/deviceManagement/managedDevices/$count", Answer::Count),
        ("/deviceManagement/managedDevices/{id}", Answer::One("managedDevice")),
        ("/users", Answer::Page("user")),
        ("/users/$count", Answer::Count),
        ("/users/{user}", Answer::One("user")),
        ("/users/{user}/managedDevices", Answer::Page("managedDevice")),
        ("/groups", Answer::Page("group")),
        ("/groups/$count", Answer::Count),
        ("/groups/{group}", Answer::One("group")),
        ("/groups/{group}/members", Answer::Page("directoryObject")),
        ("/groups/{group}/members/microsoft.graph.user", Answer::Page("user")),
        ("/groups/{group}/transitiveMembers", Answer::Page("directoryObject")),
        ("/groups/{group}/transitiveMembers/$count", Answer::Count),
    ]
}

fn actions() -> Vec<(String, &'static str, Answer)> {
    let devices = [
        "/deviceManagement/managedDevices/{id}",
        "/deviceManagement/comanagedDevices/{id}",
        "/users/{user}/managedDevices/{id}",
    ];
    let mut actions: Vec<_> =
        devices.iter().map(|device| (format!("{device}{SEND}"), "notification", Answer::Done)).collect();
    actions.push((format!("/deviceManagement{SEND}"), "groupNotification", Answer::Done));
    let bulk = "/deviceManagement/managedDevices/executeAction".to_owned();
    actions.push((bulk, "bulkAction", Answer::One("bulkManagedDeviceActionResult")));
    actions
}

fn operation(edition: Edition, path: &str, brings: Brings, answer: Answer) -> Value {
    let mut parameters: Vec<Value> = path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let options = match (brings, answer) {
        (Brings::Body(_), _) | (_, Answer::Done) => &[][..],
        (_, Answer::Page(_)) => &LIST_OPTIONS,
        (_, Answer::One(_)) => &LIST_OPTIONS[1..2],
        (_, Answer::Count) => &LIST_OPTIONS[..1],
    };
    parameters
        .extend(options.iter().map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } })));
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let as_json = |schema: Value| json!({ "application/json": { "schema": schema } });
    let (status, content) = match answer {
        Answer::Done => ("204", None),
        Answer::One(name) => ("200", Some(as_json(of(name)))),
        Answer::Count => {
            ("200", Some(json!({ "text/plain": { "schema": { "type": "string", "pattern": "^[0-9]+$" } } })))
        }
        Answer::Page(name) => {
            let page = json!({
                "type": "object",
                "required": ["@odata.context", "value"],
                "properties": {
                    "@odata.context": { "type": "string" },
                    "@odata.count": { "type": "integer", "minimum": 0 },
                    "@odata.nextLink": { "type": "string" },
                    "value": { "type": "array", "items": of(name) },
                },
            });
            ("200", Some(as_json(page)))
        }
    };
    let mut good = json!({ "description": "What was asked for." });
    if let Some(content) = content {
        good["content"] = content;
    }
    let mut responses = json!({
        "default": { "description": "What is wrong, in Graph's words.", "content": as_json(of("failure")) },
    });
    responses[status] = good;
    let id = format!("{} {} {path}", edition.name(), if matches!(brings, Brings::Nothing) { "get" } else { "post" });
    let mut operation = json!({ "operationId": id, "parameters": parameters, "responses": responses });
    if let Brings::Body(name) = brings {
        operation["requestBody"] = json!({ "required": true, "content": as_json(of(name)) });
    }
    operation
}

fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let notification = json!({ "notificationTitle": text, "notificationBody": text });
    let with = |more: Value| {
        let mut all = notification.clone();
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        json!({ "type": "object", "required": all.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>()), "properties": all })
    };
    let lists = ["successfulDeviceIds", "failedDeviceIds", "notFoundDeviceIds", "notSupportedDeviceIds"];
    let request = json!({
        "type": "object",
        "required": ["id", "method", "url"],
        "properties": { "id": text, "method": { "enum": ["GET", "POST"] }, "url": text, "headers": { "type": "object" }, "body": {} },
    });
    let response = json!({
        "type": "object",
        "required": ["id", "status"],
        "properties": { "id": text, "status": { "type": "integer" }, "headers": { "type": "object" }, "body": {} },
    });
    let many = |name: &str, items: Value| json!({ "type": "object", "required": [name], "properties": { name: { "type": "array", "items": items, "maxItems": 20 } } });
    json!({
        "managedDevice": entity(managed_device::schema(Edition::Beta)),
        "user": entity(USER),
        "group": entity(GROUP),
        "directoryObject": { "type": "object", "properties": { "id": text, "@odata.type": text } },
        "notification": with(json!({})),
        "groupNotification": with(json!({ "groupsToNotify": texts })),
        "bulkAction": with(json!({ "actionName": { "const": "customTextNotification" }, "deviceIds": texts })),
        "bulkManagedDeviceActionResult": {
            "type": "object",
            "required": lists,
            "properties": lists.iter().map(|name| ((*name).to_owned(), texts.clone())).collect::<Map<_, _>>(),
        },
        "batch": many("requests", request),
        "batchAnswer": many("responses", response),
        "failure": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["code", "message", "innerError"],
                    "properties": {
                        "code": text,
                        "message": text,
                        "innerError": {
                            "type": "object",
                            "required": ["date", "request-id", "client-request-id"],
                            "properties": { "date": text, "request-id": text, "client-request-id": text },
                        },
                    },
                },
            },
        },
    })
}

/// An entity: all of its fields may be left out by `$select`, or empty.
fn entity(fields: &[Field]) -> Value {
    let kind = |field: &Field| match field.kind {
        Kind::Flag => json!({ "type": ["boolean", "null"] }),
        Kind::Moment => json!({ "type": ["string", "null"], "format": "date-time" }),
        _ => json!({ "type": ["string", "null"] }),
    };
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.to_owned(), kind(field))).collect();
    json!({ "type": "object", "properties": properties })
}
