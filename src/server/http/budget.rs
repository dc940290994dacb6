//! One budget of the process: an amount that all requests together may use. What does not fit is refused at once, so
//! that nothing waits with memory in its hands. Must not know what the amount counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Bytes;

use crate::metrics::BudgetMeter;

/// How long a refused client is told to wait, in seconds: most amounts are free again within one.
pub(crate) const RETRY_AFTER_SECONDS: u64 = 1;

/// A budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is busy: try again in {RETRY_AFTER_SECONDS} s")]
pub(crate) struct Exhausted;

/// An amount that may be in use at once; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<State>);

#[derive(Debug)]
struct State {
    used: AtomicU64,
    limit: u64,
    meter: Option<BudgetMeter>,
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct BudgetShare {
    budget: Budget,
    amount: u64,
}

impl Budget {
    /// A budget of this amount.
    pub(super) fn new(limit: u64, meter: Option<BudgetMeter>) -> Self {
        if let Some(meter) = &meter {
            meter.limited_to(limit);
        }
        Self(Arc::new(State { used: AtomicU64::new(0), limit, meter }))
    }

    /// A part of it.
    ///
    /// # Errors
    /// [`Exhausted`], which is counted.
    pub(crate) fn take(&self, amount: u64) -> Result<BudgetShare, Exhausted> {
        let fits = |used: u64| used.checked_add(amount).filter(|used| *used <= self.0.limit);
        if self.0.used.try_update(Ordering::AcqRel, Ordering::Acquire, fits).is_err() {
            self.refused();
            return Err(Exhausted);
        }
        if let Some(meter) = &self.0.meter {
            meter.took(amount);
        }
        Ok(BudgetShare { budget: self.clone(), amount })
    }

    /// A part of it for what is estimated to need this amount: all of it at most, so that what may fit after all is tried.
    ///
    /// # Errors
    /// [`Exhausted`], which is counted.
    pub(crate) fn take_at_most(&self, amount: u64) -> Result<BudgetShare, Exhausted> {
        self.take(amount.min(self.0.limit))
    }

    /// A part of it in any case, for what cannot be refused any more.
    pub(crate) fn charge(&self, amount: u64) -> BudgetShare {
        self.0.used.fetch_add(amount, Ordering::AcqRel);
        if let Some(meter) = &self.0.meter {
            meter.took(amount);
        }
        BudgetShare { budget: self.clone(), amount }
    }

    /// Counts a refusal that is decided elsewhere, such as by the address of the client.
    pub(super) fn refused(&self) {
        if let Some(meter) = &self.0.meter {
            meter.refused();
        }
    }

    /// How much of it is in use.
    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.0.used.load(Ordering::Acquire)
    }
}

impl BudgetShare {
    /// Makes it this large.
    ///
    /// # Errors
    /// [`Exhausted`]; it stays as it is.
    pub(crate) fn resize(&mut self, amount: u64) -> Result<(), Exhausted> {
        match amount.checked_sub(self.amount) {
            Some(more) => {
                let mut added = self.budget.take(more)?;
                self.amount += std::mem::take(&mut added.amount);
            }
            None => {
                let less = self.amount - amount;
                self.amount = amount;
                drop(Self { budget: self.budget.clone(), amount: less });
            }
        }
        Ok(())
    }

    /// The same bytes, which give this share back when the last clone of them is dropped.
    pub(crate) fn hold(self, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Held { bytes, _share: self })
    }
}

impl Drop for BudgetShare {
    fn drop(&mut self) {
        if self.amount > 0 {
            self.budget.0.used.fetch_sub(self.amount, Ordering::AcqRel);
            if let Some(meter) = &self.budget.0.meter {
                meter.gave_back(self.amount);
            }
        }
    }
}

struct Held {
    bytes: Bytes,
    _share: BudgetShare,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_what_is_dropped_is_free_again() {
        let budget = Budget::new(10, None);
        let mut share = budget.take(4).expect("it fits");
        share.resize(9).expect("it fits");
        share.resize(8).expect("it is less");
        assert_eq!(share.resize(11), Err(Exhausted));
        assert_eq!((budget.used(), budget.take(3).map(drop)), (8, Err(Exhausted)));
        let bytes = share.hold(Bytes::from_static(b"text"));
        let clone = bytes.slice(1..2);
        drop(bytes);
        assert_eq!((budget.used(), &clone[..]), (8, &b"e"[..]));
        drop(clone);
        let mut estimated = budget.take_at_most(1_000).expect("all of it is free");
        assert_eq!((budget.used(), budget.take_at_most(1).map(drop)), (10, Err(Exhausted)));
        estimated.resize(3).expect("it is less");
        assert_eq!(budget.used(), 3);
        drop(estimated);
        let beyond = budget.charge(11);
        assert_eq!((budget.used(), budget.take(0).map(drop)), (11, Err(Exhausted)));
        drop(beyond);
        assert_eq!(
            (budget.used(), budget.take(10).map(drop), budget.take(u64::MAX).map(drop)),
            (0, Ok(()), Err(Exhausted))
        );
    }
}
