//! A hosted tenant behind the Graph API on a port of its own. Must not hold a rule of the service.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use uuid::Uuid;

use super::message::SentMessage;
use crate::clock::{Clock, unix_ms};
use crate::embed::{Error, Scenario, ServerError};
use crate::host::{HostOptions, HostedTenant, Posted, stations};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::model::live::ModelSpeed;
use crate::scenario::duration_ms;
use crate::server::graph::{GraphIds, GraphTenant, GraphTenantOptions, Tenants, Throttling, service};
use crate::server::http::{Forwarded, LinkOrigins, ListenerOptions, Scheme, Server};
use crate::server::identity::{Bearer, Clients, Grants, Issuer, PERMISSIONS, SigningKey};
use crate::server::odata::Strictness;

/// The application whose tokens [`GraphServer::token`] gives.
const APP: &str = "reveille-test";
/// The clock of a test server in thousandths of life, until it is advanced.
const LIFE: u64 = 1_000;

/// A Graph API for one tenant, in this process. Model time goes like life and is jumped ahead by [`GraphServer::advance`].
#[derive(Debug)]
pub struct GraphServer {
    host: HostedTenant,
    graph_ids: Arc<GraphIds>,
    issuer: Issuer,
    server: Server,
}

impl GraphServer {
    /// Starts a server for the tenant of a scenario on a free port of 127.0.0.1. The scenario's own sends are not sent: the test
    /// sends. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Host`] and [`Error::Server`].
    pub async fn start(scenario: Scenario) -> Result<Self, Error> {
        let world = Arc::new(scenario.into_world().for_postings());
        let options = HostOptions {
            shards: world.live.shards,
            resident_actors_max: world.live.resident_actors_max,
            keep_fates: false,
            meters: None,
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let host = HostedTenant::start(Arc::clone(&world), Clock::start(ModelSpeed::Times(LIFE)), options).await?;
        let graph_ids = Arc::new(GraphIds::new(&world));
        let key = SigningKey::generate_pem().and_then(|pem| SigningKey::from_pem(&pem)).map_err(ServerError::from)?;
        let issuer = Issuer::new(key, graph_ids.tenant()).of_domain(&world.domain);
        let tenant = GraphTenant::new(GraphTenantOptions {
            host: host.clone(),
            graph_ids: Arc::clone(&graph_ids),
            issuer: issuer.clone(),
            clients: Clients::default(),
            grants: Grants::default(),
            throttling: Throttling::Off,
            strictness: Strictness::AsGraph,
        });
        let tenants = Tenants::new(vec![Arc::new(tenant)], Vec::new(), None).map_err(ServerError::from)?;
        let origins = LinkOrigins::per_request(Scheme::Http, Forwarded::Ignored);
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(service(Arc::new(tenants), origins), any_port, &ListenerOptions::alone(None));
        let server = server.map_err(ServerError::from)?;
        Ok(Self { host, graph_ids, issuer, server })
    }

    /// The address that stands for `https://graph.microsoft.com`, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> Uuid {
        self.graph_ids.tenant()
    }

