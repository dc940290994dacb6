//! The labels of the metrics and the values of each, all from bounded lists. A label must not carry a device, a user or
//! a message.

use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::model::world::World;
use crate::rules::service::journey::{BlockCause, SkipCause, Station, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};

use super::batch::ActorKind;
use super::lag_cause::LagCause;
use super::request::{RouteLabel, Status};

/// A label. Two labels may share a name where no metric has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// A message to groups or to one device.
    MessageKind,
    /// The kind of an actor.
    ActorKind,
    /// The check that refused.
    Reason,
    /// The platform of a device.
    Platform,
    /// Where a settled pair is.
    Station,
    /// What an open pair waits for.
    WaitsFor,
    /// Why a pair is in its station.
    Cause,
    /// What late events wait for.
    LagCause,
    /// APNs or FCM.
    Gateway,
    /// A fault of the scenario.
    Fault,
    /// The route of a request.
    Route,
    /// The status of an answer.
    Status,
    /// The program's version.
    Version,
    /// The scenario's name.
    Scenario,
    /// The seed of the run.
    Seed,
    /// The edition of the service.
    Profile,
}

/// The label value of all faults that are started by hand.
const BY_HAND: &str = "by_hand";

/// The label values of faults: those of the scenario each by its name, and one for all those by hand, if there can be
/// any.
pub(super) fn faults(world: &World) -> Vec<&str> {
    let own = world.faults.iter().filter(|fault| !fault.by_hand).map(|fault| fault.name.as_str());
    own.chain(world.takes_postings().then_some(BY_HAND)).collect()
}

/// The values of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Values that are known beforehand.
    pub known: Vec<&'static str>,
    /// A description of the other values, which are bounded too.
    pub others: Option<&'static str>,
}

impl Label {
    /// The label's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessageKind | Self::ActorKind => "kind",
            Self::Reason => "reason",
            Self::Platform => "platform",
            Self::Station | Self::WaitsFor => "station",
            Self::Cause | Self::LagCause => "cause",
            Self::Gateway => "gateway",
            Self::Fault => "fault",
            Self::Route => "route",
            Self::Status => "status",
            Self::Version => "version",
            Self::Scenario => "scenario",
            Self::Seed => "seed",
            Self::Profile => "profile",
        }
    }

    /// The label's values.
    pub fn values(self) -> Values {
        let known = |known: Vec<&'static str>| Values { known, others: None };
        let others = |others| Values { known: Vec::new(), others: Some(others) };
        match self {
            Self::MessageKind => known([MessageKind::Group, MessageKind::Device].map(MessageKind::name).to_vec()),
            Self::ActorKind => known(ActorKind::ALL.map(ActorKind::name).to_vec()),
            Self::Reason => known(Reason::ALL.map(Reason::name).to_vec()),
            Self::Platform => known(Platform::ALL.map(Platform::name).to_vec()),
            Self::Station => {
                let settled = Station::ALL.into_iter().filter(|station| *station != Station::Waiting);
                known(settled.map(Station::name).collect())
            }
            Self::WaitsFor => known(WaitCause::ALL.map(WaitCause::name).to_vec()),
            Self::Cause => {
                let skipped = SkipCause::ALL.map(SkipCause::name).into_iter();
                let causes = skipped.chain(BlockCause::ALL.map(BlockCause::name)).chain(["gateway", "none"]);
                Values {
                    known: causes.collect(),
                    others: Some("for what is lost, the name of the scenario's fault that lost it, or `by_hand`"),
                }
            }
            Self::LagCause => known(LagCause::ALL.map(LagCause::name).to_vec()),
            Self::Gateway => known(GatewayName::ALL.map(GatewayName::name).to_vec()),
            Self::Fault => others(
                "the names of the scenario's faults; in a server also `by_hand`, for all that are started by hand",
            ),
            Self::Route => known(RouteLabel::ALL.map(RouteLabel::name).to_vec()),
            Self::Status => known(Status::ALL.map(Status::name).to_vec()),
            Self::Version => others("the program's version"),
            Self::Scenario => others("the scenario's name"),
            Self::Seed => others("the seed, a whole number"),
            Self::Profile => known(vec!["intune-2019", "intune-2025"]),
        }
    }
}
