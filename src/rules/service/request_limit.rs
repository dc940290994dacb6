//! The documented limits on requests about managed devices: so many in 20 seconds for a tenant and for each of its
//! applications, and fewer for writes. They protect a service and not a phone, so their time is wall time; here it is
//! an argument.

use std::collections::BTreeMap;

use crate::rules::base::limits::{
    APP_REQUESTS_MAX, APP_WRITES_MAX, REQUEST_WINDOW_S, TENANT_REQUESTS_MAX, TENANT_WRITES_MAX,
};

/// Applications counted at once; beyond that, the one that was idle longest is forgotten.
const APPS_MAX: usize = 10_000;

/// The effect of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestEffect {
    /// It reads.
    Read,
    /// It acts; it counts as a request too.
    Write,
}

/// The requests of a tenant in the last 20 seconds.
#[derive(Clone, Debug, Default)]
pub struct RequestLimits {
    tenant: Load,
    apps: BTreeMap<String, Load>,
}

/// The requests of the tenant or of one application.
#[derive(Clone, Debug, Default)]
struct Load {
    requests: Seconds,
    writes: Seconds,
}

/// Requests by second, within the window.
#[derive(Clone, Debug, Default)]
struct Seconds {
    /// Second and count, oldest first; a count is never 0.
    counts: Vec<(u64, u32)>,
}

impl RequestLimits {
    /// Counts a request at wall-clock second `second`, which never decreases.
    ///
    /// # Errors
    /// Whole seconds until a request is possible again; then nothing is counted.
    pub fn take(&mut self, app: &str, effect: RequestEffect, second: u64) -> Result<(), u64> {
        if !self.apps.contains_key(app) {
            self.make_room();
            self.apps.insert(app.to_owned(), Load::default());
        }
        let app = self.apps.get_mut(app).expect("it was put there");
        let waits = [
            self.tenant.requests.wait(TENANT_REQUESTS_MAX, second),
            app.requests.wait(APP_REQUESTS_MAX, second),
            if effect == RequestEffect::Write { self.tenant.writes.wait(TENANT_WRITES_MAX, second) } else { 0 },
            if effect == RequestEffect::Write { app.writes.wait(APP_WRITES_MAX, second) } else { 0 },
        ];
        match waits.into_iter().max() {
            Some(wait @ 1..) => Err(wait),
            _ => {
                for load in [&mut self.tenant, app] {
                    load.requests.add(second);
                    if effect == RequestEffect::Write {
                        load.writes.add(second);
                    }
                }
                Ok(())
            }
        }
    }

    fn make_room(&mut self) {
        if self.apps.len() < APPS_MAX {
            return;
        }
        let last = |load: &Load| load.requests.counts.last().map(|(second, _)| *second);
        let idle = self.apps.iter().min_by_key(|(_, load)| last(load)).map(|(name, _)| name.clone());
        if let Some(idle) = idle {
            self.apps.remove(&idle);
        }
    }
}

impl Seconds {
    /// Seconds until fewer than `limit` are in the window; 0 if they are. More than `limit` never are, so the oldest second
    /// makes room.
    fn wait(&mut self, limit: u32, second: u64) -> u64 {
        self.counts.retain(|(at, _)| second.saturating_sub(*at) < REQUEST_WINDOW_S);
        let taken: u32 = self.counts.iter().map(|(_, count)| *count).sum();
        match self.counts.first() {
            Some((oldest, _)) if taken >= limit => oldest + REQUEST_WINDOW_S - second,
            _ => 0,
        }
    }

