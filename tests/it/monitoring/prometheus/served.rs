//! A server with two tenants, as Prometheus and the dashboards see it.

use std::collections::BTreeSet;

use serde_json::json;

use super::server::{Series, Server, now, shipped};
use super::{RATE_INTERVAL, rules};
use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::look;
use crate::monitoring::dashboards::board::{asked, board, texts};

#[test]
fn the_panels_show_the_requests_of_a_server_with_two_tenants() {
    let other = TENANT.replace("\"small\"", "\"large\"");
    let served = Served::several("prometheus_served", &[("small.toml", TENANT), ("large.toml", &other)], &[]);
    let server = Server::start(&served.folder, &shipped(&served.metrics), &[]);
    let begun = now();
    let admin = served.account("administrator");
    let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
    let send = format!("/beta/deviceManagement/managedDevices/{phone}/sendCustomNotificationToCompanyPortal");
    let text = json!({ "notificationTitle": "t", "notificationBody": "b" });
    let targets = || texts().map(|text| board(&text)).into_iter().flat_map(|board| board.panels);
    let ask = |expr: &str, instant: bool| {
        let expr = asked(expr, RATE_INTERVAL);
        if instant { server.instant(&expr, now()) } else { server.range(&expr, (begun, now()), 0.5) }
    };
    let has =
        |series: &[Series], route: &str| series.iter().any(|one| one.labels.get("route").is_some_and(|it| it == route));
    for panel in targets() {
        for target in panel.targets.iter().filter(|target| target.expr.contains("reveille_http_")) {
            let is_by_route = target.expr.contains("route");
            let found = look(&panel.title, || {
                // The first ten are accepted, and the rest is refused: the panels show both.
                served.post(&admin, &send, &text);
                let found = ask(&target.expr, target.instant);
                let is_seen = if is_by_route { has(&found, "send_to_device") } else { !found.is_empty() };
                is_seen.then_some(found)
            });
            assert!(!is_by_route || has(&found, "/metrics"), "{}: {found:?}", panel.title);
        }
    }
    let statuses = look("both answers", || {
        served.post(&admin, &send, &text);
        let found = server.instant("reveille_http_requests_total{route=\"send_to_device\"} > 0", now());
        let statuses: BTreeSet<String> = found.iter().map(|one| one.labels["status"].clone()).collect();
        (statuses.len() > 1).then_some(statuses)
    });
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), ["204", "429"]);
    // Every query works when both tenants have the same series.
    for panel in targets() {
        for target in &panel.targets {
            let found = ask(&target.expr, target.instant);
            if target.expr.contains("reveille_scenario_info") {
                let names: BTreeSet<&str> = found.iter().map(|one| one.labels["scenario"].as_str()).collect();
                assert_eq!(names.into_iter().collect::<Vec<_>>(), ["large", "small"]);
            }
            assert!(found.iter().all(|one| !one.labels.contains_key("tenant")), "{}: {found:?}", target.expr);
        }
    }
    for (name, expr) in rules("recording", "record").into_iter().chain(rules("alerts", "alert")) {
        assert!(ask(&expr, false).iter().all(|one| !one.values.is_empty()), "{name}");
    }
    let accepted = server.instant("reveille_messages_accepted_total{kind=\"device\"}", now());
    let of = |tenant: &str| accepted.iter().find(|one| one.labels["tenant"] == tenant).map(|one| one.values[0]);
    assert_eq!((accepted.len(), of("small"), of("large")), (2, Some(10.0), Some(0.0)));
}
