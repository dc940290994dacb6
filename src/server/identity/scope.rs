//! What a token is requested for: the resource, which is always Graph, and the permissions. Must not grant anything.

use super::claims::AUDIENCE;
use super::denial::Denial;
use super::fields::Fields;
use super::grant::PERMISSIONS;

/// The application id of Graph, which may be used instead of its address.
pub const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// Addresses of Graph in Microsoft's clouds; this server stands for all of them.
const GRAPH_ADDRESSES: [&str; 5] = [
    AUDIENCE,
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://graph.microsoft.de",
    "https://microsoftgraph.chinacloudapi.cn",
];
/// Scopes of `OpenID` Connect, which belong to no resource.
const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Bytes of a scope, at most; a list of every permission of Graph is shorter.
const SCOPE_BYTES_MAX: usize = 4_096;
/// Characters of one permission, at most.
const PERMISSION_CHARACTERS_MAX: usize = 128;

/// The name of Graph in a request, which is also the audience of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Resource {
    /// By its address.
    Address,
    /// By its id.
    Id,
}

impl Resource {
    /// The resource of this name; `origin` is the address of this server.
    ///
    /// # Errors
    /// [`Denial::Resource`] if it is not Graph.
    pub fn named(name: &str, origin: &str) -> Result<Self, Denial> {
        let plain = name.trim_end_matches('/');
        let is = |known: &str| plain.eq_ignore_ascii_case(known);
        if is(GRAPH_ID) {
            Ok(Self::Id)
        } else if is(origin) || GRAPH_ADDRESSES.into_iter().any(is) {
            Ok(Self::Address)
        } else {
            Err(Denial::Resource(Denial::shown(name)))
        }
    }

    /// The audience of a token for it.
    pub const fn audience(self) -> &'static str {
        match self {
            Self::Address => AUDIENCE,
            Self::Id => GRAPH_ID,
        }
    }
}

/// The edition of the authority's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Version {
    /// `oauth2/…`, which has the parameter `resource`.
    V1,
    /// `oauth2/v2.0/…`, which has the parameter `scope`.
    V2,
}

/// What a token is requested for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scopes {
    /// The resource.
    pub resource: Resource,
    /// The resource as it was written, with its slash; empty if it was not given.
    prefix: String,
    /// Permissions of the resource; `.default` for all that the client has.
    permissions: Vec<String>,
    /// Scopes of `OpenID` Connect.
    openid: Vec<String>,
}

impl Scopes {
    /// What these fields ask for; `None` if they do not say.
    ///
    /// # Errors
    /// The first error in them.
    pub fn read(fields: &Fields, version: Version, origin: &str) -> Result<Option<Self>, Denial> {
        match (version, fields.get("resource"), fields.get("scope")) {
            (Version::V2, Some(_), _) => Err(Denial::ResourceParameter),
            (Version::V1, Some(resource), _) => Ok(Some(Self::first_edition(Resource::named(resource, origin)?))),
            (_, None, Some(scope)) => Self::parse(scope, origin).map(Some),
            (_, None, None) => Ok(None),
        }
    }

    /// What a request of the first edition asks for by its resource: all permissions, and both other tokens.
    pub fn first_edition(resource: Resource) -> Self {
        let openid = OPENID.map(str::to_owned).to_vec();
        Self { resource, prefix: String::new(), permissions: vec![".default".to_owned()], openid }
    }

    /// Reads a scope.
    ///
    /// # Errors
    /// [`Denial::Scope`], [`Denial::ScopeResources`] or [`Denial::Resource`].
    pub fn parse(text: &str, origin: &str) -> Result<Self, Denial> {
        if text.len() > SCOPE_BYTES_MAX {
            return Err(Denial::Scope("it is too long"));
        }
        let mut scopes =
            Self { resource: Resource::Address, prefix: String::new(), permissions: Vec::new(), openid: Vec::new() };
        for word in text.split_whitespace() {
            if OPENID.contains(&word) {
                scopes.openid.push(word.to_owned());
                continue;
            }
            let (prefix, permission) = word.rfind('/').map_or(("", word), |at| word.split_at(at + 1));
            if !is_permission(permission) {
                return Err(Denial::Scope("it has a word that is no permission"));
            }
            let resource = if prefix.is_empty() { Resource::Address } else { Resource::named(prefix, origin)? };
            if scopes.permissions.is_empty() {
                (scopes.resource, scopes.prefix) = (resource, prefix.to_owned());
            } else if scopes.resource != resource {
                return Err(Denial::ScopeResources);
            }
            scopes.permissions.push(permission.to_owned());
        }
        if scopes.permissions.is_empty() && scopes.openid.is_empty() {
            return Err(Denial::Scope("it is empty"));
        }
        Ok(scopes)
    }

    /// Does it ask for `.default` and nothing else?
    pub fn is_default(&self) -> bool {
        !self.permissions.is_empty() && self.permissions.iter().all(|permission| permission == ".default")
    }

    /// Is this scope of `OpenID` Connect asked for?
    pub fn has(&self, openid: &str) -> bool {
        self.openid.iter().any(|word| word == openid)
    }

