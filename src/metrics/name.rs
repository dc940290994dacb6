//! Every metric: name, kind, labels, unit, help and an example query, in one table, from which the reference page is
//! made.

use super::label::Label;

/// The type of a metric for Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by bucket.
    Histogram,
}

impl MetricKind {
    /// The type's name in the text format.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

macro_rules! names {
    ($($variant:ident $kind:ident $name:literal [$($label:ident),*] $unit:literal $help:literal $example:literal;)*) => {
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

            /// The help text, one sentence.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// The type.
            pub const fn kind(self) -> MetricKind {
                match self { $(Self::$variant => MetricKind::$kind,)* }
            }

            /// The unit; `none` for a yes or no.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// Its labels.
            pub const fn labels(self) -> &'static [Label] {
                match self { $(Self::$variant => &[$(Label::$label),*],)* }
            }

            /// An example query.
            pub const fn example(self) -> &'static str {
                match self { $(Self::$variant => $example,)* }
            }
        }
    };
}

names! {
    MessagesAccepted Counter "reveille_messages_accepted_total" [MessageKind] "messages"
        "Messages that the tenant accepted."
        "sum by (kind) (rate(reveille_messages_accepted_total[5m]))";
    MessagesRefused Counter "reveille_messages_refused_total" [MessageKind, Reason] "attempts"
        "Attempts to send that the tenant refused."
        "sum by (reason) (increase(reveille_messages_refused_total[1h])) > 0";
    JourneysSettled Counter "reveille_journeys_settled_total" [Platform, Station, Cause] "pairs"
        "Pairs of message and device that settled; cause is none where a station has no causes, and for a loss the gateway or the name of a fault."
        "sum by (station) (reveille_journeys_settled_total)";
    JourneysOpen Gauge "reveille_journeys_open" [WaitsFor] "pairs"
        "Pairs that are waiting, by what they wait for."
        "sum by (station) (reveille_journeys_open)";
    Dismissals Counter "reveille_dismissals_total" [Platform] "notifications"
        "Notifications that their users dismissed."
        "sum by (platform) (reveille_dismissals_total)";
    Delivery Histogram "reveille_delivery_seconds" [Platform] "model seconds"
        "Model seconds from acceptance to display."
        "histogram_quantile(0.95, sum by (le) (rate(reveille_delivery_seconds_bucket[5m])))";
    Lag Histogram "reveille_lag_seconds" [] "wall seconds"
        "Wall seconds from when an event was due to when it ran; nothing is due at speed max."
        "histogram_quantile(0.99, sum by (le) (rate(reveille_lag_seconds_bucket[1m])))";
    LagWaited Counter "reveille_lag_waited_seconds_total" [LagCause] "wall seconds"
        "Wall seconds that late events waited, added up, by what they waited for."
        "topk(1, sum by (cause) (rate(reveille_lag_waited_seconds_total[1m])))";
    ConservationError Gauge "reveille_conservation_error" [] "pairs"
        "Pairs that were sent out and are in no station, minus those that are in two; anything but 0 is a fault of this program."
        "reveille_conservation_error != 0";
    GatewayBacklog Gauge "reveille_gateway_backlog" [Gateway] "pairs"
        "Pairs that wait at a gateway: for its capacity, for the end of an outage, for their phone to be online, or for it to wake."
        "sum by (gateway) (reveille_gateway_backlog)";
    EngineUp Gauge "reveille_engine_up" [] "none"
        "1 while the engine of the tenant runs; 0 after it failed, until the tenant is reset."
        "min by (tenant) (reveille_engine_up) == 0";
    GatewayUp Gauge "reveille_gateway_up" [Gateway] "none"
        "0 while an outage of the whole gateway is in force, otherwise 1."
        "min by (gateway) (reveille_gateway_up)";
    GatewayStalled Gauge "reveille_gateway_stalled_seconds" [Gateway] "model seconds"
        "Model seconds since a copy last left a gateway, while copies wait to leave it for capacity or because of an outage; 0 if none waits."
        "reveille_gateway_stalled_seconds > 300";
    OldestWaiting Gauge "reveille_oldest_waiting_seconds" [] "model seconds"
        "Model seconds since the acceptance of the oldest message that a pair still waits with."
        "reveille_oldest_waiting_seconds > 3600";
    ActorsResident Gauge "reveille_actors_resident" [ActorKind] "actors"
        "Actors that are alive."
        "sum(reveille_actors_resident{kind=~\"device|portal\"}) / sum(reveille_actors_resident_limit)";
    ActorsResidentLimit Gauge "reveille_actors_resident_limit" [] "actors"
        "Device and portal actors that may be alive at once."
        "reveille_actors_resident_limit";
    ActorActivations Counter "reveille_actor_activations_total" [ActorKind] "actors"
        "Actors brought to life."
        "sum by (kind) (rate(reveille_actor_activations_total[1m]))";
    ActorRestarts Counter "reveille_actor_restarts_total" [ActorKind] "actors"
        "Actors that died and were replaced."
        "sum by (kind) (increase(reveille_actor_restarts_total[5m]))";
    TimersPending Gauge "reveille_timers_pending" [] "timers"
        "Entries in the timer wheels."
        "sum(reveille_timers_pending)";
    FaultActive Gauge "reveille_fault_active" [Fault] "none"
        "1 while a fault is in force; for those by hand, while one of them is."
        "reveille_fault_active == 1";
    FaultTouched Counter "reveille_fault_touched_total" [Fault] "pairs"
        "Pairs that a fault touched; for a lag of the directory the changes it slowed."
        "topk(5, sum by (fault) (reveille_fault_touched_total))";
    GroupQuotaRemaining Gauge "reveille_group_quota_remaining" [] "messages"
        "Group messages that the tenant may still send within the hour."
        "reveille_group_quota_remaining <= 5";
    GroupQuotaNextSlot Gauge "reveille_group_quota_next_slot_seconds" [] "model seconds"
        "Model seconds until the group quota has a free slot; 0 if it has one."
        "reveille_group_quota_next_slot_seconds > 0";
    GeneratorLate Counter "reveille_generator_late_total" [] "sends"
        "Sends that were issued more than 100 ms of wall time after their time."
        "reveille_generator_late_total > 0";
    TextsKept Gauge "reveille_texts_kept" [] "messages"
        "Messages whose title and body are kept, encrypted, because a phone may still show them."
        "sum(reveille_texts_kept)";
    TextsDropped Counter "reveille_texts_dropped_total" [] "messages"
        "Messages whose title and body were dropped although a phone may still show them, because too many were kept."
        "increase(reveille_texts_dropped_total[1h]) > 0";
    HttpRequests Counter "reveille_http_requests_total" [Route, Status] "requests"
        "Requests that were answered, by the server of metrics and by the Graph API."
        "sum by (status) (rate(reveille_http_requests_total[5m]))";
    HttpRequest Histogram "reveille_http_request_seconds" [Route] "wall seconds"
        "Wall seconds from a request's head to its answer, the transfer left out."
        "histogram_quantile(0.99, sum by (le) (rate(reveille_http_request_seconds_bucket[5m])))";
    BudgetUsed Gauge "reveille_budget_used" [Budget] "as the budget's name says"
        "How much of a budget of the server is in use."
        "reveille_budget_used / (reveille_budget_limit > 0)";
    BudgetLimit Gauge "reveille_budget_limit" [Budget] "as the budget's name says"
        "How much of a budget of the server may be in use."
        "reveille_budget_limit";
    BudgetRefused Counter "reveille_budget_refused_total" [Budget] "requests"
        "Requests and connections that were refused because a budget of the server was used up."
        "sum by (budget) (increase(reveille_budget_refused_total[5m])) > 0";
    SignIns Counter "reveille_sign_ins_total" [SignInOutcome] "requests"
        "Requests to sign in: issued tokens, refusals, and those that were slowed down because many failed before."
        "sum by (outcome) (rate(reveille_sign_ins_total{outcome!=\"issued\"}[5m]))";
    AuditLost Counter "reveille_audit_lost_total" [] "entries"
        "Entries of the audit log that could not be written."
        "increase(reveille_audit_lost_total[5m]) > 0";
    StoreUp Gauge "reveille_store_up" [] "none"
        "1 while the server's store takes inputs, 0 once it has failed; absent without a store."
        "reveille_store_up == 0";
    StoreCommit Histogram "reveille_store_commit_seconds" [] "wall seconds"
        "Wall seconds from taking what waits for the store to its being on disk."
        "histogram_quantile(0.99, sum by (le) (rate(reveille_store_commit_seconds_bucket[5m])))";
    StoreBatch Histogram "reveille_store_batch_inputs" [] "inputs"
        "Inputs that one commit put on disk."
        "rate(reveille_store_batch_inputs_sum[5m]) / rate(reveille_store_batch_inputs_count[5m])";
    StoreWaitingInputs Gauge "reveille_store_waiting_inputs" [] "inputs"
        "Inputs that wait for the disk; with 65,536 of them the server answers 503."
        "reveille_store_waiting_inputs";
    StoreBytes Gauge "reveille_store_bytes" [] "bytes"
        "Bytes of the store's database and of its log."
        "reveille_store_bytes";
    StoreRecoveredInputs Gauge "reveille_store_recovered_inputs" [] "inputs"
        "Inputs that the store had when the server started."
        "reveille_store_recovered_inputs";
    ClockSpeed Gauge "reveille_clock_speed" [] "model seconds per wall second"
        "Model seconds per second of wall time; 0 at speed max and while the clock stands still."
        "reveille_clock_speed";
    ModelTime Gauge "reveille_model_time_seconds" [] "model seconds"
        "Model time that is done with, in seconds since the scenario's start."
        "rate(reveille_model_time_seconds[1m])";
    BuildInfo Gauge "reveille_build_info" [Version] "none"
        "Always 1; the program's version."
        "count by (version) (reveille_build_info)";
    ScenarioInfo Gauge "reveille_scenario_info" [Scenario, Seed, Profile] "none"
        "Always 1; what is running."
        "reveille_clock_speed * on (job, instance) group_left (scenario, seed) reveille_scenario_info";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_as_promtool_demands() {
        for name in Name::ALL {
            let text = name.name();
            assert!(text.starts_with("reveille_"), "{text}");
            assert_eq!(text.ends_with("_total"), name.kind() == MetricKind::Counter, "{text}");
            assert!(
                name.kind() != MetricKind::Histogram || ["_seconds", "_inputs"].iter().any(|unit| text.ends_with(unit)),
                "{text}"
            );
            assert!(name.help().ends_with('.'), "{text}");
        }
    }
}
