//! Progress of a run: a bar on a terminal, plain lines elsewhere. It runs on a thread of its own, so that it is drawn
//! even if the engine is busy.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::EngineProgress;
use crate::outcome::words::{count, millis};
use crate::rules::base::time::SimTime;

use super::writer::{Terminal, say};

/// How often the bar is drawn.
const BAR_EVERY: Duration = Duration::from_millis(100);
/// How often a plain line is written.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows progress until it is dropped.
#[derive(Debug)]
pub(crate) struct ProgressWatcher {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressWatcher {
    /// Shows the progress of a run, unless `quiet` is set.
    pub(crate) fn start(progress: &Arc<EngineProgress>, terminal: Terminal) -> Self {
        let progress = Arc::clone(progress);
        Self::over(terminal, move || (position(&progress), line(&progress)))
    }

    /// Shows the thousandths done and the line that `look` returns, unless `quiet` is set.
    pub(crate) fn over(terminal: Terminal, mut look: impl FnMut() -> (u64, String) + Send + 'static) -> Self {
        if terminal.quiet {
            return Self { done: None, thread: None };
        }
        let (done, is_done) = mpsc::channel();
        let on_terminal = terminal.has_watcher();
        let watch = move || {
            let every = if on_terminal { BAR_EVERY } else { LINE_EVERY };
            let bar = on_terminal.then(bar);
            while is_done.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let (position, line) = look();
                match &bar {
                    Some(bar) => {
                        bar.set_position(position);
                        bar.set_message(line);
                    }
                    None => say(&line),
                }
            }
            bar.iter().for_each(ProgressBar::finish_and_clear);
        };
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(watch).ok();
        Self { done: Some(done), thread }
    }
}

impl Drop for ProgressWatcher {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            // A run does not fail because its progress could not be drawn.
            let _ = thread.join();
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("  {wide_bar:.cyan/dim} {percent:>3} %  {elapsed}\n  {msg}");
    let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr());
    bar.set_style(style.expect("the template is fixed and valid").progress_chars("━━─"));
    bar
}

/// The elapsed model time in thousandths of the whole.
fn position(progress: &EngineProgress) -> u64 {
    let (now, horizon) =
        (progress.model_time_ms.load(Ordering::Relaxed), progress.horizon_ms.load(Ordering::Relaxed).max(1));
    (u128::from(now) * 1_000 / u128::from(horizon)).try_into().unwrap_or(1_000)
}

/// `0:31:07.000 of 4:00:00.000 · 3 sent, 1 refused · 12,114 shown, 804 open of 14,000 · lag 2 ms`.
fn line(progress: &EngineProgress) -> String {
    let of = |figure: &std::sync::atomic::AtomicU64| figure.load(Ordering::Relaxed);
    let (now, horizon) = (SimTime(of(&progress.model_time_ms)), SimTime(of(&progress.horizon_ms)));
    let refused = match of(&progress.sends_refused) {
        0 => String::new(),
        refused => format!(", {} refused", count(refused)),
    };
    let open = u64::try_from(progress.open.load(Ordering::Relaxed)).unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "a rounded figure for people")]
    let lag = match of(&progress.lag_us) {
        0 => String::new(),
        lag => format!(" · lag {}", millis(lag as f64 / 1_000.0)),
    };
    format!(
        "{now} of {horizon} · {} sent{refused} · {} shown, {} open of {}{lag}",
        count(of(&progress.sends_accepted)),
        count(of(&progress.shown)),
        count(open),
        count(of(&progress.pairs)),
    )
}
