//! The token endpoint: dispatches the grant types and answers with tokens. A code must be redeemed only once, by the
//! client that it was issued to.

use serde_json::Value;

use super::issued::Delegated;
use super::proof::{ProofPlace, ProvenClient};
use super::sign_in::DeviceSignInState;
use crate::server::identity::{Absent, Challenge, Denial, FailureKey, Fields, Resource, Scopes, SignedIn, Version};

impl ProofPlace<'_> {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub(super) async fn token(&self, version: Version) -> Result<Value, Denial> {
        let fields = self.request.fields()?;
        match fields.need("grant_type")? {
            "client_credentials" => {
                self.attempt.by("client_credentials");
                self.by_itself(&fields, version).await
            }
            "authorization_code" => {
                self.attempt.by("authorization_code");
                self.by_code(&fields, version).await
            }
            "refresh_token" => {
                self.attempt.by("refresh_token");
                self.by_refresh_token(&fields, version).await
            }
            "password" => {
                self.attempt.by("password");
                self.by_password(&fields, version).await
            }
            "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
                self.attempt.by("device_code");
                self.by_device(&fields, version).await
            }
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

    async fn by_itself(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let ProvenClient { client, proof } = self.client(fields, Some(&self.used(fields))).await?;
        if client.is_public() {
            return Err(Denial::PublicClient);
        }
        let needed = if version == Version::V1 { "resource" } else { "scope" };
        let scopes = self.scopes(fields, version)?.ok_or(Denial::Missing(needed))?;
        if !scopes.is_default() {
            return Err(Denial::ScopeDefault);
        }
        self.of_application(&client.bearer(), scopes.resource, proof, version)
    }

    async fn by_code(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let proven = self.client(fields, None).await?;
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
            if found.tenant != self.graph_tenant.id() || found.signed_in.client != proven.client.id() {
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
        self.give(fields, proven, signed_in, nonce, version)
    }

    async fn by_refresh_token(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let proven = self.client(fields, Some(&self.used(fields))).await?;
        let token = fields.need("refresh_token")?;
        let mut signed_in = self.graph_tenant.issuer.signed_in(token, proven.client.id(), self.request.now)?;
        // The server may have been restarted with another scenario since.
        if !super::sign_in::accounts(self.graph_tenant).any(|account| account == signed_in.account) {
            return Err(Denial::InvalidGrant("refresh_token"));
        }
        if let Some(scopes) = self.scopes(fields, version)? {
            signed_in.scopes = scopes;
        }
        self.give(fields, proven, signed_in, None, version)
    }

    async fn by_password(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let proven = self.client(fields, Some(&self.used(fields))).await?;
        let (username, password) = (fields.need("username")?, fields.need("password")?);
        let needed = if version == Version::V1 { "resource" } else { "scope" };
        let scopes = self.scopes(fields, version)?.ok_or(Denial::Missing(needed))?;
        // An unknown account is refused like a wrong password, so that a refusal does not reveal which accounts exist.
        let account = self.sign_in.account(self.graph_tenant, username);
        if let Some(account) = account {
            self.attempt.of_account(account);
            self.sign_in.may_try(&FailureKey::Account(self.graph_tenant.id(), account.to_owned()))?;
        }
        let known = account.and_then(|account| self.clients.password(account));
        let is_right = match known.or_else(|| self.clients.decoy()) {
            Some(hash) => self.sign_in.slow_checks().is_of(hash, password).await?,
            None => false,
        };
        let account = account.filter(|_| is_right && known.is_some()).ok_or(Denial::Password)?;
        let signed_in = SignedIn { account: account.to_owned(), client: proven.client.id().to_owned(), scopes };
        self.give(fields, proven, signed_in, None, version)
    }

    async fn by_device(&self, fields: &Fields, version: Version) -> Result<Value, Denial> {
        let proven = self.client(fields, None).await?;
        // The first edition names the parameter `code`.
        let code = fields.get("device_code").or_else(|| fields.get("code")).ok_or(Denial::Missing("device_code"))?;
        let signed_in = {
            let mut devices = self.sign_in.devices();
            let device = devices.get(code, self.request.now).map_err(|absent| match absent {
                Absent::Unknown => Denial::DeviceCode,
                Absent::Expired => Denial::DeviceExpired,
            })?;
            if device.tenant != self.graph_tenant.id() || device.client != proven.client.id() {
                return Err(Denial::DeviceCode);
            }
            let account = match &device.state {
                DeviceSignInState::Waiting => return Err(Denial::Pending),
                DeviceSignInState::Declined => return Err(Denial::DeviceDeclined),
                DeviceSignInState::Redeemed => return Err(Denial::Redeemed),
                DeviceSignInState::Confirmed { account } => account.clone(),
            };
            device.state = DeviceSignInState::Redeemed;
            SignedIn { account, client: proven.client.id().to_owned(), scopes: device.scopes.clone() }
        };
        self.give(fields, proven, signed_in, None, version)
    }

    fn give(
        &self,
        fields: &Fields,
        proven: ProvenClient<'_>,
        signed_in: SignedIn,
        nonce: Option<String>,
        version: Version,
    ) -> Result<Value, Denial> {
        self.attempt.of_account(&signed_in.account);
        let with_client_info = fields.get("client_info") == Some("1");
        self.of_account(Delegated { signed_in, proven, nonce, with_client_info }, version)
    }
}
