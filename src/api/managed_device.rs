//! A managed device as Graph shows it. Reads the world, decides nothing.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::face::Scene;
use super::handset::Handset;
use super::roll::principal_name;
use super::route::Edition;
use crate::odata::{Entity, Field, Kind, Schema, Value};
use crate::rules::ids::{DeviceIx, UserIx};
use crate::rules::platform::Platform;
use crate::rules::traits::{Enrollment, Traits};

/// How often a device checks in by itself, in ms.
const CHECK_IN_MS: u64 = 8 * 3_600_000;
/// The longest time that a device had been enrolled for when the model began, in ms.
const ENROLLED_BEFORE_MS: u64 = 400 * 24 * 3_600_000;

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

const OWNERS: Kind = Kind::Choice(&["unknown", "company", "personal"]);
const MANAGEMENT_STATES: Kind = Kind::Choice(&["managed", "retirePending", "wipePending", "unhealthy", "discovered"]);
const REGISTRATIONS: Kind = Kind::Choice(&["notRegistered", "registered", "revoked", "keyConflict", "unknown"]);
const COMPLIANCE: Kind = Kind::Choice(&["unknown", "compliant", "noncompliant", "conflict", "error", "inGracePeriod"]);
const AGENTS: Kind =
    Kind::Choice(&["eas", "mdm", "easMdm", "intuneClient", "configurationManagerClientMdm", "unknown"]);
const ENROLLMENTS: Kind = Kind::Choice(&[
    "unknown",
    "userEnrollment",
    "deviceEnrollmentManager",
    "appleUserEnrollment",
    "windowsAzureADJoin",
    "androidEnterpriseDedicatedDevice",
    "androidEnterpriseFullyManaged",
    "androidEnterpriseCorporateWorkProfile",
    "androidEnterprisePersonalWorkProfile",
    "androidAOSPUserOwnedDeviceEnrollment",
]);

const BETA: &[Field] = &[
    text("id"),
    text("userId"),
    text("deviceName"),
    Field { name: "managedDeviceOwnerType", kind: OWNERS },
    Field { name: "managementState", kind: MANAGEMENT_STATES },
    Field { name: "enrolledDateTime", kind: Kind::Moment },
    Field { name: "lastSyncDateTime", kind: Kind::Moment },
    text("operatingSystem"),
    Field { name: "complianceState", kind: COMPLIANCE },
    Field { name: "managementAgent", kind: AGENTS },
    text("osVersion"),
    Field { name: "deviceRegistrationState", kind: REGISTRATIONS },
    Field { name: "deviceEnrollmentType", kind: ENROLLMENTS },
    text("emailAddress"),
    text("model"),
    text("manufacturer"),
    text("serialNumber"),
    text("userPrincipalName"),
    text("userDisplayName"),
    text("enrolledByUserPrincipalName"),
];

/// The fields of a managed device in an edition; beta has one more, the last.
pub(crate) fn schema(edition: Edition) -> Schema {
    match edition {
        Edition::Beta => BETA,
        Edition::V1 => BETA.split_last().expect("it has fields").1,
    }
}

/// A device under a moment.
pub(crate) struct ManagedDevice<'s> {
    scene: &'s Scene,
    device: DeviceIx,
    edition: Edition,
    traits: OnceCell<Traits>,
}

impl<'s> ManagedDevice<'s> {
    pub(crate) fn new(scene: &'s Scene, device: DeviceIx, edition: Edition) -> Self {
        Self { scene, device, edition, traits: OnceCell::new() }
    }

    fn traits(&self) -> &Traits {
        self.traits.get_or_init(|| self.scene.world.fleet.traits(self.device))
    }

    fn user(&self) -> Option<UserIx> {
        self.scene.world.fleet.user_of(self.device)
    }

    fn of_user(&self, text: impl FnOnce(UserIx) -> String) -> Value {
        self.user().map_or(Value::Null, |user| Value::Text(text(user)))
    }

    fn handset(&self) -> Handset {
        let traits = self.traits();
        Handset::of(traits.platform, traits.key, self.scene.world.profile)
    }

