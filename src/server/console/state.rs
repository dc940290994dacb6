//! The console of a server: what all of its requests share. Must not answer one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use uuid::Uuid;

use super::router::BASE;
use super::session::Sessions;
use crate::rules::base::ids::MessageIx;
use crate::server::control::Control;
use crate::server::graph::GraphError;
use crate::server::http::Scheme;

/// Keys of forms that were sent, at most: far more than people send while a form is open.
const SENT_MAX: usize = 4_096;

/// What came of a form that was sent.
pub(super) type Sent = Arc<OnceCell<Result<MessageIx, GraphError>>>;

/// The console of a server.
#[derive(Debug)]
pub struct Console {
    pub(super) control: Arc<Control>,
    pub(super) sessions: Sessions,
    /// The scenario of each tenant with all that it includes, as TOML.
    scenarios: BTreeMap<Uuid, String>,
    pub(super) scheme: Scheme,
    sent: Mutex<HashMap<Uuid, Sent>>,
}

impl Console {
    /// The console of the tenants of this control API, on a listener with this scheme; `scenarios` are those of the tenants.
    pub fn new(control: Arc<Control>, scheme: Scheme, scenarios: impl IntoIterator<Item = (Uuid, String)>) -> Self {
        let scenarios = scenarios.into_iter().collect();
        Self { control, sessions: Sessions::new(), scenarios, scheme, sent: Mutex::default() }
    }

    /// The path of a link that signs in once, within a quarter of an hour, as the first holder who may do everything; `None` if
    /// there is none.
    pub fn sign_in_path(&self) -> Option<String> {
        let token = self.control.tokens().first_operator()?;
        Some(format!("{BASE}/enter/{}", self.sessions.link(token)))
    }

    /// The scenario of a tenant, if it is known.
    pub(super) fn scenario(&self, tenant: Uuid) -> Option<&str> {
        self.scenarios.get(&tenant).map(String::as_str)
    }

    /// What came of the form with this key; nothing yet if it is new.
    pub(super) fn sent(&self, key: Uuid) -> Sent {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= SENT_MAX && !sent.contains_key(&key) {
            // Those under way are kept: they have no outcome yet.
            sent.retain(|_, outcome| outcome.get().is_none());
        }
        Arc::clone(sent.entry(key).or_default())
    }
}
