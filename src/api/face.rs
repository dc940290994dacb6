//! The Graph face of one tenant: what it knows, and which answer belongs to which route. Knows no socket.

use std::sync::Arc;

use dashmap::DashMap;
use uuid::Uuid;

use super::answer::Answer;
use super::call::Call;
use super::failure::Failure;
use super::roll::Roll;
use super::route::{Route, Who};
use super::{batch, bulk, read, send};
use crate::identity::{Bearer, Checked, Clients, Distrust, Grants, Issuer};
use crate::metrics::{Meters, Route as HttpRoute, Status};
use crate::rules::ids::{DeviceIx, UserIx};
use crate::rules::posting::Posting;
use crate::rules::time::SimTime;
use crate::rules::world::World;
use crate::run::{Host, HostError, PostingVerdict};

/// Tokens that were checked and are kept, so that a busy one is not checked again; past that all are checked anew.
const TOKENS_KEPT_MAX: usize = 10_000;

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
    /// Where to count for Prometheus, if anybody looks.
    pub meters: Option<Arc<Meters>>,
}

/// See the file.
#[derive(Debug)]
pub struct Face {
    pub(crate) host: Host,
    pub(crate) roll: Arc<Roll>,
    pub(crate) issuer: Issuer,
    pub(crate) clients: Clients,
    pub(crate) grants: Grants,
    meters: Option<Arc<Meters>>,
    synced: Arc<DashMap<DeviceIx, SimTime>>,
    trusted: DashMap<String, (Arc<Bearer>, u64)>,
}

/// What entities are read from: a world under a moment.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) roll: Arc<Roll>,
    pub(crate) now: SimTime,
    /// Devices that were told to check in, and when.
    pub(crate) synced: Arc<DashMap<DeviceIx, SimTime>>,
}

impl Face {
    /// The face of a hosted tenant.
    pub fn new(options: FaceOptions) -> Self {
        let FaceOptions { host, roll, issuer, clients, grants, meters } = options;
        Self { host, roll, issuer, clients, grants, meters, synced: Arc::default(), trusted: DashMap::new() }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: HttpRoute, status: u16, took_us: u64) {
        if let Some(meters) = &self.meters {
            meters.answered(route, Status::of(status), took_us);
        }
    }

    /// The world as it is now.
    pub(crate) fn scene(&self) -> Scene {
        let (world, roll) = (self.host.world().clone(), self.roll.clone());
        Scene { world, roll, now: self.host.clock().now(), synced: self.synced.clone() }
    }

    /// Whose token it is, at `now` in Unix seconds.
    pub(crate) fn bearer(&self, token: &str, now: u64) -> Result<Arc<Bearer>, Distrust> {
        if let Some(known) = self.trusted.get(token)
            && known.1 > now
        {
            return Ok(known.0.clone());
        }
        let Checked { bearer, expires } = self.issuer.check(token)?;
        if self.trusted.len() >= TOKENS_KEPT_MAX {
            self.trusted.clear();
        }
        let bearer = Arc::new(bearer);
        self.trusted.insert(token.to_owned(), (bearer.clone(), expires));
        Ok(bearer)
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
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
        self.host.post(postings, &call.ids.client_request).await.map_err(|_: HostError| Failure::Unavailable)
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
        self.synced.insert(device, self.host.clock().now());
    }
}
