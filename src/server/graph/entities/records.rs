//! Complex types of Graph, with those of their members that a filter may name. Must contain data only.

use crate::server::odata::{ComplexType, Field, FieldKind};

const fn closed(name: &'static str) -> ComplexType {
    ComplexType { name, members: &[] }
}

pub(crate) static ALTERNATIVE_SECURITY_ID: ComplexType = ComplexType {
    name: "microsoft.graph.alternativeSecurityId",
    members: &[Field::new("type", FieldKind::Whole), Field::new("identityProvider", FieldKind::Text)],
};
pub(crate) static ASSIGNED_LABEL: ComplexType = closed("microsoft.graph.assignedLabel");
pub(crate) static ASSIGNED_LICENSE: ComplexType = ComplexType {
    name: "microsoft.graph.assignedLicense",
    members: &[Field::new("skuId", FieldKind::Guid), Field::new("disabledPlans", FieldKind::Texts)],
};
pub(crate) static ASSIGNED_PLAN: ComplexType = ComplexType {
    name: "microsoft.graph.assignedPlan",
    members: &[
        Field::new("assignedDateTime", FieldKind::Moment),
        Field::new("capabilityStatus", FieldKind::Text),
        Field::new("service", FieldKind::Text),
        Field::new("servicePlanId", FieldKind::Guid),
    ],
};
pub(crate) static AUTHORIZATION_INFO: ComplexType = closed("microsoft.graph.authorizationInfo");
pub(crate) static CERTIFICATE_CONNECTOR_SETTING: ComplexType = closed("microsoft.graph.certificateConnectorSetting");
pub(crate) static CHROME_OSDEVICE_PROPERTY: ComplexType = closed("microsoft.graph.chromeOSDeviceProperty");
pub(crate) static CLOUD_PC_REMOTE_ACTION_RESULT: ComplexType = closed("microsoft.graph.cloudPcRemoteActionResult");
pub(crate) static CLOUD_REALTIME_COMMUNICATION_INFO: ComplexType =
    closed("microsoft.graph.cloudRealtimeCommunicationInfo");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_ENABLED_FEATURES: ComplexType =
    closed("microsoft.graph.configurationManagerClientEnabledFeatures");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_HEALTH_STATE: ComplexType =
    closed("microsoft.graph.configurationManagerClientHealthState");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_INFORMATION: ComplexType =
    closed("microsoft.graph.configurationManagerClientInformation");
pub(crate) static CUSTOM_SECURITY_ATTRIBUTE_VALUE: ComplexType = closed("microsoft.graph.customSecurityAttributeValue");
pub(crate) static DEVICE_ACTION_RESULT: ComplexType = closed("microsoft.graph.deviceActionResult");
pub(crate) static DEVICE_HEALTH_ATTESTATION_STATE: ComplexType = closed("microsoft.graph.deviceHealthAttestationState");
pub(crate) static DEVICE_HEALTH_SCRIPT_POLICY_STATE: ComplexType =
    closed("microsoft.graph.deviceHealthScriptPolicyState");
pub(crate) static DEVICE_KEY: ComplexType = closed("microsoft.graph.deviceKey");
pub(crate) static DIRECTORY_SIZE_QUOTA: ComplexType = closed("microsoft.graph.directorySizeQuota");
pub(crate) static EMPLOYEE_ORG_DATA: ComplexType = ComplexType {
    name: "microsoft.graph.employeeOrgData",
    members: &[Field::new("costCenter", FieldKind::Text), Field::new("division", FieldKind::Text)],
};
pub(crate) static GROUP_WRITEBACK_CONFIGURATION: ComplexType = closed("microsoft.graph.groupWritebackConfiguration");
pub(crate) static HARDWARE_INFORMATION: ComplexType = closed("microsoft.graph.hardwareInformation");
pub(crate) static IDENTITY_GOVERNANCE_USER_SETTINGS: ComplexType =
    closed("microsoft.graph.identityGovernanceUserSettings");
