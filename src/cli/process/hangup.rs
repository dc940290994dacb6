//! SIGHUP, by which a service manager asks a server to read its files anew. Must not decide what is read.

/// The signal; on a system without it there is nothing to wait for.
#[cfg(unix)]
type HangupSignal = Option<tokio::signal::unix::Signal>;
#[cfg(not(unix))]
type HangupSignal = ();

/// Signals since the last look; several count as one.
pub(crate) struct Hangups(HangupSignal);

impl Hangups {
    /// Handles the signal from now on, inside a runtime. One that cannot be handled keeps its default action.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        #[cfg(not(unix))]
        let signal = ();
        Self(signal)
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0 {
            // `None` means that no more come, and then nothing is waited for.
            if signal.recv().await.is_some() {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}
