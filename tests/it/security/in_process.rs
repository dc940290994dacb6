//! The Graph API in this process, called without a socket, so that a test says where a request comes from. Must not judge
//! answers.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use reveille::clock::Clock;
use reveille::host::{HostOptions, HostedTenant};
use reveille::rules::model::live::ModelSpeed;
use reveille::server::audit::AuditLog;
use reveille::server::graph::{GraphIds, GraphTenant, GraphTenantOptions, Tenants, Throttling, service};
use reveille::server::http::{Forwarded, LinkOrigins, Scheme};
use reveille::server::identity::{Clients, Grants, Issuer, Peer, SigningKey};
use reveille::server::odata::Strictness;

use crate::fixtures::caller::TENANT;
use crate::fixtures::drivers::world;

/// A Graph API, its record, and the secret of its client `built-in`.
pub(super) struct InProcess {
    service: Router,
    pub(super) recorded: Arc<Mutex<String>>,
    pub(super) secret: &'static str,
}

impl InProcess {
    pub(super) async fn start() -> Self {
        let secret = "0123456789012345678901234567890123456789";
        let world = Arc::new(Arc::unwrap_or_clone(world(TENANT)).for_postings());
        let options = HostOptions {
            shards: 1,
            resident_actors_max: 100,
            keep_fates: false,
            meters: None,
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let host = HostedTenant::start(Arc::clone(&world), Clock::start(ModelSpeed::Times(1)), options).await;
        let graph_ids = Arc::new(GraphIds::new(&world));
        let key = SigningKey::generate_pem().and_then(|pem| SigningKey::from_pem(&pem)).expect("a key is made");
        let recorded = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&recorded);
        let audit = AuditLog::to(move |line| {
            into.lock().expect("no test panics with it").push_str(line);
            Ok(())
        });
        let tenant = GraphTenant::new(GraphTenantOptions {
            host: host.expect("the engine opens"),
            graph_ids: Arc::clone(&graph_ids),
            issuer: Issuer::new(key, graph_ids.tenant()),
            clients: Clients::built_in("built-in", secret),
            grants: Grants::default(),
            throttling: Throttling::Off,
            strictness: Strictness::AsGraph,
        });
        let tenant = Arc::new(tenant.recorded_in(audit.clone()));
        let tenants = Tenants::new(vec![tenant], Vec::new(), None).expect("it is one tenant").recorded_in(audit);
        let service = service(Arc::new(tenants), LinkOrigins::per_request(Scheme::Http, Forwarded::Ignored));
        Self { service, recorded, secret }
    }

    /// Answers a request that comes from this address.
    pub(super) async fn ask(&self, peer: IpAddr, request: Request<Body>) -> Response {
        let mut request = request;
        request.extensions_mut().insert(Peer(peer));
        TowerToHyperService::new(self.service.clone()).call(request).await.expect("every request is answered")
    }
}
