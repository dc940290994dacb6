//! Risk: the forecast of a message before it is sent is not what then happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use reveille::clock::Clock;
use reveille::host::{HostOptions, HostedTenant, Recall, RequestId};
use reveille::rules::base::ids::{AccountIx, DeviceIx, GroupIx, MessageIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::counts::REACH_WINDOWS_MS;
use reveille::rules::model::live::ModelSpeed;
use reveille::rules::service::message::Reason;
use reveille::rules::timeline::posting::{Posting, Recipients};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::control::hand::Hand;
use crate::fixtures::drivers::try_world_with;

/// Hundreds of phones in bad weather: gaps, losses, a slow gateway, apps that come and go, people who join late.
const WEATHER: &str = r#"
schema = 1
name = "weather"
duration = "12h"

[fleet]
users = 500
devices_per_user = { "1" = 0.7, "2" = 0.3 }

[[fleet.cohort]]
name = "phones-ios"
share = 0.5
platform = "ios"
presence = { offline = 0.3, gap = "40m" }

[[fleet.cohort]]
name = "phones-android"
share = 0.4
platform = "android"

[[fleet.cohort]]
name = "laptops"
share = 0.1
platform = "windows"

[[group]]
name = "some"
users = { from = 0, to = 350 }

[[change]]
name = "apps go"
kind = "remove_app"
schedule = { from = "10m", every = "20s", count = 100 }
users = { sample = 100 }

[[change]]
name = "apps come back"
kind = "install_app"
schedule = { from = "30m", every = "30s", count = 60 }
users = { sample = 60 }

[[change]]
name = "new people"
kind = "join"
group = "some"
schedule = { from = "55m", every = "10s", count = 100 }
users = { sample = 100 }

[[fault]]
name = "losses"
kind = "loss"
rate = 0.1
at = "50m"
for = "3h"
scope = { platform = "android" }

[[fault]]
name = "slow fcm"
kind = "throttle"
rate = "200/min"
at = "58m"
for = "30m"
scope = { gateway = "fcm" }
"#;

fn to_some() -> Posting {
    let recipients = Recipients::Groups(vec![GroupIx(1)]);
    Posting { account: AccountIx(0), recipients, title: "t".to_owned(), body: "b".to_owned() }
}

async fn weather(seed: u64) -> HostedTenant {
    let world = try_world_with(WEATHER, &[&format!("seed={seed}")]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let world = Arc::new(Arc::unwrap_or_clone(world).for_postings());
    let options = HostOptions {
        shards: 2,
        resident_actors_max: 1_000,
        keep_fates: false,
        meters: None,
        inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
    };
    HostedTenant::start(world, Clock::start(ModelSpeed::Times(0)), options).await.expect("it opens")
}

/// What has become of the last message: pairs shown within each window, and pairs by station and cause after the longest.
async fn happened(host: &HostedTenant, accepted_at: SimTime) -> ([u64; 4], BTreeMap<String, u64>) {
    let (inputs, now) = host.log_outside_resets(|log| log.history().whole()).await;
    let (inputs, last) = (inputs.expect("it is whole"), host.log(|log| log.from(MessageIx(0)).count()) - 1);
    let recall = Recall::new(host.world(), &inputs, now, &CancellationToken::new()).expect("nothing stops it");
    let message = MessageIx(u32::try_from(last).expect("few"));
    let (mut shown, mut ends) = ([0; 4], BTreeMap::new());
    for (_, line) in recall.message(message, DeviceIx(0), usize::MAX) {
        for (shown, window_ms) in shown.iter_mut().zip(REACH_WINDOWS_MS) {
            *shown += u64::from(line.station == "shown" && line.at_ms - accepted_at.ms() <= window_ms);
        }
        *ends.entry(line.station).or_default() += 1;
    }
    (shown, ends)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_range_holds_what_then_happens_in_18_of_20_tenants() {
    let mut held = [0; 4];
    for seed in 0..20 {
        let host = weather(seed).await;
        // Some are stored for phones that are offline, and the gateway has a queue.
        for minutes in [30, 25, 4] {
            host.advance(minutes * 60_000).await.expect("there is time");
            host.post(vec![to_some()], RequestId::default()).await.expect("it answers");
        }
        host.advance(60_000).await.expect("there is time");
        host.start_fault(r#"{ "name": "no push", "kind": "outage", "for": "10m", "scope": { "gateway": "apns" } }"#)
            .await
            .unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let previewer = host.previewer(to_some()).await.expect("it answers");
        assert_eq!(previewer.judge(), Ok(()));
        let preview = previewer.forecast(&CancellationToken::new()).expect("threads start").expect("nothing stops it");
        let verdicts = host.post(vec![to_some()], RequestId::default()).await.expect("it answers");
        assert!(verdicts[0].outcome.is_ok() && verdicts[0].at == previewer.now());
        host.advance(REACH_WINDOWS_MS[3] + 2).await.expect("there is time");
        let (shown, ends) = happened(&host, verdicts[0].at).await;
        assert_eq!(preview.pairs, ends.values().sum::<u64>(), "the audience is known, seed {seed}");
        for (window, held) in held.iter_mut().enumerate() {
            let range = preview.shown(window);
            assert!(range.least <= range.middle && range.middle <= range.most, "{range:?}");
            *held += u32::from((range.least..=range.most).contains(&shown[window]));
        }
        // A range that holds everything says nothing.
        let range = preview.shown(3);
        assert!(range.most - range.least < preview.pairs / 10, "{range:?} of {}", preview.pairs);
        let skipped: u64 = preview
            .ends()
            .iter()
            .filter(|(end, _)| end.station().name() == "skipped")
            .map(|(_, range)| range.middle)
            .sum();
        assert_eq!(Some(&skipped), ends.get("skipped"), "nothing of it is chance, seed {seed}");
    }
    assert!(held.iter().all(|held| *held >= 18), "of 20 tenants, by window: {held:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forecast_changes_nothing_and_says_what_the_tenant_would() {
    let host = weather(1).await;
    let preview = async || {
        let previewer = host.previewer(to_some()).await.expect("it answers");
        previewer.forecast(&CancellationToken::new()).expect("threads start").expect("nothing stops it")
    };
    let before = host.totals().await.expect("it answers");
    assert_eq!(preview().await, preview().await);
    assert_eq!(host.totals().await.expect("it answers"), before);
    for _ in 0..25 {
        assert_eq!(host.previewer(to_some()).await.expect("it answers").judge(), Ok(()));
        host.post(vec![to_some()], RequestId::default()).await.expect("it answers");
    }
    let refusal = host.previewer(to_some()).await.expect("it answers").judge().expect_err("25 an hour");
    assert_eq!((refusal.reason, refusal.next_slot), (Reason::GroupQuota, Some(SimTime(3_600_000))));
    let one = Posting { recipients: Recipients::Device(DeviceIx(0)), ..to_some() };
    for taken in 0..10 {
        assert_eq!(host.device_quota(DeviceIx(0)).await.expect("it answers").remaining, 10 - taken);
        assert_eq!(host.previewer(one.clone()).await.expect("it answers").judge(), Ok(()));
        host.post(vec![one.clone()], RequestId::default()).await.expect("it answers");
        host.advance(1_000).await.expect("there is time");
    }
    let quota = host.device_quota(DeviceIx(0)).await.expect("it answers");
    assert_eq!((quota.remaining, quota.next_slot), (0, SimTime(3_600_000)));
    let refusal = host.previewer(one.clone()).await.expect("it answers").judge().expect_err("10 an hour");
    let verdict = host.post(vec![one], RequestId::default()).await.expect("it answers")[0];
    assert_eq!(verdict.outcome, Err(refusal));
    assert_eq!(refusal.reason, Reason::DeviceQuota);
}

#[test]
fn a_preview_over_http_is_the_body_of_a_send_and_its_forecast() {
    let hand = Hand::start("preview");
    let groups = hand.served.id(&hand.admin, "groups", "displayName", "All users");
    let body = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": [groups] });
    let preview = hand.post("/preview", &body).is(200).json();
    assert_eq!(preview["refusal"], serde_json::Value::Null);
    let forecast = &preview["forecast"];
    assert_eq!((&forecast["pairs"], &forecast["seeds"]), (&json!(4), &json!(20)), "{preview}");
    assert_eq!(forecast["reach"][0], json!({ "within_ms": 60_000, "least": 2, "middle": 2, "most": 2 }), "{preview}");
    let blocked =
        json!({ "station": "blocked", "cause": "permission", "form": null, "least": 1, "middle": 1, "most": 1 });
    assert!(forecast["causes"].as_array().expect("a list").contains(&blocked), "{preview}");
    let alone = json!({ "notificationTitle": "t", "notificationBody": "b" });
    let preview = hand.post("/preview?device=mute", &alone).is(200).json();
    assert_eq!((&preview["forecast"]["pairs"], &preview["forecast"]["reach"][3]["most"]), (&json!(1), &json!(0)));
    let preview = hand.post("/preview?device=mac", &alone).is(200).json();
    assert_eq!(preview["refusal"]["reason"], "unsupported_target", "{preview}");
    let long = json!({ "notificationTitle": "t".repeat(51), "notificationBody": "b", "groupsToNotify": [groups] });
    let preview = hand.post("/preview", &long).is(200).json();
    assert_eq!(preview["refusal"]["message"], "A title has at most 50 characters.", "{preview}");
    assert_eq!(preview["forecast"], serde_json::Value::Null);
    hand.post("/preview", &alone).is(400);
    hand.post("/preview?device=intern", &alone).is(404);
    hand.post("/preview?account=intern", &body).is(404);
    let unknown = json!({ "notificationTitle": "t", "notificationBody": "b", "groupsToNotify": ["intern"] });
    hand.post("/preview", &unknown).is(400);
    assert_eq!(hand.get("/messages").json()["items"], json!([]), "nothing was sent");
}
