//! What the service manager (systemd) learns of a server: that it is ready, alive, stopping. Does nothing where no service manager
//! asks. Must not decide whether the server is any of these.

use std::time::Duration;

/// The server takes requests.
pub(crate) fn ready() {
    #[cfg(unix)]
    report(sd_notify::NotifyState::Ready);
}

/// The server takes no more requests.
pub(crate) fn stopping() {
    #[cfg(unix)]
    report(sd_notify::NotifyState::Stopping);
}

/// The server is alive.
pub(crate) fn alive() {
    #[cfg(unix)]
    report(sd_notify::NotifyState::Watchdog);
}

/// How often the service manager wants to learn that the server is alive, if it does: half of its limit.
pub(crate) fn alive_period() -> Option<Duration> {
    #[cfg(unix)]
    return sd_notify::watchdog_enabled().map(|limit| limit / 2);
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn report(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager cannot be reached");
    }
}
