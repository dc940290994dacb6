//! The bulk action on many devices: one message for each device, each judged separately, and the result for each in one
//! answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::authorize;
use super::call::Call;
use super::error::GraphError;
use super::route::Who;
use super::tenant::GraphTenant;
use super::texts::{self, BulkAction, Text};
use crate::rules::service::message::{MessageKind, Reason};
use crate::rules::timeline::posting::{Posting, Recipients};
use crate::server::identity::Operation;

/// The only supported action.
const ACTION: &str = "customTextNotification";

/// Which list of the answer a device belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Successful,
    Failed,
    NotFound,
    NotSupported,
}

/// Performs the action for every device; below a user's path, only for that user's devices.
pub(crate) async fn act(graph_tenant: &GraphTenant, call: &Call, who: Option<&Who>) -> Result<Answer, GraphError> {
    let account = authorize::may_send(graph_tenant, &call.bearer, Operation::Act, MessageKind::Device)?;
    let mut action: BulkAction = texts::parameters(&call.body, "executeAction")?;
    if !action.action_name.eq_ignore_ascii_case(ACTION) {
        return Err(GraphError::bad(format!("actionName is {ACTION}, or it is not supported here.")));
    }
    if let Some(who) = who {
        graph_tenant.user(&call.bearer, who)?;
    }
    let Text { title, body } = action.text()?;
    let mut seen = BTreeSet::new();
    let ids: Vec<String> = action.device_ids.into_iter().filter(|id| seen.insert(id.to_ascii_lowercase())).collect();
    let find = |id: &String| Uuid::try_parse(id).ok().and_then(|id| graph_tenant.device(&call.bearer, who, id).ok());
    let devices: Vec<_> = ids.iter().map(find).collect();
    let posting =
        |device| Posting { account, recipients: Recipients::Device(device), title: title.clone(), body: body.clone() };
    let postings: Vec<Posting> = devices.iter().flatten().map(|device| posting(*device)).collect();
    let mut verdicts =
        if postings.is_empty() { Vec::new() } else { graph_tenant.post(call, postings).await? }.into_iter();
    let mut fates = Vec::with_capacity(ids.len());
    for device in devices {
        let verdict = device.and_then(|_| verdicts.next());
        fates.push(match verdict.map(|verdict| verdict.outcome) {
            None => Fate::NotFound,
            Some(Ok(_)) => Fate::Successful,
            Some(Err(refusal)) => of_refusal(refusal.reason),
        });
    }
    Ok(Answer::json(result(&call.origin, call.edition.name(), &ids, &fates)))
}

const fn of_refusal(reason: Reason) -> Fate {
    match reason {
        Reason::NotEnrolled => Fate::NotFound,
        Reason::UnsupportedTarget => Fate::NotSupported,
        Reason::Permission
        | Reason::Scope
        | Reason::EmptyText
        | Reason::TitleTooLong
        | Reason::BodyTooLong
        | Reason::TooManyGroups
        | Reason::GroupQuota
        | Reason::DeviceQuota => Fate::Failed,
    }
}

/// The lists are written at the top level, where one SDK reads them, and again in `value`, as the reference documents.
fn result(origin: &str, edition: &str, ids: &[String], fates: &[Fate]) -> Value {
    let of = |wanted: Fate| -> Vec<&String> {
        ids.iter().zip(fates).filter(|(_, fate)| **fate == wanted).map(|(id, _)| id).collect()
    };
    let lists = json!({
        "successfulDeviceIds": of(Fate::Successful),
        "failedDeviceIds": of(Fate::Failed),
        "notFoundDeviceIds": of(Fate::NotFound),
        "notSupportedDeviceIds": of(Fate::NotSupported),
    });
    let mut whole = lists.clone();
    whole["@odata.context"] =
        json!(format!("{origin}/{edition}/$metadata#microsoft.graph.bulkManagedDeviceActionResult"));
    whole["value"] = lists;
    whole
}
