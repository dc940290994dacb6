//! Risk: a notification is dismissed twice, at the wrong time, or without a dismissal by the user.

use reveille::rules::base::ids::{Key, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::delivery::phone::{Arrival, DeviceContext, Handover, Parcel};
use reveille::rules::delivery::portal::Portal;
use reveille::rules::faults::fault::FaultSet;
use reveille::rules::model::world::World;
use reveille::rules::population::draws::Draws;
use reveille::rules::service::journey::{Effect, Form};

use crate::fixtures::drivers::world;

const SHOWN: MessageIx = MessageIx(3);

/// Two phones: one dismisses after ten seconds, one never.
fn phones() -> std::sync::Arc<World> {
    world(
        "schema = 1\nname = \"hands\"\nduration = \"1h\"\n[[user]]\nname = \"u\"\n\
         [[device]]\nname = \"attended\"\nuser = \"u\"\nplatform = \"ios\"\nattention = \"10s\"\n\
         [[device]]\nname = \"lonely\"\nuser = \"u\"\nplatform = \"ios\"\n",
    )
}

/// When the message shown at 1,000 was dismissed, if its user dismisses some by hand at these times.
fn dismissals(device: &str, by_hand: &[(u64, MessageIx)]) -> Vec<(MessageIx, u64)> {
    let world = phones();
    let context = DeviceContext::new(&world, world.fleet.find_device(device).expect("it has a name"));
    let device_world = context.on(&world);
    let (mut portal, mut effects) = (Portal::default(), Vec::new());
    let draws = Draws { loss: 0, latency: 0, found: 0, attention: 0 };
    let arrival = Arrival { message: SHOWN, key: Key(3), from: None, touched: FaultSet::default(), draws };
    portal.accept(&device_world, Handover { at: SimTime(1_000), what: Parcel::Arrived(arrival) }, &mut effects);
    let [shown] = portal.shown() else { panic!("one is shown") };
    assert_eq!((shown.message, shown.shown_at, shown.form), (SHOWN, SimTime(1_000), Form::Banner), "R60");
    for (at, message) in by_hand {
        portal.accept(&device_world, Handover { at: SimTime(*at), what: Parcel::Dismissed(*message) }, &mut effects);
    }
    portal.advance(SimTime(3_000_000), &mut effects);
    let dismissed = effects.iter().filter_map(|effect| match effect {
        Effect::Dismissed { message, at } => Some((*message, at.ms())),
        _ => None,
    });
    let dismissed: Vec<_> = dismissed.collect();
    assert_eq!(portal.shown().is_empty(), !dismissed.is_empty(), "it stays until then, and no longer");
    dismissed
}

#[test]
fn the_earlier_of_two_dismissals_wins_and_the_other_does_nothing_t9() {
    assert_eq!(dismissals("attended", &[]), [(SHOWN, 11_000)]);
    assert_eq!(dismissals("attended", &[(5_000, SHOWN)]), [(SHOWN, 5_000)]);
    assert_eq!(dismissals("attended", &[(11_000, SHOWN)]), [(SHOWN, 11_000)]);
    assert_eq!(dismissals("attended", &[(12_000, SHOWN)]), [(SHOWN, 11_000)]);
    assert_eq!(dismissals("attended", &[(5_000, SHOWN), (5_000, SHOWN), (6_000, SHOWN)]), [(SHOWN, 5_000)]);
    assert_eq!(dismissals("attended", &[(5_000, MessageIx(4))]), [(SHOWN, 11_000)], "it is not shown");
}

#[test]
fn an_unattended_notification_stays_r65() {
    assert_eq!(dismissals("lonely", &[]), []);
    assert_eq!(dismissals("lonely", &[(2_000_000, SHOWN)]), [(SHOWN, 2_000_000)]);
}
