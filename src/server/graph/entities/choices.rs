//! The words of enumerations, as Graph writes them, in both editions. Must contain data only.

use crate::server::odata::FieldKind;

pub(crate) const CHASSIS_TYPE: FieldKind = FieldKind::Choice(&[
    "unknown",
    "desktop",
    "laptop",
    "worksWorkstation",
    "enterpriseServer",
    "phone",
    "tablet",
    "mobileOther",
    "mobileUnknown",
]);
pub(crate) const COMPLIANCE_STATE: FieldKind =
    FieldKind::Choice(&["unknown", "compliant", "noncompliant", "conflict", "error", "inGracePeriod", "configManager"]);
pub(crate) const DEVICE_ENROLLMENT_TYPE: FieldKind = FieldKind::Choice(&[
    "unknown",
    "userEnrollment",
    "deviceEnrollmentManager",
    "appleBulkWithUser",
    "appleBulkWithoutUser",
    "windowsAzureADJoin",
    "windowsBulkUserless",
    "windowsAutoEnrollment",
    "windowsBulkAzureDomainJoin",
    "windowsCoManagement",
    "windowsAzureADJoinUsingDeviceAuth",
    "appleUserEnrollment",
    "appleUserEnrollmentWithServiceAccount",
    "azureAdJoinUsingAzureVmExtension",
    "androidEnterpriseDedicatedDevice",
    "androidEnterpriseFullyManaged",
    "androidEnterpriseCorporateWorkProfile",
    "androidAOSPUserOwnedDeviceEnrollment",
    "androidAOSPUserlessDeviceEnrollment",
    "appleAccountDrivenUserEnrollment",
    "unknownFutureValue",
]);
pub(crate) const DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE: FieldKind =
    FieldKind::Choice(&["none", "unknown", "allowed", "blocked", "quarantined"]);
pub(crate) const DEVICE_MANAGEMENT_EXCHANGE_ACCESS_STATE_REASON: FieldKind = FieldKind::Choice(&[
    "none",
    "unknown",
    "exchangeGlobalRule",
    "exchangeIndividualRule",
    "exchangeDeviceRule",
    "exchangeUpgrade",
    "exchangeMailboxPolicy",
    "other",
    "compliant",
    "notCompliant",
    "notEnrolled",
    "unknownLocation",
    "mfaRequired",
    "azureADBlockDueToAccessPolicy",
    "compromisedPassword",
    "deviceNotKnownWithManagedApp",
]);
pub(crate) const DEVICE_REGISTRATION_STATE: FieldKind = FieldKind::Choice(&[
    "notRegistered",
    "registered",
    "revoked",
    "keyConflict",
    "approvalPending",
    "certificateReset",
    "notRegisteredPendingEnrollment",
    "unknown",
]);
pub(crate) const DEVICE_TYPE: FieldKind = FieldKind::Choice(&[
    "desktop",
    "windowsRT",
    "winMO6",
    "nokia",
    "windowsPhone",
    "mac",
    "winCE",
    "winEmbedded",
    "iPhone",
    "iPad",
    "iPod",
    "android",
    "iSocConsumer",
    "unix",
    "macMDM",
    "holoLens",
    "surfaceHub",
    "androidForWork",
    "androidEnterprise",
    "windows10x",
    "androidnGMS",
    "chromeOS",
    "linux",
    "visionOS",
    "tvOS",
    "blackberry",
    "palm",
    "unknown",
    "cloudPC",
]);
pub(crate) const GROUP_ACCESS_TYPE: FieldKind =
    FieldKind::Choice(&["none", "private", "secret", "public", "unknownFutureValue"]);
pub(crate) const JOIN_TYPE: FieldKind =
    FieldKind::Choice(&["unknown", "azureADJoined", "azureADRegistered", "hybridAzureADJoined"]);
pub(crate) const LOST_MODE_STATE: FieldKind = FieldKind::Choice(&["disabled", "enabled"]);
pub(crate) const MANAGED_DEVICE_ARCHITECTURE: FieldKind = FieldKind::Choice(&["unknown", "x86", "x64", "arm", "arM64"]);
pub(crate) const MANAGED_DEVICE_MANAGEMENT_FEATURES: FieldKind =
    FieldKind::Choice(&["none", "microsoftManagedDesktop"]);
pub(crate) const MANAGED_DEVICE_OWNER_TYPE: FieldKind =
    FieldKind::Choice(&["unknown", "company", "personal", "unknownFutureValue"]);
pub(crate) const MANAGED_DEVICE_PARTNER_REPORTED_HEALTH_STATE: FieldKind = FieldKind::Choice(&[
    "unknown",
    "activated",
    "deactivated",
    "secured",
    "lowSeverity",
    "mediumSeverity",
    "highSeverity",
    "unresponsive",
    "compromised",
    "misconfigured",
]);
pub(crate) const MANAGEMENT_AGENT_TYPE: FieldKind = FieldKind::Choice(&[
    "eas",
    "mdm",
    "easMdm",
    "intuneClient",
    "easIntuneClient",
    "configurationManagerClient",
    "configurationManagerClientMdm",
    "configurationManagerClientMdmEas",
    "unknown",
    "jamf",
    "googleCloudDevicePolicyController",
    "microsoft365ManagedMdm",
    "msSense",
    "intuneAosp",
    "google",
    "unknownFutureValue",
]);
pub(crate) const MANAGEMENT_STATE: FieldKind = FieldKind::Choice(&[
    "managed",
    "retirePending",
    "retireFailed",
    "wipePending",
    "wipeFailed",
    "unhealthy",
    "deletePending",
    "retireIssued",
    "wipeIssued",
    "wipeCanceled",
    "retireCanceled",
    "discovered",
    "unknownFutureValue",
]);
pub(crate) const MDM_AUTHORITY: FieldKind = FieldKind::Choice(&["unknown", "intune", "sccm", "office365"]);
pub(crate) const OWNER_TYPE: FieldKind = FieldKind::Choice(&["unknown", "company", "personal"]);
pub(crate) const PARTNER_TENANT_TYPE: FieldKind = FieldKind::Choice(&[
    "microsoftSupport",
    "syndicatePartner",
    "breadthPartner",
    "breadthPartnerDelegatedAdmin",
    "resellerPartnerDelegatedAdmin",
    "valueAddedResellerPartnerDelegatedAdmin",
    "unknownFutureValue",
]);
