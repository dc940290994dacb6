//! Numbers the entries of the record, dates them and hands each line to a writer, in order. Must not decide what is
//! recorded, or where to.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::entry::AuditEntry;
use crate::clock::unix_ms;

/// Takes a whole line, with its line break.
type LineWriter = Box<dyn FnMut(&str) -> io::Result<()> + Send>;

/// The record of a server; clones refer to the same. A line is written before the answer is sent, and the next one waits
/// for it, so that no queue has to be bounded and no line is lost when the process ends.
#[derive(Clone, Default)]
pub struct AuditLog(Option<Arc<Recording>>);

struct Recording {
    /// The number of the last line, and the writer.
    lines: Mutex<(u64, LineWriter)>,
    lost: AtomicU64,
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AuditLog").field("is_on", &self.0.is_some()).finish_non_exhaustive()
    }
}

/// A line as it is written.
#[derive(Serialize)]
struct Line<'e> {
    number: u64,
    time: String,
    #[serde(flatten)]
    entry: &'e AuditEntry,
}

impl AuditLog {
    /// A record that nothing is written to.
    pub fn off() -> Self {
        Self::default()
    }

    /// A record whose lines this writer takes.
    pub fn to(writer: impl FnMut(&str) -> io::Result<()> + Send + 'static) -> Self {
        let lines = Mutex::new((0, Box::new(writer) as LineWriter));
        Self(Some(Arc::new(Recording { lines, lost: AtomicU64::new(0) })))
    }

    /// Writes an entry. If that fails, the request goes on: the entry counts as lost, and its number is missing.
    pub fn record(&self, entry: &AuditEntry) {
        let Some(recording) = &self.0 else { return };
        let mut lines = recording.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, writer) = &mut *lines;
        *last += 1;
        let time = jiff::Timestamp::from_millisecond(unix_ms().cast_signed()).unwrap_or_default();
        let line = Line { number: *last, time: format!("{time:.3}"), entry };
        let mut text = serde_json::to_string(&line).expect("an entry has text and numbers only");
        text.push('\n');
        if let Err(error) = writer(&text)
            && recording.lost.fetch_add(1, Ordering::Relaxed) == 0
        {
            tracing::error!(%error, "the audit log cannot be written; entries are lost");
        }
    }

    /// Is anything recorded?
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The number of entries that could not be written.
    pub fn lost(&self) -> u64 {
        self.0.as_ref().map_or(0, |recording| recording.lost.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::audit::{AuditEvent, PendingEntry};

    fn kept() -> (AuditLog, Arc<Mutex<String>>) {
        let kept = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&kept);
        let log = AuditLog::to(move |line| {
            into.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
            Ok(())
        });
        (log, kept)
    }

    fn lines(kept: &Mutex<String>) -> Vec<serde_json::Value> {
        let text = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    #[test]
    fn lines_are_numbered_and_have_what_is_known_only() {
        let (log, kept) = kept();
        let mut entry = AuditEntry::new(AuditEvent::Send).refused("group_quota");
        entry.set_messages(0..100);
        log.clone().record(&entry);
        log.record(&AuditEntry::new(AuditEvent::Stop));
        let lines = lines(&kept);
        assert_eq!((&lines[0]["number"], &lines[1]["number"]), (&1.into(), &2.into()));
        let told = lines[0].as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(told, ["event", "messages", "messages_count", "number", "outcome", "reason", "time"]);
        assert_eq!(
            (lines[0]["messages"].as_array().map(Vec::len), &lines[0]["messages_count"]),
            (Some(20), &100.into())
        );
        let time = lines[0]["time"].as_str().expect("a time");
        assert!(time.len() == "2026-01-05T06:00:00.000Z".len() && time.ends_with('Z'), "{time}");
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_its_number_is_missing() {
        let mut writes = 0;
        let log = AuditLog::to(move |_| {
            writes += 1;
            if writes == 2 { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        });
        for _ in 0..3 {
            log.record(&AuditEntry::new(AuditEvent::Start));
        }
        assert_eq!((log.lost(), log.is_on(), AuditLog::off().is_on()), (1, true, false));
    }

    #[test]
    fn a_request_whose_client_went_is_recorded_as_abandoned() {
        let (log, kept) = kept();
        drop(PendingEntry::begin(&log, AuditEntry::new(AuditEvent::Send)));
        let mut finished = PendingEntry::begin(&log, AuditEntry::new(AuditEvent::Send));
        finished.entry().reason = Some("permission".to_owned());
        finished.settle(crate::server::audit::AuditOutcome::Refused);
        drop(finished);
        let lines = lines(&kept);
        assert_eq!((&lines[0]["outcome"], &lines[1]["outcome"]), (&"abandoned".into(), &"refused".into()));
        assert_eq!(lines.len(), 2);
    }
}