pub(crate) static LICENSE_ASSIGNMENT_STATE: ComplexType = closed("microsoft.graph.licenseAssignmentState");
pub(crate) static LICENSE_PROCESSING_STATE: ComplexType = closed("microsoft.graph.licenseProcessingState");
pub(crate) static LOGGED_ON_USER: ComplexType = ComplexType {
    name: "microsoft.graph.loggedOnUser",
    members: &[Field::new("userId", FieldKind::Text), Field::new("lastLogOnDateTime", FieldKind::Moment)],
};
pub(crate) static MAILBOX_SETTINGS: ComplexType = closed("microsoft.graph.mailboxSettings");
pub(crate) static MEMBERSHIP_RULE_PROCESSING_STATUS: ComplexType =
    closed("microsoft.graph.membershipRuleProcessingStatus");
pub(crate) static OBJECT_IDENTITY: ComplexType = ComplexType {
    name: "microsoft.graph.objectIdentity",
    members: &[
        Field::new("signInType", FieldKind::Text),
        Field::new("issuer", FieldKind::Text),
        Field::new("issuerAssignedId", FieldKind::Text),
    ],
};
pub(crate) static ON_PREMISES_EXTENSION_ATTRIBUTES: ComplexType = ComplexType {
    name: "microsoft.graph.onPremisesExtensionAttributes",
    members: &[
        Field::new("extensionAttribute1", FieldKind::Text),
        Field::new("extensionAttribute2", FieldKind::Text),
        Field::new("extensionAttribute3", FieldKind::Text),
        Field::new("extensionAttribute4", FieldKind::Text),
        Field::new("extensionAttribute5", FieldKind::Text),
        Field::new("extensionAttribute6", FieldKind::Text),
        Field::new("extensionAttribute7", FieldKind::Text),
        Field::new("extensionAttribute8", FieldKind::Text),
        Field::new("extensionAttribute9", FieldKind::Text),
        Field::new("extensionAttribute10", FieldKind::Text),
        Field::new("extensionAttribute11", FieldKind::Text),
        Field::new("extensionAttribute12", FieldKind::Text),
        Field::new("extensionAttribute13", FieldKind::Text),
        Field::new("extensionAttribute14", FieldKind::Text),
        Field::new("extensionAttribute15", FieldKind::Text),
    ],
};
pub(crate) static ON_PREMISES_PROVISIONING_ERROR: ComplexType = ComplexType {
    name: "microsoft.graph.onPremisesProvisioningError",
    members: &[Field::new("category", FieldKind::Text), Field::new("propertyCausingError", FieldKind::Text)],
};
pub(crate) static ON_PREMISES_SIP_INFO: ComplexType = closed("microsoft.graph.onPremisesSipInfo");
pub(crate) static PARTNER_INFORMATION: ComplexType = closed("microsoft.graph.partnerInformation");
pub(crate) static PASSWORD_PROFILE: ComplexType = closed("microsoft.graph.passwordProfile");
pub(crate) static PRIVACY_PROFILE: ComplexType = closed("microsoft.graph.privacyProfile");
pub(crate) static PROVISIONED_PLAN: ComplexType = ComplexType {
    name: "microsoft.graph.provisionedPlan",
    members: &[
        Field::new("capabilityStatus", FieldKind::Text),
        Field::new("provisioningStatus", FieldKind::Text),
        Field::new("service", FieldKind::Text),
    ],
};
pub(crate) static RESOURCE_QUOTA: ComplexType = closed("microsoft.graph.resourceQuota");
pub(crate) static SERVICE_PROVISIONING_ERROR: ComplexType = ComplexType {
    name: "microsoft.graph.serviceProvisioningError",
    members: &[Field::new("isResolved", FieldKind::Flag), Field::new("serviceInstance", FieldKind::Text)],
};
pub(crate) static SIGN_IN_ACTIVITY: ComplexType = ComplexType {
    name: "microsoft.graph.signInActivity",
    members: &[
        Field::new("lastSignInDateTime", FieldKind::Moment),
        Field::new("lastNonInteractiveSignInDateTime", FieldKind::Moment),
        Field::new("lastSuccessfulSignInDateTime", FieldKind::Moment),
    ],
};
pub(crate) static USER_PRINT: ComplexType = closed("microsoft.graph.userPrint");
pub(crate) static VERIFIED_DOMAIN: ComplexType = closed("microsoft.graph.verifiedDomain");
