//! The same journey as a discrete-event simulation, in `NeXosim`: a tenant fans out to gateways, gateways to devices, a
//! device hands over to its portal. One queue of events in order of time, which the forecast does without.
//!
//! ```text
//! Tenant ──► Gateway ×2 ──► Device ×n ──► Portal ×n
//! schedules                 loses, or     shows; schedules
//! messages                  schedules     the dismissal
//!                           arrival and
//!                           release
//! ```
//!
//! It has no quota, fault, directory, form, expiry, series or digest: whatever `NeXosim` does here, the full model does
//! more.

use std::sync::Arc;
use std::time::Duration;

use nexosim::ports::QuerySource;
use nexosim::simulation::{Mailbox, QueryId, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use reveille::rules::base::ids::{DeviceIx, Key};
use reveille::rules::base::platform::GatewayName;
use reveille::rules::model::world::World;
use strum::VariantArray as _;

use super::figures::{Contender, Figures};
use super::models::{Counts, Device, Gateway, Portal, Tenant, With};
use super::road::Road;
use super::scenario;

/// Pairs of a run, however many devices share them; building the simulation is not counted.
///
/// **Estimated before measuring**: four to five events a pair (fan-out, arrival, hand-over, dismissal, for a third a
/// release), each a boxed future, a push into a mailbox and, for three of them, a place in a binary heap: about 250 ns
/// each, 1.2 µs a pair, 0.8 million pairs a second. A second thread does not help, since few events share a
/// millisecond. The full model on two threads should be 12 times as fast, short of the hundred times that it aims at.
///
/// **Seen when measured**: the more devices, the slower, since their mailboxes leave the caches, from 1.5 µs a pair
/// with 250 devices to 8 µs with 16,000. So there are two sizes: the one that suits `NeXosim` best, and one of a few
/// thousand.
const PAIRS: u32 = 48_000;

pub(crate) fn bench(figures: &mut Figures) {
    for (contender, devices) in [(Contender::NeXosimSmall, 250), (Contender::NeXosim, 4_000)] {
        let network = Network::new(&scenario::full_day(devices), PAIRS / devices);
        let foretold = network.foretold();
        for threads in [1, 2] {
            let ready = || network.simulation(threads);
            figures.measure((contender, threads), u64::from(PAIRS), ready, Run::run, |done| done.check(&foretold));
        }
    }
}

/// The devices and messages of the simulation.
struct Network {
    messages: Vec<Key>,
    /// Devices, each with the road of its gateway.
    devices: Vec<(Key, GatewayName)>,
    roads: [Arc<Road>; 2],
}

impl Network {
    fn new(world: &World, messages: u32) -> Self {
        let device = |at| {
            let traits = world.fleet.traits(DeviceIx(at));
            (traits.key, traits.platform.gateway().expect("every phone of the scenario has a gateway"))
        };
        Self {
            messages: (0..messages).map(|nth| world.sends[0].key.nth(u64::from(nth))).collect(),
            devices: (0..world.fleet.devices()).map(device).collect(),
            roads: std::array::from_fn(|at| Road::new(world, GatewayName::VARIANTS[at])),
        }
    }

    /// The counts that the draws imply, computed without a simulation.
    fn foretold(&self) -> Counts {
        let mut counts = Counts::default();
        for (device, gateway) in &self.devices {
            let road = &self.roads[*gateway as usize];
            for message in &self.messages {
                counts.sent += 1;
                if road.trip_ms(*device, *message).is_none() {
                    counts.lost += 1;
                    continue;
                }
                counts.stored += u64::from(road.stored_ms(*device, *message).is_some());
                counts.shown += 1;
                counts.dismissed += u64::from(road.attended_ms(*device, *message).is_some());
            }
        }
        counts
    }

    /// The simulation with every model connected and every message scheduled, at time zero.
    fn simulation(&self, threads: usize) -> Run {
        let mut init = SimInit::with_num_threads(threads);
        let mut tenant = Tenant::new(self.messages.clone());
        let (mut devices_say, mut portals_say) = (QuerySource::new(), QuerySource::new());
        for &name in GatewayName::VARIANTS {
            let mut gateway = Gateway::default();
            let mailbox = Mailbox::new();
            tenant.to_gateways.connect(Gateway::carry, &mailbox);
            let road = &self.roads[name as usize];
            for (key, _) in self.devices.iter().filter(|(_, carried_by)| *carried_by == name) {
                let (device_mailbox, portal_mailbox) = (Mailbox::new(), Mailbox::new());
                let (mut device, portal) = (Device::new(*key), Portal::new(*key));
                gateway.to_devices.connect(Device::travel, &device_mailbox);
                device.to_portal.connect(Portal::display, &portal_mailbox);
                devices_say = devices_say.connect(Device::counts, &device_mailbox);
                portals_say = portals_say.connect(Portal::counts, &portal_mailbox);
                init = init.add_model(With(device, Arc::clone(road)), device_mailbox, "device");
                init = init.add_model(With(portal, Arc::clone(road)), portal_mailbox, "portal");
            }
            init = init.add_model(gateway, mailbox, name.name());
        }
        let mailbox = Mailbox::new();
        init = init.add_model(tenant, mailbox, "tenant");
        let queries = [devices_say.register(&mut init), portals_say.register(&mut init)];
        let simulation = init.init(MonotonicTime::EPOCH).expect("the models are complete");
        Run { simulation, queries }
    }
}

/// A simulation, and the queries for its counts.
struct Run {
    simulation: Simulation,
    queries: [QueryId<(), Counts>; 2],
}

impl Run {
    /// Runs until nothing is scheduled any more.
    fn run(mut self) -> Self {
        self.simulation.run().expect("no model panics, no mailbox is full for ever");
        self
    }

    /// Panics unless every pair ended as its draws imply.
    fn check(self, foretold: &Counts) {
        let counts = self.counts();
        assert_eq!(counts, *foretold, "what NeXosim counted, and what the draws say");
        assert_eq!(counts.shown + counts.lost, counts.sent, "pairs shown or lost, and pairs sent");
        assert_eq!(counts.sent, u64::from(PAIRS), "pairs sent, and all pairs");
    }

    /// The sum of all models' counts.
    fn counts(self) -> Counts {
        let later = Duration::from_secs(1);
        let ask =
            |query| self.simulation.scheduler().schedule_query(later, query, ()).expect("later is later than now");
        let answers = self.queries.each_ref().map(ask);
        self.run();
        let answers = answers.map(|answer| answer.read().expect("every model was asked"));
        answers.into_iter().flatten().fold(Counts::default(), Counts::plus)
    }
}
