//! A path to the route it means: any letter case, keys as segments or in parentheses, names with or without their namespace.
//! Knows no device.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use uuid::Uuid;

use super::failure::Failure;
use super::route::{Cast, Edition, Of, Reach, Route, Who};

/// Segments of a path; no route has half as many.
const SEGMENTS_MAX: usize = 16;
/// The action that everything here is about.
const SEND: &str = "sendcustomnotificationtocompanyportal";

/// Reads a path, which begins with its edition.
///
/// # Errors
/// [`Failure::NoSegment`], [`Failure::NoEdition`] or [`Failure::NotFound`] for a key that is no id.
pub(crate) fn read(path: &str) -> Result<(Edition, Route), Failure> {
    let mut segments = segments(path)?;
    if segments.is_empty() {
        return Err(Failure::NoEdition { edition: String::new() });
    }
    let first = segments.remove(0);
    let editions = [Edition::V1, Edition::Beta];
    let edition = editions.into_iter().find(|edition| first.eq_ignore_ascii_case(edition.name()));
    let edition = edition.ok_or_else(|| Failure::NoEdition { edition: first.into_owned() })?;
    Ok((edition, route(edition, &segments)?))
}

/// The parts of a path, decoded; `name('key')` is two of them.
fn segments(path: &str) -> Result<Vec<Cow<'_, str>>, Failure> {
    let mut found = Vec::with_capacity(SEGMENTS_MAX);
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let decoded = percent_decode_str(part).decode_utf8();
        let part = decoded.map_err(|_| Failure::bad("The path is not UTF-8."))?;
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
            return Err(Failure::NoSegment { segment: found.pop().unwrap_or_default().into_owned() });
        }
    }
    Ok(found)
}

