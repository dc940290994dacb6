//! Groups, their members, and memberships of groups, users and devices.

use roaring::RoaringBitmap;
use uuid::Uuid;

use super::devices::find_device;
use super::look::{collection, groups_of, look, objects, scene, scene_for};
use crate::rules::base::ids::{GroupIx, UserIx};
use crate::rules::sending::directory::Directory;
use crate::server::graph::answer::Answer;
use crate::server::graph::authorize;
use crate::server::graph::call::Call;
use crate::server::graph::entities::Entities;
use crate::server::graph::error::GraphError;
use crate::server::graph::listing::{Listing, Single};
use crate::server::graph::places::Places;
use crate::server::graph::route::{Cast, Holder, MembershipDepth, Of, Route, Who};
use crate::server::graph::scene::{Needs, Scene};
use crate::server::graph::tenant::GraphTenant;
use crate::server::identity::Operation;
use crate::server::odata::Reached;

/// Groups.
pub(crate) async fn groups(graph_tenant: &GraphTenant, call: &Call, of: Of) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadGroups)?;
    let listing = Listing::read(graph_tenant, call, collection(call, Entities::Groups), of, Reached::Directly)?;
    let scene = scene_for(graph_tenant, listing.is_expanded()).await?;
    listing.answer(call, scene, Places::First(groups_of(graph_tenant))).await
}

/// One group.
pub(crate) async fn group(graph_tenant: &GraphTenant, call: &Call, id: Uuid) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadGroups)?;
    let groups = collection(call, Entities::Groups);
    let single = Single::read(graph_tenant, call, groups)?;
    let group = find_group(graph_tenant, id)?;
    let scene = scene_for(graph_tenant, single.is_expanded()).await?;
    Ok(single.answer(call, &groups.at(&scene, group.0)))
}

/// Members of a group: groups first, then users, then devices.
pub(crate) async fn members(
    graph_tenant: &GraphTenant,
    call: &Call,
    id: Uuid,
    (reach, cast): (MembershipDepth, Cast),
    of: Of,
) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, Operation::ReadGroups)?;
    let group = find_group(graph_tenant, id)?;
    let listing = listing_of(graph_tenant, call, (reach, cast), of)?;
    let scene = scene(graph_tenant, needs(&listing)).await?;
    let users = look(graph_tenant, move |tenant| users_below(tenant.directory(), group, reach)).await?;
    let places: Places = match cast {
        Cast::Groups => inner(&scene, group, reach).into(),
        Cast::Users => users.into(),
        Cast::Devices => scene.devices_in(&inside(&scene, group, reach)).into(),
        Cast::Absent => Places::First(0),
        Cast::Any => {
            let first_user = groups_of(graph_tenant);
            let first_device = first_user + graph_tenant.host.world().fleet.users();
            let users = users.into_iter().map(|user| first_user + user);
            let devices = scene.devices_in(&inside(&scene, group, reach)).into_iter();
            let devices = devices.map(|device| first_device + device);
            inner(&scene, group, reach).into_iter().chain(users).chain(devices).collect::<Vec<_>>().into()
        }
    };
    listing.answer(call, scene, places).await
}

/// The groups that a user, group or device belongs to.
pub(crate) async fn memberships(
    graph_tenant: &GraphTenant,
    call: &Call,
    holder: &Holder,
    (reach, cast): (MembershipDepth, Cast),
    of: Of,
) -> Result<Answer, GraphError> {
    authorize::allowed(graph_tenant, &call.bearer, needed_for(holder))?;
    let listing = listing_of(graph_tenant, call, (reach, cast), of)?;
    let scene = scene(graph_tenant, needs(&listing)).await?;
    let direct = match holder {
        Holder::User(who) => match graph_tenant.user(&call.bearer, who)? {
            Some(user) => groups_of_user(graph_tenant, user).await?,
            None => Vec::new(),
        },
        Holder::Group(id) => scene.groups_of_group(find_group(graph_tenant, *id)?),
        Holder::Device(key) => scene.groups_of_device(find_device(graph_tenant, *key)?),
    };
    let groups = match (cast, reach) {
        (Cast::Any | Cast::Groups, MembershipDepth::Direct) => direct,
        (Cast::Any | Cast::Groups, MembershipDepth::Transitive) => scene.above(direct),
        // Only groups have members.
        (Cast::Users | Cast::Devices | Cast::Absent, _) => Vec::new(),
    };
    listing.answer(call, scene, groups.into_iter().map(|group| group.0).collect::<Vec<_>>()).await
}

