//! Several forecasts at once: the threads of each, and how many fit into memory. Must not change a forecast or the order
//! of their results.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;

use crate::cli::process::memory;

/// Of the available memory, what forecasts may take: the rest is for what else the machine does.
const USED_PERCENT: u64 = 80;

/// The threads of each of so many runs, which share `threads`; fewer runs if there are not enough threads.
pub(super) fn share_threads(threads: usize, runs: usize) -> Vec<usize> {
    let runs = runs.clamp(1, threads.max(1));
    (0..runs).map(|nth| threads / runs + usize::from(nth < threads % runs)).map(|share| share.max(1)).collect()
}

/// What `run` makes of each item, in their order: so many at once as there are shares of threads, of which each call gets
/// one. None begins after one that does not let it go on.
pub(super) fn at_once<I: Sync, T: Send>(
    items: &[I],
    shares: &[usize],
    run: impl Fn(&I, usize) -> T + Sync,
    goes_on: impl Fn(&T) -> bool + Sync,
) -> Vec<T> {
    let (next, ended, done) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(BTreeMap::new()));
    let work = |share: usize| {
        while !ended.load(Relaxed) {
            let at = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = run(item, share);
            ended.fetch_or(!goes_on(&result), Relaxed);
            done.lock().expect("no holder panics").insert(at, result);
        }
    };
    match shares {
        [] => {}
        [share] => work(*share),
        shares => thread::scope(|scope| {
            for share in shares {
                scope.spawn(|| work(*share));
            }
        }),
    }
    done.into_inner().expect("no holder panics").into_values().collect()
}

/// Memory for runs that are under way. It begins without a bound: the first run measures what one takes.
#[derive(Debug)]
pub(super) struct MemoryBudget {
    /// Bytes that were available before the first run; `None` where the operating system does not tell.
    available: Option<u64>,
    /// Bytes of this process before the first run.
    before: u64,
    state: Mutex<BudgetState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct BudgetState {
    /// Bytes of the first run, and its size.
    first: Option<(u64, u64)>,
    reserved: u64,
    runs: usize,
}

impl MemoryBudget {
    /// The memory of this moment, before the first run.
    pub(super) fn now() -> Self {
        Self::of(memory::available_bytes(), memory::rss_bytes().unwrap_or(0))
    }

    fn of(available: Option<u64>, before: u64) -> Self {
        Self { available, before, state: Mutex::default(), changed: Condvar::new() }
    }

    /// The first run, of so many devices, is done; this is the peak of the process now.
    pub(super) fn measured(&self, peak: Option<u64>, devices: u64) {
        let bytes = peak.unwrap_or(0).saturating_sub(self.before);
        self.state.lock().expect("no holder panics").first = Some((bytes, devices.max(1)));
    }

    /// How many runs of the first one's size fit beside each other, at least 1; `None` if that is not known.
    pub(super) fn fits(&self) -> Option<u64> {
        let (bytes, _) = self.state.lock().expect("no holder panics").first?;
        Some((self.usable()? / bytes.max(1)).max(1))
    }

    /// Waits until there is room for a run of so many devices, and calls `run` meanwhile with the room reserved. A run that
    /// is alone always has room.
    pub(super) fn within<T>(&self, devices: u64, run: impl FnOnce() -> T) -> T {
        let mut state = self.state.lock().expect("no holder panics");
        let needed = state.first.map_or(0, |(bytes, of)| {
            let needed = u128::from(bytes) * u128::from(devices) / u128::from(of);
            u64::try_from(needed).unwrap_or(u64::MAX)
        });
        let usable = self.usable().unwrap_or(u64::MAX);
        while state.runs > 0 && state.reserved.saturating_add(needed) > usable {
            state = self.changed.wait(state).expect("no holder panics");
        }
        state.reserved = state.reserved.saturating_add(needed);
        state.runs += 1;
        drop(state);
        // A run that panics must not leave the others waiting.
        let reserved = Reserved { budget: self, bytes: needed };
        let result = run();
        drop(reserved);
        result
    }

    fn usable(&self) -> Option<u64> {
        Some(self.available? / 100 * USED_PERCENT)
    }
}

/// A run under way.
struct Reserved<'b> {
    budget: &'b MemoryBudget,
    bytes: u64,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state.lock().expect("no holder panics");
        state.reserved = state.reserved.saturating_sub(self.bytes);
        state.runs -= 1;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_threads_are_used_and_no_more(threads in 1_usize..100, runs in 1_usize..100) {
            let shares = share_threads(threads, runs);
            prop_assert_eq!(shares.iter().sum::<usize>(), threads);
            prop_assert_eq!(shares.len(), runs.min(threads));
            prop_assert!(shares.iter().max().expect("a run") - shares.iter().min().expect("a run") <= 1);
        }

        #[test]
        fn results_keep_the_order_of_the_items(items in prop::collection::vec(any::<u8>(), 0..50), runs in 1_usize..8) {
            let shares = vec![1; runs];
            prop_assert_eq!(at_once(&items, &shares, |item, _| *item, |_| true), items.clone());
            // What is done before the first that ends it is whole, and it is among the results.
            let found = at_once(&items, &shares, |item, _| *item, |item| *item > 50);
            let first = items.iter().position(|item| *item <= 50).map_or(items.len(), |at| at + 1);
            prop_assert!(found.len() >= first && items.starts_with(&found), "{:?}", found);
        }

        #[test]
        fn runs_under_way_never_take_more_than_there_is_unless_one_is_alone(
            sizes in prop::collection::vec(1_u64..400, 1..12), available in 100_u64..1_000,
        ) {
            let budget = MemoryBudget::of(Some(available), 50);
            budget.measured(Some(150), 100);
            let (taken, most) = (Mutex::new((0_u64, 0_usize)), AtomicUsize::new(0));
            thread::scope(|scope| {
                let (budget, taken, most) = (&budget, &taken, &most);
                for size in &sizes {
                    scope.spawn(move || budget.within(*size, || {
                        let mut now = taken.lock().expect("no holder panics");
                        (now.0, now.1) = (now.0 + size, now.1 + 1);
                        let fits = now.0 <= available / 100 * USED_PERCENT || now.1 == 1;
                        drop(now);
                        thread::yield_now();
                        let mut now = taken.lock().expect("no holder panics");
                        (now.0, now.1) = (now.0 - size, now.1 - 1);
                        most.fetch_add(usize::from(!fits), Relaxed);
                    }));
                }
            });
            prop_assert_eq!(most.load(Relaxed), 0);
        }
    }

    #[test]
    fn without_a_figure_of_the_system_there_is_no_bound() {
        let budget = MemoryBudget::of(None, 0);
        budget.measured(Some(1 << 30), 100);
        assert_eq!(budget.fits(), None);
        assert_eq!(budget.within(100, || budget.within(100, || 7)), 7);
        let budget = MemoryBudget::of(Some(1_000), 0);
        assert_eq!(budget.fits(), None, "nothing is measured yet");
        budget.measured(Some(300), 100);
        assert_eq!(budget.fits(), Some(2));
        budget.measured(Some(3_000), 100);
        assert_eq!(budget.fits(), Some(1), "one always runs");
    }
}
