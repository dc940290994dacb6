//! A managed device of Intune: values of the model and values derived from its key; an export's values take precedence.

use std::cell::OnceCell;
use std::sync::LazyLock;

use super::reported::parsed;
use super::table::TABLE;
use super::value::ManagedDeviceReader;
use crate::rules::base::ids::{DeviceIx, UserIx};
use crate::rules::base::platform::Platform;
use crate::rules::population::traits::{Enrollment, Traits};
use crate::server::graph::entities::hardware::HardwareInfo;
use crate::server::graph::entities::property::{LazyTypes, Property, Types};
use crate::server::graph::ids::principal_name;
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, Entity, Field, Schema, Value};

/// The interval of a device's regular check-ins, in ms.
const CHECK_IN_MS: u64 = 8 * 3_600_000;
/// The longest time since enrolment when the model begins, in ms.
const ENROLLED_BEFORE_MS: u64 = 400 * 24 * 3_600_000;
/// Properties that an export does not override: the ids by which other data is found, and a time that advances.
const NEVER_REPORTED: [&str; 3] = ["id", "userId", "lastSyncDateTime"];

static TYPES: LazyTypes = LazyLock::new(|| Types::of("managedDevice", Dialect::Intune, TABLE));

/// The type of a managed device in an edition.
pub(crate) fn types(edition: Edition) -> Schema {
    TYPES.in_edition(edition)
}

/// Every property, for the reference documentation.
pub(crate) const fn table_of_contents() -> &'static [Property<ManagedDeviceReader>] {
    TABLE
}

/// A device at a moment.
pub(crate) struct ManagedDevice<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) device: DeviceIx,
    pub(crate) edition: Edition,
    traits: OnceCell<Traits>,
}

impl<'s> ManagedDevice<'s> {
    pub(crate) const fn new(scene: &'s Scene, device: DeviceIx, edition: Edition) -> Self {
        Self { scene, device, edition, traits: OnceCell::new() }
    }

    pub(crate) fn traits(&self) -> &Traits {
        self.traits.get_or_init(|| self.scene.world.fleet.traits(self.device))
    }

    pub(crate) fn user(&self) -> Option<UserIx> {
        self.scene.world.fleet.user_of(self.device)
    }

    pub(crate) fn of_user(&self, text: impl FnOnce(UserIx) -> String) -> Value {
        self.user().map_or(Value::Null, |user| Value::Text(text(user)))
    }

    pub(crate) fn hardware(&self) -> HardwareInfo {
        let traits = self.traits();
        HardwareInfo::of(traits.platform, traits.key, self.scene.world.profile)
    }

    /// The value of a property in an export, as text.
    pub(crate) fn reported(&self, property: &str) -> Option<&str> {
        self.scene.world.fleet.reported(self.device, property)
    }

    /// Its display name.
    pub(crate) fn name(&self) -> String {
        self.reported("deviceName").map_or_else(|| self.scene.world.fleet.device_name(self.device), str::to_owned)
    }

    /// Its owner type: from its label, or else from its enrolment.
    pub(crate) fn owner(&self) -> &'static str {
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

    /// Its enrolment type; those of Android exist in beta only, and none of them is for a personal work profile.
    pub(crate) fn enrollment(&self) -> &'static str {
        let traits = self.traits();
        if traits.enrolled_by_another {
            return "deviceEnrollmentManager";
        }
        match (traits.platform, self.edition) {
            (Platform::Android, Edition::Beta) => match traits.enrollment {
                Enrollment::PersonalWorkProfile => "userEnrollment",
                Enrollment::FullyManaged => "androidEnterpriseFullyManaged",
                Enrollment::CorporateWorkProfile => "androidEnterpriseCorporateWorkProfile",
                Enrollment::Dedicated => "androidEnterpriseDedicatedDevice",
                Enrollment::Aosp => "androidAOSPUserOwnedDeviceEnrollment",
            },
            _ => "userEnrollment",
        }
    }

    pub(crate) fn principal(&self, user: UserIx) -> String {
        principal_name(&self.scene.world, user)
    }

    /// When it was enrolled, in Unix ms.
    pub(crate) fn enrolled_at(&self) -> i64 {
        let before = self.traits().key.nth(4).0 % ENROLLED_BEFORE_MS;
        self.scene.world.start_unix_ms - before.cast_signed()
    }

    /// Its last check-in, in Unix ms: the last regular one, or a later requested one.
    pub(crate) fn synced_at(&self) -> i64 {
        let phase = self.traits().key.nth(5).0 % CHECK_IN_MS;
        let now = self.scene.now.ms() + CHECK_IN_MS - phase;
        let regular = self.scene.world.start_unix_ms + (now - now % CHECK_IN_MS + phase).cast_signed()
            - CHECK_IN_MS.cast_signed();
        let requested =
            self.scene.synced_at(self.device).map(|at| self.scene.world.start_unix_ms + at.ms().cast_signed());
        requested.map_or(regular, |requested| requested.max(regular))
    }
}

