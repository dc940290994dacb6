//! The file of keys, open to be written: a key is on disk before the commit that needs it, and its slot is overwritten
//! after the commit that needs it no more. Must not read a key.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::Stopwatch;

use super::error::StoreError;
use super::folder::private;
use super::head::io_error;
use super::key_slots::{KeyOwner, KeySlots, SLOT_BYTES, fill};
use super::text_key::TextKey;

/// Slots by which the file grows: a sync is cheaper while its length stays.
const SLOTS_A_GROWTH: u32 = 1_024;
/// How long an overwritten slot may wait for its sync.
const ERASED_WAIT_MAX_MS: u64 = 1_000;

/// The open file.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    file: File,
    /// Slots of the file.
    slots: u32,
    /// Those that are empty.
    free: BTreeSet<u32>,
    /// Since when an overwritten slot waits for its sync.
    unsynced: Option<Stopwatch>,
}

impl KeyFile {
    /// Opens the file, which is made if it is not there, and overwrites every slot that no text claims: an end of the program
    /// between two steps leaves such.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn open(path: &Path, found: &KeySlots, claimed: &BTreeSet<u32>) -> Result<Self, StoreError> {
        let file = private(path)?;
        let slots = found.len();
        let free = (0..slots).filter(|slot| !claimed.contains(slot)).collect();
        let mut keys = Self { path: path.to_owned(), file, slots, free, unsynced: None };
        let left: Vec<u32> = found.used().filter(|slot| !claimed.contains(slot)).collect();
        keys.overwrite(&left)?;
        keys.sync()?;
        Ok(keys)
    }

    /// Writes keys and syncs them; returns their slots, in order. Nothing is done for none.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn keep<'k>(
        &mut self,
        keys: impl Iterator<Item = (KeyOwner, &'k TextKey)>,
    ) -> Result<Vec<u32>, StoreError> {
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        while self.free.len() < keys.len() {
            self.grow()?;
        }
        let slots: Vec<u32> = std::iter::from_fn(|| self.free.pop_first()).take(keys.len()).collect();
        let mut rest = keys.as_slice();
        for run in runs(&slots) {
            let (of_run, others) = rest.split_at(run.len());
            let mut bytes = Zeroizing::new(vec![0; run.len() * SLOT_BYTES]);
            for ((place, slot), (owner, key)) in bytes.chunks_exact_mut(SLOT_BYTES).zip(run).zip(of_run) {
                fill(place, *slot, *owner, key);
            }
            self.write(run[0], &bytes)?;
            rest = others;
        }
        self.sync()?;
        Ok(slots)
    }

    /// Overwrites slots with zeros; from now on they are empty. The sync may come a second later.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn erase(&mut self, mut slots: Vec<u32>) -> Result<(), StoreError> {
        slots.sort_unstable();
        self.overwrite(&slots)?;
        self.free.extend(slots);
        Ok(())
    }

    /// How long the sync of overwritten slots can wait; `None` if there are none.
    pub(super) fn wait(&self) -> Option<Duration> {
        let ms = self.unsynced.as_ref()?.ms();
        Some(Duration::from_millis(ERASED_WAIT_MAX_MS.saturating_sub(ms)))
    }

    /// Syncs what was written.
    ///
    /// # Errors
    /// [`StoreError::Io`]; it is not tried again.
    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        self.unsynced = None;
        self.file.sync_data().map_err(|error| io_error(&self.path, &error))
    }

    fn overwrite(&mut self, slots: &[u32]) -> Result<(), StoreError> {
        for run in runs(slots) {
            self.write(run[0], &vec![0; run.len() * SLOT_BYTES])?;
        }
        if !slots.is_empty() {
            self.unsynced.get_or_insert_with(Stopwatch::start);
        }
        Ok(())
    }

    fn grow(&mut self) -> Result<(), StoreError> {
        let last = self.slots.saturating_add(SLOTS_A_GROWTH);
        if last == self.slots {
            return Err(io_error(&self.path, &io::Error::from(io::ErrorKind::FileTooLarge)));
        }
        // Written, so that a disk without room is noticed here.
        self.write(self.slots, &vec![0; (last - self.slots) as usize * SLOT_BYTES])?;
        self.free.extend(self.slots..last);
        self.slots = last;
        Ok(())
    }

    fn write(&mut self, slot: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let to = SeekFrom::Start(u64::from(slot) * SLOT_BYTES as u64);
        let wrote = self.file.seek(to).and_then(|_| self.file.write_all(bytes));
        wrote.map_err(|error| io_error(&self.path, &error))
    }
}

