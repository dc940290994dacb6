//! Which permissions an application needs for an operation. One of several is enough; those for sending can be
//! configured.

/// Every permission that has a meaning here, as Graph writes it.
pub const PERMISSIONS: &[&str] = &[
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementServiceConfig.ReadWrite.All",
    "Device.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "User.Read",
    "User.Read.All",
    "User.ReadBasic.All",
];

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sends a notification to a device or to groups.
    Send,
    /// Acts on many devices.
    Act,
    /// Makes a device check in.
    Sync,
    /// Reads managed devices.
    ReadDevices,
    /// Reads users.
    ReadUsers,
    /// Reads the user that is signed in.
    ReadMe,
    /// Reads groups and their members.
    ReadGroups,
    /// Reads which groups a user is in.
    ReadMemberships,
    /// Reads devices of the directory.
    ReadRegistrations,
    /// Reads which devices of the directory a user has.
    ReadOwnedDevices,
    /// Reads the organisation.
    ReadOrganization,
}

/// Which permissions are enough for which operation.
#[derive(Clone, Debug)]
pub struct Grants {
    send: Vec<String>,
}

impl Default for Grants {
    /// Published sources name three permissions for sending and disagree, so any of them is enough.
    fn default() -> Self {
        let send = [
            "DeviceManagementManagedDevices.ReadWrite.All",
            "DeviceManagementConfiguration.ReadWrite.All",
            "DeviceManagementServiceConfig.ReadWrite.All",
        ];
        Self { send: send.map(str::to_owned).to_vec() }
    }
}

impl Grants {
    /// Only these are enough for sending.
    #[must_use]
    pub fn sending_by(send: Vec<String>) -> Self {
        Self { send }
    }

    /// The permissions of which one is enough.
    pub fn enough_for(&self, operation: Operation) -> Vec<&str> {
        match operation {
            Operation::Send => self.send.iter().map(String::as_str).collect(),
            Operation::Act | Operation::Sync => vec!["DeviceManagementManagedDevices.PrivilegedOperations.All"],
            Operation::ReadDevices => {
                vec!["DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"]
            }
            Operation::ReadUsers => vec!["User.Read.All", "User.ReadBasic.All", "Directory.Read.All"],
            Operation::ReadMe => vec!["User.Read", "User.Read.All", "User.ReadBasic.All", "Directory.Read.All"],
            Operation::ReadGroups => vec!["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
            Operation::ReadMemberships => {
                vec!["User.Read.All", "GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"]
            }
            Operation::ReadRegistrations => vec!["Device.Read.All", "Directory.Read.All"],
            Operation::ReadOwnedDevices => vec!["User.Read.All", "Directory.Read.All", "Device.Read.All"],
            Operation::ReadOrganization => {
                vec!["Organization.Read.All", "Directory.Read.All", "User.Read", "User.Read.All"]
            }
        }
    }

    /// Do the granted permissions allow the operation?
    pub fn allows(&self, granted: &[String], operation: Operation) -> bool {
        self.enough_for(operation).iter().any(|wanted| granted.iter().any(|word| word == wanted))
    }
}
