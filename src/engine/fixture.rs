//! A small world for unit tests of the engine. Never part of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::VariantArray as _;
use tokio_util::sync::CancellationToken;

use super::options::EngineOptions;
use super::progress::EngineProgress;
use crate::clock::Clock;
use crate::rules::base::chance::{Chance, Ratio};
use crate::rules::base::distribution::Dist;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::profile::Profile;
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::faults::actor_fault::{ActorFault, Blow, Victims};
use crate::rules::faults::fault::{Fault, FaultKind};
use crate::rules::faults::united::Unions;
use crate::rules::model::baseline_limits::BaselineLimits;
use crate::rules::model::live::{Live, ModelSpeed};
use crate::rules::model::phone_by_hand::PhonesByHand;
use crate::rules::model::world::World;
use crate::rules::population::fleet::{Fleet, FleetPlan, NamedDevice};
use crate::rules::population::presence::Presence;
use crate::rules::population::traits::{App, Attention, Doze, Enrollment, LockScreen, Model};
use crate::rules::service::gateway::{Gateway, Overflow, Priority, Rates};
use crate::rules::service::readings::Service;

/// A fault that hits every actor of a kind, in every minute.
pub(crate) fn actor_fault(blow: Blow, victims: Victims) -> Fault {
    Fault::by_hand(FaultKind::Strike(ActorFault { blow, rate: Ratio::ALWAYS, victims }), 0, None, None)
}

/// Options at full speed.
pub(crate) fn options() -> EngineOptions {
    EngineOptions {
        clock: Clock::Max,
        shards: 1,
        resident_actors_max: 4,
        keep_fates: false,
        watched: false,
        outlet: None,
        replayed_until: SimTime::ZERO,
        meters: None,
        progress: Arc::new(EngineProgress::default()),
        stop: CancellationToken::new(),
    }
}

/// A world with so many phones, without users, groups and sends.
pub(crate) fn world(phones: u32, faults: Vec<Fault>) -> World {
    let (chance, horizon) = (Chance::new(7), SimTime(3_600_000));
    let gateway = |name| Gateway {
        name,
        latency: Dist::Fixed(0),
        loss: Ratio::NEVER,
        retry: Dist::Fixed(0),
        stored: 1,
        overflow: Overflow::Supersede,
        expiry_ms: None,
        priority: Priority::High,
        rates: Rates::new(name, None, &[], horizon).expect("no throttle, one piece"),
    };
    let device = |at| NamedDevice { name: format!("phone-{at}"), user: None, model: model(), reported: None };
    let plan = FleetPlan { named_devices: (0..phones).map(device).collect(), ..FleetPlan::default() };
    World {
        name: "unit-test".to_owned(),
        domain: String::new(),
        scenario_hash: String::new(),
        start_unix_ms: 0,
        zone: Zone::fixed(0),
        horizon,
        profile: Profile::Intune2025,
        service: Service::default(),
        fleet: Fleet::new(plan, &chance),
        chance,
        groups: Vec::new(),
        accounts: Vec::new(),
        gateways: std::array::from_fn(|at| gateway(GatewayName::VARIANTS[at])),
        directory_lag: Dist::Fixed(0),
        catch_up_ms: 0,
        changes: Vec::new(),
        sends: Vec::new(),
        faults,
        unions: Unions::default(),
        phones_by_hand: PhonesByHand::default(),
        expectations: Vec::new(),
        windows: Vec::new(),
        baseline: BaselineLimits::default(),
        listed_max: 1_000,
        live: Live {
            speed: ModelSpeed::Max,
            resident_actors_max: 4,
            shards: 1,
            lag_p99_max_ms: None,
            metrics_listen: "127.0.0.1:0".to_owned(),
        },
        assumptions: Vec::new(),
        cautions: Vec::new(),
    }
}

fn model() -> Model {
    Model {
        cohort: "named".to_owned(),
        platform: Platform::Ios,
        labels: BTreeMap::new(),
        zone: Zone::fixed(0),
        enrolled: Ratio::ALWAYS,
        enrolled_by_another: Ratio::NEVER,
        enrollment: vec![(Enrollment::PersonalWorkProfile, Ratio::ALWAYS)],
        app: vec![(App::CompanyPortal, Ratio::ALWAYS)],
        app_outdated: Ratio::NEVER,
        push_permission: Ratio::ALWAYS,
        play_services: Ratio::ALWAYS,
        force_stopped: Ratio::NEVER,
        battery_restricted: Ratio::NEVER,
        notification_access: Ratio::NEVER,
        lock_screen: vec![(LockScreen::Full, Ratio::ALWAYS)],
        locked: Ratio::NEVER,
        foreground: Ratio::NEVER,
        presence: Presence::Online,
        attention: Attention { never: Ratio::ALWAYS, after: Dist::Fixed(0), asleep: None },
        doze: Doze::Off,
    }
}
