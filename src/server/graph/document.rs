//! The `OpenAPI` document of the Graph API: every served path in its usual spelling, with the actual fields of the
//! lists.

use serde_json::{Map, Value, json};

use super::document_paths::{RequestShape, ResponseShape, SEND, acts, reads};
use super::route::Edition;
use super::schemas::schemas;

/// Options of a list; a single entity takes `$select` and `$expand`.
const LIST_OPTIONS: [&str; 8] =
    ["$filter", "$search", "$select", "$expand", "$orderby", "$top", "$count", "$skiptoken"];

/// The `OpenAPI` document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for edition in [Edition::V1, Edition::Beta] {
        let everywhere = reads(edition).into_iter().map(|(path, answer)| (path, RequestShape::Get, answer));
        for (path, asks, answer) in everywhere.chain(acts(edition)) {
            let method = if matches!(asks, RequestShape::Get) { "get" } else { "post" };
            let operation = operation(edition, &path, asks, answer);
            paths.insert(format!("/{}{path}", edition.name()), json!({ method: operation }));
        }
    }
    paths.extend(desks());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Reveille: Graph API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The part of Microsoft Graph that sends custom notifications. Paths are taken in any letter case, \
                            and keys in parentheses too.",
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the tenant's own issuer, or of a foreign one that the server trusts. It says which tenant is meant.",
                },
            },
            "parameters": {
                "clientRequestId": {
                    "name": "client-request-id",
                    "in": "header",
                    "description": "The caller's own id of the request, up to 128 visible characters of ASCII; any other is passed over.",
                    "schema": { "type": "string" },
                },
                "consistencyLevel": {
                    "name": "ConsistencyLevel",
                    "in": "header",
                    "description": "`eventual` for advanced queries on the directory; any other word is passed over.",
                    "schema": { "type": "string" },
                },
            },
            "headers": {
                "requestId": { "description": "The id that the request was given.", "required": true, "schema": { "type": "string", "format": "uuid" } },
                "clientRequestId": { "description": "The caller's own id of the request, or the one that it was given.", "required": true, "schema": { "type": "string" } },
                "retryAfter": { "description": "Whole seconds after which to try again; not there if the service does not tell.", "schema": { "type": "integer", "minimum": 1 } },
                "location": { "description": "Where the caller goes on.", "required": true, "schema": { "type": "string" } },
                "challenge": { "description": "What kind of token is wanted.", "required": true, "schema": { "type": "string" } },
            },
            "responses": {
                "failed": said("What is wrong, in Graph's words.", None, Some(as_json(&of("failure")))),
                "untrusted": said("There is no token that is trusted.", Some(("WWW-Authenticate", "challenge")), Some(as_json(&of("failure")))),
                "throttled": said("A quota is used up, or there are too many requests.", Some(("Retry-After", "retryAfter")), Some(as_json(&of("failure")))),
            },
            "schemas": schemas(),
        },
    })
}

