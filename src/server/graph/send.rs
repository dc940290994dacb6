//! Sends to a device and to groups: posts the message to the tenant and returns its verdict.

use uuid::Uuid;

use super::answer::Answer;
use super::authorize;
use super::call::Call;
use super::error::GraphError;
use super::route::Who;
use super::tenant::GraphTenant;
use super::texts::{self, GroupNotification, NotificationParameters, Text};
use crate::host::PostingVerdict;
use crate::rules::base::ids::GroupIx;
use crate::rules::service::message::MessageKind;
use crate::rules::timeline::posting::{Posting, Recipients};
use crate::server::identity::Operation;

/// The action, as Graph writes it.
const ACTION: &str = "sendCustomNotificationToCompanyPortal";

/// A notification to one device.
pub(crate) async fn to_device(
    graph_tenant: &GraphTenant,
    call: &Call,
    who: Option<&Who>,
    id: Uuid,
) -> Result<Answer, GraphError> {
    let account = authorize::may_send(graph_tenant, &call.bearer, Operation::Send, MessageKind::Device)?;
    let Text { title, body } = texts::parameters::<NotificationParameters>(&call.body, ACTION)?.text()?;
    let device = graph_tenant.device(&call.bearer, who, id)?;
    let posting = Posting { account, recipients: Recipients::Device(device), title, body };
    sent(graph_tenant, call, posting).await
}

/// A notification to groups.
pub(crate) async fn to_groups(graph_tenant: &GraphTenant, call: &Call) -> Result<Answer, GraphError> {
    let account = authorize::may_send(graph_tenant, &call.bearer, Operation::Send, MessageKind::Group)?;
    let notification: GroupNotification = texts::parameters(&call.body, ACTION)?;
    let (Text { title, body }, named) = notification.text_and_groups()?;
    if named.is_empty() {
        return Err(GraphError::bad("groupsToNotify names no group."));
    }
    let found = named.iter().map(|id| find_group(graph_tenant, id));
    let posting = Posting { account, recipients: Recipients::Groups(found.collect::<Result<_, _>>()?), title, body };
    sent(graph_tenant, call, posting).await
}

fn find_group(graph_tenant: &GraphTenant, id: &str) -> Result<GroupIx, GraphError> {
    let found = Uuid::try_parse(id).ok().and_then(|id| graph_tenant.graph_ids.find_group(id));
    found.ok_or_else(|| GraphError::NotFound { what: id.to_owned() })
}

async fn sent(graph_tenant: &GraphTenant, call: &Call, posting: Posting) -> Result<Answer, GraphError> {
    let verdicts = graph_tenant.post(call, vec![posting]).await?;
    let verdict = verdicts.first().ok_or(GraphError::Unavailable)?;
    match verdict.outcome {
        Ok(_) => Ok(Answer::done()),
        Err(_) => Err(refused(graph_tenant, verdict)),
    }
}

/// The error for a verdict that is a refusal.
fn refused(graph_tenant: &GraphTenant, verdict: &PostingVerdict) -> GraphError {
    let Err(refusal) = verdict.outcome else { return GraphError::Unavailable };
    let wait =
        |next: crate::rules::base::time::SimTime| graph_tenant.host.clock().wall_seconds(next.since(verdict.at)).max(1);
    GraphError::Refused { reason: refusal.reason, retry_after: refusal.next_slot.map(wait) }
}
