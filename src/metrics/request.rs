//! Label values of requests to the servers of this program and of their answers. Must not depend on HTTP: every unknown
//! path has one value, so that a client cannot create a series by requesting it.

/// The route of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteLabel {
    /// The metrics.
    Metrics,
    /// The root page.
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
    /// Every route.
    pub const ALL: [Self; 22] = [
        Self::Metrics,
        Self::Root,
        Self::Other,
        Self::ManagedDevices,
        Self::ManagedDevice,
        Self::SyncDevice,
        Self::SendToDevice,
        Self::SendToGroups,
        Self::ExecuteAction,
        Self::Users,
        Self::User,
        Self::Groups,
        Self::Group,
        Self::Members,
        Self::Memberships,
        Self::Devices,
        Self::Device,
        Self::Overview,
        Self::Organization,
        Self::Batch,
        Self::Token,
        Self::Discovery,
    ];
    /// The routes of the metrics server.
    pub const OF_METRICS: [Self; 3] = [Self::Metrics, Self::Root, Self::Other];

    /// The label value in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metrics => "/metrics",
            Self::Root => "/",
            Self::Other => "other",
            Self::ManagedDevices => "managed_devices",
            Self::ManagedDevice => "managed_device",
            Self::SyncDevice => "sync_device",
            Self::SendToDevice => "send_to_device",
            Self::SendToGroups => "send_to_groups",
            Self::ExecuteAction => "execute_action",
            Self::Users => "users",
            Self::User => "user",
            Self::Groups => "groups",
            Self::Group => "group",
            Self::Members => "members",
            Self::Memberships => "memberships",
            Self::Devices => "devices",
            Self::Device => "device",
            Self::Overview => "managed_device_overview",
            Self::Organization => "organization",
            Self::Batch => "batch",
            Self::Token => "token",
            Self::Discovery => "discovery",
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200.
    Ok,
    /// 204.
    NoContent,
    /// 400.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408.
    RequestTimeout,
    /// 413.
    PayloadTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 424.
    FailedDependency,
    /// 429.
    TooManyRequests,
    /// 503.
    ServiceUnavailable,
    /// Any other status; these servers do not send one.
    Other,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::NoContent,
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::FailedDependency,
        Self::TooManyRequests,
        Self::ServiceUnavailable,
        Self::Other,
    ];
    /// The statuses of the metrics server.
    pub const OF_METRICS: [Self; 3] = [Self::Ok, Self::NotFound, Self::MethodNotAllowed];

    /// The label value in metrics: the status code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "200",
            Self::NoContent => "204",
            Self::BadRequest => "400",
            Self::Unauthorized => "401",
            Self::Forbidden => "403",
            Self::NotFound => "404",
            Self::MethodNotAllowed => "405",
            Self::RequestTimeout => "408",
            Self::PayloadTooLarge => "413",
            Self::UnsupportedMediaType => "415",
            Self::FailedDependency => "424",
            Self::TooManyRequests => "429",
            Self::ServiceUnavailable => "503",
            Self::Other => "other",
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_word() {
        for status in Status::ALL {
            assert_eq!(status.name().parse().map_or(Status::Other, Status::of), status);
        }
        assert_eq!(Status::of(418), Status::Other);
    }

    #[test]
    fn places_are_numbers() {
        for (at, route) in RouteLabel::ALL.into_iter().enumerate() {
            assert_eq!(route as usize, at);
        }
        for (at, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, at);
        }
    }
}
