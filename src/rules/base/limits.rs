//! The numbers of the service, each with unit, reason and source.

/// R1: characters of a title (D19).
pub const TITLE_CHARACTERS_MAX: usize = 50;
/// R2: characters of a body (D19).
pub const BODY_CHARACTERS_MAX: usize = 500;
/// R20: groups that one message addresses directly (D19).
pub const GROUPS_PER_MESSAGE_MAX: usize = 25;
/// R40: group messages accepted in an hour by a tenant (D19).
pub const GROUP_MESSAGES_PER_HOUR: usize = 25;
/// R43: single-device messages accepted in an hour for one device (D19).
pub const DEVICE_MESSAGES_PER_HOUR: usize = 10;
/// The window of the limits on requests, in wall-clock seconds (Graph).
pub const REQUEST_WINDOW_S: u64 = 20;
/// Requests about managed devices in a window, of a tenant (Graph).
pub const TENANT_REQUESTS_MAX: u32 = 4_000;
/// The same of one application in a tenant (Graph).
pub const APP_REQUESTS_MAX: u32 = 2_000;
/// Those among them that act, of a tenant (Graph).
pub const TENANT_WRITES_MAX: u32 = 400;
/// The same of one application in a tenant (Graph).
pub const APP_WRITES_MAX: u32 = 200;
/// R45: the sliding hour of both quotas, in ms (our interpretation of "an hour").
pub const QUOTA_WINDOW_MS: u64 = 3_600_000;
/// R52: how long a message is tried by default, in ms (FCM's default, 28 days).
pub const EXPIRY_DEFAULT_MS: u64 = 28 * 24 * 3_600_000;
/// R53: messages that APNs stores for an app on an offline device (Apple).
pub const APNS_STORED: u32 = 1;
/// R54: messages that FCM stores for an app on a device (Google).
pub const FCM_STORED: u32 = 100;
/// R57: FCM's messages a minute for a project (Google).
pub const FCM_PER_MINUTE: u64 = 600_000;
/// R57: bytes of a gateway's payload (Apple and Google); 550 characters of 4 bytes fit.
pub const PAYLOAD_BYTES_MAX: usize = 4_096;
/// Messages that a report lists one by one; more than these (a report of some 5 MB) are summarised per send.
pub const MESSAGES_LISTED_MAX: u64 = 10_000;
/// Faults in one scenario, because a device's faults are one 128-bit set.
pub const FAULTS_MAX: usize = 128;
/// Devices in one fleet: a hundred million, the largest forecast that is promised.
pub const DEVICES_MAX: u64 = 100_000_000;
/// X16: the units in which a gateway's capacity is counted, per message, so that rates per second, minute and hour are
/// whole.
pub const CAPACITY_UNITS: u128 = 3_600_000;
