//! Risk: the fast path of a pair decides otherwise than the slow one, or its counts differ from those of its effects.

use std::collections::BTreeMap;

use reveille::rules::base::ids::{DeviceIx, Key, MessageIx, SendIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::recorder::{Counted, Recorder};
use reveille::rules::delivery::calm::CalmPhone;
use reveille::rules::delivery::device::{Departure, Device};
use reveille::rules::delivery::observer::TurnTrace;
use reveille::rules::delivery::phone::DeviceContext;
use reveille::rules::delivery::portal::Portal;
use reveille::rules::model::world::World;
use reveille::rules::population::draws::Draws;
use reveille::rules::sending::crowd::Phase;
use reveille::rules::service::audience::AudienceClass;
use reveille::rules::service::gateway;
use reveille::rules::service::journey::Effect;
use reveille::rules::service::message::{Message, MessageKind};

use crate::fixtures::drivers::world;

/// Phones of every kind, with gaps in their presence, a gateway with a queue, and faults of every sort that a pair meets.
const SCENARIO: &str = r#"
schema = 1
name = "calm"
seed = 5
duration = "24h"
[delivery.fcm]
capacity = "6_000/min"
loss = 0.05
[fleet]
users = 400
[[fleet.cohort]]
name = "iphones"
share = 0.5
platform = "ios"
presence = { offline = 0.3, gap = "1h" }
[[fleet.cohort]]
name = "androids"
share = 0.5
platform = "android"
presence = { offline = 0.3, gap = "1h" }
[[send]]
name = "news"
at = "1h"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[fault]]
name = "down"
kind = "outage"
mode = "hold"
at = "3h"
for = "1h"
scope = { gateway = "fcm" }
[[fault]]
name = "slow"
kind = "delay"
delay = "1m"
at = "6h"
for = "1h"
[[fault]]
name = "brake"
kind = "throttle"
rate = "60/min"
at = "9h"
for = "1h"
[[fault]]
name = "masts"
kind = "offline"
at = "12h"
for = "1h"
scope = { pick = "30%" }
"#;

/// Messages to each phone, half an hour apart.
const MESSAGES: u32 = 48;

fn message(ix: u32) -> Message {
    Message {
        ix: MessageIx(ix),
        send: SendIx(0),
        occurrence: ix,
        key: Key(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(u64::from(ix) + 1)),
        kind: MessageKind::Group,
        accepted_at: SimTime(u64::from(ix) * 1_800_000 + 60_000),
        // The shorter ones expire in transit.
        expiry_ms: [[600_000, 2_000][ix as usize % 2], 0],
        catch_up_until: None,
    }
}

/// The effects of one pair on the slow path, the dismissal included.
fn on_the_slow_path(context: &DeviceContext, world: &World, departure: &Departure<'_>) -> Vec<Effect> {
    let device_world = context.on(world);
    let (mut machine, mut portal, mut turn) = (Device::default(), Portal::default(), TurnTrace::default());
    machine.start(&device_world, departure, &mut turn);
    machine.advance(&device_world, world.horizon.just_before(), &mut turn);
    let TurnTrace { mut effects, handovers } = turn;
    for handover in handovers {
        portal.accept(&device_world, handover, &mut effects);
    }
    portal.advance(world.horizon.just_before(), &mut effects);
    effects
}

#[test]
fn the_fast_path_has_the_effects_and_counts_of_the_slow_one() {
    let world = world(SCENARIO);
    let (mut fast_counts, mut slow_counts) = (Recorder::new(&world), Recorder::new(&world));
    for message in (0..MESSAGES).map(message) {
        fast_counts.open_message(&message);
        slow_counts.open_message(&message);
    }
    let end = world.horizon.just_before();
    let (mut calm_pairs, mut ends) = (0_u32, BTreeMap::<String, u32>::new());
    for device in (0..400).map(DeviceIx) {
        let context = DeviceContext::new(&world, device);
        let (device_world, machine) = (context.on(&world), Device::default());
        let counted = Counted::of(&context.traits);
        let calm = CalmPhone::of(&device_world, &machine, &Portal::default()).expect("no phone dozes");
        for message in (0..MESSAGES).map(message) {
            let (at, key) = (message.accepted_at, context.traits.key);
            let departure = Departure {
                message: &message,
                phase: Phase::Send,
                class: AudienceClass::Member,
                // Up to four seconds of the queue, and none for some.
                slot: gateway::slot(
                    world.gateway(context.traits.platform.gateway().expect("it has one")).rates.sum_at(at),
                    u64::from(device.0 % 8) * 50,
                ),
                at,
                until: at + 1_200_000,
                draws: Some(Draws::of(&world.chance, key, message.key)),
            };
            // The span in which the phone is online is known once something has asked for it.
            device_world.next_present(at);
            let Some(pair) = calm.pass(&device_world, &machine, &departure) else { continue };
            let (mut fast, slow) = (Vec::new(), on_the_slow_path(&context, &world, &departure));
            pair.effects(end, |effect| fast.push(effect));
            assert_eq!(fast, slow, "device {device:?}, message {:?}", message.ix);
            calm_pairs += 1;
            *ends.entry(format!("{:?}", pair.end)).or_default() += 1;
            fast_counts.count_calm(counted, &pair, end);
            for effect in slow {
                slow_counts.count(counted, effect);
            }
        }
    }
    assert!(calm_pairs > 400 * MESSAGES / 4, "only {calm_pairs} pairs took the fast path");
    assert!(ends.len() > 5, "too few kinds of ends: {ends:?}");
    assert_eq!(fast_counts.close(), slow_counts.close());
}