/// The authority's endpoints, which issue tokens and take none.
fn desks() -> Vec<(String, Value)> {
    let json_of = |name: &str| (as_json(&of(name)), as_json(&json!({ "oneOf": [of("denial"), of("failure")] })));
    let page = || json!({ "text/html": { "schema": { "type": "string" } } });
    let form = |name: &str| json!({ "required": true, "content": { "application/x-www-form-urlencoded": { "schema": of(name) } } });
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut describe = |path: &str, method: &str, (good, bad): (Value, Value), more: Value| {
        let mut operation = json!({
            "operationId": path,
            "security": [],
            "parameters": parameters(path),
            "responses": {
                "200": said("What was asked for.", None, Some(good)),
                "default": said(
                    "Why not, in the authority's words; or what is wrong with the body, in Graph's.",
                    None,
                    Some(bad),
                ),
            },
        });
        if let Value::Object(more) = more {
            for (name, value) in more {
                match (&name[..], &mut operation[&name], value) {
                    ("parameters", Value::Array(known), Value::Array(more)) => known.extend(more),
                    (_, known, value) => *known = value,
                }
            }
        }
        found.push((path.to_owned(), json!({ method: operation })));
    };
    for edition in ["", "v2.0/"] {
        let token = json!({ "requestBody": form("credentials") });
        describe(&format!("/{{tenant}}/oauth2/{edition}token"), "post", json_of("token"), token);
        let device = json!({ "requestBody": form("deviceRequest") });
        describe(&format!("/{{tenant}}/oauth2/{edition}devicecode"), "post", json_of("deviceCode"), device);
        describe(
            &format!("/{{tenant}}/{edition}.well-known/openid-configuration"),
            "get",
            json_of("discovery"),
            json!({}),
        );
        describe(&format!("/{{tenant}}/discovery/{edition}keys"), "get", json_of("keys"), json!({}));
        let query = ["client_id", "response_type", "redirect_uri", "scope", "state", "prompt", "login_hint"];
        let query = query.map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }));
        let both = (
            page(),
            json!({ "text/html": page()["text/html"], "application/json": as_json(&of("failure"))["application/json"] }),
        );
        let mut authorize = json!({ "parameters": query });
        authorize["responses"] = json!({
            "200": said("A page on which an account is picked, or one that posts the answer.", None, Some(both.0.clone())),
            "302": said("The answer, at an address of the client.", Some(("Location", "location")), None),
            "default": said("Why there is no code, as a page.", None, Some(both.1.clone())),
        });
        describe(&format!("/{{tenant}}/oauth2/{edition}authorize"), "get", both, authorize);
    }
    describe("/{tenant}/oauth2/deviceauth", "get", (page(), page()), json!({}));
    describe("/{tenant}/oauth2/logout", "get", (page(), page()), json!({}));
    describe("/{tenant}/oauth2/nativeclient", "get", (page(), page()), json!({}));
    let endpoint =
        json!({ "name": "authorization_endpoint", "in": "query", "required": true, "schema": { "type": "string" } });
    describe("/{tenant}/discovery/instance", "get", json_of("instance"), json!({ "parameters": [endpoint] }));
    describe("/{tenant}/UserRealm/{user}", "get", json_of("userRealm"), json!({}));
    found
}

/// The variables of a path, and the header that every request may have.
fn parameters(path: &str) -> Value {
    let variables = path.split(['{', '}']).skip(1).step_by(2);
    let variables =
        variables.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let header = json!({ "$ref": "#/components/parameters/clientRequestId" });
    variables.chain([header]).collect()
}

fn operation(edition: Edition, path: &str, asks: RequestShape, answer: ResponseShape) -> Value {
    let options = match (asks, answer) {
        (RequestShape::Post | RequestShape::PostJson(_), _) | (_, ResponseShape::Done) => &[][..],
        (RequestShape::Get, ResponseShape::Page(_)) => &LIST_OPTIONS,
        (RequestShape::Get, ResponseShape::One(_)) => &LIST_OPTIONS[2..4],
        (RequestShape::Get, ResponseShape::Count) => &LIST_OPTIONS[..2],
    };
    let mut parameters = parameters(path);
    if let Value::Array(parameters) = &mut parameters {
        let option = |name: &&str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
        parameters.extend(options.iter().map(option));
        if !options.is_empty() && !is_of_intune(path) {
            parameters.push(json!({ "$ref": "#/components/parameters/consistencyLevel" }));
        }
    }
    let (status, content) = match answer {
        ResponseShape::Done => ("204", None),
        ResponseShape::One(name) => ("200", Some(as_json(&of(name)))),
        ResponseShape::Count => {
            ("200", Some(json!({ "text/plain": { "schema": { "type": "string", "pattern": "^[0-9]+$" } } })))
        }
        ResponseShape::Page(name) => {
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
            ("200", Some(as_json(&page)))
        }
    };
    let known = |name: &str| json!({ "$ref": format!("#/components/responses/{name}") });
    let mut responses = json!({
        status: said("What was asked for.", None, content),
        "401": known("untrusted"),
        "default": known("failed"),
    });
    // Intune's lists have a request limit; the directory's have none.
    if is_of_intune(path) {
        responses["429"] = known("throttled");
    }
    let method = if matches!(asks, RequestShape::Get) { "get" } else { "post" };
    let id = format!("{} {method} {path}", edition.name());
    let mut operation = json!({ "operationId": id, "parameters": parameters, "responses": responses });
    if let RequestShape::PostJson(name) = asks {
        operation["requestBody"] = json!({ "required": true, "content": as_json(&of(name)) });
    }
    operation
}

