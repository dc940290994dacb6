//! A line for every pair, written while a run or a forecast is under way: whoever has pairs makes lines of them, one thread
//! writes. Holds a few batches at most, however many pairs there are; knows no rule of the service.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context as _;

use crate::outcome::PairBatch;
use crate::report::{ReportContent, ndjson};

use crate::cli::process::atomic_file::AtomicFile;

/// Batches that wait to be written, each a megabyte; whoever has one more waits.
const BATCHES_WAITING_MAX: usize = 8;

/// A file under way, and whether all could be written so far.
type Written = (AtomicFile, anyhow::Result<()>);

/// Files of lines under way; dropped unfinished, they leave nothing behind.
#[derive(Debug)]
pub(crate) struct Lines {
    batches: Mutex<Option<SyncSender<Vec<u8>>>>,
    writer: Mutex<Option<JoinHandle<Vec<Written>>>>,
}

impl Lines {
    /// Begins those of the reports that are lines; `None` if none are.
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

    /// Takes pairs from any thread, and waits while too many are not yet written.
    pub(crate) fn take(&self, batch: &PairBatch<'_>) {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(batches) = batches {
            // The writer goes on after a file is full, so it is gone only if it panicked, which `finish` says.
            let _ = batches.send(ndjson(batch));
        }
    }

    /// Puts the files in their places; returns what went wrong. Takes no more pairs.
    pub(crate) fn finish(&self) -> Vec<anyhow::Error> {
        let finish = |(draft, written): Written| written.and_then(|()| draft.finish()).err();
        let written = self.join().map_or_else(Vec::new, |joined| joined.expect("the writer of lines does not panic"));
        written.into_iter().filter_map(finish).collect()
    }

    /// Waits until the writer has written all; `None` if it has been waited for.
    fn join(&self) -> Option<std::thread::Result<Vec<Written>>> {
        drop(self.batches.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        writer.map(JoinHandle::join)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // Drafts that nobody finishes are removed.
        drop(self.join());
    }
}

/// Writes all batches into all files; one that is full is left alone.
fn write(drafts: Vec<AtomicFile>, batches: &Receiver<Vec<u8>>) -> Vec<Written> {
    let mut files: Vec<Written> = drafts.into_iter().map(|draft| (draft, Ok(()))).collect();
    for batch in batches {
        for (draft, written) in files.iter_mut().filter(|(_, written)| written.is_ok()) {
            *written = draft.write(&batch);
        }
    }
    files
}
