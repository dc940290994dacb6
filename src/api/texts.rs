//! Bodies of requests: JSON to what is asked. Judges no text but that it is one.

use serde::de::DeserializeOwned;

use super::call::Body;
use super::failure::Failure;

/// Title and body of a notification, and groups where they are given.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification {
    #[serde(default, rename = "notificationTitle")]
    title: Option<String>,
    #[serde(default, rename = "notificationBody")]
    body: Option<String>,
    #[serde(default)]
    pub(crate) groups_to_notify: Option<Vec<String>>,
}

/// An action on many devices.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkAction {
    pub(crate) action_name: String,
    pub(crate) device_ids: Vec<String>,
    #[serde(flatten)]
    pub(crate) notification: Notification,
}

impl Notification {
    /// Title and body; one that is missing is empty, which the tenant refuses.
    ///
    /// # Errors
    /// If there is a character that no text has.
    pub(crate) fn texts(&mut self) -> Result<(String, String), Failure> {
        let title = self.title.take().unwrap_or_default();
        let body = self.body.take().unwrap_or_default();
        if title.contains('\0') || body.contains('\0') {
            return Err(Failure::bad("A text holds the character U+0000."));
        }
        Ok((title, body))
    }
}

/// Reads a body.
///
/// # Errors
/// [`Failure::Bad`], without anything of the body.
pub(crate) fn read<T: DeserializeOwned>(body: &Body) -> Result<T, Failure> {
    let read = match body {
        Body::Nothing => return Err(Failure::bad("A body is expected, and there is none.")),
        Body::Bytes(bytes) => serde_json::from_slice(bytes),
        Body::Json(value) => T::deserialize(value),
    };
    read.map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            Failure::bad(format!("The body is JSON, but not what is expected here: line {}.", error.line()))
        }
        _ => Failure::bad(format!(
            "Unable to read JSON request payload: line {}, column {}.",
            error.line(),
            error.column()
        )),
    })
}
