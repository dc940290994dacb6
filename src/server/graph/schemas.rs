//! The schemas of the `OpenAPI` document of the Graph API: entities with the actual fields of the lists, bodies, and
//! errors.

use serde_json::{Map, Value, json};

use super::authority;
use super::entities::{Collection, Entities};
use super::route::Edition;
use crate::server::odata::{Field, FieldKind, Shown};

/// All schemas, by name.
pub(crate) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let notification = json!({ "notificationTitle": text, "notificationBody": text });
    let with = |more: Value| {
        let mut all = notification.clone();
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all_of(&all)
    };
    let lists = ["successfulDeviceIds", "failedDeviceIds", "notFoundDeviceIds", "notSupportedDeviceIds"];
    let request = json!({
        "type": "object",
        "required": ["id", "method", "url"],
        "properties": { "id": text, "method": { "enum": ["GET", "POST"] }, "url": text, "headers": { "type": "object" }, "body": {}, "dependsOn": texts },
    });
    let response = json!({
        "type": "object",
        "required": ["id", "status"],
        "properties": { "id": text, "status": { "type": "integer" }, "headers": { "type": "object" }, "body": {} },
    });
    let many = |name: &str, items: Value| json!({ "type": "object", "required": [name], "properties": { name: { "type": "array", "items": items, "maxItems": 20 } } });
    let mut all = json!({
        "managedDevice": entity(Entities::ManagedDevices),
        "user": entity(Entities::Users),
        "group": entity(Entities::Groups),
        "device": entity(Entities::Devices),
        "organization": entity(Entities::Organizations),
        "managedDeviceOverview": overview(),
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
        "failure": failure(),
    });
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), authority::schemas()) {
        all.extend(more);
    }
    all
}

/// The schemas of errors.
fn failure() -> Value {
    let text = json!({ "type": "string" });
    json!({
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
    })
}

/// An entity: every property may be omitted by `$select`, or be null. It contains links if they are expanded.
fn entity(entities: Entities) -> Value {
    let schema = Collection { entities, edition: Edition::Beta }.schema();
    let written = schema.fields.iter().filter(|field| field.shown != Shown::Never);
    let properties: Map<String, Value> = written.map(|field| (field.name.to_owned(), kind(field))).collect();
    json!({ "type": "object", "properties": properties })
}

fn kind(field: &Field) -> Value {
    match field.kind {
        FieldKind::Text | FieldKind::Choice(_) => json!({ "type": ["string", "null"] }),
        FieldKind::Guid => json!({ "type": ["string", "null"], "format": "uuid" }),
        FieldKind::Moment => json!({ "type": ["string", "null"], "format": "date-time" }),
        FieldKind::Flag => json!({ "type": ["boolean", "null"] }),
        FieldKind::Whole => json!({ "type": ["integer", "null"] }),
        FieldKind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        FieldKind::Record(_) | FieldKind::Link => json!({ "type": ["object", "null"] }),
        FieldKind::Records(_) => json!({ "type": "array", "items": { "type": "object" } }),
    }
}

/// The overview of managed devices.
fn overview() -> Value {
    let whole = json!({ "type": "integer", "minimum": 0 });
    let counts = json!({ "type": "object", "additionalProperties": whole });
    all_of(&json!({
        "id": { "type": "string" },
        "enrolledDeviceCount": whole,
        "mdmEnrolledCount": whole,
        "dualEnrolledDeviceCount": whole,
        "deviceOperatingSystemSummary": counts,
        "deviceExchangeAccessStateSummary": counts,
    }))
}

/// An object schema that requires all of these properties.
fn all_of(properties: &Value) -> Value {
    let names = properties.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
    json!({ "type": "object", "required": names, "properties": properties })
}
