//! The authorize endpoint: a person picks an account, or the request names one, and the client gets a code. An answer
//! must only go to an address of the client.

use serde_json::Value;
use uuid::Uuid;

use super::page::{self, Choice};
use super::proof::ProofPlace;
use super::reply::{Reply, description};
use super::sign_in::{AuthorizationCode, accounts};
use crate::server::identity::{
    Authorization, AuthorizationRefusal, Client, Denial, Fields, Prompt, ResponseMode, ReturnTo, SignedIn, Version,
};

/// The parameter in which the page reports the picked account.
const ACCOUNT: &str = "reveille_account";
const DECLINE: &str = "reveille_decline";

impl ProofPlace<'_> {
    /// Answers a request for a code.
    pub(super) fn authorize(&self, version: Version) -> Reply {
        self.code(version).unwrap_or_else(|refusal| match refusal {
            AuthorizationRefusal::Page(denial) => Reply::DeniedPage(denial),
            AuthorizationRefusal::Client(to, denial) => self.refused(&to, &denial),
        })
    }

    fn code(&self, version: Version) -> Result<Reply, AuthorizationRefusal> {
        let fields = self.request.fields()?;
        let id = fields.need("client_id")?;
        let client = self.registered(id)?;
        let authorization = Authorization::read(&fields, client, version, self.request.origin)?;
        let refusal = |denial| AuthorizationRefusal::Client(authorization.return_to.clone(), denial);
        if fields.get(DECLINE).is_some() {
            return Err(refusal(Denial::Declined));
        }
        if let Some(picked) = fields.get(ACCOUNT) {
            let account = accounts(self.graph_tenant).find(|account| *account == picked);
            let account =
                account.ok_or_else(|| AuthorizationRefusal::Page(Denial::NoAccount(Denial::shown(picked))))?;
            return Ok(self.signed_in(&fields, client, authorization, account));
        }
        let hinted = authorization.login_hint.as_deref().and_then(|hint| self.sign_in.account(self.graph_tenant, hint));
        let auto = self.sign_in.auto_consent(self.graph_tenant);
        let known = match authorization.prompt {
            // `--auto-consent` replaces the person's choice.
            _ if auto.is_some() => hinted.or(auto),
            Prompt::Always => None,
            Prompt::IfNeeded | Prompt::Never => hinted,
        };
        match known {
            Some(account) => Ok(self.signed_in(&fields, client, authorization, account)),
            None if authorization.prompt == Prompt::Never => Err(refusal(Denial::LoginRequired)),
            None => Ok(self.asks(&fields, client, &authorization)),
        }
    }

    /// The page on which an account is picked. Its links carry the whole request, which is then read again.
    fn asks(&self, fields: &Fields, client: &Client, authorization: &Authorization) -> Reply {
        let link = |name: &str, value: &str| format!("{}?{}", self.request.path(), fields.query_with(name, value));
        let choice = |account| Choice { account, link: link(ACCOUNT, account) };
        let choices: Vec<Choice<'_>> = accounts(self.graph_tenant).map(choice).collect();
        let wanted = authorization.scopes.granted(client.delegated()).unwrap_or_default();
        let decline = link(DECLINE, "1");
        Reply::Page(page::accounts(client.name(), self.graph_tenant.name(), &wanted, &choices, &decline))
    }

    /// Issues a code for an account.
    fn signed_in(&self, fields: &Fields, client: &Client, authorization: Authorization, account: &str) -> Reply {
        self.attempt.by("authorize");
        self.attempt.of_account(account);
        let Authorization { return_to, scopes, challenge, nonce, .. } = authorization;
        let code = format!("1.{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let kept = AuthorizationCode {
            tenant: self.graph_tenant.id(),
            signed_in: SignedIn { account: account.to_owned(), client: client.id().to_owned(), scopes },
            redirect_uri: return_to.uri.clone(),
            challenge,
            nonce,
            is_redeemed: false,
        };
        self.sign_in.codes().insert(code.clone(), kept, self.request.now);
        let info = (fields.get("client_info") == Some("1")).then(|| self.graph_tenant.issuer.client_info(account));
        let mut answer = vec![("code", code.as_str())];
        answer.extend(info.as_deref().map(|info| ("client_info", info)));
        send_back(&return_to, answer)
    }

    fn refused(&self, to: &ReturnTo, denial: &Denial) -> Reply {
        let shown = description(denial, self.request.ids, self.request.now);
        send_back(to, vec![("error", denial.error()), ("error_description", &shown)])
    }
}

/// An answer to a client, sent to its redirect URI.
fn send_back<'a>(to: &'a ReturnTo, mut answer: Vec<(&'a str, &'a str)>) -> Reply {
    answer.extend(to.state.as_deref().map(|state| ("state", state)));
    match to.mode {
        ResponseMode::FormPost => Reply::Page(page::form_post(&to.uri, &answer)),
        ResponseMode::Query | ResponseMode::Fragment => Reply::Redirect(to.with(&answer)),
    }
}

impl From<Result<Value, Denial>> for Reply {
    fn from(answered: Result<Value, Denial>) -> Self {
        answered.map_or_else(Self::Denied, Self::Json)
    }
}
