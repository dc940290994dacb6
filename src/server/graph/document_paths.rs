//! The paths of the Graph API in the `OpenAPI` document, in their usual spelling, each with its request and response.
//! Must contain data only.

use super::route::Edition;

/// The path of a device's action, relative to the device.
pub(crate) const SEND: &str = "/sendCustomNotificationToCompanyPortal";
/// The paths of managed devices; beta has them as co-managed devices too.
const DEVICES: [&str; 3] = ["/deviceManagement/managedDevices", "/users/{user}/managedDevices", "/me/managedDevices"];
const COMANAGED: &str = "/deviceManagement/comanagedDevices";

/// The body of a path's response.
#[derive(Clone, Copy)]
pub(crate) enum ResponseShape {
    /// Empty.
    Done,
    /// A page of these.
    Page(&'static str),
    /// One of these.
    One(&'static str),
    /// A number, as text.
    Count,
}

/// The method and body of a request.
#[derive(Clone, Copy)]
pub(crate) enum RequestShape {
    Get,
    /// Without a body.
    Post,
    /// With this as JSON.
    PostJson(&'static str),
}

/// The paths that are read.
pub(crate) fn reads(edition: Edition) -> Vec<(String, ResponseShape)> {
    let mut reads = Vec::new();
    let mut list = |path: String, of: &'static str| {
        reads.push((format!("{path}/$count"), ResponseShape::Count));
        reads.push((path, ResponseShape::Page(of)));
    };
    for devices in managed(edition) {
        list(devices.to_owned(), "managedDevice");
        list(format!("{devices}/{{id}}/users"), "user");
    }
    for (path, of) in
        [("/users", "user"), ("/groups", "group"), ("/devices", "device"), ("/organization", "organization")]
    {
        list(path.to_owned(), of);
    }
    for path in MEMBERS {
        list(path.to_owned(), "directoryObject");
        for of in ["user", "group", "device"] {
            list(format!("{path}/microsoft.graph.{of}"), of);
        }
    }
    for (paths, of) in [(&MEMBERSHIPS[..], "group"), (&OWNED, "device"), (&OWNERS, "user")] {
        for path in paths {
            list((*path).to_owned(), "directoryObject");
            list(format!("{path}/microsoft.graph.{of}"), of);
        }
    }
    reads.extend(managed(edition).map(|devices| (format!("{devices}/{{id}}"), ResponseShape::One("managedDevice"))));
    let single = [
        ("/users/{user}", "user"),
        ("/me", "user"),
        ("/groups/{group}", "group"),
        ("/devices/{device}", "device"),
        ("/organization/{organization}", "organization"),
        ("/deviceManagement/managedDeviceOverview", "managedDeviceOverview"),
    ];
    reads.extend(single.map(|(path, of)| (path.to_owned(), ResponseShape::One(of))));
    reads
}

/// Paths of references between directory objects.
const MEMBERS: [&str; 2] = ["/groups/{group}/members", "/groups/{group}/transitiveMembers"];
const MEMBERSHIPS: [&str; 8] = [
    "/users/{user}/memberOf",
    "/users/{user}/transitiveMemberOf",
    "/me/memberOf",
    "/me/transitiveMemberOf",
    "/groups/{group}/memberOf",
    "/groups/{group}/transitiveMemberOf",
    "/devices/{device}/memberOf",
    "/devices/{device}/transitiveMemberOf",
];
const OWNED: [&str; 4] =
    ["/users/{user}/ownedDevices", "/users/{user}/registeredDevices", "/me/ownedDevices", "/me/registeredDevices"];
const OWNERS: [&str; 2] = ["/devices/{device}/registeredOwners", "/devices/{device}/registeredUsers"];

/// The paths of managed devices in an edition.
fn managed(edition: Edition) -> impl Iterator<Item = &'static str> {
    DEVICES.into_iter().chain((edition == Edition::Beta).then_some(COMANAGED))
}

/// The paths of actions; sending exists only in beta.
pub(crate) fn acts(edition: Edition) -> Vec<(String, RequestShape, ResponseShape)> {
    let mut acts = vec![("/$batch".to_owned(), RequestShape::PostJson("batch"), ResponseShape::One("batchAnswer"))];
    acts.extend(
        managed(edition)
            .map(|devices| (format!("{devices}/{{id}}/syncDevice"), RequestShape::Post, ResponseShape::Done)),
    );
    if edition == Edition::Beta {
        for devices in managed(edition) {
            acts.push((format!("{devices}/{{id}}{SEND}"), RequestShape::PostJson("notification"), ResponseShape::Done));
            let bulk = (RequestShape::PostJson("bulkAction"), ResponseShape::One("bulkManagedDeviceActionResult"));
            acts.push((format!("{devices}/executeAction"), bulk.0, bulk.1));
        }
        acts.push((
            format!("/deviceManagement{SEND}"),
            RequestShape::PostJson("groupNotification"),
            ResponseShape::Done,
        ));
    }
    acts
}
