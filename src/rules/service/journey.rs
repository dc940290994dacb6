//! The stations of a pair (one message, one device): a closed enum. Must not decide anything; the state machines move
//! pairs.
//!
//! ```text
//!                   ┌────────────► skipped (judged once, when the journey starts)
//!  accepted ────────┤
//!                   └► waiting: capacity ─► outage ─► in_transit ─► offline ⇄ in_transit ─► (arrival) ─► shown ─► dismissed
//!                          │         │        │            │           │            │           (counted apart)
//!                          └─────────┴────────┴── expired ─┴───────────┘            └─► blocked
//!                                             └── lost          superseded (APNs), discarded (FCM)
//! ```
//! Every pair is in exactly one station at every moment. All stations but *waiting* are settled; the one settled station
//! that may be left is *skipped / not enrolled*, inside the catch-up window (X12).

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::audience::AudienceClass;
use crate::rules::base::codes::coded;
use crate::rules::base::ids::{FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;

/// Why a pair was skipped, in the order in which causes are judged (X13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum SkipCause {
    /// R27: macOS and Windows never get one.
    UnsupportedPlatform,
    /// R28: an Android enrolment other than a personal work profile, since 2025.
    UnsupportedEnrolment,
    /// R29: not enrolled in the sender's view.
    NotEnrolled,
    /// R26: enrolled by another user.
    EnrolledByAnother,
    /// R30, R31: neither app counts.
    AppMissing,
}

/// Why the phone did not show a message that reached it (X25), in the order of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum BlockCause {
    /// R35: Android without Play Services.
    PlayServices,
    /// R56: the user force-stopped the app.
    ForceStopped,
    /// R55: battery optimisation, since 2025.
    Battery,
    /// The app went away after the journey started.
    AppRemoved,
    /// R33: the user does not allow notifications.
    Permission,
}

/// What lost a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LossCause {
    /// The gateway's own random loss.
    Gateway,
    /// A fault, by name.
    Fault(FaultIx),
}

/// What a waiting pair waits for (X21), in the order of the way to the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(into = "u8", try_from = "u8")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum WaitCause {
    /// Its turn at the gateway.
    Capacity,
    /// The end of a holding outage.
    Outage,
    /// Its arrival: it is on the way from gateway to phone.
    InTransit,
    /// The phone to come online.
    Offline,
    /// A dozing phone's next maintenance window.
    Doze,
}

/// How a shown message appeared (X26), in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(into = "u8", try_from = "u8")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Form {
    /// A banner on an unlocked phone.
    Banner,
    /// The whole text on the lock screen.
    LockFull,
    /// A notice without its text on the lock screen.
    LockHidden,
    /// Only in the notification centre.
    NotificationCentre,
    /// Inside the open app.
    InApp,
    /// "Update the app", from an outdated app (2025).
    Stub,
}

coded!(WaitCause);
coded!(Form);

/// The state of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Journey {
    /// It never set out.
    Skipped(SkipCause),
    /// It reached the phone, which did not show it.
    Blocked(BlockCause),
    /// It was lost on the way.
    Lost(LossCause),
    /// It is still under way.
    Waiting(WaitCause),
    /// R53: a newer message took its place in the store.
    Superseded,
    /// R54: the store overflowed.
    Discarded,
    /// R52: its time has run out.
    Expired,
    /// It is or was shown on the phone.
    Shown(Form),
}

/// A journey's station without its cause, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Station {
    /// See [`Journey::Skipped`].
    Skipped,
    /// See [`Journey::Blocked`].
    Blocked,
    /// See [`Journey::Lost`].
    Lost,
    /// See [`Journey::Waiting`].
    Waiting,
    /// See [`Journey::Superseded`].
    Superseded,
    /// See [`Journey::Discarded`].
    Discarded,
    /// See [`Journey::Expired`].
    Expired,
    /// See [`Journey::Shown`].
    Shown,
}

impl Station {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl SkipCause {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl BlockCause {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl WaitCause {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl Form {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

impl Journey {
    /// The number of codes without those of losses to faults, which follow.
    pub const CODES: usize = 25;

