//! The Graph API in this process, as the program serves it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reveille::clock::{Clock, unix_ms};
use reveille::host::{HostOptions, HostedTenant, KeptTenant};
use reveille::metrics::{Board, Meters};
use reveille::outcome::MODEL_VERSION;
use reveille::rules::base::ids::DeviceIx;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::model::world::World;
use reveille::rules::timeline::restart_clock::RestartClock;
use reveille::scenario::{Overrides, Source, load};
use reveille::server::graph::{self, GraphIds, GraphTenant, GraphTenantOptions, Tenants, Throttling};
use reveille::server::http::{Forwarded, LinkOrigins, ListenerOptions, Scheme, Server};
use reveille::server::identity::{Bearer, Clients, Grants, Issuer, PERMISSIONS, SigningKey};
use reveille::server::odata::Strictness;
use reveille::store::{Store, TenantIdentity};

/// Looks at the metrics until they have the expected values, at most.
const LOOKS_MAX: u32 = 600;

/// The texts of every message.
const TEXTS: &str =
    r#"{"notificationTitle":"Canteen closed","notificationBody":"Please use the one in building 3 today."}"#;

/// A running server.
pub(crate) struct Served {
    server: Server,
    board: Arc<Board>,
    graph_ids: Arc<GraphIds>,
    token: String,
    phones: u32,
}

/// A runtime with the program's settings.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts")
}

impl Served {
    /// Serves a tenant with `phones` iPhones, one for each user, and at most `resident_actors_max` actors.
    pub(crate) async fn start(phones: u32, resident_actors_max: u32) -> Self {
        Self::of(world(phones), resident_actors_max, None).await
    }

    /// The same with a store in this folder.
    pub(crate) async fn stored(phones: u32, resident_actors_max: u32, folder: &Path) -> (Self, Store) {
        let world = world(phones);
        let (kept, store) = open(&world, folder);
        (Self::of(world, resident_actors_max, Some(kept)).await, store)
    }

