//! Parses a path into its route: any letter case, keys as segments or in parentheses, names with or without their
//! namespace. Must not know any device.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::error::GraphError;
use super::route::{Cast, DeviceKey, Edition, Holder, MembershipDepth, Of, Route, Tie, Via, Who};

/// Segments of a path, at most; the longest route has fewer than half.
const SEGMENTS_MAX: usize = 16;
/// The action that sends a notification.
const SEND: &str = "sendcustomnotificationtocompanyportal";

/// Parses a path, which begins with its edition.
///
/// # Errors
/// [`GraphError::NoSegment`], [`GraphError::NoEdition`], or [`GraphError::NotFound`] for a key that is not an id.
pub(crate) fn read(path: &str) -> Result<(Edition, Route), GraphError> {
    let mut segments = segments(path)?;
    if segments.is_empty() {
        return Err(GraphError::NoEdition { edition: String::new() });
    }
    let first = segments.remove(0);
    let editions = [Edition::V1, Edition::Beta];
    let edition = editions.into_iter().find(|edition| first.eq_ignore_ascii_case(edition.name()));
    let edition = edition.ok_or_else(|| GraphError::NoEdition { edition: first.into_owned() })?;
    Ok((edition, route(edition, &segments)?))
}

/// The segments of a path, decoded; `name('key')` counts as two.
fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, GraphError> {
    let mut found = Vec::with_capacity(SEGMENTS_MAX);
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let decoded = percent_decode_str(part).decode_utf8();
        let part = decoded.map_err(|_| GraphError::bad("The path is not UTF-8."))?;
        match part.strip_suffix(')').and_then(|part| part.split_once('(')) {
            Some((name, key)) => {
                found.push(Cow::Owned(name.to_owned()));
                if !key.is_empty() {
                    let quoted = key.strip_prefix('\'').and_then(|key| key.strip_suffix('\''));
                    found.push(Cow::Owned(quoted.map_or_else(|| key.to_owned(), |key| key.replace("''", "'"))));
                }
            }
            None => found.push(part),
        }
        if found.len() > SEGMENTS_MAX {
            return Err(GraphError::NoSegment { segment: found.pop().unwrap_or_default().into_owned() });
        }
    }
    Ok(found)
}

