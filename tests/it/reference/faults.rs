//! When a fault is in force, and which devices it covers (X1, T3). Must not know messages.

use super::model::{Device, Fault, FaultKind, Ms, NEVER};

/// A span in which a fault is in force, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Ms,
    pub(crate) to: Ms,
}

impl Window {
    pub(crate) fn holds(self, now: Ms) -> bool {
        self.from <= now && now < self.to
    }
}

impl Fault {
    /// Every window that begins before the end of the run.
    pub(crate) fn windows(&self, duration: Ms) -> Vec<Window> {
        let mut windows = Vec::new();
        let mut from = self.at;
        while from < duration {
            windows.push(Window { from, to: self.length.map_or(NEVER, |length| from + length) });
            let Some(every) = self.every else { break };
            from += every;
        }
        windows
    }

    /// The window that contains this moment; windows of one fault never overlap.
    pub(crate) fn window_at(&self, now: Ms) -> Option<Window> {
        let since = now.checked_sub(self.at)?;
        let from = now - self.every.map_or(since, |every| since % every);
        let window = Window { from, to: self.length.map_or(NEVER, |length| from + length) };
        window.holds(now).then_some(window)
    }

    pub(crate) fn is_in_force(&self, now: Ms) -> bool {
        self.window_at(now).is_some()
    }

    /// Whether a rate of 1 is 1 at this moment: a ramp of a millisecond makes it 0 at the window's own beginning (X1,
    /// X34).
    pub(crate) fn has_full_rate(&self, now: Ms) -> bool {
        self.window_at(now).is_some_and(|window| !self.ramp || now > window.from)
    }

    pub(crate) fn covers(&self, device: &Device) -> bool {
        let scope = &self.scope;
        scope.platform.is_none_or(|platform| platform == device.platform)
            && scope.region.is_none_or(|region| region == device.region)
            && scope.gateway.is_none_or(|gateway| Some(gateway) == device.platform.gateway())
            && scope.devices.as_ref().is_none_or(|devices| devices.contains(&device.id))
            && scope.pick != Some(false)
    }

    /// The end of the last window that ended inside the run (X34).
    pub(crate) fn last_end(&self, duration: Ms) -> Option<Ms> {
        self.windows(duration).into_iter().map(|window| window.to).filter(|to| *to <= duration).max()
    }

    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            FaultKind::Hold | FaultKind::Refuse => "outage",
            FaultKind::Loss { .. } => "loss",
            FaultKind::Delay(_) => "delay",
            FaultKind::Duplicate { .. } => "duplicate",
            FaultKind::Throttle(_) => "throttle",
            FaultKind::Offline => "offline",
            FaultKind::PlayServicesDown => "play_services_down",
            FaultKind::PermissionRevoked => "permission_revoked",
            FaultKind::AppRemoved => "app_removed",
            FaultKind::DirectoryLag(_) => "directory_lag",
        }
    }
}
