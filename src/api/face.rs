//! The Graph face of one tenant: what it knows, and which answer belongs to which route. Knows no socket.

use std::sync::{Arc, Mutex, PoisonError};

use dashmap::DashMap;
use uuid::Uuid;

use super::answer::Answer;
use super::call::Call;
use super::failure::Failure;
use super::roll::Roll;
use super::route::{Method, Route, Who};
use super::{batch, bulk, read, send};
use crate::clock::Stopwatch;
use crate::identity::{Bearer, Clients, Grants, Issuer};
use crate::rules::ids::{DeviceIx, UserIx};
use crate::rules::posting::Posting;
use crate::rules::request_limit::{Effect, RequestLimits};
use crate::rules::time::SimTime;
use crate::rules::world::World;
use crate::run::{Host, HostError, PostingVerdict};

/// What a face is made from.
#[derive(Debug)]
pub struct FaceOptions {
    /// The tenant.
    pub host: Host,
    /// Its ids.
    pub roll: Arc<Roll>,
    /// Who issues its tokens.
    pub issuer: Issuer,
    /// Applications that may ask for tokens.
    pub clients: Clients,
    /// Which permissions are enough for what.
    pub grants: Grants,
    /// Whether the documented limits on requests hold.
    pub throttling: Throttling,
}

/// Whether requests are limited as Graph documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttling {
    /// They are.
    On,
    /// As many as come.
    Off,
}

/// See the file.
#[derive(Debug)]
pub struct Face {
    pub(crate) host: Host,
    pub(crate) roll: Arc<Roll>,
    pub(crate) issuer: Issuer,
    pub(crate) clients: Clients,
    pub(crate) grants: Grants,
    /// Requests by second since the face was made, if they are limited.
    limits: Option<(Stopwatch, Mutex<RequestLimits>)>,
    /// By device, in which era and when it was told to check in.
    synced: Arc<DashMap<DeviceIx, (u64, SimTime)>>,
}

/// What entities are read from: a world under a moment.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) roll: Arc<Roll>,
    pub(crate) now: SimTime,
    era: u64,
    synced: Arc<DashMap<DeviceIx, (u64, SimTime)>>,
}

impl Scene {
    /// When the device was told to check in, if it was.
    pub(crate) fn synced_at(&self, device: DeviceIx) -> Option<SimTime> {
        let synced = self.synced.get(&device).filter(|synced| synced.0 == self.era)?;
        Some(synced.1)
    }
}

impl Face {
    /// The face of a hosted tenant.
    pub fn new(options: FaceOptions) -> Self {
        let FaceOptions { host, roll, issuer, clients, grants, throttling } = options;
        let limits = (throttling == Throttling::On).then(|| (Stopwatch::start(), Mutex::default()));
        Self { host, roll, issuer, clients, grants, limits, synced: Arc::default() }
    }

    /// The tenant's id.
    pub fn id(&self) -> Uuid {
        self.roll.tenant()
    }

    /// The tenant's name, which is its scenario's.
    pub fn name(&self) -> &str {
        &self.host.world().name
    }

    /// Its world.
    pub fn world(&self) -> &Arc<World> {
        self.host.world()
    }

    /// Its engine.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its ids.
    pub fn roll(&self) -> &Arc<Roll> {
        &self.roll
    }

    /// The world as it is now.
    pub(crate) fn scene(&self) -> Scene {
        let (world, roll) = (self.host.world().clone(), self.roll.clone());
        Scene { world, roll, now: self.host.clock().now(), era: self.host.era(), synced: self.synced.clone() }
    }

    /// Is there room for another request?
    fn admit(&self, call: &Call) -> Result<(), Failure> {
        let Some((watch, limits)) = self.limits.as_ref().filter(|_| call.route.is_of_intune()) else { return Ok(()) };
        let effect = match call.route.method() {
            Method::Get => Effect::Read,
            Method::Post => Effect::Write,
        };
        let second = watch.us() / 1_000_000;
        let mut limits = limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.take(call.bearer.app(), effect, second).map_err(|retry_after| Failure::Throttled { retry_after })
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        self.admit(call)?;
        match &call.route {
            Route::SendToDevice(who, id) => send::to_device(self, call, who.as_ref(), *id).await,
            Route::SendToGroups => send::to_groups(self, call).await,
            Route::Bulk => bulk::act(self, call).await,
            Route::Sync(who, id) => read::sync(self, call, who.as_ref(), *id).await,
            Route::Devices(who, of) => read::devices(self, call, who.as_ref(), *of).await,
            Route::Device(who, id) => read::device(self, call, who.as_ref(), *id).await,
            Route::Users(of) => read::users(self, call, *of).await,
            Route::User(who) => read::user(self, call, who),
            Route::Groups(of) => read::groups(self, call, *of).await,
            Route::Group(id) => read::group(self, call, *id),
            Route::Members(id, reach, cast, of) => read::members(self, call, *id, (*reach, *cast), *of).await,
            Route::Batch => Box::pin(batch::answer(self, call)).await,
        }
    }

    /// Asks the tenant for messages, on behalf of a request.
    pub(crate) async fn post(&self, call: &Call, postings: Vec<Posting>) -> Result<Vec<PostingVerdict>, Failure> {
        self.host.post(postings, call.ids.client_request()).await.map_err(|_: HostError| Failure::Unavailable)
    }

    /// The user that is meant; who is signed in may be none of the fleet's.
    pub(crate) fn user(&self, bearer: &Bearer, who: &Who) -> Result<Option<UserIx>, Failure> {
        match (who, bearer) {
            (Who::Named(key), _) => {
                let found = self.roll.find_user(key);
                found.map(Some).ok_or_else(|| Failure::NotFound { what: key.clone() })
            }
            (Who::Me, Bearer::Account { name, .. }) => {
                Ok(self.roll.find_user(name).or_else(|| self.host.world().fleet.find_user(name)))
            }
            (Who::Me, Bearer::App { .. }) => {
                Err(Failure::bad("/me request is only valid with delegated authentication flow."))
            }
        }
    }

    /// The device with this id, if it belongs to whom it is looked for at.
    pub(crate) fn device(&self, bearer: &Bearer, who: Option<&Who>, id: Uuid) -> Result<DeviceIx, Failure> {
        let missing = || Failure::NotFound { what: id.to_string() };
        let found = self.roll.find_device(id);
        let Some(who) = who else { return found.ok_or_else(missing) };
        let user = self.user(bearer, who)?.ok_or_else(missing)?;
        found.filter(|device| self.host.world().fleet.user_of(*device) == Some(user)).ok_or_else(missing)
    }

    /// The device was told to check in.
    pub(crate) fn told_to_sync(&self, device: DeviceIx) {
        self.synced.insert(device, (self.host.era(), self.host.clock().now()));
    }
}
