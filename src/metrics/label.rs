//! The labels of the metrics and the values of each, all from bounded lists. A label must not carry a device, a user or
//! a message.

use strum::VariantArray;

use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::model::world::World;
use crate::rules::service::journey::{BlockCause, SkipCause, Station, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};

use super::batch::ActorKind;
use super::budget::BudgetLabel;
use super::lag_cause::LagCause;
use super::request::{RouteLabel, SignInOutcome, Status};

/// A label. Two labels may share a name where no metric has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Label {
    /// A message to groups or to one device.
    #[strum(serialize = "kind")]
    MessageKind,
    /// The kind of an actor.
    #[strum(serialize = "kind")]
    ActorKind,
    /// The check that refused.
    Reason,
    /// The platform of a device.
    Platform,
    /// Where a settled pair is.
    Station,
    /// What an open pair waits for.
    #[strum(serialize = "station")]
    WaitsFor,
    /// Why a pair is in its station.
    Cause,
    /// What late events wait for.
    #[strum(serialize = "cause")]
    LagCause,
    /// APNs or FCM.
    Gateway,
    /// A fault of the scenario.
    Fault,
    /// The route of a request.
    Route,
    /// The status of an answer.
    Status,
    /// A budget of the server.
    Budget,
    /// What a sign-in came to.
    #[strum(serialize = "outcome")]
    SignInOutcome,
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

/// The words of an enum.
fn names<Word: VariantArray>() -> Vec<&'static str>
where
    &'static str: From<&'static Word>,
{
    Word::VARIANTS.iter().map(Into::into).collect()
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
        self.into_str()
    }

    /// The label's values.
    pub fn values(self) -> Values {
        let known = |known: Vec<&'static str>| Values { known, others: None };
        let others = |others| Values { known: Vec::new(), others: Some(others) };
        match self {
            Self::MessageKind => known([MessageKind::Group, MessageKind::Device].map(MessageKind::name).to_vec()),
            Self::ActorKind => known(names::<ActorKind>()),
            Self::Reason => known(names::<Reason>()),
            Self::Platform => known(names::<Platform>()),
            Self::Station => {
                let settled = Station::VARIANTS.iter().copied().filter(|station| *station != Station::Waiting);
                known(settled.map(Station::name).collect())
            }
            Self::WaitsFor => known(names::<WaitCause>()),
            Self::Cause => {
                let skipped = names::<SkipCause>().into_iter();
                let causes = skipped.chain(names::<BlockCause>()).chain(["gateway", "none"]);
                Values {
                    known: causes.collect(),
                    others: Some("for what is lost, the name of the scenario's fault that lost it, or `by_hand`"),
                }
            }
            Self::LagCause => known(names::<LagCause>()),
            Self::Gateway => known(names::<GatewayName>()),
            Self::Fault => others(
                "the names of the scenario's faults; in a server also `by_hand`, for all that are started by hand",
            ),
            Self::Route => known(names::<RouteLabel>()),
            Self::Status => known(names::<Status>()),
            Self::Budget => known(names::<BudgetLabel>()),
            Self::SignInOutcome => known(names::<SignInOutcome>()),
            Self::Version => others("the program's version"),
            Self::Scenario => others("the scenario's name"),
            Self::Seed => others("the seed, a whole number"),
            Self::Profile => known(vec!["intune-2019", "intune-2025"]),
        }
    }
}
