//! A phone and its app: what prevents a message from being shown, and how it is shown (X25, X26). Must not know
//! gateways.

use super::directory::Item;
use super::model::{ChangeKind, Device, FaultKind, Ms, Platform, Scenario};

/// The changing state of a phone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phone {
    company_portal: bool,
    intune: bool,
    outdated: bool,
    permission: bool,
    force_stopped: bool,
}

/// The result of an arrival: a form, or the cause that blocked it; and the responsible faults.
pub(crate) struct Arrival {
    pub(crate) form: Result<&'static str, &'static str>,
    pub(crate) touched: Vec<usize>,
}

impl Phone {
    pub(crate) fn new(device: &Device) -> Self {
        Self {
            company_portal: device.company_portal,
            intune: device.intune,
            outdated: device.app_outdated,
            permission: device.push_permission,
            force_stopped: device.force_stopped,
        }
    }

    /// R67, X35.
    pub(crate) fn change(&mut self, device: &Device, item: &Item) {
        match item.kind {
            ChangeKind::InstallApp => {
                self.company_portal = true;
                self.outdated = false;
                self.permission = device.push_permission;
            }
            ChangeKind::RemoveApp => (self.company_portal, self.intune) = (false, false),
            ChangeKind::UpdateApp => {
                self.outdated = false;
                self.permission |= device.push_permission;
            }
            ChangeKind::OpenApp => self.force_stopped = false,
            ChangeKind::GrantPermission => self.permission = true,
            ChangeKind::RevokePermission => self.permission = false,
            ChangeKind::Join | ChangeKind::Leave | ChangeKind::Enroll | ChangeKind::Unenroll => {}
        }
    }

    /// R30, R31.
    pub(crate) fn has_app(self, scenario: &Scenario, device: &Device) -> bool {
        let apple = device.platform != Platform::Android;
        self.company_portal || (self.intune && !(apple && scenario.is_2025))
    }

    /// The result of a copy that reaches the phone online (X25).
    pub(crate) fn arrive(self, scenario: &Scenario, device: &Device, now: Ms) -> Arrival {
        let android = device.platform == Platform::Android;
        let of_trait = |cause| Arrival { form: Err(cause), touched: Vec::new() };
        let faults = |kind: &FaultKind| scenario.in_force(kind, device, now);
        if android && !device.play_services {
            return of_trait("play_services");
        }
        let touched = faults(&FaultKind::PlayServicesDown);
        if android && !touched.is_empty() {
            return Arrival { form: Err("play_services"), touched };
        }
        if android && self.force_stopped {
            return of_trait("force_stopped");
        }
        if android && scenario.is_2025 && device.battery_restricted {
            return of_trait("battery");
        }
        if !self.has_app(scenario, device) {
            return of_trait("app_removed");
        }
        let touched = faults(&FaultKind::AppRemoved);
        if !touched.is_empty() {
            return Arrival { form: Err("app_removed"), touched };
        }
        if !self.permission {
            return of_trait("permission");
        }
        let touched = faults(&FaultKind::PermissionRevoked);
        if !touched.is_empty() {
            return Arrival { form: Err("permission"), touched };
        }
        Arrival { form: Ok(self.form(scenario, device)), touched: Vec::new() }
    }

    fn form(self, scenario: &Scenario, device: &Device) -> &'static str {
        let android = device.platform == Platform::Android;
        if scenario.is_2025 && android && self.outdated {
            return "stub";
        }
        if device.foreground && (!android || scenario.is_2025) {
            return "in_app";
        }
        match (device.locked, device.lock_screen) {
            (false, _) => "banner",
            (true, "full") => "lock_full",
            (true, "hidden") => "lock_hidden",
            (true, _) => "notification_centre",
        }
    }
}

impl Scenario {
    /// The faults of a kind that are in force now and cover a device.
    pub(crate) fn in_force(&self, kind: &FaultKind, device: &Device, now: Ms) -> Vec<usize> {
        let faults = self.faults.iter().enumerate();
        let chosen = faults.filter(|(_, fault)| fault.kind == *kind && fault.covers(device));
        chosen.filter(|(_, fault)| fault.is_in_force(now)).map(|(at, _)| at).collect()
    }
}