fn route(edition: Edition, segments: &[Cow<'_, str>]) -> Result<Route, GraphError> {
    let words: Vec<Cow<'_, str>> = segments.iter().map(lower).collect();
    let words: Vec<&str> = words.iter().map(|word| word.strip_prefix("microsoft.graph.").unwrap_or(word)).collect();
    let words: Vec<&str> = words.into_iter().map(|word| word.strip_prefix("graph.").unwrap_or(word)).collect();
    let path = Path { segments, at: 0 };
    let route = match words.as_slice() {
        ["devicemanagement", rest @ ..] => of_intune(edition, rest, path.past(1))?,
        ["me", rest @ ..] => of_user(Who::Me, rest, path.past(1))?,
        ["users", _, rest @ ..] if !is_count(&words[1..]) => {
            of_user(Who::Named(segments[1].clone().into_owned()), rest, path.past(2))?
        }
        ["users", rest @ ..] => Route::Users(path.past(1).counted(rest)?),
        ["groups", _, rest @ ..] if !is_count(&words[1..]) => of_group(path.id(1)?, rest, path.past(2))?,
        ["groups", rest @ ..] => Route::Groups(path.past(1).counted(rest)?),
        ["devices", _, rest @ ..] if !is_count(&words[1..]) => of_device(path.device(1)?, rest, path.past(2))?,
        ["devices", rest @ ..] => Route::Devices(path.past(1).counted(rest)?),
        ["organization", _] if !is_count(&words[1..]) => Route::Organization(path.id(1)?),
        ["organization", _, _, ..] => return Err(path.past(2).missing()),
        ["organization", rest @ ..] => Route::Organizations(path.past(1).counted(rest)?),
        ["$batch"] => Route::Batch,
        _ => return Err(path.missing()),
    };
    let is_only_beta = matches!(route, Route::SendToDevice(..) | Route::SendToGroups | Route::Bulk(_));
    if edition == Edition::V1 && is_only_beta {
        return Err(Path { segments, at: segments.len() - 1 }.missing());
    }
    Ok(route)
}

fn is_count(words: &[&str]) -> bool {
    words == ["$count"]
}

fn of_intune(edition: Edition, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    match rest {
        ["manageddevices", rest @ ..] => of_managed(Via::Managed, rest, path.past(1)),
        ["comanageddevices", rest @ ..] if edition == Edition::Beta => of_managed(Via::Comanaged, rest, path.past(1)),
        ["manageddeviceoverview"] => Ok(Route::Overview),
        [SEND] => Ok(Route::SendToGroups),
        ["manageddeviceoverview" | SEND, ..] => Err(path.past(1).missing()),
        _ => Err(path.missing()),
    }
}

/// The rest of a path after managed devices, all of them or a user's.
fn of_managed(via: Via, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    let id = || path.id(0);
    Ok(match rest {
        [] => Route::ManagedDevices(via, Of::List),
        ["$count"] => Route::ManagedDevices(via, Of::Count),
        ["executeaction"] => Route::Bulk(via),
        [_] => Route::ManagedDevice(via, id()?),
        [_, "syncdevice"] => Route::Sync(via, id()?),
        [_, SEND] => Route::SendToDevice(via, id()?),
        [_, "users", rest @ ..] => Route::UsersOfManagedDevice(via, id()?, path.past(2).counted(rest)?),
        [_, "syncdevice" | SEND, ..] => return Err(path.past(2).missing()),
        _ => return Err(path.past(1).missing()),
    })
}

/// The rest of a path after a user.
fn of_user(who: Who, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    Ok(match rest {
        [] => Route::User(who),
        ["manageddevices", rest @ ..] => of_managed(Via::Of(who), rest, path.past(1))?,
        ["owneddevices", rest @ ..] => {
            let (cast, of) = path.past(1).cast(rest)?;
            Route::DevicesOfUser(who, Tie::Owned, cast, of)
        }
        ["registereddevices", rest @ ..] => {
            let (cast, of) = path.past(1).cast(rest)?;
            Route::DevicesOfUser(who, Tie::Registered, cast, of)
        }
        rest => memberships(Holder::User(who), rest, path)?,
    })
}

/// The rest of a path after a device of the directory.
fn of_device(device: DeviceKey, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    Ok(match rest {
        [] => Route::Device(device),
        ["registeredowners", rest @ ..] => {
            let (cast, of) = path.past(1).cast(rest)?;
            Route::UsersOfDevice(device, Tie::Owned, cast, of)
        }
        ["registeredusers", rest @ ..] => {
            let (cast, of) = path.past(1).cast(rest)?;
            Route::UsersOfDevice(device, Tie::Registered, cast, of)
        }
        rest => memberships(Holder::Device(device), rest, path)?,
    })
}

/// The rest of a path after a group.
fn of_group(group: Uuid, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    let (reach, rest) = match rest {
        [] => return Ok(Route::Group(group)),
        ["members", rest @ ..] => (MembershipDepth::Direct, rest),
        ["transitivemembers", rest @ ..] => (MembershipDepth::Transitive, rest),
        rest => return memberships(Holder::Group(group), rest, path),
    };
    let (cast, of) = path.past(1).cast(rest)?;
    Ok(Route::Members(group, reach, cast, of))
}

/// The memberships of a user, a group or a device.
fn memberships(holder: Holder, rest: &[&str], path: Path<'_>) -> Result<Route, GraphError> {
    let (reach, rest) = match rest {
        ["memberof", rest @ ..] => (MembershipDepth::Direct, rest),
        ["transitivememberof", rest @ ..] => (MembershipDepth::Transitive, rest),
        _ => return Err(path.missing()),
    };
    let (cast, of) = path.past(1).cast(rest)?;
    Ok(Route::Memberships(holder, reach, cast, of))
}

/// A position in a path.
#[derive(Clone, Copy)]
struct Path<'p> {
    segments: &'p [Cow<'p, str>],
    at: usize,
}

impl Path<'_> {
    const fn past(self, segments: usize) -> Self {
        Self { at: self.at + segments, ..self }
    }

    /// The key that many segments ahead.
    fn id(self, ahead: usize) -> Result<Uuid, GraphError> {
        guid(&self.segments[self.at + ahead])
    }

    /// The key of a device: an id, or `deviceId='…'`.
    fn device(self, ahead: usize) -> Result<DeviceKey, GraphError> {
        let key = &self.segments[self.at + ahead];
        match key.split_once('=') {
            Some((name, id)) if name.trim().eq_ignore_ascii_case("deviceId") => {
                Ok(DeviceKey::DeviceId(guid(id.trim().trim_matches('\''))?))
            }
            _ => Ok(DeviceKey::Id(guid(key)?)),
        }
    }

    /// The end of a list's path.
    fn counted(self, rest: &[&str]) -> Result<Of, GraphError> {
        match rest {
            [] => Ok(Of::List),
            ["$count"] => Ok(Of::Count),
            ["$count", ..] => Err(self.past(1).missing()),
            _ => Err(self.missing()),
        }
    }

    /// The end of the path of a list of directory objects.
    fn cast(self, rest: &[&str]) -> Result<(Cast, Of), GraphError> {
        let cast = match rest.first() {
            Some(&"user") => Cast::Users,
            Some(&"group") => Cast::Groups,
            Some(&"device") => Cast::Devices,
            Some(&("directoryrole" | "administrativeunit" | "serviceprincipal" | "orgcontact" | "application")) => {
                Cast::Absent
            }
            _ => return Ok((Cast::Any, self.counted(rest)?)),
        };
        Ok((cast, self.past(1).counted(&rest[1..])?))
    }

    /// There is nothing at this position.
    fn missing(self) -> GraphError {
        let segment = self.segments.get(self.at).or(self.segments.last()).cloned().unwrap_or_default();
        GraphError::NoSegment { segment: segment.into_owned() }
    }
}

