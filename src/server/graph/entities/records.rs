//! Complex types of Graph, with those of their members that a filter may name. Data.

use crate::server::odata::{Field, Kind, Record};

const fn closed(name: &'static str) -> Record {
    Record { name, members: &[] }
}

pub(crate) static ALTERNATIVE_SECURITY_ID: Record = Record {
    name: "microsoft.graph.alternativeSecurityId",
    members: &[Field::new("type", Kind::Whole), Field::new("identityProvider", Kind::Text)],
};
pub(crate) static ASSIGNED_LABEL: Record = closed("microsoft.graph.assignedLabel");
pub(crate) static ASSIGNED_LICENSE: Record = Record {
    name: "microsoft.graph.assignedLicense",
    members: &[Field::new("skuId", Kind::Guid), Field::new("disabledPlans", Kind::Texts)],
};
pub(crate) static ASSIGNED_PLAN: Record = Record {
    name: "microsoft.graph.assignedPlan",
    members: &[
        Field::new("assignedDateTime", Kind::Moment),
        Field::new("capabilityStatus", Kind::Text),
        Field::new("service", Kind::Text),
        Field::new("servicePlanId", Kind::Guid),
    ],
};
pub(crate) static AUTHORIZATION_INFO: Record = closed("microsoft.graph.authorizationInfo");
pub(crate) static CERTIFICATE_CONNECTOR_SETTING: Record = closed("microsoft.graph.certificateConnectorSetting");
pub(crate) static CHROME_OSDEVICE_PROPERTY: Record = closed("microsoft.graph.chromeOSDeviceProperty");
pub(crate) static CLOUD_PC_REMOTE_ACTION_RESULT: Record = closed("microsoft.graph.cloudPcRemoteActionResult");
pub(crate) static CLOUD_REALTIME_COMMUNICATION_INFO: Record = closed("microsoft.graph.cloudRealtimeCommunicationInfo");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_ENABLED_FEATURES: Record =
    closed("microsoft.graph.configurationManagerClientEnabledFeatures");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_HEALTH_STATE: Record =
    closed("microsoft.graph.configurationManagerClientHealthState");
pub(crate) static CONFIGURATION_MANAGER_CLIENT_INFORMATION: Record =
    closed("microsoft.graph.configurationManagerClientInformation");