/// Is the path served by Intune?
fn is_of_intune(path: &str) -> bool {
    path.contains("anagedDevice") || path.ends_with(SEND)
}

/// A response: every one has both request ids, and some have one more header.
fn said(description: &str, header: Option<(&str, &str)>, content: Option<Value>) -> Value {
    let ids = [("request-id", "requestId"), ("client-request-id", "clientRequestId")];
    let headers: Map<String, Value> = ids
        .into_iter()
        .chain(header)
        .map(|(name, known)| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{known}") })))
        .collect();
    let mut said = json!({ "description": description, "headers": headers });
    if let Some(content) = content {
        said["content"] = content;
    }
    said
}

fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn as_json(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::server::graph::address;
    use crate::server::graph::route::{Cast, DeviceKey, Holder, MembershipDepth, Method, Of, Route, Tie, Via, Who};
    use uuid::Uuid;

    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    /// Every route.
    fn routes() -> Vec<Route> {
        let id = Uuid::try_parse(ID).expect("it is one");
        let key = DeviceKey::Id(id);
        let ann = || Who::Named("ann".to_owned());
        let mut routes = vec![Route::SendToGroups, Route::Overview, Route::Batch, Route::Group(id), Route::Device(key)];
        routes.extend([Route::Organization(id), Route::User(Who::Me), Route::User(ann())]);
        for of in [Of::List, Of::Count] {
            routes.extend([Route::Users(of), Route::Groups(of), Route::Devices(of), Route::Organizations(of)]);
            for reach in [MembershipDepth::Direct, MembershipDepth::Transitive] {
                let casts = [Cast::Any, Cast::Users, Cast::Groups, Cast::Devices];
                routes.extend(casts.map(|cast| Route::Members(id, reach, cast, of)));
                for cast in [Cast::Any, Cast::Groups] {
                    let holders = [Holder::User(Who::Me), Holder::User(ann()), Holder::Group(id), Holder::Device(key)];
                    routes.extend(holders.map(|holder| Route::Memberships(holder, reach, cast, of)));
                }
            }
            for tie in [Tie::Owned, Tie::Registered] {
                for who in [Who::Me, ann()] {
                    let casts = [Cast::Any, Cast::Devices];
                    routes.extend(casts.map(|cast| Route::DevicesOfUser(who.clone(), tie, cast, of)));
                }
                routes.extend([Cast::Any, Cast::Users].map(|cast| Route::UsersOfDevice(key, tie, cast, of)));
            }
        }
        for via in [Via::Managed, Via::Comanaged, Via::Of(Who::Me), Via::Of(ann())] {
            for of in [Of::List, Of::Count] {
                let users = Route::UsersOfManagedDevice(via.clone(), id, of);
                routes.extend([Route::ManagedDevices(via.clone(), of), users]);
            }
            routes.extend([Route::ManagedDevice(via.clone(), id), Route::Sync(via.clone(), id)]);
            routes.extend([Route::SendToDevice(via.clone(), id), Route::Bulk(via)]);
        }
        routes
    }

    #[test]
    fn every_route_has_a_path_and_every_path_a_route() {
        let document = document();
        let mut found = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            if path.starts_with("/{tenant}") {
                let asked = path.replace("{tenant}", "small");
                assert!(crate::server::graph::authority::read("http://x", &asked).is_some(), "{path}");
                continue;
            }
            let asked = path
                .replace("{user}", "ann")
                .replace("{id}", ID)
                .replace("{group}", ID)
                .replace("{device}", ID)
                .replace("{organization}", ID);
            let (_, route) = address::read(&asked).unwrap_or_else(|failure| panic!("{path}: {failure:?}"));
            let method = if route.method() == Method::Get { "get" } else { "post" };
            let responses = &item[method]["responses"];
            assert!(responses.is_object(), "{path}: {method}");
            assert_eq!(responses["429"].is_object(), route.is_of_intune(), "{path}");
            found.insert(format!("{route:?}"));
        }
        let wanted: BTreeSet<String> = routes().iter().map(|route| format!("{route:?}")).collect();
        assert_eq!(found, wanted);
    }
}
