//! Ctrl-C and SIGTERM: the first asks the run to stop and report, the second ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use super::exit::Exit;
use super::terminal::Terminal;

/// Watches for signals from now on; the receiver becomes `true` at the first.
pub(super) fn on_signal(terminal: Terminal) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        terminal.notes("\nstopping; once more to end at once");
        stop.send_replace(true);
        signals.next().await;
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
    stopped
}

/// A flag that the first signal raises, for drivers that look at one. Signals are listened to as long as it lives.
#[derive(Debug)]
pub(super) struct Flag {
    wanted: Arc<AtomicBool>,
    _listening: Runtime,
}

impl Flag {
    /// Listens from now on.
    ///
    /// # Errors
    /// If the system gives no thread for it.
    pub(super) fn on_signal(terminal: Terminal) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.context("cannot start a thread for signals")?;
        let wanted = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&wanted);
        runtime.block_on(async {
            let mut stopped = on_signal(terminal);
            tokio::spawn(async move {
                if stopped.wait_for(|stopped| *stopped).await.is_ok() {
                    raised.store(true, Relaxed);
                }
            });
        });
        Ok(Self { wanted, _listening: runtime })
    }

    /// The flag itself.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.wanted
    }

    /// Was there a signal?
    pub(super) fn is_raised(&self) -> bool {
        self.wanted.load(Relaxed)
    }
}

/// Ctrl-C and SIGTERM. One that the system does not tell us of ends the program as it always does.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self { interrupt: signal(SignalKind::interrupt()).ok(), terminate: signal(SignalKind::terminate()).ok() }
    }

    async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = one(&mut self.interrupt) => {}
            () = one(&mut self.terminate) => {}
        }
    }
}

/// Ctrl-C. If the system does not tell us of it, it ends the program as it always does.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
