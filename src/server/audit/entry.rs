//! One line of the audit log. Its fields are documented in `docs/security.md`, and a test compares the two. Must contain
//! data only, none of it a secret or the text of a message.

use serde::Serialize;
use uuid::Uuid;

use crate::server::identity::Peer;

/// Ids of objects in one line, at most: an action on thousands of devices has their number and the first ones.
const IDS_MAX: usize = 20;
/// Characters of a path in a line, at most; every path of the control API is shorter.
const PATH_CHARACTERS_MAX: usize = 256;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum AuditEvent {
    /// The server takes requests from now on.
    Start,
    /// The server takes no more requests.
    Stop,
    /// A request to the authority for tokens, or the choice of an account on one of its pages.
    SignIn,
    /// A request of the Graph API with a token that is not trusted.
    TokenRefused,
    /// A send to a device, to groups or to many devices.
    Send,
    /// A request that a device checks in.
    CheckIn,
    /// An action of the control API, or a request to it without the right.
    Control,
    /// Clients, keys and tokens are read anew.
    Reload,
}

/// What it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was not done.
    Refused,
    /// The client went before the answer; it may have been done.
    Abandoned,
}

/// One line of the audit log, without its number and its time. What is not known is left out of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// What was done.
    pub event: AuditEvent,
    /// What it came to.
    pub outcome: AuditOutcome,
    /// Why it was refused: the number behind `AADSTS`, the reason of the service, or the code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id that the server gave the request, as in its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// The id that the client gave the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// The address at the other end of the connection, which may be a proxy's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Uuid>,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The account on whose behalf it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The grant of a sign-in, or its step on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<&'static str>,
    /// The kind of a send's targets: `device`, `groups` or `devices`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'static str>,
    /// The ids of the targets, the first 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Uuid>,
    /// The number of all targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets_count: Option<usize>,
    /// The numbers of the accepted messages in the control API, the first 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<u32>,
    /// The number of all accepted messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages_count: Option<usize>,
    /// The person or program that has the token of the control API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The role of that token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The subject of the certificate that the client of the control API gave, and that was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The method of a request of the control API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Its path without the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The status of its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl AuditEntry {
    /// An event that was done.
    pub fn new(event: AuditEvent) -> Self {
        Self {
            event,
            outcome: AuditOutcome::Done,
            reason: None,
            request_id: None,
            client_request_id: None,
            peer: None,
            tenant: None,
            client: None,
            account: None,
            grant: None,
            to: None,
            targets: Vec::new(),
            targets_count: None,
            messages: Vec::new(),
            messages_count: None,
            operator: None,
            role: None,
            certificate: None,
            method: None,
            path: None,
            status: None,
        }
    }

    /// The same as refused, for this reason.
    #[must_use]
    pub fn refused(self, reason: impl Into<String>) -> Self {
        Self { outcome: AuditOutcome::Refused, reason: Some(reason.into()), ..self }
    }

    /// Sets the targets.
    pub fn set_targets(&mut self, ids: impl IntoIterator<Item = Uuid>) {
        (self.targets, self.targets_count) = first(ids);
    }

    /// Sets the accepted messages.
    pub fn set_messages(&mut self, numbers: impl IntoIterator<Item = u32>) {
        (self.messages, self.messages_count) = first(numbers);
    }

    /// Sets the path, cut to a readable length.
    pub fn set_path(&mut self, path: &str) {
        self.path = Some(path.chars().take(PATH_CHARACTERS_MAX).collect());
    }
}

/// The first entries, and how many there are.
fn first<T>(all: impl IntoIterator<Item = T>) -> (Vec<T>, Option<usize>) {
    let mut all: Vec<T> = all.into_iter().collect();
    let count = all.len();
    all.truncate(IDS_MAX);
    (all, Some(count))
}
