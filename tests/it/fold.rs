//! A second driver of the rules, as plain as possible: no actors, no shards, no timers; one device's whole life after
//! another. The engine must produce the same results.

use std::collections::BTreeMap;

use reveille::engine::{Fates, PairFate};
use reveille::rules::base::ids::DeviceIx;
use reveille::rules::base::platform::GatewayName;
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::counts::RunCounts;
use reveille::rules::counting::recorder::{Counted, Recorder};
use reveille::rules::delivery::device::{Device, DeviceInput};
use reveille::rules::delivery::observer::TurnTrace;
use reveille::rules::delivery::phone::{DeviceContext, DeviceWorld};
use reveille::rules::delivery::portal::Portal;
use reveille::rules::model::world::World;
use reveille::rules::sending::crowd::{Audience, FanOut};
use reveille::rules::sending::tenant::Tenant;
use reveille::rules::service::gateway;
use reveille::rules::service::journey::{Effect, Journey, SkipCause};
use reveille::rules::service::quota::Window;
use reveille::rules::timeline::agenda::Agenda;

pub(crate) struct Folded {
    pub(crate) counts: RunCounts,
    pub(crate) fates: Fates,
    pub(crate) agenda: Agenda,
    pub(crate) changes_slowed: Vec<u64>,
    pub(crate) pairs_sent: u64,
}

pub(crate) fn fold(world: &World) -> Folded {
    fold_within(world, u64::MAX)
}

/// The same with a limit on the turns of all devices together; exceeding it is a panic.
pub(crate) fn fold_within(world: &World, turns_max: u64) -> Folded {
    let mut fold = Fold {
        world,
        turns_max,
        turns: 0,
        counter: Recorder::new(world),
        fates: Fates::new(),
        inputs: BTreeMap::new(),
        windows: BTreeMap::new(),
        pairs_sent: 0,
    };
    let (agenda, changes_slowed) = fold.plan();
    fold.live();
    Folded { counts: fold.counter.close(), fates: fold.fates, agenda, changes_slowed, pairs_sent: fold.pairs_sent }
}

/// The state of a device and its portal.
struct Life<'a> {
    ground: &'a DeviceWorld<'a>,
    machine: Device,
    portal: Portal,
    effects: Vec<Effect>,
}

impl<'a> Life<'a> {
    fn new(ground: &'a DeviceWorld<'a>) -> Self {
        Self { ground, machine: Device::default(), portal: Portal::default(), effects: Vec::new() }
    }

    fn turn(&mut self, take: impl FnOnce(&mut Device, &mut TurnTrace)) {
        let mut turn = TurnTrace::default();
        take(&mut self.machine, &mut turn);
        self.effects.extend(turn.effects);
        for handover in turn.handovers {
            self.portal.accept(self.ground, handover, &mut self.effects);
        }
    }

    /// Handles all timers before `to`, in at most `turns_max` turns; returns the number of turns.
    fn advance(&mut self, to: SimTime, turns_max: u64) -> u64 {
        let mut turns = 0;
        while let Some(due) = self.machine.next_due().filter(|due| *due < to) {
            assert!(turns < turns_max, "the scenario takes more turns than it may");
            turns += 1;
            let ground = self.ground;
            self.turn(|machine, turn| machine.advance(ground, due, turn));
        }
        turns
    }
}

struct Fold<'a> {
    world: &'a World,
    turns_max: u64,
    turns: u64,
    counter: Recorder,
    fates: Fates,
    inputs: BTreeMap<DeviceIx, Vec<(SimTime, DeviceInput)>>,
    windows: BTreeMap<DeviceIx, Window>,
    pairs_sent: u64,
}

