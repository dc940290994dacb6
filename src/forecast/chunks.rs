//! Hands out devices in chunks to threads, each device once. Must not depend on what happens to the devices.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Devices in a chunk: ranks within one have 16 bits.
pub const DEVICES_AT_ONCE_MAX: u32 = 1 << 13;

/// Devices that no thread has taken yet.
#[derive(Debug)]
pub(super) struct Chunks {
    next: AtomicU32,
    end: u32,
    size: u32,
}

impl Chunks {
    /// All of `devices`, in chunks of `at_once`: at least one and at most [`DEVICES_AT_ONCE_MAX`].
    pub(super) fn of(devices: &Range<u32>, at_once: u32) -> Self {
        Self { next: AtomicU32::new(devices.start), end: devices.end, size: at_once.clamp(1, DEVICES_AT_ONCE_MAX) }
    }

    /// Takes the next chunk; `None` when all are taken.
    pub(super) fn take(&self) -> Option<Range<u32>> {
        let (end, size) = (self.end, self.size);
        let after = |start: u32| start + size.min(end - start);
        let start = self.next.fetch_update(Relaxed, Relaxed, |next| (next < end).then(|| after(next))).ok()?;
        Some(start..after(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_taken_once() {
        for (devices, at_once) in [(3..3, 4), (0..10, 3), (7..u32::MAX, 0x8000_0000), (5..6, 0)] {
            let chunks = Chunks::of(&devices, at_once);
            let mut next = devices.start;
            for chunk in std::iter::from_fn(|| chunks.take()) {
                assert_eq!(chunk.start, next);
                assert!((1..=DEVICES_AT_ONCE_MAX as usize).contains(&chunk.len()));
                next = chunk.end;
            }
            assert_eq!((next, chunks.take()), (devices.end, None));
        }
    }
}
