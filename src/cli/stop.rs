//! Ctrl-C and SIGTERM: the first asks the run to stop and report, the second ends the program at once.

use tokio::sync::watch;

use super::exit::Exit;
use super::terminal::Terminal;

/// Watches for signals; the receiver becomes `true` at the first.
pub(super) fn on_signal(terminal: Terminal) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        terminal.note("\nstopping; once more to end at once");
        stop.send_replace(true);
        signal().await;
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
    stopped
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                () = interrupt() => {}
            }
        }
        Err(_) => interrupt().await,
    }
}

#[cfg(not(unix))]
async fn signal() {
    interrupt().await;
}

/// Ctrl-C; if the system does not tell us of it, it ends the program as it always does.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
