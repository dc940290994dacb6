//! Ctrl-C, SIGTERM and the end of a terminal, the same for every command: the first requests a stop, which computing and waiting code
//! observes; the second ends the program at once, and so does the deadline. Must not decide what is still reported.

use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use super::atomic_file;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;
use crate::clock::{after, within};

/// How long the last message may take: standard error may be a full pipe.
const LAST_WORDS: Duration = Duration::from_millis(20);

/// What SIGHUP, the end of the terminal, does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HangupUse {
    /// It requests a stop, unless the program was told to ignore it, as by `nohup`.
    Stops,
    /// It is handled elsewhere.
    Ignored,
}

/// Whether a stop was requested, shared by all clones. It never becomes false again, so a computation may return early
/// with less than it promises, and its caller must look once more.
#[derive(Clone, Debug)]
pub(crate) struct Stop(CancellationToken);

impl Stop {
    /// Handles signals from now on, on a separate thread. The program ends `deadline` after the first one at the
    /// latest.
    ///
    /// # Errors
    /// If the system cannot create the thread.
    pub(crate) fn on_signal(terminal: Terminal, deadline: Duration, hangup: HangupUse) -> anyhow::Result<Self> {
        let token = CancellationToken::new();
        let (listening, is_listening) = mpsc::channel();
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot listen to signals")?;
        let raise = {
            let token = token.clone();
            move || token.cancel()
        };
        let listen = move || {
            let ready = move || drop(listening);
            listen(&runtime, terminal, (deadline, hangup), ready, raise);
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(listen).context("cannot listen to signals")?;
        // Nothing is sent: the call returns when the thread listens and has dropped the sender.
        let _: Result<(), mpsc::RecvError> = is_listening.recv();
        Ok(Self(token))
    }

    /// The token that it cancels.
    pub(crate) const fn token(&self) -> &CancellationToken {
        &self.0
    }

    /// Waits until a stop is requested.
    pub(crate) async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// Was a stop requested?
    pub(crate) fn is_raised(&self) -> bool {
        self.0.is_cancelled()
    }
}

fn listen(
    runtime: &Runtime,
    terminal: Terminal,
    (deadline, hangup): (Duration, HangupUse),
    ready: impl FnOnce(),
    raise: impl FnOnce(),
) {
    runtime.block_on(async {
        let mut signals = Signals::listen(hangup);
        ready();
        signals.next().await;
        raise();
        say(terminal, "\nstopping; once more to end at once".to_owned());
        if within(deadline, signals.next()).await.is_none() {
            let ms = deadline.as_millis();
            say(terminal, format!("not stopped within {ms} ms: ended without what was not yet reported"));
            after(LAST_WORDS).await;
        }
        atomic_file::remove_all();
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// Prints without waiting for standard error, which may be a pipe without a reader.
fn say(terminal: Terminal, words: String) {
    // Without a thread the message is dropped.
    let _ = std::thread::Builder::new().name("note".to_owned()).spawn(move || terminal.notes(&words));
}

/// Whether SIGHUP is ignored since before this program began; where that is unknown it is taken for granted, so that `nohup`
/// keeps its meaning.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is that of the first signal, which is SIGHUP.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 1)
}

/// Ctrl-C, SIGTERM and SIGHUP. A signal that cannot be handled keeps its default action and ends the program.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen(hangup: HangupUse) -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let is_for_stop = hangup == HangupUse::Stops && !ignores_hangup();
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
            hangup: if is_for_stop { signal(SignalKind::hangup()).ok() } else { None },
        }
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
            () = one(&mut self.hangup) => {}
        }
    }
}

/// Ctrl-C. If it cannot be handled, it keeps its default action and ends the program.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen(_: HangupUse) -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
