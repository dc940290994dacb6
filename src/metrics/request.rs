//! Label values of requests to the servers of this program and of their answers. Must not depend on HTTP: every unknown
//! path has one value, so that a client cannot create a series by requesting it.

/// The route of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum RouteLabel {
    /// The metrics.
    #[strum(serialize = "/metrics")]
    Metrics,
    /// The root page.
    #[strum(serialize = "/")]
    Root,
    /// Every other path, and requests refused before their route was known.
    Other,
    /// A list of managed devices.
    ManagedDevices,
    /// One managed device.
    ManagedDevice,
    /// A check-in of one device.
    SyncDevice,
    /// A notification to one device.
    SendToDevice,
    /// A notification to groups.
    SendToGroups,
    /// An action on many devices.
    ExecuteAction,
    /// A list of users.
    Users,
    /// One user.
    User,
    /// A list of groups.
    Groups,
    /// One group.
    Group,
    /// Members of a group.
    Members,
    /// The groups that an object is a member of.
    Memberships,
    /// A list of directory devices.
    Devices,
    /// One directory device.
    Device,
    /// Counts of managed devices by operating system.
    #[strum(serialize = "managed_device_overview")]
    Overview,
    /// The organisation.
    Organization,
    /// A batch of requests.
    Batch,
    /// A token, or a page or a code that leads to one.
    Token,
    /// The discovery document of the authority.
    Discovery,
}

impl RouteLabel {
    /// The routes of the metrics server.
    pub const OF_METRICS: [Self; 3] = [Self::Metrics, Self::Root, Self::Other];

    /// The label value in metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// The route of a path of the metrics server.
    pub fn of(path: &str) -> Self {
        match path {
            "/metrics" => Self::Metrics,
            "/" => Self::Root,
            _ => Self::Other,
        }
    }
}

/// The status of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// 200.
    #[strum(serialize = "200")]
    Ok,
    /// 204.
    #[strum(serialize = "204")]
    NoContent,
    /// 400.
    #[strum(serialize = "400")]
    BadRequest,
    /// 401.
    #[strum(serialize = "401")]
    Unauthorized,
    /// 403.
    #[strum(serialize = "403")]
    Forbidden,
    /// 404.
    #[strum(serialize = "404")]
    NotFound,
    /// 405.
    #[strum(serialize = "405")]
    MethodNotAllowed,
    /// 408.
    #[strum(serialize = "408")]
    RequestTimeout,
    /// 413.
    #[strum(serialize = "413")]
    PayloadTooLarge,
    /// 415.
    #[strum(serialize = "415")]
    UnsupportedMediaType,
    /// 424.
    #[strum(serialize = "424")]
    FailedDependency,
    /// 429.
    #[strum(serialize = "429")]
    TooManyRequests,
    /// 503.
    #[strum(serialize = "503")]
    ServiceUnavailable,
    /// Any other status; these servers do not send one.
    Other,
}

impl Status {
    /// The statuses of the metrics server.
    pub const OF_METRICS: [Self; 6] = [
        Self::Ok,
        Self::Unauthorized,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooManyRequests,
        Self::ServiceUnavailable,
    ];

    /// The label value in metrics: the status code.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// The status with this code.
    pub const fn of(code: u16) -> Self {
        match code {
            200 => Self::Ok,
            204 => Self::NoContent,
            400 => Self::BadRequest,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            424 => Self::FailedDependency,
            429 => Self::TooManyRequests,
            503 => Self::ServiceUnavailable,
            _ => Self::Other,
        }
    }
}

/// What a request to sign in came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum SignInOutcome {
    /// Tokens or a code were issued.
    Issued,
    /// It was refused.
    Refused,
    /// It was refused unchecked, because many failed before.
    Slowed,
}

impl SignInOutcome {
    /// The label value in metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn a_code_is_its_word() {
        for &status in Status::VARIANTS {
            assert_eq!(status.name().parse().map_or(Status::Other, Status::of), status);
        }
        assert_eq!(Status::of(418), Status::Other);
    }

    #[test]
    fn places_are_numbers() {
        for (at, route) in RouteLabel::VARIANTS.iter().copied().enumerate() {
            assert_eq!(route as usize, at);
        }
        for (at, status) in Status::VARIANTS.iter().copied().enumerate() {
            assert_eq!(status as usize, at);
        }
    }
}
