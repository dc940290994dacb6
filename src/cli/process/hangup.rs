//! SIGHUP, by which a service manager asks a server to read its files anew. Must not decide what is read.

/// Signals since the last look; several count as one.
#[cfg(unix)]
pub(crate) struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    /// Handles the signal from now on, inside a runtime. One that cannot be handled keeps its default action.
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::hangup()).ok())
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

/// There is no such signal.
#[cfg(not(unix))]
pub(crate) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    /// Never gets one.
    pub(crate) fn listen() -> Self {
        Self
    }

    /// Waits forever.
    pub(crate) async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
