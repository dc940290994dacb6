//! Sends to a device and to groups: posts the message to the tenant and returns its verdict.

use uuid::Uuid;

use super::answer::Answer;
use super::authorize;
use super::call::{Body, Call};
use super::error::GraphError;
use super::ids::GraphIds;
use super::route::Who;
use super::tenant::GraphTenant;
use super::texts::{self, GroupNotification, NotificationParameters, Text};
use crate::host::{HostedTenant, PostingVerdict, RequestId};
use crate::rules::base::ids::{AccountIx, DeviceIx, GroupIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::message::{MessageKind, Refusal};
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
    let posting = Posting { account, ..group_posting(&graph_tenant.graph_ids, &call.body)? };
    sent(graph_tenant, call, posting).await
}

/// The message of a request to groups, from the administrator.
fn group_posting(graph_ids: &GraphIds, body: &Body) -> Result<Posting, GraphError> {
    let notification: GroupNotification = texts::parameters(body, ACTION)?;
    let (Text { title, body }, named) = notification.text_and_groups()?;
    if named.is_empty() {
        return Err(GraphError::bad("groupsToNotify names no group."));
    }
    let found = named.iter().map(|id| find_group(graph_ids, id));
    let recipients = Recipients::Groups(found.collect::<Result<_, _>>()?);
    Ok(Posting { account: AccountIx(0), recipients, title, body })
}

fn find_group(graph_ids: &GraphIds, id: &str) -> Result<GroupIx, GraphError> {
    let found = Uuid::try_parse(id).ok().and_then(|id| graph_ids.find_group(id));
    found.ok_or_else(|| GraphError::NotFound { what: id.to_owned() })
}

/// The message of a request's body as Graph takes it, for this device or for the groups that it names.
///
/// # Errors
/// [`GraphError::Bad`] and [`GraphError::NotFound`].
pub(crate) fn posting_of(
    graph_ids: &GraphIds,
    device: Option<DeviceIx>,
    bytes: Vec<u8>,
) -> Result<Posting, GraphError> {
    let body = Body::Bytes(bytes.into());
    let Some(device) = device else { return group_posting(graph_ids, &body) };
    let Text { title, body } = texts::parameters::<NotificationParameters>(&body, ACTION)?.text()?;
    Ok(Posting { account: AccountIx(0), recipients: Recipients::Device(device), title, body })
}

/// Sends a message as its account, without a token: its role and its scope groups decide.
///
/// # Errors
/// As for a request whose token grants everything.
pub(crate) async fn send_as(
    host: &HostedTenant,
    posting: Posting,
    request: RequestId,
) -> Result<MessageIx, GraphError> {
    let kind = if posting.device().is_some() { MessageKind::Device } else { MessageKind::Group };
    authorize::role_permits(host.world(), posting.account, kind)?;
    texts::check(&posting.title, &posting.body)?;
    let verdicts = host.post(vec![posting], request).await?;
    outcome(host, verdicts.first().ok_or(GraphError::Unavailable)?)
}

async fn sent(graph_tenant: &GraphTenant, call: &Call, posting: Posting) -> Result<Answer, GraphError> {
    let verdicts = graph_tenant.post(call, vec![posting]).await?;
    outcome(&graph_tenant.host, verdicts.first().ok_or(GraphError::Unavailable)?).map(|_| Answer::done())
}

/// The message of a verdict, or the error for a refusal.
fn outcome(host: &HostedTenant, verdict: &PostingVerdict) -> Result<MessageIx, GraphError> {
    let wait = |next: SimTime| host.clock().wall_seconds(next.since(verdict.at)).max(1);
    let refused =
        |refusal: Refusal| GraphError::Refused { reason: refusal.reason, retry_after: refusal.next_slot.map(wait) };
    verdict.outcome.map_err(refused)
}