pub(crate) static CUSTOM_SECURITY_ATTRIBUTE_VALUE: Record = closed("microsoft.graph.customSecurityAttributeValue");
pub(crate) static DEVICE_ACTION_RESULT: Record = closed("microsoft.graph.deviceActionResult");
pub(crate) static DEVICE_HEALTH_ATTESTATION_STATE: Record = closed("microsoft.graph.deviceHealthAttestationState");
pub(crate) static DEVICE_HEALTH_SCRIPT_POLICY_STATE: Record = closed("microsoft.graph.deviceHealthScriptPolicyState");
pub(crate) static DEVICE_KEY: Record = closed("microsoft.graph.deviceKey");
pub(crate) static DIRECTORY_SIZE_QUOTA: Record = closed("microsoft.graph.directorySizeQuota");
pub(crate) static EMPLOYEE_ORG_DATA: Record = Record {
    name: "microsoft.graph.employeeOrgData",
    members: &[Field::new("costCenter", Kind::Text), Field::new("division", Kind::Text)],
};
pub(crate) static GROUP_WRITEBACK_CONFIGURATION: Record = closed("microsoft.graph.groupWritebackConfiguration");
pub(crate) static HARDWARE_INFORMATION: Record = closed("microsoft.graph.hardwareInformation");
pub(crate) static IDENTITY_GOVERNANCE_USER_SETTINGS: Record = closed("microsoft.graph.identityGovernanceUserSettings");
pub(crate) static LICENSE_ASSIGNMENT_STATE: Record = closed("microsoft.graph.licenseAssignmentState");
pub(crate) static LICENSE_PROCESSING_STATE: Record = closed("microsoft.graph.licenseProcessingState");
pub(crate) static LOGGED_ON_USER: Record = Record {
    name: "microsoft.graph.loggedOnUser",
    members: &[Field::new("userId", Kind::Text), Field::new("lastLogOnDateTime", Kind::Moment)],
};
pub(crate) static MAILBOX_SETTINGS: Record = closed("microsoft.graph.mailboxSettings");
pub(crate) static MEMBERSHIP_RULE_PROCESSING_STATUS: Record = closed("microsoft.graph.membershipRuleProcessingStatus");
pub(crate) static OBJECT_IDENTITY: Record = Record {
    name: "microsoft.graph.objectIdentity",
    members: &[
        Field::new("signInType", Kind::Text),
        Field::new("issuer", Kind::Text),
        Field::new("issuerAssignedId", Kind::Text),
    ],
};
pub(crate) static ON_PREMISES_EXTENSION_ATTRIBUTES: Record = Record {
    name: "microsoft.graph.onPremisesExtensionAttributes",
    members: &[
        Field::new("extensionAttribute1", Kind::Text),
        Field::new("extensionAttribute2", Kind::Text),
        Field::new("extensionAttribute3", Kind::Text),
        Field::new("extensionAttribute4", Kind::Text),
        Field::new("extensionAttribute5", Kind::Text),
        Field::new("extensionAttribute6", Kind::Text),
        Field::new("extensionAttribute7", Kind::Text),
        Field::new("extensionAttribute8", Kind::Text),
        Field::new("extensionAttribute9", Kind::Text),
        Field::new("extensionAttribute10", Kind::Text),
        Field::new("extensionAttribute11", Kind::Text),
        Field::new("extensionAttribute12", Kind::Text),
        Field::new("extensionAttribute13", Kind::Text),
        Field::new("extensionAttribute14", Kind::Text),
        Field::new("extensionAttribute15", Kind::Text),
    ],
};
pub(crate) static ON_PREMISES_PROVISIONING_ERROR: Record = Record {
    name: "microsoft.graph.onPremisesProvisioningError",
    members: &[Field::new("category", Kind::Text), Field::new("propertyCausingError", Kind::Text)],
};
pub(crate) static ON_PREMISES_SIP_INFO: Record = closed("microsoft.graph.onPremisesSipInfo");
pub(crate) static PARTNER_INFORMATION: Record = closed("microsoft.graph.partnerInformation");
pub(crate) static PASSWORD_PROFILE: Record = closed("microsoft.graph.passwordProfile");
pub(crate) static PRIVACY_PROFILE: Record = closed("microsoft.graph.privacyProfile");
pub(crate) static PROVISIONED_PLAN: Record = Record {
    name: "microsoft.graph.provisionedPlan",
    members: &[
        Field::new("capabilityStatus", Kind::Text),
        Field::new("provisioningStatus", Kind::Text),
        Field::new("service", Kind::Text),
    ],
};
pub(crate) static RESOURCE_QUOTA: Record = closed("microsoft.graph.resourceQuota");
pub(crate) static SERVICE_PROVISIONING_ERROR: Record = Record {
    name: "microsoft.graph.serviceProvisioningError",
    members: &[Field::new("isResolved", Kind::Flag), Field::new("serviceInstance", Kind::Text)],
};
pub(crate) static SIGN_IN_ACTIVITY: Record = Record {
    name: "microsoft.graph.signInActivity",
    members: &[
        Field::new("lastSignInDateTime", Kind::Moment),
        Field::new("lastNonInteractiveSignInDateTime", Kind::Moment),
        Field::new("lastSuccessfulSignInDateTime", Kind::Moment),
    ],
};
pub(crate) static USER_PRINT: Record = closed("microsoft.graph.userPrint");
pub(crate) static VERIFIED_DOMAIN: Record = closed("microsoft.graph.verifiedDomain");