/// A segment in lower case, for comparison.
fn lower<'p>(segment: &'p Cow<'p, str>) -> Cow<'p, str> {
    if segment.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(segment.to_ascii_lowercase())
    } else {
        Cow::Borrowed(segment)
    }
}

fn guid(text: &str) -> Result<Uuid, GraphError> {
    Uuid::try_parse(text).map_err(|_| GraphError::NotFound { what: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    fn routed(path: &str) -> Route {
        read(&path.replace("ID", ID)).unwrap_or_else(|failure| panic!("{path}: {failure:?}")).1
    }

    #[test]
    fn one_route_has_many_spellings() {
        let id = Uuid::try_parse(ID).expect("it is one");
        for path in [
            "/beta/deviceManagement/managedDevices/ID/sendCustomNotificationToCompanyPortal",
            "/BETA/devicemanagement/MANAGEDDEVICES/ID/sendcustomnotificationtocompanyportal",
            "/beta/deviceManagement/managedDevices('ID')/sendCustomNotificationToCompanyPortal",
            "/beta/deviceManagement/managedDevices(ID)/microsoft.graph.sendCustomNotificationToCompanyPortal()",
            "/beta/deviceManagement/managedDevices%28%27ID%27%29/sendCustomNotificationToCompanyPortal/",
            "/beta//deviceManagement/managedDevices/ID/sendCustomNotificationToCompanyPortal",
        ] {
            assert_eq!(routed(path), Route::SendToDevice(Via::Managed, id), "{path}");
        }
        let owned = Route::SendToDevice(Via::Of(Who::Named("o'hara@x.example".to_owned())), id);
        let path = "/beta/users('o''hara@x.example')/managedDevices/ID/sendCustomNotificationToCompanyPortal";
        assert_eq!(routed(path), owned);
        let members = |cast| Route::Members(id, MembershipDepth::Transitive, cast, Of::Count);
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/microsoft.graph.user/$count"), members(Cast::Users));
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/graph.group/$count"), members(Cast::Groups));
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/$count"), members(Cast::Any));
        assert_eq!(routed("/v1.0/me/managedDevices"), Route::ManagedDevices(Via::Of(Who::Me), Of::List));
        let by_key = Route::Device(DeviceKey::DeviceId(id));
        assert_eq!(routed("/v1.0/devices(deviceId='ID')"), by_key);
        assert_eq!(routed("/v1.0/devices/ID"), Route::Device(DeviceKey::Id(id)));
    }

    #[test]
    fn only_beta_has_the_actions() {
        for path in [
            "/v1.0/deviceManagement/managedDevices/ID/sendCustomNotificationToCompanyPortal",
            "/v1.0/deviceManagement/sendCustomNotificationToCompanyPortal",
            "/v1.0/deviceManagement/managedDevices/executeAction",
        ] {
            let failure = read(&path.replace("ID", ID)).expect_err("it is refused");
            assert!(matches!(failure, GraphError::NoSegment { .. }), "{path}: {failure:?}");
        }
        assert!(read("/v1.0/deviceManagement/managedDevices").is_ok());
    }

    #[test]
    fn what_is_not_there_is_named() {
        for (path, segment) in [
            ("/beta/deviceManagement/apps", "apps"),
            ("/beta/teams", "teams"),
            ("/beta/users/x/messages", "messages"),
            ("/beta/groups/ID/owners", "owners"),
            ("/beta/groups/ID/members/ID", "ID"),
            ("/beta/users/x/managedDevices/ID/wipe", "wipe"),
            ("/v1.0/deviceManagement/managedDevices/ID/foo", "foo"),
            ("/v1.0/deviceManagement/managedDevices/ID/syncDevice/foo", "foo"),
            (
                "/v1.0/deviceManagement/managedDevices/ID/sendCustomNotificationToCompanyPortal",
                "sendCustomNotificationToCompanyPortal",
            ),
            ("/v1.0/deviceManagement/comanagedDevices/ID/syncDevice", "comanagedDevices"),
            ("/v1.0/users/$count/x", "x"),
            ("/v1.0/devices/ID/commands", "commands"),
            ("/v1.0/organization/ID/branding", "branding"),
        ] {
            let failure = read(&path.replace("ID", ID)).expect_err("it is refused");
            assert!(
                matches!(&failure, GraphError::NoSegment { segment: found } if *found == segment.replace("ID", ID)),
                "{path}: {failure:?}"
            );
        }
        assert!(matches!(read("/v2.0/users"), Err(GraphError::NoEdition { .. })));
        assert!(matches!(read("/beta/groups/everyone"), Err(GraphError::NotFound { .. })));
        assert!(read("/beta/%ff").is_err());
    }
}