fn route(edition: Edition, segments: &[Cow<'_, str>]) -> Result<Route, Failure> {
    let words: Vec<Cow<'_, str>> = segments.iter().map(lower).collect();
    let words: Vec<&str> = words.iter().map(|word| word.strip_prefix("microsoft.graph.").unwrap_or(word)).collect();
    let named = |at: usize| Some(Who::Named(segments[at].clone().into_owned()));
    let id = |at: usize| guid(&segments[at]);
    let route = match words.as_slice() {
        ["devicemanagement", rest @ ..] => match rest {
            ["manageddevices"] => Route::Devices(None, Of::List),
            ["manageddevices", "$count"] => Route::Devices(None, Of::Count),
            ["manageddevices", "executeaction"] => Route::Bulk,
            ["manageddevices", _] => Route::Device(None, id(2)?),
            ["manageddevices", _, "syncdevice"] => Route::Sync(None, id(2)?),
            ["manageddevices" | "comanageddevices", _, SEND] => Route::SendToDevice(None, id(2)?),
            [SEND] => Route::SendToGroups,
            _ => return Err(unknown(segments, 1)),
        },
        ["users"] => Route::Users(Of::List),
        ["users", "$count"] => Route::Users(Of::Count),
        ["me", rest @ ..] => of_user(Some(Who::Me), rest, segments, 1)?,
        ["users", _, rest @ ..] => of_user(named(1), rest, segments, 2)?,
        ["groups"] => Route::Groups(Of::List),
        ["groups", "$count"] => Route::Groups(Of::Count),
        ["groups", _] => Route::Group(id(1)?),
        ["groups", _, rest @ ..] => members(id(1)?, rest).ok_or_else(|| unknown(segments, 2))?,
        ["$batch"] => Route::Batch,
        _ => return Err(unknown(segments, 0)),
    };
    let comanaged = words.get(1) == Some(&"comanageddevices");
    let is_only_beta = comanaged || matches!(route, Route::SendToDevice(..) | Route::SendToGroups | Route::Bulk);
    if edition == Edition::V1 && is_only_beta {
        return Err(Failure::NoSegment { segment: segments.last().cloned().unwrap_or_default().into_owned() });
    }
    Ok(route)
}

/// What stands behind a user: its devices, and what is done to one of them.
fn of_user(who: Option<Who>, rest: &[&str], segments: &[Cow<'_, str>], at: usize) -> Result<Route, Failure> {
    let id = || guid(&segments[at + 1]);
    Ok(match rest {
        [] => Route::User(who.expect("a user is given")),
        ["manageddevices"] => Route::Devices(who, Of::List),
        ["manageddevices", "$count"] => Route::Devices(who, Of::Count),
        ["manageddevices", _] => Route::Device(who, id()?),
        ["manageddevices", _, "syncdevice"] => Route::Sync(who, id()?),
        ["manageddevices", _, SEND] => Route::SendToDevice(who, id()?),
        _ => return Err(unknown(segments, at)),
    })
}

fn members(group: Uuid, rest: &[&str]) -> Option<Route> {
    let (reach, rest) = match rest.split_first()? {
        (&"members", rest) => (Reach::Direct, rest),
        (&"transitivemembers", rest) => (Reach::Transitive, rest),
        _ => return None,
    };
    let (cast, rest) = match rest.split_first() {
        Some((&"graph.user" | &"user", rest)) => (Cast::Users, rest),
        Some((&"graph.group" | &"group", rest)) => (Cast::Groups, rest),
        _ => (Cast::Any, rest),
    };
    match rest {
        [] => Some(Route::Members(group, reach, cast, Of::List)),
        ["$count"] => Some(Route::Members(group, reach, cast, Of::Count)),
        _ => None,
    }
}

/// A segment as it is compared: no letter case.
fn lower<'p>(segment: &'p Cow<'p, str>) -> Cow<'p, str> {
    if segment.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(segment.to_ascii_lowercase())
    } else {
        Cow::Borrowed(segment)
    }
}

fn unknown(segments: &[Cow<'_, str>], at: usize) -> Failure {
    let segment = segments.get(at).or(segments.last()).cloned().unwrap_or_default();
    Failure::NoSegment { segment: segment.into_owned() }
}

fn guid(text: &str) -> Result<Uuid, Failure> {
    Uuid::try_parse(text).map_err(|_| Failure::NotFound { what: text.to_owned() })
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
            "/beta//deviceManagement/comanagedDevices/ID/sendCustomNotificationToCompanyPortal",
        ] {
            assert_eq!(routed(path), Route::SendToDevice(None, id), "{path}");
        }
        let owned = Route::SendToDevice(Some(Who::Named("o'hara@x.example".to_owned())), id);
        let path = "/beta/users('o''hara@x.example')/managedDevices/ID/sendCustomNotificationToCompanyPortal";
        assert_eq!(routed(path), owned);
        let members = |cast| Route::Members(id, Reach::Transitive, cast, Of::Count);
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/microsoft.graph.user/$count"), members(Cast::Users));
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/graph.group/$count"), members(Cast::Groups));
        assert_eq!(routed("/v1.0/groups/ID/transitiveMembers/$count"), members(Cast::Any));
        assert_eq!(routed("/v1.0/me/managedDevices"), Route::Devices(Some(Who::Me), Of::List));
    }

    #[test]
    fn only_beta_has_the_actions() {
        for path in [
            "/v1.0/deviceManagement/managedDevices/ID/sendCustomNotificationToCompanyPortal",
            "/v1.0/deviceManagement/sendCustomNotificationToCompanyPortal",
            "/v1.0/deviceManagement/managedDevices/executeAction",
        ] {
            let failure = read(&path.replace("ID", ID)).expect_err("it is refused");
            assert!(matches!(failure, Failure::NoSegment { .. }), "{path}: {failure:?}");
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
        ] {
            let failure = read(&path.replace("ID", ID)).expect_err("it is refused");
            assert!(
                matches!(&failure, Failure::NoSegment { segment: found } if found == segment),
                "{path}: {failure:?}"
            );
        }
        assert!(matches!(read("/v2.0/users"), Err(Failure::NoEdition { .. })));
        assert!(matches!(read("/beta/groups/everyone"), Err(Failure::NotFound { .. })));
        assert!(read("/beta/%ff").is_err());
    }
}
