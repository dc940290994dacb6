//! Bare ractor: as many actors and messages as a delivery takes in the engine, one hub for each core, and no work. A
//! delivery is one turn, to the device, on to the portal, and back; or two, its start and its arrival: to the device
//! and back, and later the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ractor::{Actor, ActorProcessingErr, ActorRef, ActorRuntime, SupervisionEvent};
use tokio::sync::Notify;

/// Turns that a hub has in flight, as a shard does.
const CREDITS: u32 = 64;
const HUBS: u32 = 2;

/// The payload of a message: about the size of a turn.
struct Load {
    arrives: bool,
    _rest: [u64; 16],
}

enum HubMessage {
    Go,
    Done { device: u32, _load: Load },
}

/// A hub: hands loads to its devices; each passes its load to its portal, which returns it.
struct Hub;

struct HubState {
    devices: Vec<Option<ActorRef<Load>>>,
    /// Are devices created for each load and stopped afterwards?
    cold: bool,
    next: u32,
    /// Is a start a turn of its own?
    has_starts: bool,
    /// Is this the turn of arrivals?
    arrives: bool,
    under_way: u32,
    rounds_done: Arc<AtomicU32>,
    notify: Arc<Notify>,
}

impl Actor for Hub {
    type Msg = HubMessage;
    type State = HubState;
    type Arguments = HubState;

    async fn pre_start(&self, _: ActorRef<HubMessage>, state: HubState) -> Result<HubState, ActorProcessingErr> {
        Ok(state)
    }

    async fn handle(
        &self,
        myself: ActorRef<HubMessage>,
        message: HubMessage,
        state: &mut HubState,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            HubMessage::Go => (state.next, state.arrives) = (0, !state.has_starts),
            HubMessage::Done { device, .. } => {
                state.under_way -= 1;
                if state.cold
                    && let Some(device) = state.devices[device as usize].take()
                {
                    device.stop(None);
                }
            }
        }
        if state.under_way == 0 && state.next as usize == state.devices.len() && !state.arrives {
            (state.next, state.arrives) = (0, true);
        }
        while state.under_way < CREDITS && (state.next as usize) < state.devices.len() {
            let device = state.devices[state.next as usize].get_or_insert_with(|| {
                let arguments = (state.next, myself.clone());
                ActorRuntime::spawn_linked_instant(None, Device, arguments, myself.get_cell()).expect("it starts").0
            });
            device.cast(Load { arrives: state.arrives, _rest: [0; 16] }).expect("the actor is running");
            state.next += 1;
            state.under_way += 1;
        }
        if state.under_way == 0 {
            state.rounds_done.fetch_add(1, Relaxed);
            state.notify.notify_one();
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<HubMessage>,
        _: SupervisionEvent,
        _: &mut HubState,
    ) -> Result<(), ActorProcessingErr> {
        Ok(())
    }
}

struct Device;

struct DeviceState {
    number: u32,
    hub: ActorRef<HubMessage>,
    portal: Option<ActorRef<Load>>,
}

impl Actor for Device {
    type Msg = Load;
    type State = DeviceState;
    type Arguments = (u32, ActorRef<HubMessage>);

    async fn pre_start(
        &self,
        _: ActorRef<Load>,
        (number, hub): Self::Arguments,
    ) -> Result<DeviceState, ActorProcessingErr> {
        Ok(DeviceState { number, hub, portal: None })
    }

    async fn handle(
        &self,
        myself: ActorRef<Load>,
        load: Load,
        state: &mut DeviceState,
    ) -> Result<(), ActorProcessingErr> {
        let (number, hub) = (state.number, &state.hub);
        if !load.arrives {
            hub.cast(HubMessage::Done { device: number, _load: load })?;
            return Ok(());
        }
        let portal = state.portal.get_or_insert_with(|| {
            let arguments = (number, hub.clone());
            ActorRuntime::spawn_linked_instant(None, Portal, arguments, myself.get_cell()).expect("it starts").0
        });
        portal.cast(load)?;
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<Load>,
        _: SupervisionEvent,
        _: &mut DeviceState,
    ) -> Result<(), ActorProcessingErr> {
        Ok(())
    }
}

struct Portal;

impl Actor for Portal {
    type Msg = Load;
    type State = (u32, ActorRef<HubMessage>);
    type Arguments = (u32, ActorRef<HubMessage>);

    async fn pre_start(
        &self,
        _: ActorRef<Load>,
        arguments: Self::Arguments,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok(arguments)
    }

    async fn handle(&self, _: ActorRef<Load>, load: Load, state: &mut Self::State) -> Result<(), ActorProcessingErr> {
        state.1.cast(HubMessage::Done { device: state.0, _load: load })?;
        Ok(())
    }
}

/// The time of all rounds but the first, with actors that stay.
pub(crate) fn warm(devices: u32, rounds: u32, has_starts: bool) -> Duration {
    rounds_of(devices, rounds, has_starts, false)
}

/// The time of all rounds but the first, with actors that are created for each load.
pub(crate) fn cold(devices: u32, rounds: u32, has_starts: bool) -> Duration {
    rounds_of(devices, rounds, has_starts, true)
}

fn rounds_of(devices: u32, rounds: u32, has_starts: bool, cold: bool) -> Duration {
    crate::engine::runtime().block_on(async {
        let mut hubs = Vec::new();
        for _ in 0..HUBS {
            let (rounds_done, notify) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
            let state = HubState {
                devices: vec![None; (devices / HUBS) as usize],
                cold,
                next: 0,
                has_starts,
                arrives: false,
                under_way: 0,
                rounds_done: rounds_done.clone(),
                notify: notify.clone(),
            };
            let (hub, _) = Actor::spawn(None, Hub, state).await.expect("a hub starts");
            hubs.push((hub, rounds_done, notify));
        }
        let mut begun = Instant::now();
        for round in 0..=rounds {
            if round == 1 {
                begun = Instant::now();
            }
            for (hub, ..) in &hubs {
                hub.cast(HubMessage::Go).expect("the hub is running");
            }
            for (_, rounds_done, notify) in &hubs {
                while rounds_done.load(Relaxed) <= round {
                    notify.notified().await;
                }
            }
        }
        let took = begun.elapsed();
        for (hub, ..) in &hubs {
            hub.stop(None);
        }
        took
    })
}
