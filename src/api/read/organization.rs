//! The organisation: one, the caller's own.

use uuid::Uuid;

use super::look::collection;
use crate::api::answer::Answer;
use crate::api::call::Call;
use crate::api::entities::Entities;
use crate::api::face::Face;
use crate::api::failure::Failure;
use crate::api::listing::{Listing, Single};
use crate::api::route::Of;
use crate::api::warrant;
use crate::identity::Deed;
use crate::odata::Reached;

/// A list of one.
pub(crate) async fn organizations(face: &Face, call: &Call, of: Of) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadOrganization)?;
    let organizations = collection(call, Entities::Organizations);
    let listing = Listing::asked(face, call, organizations, of, Reached::Directly)?;
    listing.answer(call, face.scene(), vec![0]).await
}

/// The one with this id, if it is the caller's.
pub(crate) fn organization(face: &Face, call: &Call, id: Uuid) -> Result<Answer, Failure> {
    warrant::allowed(face, &call.bearer, Deed::ReadOrganization)?;
    let organizations = collection(call, Entities::Organizations);
    let single = Single::asked(face, call, organizations)?;
    if id != face.roll.tenant() {
        return Err(Failure::NotFound { what: id.to_string() });
    }
    Ok(single.answer(call, &organizations.at(&face.scene(), 0)))
}