    fn add(&mut self, second: u64) {
        match self.counts.last_mut() {
            Some((at, count)) if *at == second => *count += 1,
            _ => self.counts.push((second, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken(limits: &mut RequestLimits, app: &str, effect: RequestEffect, count: u32, second: u64) -> u32 {
        (0..count).filter(|_| limits.take(app, effect, second).is_ok()).count() as u32
    }

    #[test]
    fn an_application_has_half_of_its_tenants_requests() {
        let mut limits = RequestLimits::default();
        assert_eq!(taken(&mut limits, "a", RequestEffect::Read, 3_000, 100), 2_000);
        assert_eq!(limits.take("a", RequestEffect::Read, 105), Err(15));
        assert_eq!(taken(&mut limits, "b", RequestEffect::Read, 3_000, 105), 2_000);
        assert_eq!(limits.take("c", RequestEffect::Read, 119), Err(1), "the tenant has asked 4,000");
        assert_eq!(limits.take("c", RequestEffect::Read, 120), Ok(()));
        assert_eq!(limits.take("b", RequestEffect::Read, 120), Err(5));
    }

    #[test]
    fn writes_have_their_own_limit_and_count_as_requests_too() {
        let mut limits = RequestLimits::default();
        assert_eq!(taken(&mut limits, "a", RequestEffect::Write, 300, 0), 200);
        assert_eq!(limits.take("a", RequestEffect::Write, 1), Err(19));
        assert_eq!(taken(&mut limits, "a", RequestEffect::Read, 3_000, 1), 1_800);
        assert_eq!(taken(&mut limits, "b", RequestEffect::Write, 300, 1), 200);
        assert_eq!(limits.take("c", RequestEffect::Write, 2), Err(18));
        assert_eq!(limits.take("c", RequestEffect::Read, 2), Ok(()));
    }

    #[test]
    fn each_second_makes_room_for_as_many_as_it_had() {
        let mut limits = RequestLimits::default();
        assert_eq!(taken(&mut limits, "a", RequestEffect::Write, 120, 0), 120);
        assert_eq!(taken(&mut limits, "a", RequestEffect::Write, 300, 5), 80);
        assert_eq!(limits.take("a", RequestEffect::Write, 6), Err(14));
        assert_eq!(taken(&mut limits, "a", RequestEffect::Write, 300, 20), 120);
        assert_eq!(limits.take("a", RequestEffect::Write, 24), Err(1));
        assert_eq!(taken(&mut limits, "a", RequestEffect::Write, 300, 25), 80);
    }

    #[test]
    fn applications_are_forgotten_before_they_are_too_many() {
        let mut limits = RequestLimits::default();
        for at in 0..APPS_MAX as u64 + 5 {
            assert_eq!(limits.take(&at.to_string(), RequestEffect::Read, at), Ok(()));
        }
        assert_eq!(limits.apps.len(), APPS_MAX);
        assert!(!limits.apps.contains_key("0") && limits.apps.contains_key("10"));
    }

    proptest! {
        // The model scans all requests for each one, so a few cases are enough work.
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Against a model that keeps every request.
        #[test]
        fn no_window_holds_more_and_a_wait_is_as_long_as_it_must_be(
            steps in prop::collection::vec((0_u64..12, 1_u32..900, 0_u8..3, any::<bool>()), 1..40)
        ) {
            let mut limits = RequestLimits::default();
            let mut kept: Vec<(u64, u8, bool)> = Vec::new();
            let mut now = 0;
            for (pause, count, app, acts) in steps {
                now += pause;
                let effect = if acts { RequestEffect::Write } else { RequestEffect::Read };
                for _ in 0..count {
                    let free = |at: u64| {
                        let young = || kept.iter().filter(move |(then, ..)| at - then < REQUEST_WINDOW_S);
                        let of_app = young().filter(|(_, by, _)| *by == app).count() as u32;
                        let writes = young().filter(|(.., wrote)| *wrote).count() as u32;
                        let own_writes = young().filter(|(_, by, wrote)| *by == app && *wrote).count() as u32;
                        (young().count() as u32) < TENANT_REQUESTS_MAX
                            && of_app < APP_REQUESTS_MAX
                            && (!acts || writes < TENANT_WRITES_MAX && own_writes < APP_WRITES_MAX)
                    };
                    match limits.take(&app.to_string(), effect, now) {
                        Ok(()) => {
                            prop_assert!(free(now));
                            kept.push((now, app, acts));
                        }
                        Err(wait) => {
                            prop_assert!((0..wait).all(|early| !free(now + early)) && free(now + wait), "{wait}");
                            break;
                        }
                    }
                }
            }
        }
    }
}