    /// Whose property it is: what its label says, or what its enrolment tells.
    fn owner(&self) -> &'static str {
        let traits = self.traits();
        let model = self.scene.world.fleet.model(traits.model);
        let is_work_profile =
            traits.platform == Platform::Android && traits.enrollment == Enrollment::PersonalWorkProfile;
        match model.labels.get("ownership").map(String::as_str) {
            Some("personal") => "personal",
            None if is_work_profile => "personal",
            _ => "company",
        }
    }

    fn enrollment(&self) -> &'static str {
        let traits = self.traits();
        if traits.enrolled_by_another {
            return "deviceEnrollmentManager";
        }
        match (traits.platform, self.edition) {
            (Platform::Android, Edition::Beta) => match traits.enrollment {
                Enrollment::PersonalWorkProfile => "androidEnterprisePersonalWorkProfile",
                Enrollment::FullyManaged => "androidEnterpriseFullyManaged",
                Enrollment::CorporateWorkProfile => "androidEnterpriseCorporateWorkProfile",
                Enrollment::Dedicated => "androidEnterpriseDedicatedDevice",
                Enrollment::Aosp => "androidAOSPUserOwnedDeviceEnrollment",
            },
            _ => "userEnrollment",
        }
    }

    fn moment(unix_ms: i64) -> Value {
        // Graph writes whole seconds.
        Timestamp::from_second(unix_ms.div_euclid(1_000)).map_or(Value::Null, Value::Moment)
    }

    fn enrolled_at(&self) -> i64 {
        let before = self.traits().key.nth(4).0 % ENROLLED_BEFORE_MS;
        self.scene.world.start_unix_ms - before.cast_signed()
    }

    /// The last of its regular check-ins, or the one that it was told to make, if that is later.
    fn synced_at(&self) -> i64 {
        let phase = self.traits().key.nth(5).0 % CHECK_IN_MS;
        let now = self.scene.now.ms() + CHECK_IN_MS - phase;
        let regular = self.scene.world.start_unix_ms + (now - now % CHECK_IN_MS + phase).cast_signed()
            - CHECK_IN_MS.cast_signed();
        let told = self.scene.synced_at(self.device).map(|at| self.scene.world.start_unix_ms + at.ms().cast_signed());
        told.map_or(regular, |told| told.max(regular))
    }
}

impl Entity for ManagedDevice<'_> {
    fn value(&self, field: &Field) -> Value {
        let Scene { world, roll, .. } = self.scene;
        match field.name {
            "id" => Value::Text(roll.device(self.device).to_string()),
            "userId" => self.of_user(|user| roll.user(user).to_string()),
            "deviceName" => Value::Text(world.fleet.device_name(self.device)),
            "managedDeviceOwnerType" => Value::Choice(self.owner()),
            "managementState" => Value::Choice("managed"),
            "enrolledDateTime" => Self::moment(self.enrolled_at()),
            "lastSyncDateTime" => Self::moment(self.synced_at()),
            "operatingSystem" => Value::text(system(self.traits().platform)),
            "complianceState" => Value::Choice("compliant"),
            "managementAgent" => Value::Choice("mdm"),
            "osVersion" => Value::text(self.handset().os_version),
            "deviceRegistrationState" => Value::Choice("registered"),
            "deviceEnrollmentType" => Value::Choice(self.enrollment()),
            "model" => Value::text(self.handset().model),
            "manufacturer" => Value::text(self.handset().manufacturer),
            "serialNumber" => Value::Text(self.handset().serial_number),
            "userPrincipalName" | "emailAddress" => self.of_user(|user| principal_name(world, user)),
            "userDisplayName" => self.of_user(|user| world.fleet.user_name(user)),
            // Who the other was that enrolled it, nobody knows.
            "enrolledByUserPrincipalName" if !self.traits().enrolled_by_another => {
                self.of_user(|user| principal_name(world, user))
            }
            _ => Value::Null,
        }
    }
}

const fn system(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS",
        Platform::Ipados => "iPadOS",
        Platform::Android => "Android",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}