    /// The `managedDevices` id of a device, by its name in the scenario.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn device_id(&self, name: &str) -> Result<Uuid, Error> {
        Ok(self.graph_ids.device(self.device(name)?))
    }

    fn device(&self, name: &str) -> Result<DeviceIx, Error> {
        let found = self.host.world().fleet.find_device(name);
        found.ok_or_else(|| Error::Unknown {
            what: "device",
            name: name.to_owned(),
            known: "those of the scenario".to_owned(),
        })
    }

    /// A bearer token for an account of the scenario, with every permission that sending and reading need; `administrator` is
    /// always there.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`Error::Server`].
    pub fn token(&self, account: &str) -> Result<String, Error> {
        let accounts = &self.host.world().accounts;
        if !accounts.iter().any(|known| known.name == account) {
            let known: Vec<&str> = accounts.iter().map(|known| known.name.as_str()).collect();
            return Err(Error::Unknown { what: "account", name: account.to_owned(), known: known.join(", ") });
        }
        let permissions = PERMISSIONS.iter().map(|permission| (*permission).to_owned()).collect();
        let bearer = Bearer::Account { name: account.to_owned(), permissions, app: APP.to_owned() };
        Ok(self.issuer.issue(&bearer, unix_ms() / 1_000).map_err(ServerError::from)?)
    }

    /// Model time, in ms since the scenario's start.
    pub fn now_ms(&self) -> u64 {
        self.host.now().ms()
    }

    /// Lets a span of model time pass at once, such as `90s` or `1h30m`: everything that is due by then has happened when this
    /// returns. The model time afterwards, in ms.
    ///
    /// # Errors
    /// [`Error::Span`], and [`Error::Host`] if the scenario ends before that.
    pub async fn advance(&self, by: &str) -> Result<u64, Error> {
        let span = |why: String| Error::Span { text: by.to_owned(), why };
        let ms = duration_ms(by).map_err(|why| span(format!("{}; {}", why.message, why.help)))?;
        Ok(self.host.advance(ms).await?.ms())
    }

    /// Every message that was accepted, in that order.
    ///
    /// # Errors
    /// [`Error::Host`].
    pub async fn messages(&self) -> Result<Vec<SentMessage>, Error> {
        let posted: Vec<Posted> = self.host.log(|log| log.from(MessageIx(0)).collect());
        self.seen(posted).await
    }

    /// One message, as soon as no pair of it waits. Model time goes like life meanwhile: advance it first, or at the same time.
    ///
    /// # Errors
    /// [`Error::Unknown`] and [`Error::Host`].
    pub async fn settled(&self, message: u32) -> Result<SentMessage, Error> {
        let known = self.host.log(|log| log.posted(MessageIx(message)));
        let unknown =
            || Error::Unknown { what: "message", name: message.to_string(), known: "those of `messages`".to_owned() };
        let posted = known.ok_or_else(unknown)?;
        self.host.settled(posted.message).await?;
        self.seen(vec![posted]).await?.pop().ok_or_else(unknown)
    }

    /// Starts a fault now: one `[[fault]]` of a scenario as JSON, without `at` and `after`.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::ByHand`].
    pub async fn start_fault(&self, fault: &str) -> Result<(), Error> {
        self.host.start_fault(fault).await?;
        Ok(())
    }

    /// Stops a fault for good, by its name.
    ///
    /// # Errors
    /// [`Error::ByHand`].
    pub async fn stop_fault(&self, name: &str) -> Result<(), Error> {
        self.host.stop_fault(name).await?;
        Ok(())
    }

    /// Sets a phone by hand from now on: its device by name, and any of `online`, `locked`, `foreground`, `play_services`,
    /// `battery_restricted`, `app` and `permission` as JSON. Null is as the phone is by itself.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::ByHand`] and [`Error::Host`].
    pub async fn set_phone(&self, device: &str, settings: &str) -> Result<(), Error> {
        let device = self.device(device)?;
        let patch = crate::json::from_slice(settings.as_bytes()).map_err(|error| Error::ByHand(error.to_string()))?;
        self.host.set_phone(device, patch).await?;
        Ok(())
    }

    async fn seen(&self, posted: Vec<Posted>) -> Result<Vec<SentMessage>, Error> {
        let (world, looks) = self.host.messages(posted.iter().map(|posted| posted.message).collect()).await?;
        let seen = posted.into_iter().zip(&looks).map(|(posted, look)| SentMessage {
            id: posted.message.0,
            request_id: posted.request.is_known().then(|| posted.request.to_string()),
            account: world.accounts[posted.account.at()].name.clone(),
            accepted_at_ms: posted.at.ms(),
            pairs: look.sent,
            is_settled: look.is_settled(),
            stations: stations(look),
            dismissed: look.dismissed,
            exposed: look.exposed,
        });
        Ok(seen.collect())
    }
}
