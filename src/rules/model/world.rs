//! A valid scenario: the world and its timeline, the input of both drivers. Data only; `scenario` builds it, nothing
//! changes it.

use super::baseline_limits::BaselineLimits;
use super::caution::Caution;
use super::change::Change;
use super::expectation::Expectation;
use super::group::Group;
use super::live::Live;
use super::phone_by_hand::PhonesByHand;
use super::reach_window::ReachWindow;
use super::send::SendPlan;
use crate::rules::base::chance::Chance;
use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::SendIx;
use crate::rules::base::platform::GatewayName;
use crate::rules::base::profile::Profile;
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::faults::fault::Fault;
use crate::rules::faults::united::Unions;
use crate::rules::population::fleet::Fleet;
use crate::rules::service::access::Account;
use crate::rules::service::gateway::Gateway;
use crate::rules::service::readings::Service;

/// Everything that a run is a function of.
#[derive(Clone, Debug)]
pub struct World {
    /// The scenario's name.
    pub name: String,
    /// The tenant's domain, for names of users and for sign-in; no rule reads it.
    pub domain: String,
    /// 32 hex digits over the resolved scenario's text, `--set` and includes applied, without seed.
    pub scenario_hash: String,
    /// Model time zero, in Unix ms.
    pub start_unix_ms: i64,
    /// Local time of the scenario.
    pub zone: Zone,
    /// The first moment that does not belong to the run.
    pub horizon: SimTime,
    /// The emulated edition.
    pub profile: Profile,
    /// Assumptions about the service.
    pub service: Service,
    /// The generator of all draws, from the seed.
    pub chance: Chance,
    /// Users and devices.
    pub fleet: Fleet,
    /// Groups; 0 is "All users".
    pub groups: Vec<Group>,
    /// Accounts; 0 is the built-in administrator.
    pub accounts: Vec<Account>,
    /// APNs and FCM, in the order of [`GatewayName`].
    pub gateways: [Gateway; 2],
    /// How long directory changes take to be visible.
    pub directory_lag: Dist,
    /// How long after a send its joiners are caught up, in ms (R37).
    pub catch_up_ms: u64,
    /// Changes in file order.
    pub changes: Vec<Change>,
    /// Sends in file order.
    pub sends: Vec<SendPlan>,
    /// Faults in file order.
    pub faults: Vec<Fault>,
    /// Cache of their united windows.
    pub unions: Unions,
    /// What is set on single phones by hand; nothing in a scenario.
    pub phones_by_hand: PhonesByHand,
    /// Expectations in file order.
    pub expectations: Vec<Expectation>,
    /// Windows of reach that reports tell, in the order given.
    pub windows: Vec<ReachWindow>,
    /// How much worse than in a former report each figure may be.
    pub baseline: BaselineLimits,
    /// Messages that are listed one by one, at most: in a world with more, those to single devices are summarised.
    pub listed_max: u64,
    /// Options of live runs.
    pub live: Live,
    /// The assumptions of the model (source A in the fidelity table) that this scenario uses: the key and its value, as
    /// text.
    pub assumptions: Vec<(String, String)>,
    /// Warnings that reports repeat, in the order of the sends.
    pub cautions: Vec<Caution>,
}

impl World {
    /// One of the two gateways.
    pub fn gateway(&self, name: GatewayName) -> &Gateway {
        &self.gateways[name as usize]
    }

    /// The local time of a send.
    pub fn zone_of(&self, send: SendIx) -> &Zone {
        self.sends[send.at()].zone.as_ref().unwrap_or(&self.zone)
    }

    /// Messages that its sends request, retries aside.
    pub fn messages(&self) -> u64 {
        self.sends.iter().map(|send| send.times.len() as u64 * send.target.messages()).sum()
    }
}
