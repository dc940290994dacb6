//! Parses the bodies of requests. Must not judge texts, except that each is a string.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::call::Body;
use super::error::GraphError;
use crate::json::{self, JsonError};

/// Parameters of a notification to one device.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationParameters {
    #[serde(rename = "@odata.type", default)]
    _type: Option<IgnoredAny>,
    #[serde(rename = "notificationTitle")]
    title: Option<String>,
    #[serde(rename = "notificationBody")]
    body: Option<String>,
}

/// Parameters of a notification to groups.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GroupNotification {
    #[serde(rename = "@odata.type", default)]
    _type: Option<IgnoredAny>,
    #[serde(rename = "notificationTitle")]
    title: Option<String>,
    #[serde(rename = "notificationBody")]
    body: Option<String>,
    groups_to_notify: Option<Vec<String>>,
}

/// Parameters of an action on many devices. Those of other actions are accepted and ignored.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BulkAction {
    #[serde(rename = "@odata.type", default)]
    _type: Option<IgnoredAny>,
    pub(crate) action_name: String,
    pub(crate) device_ids: Vec<String>,
    notification_title: Option<String>,
    notification_body: Option<String>,
    #[serde(rename = "keepEnrollmentData")]
    _keep_enrollment_data: Option<IgnoredAny>,
    #[serde(rename = "keepUserData")]
    _keep_user_data: Option<IgnoredAny>,
    #[serde(rename = "persistEsimDataPlan")]
    _persist_esim_data_plan: Option<IgnoredAny>,
    #[serde(rename = "deviceName")]
    _device_name: Option<IgnoredAny>,
    #[serde(rename = "carrierUrl")]
    _carrier_url: Option<IgnoredAny>,
    #[serde(rename = "deprovisionReason")]
    _deprovision_reason: Option<IgnoredAny>,
    #[serde(rename = "organizationalUnitPath")]
    _organizational_unit_path: Option<IgnoredAny>,
    #[serde(rename = "platform")]
    _platform: Option<IgnoredAny>,
}

/// Title and body of a message.
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) body: String,
}

impl NotificationParameters {
    /// Its text.
    ///
    /// # Errors
    /// See [`Text::new`].
    pub(crate) fn text(self) -> Result<Text, GraphError> {
        Text::new(self.title, self.body)
    }
}

impl GroupNotification {
    /// Its text and the ids of its groups; absent groups count as none.
    ///
    /// # Errors
    /// See [`Text::new`].
    pub(crate) fn text_and_groups(self) -> Result<(Text, Vec<String>), GraphError> {
        let text = Text::new(self.title, self.body)?;
        Ok((text, self.groups_to_notify.unwrap_or_default()))
    }
}

impl BulkAction {
    /// Its text.
    ///
    /// # Errors
    /// See [`Text::new`].
    pub(crate) fn text(&mut self) -> Result<Text, GraphError> {
        Text::new(self.notification_title.take(), self.notification_body.take())
    }
}

impl Text {
    /// A missing part is empty, which the tenant refuses.
    ///
    /// # Errors
    /// [`GraphError::Bad`] for a control character that no text may have.
    fn new(title: Option<String>, body: Option<String>) -> Result<Self, GraphError> {
        let (title, body) = (title.unwrap_or_default(), body.unwrap_or_default());
        check(&title, &body)?;
        Ok(Self { title, body })
    }
}

/// Whether a text may be sent at all.
///
/// # Errors
/// [`GraphError::Bad`] for a control character that no text may have.
pub(super) fn check(title: &str, body: &str) -> Result<(), GraphError> {
    if title.contains('\0') || body.contains('\0') {
        return Err(GraphError::bad("A text holds the character U+0000."));
    }
    Ok(())
}

/// Parses the parameters of an action.
///
/// # Errors
/// [`GraphError::Bad`]; the message contains no value of the body.
pub(crate) fn parameters<T: DeserializeOwned>(body: &Body, action: &str) -> Result<T, GraphError> {
    read(body, |path, name| {
        if path.is_empty() {
            format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation '{action}'."
            )
        } else {
            format!("The property '{name}' does not exist on '{path}'.")
        }
    })
}

/// Parses a body; `unknown` words the message about an unknown member, at the path of its object.
///
/// # Errors
/// [`GraphError::Bad`]; the message contains no value of the body.
pub(crate) fn read<T: DeserializeOwned>(
    body: &Body,
    unknown: impl FnOnce(&str, &str) -> String,
) -> Result<T, GraphError> {
    let read = match body {
        Body::Nothing => return Err(GraphError::bad("A body is expected, and there is none.")),
        Body::Bytes(bytes) => json::from_slice(bytes),
        Body::Json(value) => json::from_value(value),
    };
    read.map_err(|error| {
        GraphError::bad(match error {
            JsonError::Syntax { line, column, .. } => {
                format!("Unable to read JSON request payload: line {line}, column {column}.")
            }
            JsonError::Unknown { path, name } => unknown(&path, &name),
            error @ JsonError::Shape { .. } => format!("The request payload is not valid: {error}."),
        })
    })
}