impl Entity for ManagedDevice<'_> {
    fn value(&self, field: &Field) -> Value {
        let Property { name, kind, source, .. } = &TABLE[field.at];
        let reported = self.reported(name).filter(|_| !NEVER_REPORTED.contains(name));
        let reported = reported.and_then(|reported| parsed(*kind, reported));
        reported.unwrap_or_else(|| source.value(*kind, |read| read(self)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::base::time::SimTime;
    use crate::rules::population::fleet::{Fleet, FleetPlan, NamedDevice, NamedUser};
    use crate::rules::population::reported::Reported;
    use crate::scenario::{Overrides, Source, load};
    use crate::server::graph::ids::GraphIds;

    const SCENARIO: &str = "schema = 1\nname = \"reported\"\nstart = 2026-01-05T06:00:00Z\nduration = \"1h\"\n\
                            [[user]]\nname = \"ann\"\n[[device]]\nname = \"a1\"\nuser = \"ann\"\nplatform = \"ios\"\n";

    /// A world with one device that has these exported values.
    fn scene(reported: &[(&'static str, &str)]) -> Scene {
        let source = Source::new("reported.toml", SCENARIO.to_owned());
        let loaded = load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
        let mut world = loaded.unwrap_or_else(|found| panic!("{found}")).world.for_postings();
        let model = world.fleet.model(world.fleet.traits(DeviceIx(0)).model).clone();
        let names: Arc<[&'static str]> = reported.iter().map(|(name, _)| *name).collect();
        let reported = Some(Reported::new(&names, reported.iter().map(|(_, value)| *value)));
        let device = NamedDevice { name: "a1".to_owned(), user: Some(UserIx(0)), model, reported };
        let (named_users, named_devices) =
            (vec![NamedUser { name: "ann".to_owned(), ..NamedUser::default() }], vec![device]);
        world.fleet = Fleet::new(FleetPlan { named_users, named_devices, ..FleetPlan::default() }, &world.chance);
        let graph_ids = Arc::new(GraphIds::new(&world));
        let (world, now, synced) = (Arc::new(world), SimTime(0), crate::server::graph::scene::Synced::default());
        Scene { world, graph_ids, now, era: 0, synced, snapshot: None }
    }

    #[test]
    fn what_an_export_tells_wins_over_what_is_made_up() {
        let registration = "0f0e0d0c-0b0a-4908-8706-050403020100";
        let scene = scene(&[
            ("id", "another"),
            ("deviceName", "Ann's phone"),
            ("complianceState", "Noncompliant"),
            ("totalStorageSpaceInBytes", "63451987968"),
            ("isEncrypted", "perhaps"),
            ("azureADDeviceId", registration),
        ]);
        let device = ManagedDevice::new(&scene, DeviceIx(0), Edition::V1);
        let value = |name: &str| device.value(types(Edition::V1).find(name).expect("there is one"));
        assert_eq!(value("deviceName"), Value::text("Ann's phone"));
        assert_eq!(value("complianceState"), Value::Choice("noncompliant"));
        assert_eq!(value("totalStorageSpaceInBytes"), Value::Whole(63_451_987_968));
        assert_eq!(value("isEncrypted"), Value::Flag(true), "what cannot be read is made up");
        assert_eq!(value("id"), Value::Text(scene.graph_ids.device(DeviceIx(0)).to_string()), "its id is found here");
        assert_eq!(value("azureADDeviceId"), Value::text(registration));
        let found = registration.parse().expect("it is one");
        assert_eq!(scene.graph_ids.find_registration(&scene.world, found), Some(DeviceIx(0)));
    }
}