/// Expanded links need all memberships; without them, the requested ones are looked up alone.
fn needs(listing: &Listing) -> Needs {
    if listing.is_expanded() { Needs::Memberships } else { Needs::Enrolments }
}

/// The users that are members of a group at present, without the directory lag.
fn users_below(directory: &Directory, group: GroupIx, reach: MembershipDepth) -> RoaringBitmap {
    match reach {
        MembershipDepth::Direct => directory.true_members(group).clone(),
        MembershipDepth::Transitive => directory.true_users(&directory.nesting().reach(&[group])),
    }
}

/// The groups that have a user as a direct member at present, without the directory lag.
async fn groups_of_user(graph_tenant: &GraphTenant, user: UserIx) -> Result<Vec<GroupIx>, GraphError> {
    let groups = groups_of(graph_tenant);
    look(graph_tenant, move |tenant| {
        let having = (0..groups).map(GroupIx);
        having.filter(|group| tenant.directory().true_members(*group).contains(user.0)).collect()
    })
    .await
}

const fn needed_for(holder: &Holder) -> Operation {
    match holder {
        Holder::User(Who::Me) => Operation::ReadMe,
        Holder::User(Who::Named(_)) => Operation::ReadMemberships,
        Holder::Group(_) => Operation::ReadGroups,
        Holder::Device(_) => Operation::ReadRegistrations,
    }
}

/// A query on members or memberships, of one type or of all.
fn listing_of(
    graph_tenant: &GraphTenant,
    call: &Call,
    (reach, cast): (MembershipDepth, Cast),
    of: Of,
) -> Result<Listing, GraphError> {
    let entities = match cast {
        Cast::Any | Cast::Absent => objects(graph_tenant),
        Cast::Users => Entities::Users,
        Cast::Groups => Entities::Groups,
        Cast::Devices => Entities::Devices,
    };
    let is_measured = matches!(call.route, Route::Members(..));
    let reached = match (reach, cast) {
        (MembershipDepth::Transitive, Cast::Groups) if is_measured => Reached::ByGroupCast,
        _ => Reached::ByReference,
    };
    Listing::read(graph_tenant, call, collection(call, entities), of, reached)
}

/// The groups whose members are requested.
fn inside(scene: &Scene, group: GroupIx, reach: MembershipDepth) -> Vec<GroupIx> {
    match reach {
        MembershipDepth::Direct => vec![group],
        MembershipDepth::Transitive => scene.below(group),
    }
}

/// The groups that are members, in ascending order.
fn inner(scene: &Scene, group: GroupIx, reach: MembershipDepth) -> Vec<u32> {
    let mut inner: Vec<u32> = match reach {
        MembershipDepth::Direct => scene.world.groups[group.at()].groups.iter().map(|inner| inner.0).collect(),
        MembershipDepth::Transitive => {
            scene.below(group).into_iter().filter(|inner| *inner != group).map(|inner| inner.0).collect()
        }
    };
    inner.sort_unstable();
    inner.dedup();
    inner
}

fn find_group(graph_tenant: &GraphTenant, id: Uuid) -> Result<GroupIx, GraphError> {
    graph_tenant.graph_ids.find_group(id).ok_or_else(|| GraphError::NotFound { what: id.to_string() })
}