impl Fold<'_> {
    /// Everything that involves several devices, in order: requests to the tenant, and the turns that follow for
    /// devices.
    fn plan(&mut self) -> (Agenda, Vec<u64>) {
        let world = self.world;
        let (mut agenda, mut tenant) = (Agenda::new(world), Tenant::new(world));
        while let Some(at) = agenda.next_time() {
            let due = agenda.take(world, at);
            self.reveal(&mut tenant, at.just_before());
            for (change, subject) in &due.changes {
                tenant.change_directory(world, *change, *subject, at);
            }
            self.reveal(&mut tenant, at);
            for (change, subject) in &due.changes {
                tenant.change_phone(world, *change, *subject, |device, change, key| {
                    self.inputs.entry(device).or_default().push((at, DeviceInput::Change(change, key)));
                });
            }
            for attempt in due.attempts {
                let send = &world.sends[attempt.send.at()];
                let judged = tenant.judge(world, send, attempt.device);
                let reserved = judged.and_then(|()| {
                    let Some(device) = attempt.device else { return Ok(()) };
                    let window = self.windows.entry(device).or_default();
                    window.reserve_for_device(&world.service, at, &tenant.counted_for(device, at))
                });
                let (stamp, device) = (attempt.stamp(), attempt.device);
                let admitted = reserved.and_then(|()| tenant.admit(world, stamp, device, &send.target, at));
                let outcome = admitted.map(|fan_out| {
                    self.fan_out(&fan_out);
                    fan_out.message.ix
                });
                agenda.answer(world, attempt, outcome, at);
            }
        }
        self.reveal(&mut tenant, world.horizon.just_before());
        (agenda, tenant.changes_slowed().to_vec())
    }

    fn reveal(&mut self, tenant: &mut Tenant, at: SimTime) {
        let mut out = Vec::new();
        tenant.advance(self.world, at, &mut out);
        for fan_out in &out {
            self.fan_out(fan_out);
        }
    }

    fn fan_out(&mut self, fan_out: &FanOut) {
        self.counter.open_message(&fan_out.message);
        match &fan_out.audience {
            Audience::One { device, standing, class } => {
                self.pairs_sent += 1;
                match standing {
                    Ok(gateway) => self.start(fan_out, *device, *class, fan_out.begin[*gateway as usize]),
                    Err(cause) => self.skip(fan_out, *device, *cause, *class),
                }
            }
            Audience::Many(crowd) => {
                self.pairs_sent += crowd.pairs() - crowd.reopened.len();
                for device in crowd.reopened.iter().map(DeviceIx) {
                    let (counted, class) = (self.counted(device), crowd.class_before(device));
                    self.counter.unskip(counted, fan_out.message.ix, class, fan_out.at);
                }
                for cause in SkipCause::ALL {
                    for device in crowd.standings.skipped[cause as usize].iter().map(DeviceIx) {
                        self.skip(fan_out, device, cause, crowd.class(device));
                    }
                }
                for gateway in GatewayName::ALL {
                    for (rank, device) in crowd.standings.carried[gateway as usize].iter().enumerate() {
                        let slot = gateway::slot(fan_out.begin[gateway as usize], rank as u64);
                        self.start(fan_out, DeviceIx(device), crowd.class(DeviceIx(device)), slot);
                    }
                }
            }
        }
    }

    fn start(
        &mut self,
        fan_out: &FanOut,
        device: DeviceIx,
        class: reveille::rules::service::audience::AudienceClass,
        slot: u128,
    ) {
        let input = DeviceInput::Start { message: fan_out.message, phase: fan_out.phase, class, slot };
        self.inputs.entry(device).or_default().push((fan_out.at, input));
    }

    fn skip(
        &mut self,
        fan_out: &FanOut,
        device: DeviceIx,
        cause: SkipCause,
        class: reveille::rules::service::audience::AudienceClass,
    ) {
        let counted = self.counted(device);
        self.counter.skip(counted, fan_out.message.ix, class, cause, fan_out.at);
        let fate = PairFate { journey: Journey::Skipped(cause), at: fan_out.at, dismissed_at: None };
        self.fates.insert((fan_out.message.ix, device), fate);
    }

    fn counted(&self, device: DeviceIx) -> Counted {
        let traits = self.world.fleet.traits(device);
        Counted::of(&traits)
    }

    /// Every device's life, from its inputs alone.
    fn live(&mut self) {
        let world = self.world;
        let end = world.horizon.just_before();
        for (device, inputs) in std::mem::take(&mut self.inputs) {
            let context = DeviceContext::new(world, device);
            let ground = context.on(world);
            let counted = Counted::of(&context.traits);
            let mut life = Life::new(&ground);
            for (at, input) in inputs {
                self.turns += life.advance(at, self.turns_max.saturating_sub(self.turns));
                life.turn(|machine, turn| machine.accept(&ground, &input, at, at, turn));
                self.turns += 1;
            }
            self.turns += life.advance(world.horizon, self.turns_max.saturating_sub(self.turns));
            let Life { machine, mut portal, mut effects, .. } = life;
            portal.advance(end, &mut effects);
            for effect in effects {
                self.counter.count(counted, effect);
                self.keep(device, effect);
            }
            for (message, _, cause, _) in machine.open() {
                self.counter.still_waiting(counted, message, cause);
            }
        }
    }

    fn keep(&mut self, device: DeviceIx, effect: Effect) {
        match effect {
            Effect::Moved { message, at, to, .. } => {
                self.fates.insert((message, device), PairFate { journey: to, at, dismissed_at: None });
            }
            Effect::Dismissed { message, at } => {
                self.fates.get_mut(&(message, device)).expect("what is dismissed was shown").dismissed_at = Some(at);
            }
            Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
        }
    }
}
