//! The properties of the organisation, in both editions of Graph. Must contain data only; `value` has the functions
//! that read them.

use super::value;
use crate::server::graph::entities::choices::{MDM_AUTHORITY, PARTNER_TENANT_TYPE};
use crate::server::graph::entities::property::PropertySource::{Derived, Model, Nothing};
use crate::server::graph::entities::property::{ALWAYS, BETA, BOTH, NEVER, Property, row};
use crate::server::graph::entities::records::{
    ASSIGNED_PLAN, CERTIFICATE_CONNECTOR_SETTING, DIRECTORY_SIZE_QUOTA, PARTNER_INFORMATION, PRIVACY_PROFILE,
    PROVISIONED_PLAN, RESOURCE_QUOTA, VERIFIED_DOMAIN,
};
use crate::server::odata::{FieldKind, Rules};

/// Every property; links last.
pub(super) const TABLE: &[Property<value::OrganizationReader>] = &[
    row("id", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Model(value::id)),
    row("assignedPlans", FieldKind::Records(&ASSIGNED_PLAN), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("businessPhones", FieldKind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row(
        "certificateConnectorSetting",
        FieldKind::Record(&CERTIFICATE_CONNECTOR_SETTING),
        BETA,
        ALWAYS,
        Rules::CLOSED,
        Nothing,
    ),
    row("city", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("country", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("countryLetterCode", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::country)),
    row("createdDateTime", FieldKind::Moment, BOTH, ALWAYS, Rules::CLOSED, Derived(value::created)),
    row("defaultUsageLocation", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::country)),
    row("deletedDateTime", FieldKind::Moment, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("directorySizeQuota", FieldKind::Record(&DIRECTORY_SIZE_QUOTA), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("displayName", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Model(value::display_name)),
    row("isMultipleDataLocationsForServicesEnabled", FieldKind::Flag, BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("marketingNotificationEmails", FieldKind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("mobileDeviceManagementAuthority", MDM_AUTHORITY, BOTH, ALWAYS, Rules::CLOSED, Derived(value::authority)),
    row("onPremisesLastPasswordSyncDateTime", FieldKind::Moment, BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("onPremisesLastSyncDateTime", FieldKind::Moment, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("onPremisesSyncEnabled", FieldKind::Flag, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("partnerInformation", FieldKind::Record(&PARTNER_INFORMATION), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("partnerTenantType", PARTNER_TENANT_TYPE, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("postalCode", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("preferredLanguage", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("privacyProfile", FieldKind::Record(&PRIVACY_PROFILE), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("provisionedPlans", FieldKind::Records(&PROVISIONED_PLAN), BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("resourceQuotas", FieldKind::Records(&RESOURCE_QUOTA), BETA, ALWAYS, Rules::CLOSED, Nothing),
    row("securityComplianceNotificationMails", FieldKind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("securityComplianceNotificationPhones", FieldKind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("state", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("street", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("technicalNotificationMails", FieldKind::Texts, BOTH, ALWAYS, Rules::CLOSED, Nothing),
    row("tenantType", FieldKind::Text, BOTH, ALWAYS, Rules::CLOSED, Derived(value::tenant_type)),
    row(
        "verifiedDomains",
        FieldKind::Records(&VERIFIED_DOMAIN),
        BOTH,
        ALWAYS,
        Rules::CLOSED,
        Derived(value::verified_domains),
    ),
    row("branding", FieldKind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("certificateBasedAuthConfiguration", FieldKind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("extensions", FieldKind::Link, BOTH, NEVER, Rules::CLOSED, Nothing),
    row("settings", FieldKind::Link, BETA, NEVER, Rules::CLOSED, Nothing),
];
