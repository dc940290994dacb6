//! A second driver of the rules, as plain as can be: no actors, no shards, no timers; one device's whole life after another.
//! What it says of a world is what the engine must say.

use std::collections::BTreeMap;

use reveille::engine::{Fates, PairFate};
use reveille::rules::agenda::Agenda;
use reveille::rules::counter::{Counted, Counter};
use reveille::rules::crowd::{Audience, FanOut};
use reveille::rules::device::{Device, Input};
use reveille::rules::gateway;
use reveille::rules::ids::DeviceIx;
use reveille::rules::journey::{Effect, Journey, SkipCause};
use reveille::rules::phone::Footing;
use reveille::rules::platform::GatewayName;
use reveille::rules::portal::Portal;
use reveille::rules::quota::Window;
use reveille::rules::tally::Tally;
use reveille::rules::tenant::Tenant;
use reveille::rules::time::SimTime;
use reveille::rules::witness::Turn;
use reveille::rules::world::World;

pub(crate) struct Folded {
    pub(crate) tally: Tally,
    pub(crate) fates: Fates,
    pub(crate) agenda: Agenda,
    pub(crate) changes_slowed: Vec<u64>,
    pub(crate) pairs_sent: u64,
}

pub(crate) fn fold(world: &World) -> Folded {
    let mut fold = Fold {
        world,
        counter: Counter::new(world),
        fates: Fates::new(),
        inputs: BTreeMap::new(),
        windows: BTreeMap::new(),
        pairs_sent: 0,
    };
    let (agenda, changes_slowed) = fold.plan();
    fold.live();
    Folded { tally: fold.counter.close(), fates: fold.fates, agenda, changes_slowed, pairs_sent: fold.pairs_sent }
}

struct Fold<'a> {
    world: &'a World,
    counter: Counter,
    fates: Fates,
    inputs: BTreeMap<DeviceIx, Vec<(SimTime, Input)>>,
    windows: BTreeMap<DeviceIx, Window>,
    pairs_sent: u64,
}

impl Fold<'_> {
    /// Everything that crosses devices, in order: who is asked for what, and what goes to whom.
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
                    self.inputs.entry(device).or_default().push((at, Input::Change(change, key)));
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

    fn start(&mut self, fan_out: &FanOut, device: DeviceIx, class: reveille::rules::world::AudienceClass, slot: u128) {
        let input = Input::Start { message: fan_out.message, phase: fan_out.phase, class, slot };
        self.inputs.entry(device).or_default().push((fan_out.at, input));
    }

    fn skip(
        &mut self,
        fan_out: &FanOut,
        device: DeviceIx,
        cause: SkipCause,
        class: reveille::rules::world::AudienceClass,
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
            let footing = Footing::new(world, device);
            let ground = footing.on(world);
            let counted = Counted::of(&footing.traits);
            let (mut machine, mut portal) = (Device::default(), Portal::default());
            let mut effects = Vec::new();
            let mut hand_over = |turn: Turn, portal: &mut Portal| {
                effects.extend(turn.effects);
                for handover in turn.handovers {
                    portal.accept(&ground, handover, &mut effects);
                }
            };
            for (at, input) in inputs {
                let mut turn = Turn::default();
                machine.accept(&ground, &input, at, at, &mut turn);
                hand_over(turn, &mut portal);
            }
            let mut turn = Turn::default();
            machine.advance(&ground, end, &mut turn);
            hand_over(turn, &mut portal);
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
