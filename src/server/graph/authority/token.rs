//! The token endpoint: dispatches the grant types and answers with tokens. A code must be redeemed only once, by the
//! client that it was issued to.

use serde_json::Value;

use super::issued::Delegated;
use super::proof::ProofPlace;
use super::sign_in::DeviceSignInState;
use crate::server::identity::{Absent, Challenge, Client, Denial, Fields, Resource, Scopes, SignedIn, Version};

impl ProofPlace<'_> {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub(super) fn token(&self, version: Version) -> Result<Value, Denial> {
        let fields = self.request.fields()?;
        match fields.need("grant_type")? {
            "client_credentials" => self.by_itself(&fields, version),
            "authorization_code" => self.by_code(&fields, version),
            "refresh_token" => self.by_refresh_token(&fields, version),
            "password" => self.by_password(&fields, version),
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => self.by_device(&fields, version),
            other => Err(Denial::Grant(Denial::shown(other))),
        }
    }

    /// A text that identifies what the request asks for; an assertion is valid once for it.
    fn used(&self, fields: &Fields) -> String {
        let each = ["grant_type", "scope", "resource", "refresh_token", "username"];
        format!("{} {:?}", self.request.path(), each.map(|name| fields.get(name)))
    }

    fn scopes(&self, fields: &Fields, version: Version) -> Result<Option<Scopes>, Denial> {
        Scopes::read(fields, version, self.request.origin)
    }

    fn by_itself(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let client = self.client(fields, Some(&self.used(fields)))?;
        if client.is_public() {
            return Err(Denial::PublicClient);
        }
        let needed = if version == Version::V1 { "resource" } else { "scope" };
        let scopes = self.scopes(fields, version)?.ok_or(Denial::Missing(needed))?;
        if !scopes.is_default() {
            return Err(Denial::ScopeDefault);
        }
        self.of_application(&client.bearer(), scopes.resource, version)
    }

    fn by_code(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let client = self.client(fields, None)?;
        let (code, redirect_uri) = (fields.need("code")?, fields.need("redirect_uri")?);
        let resource = fields.get("resource").map(|name| Resource::named(name, self.request.origin)).transpose()?;
        if resource.is_some() && version == Version::V2 {
            return Err(Denial::ResourceParameter);
        }
        let (mut signed_in, nonce) = {
            let mut codes = self.sign_in.codes();
            let found = codes.get(code, self.request.now).map_err(|absent| match absent {
                Absent::Unknown => Denial::InvalidGrant("code"),
                Absent::Expired => Denial::Expired,
            })?;
            if found.tenant != self.graph_tenant.id() || found.signed_in.client != client.id() {
                return Err(Denial::InvalidGrant("code"));
            }
            if found.is_redeemed {
                return Err(Denial::Redeemed);
            }
            if found.redirect_uri != redirect_uri {
                return Err(Denial::OtherRedirectUri);
            }
            Challenge::check(found.challenge.as_ref(), fields.get("code_verifier"))?;
            found.is_redeemed = true;
            (found.signed_in.clone(), found.nonce.clone())
        };
        if let Some(resource) = resource {
            signed_in.scopes.resource = resource;
        }
        self.give(fields, client, signed_in, nonce, version)
    }

    fn by_refresh_token(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let client = self.client(fields, Some(&self.used(fields)))?;
        let token = fields.need("refresh_token")?;
        let mut signed_in = self.graph_tenant.issuer.signed_in(token, client.id(), self.request.now)?;
        // The server may have been restarted with another scenario since.
        if !super::sign_in::accounts(self.graph_tenant).any(|account| account == signed_in.account) {
            return Err(Denial::InvalidGrant("refresh_token"));
        }
        if let Some(scopes) = self.scopes(fields, version)? {
            signed_in.scopes = scopes;
        }
        self.give(fields, client, signed_in, None, version)
    }

    fn by_password(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let client = self.client(fields, Some(&self.used(fields)))?;
        let (username, password) = (fields.need("username")?, fields.need("password")?);
        let needed = if version == Version::V1 { "resource" } else { "scope" };
        let scopes = self.scopes(fields, version)?.ok_or(Denial::Missing(needed))?;
        // An unknown account is refused like a wrong password, so that a refusal does not reveal which accounts exist.
        let account = self.sign_in.account(self.graph_tenant, username).ok_or(Denial::Password)?;
        if !self.graph_tenant.clients.has_password(account, password) {
            return Err(Denial::Password);
        }
        let signed_in = SignedIn { account: account.to_owned(), client: client.id().to_owned(), scopes };
        self.give(fields, client, signed_in, None, version)
    }

    fn by_device(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let client = self.client(fields, None)?;
        // The first edition names the parameter `code`.
        let code = fields.get("device_code").or_else(|| fields.get("code")).ok_or(Denial::Missing("device_code"))?;
        let signed_in = {
            let mut devices = self.sign_in.devices();
            let device = devices.get(code, self.request.now).map_err(|absent| match absent {
                Absent::Unknown => Denial::DeviceCode,
                Absent::Expired => Denial::DeviceExpired,
            })?;
            if device.tenant != self.graph_tenant.id() || device.client != client.id() {
                return Err(Denial::DeviceCode);
            }
            let account = match &device.state {
                DeviceSignInState::Waiting => return Err(Denial::Pending),
                DeviceSignInState::Declined => return Err(Denial::DeviceDeclined),
                DeviceSignInState::Redeemed => return Err(Denial::Redeemed),
                DeviceSignInState::Confirmed { account } => account.clone(),
            };
            device.state = DeviceSignInState::Redeemed;
            SignedIn { account, client: client.id().to_owned(), scopes: device.scopes.clone() }
        };
        self.give(fields, client, signed_in, None, version)
    }

    fn give(
        &self,
        fields: &Fields,
        client: &Client,
        signed_in: SignedIn,
        nonce: Option<String>,
        version: Version,
    ) -> Result<Value, Denial> {
        let with_client_info = fields.get("client_info") == Some("1");
        self.of_account(Delegated { signed_in, client, nonce, with_client_info }, version)
    }
}