    /// The permissions that a client gets on behalf of an account, where `delegated` are those that it has consent for;
    /// `None` for any that is offered. Others of Graph's are left out: programs ask for more than they need here.
    ///
    /// # Errors
    /// [`Denial::Consent`] for the first that is not among them, [`Denial::NotOffered`] if none is offered.
    pub fn granted(&self, delegated: Option<&[String]>) -> Result<Vec<String>, Denial> {
        let mut granted: Vec<String> = Vec::new();
        for permission in &self.permissions {
            let added = match delegated {
                Some(consented) if permission == ".default" => consented.to_vec(),
                None if permission == ".default" => PERMISSIONS.iter().map(|word| (*word).to_owned()).collect(),
                Some(consented) => {
                    let known = consented.iter().find(|known| known.eq_ignore_ascii_case(permission));
                    vec![known.cloned().ok_or_else(|| Denial::Consent(Denial::shown(permission)))?]
                }
                None => {
                    let known = PERMISSIONS.iter().find(|known| known.eq_ignore_ascii_case(permission));
                    known.map(|known| (*known).to_owned()).into_iter().collect()
                }
            };
            for permission in added {
                if !granted.contains(&permission) {
                    granted.push(permission);
                }
            }
        }
        if let (Some(first), true) = (self.permissions.first(), granted.is_empty()) {
            return Err(Denial::NotOffered(Denial::shown(first)));
        }
        granted.extend(self.openid.iter().filter(|word| *word != "offline_access").cloned());
        Ok(granted)
    }

    /// The granted scope for the answer: as it was requested, since libraries find a token again by it, plus what
    /// `.default` expands to.
    pub fn granted_text(&self, granted: &[String]) -> String {
        let mut words: Vec<String> = granted
            .iter()
            .map(|word| if OPENID.contains(&word.as_str()) { word.clone() } else { format!("{}{word}", self.prefix) })
            .collect();
        if self.permissions.iter().any(|permission| permission == ".default") && !self.prefix.is_empty() {
            words.push(format!("{}.default", self.prefix));
        }
        words.join(" ")
    }
}

/// Does it have the form of a Graph permission?
pub(crate) fn is_permission(word: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    word.len() <= PERMISSION_CHARACTERS_MAX && (word == ".default" || word.split('.').all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://localhost:8443";

    #[test]
    fn graph_has_many_names_and_nothing_else_is_graph() {
        for name in
            ["https://graph.microsoft.com", "https://GRAPH.microsoft.com/", ORIGIN, "https://graph.microsoft.us/"]
        {
            assert_eq!(Resource::named(name, ORIGIN), Ok(Resource::Address), "{name}");
        }
        assert_eq!(Resource::named(GRAPH_ID, ORIGIN), Ok(Resource::Id));
        for name in [
            "https://vault.azure.net",
            "x",
            "",
            "https://graph.microsoft.com.evil.example",
            "https://graph.microsoft.com/v1",
        ] {
            assert!(matches!(Resource::named(name, ORIGIN), Err(Denial::Resource(_))), "{name}");
        }
    }

    #[test]
    fn a_scope_is_of_one_resource() {
        let parse = |text: &str| Scopes::parse(text, ORIGIN);
        let scopes = parse("openid https://graph.microsoft.com/User.Read offline_access").expect("it parses");
        assert!(scopes.has("openid") && scopes.has("offline_access") && !scopes.has("profile") && !scopes.is_default());
        let granted = scopes.granted(None).expect("any");
        assert_eq!(granted, ["User.Read", "openid"]);
        assert_eq!(scopes.granted_text(&granted), "https://graph.microsoft.com/User.Read openid");
        assert!(parse("https://graph.microsoft.com//.default").expect("it parses").is_default());
        let mixed = format!("User.Read {GRAPH_ID}/User.Read");
        assert_eq!(parse(&mixed), Err(Denial::ScopeResources));
        for wrong in ["", " ", "User..Read", "User.Read!", "a/", &"x".repeat(5_000)] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_was_consented_to_is_granted() {
        let consented = ["User.Read".to_owned()];
        let asks = |text: &str| Scopes::parse(text, ORIGIN).expect("it parses").granted(Some(&consented));
        assert_eq!(asks("user.read"), Ok(vec!["User.Read".to_owned()]));
        assert_eq!(asks(".default"), Ok(vec!["User.Read".to_owned()]));
        assert_eq!(asks("Group.Read.All"), Err(Denial::Consent("Group.Read.All".to_owned())));
        let all = Scopes::parse(".default", ORIGIN).expect("it parses").granted(None).expect("any");
        assert_eq!(all.len(), PERMISSIONS.len());
    }

    #[test]
    fn a_scope_that_is_not_offered_gets_no_token() {
        let asks = |text: &str| Scopes::parse(text, ORIGIN).expect("it parses").granted(None);
        assert_eq!(asks("Mail.Send user.read openid"), Ok(vec!["User.Read".to_owned(), "openid".to_owned()]));
        assert_eq!(asks("Mail.Send openid"), Err(Denial::NotOffered("Mail.Send".to_owned())));
        assert_eq!(asks("openid offline_access"), Ok(vec!["openid".to_owned()]));
    }

    #[test]
    fn only_the_first_edition_asks_by_resource() {
        let fields = Fields::parse(b"resource=https://graph.microsoft.com").expect("they parse");
        assert_eq!(Scopes::read(&fields, Version::V2, ORIGIN), Err(Denial::ResourceParameter));
        let scopes = Scopes::read(&fields, Version::V1, ORIGIN).expect("it parses").expect("it asks");
        assert!(scopes.is_default() && scopes.has("openid"));
        assert_eq!(Scopes::read(&Fields::default(), Version::V1, ORIGIN), Ok(None));
    }
}