    async fn of(world: Arc<World>, resident_actors_max: u32, kept: Option<KeptTenant>) -> Self {
        let phones = world.fleet.devices();
        let meters = Arc::new(Meters::new(&world, resident_actors_max));
        let board = Arc::new(Board::of_server(vec![Arc::clone(&meters)]));
        let options = HostOptions {
            shards: 0,
            resident_actors_max,
            keep_fates: false,
            meters: Some(meters),
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let clock = Clock::start(ModelSpeed::Times(1_000));
        let host = match kept {
            Some(kept) => {
                let host = HostedTenant::start_stored(Arc::clone(&world), clock, options, kept).await;
                host.as_ref().expect("the engine opens").recovered().await.expect("all can be done again");
                host
            }
            None => HostedTenant::start(Arc::clone(&world), clock, options).await,
        };
        let graph_ids = Arc::new(GraphIds::new(&world));
        let key = SigningKey::generate_pem().and_then(|pem| SigningKey::from_pem(&pem)).expect("a key is made");
        let issuer = Issuer::new(key, graph_ids.tenant());
        let permissions = PERMISSIONS.iter().map(|word| (*word).to_owned()).collect();
        let bearer = Bearer::App { app: "bench".to_owned(), permissions };
        let token = issuer.issue(&bearer, unix_ms() / 1_000).expect("it signs");
        let graph_tenant = GraphTenant::new(GraphTenantOptions {
            host: host.expect("the engine opens"),
            graph_ids: Arc::clone(&graph_ids),
            issuer,
            clients: Clients::default(),
            grants: Grants::default(),
            throttling: Throttling::Off,
            strictness: Strictness::AsGraph,
        });
        let tenants = Tenants::new(vec![Arc::new(graph_tenant)], Vec::new(), Some(Arc::clone(&board)));
        let tenants = Arc::new(tenants.expect("it is one tenant"));
        let service = graph::service(tenants, LinkOrigins::per_request(Scheme::Http, Forwarded::Ignored));
        let server = Server::start(service, ([127, 0, 0, 1], 0).into(), &ListenerOptions::alone(None));
        let server = server.expect("a port is free");
        Self { server, board, graph_ids, token, phones }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A token for an application with all permissions.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A message to every phone, as bytes.
    pub(crate) fn requests(&self) -> Arc<Vec<String>> {
        let (token, body, length) = (&self.token, TEXTS, TEXTS.len());
        let request = |phone: u32| {
            let id = self.graph_ids.device(DeviceIx(phone));
            format!(
                "POST /beta/deviceManagement/managedDevices/{id}/sendCustomNotificationToCompanyPortal HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        };
        Arc::new((0..self.phones).map(request).collect())
    }

    /// Messages to every phone, `each` of them in a request to `path`, whose body is made from the ids of the devices.
    pub(crate) fn posts(&self, path: &str, each: usize, body: &dyn Fn(&[String]) -> String) -> Arc<Vec<String>> {
        let ids: Vec<String> =
            (0..self.phones).map(|phone| self.graph_ids.device(DeviceIx(phone)).to_string()).collect();
        let token = &self.token;
        let request = |ids: &[String]| {
            let body = body(ids);
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        Arc::new(ids.chunks(each).map(request).collect())
    }

    /// Panics unless every accepted message is counted and has its journey in a station.
    pub(crate) fn has_lost_nothing(&self, messages: u64) {
        let sum = |page: &str, name: &str| -> f64 {
            let series = page.lines().filter(|line| line.starts_with(name) && !line.starts_with('#'));
            series.map(|line| line.rsplit_once(' ').expect("it has a value").1.parse::<f64>().expect("a number")).sum()
        };
        let wanted = messages as f64;
        for _ in 0..LOOKS_MAX {
            let page = self.board.render();
            let accepted = sum(&page, "reveille_messages_accepted_total");
            let journeys = sum(&page, "reveille_journeys_settled_total") + sum(&page, "reveille_journeys_open");
            if accepted >= wanted && journeys >= wanted {
                assert!((accepted - wanted).abs() < 0.5 && (journeys - wanted).abs() < 0.5, "{accepted} {journeys}");
                assert!(sum(&page, "reveille_conservation_error").abs() < 0.5, "a pair is lost");
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("not every message that was answered with 204 has its journey:\n{}", self.board.render());
    }
}

/// The body of a `$batch` that sends a message to each of these devices.
pub(crate) fn batch(ids: &[String]) -> String {
    let request = |(number, id): (usize, &String)| {
        format!(
            r#"{{"id":"{number}","method":"POST","url":"/deviceManagement/managedDevices/{id}/sendCustomNotificationToCompanyPortal","headers":{{"Content-Type":"application/json"}},"body":{TEXTS}}}"#
        )
    };
    let requests: Vec<String> = ids.iter().enumerate().map(request).collect();
    format!(r#"{{"requests":[{}]}}"#, requests.join(","))
}

/// The body of an `executeAction` that sends a message to these devices.
pub(crate) fn action(ids: &[String]) -> String {
    let texts = TEXTS.trim_start_matches('{');
    format!(r#"{{"actionName":"customTextNotification","deviceIds":["{}"],{texts}"#, ids.join("\",\""))
}

/// The store of this world's tenant in a folder.
pub(crate) fn open(world: &Arc<World>, folder: &Path) -> (KeptTenant, Store) {
    let identity = TenantIdentity {
        id: Issuer::tenant_id(&world.name),
        name: world.name.clone(),
        scenario_hash: world.scenario_hash.clone(),
        scenario: String::new(),
        seed: world.chance.seed(),
        model_version: MODEL_VERSION,
    };
    let (store, mut tenants) = Store::open(folder, &[identity], None).expect("the folder is free");
    let kept = KeptTenant::read(tenants.remove(0), world, RestartClock::Continue).expect("it is whole");
    (kept, store)
}

/// A world with `phones` iPhones, one for each user.
pub(crate) fn world(phones: u32) -> Arc<World> {
    let text = format!(
        r#"
schema = 1
name = "bench"
duration = "24h"
[fleet]
users = {phones}
devices_per_user = {{ "1" = 1.0 }}
[[fleet.cohort]]
name = "phones"
share = 1
platform = "ios"
app = "company_portal"
push_permission = 1
presence = "online"
[[group]]
name = "everyone"
users = "all"
"#
    );
    let source = Source::new("bench.toml", text);
    let loaded = load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
    Arc::new(loaded.unwrap_or_else(|found| panic!("{found}")).world.for_postings())
}
