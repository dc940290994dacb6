//! Why the authority refuses a request to sign in: the OAuth error, the AADSTS code and the message. Must not contain a
//! secret.

/// A refusal of the authority. Values of the request appear in it only if they are not secret, cut to
/// [`Denial::shown`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// No tenant has this id, name or domain.
    #[error(
        "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
    )]
    NoTenant(String),
    /// `common` or `organizations`, and the server has more than one tenant.
    #[error(
        "No tenant-identifying information found in either the request or implied by any provided credentials: this server has {0} tenants, so name one by its id, its name or a domain."
    )]
    WhichTenant(usize),
    /// `consumers`.
    #[error(
        "Only accounts of an organization sign in here: please do not use the /consumers endpoint to serve this request."
    )]
    Consumers,
    /// The authority has no such endpoint.
    #[error("The authority has no endpoint at this path.")]
    NoEndpoint,
    /// The endpoint does not take the method.
    #[error("The endpoint only accepts {0} requests.")]
    Method(&'static str),
    /// A parameter is missing.
    #[error("The request body must contain the following parameter: '{0}'.")]
    Missing(&'static str),
    /// A parameter is given twice.
    #[error("The request is not properly formatted. The parameter '{0}' is duplicated.")]
    Twice(String),
    /// The request cannot be parsed.
    #[error("Invalid request. Request is malformed or invalid: {0}.")]
    Malformed(&'static str),
    /// The client is not registered.
    #[error(
        "Application with identifier '{0}' was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
    )]
    NoClient(String),
    /// The grant type is not supported.
    #[error("The app requested an unsupported grant type '{0}'.")]
    Grant(String),
    /// The secret is wrong.
    #[error(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{0}'."
    )]
    Secret(String),
    /// A confidential client shows no credential.
    #[error("The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")]
    NoProof,
    /// A public client asks for a token of its own, or shows a credential.
    #[error("Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")]
    PublicProof,
    /// A public client asks for a token of its own.
    #[error(
        "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type, and the client is public."
    )]
    PublicClient,
    /// The assertion is not a JSON Web Token, or a claim is missing.
    #[error("Invalid JWT token: {0}.")]
    AssertionShape(&'static str),
    /// The assertion is signed by an unknown key, or its signature is wrong.
    #[error(
        "Client assertion contains an invalid signature, or the certificate with which it is signed is not registered on application."
    )]
    AssertionSignature,
    /// The assertion is used before or after its time.
    #[error("Client assertion is not within its valid time range.")]
    AssertionTime,
    /// The assertion is for another authority.
    #[error("Client assertion audience claim does not match Realm issuer.")]
    AssertionAudience,
    /// The assertion is about another client.
    #[error("Client assertion application identifier doesn't match 'client_id' parameter.")]
    AssertionClient,
    /// The assertion was presented before.
    #[error("Invalid JWT token: the client assertion was presented before.")]
    AssertionReplayed,
    /// Too many assertions are remembered.
    #[error("The service is temporarily unavailable: too many client assertions are valid at once.")]
    Busy,
    /// The scope cannot be parsed.
    #[error("The provided value for the input parameter 'scope' is not valid: {0}.")]
    Scope(&'static str),
    /// An application by itself asks for something other than `.default`.
    #[error(
        "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
    )]
    ScopeDefault,
    /// Scopes of more than one resource.
    #[error(
        "The provided value for the input parameter 'scope' is not valid because it contains more than one resource."
    )]
    ScopeResources,
    /// `resource` at a v2.0 endpoint.
    #[error("The 'resource' request parameter isn't supported.")]
    ResourceParameter,
    /// A resource other than Graph.
    #[error(
        "The resource principal named {0} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
    )]
    Resource(String),
    /// The client has no consent for this delegated permission.
    #[error("The user or administrator has not consented to use the application with the permission '{0}'.")]
    Consent(String),
    /// The redirect URI is not registered.
    #[error(
        "The redirect URI '{0}' specified in the request does not match the redirect URIs configured for the application."
    )]
    RedirectUri(String),
    /// There is no redirect URI.
    #[error("No reply address provided.")]
    NoRedirectUri,
    /// A response type other than `code`.
    #[error("The response_type '{0}' is not supported: use 'code'.")]
    ResponseType(String),
    /// `prompt=none`, and no account is known.
    #[error(
        "Session information is not sufficient for single-sign-on: with prompt=none, login_hint names the account."
    )]
    LoginRequired,
    /// There is no such account.
    #[error("The user account '{0}' does not exist in the directory.")]
    NoAccount(String),
    /// The user declined.
    #[error("The user declined to sign in.")]
    Declined,
    /// A code or a refresh token that was never issued, or was issued to another client.
    #[error("The provided value for the input parameter '{0}' is not valid.")]
    InvalidGrant(&'static str),
    /// A code or a refresh token is too old.
    #[error(
        "The provided authorization code or refresh token has expired. Send a new interactive authorization request."
    )]
    Expired,
    /// A code was redeemed before.
    #[error(
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."
    )]
    Redeemed,
    /// The redirect URI differs from the one that the code was issued for.
    #[error("The reply address does not match the reply address provided when requesting Authorization code.")]
    OtherRedirectUri,
    /// The verifier does not match the challenge.
    #[error("The Code_Verifier does not match the code_challenge supplied in the authorization request.")]
    Verifier,
    /// Name or password is wrong.
    #[error("Error validating credentials due to invalid username or password.")]
    Password,
    /// A device code waits for its user.
    #[error("OAuth 2.0 device flow error. Authorization is pending. Continue polling.")]
    Pending,
    /// The user of a device declined.
    #[error("OAuth 2.0 device flow error. The user declined to sign in.")]
    DeviceDeclined,
    /// A device code is too old.
    #[error("OAuth 2.0 device flow error. The device code has expired.")]
    DeviceExpired,
    /// A device code was never issued.
    #[error("OAuth 2.0 device flow error. The device code is not valid.")]
    DeviceCode,
    /// A user code was never issued, or is too old.
    #[error("The code that was entered is not valid or has expired.")]
    UserCode,
    /// Too many sign-ins of the client, the account or the peer failed: this one is not checked. Whole seconds to wait.
    #[error(
        "The sign-in is not checked, because too many failed before: the client, the account or the address may try again in {0} s."
    )]
    TooManyFailures(u64),
    /// A scope that this server does not offer.
    #[error("The application asked for scope '{0}' that doesn't exist on the resource.")]
    NotOffered(String),
    /// An authority host that this server is not.
    #[error("Unknown or invalid instance.")]
    Instance,
}

