//! Writes a line for every pair while a run or a forecast is under way: the threads that have pairs format the lines,
//! and one thread writes them. Must hold only a few batches, however many pairs there are, and must not know rules of
//! the service.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context as _;

use crate::outcome::PairBatch;
use crate::report::{ReportContent, ndjson};

use crate::cli::process::atomic_file::AtomicFile;

/// Batches that wait to be written, each about a megabyte; with more, the sender blocks.
const BATCHES_WAITING_MAX: usize = 8;

/// A file under way, and the first error of writing it.
type Written = (AtomicFile, anyhow::Result<()>);

/// Files of lines under way; if they are dropped unfinished, they are removed.
#[derive(Debug)]
pub(crate) struct Lines {
    batches: Mutex<Option<SyncSender<Vec<u8>>>>,
    writer: Mutex<Option<JoinHandle<Vec<Written>>>>,
}

impl Lines {
    /// Begins the reports that consist of lines; `None` if there are none.
    ///
    /// # Errors
    /// If one of them cannot be written.
    pub(crate) fn begin(reports: &[(&str, ReportContent)]) -> anyhow::Result<Option<Self>> {
        let paths = reports.iter().filter(|(_, form)| *form == ReportContent::Lines);
        let drafts = paths.map(|(path, _)| AtomicFile::begin(path)).collect::<anyhow::Result<Vec<_>>>()?;
        if drafts.is_empty() {
            return Ok(None);
        }
        let (batches, waiting) = sync_channel(BATCHES_WAITING_MAX);
        let writer = std::thread::Builder::new().name("lines".to_owned()).spawn(move || write(drafts, &waiting));
        let writer = writer.context("cannot start a thread for lines")?;
        Ok(Some(Self { batches: Mutex::new(Some(batches)), writer: Mutex::new(Some(writer)) }))
    }

    /// Writes pairs from any thread; blocks while too many batches wait.
    pub(crate) fn take(&self, batch: &PairBatch<'_>) {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(batches) = batches {
            // The writer continues after a write error, so its receiver is gone only if it panicked, which `finish`
            // reports.
            let _ = batches.send(ndjson(batch));
        }
    }

    /// Renames the files to their targets; returns all errors. No more pairs can be written.
    pub(crate) fn finish(&self) -> Vec<anyhow::Error> {
        let finish = |(draft, written): Written| written.and_then(|()| draft.finish()).err();
        let written = self.join().map_or_else(Vec::new, |joined| joined.expect("the writer of lines does not panic"));
        written.into_iter().filter_map(finish).collect()
    }

    /// Waits until the writer has written all batches; `None` if it was joined before.
    fn join(&self) -> Option<std::thread::Result<Vec<Written>>> {
        drop(self.batches.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        writer.map(JoinHandle::join)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // Unfinished files are removed when they are dropped.
        drop(self.join());
    }
}

/// Writes all batches into all files; after an error, a file gets no more.
fn write(drafts: Vec<AtomicFile>, batches: &Receiver<Vec<u8>>) -> Vec<Written> {
    let mut files: Vec<Written> = drafts.into_iter().map(|draft| (draft, Ok(()))).collect();
    for batch in batches {
        for (draft, written) in files.iter_mut().filter(|(_, written)| written.is_ok()) {
            *written = draft.write(&batch);
        }
    }
    files
}
