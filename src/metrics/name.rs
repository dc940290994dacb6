//! Every metric: name, kind, labels and help in one table. No label ever carries a device, a user or a message.

/// How Prometheus reads a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by bucket.
    Histogram,
}

macro_rules! names {
    ($($variant:ident $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        /// A metric of this program. The last word of a name is its unit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Name {
            $(#[doc = $help] $variant,)*
        }

        impl Name {
            /// Every metric, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it says, as one sentence.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// How it is read.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// Its labels.
            pub const fn labels(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($label),*],)* }
            }
        }
    };
}

names! {
    MessagesAccepted Counter "reveille_messages_accepted_total" ["kind"]
        "Messages that the tenant accepted.";
    MessagesRefused Counter "reveille_messages_refused_total" ["kind", "reason"]
        "Attempts to send that the tenant refused.";
    JourneysSettled Counter "reveille_journeys_settled_total" ["platform", "station", "cause"]
        "Pairs of message and device that settled; cause is none where a station has no causes.";
    JourneysOpen Gauge "reveille_journeys_open" ["station"]
        "Pairs that are waiting, by what they wait for.";
    Dismissals Counter "reveille_dismissals_total" ["platform"]
        "Notifications that their users dismissed.";
    Delivery Histogram "reveille_delivery_seconds" ["platform"]
        "Model seconds from acceptance to display.";
    Lag Histogram "reveille_lag_seconds" []
        "Wall seconds from when an event was due to when it ran; nothing is due at speed max.";
    ConservationError Gauge "reveille_conservation_error" []
        "Pairs sent out minus pairs found again; anything but 0 is a fault of this program.";
    GatewayBacklog Gauge "reveille_gateway_backlog" ["gateway"]
        "Pairs that wait at a gateway.";
    GatewayUp Gauge "reveille_gateway_up" ["gateway"]
        "0 while an outage of the whole gateway is in force, otherwise 1.";
    OldestWaiting Gauge "reveille_oldest_waiting_seconds" []
        "Model seconds since the acceptance of the oldest message that a pair still waits with.";
    ActorsResident Gauge "reveille_actors_resident" ["kind"]
        "Actors that are alive.";
    ActorsResidentLimit Gauge "reveille_actors_resident_limit" []
        "Device and portal actors that may be alive at once.";
    ActorActivations Counter "reveille_actor_activations_total" ["kind"]
        "Actors brought to life.";
    ActorRestarts Counter "reveille_actor_restarts_total" ["kind"]
        "Actors that died and were replaced.";
    TimersPending Gauge "reveille_timers_pending" []
        "Entries in the timer wheels.";
    FaultActive Gauge "reveille_fault_active" ["fault"]
        "1 while a fault of the scenario is in force.";
    FaultTouched Counter "reveille_fault_touched_total" ["fault"]
        "Pairs that a fault touched; for a lag of the directory the changes it slowed.";
    GroupQuotaRemaining Gauge "reveille_group_quota_remaining" []
        "Group messages that the tenant may still send within the hour.";
    GroupQuotaNextSlot Gauge "reveille_group_quota_next_slot_seconds" []
        "Model seconds until the group quota has a free slot; 0 if it has one.";
    GeneratorLate Counter "reveille_generator_late_total" []
        "Sends that were issued more than 100 ms of wall time after their time.";
    HttpRequests Counter "reveille_http_requests_total" ["route", "status"]
        "Requests that the Graph face answered.";
    HttpSeconds Histogram "reveille_http_request_seconds" ["route"]
        "Wall seconds from a request to its answer.";
    ClockSpeed Gauge "reveille_clock_speed" []
        "Model seconds per second of wall time; 0 at speed max.";
    ModelTime Gauge "reveille_model_time_seconds" []
        "Model time that is done with, in seconds since the scenario's start.";
    BuildInfo Gauge "reveille_build_info" ["version"]
        "Always 1; the program's version.";
    ScenarioInfo Gauge "reveille_scenario_info" ["scenario", "seed", "profile"]
        "Always 1; what is running.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_as_promtool_demands() {
        for name in Name::ALL {
            let text = name.name();
            assert!(text.starts_with("reveille_"), "{text}");
            assert_eq!(text.ends_with("_total"), name.kind() == Kind::Counter, "{text}");
            assert!(name.kind() != Kind::Histogram || text.ends_with("_seconds"), "{text}");
            assert!(name.help().ends_with('.'), "{text}");
        }
    }
}
