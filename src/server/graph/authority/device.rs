//! The device code flow, for programs without a browser: the program gets a code, and a person enters it on a page and
//! confirms it there as an account.

use serde_json::{Value, json};
use uuid::Uuid;

use super::attempt::SignInAttempt;
use super::page;
use super::proof::ProofPlace;
use super::reply::Reply;
use super::request::Request;
use super::sign_in::{DEVICE_SECONDS, DeviceSignIn, DeviceSignInState, SignIn, accounts};
use crate::server::graph::tenants::Tenants;
use crate::server::identity::{Denial, Scopes, Version};

/// The polling interval of a program, in seconds.
const INTERVAL_SECONDS: u64 = 5;
/// Characters of the code for a person, without those that look alike.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl ProofPlace<'_> {
    /// A code for a program, and one for a person.
    ///
    /// # Errors
    /// The first error of the request.
    pub(super) fn device_code(&self, version: Version) -> Result<Value, Denial> {
        let fields = self.request.fields()?;
        let id = fields.need("client_id")?;
        let client = self.registered(id)?;
        let needed = if version == Version::V1 { "resource" } else { "scope" };
        let scopes = Scopes::read(&fields, version, self.request.origin)?.ok_or(Denial::Missing(needed))?;
        scopes.granted(client.delegated())?;
        let state = match self.sign_in.auto_consent(self.graph_tenant) {
            Some(account) => DeviceSignInState::Confirmed { account: account.to_owned() },
            None => DeviceSignInState::Waiting,
        };
        let (device_code, user_code) =
            (format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()), user_code(Uuid::new_v4()));
        let (tenant, client) = (self.graph_tenant.id(), client.id().to_owned());
        let device = DeviceSignIn { tenant, client, scopes, user_code: user_code.clone(), state };
        self.sign_in.devices().insert(device_code.clone(), device, self.request.now);
        let page = format!("{}/common/oauth2/deviceauth", self.request.origin);
        let message = format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        );
        Ok(match version {
            Version::V2 => json!({
                "user_code": user_code,
                "device_code": device_code,
                "verification_uri": page,
                "expires_in": DEVICE_SECONDS,
                "interval": INTERVAL_SECONDS,
                "message": message,
            }),
            Version::V1 => json!({
                "user_code": user_code,
                "device_code": device_code,
                "verification_url": page,
                "expires_in": DEVICE_SECONDS.to_string(),
                "interval": INTERVAL_SECONDS.to_string(),
                "message": message,
            }),
        })
    }
}

/// The page on which a code is entered and confirmed, for any tenant: the code determines the tenant.
pub(super) fn confirm(
    tenants: &Tenants,
    sign_in: &SignIn,
    request: &Request<'_>,
    attempt: &SignInAttempt,
) -> Result<Reply, Denial> {
    let fields = request.fields()?;
    let Some(given) = fields.get("user_code").or_else(|| fields.get("otc")) else {
        return Ok(Reply::Page(page::device_code(request.path(), false)));
    };
    let given = given.trim().to_ascii_uppercase();
    let mut devices = sign_in.devices();
    let is_it = |device: &DeviceSignIn| device.user_code == given && device.state == DeviceSignInState::Waiting;
    let Some(device) = devices.find(request.now, is_it) else {
        return if request.is_post() {
            Err(Denial::UserCode)
        } else {
            attempt.guessed_wrong();
            Ok(Reply::Page(page::device_code(request.path(), true)))
        };
    };
    let graph_tenant = tenants.find(device.tenant).ok_or(Denial::UserCode)?;
    if !request.is_post() {
        let clients = graph_tenant.clients();
        let client = clients.find(&device.client).map_or(device.client.as_str(), |client| client.name());
        let all: Vec<&str> = accounts(graph_tenant).collect();
        return Ok(Reply::Page(page::device_accounts(request.path(), &given, client, &all)));
    }
    if fields.get("decline").is_some() {
        device.state = DeviceSignInState::Declined;
        return Ok(Reply::Page(page::done("You did not sign in")));
    }
    let picked = fields.need("account")?;
    let account = accounts(graph_tenant).find(|account| *account == picked);
    let account = account.ok_or_else(|| Denial::NoAccount(Denial::shown(picked)))?;
    device.state = DeviceSignInState::Confirmed { account: account.to_owned() };
    attempt.at(graph_tenant.id());
    attempt.by("device_page");
    attempt.of_client(&device.client);
    attempt.of_account(account);
    Ok(Reply::Page(page::done("You have signed in on your device")))
}

/// A code for a person, of 45 random bits. It is valid for a quarter of an hour, and gives no access by itself.
fn user_code(random: Uuid) -> String {
    let bytes = random.as_bytes();
    // Skips the bytes that hold the version and variant of the UUID.
    let random = bytes[..6].iter().chain(&bytes[9..12]);
    random.map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_for_a_person_has_nine_characters_that_do_not_look_alike() {
        let codes: std::collections::BTreeSet<String> = (0..1_000).map(|_| user_code(Uuid::new_v4())).collect();
        assert_eq!(codes.len(), 1_000);
        assert!(codes.iter().all(|code| code.len() == 9 && !code.contains(['0', 'O', '1', 'I'])));
    }
}