/// Gives the empty slots at the end of a file back to the disk.
///
/// # Errors
/// [`StoreError::Io`].
pub(super) fn shorten(path: &Path) -> Result<(), StoreError> {
    let found = KeySlots::read(path)?;
    if found.len() == 0 {
        return Ok(());
    }
    let file = private(path)?;
    let done = file.set_len(found.used_bytes()).and_then(|()| file.sync_all());
    done.map_err(|error| io_error(path, &error))
}

/// Ascending slots in runs of neighbours: each is one write.
fn runs(slots: &[u32]) -> impl Iterator<Item = &[u32]> {
    slots.chunk_by(|one, next| one + 1 == *next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(message: u32) -> KeyOwner {
        KeyOwner { tenant: 1, message }
    }

    fn opened(path: &Path, claimed: &[u32]) -> KeyFile {
        let found = KeySlots::read(path).expect("it can be read");
        KeyFile::open(path, &found, &claimed.iter().copied().collect()).expect("it opens")
    }

    fn keep(keys: &mut KeyFile, messages: impl Iterator<Item = u32>) -> Vec<u32> {
        let made: Vec<_> = messages.map(|message| (owner(message), TextKey::of(&[message as u8 | 1; 32]))).collect();
        keys.keep(made.iter().map(|(owner, key)| (*owner, key))).expect("it can be written")
    }

    #[test]
    fn a_key_is_there_until_it_is_erased_and_its_slot_is_used_again() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("keys");
        let mut keys = opened(&path, &[]);
        assert_eq!(keep(&mut keys, 0..5), [0, 1, 2, 3, 4]);
        let found = |slot, message| KeySlots::read(&path).expect("it can be read").key(slot, owner(message)).is_ok();
        assert!((0..5).all(|slot| found(slot, slot)));
        keys.erase(vec![3, 0, 1]).expect("it can be written");
        assert!(keys.wait().is_some_and(|wait| wait <= Duration::from_millis(ERASED_WAIT_MAX_MS)));
        assert_eq!((0..5).map(|slot| found(slot, slot)).collect::<Vec<_>>(), [false, false, true, false, true]);
        assert_eq!(keep(&mut keys, 5..10), [0, 1, 3, 5, 6], "the lowest empty ones");
        assert_eq!(keys.wait(), None, "the sync of the keys was theirs too");
        assert!(found(3, 7) && found(2, 2));
        // What no text claims is overwritten at the next start, and the empty end is given back.
        drop(opened(&path, &[2, 3]));
        let left = KeySlots::read(&path).expect("it can be read");
        assert_eq!(left.used().collect::<Vec<_>>(), [2, 3]);
        assert_eq!(left.len(), SLOTS_A_GROWTH);
        shorten(&path).expect("it can be written");
        assert_eq!(std::fs::metadata(&path).expect("it is there").len(), 4 * SLOT_BYTES as u64);
    }

    #[test]
    fn a_file_that_was_cut_within_a_slot_is_whole_again() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("keys");
        keep(&mut opened(&path, &[]), 0..3);
        let bytes = std::fs::read(&path).expect("it is there");
        std::fs::write(&path, &bytes[..2 * SLOT_BYTES + 7]).expect("it can be written");
        let mut keys = opened(&path, &[0, 1]);
        assert_eq!(std::fs::metadata(&path).expect("it is there").len(), 3 * SLOT_BYTES as u64);
        assert_eq!(keep(&mut keys, 3..5), [2, 3]);
    }

    #[test]
    fn many_keys_at_once_make_the_file_grow() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("keys");
        let mut keys = opened(&path, &[]);
        assert_eq!(keep(&mut keys, 0..3_000), (0..3_000).collect::<Vec<_>>());
        assert_eq!(keys.slots, 3 * SLOTS_A_GROWTH);
        assert_eq!(keep(&mut keys, std::iter::empty()), [0; 0]);
    }
}
