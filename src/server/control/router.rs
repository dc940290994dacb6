//! The routes of the control API, each with its description. The token must be checked before the route. Every request
//! must get an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::Value;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::tenant_handle::{Control, TENANT};
use super::{
    access, devices, events, faults, health, journeys, messages, phones, preview, reload, state, tenants, time,
};
use crate::clock::within;
use crate::scenario::fault_schema;
use crate::server::http::{self, hold, read_off};

/// How long an answer may take to begin: the longest wait for a message to settle, and a margin.
const ANSWER_WAIT_MAX: Duration = Duration::from_mins(11);
/// The name of the token's security scheme in the document.
const TOKEN: &str = "control_token";

/// The service behind a listener.
pub fn service(control: Arc<Control>) -> Router {
    let (open, _) = open().split_for_parts();
    let (closed, _) = closed().split_for_parts();
    let closed = closed.layer(middleware::from_fn_with_state(Arc::clone(&control), access::check));
    open.merge(closed)
        .route("/_reveille/openapi.json", axum::routing::get(|| async { Json(document()) }))
        .route("/_reveille/graph-openapi.json", axum::routing::get(|| async { Json(crate::server::graph::document()) }))
        .fallback(|| async { Problem::not_found("there is no such path: /_reveille/openapi.json says what there is") })
        .method_not_allowed_fallback(|method: Method| async move { Problem::method(&method) })
        .layer(middleware::from_fn_with_state(Arc::clone(&control), in_time))
        .with_state(control)
}

/// The `OpenAPI` document of the control API.
pub fn document() -> Value {
    let mut document = serde_json::to_value(described()).expect("a document is JSON");
    let (fault, definitions) = fault_schema();
    let schemas = &mut document["components"]["schemas"];
    for (name, schema) in definitions.as_object().into_iter().flatten() {
        schemas[name] = schema.clone();
    }
    // The fault schema comes from the scenario's grammar; only its references need to point into this document.
    let text = fault.to_string().replace("#/$defs/", "#/components/schemas/");
    schemas["Fault"] = serde_json::from_str(&text).expect("a schema is JSON");
    document
}

fn described() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Reveille: control API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("What a test or an operator does to a hosted tenant, and learns of it."));
    let (_, routes) = open().merge(closed()).split_for_parts();
    let mut document = OpenApiBuilder::new().info(info.build()).build();
    document.merge(routes);
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, [])]);
    let (name, schema) = (<Problem as utoipa::ToSchema>::name(), <Problem as utoipa::PartialSchema>::schema());
    components.schemas.insert(name.to_string(), schema);
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new().description("What is wrong.").content("application/json", content).build();
    let (_, open) = open().split_for_parts();
    let key = ObjectBuilder::new().schema_type(Type::String);
    let tenant = ParameterBuilder::new()
        .name(TENANT)
        .parameter_in(ParameterIn::Query)
        .description(Some("The tenant, by its id or its name; needed only on a server with several."))
        .schema(Some(key.build()))
        .build();
    for (path, item) in &mut document.paths.paths {
        for operation in [&mut item.get, &mut item.put, &mut item.post, &mut item.patch].into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), problem.clone().into());
            // A reload and the list of tenants are of the server, not of a tenant.
            let is_of_server = [reload::PATH, tenants::PATH].contains(&path.as_str());
            if !open.paths.paths.contains_key(path) && !is_of_server {
                operation.parameters.get_or_insert_default().push(tenant.clone().into());
            }
        }
    }
    document
}

fn open() -> OpenApiRouter<Arc<Control>> {
    OpenApiRouter::new().routes(routes!(health::live)).routes(routes!(health::ready))
}

fn closed() -> OpenApiRouter<Arc<Control>> {
    OpenApiRouter::new()
        .routes(routes!(messages::list))
        .routes(routes!(messages::one))
        .routes(routes!(journeys::of_message))
        .routes(routes!(preview::preview))
        .routes(routes!(devices::list))
        .routes(routes!(devices::one))
        .routes(routes!(phones::set))
        .routes(routes!(devices::notifications))
        .routes(routes!(devices::dismiss))
        .routes(routes!(journeys::of_device))
        .routes(routes!(journeys::explain))
        .routes(routes!(faults::list, faults::start))
        .routes(routes!(faults::stop))
        .routes(routes!(time::read, time::set_speed))
        .routes(routes!(time::advance))
        .routes(routes!(state::snapshot))
        .routes(routes!(state::reset))
        .routes(routes!(state::export, state::import))
        .routes(routes!(events::follow))
        .routes(routes!(reload::reload))
        .routes(routes!(tenants::list))
}

async fn in_time(State(control): State<Arc<Control>>, request: Request, next: Next) -> Response {
    if let Err(error) = http::utf8(request.uri().query().unwrap_or("")) {
        read_off(Some(request.into_body())).await;
        return Problem::bad(error.to_string()).into_response();
    }
    let answered = within(ANSWER_WAIT_MAX, next.run(request)).await;
    let response = answered.unwrap_or_else(|| Problem::unavailable("it takes too long: ask for less").into_response());
    let held = hold(response, &control.budgets().control_answers);
    let mut response = held.unwrap_or_else(|busy| Problem::from(busy).into_response());
    // As in the Graph API: some clients read an answer without a charset as Latin-1.
    if response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    response
}
