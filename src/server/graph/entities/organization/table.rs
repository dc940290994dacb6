//! The properties of the organisation, in both editions of Graph. Data; what each is read by stands in `value`.

use super::value;
use crate::server::graph::entities::choices::{MDM_AUTHORITY, PARTNER_TENANT_TYPE};
use crate::server::graph::entities::property::Source::{Derived, Model, Nothing};
use crate::server::graph::entities::property::{ALWAYS, BETA, BOTH, NEVER, Property, row};
use crate::server::graph::entities::records::{
    ASSIGNED_PLAN, CERTIFICATE_CONNECTOR_SETTING, DIRECTORY_SIZE_QUOTA, PARTNER_INFORMATION, PRIVACY_PROFILE,
    PROVISIONED_PLAN, RESOURCE_QUOTA, VERIFIED_DOMAIN,
};
use crate::server::odata::{Kind, Rules};

/// Every property; links last.
pub(super) const TABLE: &[Property<value::Read>] = &[
    row("id", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Model(value::id)),
    row("assignedPlans", Kind::Records(&ASSIGNED_PLAN), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("businessPhones", Kind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row(
        "certificateConnectorSetting",
        Kind::Record(&CERTIFICATE_CONNECTOR_SETTING),
        BETA,
        ALWAYS,
        Rules::CLOSED,
        Nothing,
    ),
    row("city", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("country", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("countryLetterCode", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::country)),
    row("createdDateTime", Kind::Moment, BOTH, ALWAYS, Rules::CLOSED, Derived(value::created)),
    row("defaultUsageLocation", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::country)),
    row("deletedDateTime", Kind::Moment, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("directorySizeQuota", Kind::Record(&DIRECTORY_SIZE_QUOTA), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("displayName", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Model(value::display_name)),
    row("isMultipleDataLocationsForServicesEnabled", Kind::Flag, BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("marketingNotificationEmails", Kind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("mobileDeviceManagementAuthority", MDM_AUTHORITY, BOTH, ALWAYS, Rules::CLOSED, Derived(value::authority)),
    row("onPremisesLastPasswordSyncDateTime", Kind::Moment, BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("onPremisesLastSyncDateTime", Kind::Moment, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("onPremisesSyncEnabled", Kind::Flag, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("partnerInformation", Kind::Record(&PARTNER_INFORMATION), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("partnerTenantType", PARTNER_TENANT_TYPE, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("postalCode", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("preferredLanguage", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("privacyProfile", Kind::Record(&PRIVACY_PROFILE), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("provisionedPlans", Kind::Records(&PROVISIONED_PLAN), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("resourceQuotas", Kind::Records(&RESOURCE_QUOTA), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("securityComplianceNotificationMails", Kind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("securityComplianceNotificationPhones", Kind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("state", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("street", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("technicalNotificationMails", Kind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("tenantType", Kind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::tenant_type)),
    row(
        "verifiedDomains",
        Kind::Records(&VERIFIED_DOMAIN),
        BOTH,
        ALWAYS,
        Rules::CLOSED,
        Derived(value::verified_domains),
    ),
    row("branding", Kind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("certificateBasedAuthConfiguration", Kind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("extensions", Kind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("settings", Kind::Link, BETA, NEVER, Rules::CLOSED, Nothing),
];
