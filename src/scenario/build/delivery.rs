//! Gateways, directory and live settings of a scenario. Numbers only.

use strum::VariantArray as _;

use crate::rules::base::chance::Ratio;
use crate::rules::base::distribution::Dist;
use crate::rules::base::limits::{APNS_STORED, FCM_PER_MINUTE, FCM_STORED};
use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::live::{Live, ModelSpeed};
use crate::rules::population::traits::Doze;
use crate::rules::service::gateway::{Gateway, Overflow, Priority, Rates};

use super::builder::Build;
use super::traits;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::grammar::delivery_keys::{APNS, DIRECTORY, FCM};
use crate::scenario::grammar::parts::Grammar;
use crate::scenario::grammar::values;
use crate::scenario::text::document::DocumentValue;
use crate::scenario::text::view::View;

/// How Android phones doze, if `[delivery.fcm]` sets it.
pub(crate) fn doze(root: View<'_>) -> Option<Doze> {
    let fcm = root.table("delivery")?.table("fcm")?;
    traits::doze(fcm.text("doze")?.value)
}

/// Throttles with too many edges.
pub(crate) fn too_often(place: SourceSpan) -> Diagnostic {
    let found = Diagnostic::new(Code::TooMuch, place, "throttles that change a rate too often");
    found.help("their windows may have at most 100,000 edges in all")
}

/// Both gateways, their rates over time included.
pub(crate) fn gateways(root: View<'_>, faults: &[Fault], horizon: SimTime, build: &mut Build) -> [Gateway; 2] {
    std::array::from_fn(|at| {
        let name = GatewayName::VARIANTS[at];
        let table = root.table("delivery").and_then(|delivery| delivery.table(name.name()));
        gateway(name, table, faults, horizon, root, build)
    })
}

fn gateway(
    name: GatewayName,
    table: Option<View<'_>>,
    faults: &[Fault],
    horizon: SimTime,
    root: View<'_>,
    build: &mut Build,
) -> Gateway {
    let (grammar, overflow, stored, capacity): (&Grammar, _, _, _) = match name {
        GatewayName::Apns => (&APNS, Overflow::Supersede, APNS_STORED, None),
        GatewayName::Fcm => (&FCM, Overflow::Discard, FCM_STORED, Some(FCM_PER_MINUTE * 60)),
    };
    build.assume(&format!("delivery.{}", name.name()), &[table], grammar);
    let latency = match name {
        GatewayName::Apns => build.distributions.lognormal(600, 2_000),
        GatewayName::Fcm => build.distributions.lognormal(1_500, 6_000),
    };
    let capacity = match table {
        Some(table) if table.has("capacity") => table.rate("capacity").map(|rate| rate.value),
        _ => capacity,
    };
    let dist =
        |key: &str, build: &mut Build| table.and_then(|table| build.distributions.read(table, key, &mut build.out));
    let rates = Rates::new(name, capacity, faults, horizon).unwrap_or_else(|| {
        build.report(too_often(root.place_of("fault")));
        Rates::new(name, capacity, &[], horizon).expect("a rate without throttles has one piece")
    });
    Gateway {
        name,
        latency: dist("latency", build).unwrap_or(latency),
        loss: table.and_then(|table| table.ratio("loss")).map_or(Ratio::from_billionths(2_000_000), |loss| loss.value),
        retry: dist("retry", build).unwrap_or_else(|| Dist::uniform(0, 60_000)),
        stored: table
            .and_then(|table| table.whole("stored"))
            .map_or(stored, |stored| u32::try_from(stored.value).unwrap_or(u32::MAX)),
        overflow,
        expiry_ms: table.and_then(|table| table.duration("expiry")).map(|expiry| expiry.value),
        priority: match table.and_then(|table| table.text("priority")) {
            Some(word) if word.value == "normal" => Priority::Normal,
            _ => Priority::High,
        },
        rates,
    }
}

/// The directory's lag, and the catch-up window in ms.
pub(crate) fn directory(root: View<'_>, build: &mut Build) -> (Dist, u64) {
    let table = root.table("directory");
    build.assume("directory", &[table], &DIRECTORY);
    let lag = table.and_then(|table| build.distributions.read(table, "lag", &mut build.out));
    let catch_up = table.and_then(|table| table.duration("catch_up"));
    (
        lag.unwrap_or_else(|| build.distributions.lognormal(300_000, 2 * 3_600_000)),
        catch_up.map_or(900_000, |catch_up| catch_up.value),
    )
}

/// The options of live runs.
pub(crate) fn live(root: View<'_>, build: &mut Build) -> Live {
    let table = root.table("live");
    let whole =
        |key: &str| table.and_then(|table| table.whole(key)).map(|spot| u32::try_from(spot.value).unwrap_or(u32::MAX));
    let listen = table.and_then(|table| table.text("metrics_listen"));
    if let Some(listen) = listen.filter(|listen| !is_address(listen.value)) {
        let found = Diagnostic::new(Code::BadValue, listen.place, "`metrics_listen` is not an address and a port");
        build.report(
            found.help("write \"127.0.0.1:9464\", \":9464\" for every interface, or port 0 for any that is free"),
        );
    }
    Live {
        speed: table.map_or(ModelSpeed::Max, speed),
        resident_actors_max: whole("resident_actors_max").unwrap_or(20_000),
        shards: whole("shards").unwrap_or(0),
        lag_p99_max_ms: table.and_then(|table| table.duration("lag_p99_max")).map(|lag| lag.value),
        metrics_listen: listen.map_or("127.0.0.1:0", |listen| listen.value).to_owned(),
    }
}

fn is_address(text: &str) -> bool {
    let port = text.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok())
}

fn speed(table: View<'_>) -> ModelSpeed {
    let written = match table.node("speed").map(|node| &node.value) {
        Some(DocumentValue::Text(text) | DocumentValue::Float(text)) => text.clone(),
        Some(DocumentValue::Integer(number)) => number.to_string(),
        _ => return ModelSpeed::Max,
    };
    values::speed_thousandths(&written).map_or(ModelSpeed::Max, ModelSpeed::Times)
}