impl Denial {
    /// Characters of a value of the request that are repeated in a message.
    const SHOWN_CHARACTERS_MAX: usize = 80;

    /// A value of the request, cut to a readable length.
    pub fn shown(value: &str) -> String {
        value.chars().take(Self::SHOWN_CHARACTERS_MAX).collect()
    }

    /// The number behind `AADSTS`.
    pub const fn code(&self) -> u32 {
        match self {
            Self::NoTenant(_) => 90_002,
            Self::WhichTenant(_) => 50_059,
            Self::Consumers => 9_002_346,
            Self::NoEndpoint => 90_013,
            Self::Method(_) => 900_561,
            Self::Missing(_) => 900_144,
            Self::Twice(_) => 9_000_411,
            Self::Malformed(_) => 9_002_313,
            Self::NoClient(_) => 700_016,
            Self::Grant(_) => 70_003,
            Self::Secret(_) => 7_000_215,
            Self::NoProof => 7_000_218,
            Self::PublicProof => 700_025,
            Self::PublicClient => 7_000_216,
            Self::AssertionShape(_) | Self::AssertionReplayed => 50_027,
            Self::AssertionSignature => 700_027,
            Self::AssertionTime => 700_024,
            Self::AssertionAudience => 700_023,
            Self::AssertionClient => 700_021,
            Self::Busy => 90_006,
            Self::Scope(_) => 70_011,
            Self::ScopeDefault => 1_002_012,
            Self::ScopeResources => 28_000,
            Self::ResourceParameter => 901_002,
            Self::Resource(_) => 500_011,
            Self::Consent(_) => 65_001,
            Self::RedirectUri(_) => 50_011,
            Self::NoRedirectUri => 900_971,
            Self::ResponseType(_) => 700_051,
            Self::LoginRequired => 50_058,
            Self::NoAccount(_) => 50_034,
            Self::Declined | Self::DeviceDeclined => 65_004,
            Self::InvalidGrant(_) => 70_000,
            Self::Expired => 70_008,
            Self::Redeemed => 54_005,
            Self::OtherRedirectUri => 500_112,
            Self::Verifier => 501_481,
            Self::Password => 50_126,
            Self::Pending => 70_016,
            Self::DeviceExpired => 70_020,
            Self::DeviceCode | Self::UserCode => 70_018,
            Self::TooManyFailures(_) => 50_053,
            Self::NotOffered(_) => 650_053,
            Self::Instance => 50_049,
        }
    }

