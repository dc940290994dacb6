//! Risk: a title or a body leaves the scenario: into a report, a metric, a line of a log, or the engine's memory of
//! sent messages.

use std::sync::Arc;

use reveille::engine::EngineProgress;
use reveille::run::{LiveOptions, live};
use serde_json::json;

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::drivers::world;

/// Words that occur nowhere else.
const MARKERS: [&str; 4] = ["Quetzalcoatl", "Popocatepetl", "Tlahuizcalpantecuhtli", "Xochiquetzal"];

/// Messages that are accepted and refused, shown and lost, each with recognisable texts.
fn scenario() -> String {
    let [title, body, single, refused] = MARKERS;
    format!(
        "schema = 1\nname = \"discreet\"\nduration = \"2h\"\n[fleet]\nusers = 60\n\
         [[user]]\nname = \"u\"\n[[device]]\nname = \"phone\"\nuser = \"u\"\nplatform = \"android\"\nattention = \"1m\"\n\
         [[account]]\nname = \"intern\"\n\
         [[send]]\nname = \"all\"\nschedule = {{ from = \"1m\", every = \"10s\", count = 30 }}\n\
         to = {{ groups = [\"All users\"] }}\non_refusal = {{ retry_after = 3 }}\ntitle = \"{title}\"\nbody = \"{body}\"\n\
         [[send]]\nname = \"one\"\nschedule = {{ from = \"2m\", every = \"10s\", count = 12 }}\n\
         to = {{ device = \"phone\" }}\ntitle = \"{single}\"\nbody = \"{single} again\"\n\
         [[send]]\nname = \"refused\"\nat = \"3m\"\nas = \"intern\"\nto = {{ groups = [\"All users\"] }}\n\
         title = \"{refused}\"\nbody = \"{refused} too\"\n\
         [[fault]]\nname = \"leak\"\nkind = \"loss\"\nrate = 0.5\nat = \"2m\"\n\
         [[expect]]\nname = \"too much\"\nmetric = \"reach\"\nwithin = \"1m\"\ncheck = \"== 1\"\n"
    )
}

#[track_caller]
fn assert_silent(sink: &str, text: &str) {
    assert!(!text.is_empty(), "{sink} was looked at");
    for marker in MARKERS {
        assert!(!text.contains(marker), "`{marker}` stands in {sink}:\n{text}");
    }
}

#[cfg(unix)]
#[test]
fn no_title_and_no_body_in_report_console_metrics_or_log_r6() {
    let folder = crate::fixtures::program::Folder::new("privacy");
    folder.write("discreet.toml", &scenario());
    for form in ["text", "json"] {
        let mut running = folder.start(&[
            "run",
            "discreet.toml",
            "-vv",
            "--log-format",
            form,
            "--hold",
            "--report",
            "out.json",
            "--report",
            "out.xml",
            "--report",
            "out.md",
            "--report",
            "out.ndjson",
        ]);
        let address = running.metrics_address();
        running.wait_for("metrics stay at");
        let page = crate::fixtures::program::get(&address, "/metrics");
        running.interrupt();
        let said = running.end().exits(99);
        assert_silent("the metrics", &page);
        assert_silent("the console", &said.out);
        assert_silent("standard error", &said.err);
        for happened in ["accepted", "refused", "answered", "run ended"] {
            assert!(said.err.contains(happened), "`{happened}` is said:\n{}", said.err);
        }
        for file in ["out.json", "out.xml", "out.md", "out.ndjson"] {
            assert_silent(file, &folder.read(file));
        }
    }
    let forecast = ["forecast", "discreet.toml", "-vv", "--shard", "1/1", "--report", "out.rvl"];
    let said = folder.run(&forecast).exits(0);
    assert_silent("a forecast", &(said.out + &said.err));
    let part = std::fs::read(folder.path().join("out.rvl")).expect("a part is written");
    assert_silent("a part", &String::from_utf8_lossy(&part));
    for question in [
        &["check", "discreet.toml", "--plan"][..],
        &["explain", "discreet.toml", "--device", "phone", "--message", "one"],
    ] {
        let said = folder.run(question).exits(0);
        assert_silent(question[0], &(said.out + &said.err));
    }
}

#[cfg(unix)]
#[test]
fn no_title_and_no_body_in_what_a_server_says_r6() {
    let [title, body, refused, broken] = MARKERS;
    for form in ["text", "json"] {
        let served = Served::start(&format!("privacy_{form}"), Some(TENANT), &["-vv", "--log-format", form]);
        let admin = served.account("administrator");
        let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
        let group = served.id(&admin, "groups", "displayName", "north");
        let devices = "/beta/deviceManagement/managedDevices";
        let action = "sendCustomNotificationToCompanyPortal";
        let text = |title: &str| json!({ "notificationTitle": title, "notificationBody": body });
        let with = |more: &[(&str, serde_json::Value)]| {
            let mut text = text(title);
            for (name, value) in more {
                text[*name] = value.clone();
            }
            text
        };
        let send = format!("{devices}/{phone}/{action}");
        served.post(&admin, &send, &text(title)).is(204);
        served.post(&admin, &send, &text(&refused.repeat(10))).is(400);
        served
            .post(&admin, &format!("/beta/deviceManagement/{action}"), &with(&[("groupsToNotify", json!([group]))]))
            .is(204);
        let bulk = with(&[("actionName", json!("customTextNotification")), ("deviceIds", json!([phone]))]);
        served.post(&admin, &format!("{devices}/executeAction"), &bulk).is(200);
        let headers = json!({ "Content-Type": "application/json" });
        let url = send.strip_prefix("/beta").expect("it begins so");
        let part = json!({ "id": "1", "method": "POST", "url": url, "headers": headers, "body": text(title) });
        served.post(&admin, "/beta/$batch", &json!({ "requests": [part] })).is(200);
        for body in
            [format!("{{\"notificationTitle\": {broken}}}"), format!("{{\"notificationTitle\": [\"{broken}\"]}}")]
        {
            served.ask(&admin, "POST", &send, Some(&body)).is(400);
        }
        assert_silent("the metrics", &crate::fixtures::program::get(&served.metrics, "/metrics"));
        served.running.interrupt();
        let said = served.running.end().exits(0);
        assert!(said.err.matches("request answered").count() >= 9, "{}", said.err);
        assert_silent("standard error", &said.err);
    }
}

#[test]
fn the_engine_keeps_no_text_of_what_it_sent_r6_r66() {
    let world = world(&scenario());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let stop = tokio_util::sync::CancellationToken::new();
    let options = LiveOptions { keep_fates: true, ..LiveOptions::new(10, stop) };
    let finished = runtime.block_on(live(Arc::clone(&world), options, Arc::new(EngineProgress::default())));
    let finished = finished.expect("the engine goes through the scenario");
    assert_silent("the totals", &format!("{finished:?}"));
}
