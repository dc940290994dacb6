//! SIGHUP, by which a service manager asks a server to read its files anew. Must not decide what is read.

#[cfg(unix)]
use std::io::IsTerminal as _;

/// The signal; on a system without it there is nothing to wait for.
#[cfg(unix)]
type HangupSignal = Option<tokio::signal::unix::Signal>;
#[cfg(not(unix))]
type HangupSignal = ();

/// Signals since the last look; several count as one.
pub(crate) struct Hangups(HangupSignal);

impl Hangups {
    /// Handles the signal from now on, inside a runtime. It keeps its default action, which ends the program, where it
    /// cannot be handled, and where standard input is a terminal: there it says that the terminal was closed.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        let signal = if std::io::stdin().is_terminal() {
            None
        } else {
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok()
        };
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