    /// Whether the pair waits at the gateway, and not on its way or for the phone.
    #[inline]
    pub const fn is_at_gateway(self) -> bool {
        matches!(self, Self::Waiting(WaitCause::Capacity | WaitCause::Outage))
    }

    /// Its station.
    pub const fn station(self) -> Station {
        match self {
            Self::Skipped(_) => Station::Skipped,
            Self::Blocked(_) => Station::Blocked,
            Self::Lost(_) => Station::Lost,
            Self::Waiting(_) => Station::Waiting,
            Self::Superseded => Station::Superseded,
            Self::Discarded => Station::Discarded,
            Self::Expired => Station::Expired,
            Self::Shown(_) => Station::Shown,
        }
    }

    /// Whether the journey is over.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting(_))
    }

    /// A small number for arrays and the digest: 0 to [`Journey::CODES`], then one for each fault that may lose copies.
    pub const fn code(self) -> usize {
        match self {
            Self::Skipped(cause) => cause as usize,
            Self::Blocked(cause) => 5 + cause as usize,
            Self::Waiting(cause) => 10 + cause as usize,
            Self::Shown(form) => 15 + form as usize,
            Self::Superseded => 21,
            Self::Discarded => 22,
            Self::Expired => 23,
            Self::Lost(LossCause::Gateway) => 24,
            Self::Lost(LossCause::Fault(fault)) => 25 + fault.at(),
        }
    }

    /// The journey with this code.
    pub fn from_code(code: usize) -> Self {
        match code {
            0..5 => Self::Skipped(SkipCause::VARIANTS[code]),
            5..10 => Self::Blocked(BlockCause::VARIANTS[code - 5]),
            10..15 => Self::Waiting(WaitCause::VARIANTS[code - 10]),
            15..21 => Self::Shown(Form::VARIANTS[code - 15]),
            21 => Self::Superseded,
            22 => Self::Discarded,
            23 => Self::Expired,
            24 => Self::Lost(LossCause::Gateway),
            fault => Self::Lost(LossCause::Fault(FaultIx(
                u32::try_from(fault - 25).expect("a code counts at most the faults of a scenario"),
            ))),
        }
    }
}

/// The effect of a turn of a device or a portal on one pair, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The journey starts; a [`Effect::Moved`] without `from` follows.
    Started {
        /// The message.
        message: MessageIx,
        /// Why the pair belongs to it.
        class: AudienceClass,
    },
    /// The pair moved.
    Moved {
        /// The message.
        message: MessageIx,
        /// Model time.
        at: SimTime,
        /// Its state before; `None` when the journey starts.
        from: Option<Journey>,
        /// Its state now.
        to: Journey,
        /// The faults that have touched it so far.
        touched: FaultSet,
    },
    /// Faults touched the pair for the first time (X25).
    Touched {
        /// The message.
        message: MessageIx,
        /// The faults.
        faults: FaultSet,
    },
    /// The notification left the screen.
    Dismissed {
        /// The message.
        message: MessageIx,
        /// Model time.
        at: SimTime,
    },
    /// R64: another app on the phone could read it.
    Exposed {
        /// The message.
        message: MessageIx,
    },
}

impl Effect {
    /// The same effect under another message number.
    #[must_use]
    pub const fn under(mut self, number: MessageIx) -> Self {
        match &mut self {
            Self::Started { message, .. }
            | Self::Moved { message, .. }
            | Self::Touched { message, .. }
            | Self::Dismissed { message, .. }
            | Self::Exposed { message } => *message = number,
        }
        self
    }

    /// The message of its pair.
    pub const fn message(&self) -> MessageIx {
        match self {
            Self::Started { message, .. }
            | Self::Moved { message, .. }
            | Self::Touched { message, .. }
            | Self::Dismissed { message, .. }
            | Self::Exposed { message } => *message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_a_round_trip() {
        for code in 0..Journey::CODES + 7 {
            assert_eq!(Journey::from_code(code).code(), code);
        }
    }
}
