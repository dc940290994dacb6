//! Maps an endpoint of the authority to its answer. A refusal is an OAuth error for programs, a page for people, and
//! only its code in the log.

use axum::http::Method;
use axum::response::Response;

use super::attempt::SignInAttempt;
use super::endpoint::{Address, Endpoint};
use super::proof::ProofPlace;
use super::reply::Reply;
use super::request::Request;
use super::{device, discovery, page, record};
use crate::server::graph::tenants::Tenants;
use crate::server::identity::{Denial, Peer};

/// Answers a request to the authority.
pub(crate) async fn answer(tenants: &Tenants, address: &Address, request: &Request<'_>) -> Response {
    let attempt = SignInAttempt::default();
    let reply = reply(tenants, address, request, &attempt).await.unwrap_or_else(|denial| {
        if address.endpoint.is_page() { Reply::DeniedPage(denial) } else { Reply::Denied(denial) }
    });
    let denial = if let Reply::Denied(denial) | Reply::DeniedPage(denial) = &reply { Some(denial) } else { None };
    if let Some(denial) = denial {
        let (aadsts, error, request_id) = (denial.code(), denial.error(), request.ids.request);
        tracing::debug!(aadsts, error, %request_id, "sign-in refused");
    }
    record::judged(tenants, &attempt.known(), request.ids, denial);
    reply.into_response(request.ids, request.now)
}

/// Is the body of such a request read? Only if its method and its tenant fit.
pub(crate) fn takes_form(tenants: &Tenants, address: &Address, method: &Method) -> bool {
    let is_form = *method == Method::POST && address.endpoint.methods().contains("POST");
    is_form && (address.endpoint == Endpoint::DeviceAuth || tenants.find_named(&address.tenant).is_ok())
}

async fn reply(
    tenants: &Tenants,
    address: &Address,
    request: &Request<'_>,
    attempt: &SignInAttempt,
) -> Result<Reply, Denial> {
    let endpoint = address.endpoint;
    if endpoint == Endpoint::Unknown {
        return Err(Denial::NoEndpoint);
    }
    let allowed = endpoint.methods();
    let method = match request.parts.method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => return Err(Denial::Method(allowed)),
    };
    if !allowed.contains(method) {
        return Err(Denial::Method(allowed));
    }
    let sign_in = tenants.sign_in();
    let graph_tenant = || tenants.find_named(&address.tenant);
    let peer = request.ids.peer.filter(|_| endpoint.is_sign_in());
    if let Some(key) = peer.and_then(Peer::failure_key) {
        sign_in.may_try(&key)?;
    }
    let at = || {
        let graph_tenant = graph_tenant()?;
        attempt.at(graph_tenant.id());
        let clients = graph_tenant.clients();
        Ok::<_, Denial>(ProofPlace { graph_tenant, clients, attempt, sign_in, tenant: &address.tenant, request })
    };
    Ok(match endpoint {
        Endpoint::Token(version) => at()?.token(version).await.into(),
        Endpoint::Authorize(version) => at()?.authorize(version),
        Endpoint::DeviceCode(version) => at()?.device_code(version).into(),
        Endpoint::DeviceAuth => device::confirm(tenants, sign_in, request, attempt)?,
        Endpoint::NativeClient => Reply::Page(page::done("You have signed in")),
        Endpoint::Logout => Reply::Page(page::done("You have signed out")),
        Endpoint::Discovery(version) => Reply::Json(discovery::document(graph_tenant()?, version, request.origin)),
        Endpoint::Keys => Reply::Json(serde_json::json!(graph_tenant()?.issuer.key_set())),
        Endpoint::Instance => discovery::instance(request).into(),
        Endpoint::UserRealm => Reply::Json(discovery::user_realm(&address.rest)),
        Endpoint::Unknown => return Err(Denial::NoEndpoint),
    })
}
