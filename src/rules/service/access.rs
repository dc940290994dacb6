//! Permissions to send (R10–R16, X10): permissions, built-in roles, scope groups; and the tenant's domain. Must not
//! depend on tokens.

use std::collections::BTreeSet;

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::message::MessageKind;
use crate::rules::base::ids::GroupIx;
use crate::rules::base::profile::Profile;

/// The domain of a tenant whose scenario names none.
pub const DOMAIN: &str = "reveille.example";
/// The longest domain, in characters.
const DOMAIN_CHARACTERS_MAX: usize = 253;

/// Whether it is a domain name, such as `contoso.example`.
pub fn is_domain(text: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.contains('.') && text.len() <= DOMAIN_CHARACTERS_MAX && text.split('.').all(is_label)
}

/// A permission of the service's role-based access control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(const_into_str)]
pub enum Permission {
    /// Organization / Read.
    #[strum(serialize = "organization.read")]
    OrganizationRead,
    /// Organization / Update (R10).
    #[strum(serialize = "organization.update")]
    OrganizationUpdate,
    /// Managed devices / Read.
    #[strum(serialize = "managed_devices.read")]
    ManagedDevicesRead,
    /// Remote tasks / Send custom notifications (R11).
    #[strum(serialize = "remote_tasks.send_custom_notifications")]
    SendCustomNotifications,
}

impl Permission {
    /// The name in scenarios.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// A built-in role (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(const_into_str)]
pub enum Role {
    /// May send to single devices.
    #[strum(serialize = "Help Desk Operator")]
    HelpDeskOperator,
    /// Holds every permission.
    #[strum(serialize = "Tenant administrator")]
    TenantAdministrator,
}

impl Role {
    /// The name in scenarios.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Its permissions (X10).
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::HelpDeskOperator => {
                &[Permission::OrganizationRead, Permission::ManagedDevicesRead, Permission::SendCustomNotifications]
            }
            Self::TenantAdministrator => Permission::VARIANTS,
        }
    }
}

/// An account that sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Unique name.
    pub name: String,
    /// All permissions, from role and list together (R15).
    pub permissions: BTreeSet<Permission>,
    /// R15: the groups inside which it may send; `None` for no limit.
    pub scope_groups: Option<Vec<GroupIx>>,
}

impl Account {
    /// R13: whether it may read managed devices.
    pub fn may_read_devices(&self) -> bool {
        self.permissions.contains(&Permission::ManagedDevicesRead)
    }

    /// R10–R13: whether it may send this kind of message at all.
    pub fn may_send(&self, kind: MessageKind, profile: Profile) -> bool {
        let needed: &[Permission] = match (kind, profile) {
            (MessageKind::Group, _) => &[Permission::OrganizationUpdate],
            (MessageKind::Device, Profile::Intune2019) => &[Permission::SendCustomNotifications],
            (MessageKind::Device, Profile::Intune2025) => {
                &[Permission::SendCustomNotifications, Permission::ManagedDevicesRead, Permission::OrganizationRead]
            }
        };
        needed.iter().all(|permission| self.permissions.contains(permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(permissions: &[Permission]) -> Account {
        Account { name: "a".into(), permissions: permissions.iter().copied().collect(), scope_groups: None }
    }

    #[test]
    fn the_words_of_scenarios_read_back() {
        for permission in Permission::VARIANTS {
            assert_eq!(permission.name().parse(), Ok(*permission));
        }
        for role in Role::VARIANTS {
            assert_eq!(role.name().parse(), Ok(*role));
        }
    }

    #[test]
    fn a_domain_has_labels_of_letters_digits_and_hyphens_and_253_characters_at_most() {
        let of = |characters: usize| format!("{}.example", "a".repeat(characters - ".example".len()));
        for domain in [DOMAIN, "a.b", "contoso-1.co.uk", &of(DOMAIN_CHARACTERS_MAX)] {
            assert!(is_domain(domain), "{domain}");
        }
        for text in
            ["", ".", "contoso", "contoso.", ".example", "a..b", "a_b.c", "é.example", &of(DOMAIN_CHARACTERS_MAX + 1)]
        {
            assert!(!is_domain(text), "{text}");
        }
    }

    #[test]
    fn reading_devices_has_a_permission_of_its_own_r13() {
        assert!(account(&[Permission::ManagedDevicesRead]).may_read_devices());
        assert!(!account(&[Permission::OrganizationRead, Permission::SendCustomNotifications]).may_read_devices());
    }

    #[test]
    fn neither_permission_gives_the_other_r12() {
        let groups_only = account(&[Permission::OrganizationUpdate]);
        let devices_only = account(&[Permission::SendCustomNotifications]);
        assert!(groups_only.may_send(MessageKind::Group, Profile::Intune2019));
        assert!(!groups_only.may_send(MessageKind::Device, Profile::Intune2019));
        assert!(devices_only.may_send(MessageKind::Device, Profile::Intune2019));
        assert!(!devices_only.may_send(MessageKind::Group, Profile::Intune2019));
    }

    #[test]
    fn in_2025_a_device_message_needs_two_read_permissions_too_r13() {
        assert!(!account(&[Permission::SendCustomNotifications]).may_send(MessageKind::Device, Profile::Intune2025));
        let operator = account(Role::HelpDeskOperator.permissions());
        assert!(operator.may_send(MessageKind::Device, Profile::Intune2025));
        assert!(!operator.may_send(MessageKind::Group, Profile::Intune2025), "R14");
    }
}
