//! What both flows of a custom notification share: the draft that a form carries, the choice of the account, and a send that is
//! done once however often its form comes. Must not judge a send: the tenant does.

use maud::{Markup, html};
use uuid::Uuid;

use super::form::PostedForm;
use super::parts::TextField;
use super::phrase::Phrase;
use super::visit::Visit;
use crate::host::RequestId;
use crate::rules::base::ids::{AccountIx, GroupIx, MessageIx};
use crate::rules::base::limits::{BODY_CHARACTERS_MAX, TITLE_CHARACTERS_MAX};
use crate::rules::service::message::{Reason, check_text};
use crate::rules::timeline::posting::{Posting, Recipients};
use crate::server::control::{Problem, preview};
use crate::server::graph::{GraphError, send_as};

/// A notification that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The name of the account; the first one if it is empty.
    pub(super) account: String,
    pub(super) title: String,
    pub(super) body: String,
    /// Its groups, without those that are named twice or do not exist.
    pub(super) groups: Vec<Uuid>,
}

impl Draft {
    /// That of a form.
    pub(super) fn of(form: &PostedForm) -> Self {
        let text = |field| form.text(field).unwrap_or("").to_owned();
        let mut groups: Vec<Uuid> = Vec::new();
        for id in form.all("group").filter_map(|id| Uuid::try_parse(id).ok()) {
            if !groups.contains(&id) {
                groups.push(id);
            }
        }
        Self { account: text("account"), title: text("title"), body: text("body"), groups }
    }

    /// The name of the account.
    pub(super) fn account_name(&self, visit: &Visit) -> String {
        if self.account.is_empty() { visit.world().accounts[0].name.clone() } else { self.account.clone() }
    }

    /// The message, from its account.
    ///
    /// # Errors
    /// That there is no such account.
    pub(super) fn posting(&self, visit: &Visit, recipients: Recipients) -> Result<Posting, Problem> {
        let account =
            if self.account.is_empty() { AccountIx(0) } else { preview::account(visit.world(), &self.account)? };
        Ok(Posting { account, recipients, title: self.title.clone(), body: self.body.clone() })
    }

    /// Its groups that there are.
    pub(super) fn known_groups(&self, visit: &Visit) -> Vec<GroupIx> {
        self.groups.iter().filter_map(|id| visit.handle.graph_ids.find_group(*id)).collect()
    }

    /// What the service would say of its text, by field.
    pub(super) fn mistakes(&self, visit: &Visit) -> Vec<(&'static str, String)> {
        let service = &visit.world().service;
        let say = |field, reason: Reason| (field, text_refusal(visit, field, reason));
        let title = check_text(&self.title, "x", service).err().map(|reason| say("title", reason));
        let body = check_text("x", &self.body, service).err().map(|reason| say("body", reason));
        title.into_iter().chain(body).collect()
    }

    /// The fields of its text.
    pub(super) fn fields(&self, visit: &Visit, errors: &[(&str, String)]) -> Markup {
        let error = |field: &str| errors.iter().find(|(known, _)| *known == field).map(|(_, error)| error.clone());
        let help = |text: &str, most: usize| {
            let written = visit.language.count(text.encode_utf16().count() as u64);
            Some(format!("{written} / {most} {}", visit.say(Phrase::Characters)))
        };
        let title = TextField {
            id: "title",
            label: visit.say(Phrase::Title),
            value: &self.title,
            help: help(&self.title, TITLE_CHARACTERS_MAX),
            error: error("title"),
            rows: 1,
            characters_max: Some(TITLE_CHARACTERS_MAX),
        };
        let body = TextField {
            id: "body",
            label: visit.say(Phrase::Body),
            value: &self.body,
            help: help(&self.body, BODY_CHARACTERS_MAX),
            error: error("body"),
            rows: 6,
            characters_max: Some(BODY_CHARACTERS_MAX),
        };
        html! { (title.markup()) (body.markup()) }
    }
}

/// A mistake of a text, in the words of the console.
fn text_refusal(visit: &Visit, field: &str, reason: Reason) -> String {
    let phrase = match (reason, field) {
        (Reason::TitleTooLong, _) => Phrase::TitleTooLong,
        (Reason::BodyTooLong, _) => Phrase::BodyTooLong,
        (_, "title") => Phrase::TitleEmpty,
        _ => Phrase::BodyEmpty,
    };
    visit.say(phrase).to_owned()
}

/// The accounts to choose from.
pub(super) fn accounts(visit: &Visit) -> Vec<(String, String)> {
    let accounts = visit.world().accounts.iter();
    accounts.map(|account| (account.name.clone(), super::parts::short(&account.name, 80))).collect()
}

/// The key of a form.
///
/// # Errors
/// That the form has none: it was not made here.
pub(super) fn key(form: &PostedForm) -> Result<Uuid, Problem> {
    let key = form.text("key").and_then(|key| Uuid::try_parse(key).ok());
    key.ok_or_else(|| Problem::bad("the form has no key by which it is sent once: load its page again"))
}

/// The field of a refusal, and the refusal in Graph's words with the next free slot.
pub(super) fn refusal(visit: &Visit, error: &GraphError) -> (&'static str, String) {
    let field = match error {
        GraphError::Refused { reason: Reason::TitleTooLong | Reason::EmptyText, .. } => "title",
        GraphError::Refused { reason: Reason::BodyTooLong, .. } => "body",
        _ => "account",
    };
    let next = match error.retry_after() {
        Some(seconds) if matches!(error, GraphError::Refused { .. }) => {
            let ms = seconds.saturating_mul(visit.handle.host.clock().times().max(1_000));
            format!(
                " {} {}.",
                visit.say(Phrase::NextSlot),
                visit.moment(visit.handle.host.now().ms().saturating_add(ms))
            )
        }
        _ => String::new(),
    };
    (field, format!("{}{next}", error.message()))
}

/// Sends a message once for all forms with this key.
///
/// # Errors
/// As Graph refuses it.
pub(super) async fn sent_as(visit: &Visit, posting: Posting, key: Uuid) -> Result<MessageIx, GraphError> {
    let (sent, host) = (visit.console.sent(key), visit.handle.host.clone());
    // A task of its own: it goes on when a browser sends the form again and drops the first request.
    let task = tokio::spawn(async move {
        let request = RequestId::of(&key.to_string());
        let send = async {
            // A server that has started again knows the message by its request.
            match host.log(|log| log.of_request(&request).into_iter().next()) {
                Some(known) => Ok(known),
                None => send_as(&host, posting, request.clone()).await,
            }
        };
        sent.get_or_init(|| send).await.clone()
    });
    task.await.unwrap_or(Err(GraphError::Unavailable))
}
