//! Reading: devices as Intune sees them, which lags behind; users, groups and members as the directory has them, which does
//! not (R36, R37). Changes nothing but when a device was told to check in.

use roaring::RoaringBitmap;
use serde_json::json;
use uuid::Uuid;

use super::answer::Answer;
use super::call::Call;
use super::face::Face;
use super::failure::Failure;
use super::listing::{Listing, address, one};
use super::route::{Cast, Of, Reach, Who};
use super::shown::Shelf;
use super::warrant;
use crate::identity::{Bearer, Deed, id_of};
use crate::rules::directory::Directory;
use crate::rules::ids::{DeviceIx, GroupIx};
use crate::rules::tenant::Tenant;

/// Managed devices, all or of one user: those that are enrolled as Intune sees it.
pub(crate) async fn devices(face: &Face, call: &Call, who: Option<&Who>, of: Of) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadDevices)?;
    let listing = Listing::asked(call, Shelf::Devices(call.edition), of)?;
    let context = if who.is_some() { "users/managedDevices" } else { "deviceManagement/managedDevices" };
    let mut enrolled = look(face, |tenant| tenant.directory().all_visibly_enrolled().clone()).await?;
    if let Some(who) = who {
        let mut own = RoaringBitmap::new();
        if let Some(user) = face.user(&call.bearer, who)? {
            face.host.world().fleet.devices_of(user, |device| {
                own.insert(device.0);
            });
        }
        enrolled &= own;
    }
    listing.answer(call, face.scene(), enrolled.into_iter().collect(), context).await
}

/// One managed device.
pub(crate) async fn device(face: &Face, call: &Call, who: Option<&Who>, id: Uuid) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadDevices)?;
    let device = enrolled_device(face, call, who, id).await?;
    let shelf = Shelf::Devices(call.edition);
    one(call, shelf, &shelf.at(&face.scene(), device.0), "deviceManagement/managedDevices")
}

/// A device shall check in: noted as its last check-in, and no rule reads that.
pub(crate) async fn sync(face: &Face, call: &Call, who: Option<&Who>, id: Uuid) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::Sync)?;
    face.told_to_sync(enrolled_device(face, call, who, id).await?);
    Ok(Answer::done())
}

async fn enrolled_device(face: &Face, call: &Call, who: Option<&Who>, id: Uuid) -> Result<DeviceIx, Failure> {
    let device = face.device(&call.bearer, who, id)?;
    let is_enrolled = look(face, move |tenant| tenant.directory().visibly_enrolled(device)).await?;
    if is_enrolled { Ok(device) } else { Err(Failure::NotFound { what: id.to_string() }) }
}

/// Users.
pub(crate) async fn users(face: &Face, call: &Call, of: Of) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadUsers)?;
    let listing = Listing::asked(call, Shelf::Users, of)?;
    listing.answer(call, face.scene(), (0..face.host.world().fleet.users()).collect(), "users").await
}

/// One user; who is signed in need not be one of the fleet's.
pub(crate) fn user(face: &Face, call: &Call, who: &Who) -> Result<Answer, Failure> {
    let deed = if *who == Who::Me { Deed::ReadMe } else { Deed::ReadUsers };
    warrant::allowed(face, &call.bearer, deed)?;
    match (face.user(&call.bearer, who)?, &*call.bearer) {
        (Some(user), _) => one(call, Shelf::Users, &Shelf::Users.at(&face.scene(), user.0), "users"),
        (None, Bearer::Account { name, .. }) => Ok(Answer::json(json!({
            "@odata.context": address(&call.origin, call.edition, "users/$entity"),
            "id": id_of(face.roll.tenant(), "account", name),
            "displayName": name,
            "userPrincipalName": name,
            "mail": null,
            "accountEnabled": true,
        }))),
        (None, Bearer::App { .. }) => Err(Failure::NotFound { what: "me".to_owned() }),
    }
}

/// Groups.
pub(crate) async fn groups(face: &Face, call: &Call, of: Of) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadGroups)?;
    let listing = Listing::asked(call, Shelf::Groups, of)?;
    listing.answer(call, face.scene(), (0..groups_of(face)).collect(), "groups").await
}

/// One group.
pub(crate) fn group(face: &Face, call: &Call, id: Uuid) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadGroups)?;
    let group = find_group(face, id)?;
    one(call, Shelf::Groups, &Shelf::Groups.at(&face.scene(), group.0), "groups")
}

/// Members of a group: groups first, then users.
pub(crate) async fn members(
    face: &Face,
    call: &Call,
    id: Uuid,
    (reach, cast): (Reach, Cast),
    of: Of,
) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadGroups)?;
    let group = find_group(face, id)?;
    let first_user = groups_of(face);
    let (shelf, context) = match cast {
        Cast::Any => (Shelf::Objects { first_user }, "directoryObjects"),
        Cast::Users => (Shelf::Users, "users"),
        Cast::Groups => (Shelf::Groups, "groups"),
    };
    let listing = Listing::asked(call, shelf, of)?;
    let (groups, users) = look(face, move |tenant| below(tenant.directory(), group, reach)).await?;
    let places = match cast {
        Cast::Any => groups.into_iter().chain(users.iter().map(|user| first_user + user)).collect(),
        Cast::Users => users.into_iter().collect(),
        Cast::Groups => groups,
    };
    listing.answer(call, face.scene(), places, context).await
}

/// The groups and the users below a group.
fn below(directory: &Directory, group: GroupIx, reach: Reach) -> (Vec<u32>, RoaringBitmap) {
    match reach {
        Reach::Direct => {
            let inner = directory.nesting().directly(group).iter().map(|inner| inner.0).collect();
            (inner, directory.true_members(group).clone())
        }
        Reach::Transitive => {
            let below = directory.nesting().reach(&[group]);
            let inner = below.groups().filter(|inner| *inner != group).map(|inner| inner.0).collect();
            (inner, directory.true_users(&below))
        }
    }
}

fn groups_of(face: &Face) -> u32 {
    u32::try_from(face.host.world().groups.len()).expect("groups have indices")
}

fn find_group(face: &Face, id: Uuid) -> Result<GroupIx, Failure> {
    face.roll.find_group(id).ok_or_else(|| Failure::NotFound { what: id.to_string() })
}

async fn look<T: Send + 'static>(face: &Face, look: impl FnOnce(&Tenant) -> T + Send + 'static) -> Result<T, Failure> {
    face.host.look(look).await.map_err(|_| Failure::Unavailable)
}