    /// The OAuth error code.
    pub const fn error(&self) -> &'static str {
        match self {
            Self::NoTenant(_)
            | Self::WhichTenant(_)
            | Self::Consumers
            | Self::NoEndpoint
            | Self::Method(_)
            | Self::Missing(_)
            | Self::Twice(_)
            | Self::Malformed(_)
            | Self::ResourceParameter
            | Self::RedirectUri(_)
            | Self::NoRedirectUri
            | Self::UserCode => "invalid_request",
            Self::NoClient(_) => "unauthorized_client",
            Self::Grant(_) => "unsupported_grant_type",
            Self::Secret(_)
            | Self::NoProof
            | Self::PublicProof
            | Self::PublicClient
            | Self::AssertionShape(_)
            | Self::AssertionSignature
            | Self::AssertionTime
            | Self::AssertionAudience
            | Self::AssertionClient
            | Self::AssertionReplayed => "invalid_client",
            Self::Busy | Self::TooManyFailures(_) => "temporarily_unavailable",
            Self::NotOffered(_) | Self::Scope(_) | Self::ScopeDefault | Self::ScopeResources => "invalid_scope",
            Self::Resource(_) => "invalid_resource",
            Self::ResponseType(_) => "unsupported_response_type",
            Self::LoginRequired => "login_required",
            Self::Consent(_)
            | Self::NoAccount(_)
            | Self::InvalidGrant(_)
            | Self::Expired
            | Self::Redeemed
            | Self::OtherRedirectUri
            | Self::Verifier
            | Self::Password => "invalid_grant",
            Self::Declined => "access_denied",
            Self::DeviceDeclined => "authorization_declined",
            Self::Pending => "authorization_pending",
            Self::DeviceExpired => "expired_token",
            Self::DeviceCode => "bad_verification_code",
            Self::Instance => "invalid_instance",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::NoEndpoint => 404,
            Self::Method(_) => 405,
            Self::Busy => 503,
            Self::TooManyFailures(_) => 429,
            other if other.error() == "invalid_client" => 401,
            _ => 400,
        }
    }

    /// The seconds after which it makes sense to try again.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyFailures(seconds) => Some(*seconds),
            Self::Busy => Some(1),
            _ => None,
        }
    }

    /// Could the request be one of many that guess a secret, a password or a code?
    pub const fn is_wrong_guess(&self) -> bool {
        matches!(
            self,
            Self::NoClient(_)
                | Self::Secret(_)
                | Self::AssertionShape(_)
                | Self::AssertionSignature
                | Self::AssertionClient
                | Self::AssertionReplayed
                | Self::InvalidGrant(_)
                | Self::Verifier
                | Self::Password
                | Self::DeviceCode
                | Self::UserCode
        )
    }

    /// The `suberror` that libraries read beside the error.
    pub const fn suberror(&self) -> Option<&'static str> {
        match self {
            Self::Consent(_) => Some("consent_required"),
            _ => None,
        }
    }
}
